"""What to do: proposals as MAC cards (Measurable, Actionable, Competent), and how the last ones went.

Measurable: the figure, its value today, a goal and a day. The goal is the client's own, else the
benchmark where it lies within chance of today's value, else the better end of today's 95 % interval:
beyond it a change is hard to put down to chance. Without an interval: a tenth better than today.
Actionable: the lists to send, how many people, what it costs. Competent: the consultant's, from
client.yaml. Everything is read from the chapters' results. Nothing is proposed whose goal reads like
today's figure, or whose lists are known to have nobody on them. What client.yaml settles comes before what is worth more:
work that has begun stays on the page.
"""

import dataclasses
import datetime

import pandas as pd

from shindan import text
from shindan.analyses import intervals
from shindan.findings.lists import NO_CONSENT
from shindan.findings.model import MIN_N_VERDICT, Statement, withheld
from shindan.findings.summary import VERDICT_ORDER, sure

STEP_DAYS = (1, 3, 5, 7, 14, 21, 30)
STEPS = tuple(f"step_{day:02}" for day in STEP_DAYS)
COLUMNS = ["place", "proposal", "title", "kpi", "unit", "better", "n", "today", "today_lo", "today_hi", "goal",
           "by_date", "yearly_about_jpy", "yearly_about_jpy_lo", "yearly_about_jpy_hi", "lists", "list_files", "n_people",
           "unit_cost_jpy", "cost_jpy", "owner", "aim"]
SCORED_COLUMNS = ["proposal", "kpi", "unit", "before", "goal", "now", "by_date", "score"]


@dataclasses.dataclass(frozen=True)
class Idea:
    """Something to propose: the figure it is measured by, the finding it answers, its lists.

    `needs`: values of the finding without which there is nothing to propose.
    """

    id: str
    kpi: str
    finding: str
    lists: tuple[str, ...] = ()
    better: str = "higher"
    days: int = 180
    needs: tuple[str, ...] = ()


IDEAS = (
    Idea("channel_cost", "acquisition.paid_cpa", "acquisition.returns", better="lower", needs=("channels", "loss")),
    Idea("second_purchase", "repeat.f2_rate_365", "ltv.what_if", ("welcome", *STEPS), days=365),
    Idea("measured_campaign", "campaign.best_difference", "campaign.differences",
         ("rank_premium", "rank_semi_premium", "rank_regular"), needs=("is_found",)),
    Idea("keep_premium", "rfm.premium_retention_rate", "rfm.transition", ("premium_thanks", "birthday")),
    Idea("wake_dormant", "rfm.dormant_share", "rfm.ranks", ("dormant_premium", "dormant_semi_premium", "dormant_regular"), better="lower"),
    Idea("replenish", "repeat.yearly_repeat_rate", "repeat.yearly", ("runs_out",), needs=("rate",)),
    Idea("cross_sell", "basket.second_product_rate", "basket.next", ("cross_sell",)),
    Idea("detractors", "nps.score", "nps.score", ("detractor",)),
)


def propose(results, own, as_of, say, files, count=3):
    """The `count` proposals to make, one row each: the settled ones, then those worth most. COLUMNS.

    Worth most: by the yearly yen that is sure, then worst verdict.

    `own`: client.yaml's `proposals`, {id: config.Proposal}; `say`: text.Text, for the title;
    `files`: the file of every list that is on (scenarios.files).
    """
    kpis, found = _all(results, "kpis"), _all(results, "findings")
    ideas = [(_reaching(idea, results, files), kpis[idea.kpi], found[idea.finding]) for idea in IDEAS
             if _applies(idea, kpis.get(idea.kpi), found.get(idea.finding), own.get(idea.id))]
    rows = [(idea, kpi, finding, _row(idea, kpi, finding, results, own.get(idea.id), as_of, files))
            for idea, kpi, finding in ideas if idea]
    rows = [row for row in rows if _moves(row[3], say)]
    rows.sort(key=lambda row: (row[0].id not in _settled(own), -sure(row[2]), VERDICT_ORDER.get(row[1]["verdict"], 2)))
    made = [{**row, "place": place, "title": say(f"summary.title.{idea.id}", **finding["values"])}
            for place, (idea, _, finding, row) in enumerate(rows[:count], 1)]
    return pd.DataFrame(made, columns=COLUMNS)


def _settled(own):
    """The proposals of client.yaml that are to be shown, in its order."""
    return [id for id, proposal in own.items() if proposal.shown]


def left_out(proposals, own):
    """One withheld statement per settled proposal that is not among `proposals`: nothing settled vanishes in silence."""
    return [withheld(f"summary.proposals.{id}", "summary.withheld.settled", proposal=id)
            for id in _settled(own) if id not in set(proposals["proposal"])]


def _reaching(idea, results, files):
    """The idea with those of its lists that are on and not known to be empty; None where none is left."""
    empty = _empty(results)
    lists = tuple(name for name in idea.lists if name in files and name not in empty)
    return dataclasses.replace(idea, lists=lists) if lists or not idea.lists else None


def _empty(results):
    """The lists with nobody to send to; while no consent is known, those for which nobody is due."""
    counted = "n" if lacks_consent(results) else "n_sent"
    return {row["list"] for row in _all_lists(results) if not row[counted]}


def _moves(row, say):
    """True if the goal, as it is printed, is another figure than today's; a campaign's is the same once more."""
    today, goal = (text.figure(row[name], row["unit"], say.lang, say.currency) for name in ("today", "goal"))
    return row["proposal"] == "measured_campaign" or today != goal


def _all(results, kind):
    return {item["id"]: item for result in results.values() for item in result[kind]}


def _applies(idea, kpi, finding, own):
    """There is a figure of enough people, the finding it answers, and nobody who said no."""
    if own is not None and not own.shown:
        return False
    return bool(kpi and finding and kpi["value"] is not None and kpi["n"] >= MIN_N_VERDICT
                and all(finding["values"].get(name) for name in idea.needs)
                and (idea.id != "measured_campaign" or kpi["ci"] and kpi["ci"][0] > 0))


def _files(idea, results, files):
    """The files of its lists; "" where none is known to be written, missing where for want of consent none can be."""
    if idea.lists and lacks_consent(results):
        return None
    known = list_sizes(results)
    return " ".join(files[name] for name in idea.lists if name in known)


def _yen(finding):
    return finding["yen"] or (None, None, None)


def _row(idea, kpi, finding, results, own, as_of, files):
    yen, (low, high) = _yen(finding), kpi["ci"] or (None, None)
    people, unit_cost = _reach(idea, kpi, finding, results)
    cost = own.cost_jpy if own and own.cost_jpy is not None else _cost(idea, people, unit_cost)
    return {
        "proposal": idea.id, "kpi": idea.kpi, "unit": kpi["unit"], "better": idea.better,
        "n": kpi["n"], "today": kpi["value"], "today_lo": low, "today_hi": high,
        "goal": own.goal if own and own.goal is not None else goal(idea, kpi, finding),
        "by_date": (own and own.by) or as_of + datetime.timedelta(days=idea.days),
        "yearly_about_jpy": yen[0], "yearly_about_jpy_lo": yen[1], "yearly_about_jpy_hi": yen[2],
        "lists": " ".join(idea.lists), "list_files": _files(idea, results, files), "n_people": people, "unit_cost_jpy": unit_cost, "cost_jpy": cost,
        "owner": own.owner if own else "", "aim": own.aim if own else "",
    }


def goal(idea, kpi, finding):
    """What the figure should reach; see the head of this file."""
    value = kpi["value"]
    if idea.id == "channel_cost":  # every channel that falls short brought down to what its customers bring in
        return value - finding["values"]["loss"] * _years(kpi["period"]) / kpi["n"]
    if idea.id == "measured_campaign":
        return value  # the same difference once more
    if not kpi["ci"]:
        return value * (1.1 if idea.better == "higher" else 0.9)
    end = kpi["ci"][1] if idea.better == "higher" else kpi["ci"][0]
    mark = (kpi["benchmark"] or {}).get("value")
    return mark if mark is not None and min(value, end) < mark < max(value, end) else end


def _years(period):
    """The length of "YYYY-MM-DD/YYYY-MM-DD" in years of twelve months."""
    first, last = (datetime.date.fromisoformat(day) for day in period.split("/"))
    return ((last.year - first.year) * 12 + last.month - first.month + 1) / 12


def _reach(idea, kpi, finding, results):
    """(people to write to, what a message costs); a campaign is repeated with as many people and at its own cost."""
    if idea.id == "measured_campaign":
        return kpi["n"], message_cost(results, finding["values"]["name"])
    return counted(results, idea.lists), message_cost(results) if idea.lists else None


def _cost(idea, people, unit_cost):
    """Proposals without a list spend nothing more; others what a message has cost so far."""
    if not idea.lists:
        return 0
    return None if people is None or unit_cost is None else round(people * unit_cost)


def counted(results, lists):
    """How many lines the list files hold together, or None where none of them is written."""
    sizes = list_sizes(results)
    known = [sizes[name] for name in lists if sizes.get(name) is not None]
    return sum(known) if known else None


def list_sizes(results):
    """{list: lines to send} as the chapter of lists left it; none where it is left out or no consent is known."""
    return {} if lacks_consent(results) else {row["list"]: row["n_sent"] for row in _all_lists(results)}


def _all_lists(results):
    return results.get("lists", {}).get("tables", {}).get("all_lists", [])


def lacks_consent(results):
    """True where no list can be written, for no file says who agreed to be written to."""
    return any(gate["id"] == NO_CONSENT for gate in results.get("lists", {}).get("gates", []))


def message_cost(results, name=None):
    """What a message cost so far (costs ÷ messages): of the campaign `name`, else of the cheapest medium."""
    rows = results.get("campaign", {}).get("tables", {}).get("economics", [])
    groups = {}
    for row in rows:
        if row.get("cost_jpy") and row.get("n") and name in (None, row["name"]):
            groups.setdefault(row["channel"], []).append((row["cost_jpy"], row["n"]))
    return min((sum(cost for cost, _ in group) / sum(n for _, n in group) for group in groups.values()), default=None)


def statement(proposals, as_of):
    """The page's message: how many proposals, what the largest is worth."""
    if proposals.empty:
        return withheld("summary.proposals", "summary.withheld.proposals")
    worth = proposals["yearly_about_jpy"].iloc[0]
    values = {"count": len(proposals), "gain": None if worth != worth else worth}
    key = "proposals" if values["gain"] is None else "proposals_yen"
    return Statement("summary.proposals", f"summary.headline.{key}", values, (), None, str(as_of), verdict="")


def score(previous, results, as_of):
    """How the proposals of the last report went, one row each: SCORED_COLUMNS.

    score: reached · better (the change is beyond the chance in both figures) · worse · same · gone (no such
    figure any more). `previous`: history.Delivery or None.
    """
    old = previous.results.get("summary", {}).get("tables", {}).get("proposals", []) if previous else []
    kpis = _all(results, "kpis")
    rows = [_scored(row, kpis.get(row["kpi"])) for row in old]
    return pd.DataFrame(rows, columns=SCORED_COLUMNS)


def _scored(row, kpi):
    now = kpi["value"] if kpi and kpi["unit"] == row["unit"] else None
    return {"proposal": row["proposal"], "kpi": row["kpi"], "unit": row["unit"], "before": row["today"],
            "goal": row["goal"], "now": now, "by_date": datetime.date.fromisoformat(row["by_date"]),
            "score": _mark(row, now, kpi and kpi["ci"])}


def _mark(row, now, ends):
    """`ends`: the interval of the figure now; a figure without one is a count of all and stands for itself."""
    if now is None or row["goal"] is None:
        return "gone"
    up = 1 if row["better"] == "higher" else -1
    if up * (now - row["goal"]) >= 0:
        return "reached"
    then = [row["today"] if row[name] is None else row[name] for name in ("today_lo", "today_hi")]
    low, high = intervals.difference(now, ends or (now, now), row["today"], then)
    if low <= 0 <= high:
        return "same"
    return "better" if up * (now - row["today"]) > 0 else "worse"


def in_words(scored, say):
    """`scored` for the page: figures in their own units, marks in words."""
    return pd.DataFrame([{
        "proposal": row["proposal"], "figure": say("{}.kpi.{}".format(*row["kpi"].split(".", 1))),
        **{name: text.figure(row[name], row["unit"], say.lang, say.currency) for name in ("before", "goal", "now")},
        "by_date": row["by_date"], "score": row["score"]} for row in scored.to_dict("records")])


def scored_statement(scored, previous):
    """How many of the last report's goals are reached; withheld without a last report."""
    if scored.empty:
        return withheld("summary.scored", "summary.withheld.scored")
    reached = int((scored["score"] == "reached").sum())
    values = {"count": len(scored), "reached": reached, "last": datetime.date.fromisoformat(previous.as_of)}
    return Statement("summary.scored", "summary.headline.scored", values, (), None, None, verdict="")
