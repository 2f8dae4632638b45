"""What a notebook calls: one client's tables, settings and words, and a place to leave results.

A chapter's notebook states its message (`state`), shows its evidence (`figure`, `table`) and says
it is complete (`done`). What it leaves is work/results/<chapter>.json and nothing else.
"""

import functools
import html
import json
import math
import os
from pathlib import Path

from IPython.display import display

from shindan import __version__, config, engine, history, mac, run, style, tables, text
from shindan.analyses import newness
from shindan.findings import judge

MIME = "application/vnd.shindan+json"


class Chapter:
    """One chapter of one client. Tables are lazy Ibis tables; `as_of` is the report's day."""

    def __init__(self, client, chapter, run=""):
        self.folder = config.Folder(client).require()
        self.client, self.chapter, self.run = client, chapter, run
        self.config = config.load(self.folder)
        self.text = text.Text(self.config.language, self.config.currency)
        self.con = engine.connect(self.folder.work / "spill")
        self._reads = set()
        self._kpis, self._tables, self._findings, self._gates = [], {}, [], []
        self._statement = None
        style.apply()

    # -- what there is ------------------------------------------------------------------------
    def read(self, name):
        """A canonical or derived table by its name in shindan.schema."""
        self._reads.add(f"work/tables/{name}.parquet")
        return engine.read(self.con, self.folder.tables, name)

    orders = functools.cached_property(lambda self: self.read("orders"))
    lines = functools.cached_property(lambda self: self.read("order_lines"))
    customers = functools.cached_property(lambda self: self.read("customers"))
    purchases = functools.cached_property(lambda self: self.read("purchases"))
    buyers = functools.cached_property(lambda self: self.read("buyers"))
    @functools.cached_property
    def newcomers(self):
        """(buyers, purchases) as `acquisition.new_to` counts the new: a person, or a person × product."""
        if self.config.acquisition.new_to == "shop":
            return self.buyers, self.purchases
        return newness.per_product(self.buyers, self.purchases, self.data_start, self.config.purchases.burn_in_days)

    ad_costs = functools.cached_property(lambda self: self.read("ad_costs"))
    campaigns = functools.cached_property(lambda self: self.read("campaigns"))
    sends = functools.cached_property(lambda self: self.read("campaign_sends"))
    responses = functools.cached_property(lambda self: self.read("campaign_responses"))
    campaign_stats = functools.cached_property(lambda self: self.read("campaign_stats"))
    nps_responses = functools.cached_property(lambda self: self.read("nps_responses"))
    events = functools.cached_property(lambda self: self.read("events"))
    subscriptions = functools.cached_property(lambda self: self.read("subscriptions"))
    load_report = functools.cached_property(lambda self: self.read("load_report"))

    @functools.cached_property
    def list_counts(self):
        """How many each mailing list has: counts are all a chapter may know of them."""
        self._reads.add("work/lists/list_counts.parquet")
        return engine.read(self.con, self.folder.work / "lists", "list_counts")

    @functools.cached_property
    def unmerged_orders(self):
        """The orders with the person each would belong to if nothing were linked (名寄せ undone)."""
        self._reads.add("work/identity/unmerged.parquet")
        own = self.con.read_parquet(str(self.folder.work / "identity" / "unmerged.parquet"))
        return self.orders.drop("customer_key").inner_join(own, "order_id").select(self.orders.columns)

    @functools.cached_property
    def facts(self):
        """What intake found: as_of, data_start, data_end, bridge, notes (tables/facts.json)."""
        self._reads.add("work/tables/facts.json")
        return json.loads((self.folder.tables / "facts.json").read_text("utf-8"))

    @functools.cached_property
    def _days(self):
        days = json.loads((self.folder.tables / "days.json").read_text("utf-8"))
        return {name: text.datetime.date.fromisoformat(day) for name, day in days.items()}

    @property
    def as_of(self):
        return self._days["as_of"]

    @property
    def data_start(self):
        return self._days["data_start"]

    @property
    def period(self):
        """The data's period, "YYYY-MM-DD/YYYY-MM-DD" up to as_of."""
        return f"{self.data_start}/{self.as_of}"

    def results(self):
        """What this report's other chapters left, in its order: {chapter: result}; the summary reads this."""
        files = {name: self.folder.results / f"{name}.json" for name in run.chapters(self.config) if name != self.chapter}
        self._reads |= {f"work/results/{name}.json" for name in files}
        return {name: json.loads(f.read_text("utf-8")) for name, f in files.items() if f.is_file()}

    @functools.cached_property
    def previous(self):
        """The delivery before this one (history.Delivery), or None; the summary compares with it."""
        found = history.previous(self.folder, self.as_of)
        self._reads |= {f"deliverables/{found.as_of}/results.json"} if found else set()
        return found

    @property
    def last_report(self):
        """The day of the report the client was given before this one; None for the first."""
        return self.previous and text.datetime.date.fromisoformat(self.previous.as_of)

    # -- what a page says ---------------------------------------------------------------------
    def state(self, statement):
        """Open a page with its message: action title, figures with benchmark and verdict.

        A withheld statement closes the page: what follows is recorded but not shown.
        """
        self._statement = statement
        said = {lang: text.Text(lang, self.config.currency)(statement.key, **statement.values) for lang in text.LANGUAGES}
        self._gates.append({"id": statement.id, "shown": statement.shown,
                            "why": None if statement.shown else said})
        if not statement.shown:
            return self._show({"kind": "withheld", "id": statement.id, "text": said[self.text.lang]})
        judged = [judge(kpi, self.config.benchmarks, self.config.currency) for kpi in statement.kpis]
        self._kpis += judged
        first = next((k.verdict for k in judged if k.benchmark), None)  # too few people for a verdict: none
        verdict = (first if statement.verdict is None else statement.verdict) or None
        self._findings.append(_finding(statement, said, verdict))
        self._show({"kind": "headline", "id": statement.id, "text": said[self.text.lang],
                    "verdict": verdict, "n": statement.n,
                    "period": text.period(self._period(), self.text.lang)})
        cards = [self._card(kpi) for kpi in judged if statement.cards and not text.is_missing(kpi.value)]
        if cards:
            self._show({"kind": "kpis", "cards": cards})

    def figure(self, draw, frame, name=None):
        """Draw `frame` with `draw(frame, text)` (shindan.charts); nothing is drawn of no rows."""
        if not self._open() or len(frame) == 0:
            return
        name = name or draw.__name__
        drawn = draw(frame, self.text)
        alt = self.text(f"{self.chapter}.alt.{name}", **self._statement.values)
        self._show({"kind": "figure", "name": name, "alt": alt}, svg=style.to_svg(drawn))

    def table(self, name, frame, names=None, show=True):
        """Record `frame` (pandas) as a table of the results and, unless show=False, print it.

        `show` may be a frame that says the same in other words, or the most telling rows alone: then
        that one is printed, and where it has fewer rows, in which sheet of the workbook all of them are.
        """
        self._tables[name] = _records(frame)
        printed = frame if show is True else show
        if printed is not False and self._open() and len(printed):
            block = tables.build(printed, self.text, {**tables.CODED, **(names or {})}, self.chapter)
            caption = self.text(f"{self.chapter}.table.{name}")
            whole = {"of": max(len(frame), len(printed)), "sheet": tables.sheet_name(self.chapter, name)}
            self._show({"kind": "table", "name": name, "caption": caption, **whole, **block}, table=_html(block))

    def note(self, role, key, **values):
        """A computed note of the page: `role` is reading, method or so_what; markdown cells hold the fixed ones.

        What a page advises must follow from what this client's data shows; nothing under a withheld statement.
        """
        if self._open():
            self._show({"kind": "note", "role": role, "text": self.text(key, **values)})

    def propose(self, proposals):
        """Record the proposals (findings.proposals.propose) and print them as MAC cards."""
        self._tables["proposals"] = _records(proposals)
        if self._open() and len(proposals):
            self._show({"kind": "proposals", "cards": mac.cards(proposals, self.text, self.config.aim)})

    def done(self):
        """Leave the chapter's results where the runner looks for them; only a run with a token does."""
        if not self.run:
            return
        result = {
            "chapter": self.chapter, "client": self.client, "as_of": str(self.as_of),
            "run": self.run, "version": __version__, "complete": True,
            "kpis": [_figure(k) for k in self._kpis], "tables": self._tables,
            "findings": self._findings, "gates": self._gates, "reads": sorted(self._reads),
        }
        write_json(Path(os.environ.get("SHINDAN_RESULTS", self.folder.results)) / f"{self.chapter}.json", result)

    # -- how it is shown ----------------------------------------------------------------------
    def _open(self):
        return self._statement is not None and self._statement.shown

    def _period(self):
        """The period of the page's message; a figure of another one says its own."""
        return self._statement.period or self.period

    def _card(self, kpi):
        mark, hidden = kpi.benchmark, kpi.n < tables.HIDDEN_BELOW and kpi.unit != "count"
        count = kpi.unit == "count" and kpi.value == kpi.n  # a count of all is its own n
        return {
            "id": kpi.id,
            "label": self.text(f"{kpi.id.split('.')[0]}.kpi.{kpi.id.split('.', 1)[1]}"),
            "value": f"n<{tables.HIDDEN_BELOW}" if hidden else self._read(kpi, kpi.value),
            "ci": text.span(*(self._read(kpi, end) for end in kpi.ci), self.text.lang) if kpi.ci and not hidden else None,
            "n": None if count else text.number(kpi.n), "verdict": kpi.verdict,
            "period": text.period(kpi.period, self.text.lang) if kpi.period != self._period() else None,
            "benchmark": self._read(kpi, mark["value"]) if mark else None,
            "change": text.change(kpi.value, kpi.before, kpi.unit, self.text.lang, self.text.currency),
            "small": kpi.n < tables.GREY_BELOW,
        }

    def _read(self, kpi, value):
        return text.figure(value, kpi.unit, self.text.lang, self.text.currency)

    def _show(self, block, svg=None, table=None):
        if svg:
            block = {**block, "svg": svg}
        plain = block.get("text") or block.get("alt") or block.get("caption") or block["kind"]
        live = table or _live(block)
        bundle = {MIME: block, "text/plain": plain}
        if svg:
            bundle["image/svg+xml"] = svg
        if live:
            bundle["text/html"] = live
        display(bundle, raw=True)


def write_json(file, tree):
    """UTF-8 JSON without NaN, keys in their own order (a table's columns keep theirs); the file appears whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(tree, ensure_ascii=False, indent=1,
                               allow_nan=False, default=str) + "\n", "utf-8")
    part.replace(file)


def _finding(statement, said, verdict):
    return _clean({"id": statement.id, "text": said, "values": statement.values, "n": statement.n,
                   "verdict": verdict, "yen": statement.yen, "period": statement.period})


def _figure(kpi):
    """The figure as the results hold it; what it was before only where there was a report before."""
    return {name: value for name, value in _clean(vars(kpi)).items() if name != "before" or value is not None}


def _records(frame):
    return [_clean(row) for row in frame.to_dict("records")]


def _clean(value):
    """Plain JSON values: no numpy scalars, no NaN, no infinities; dates as text."""
    if isinstance(value, dict):
        return {str(k): _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if text.is_missing(value) or isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)[:10]


def _live(block):
    """A headline, its figures or a reason, as somebody exploring in JupyterLab sees them."""
    if block["kind"] == "kpis":
        cards = [f"<b>{html.escape(c['value'])}</b> {html.escape(c['label'])} "
                 f"({html.escape(c['ci'] or '')} n={c['n']}) {c['verdict'] or ''}" for c in block["cards"]]
        return "<br>".join(cards)
    if block["kind"] in ("headline", "withheld"):
        tag = "h3" if block["kind"] == "headline" else "em"
        return f"<{tag}>{html.escape(block['text'])}</{tag}>"
    return None


def _html(block):
    head = "".join(f"<th>{html.escape(c['label'])}</th>" for c in block["columns"])
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>"
                   for row in block["rows"])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
