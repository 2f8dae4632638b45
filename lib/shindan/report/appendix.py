"""The last pages: what each figure means, what is not shown and why, and what it was made from."""

from shindan import tables, text
from shindan.report import glyphs


def appendix(chapters, meta, say):
    """The appendix of a report: `chapters` with every page, printed or not; `meta` as in build."""
    return {
        "definitions": definitions(meta.get("kpis", ()), say),
        "withheld": withheld(chapters, meta.get("withheld", ()), say),
        "notes": [glyphs.line(note) for note in meta.get("notes", ())],
        "facts": [_table(group) for group in (*_sources(meta, say), *meta.get("facts", ()))],
    }


def definitions(kpis, say):
    """One row per figure: name, value (interval), n and period, benchmark (source), definition.

    `kpis` are the results' own ("id", "value", "unit", "n", "ci", "period", "benchmark", "verdict").
    """
    once = {kpi["id"]: kpi for kpi in reversed(list(kpis))}
    return [[glyphs.line(cell, 300) for cell in _definition(once.pop(kpi["id"]), say)]
            for kpi in kpis if kpi["id"] in once]


def _definition(kpi, say):
    chapter, name = kpi["id"].split(".", 1)

    def read(value):
        return text.figure(value, kpi["unit"], say.lang, say.currency)

    value = "n<5" if kpi["n"] < tables.HIDDEN_BELOW else read(kpi["value"])
    if kpi["ci"] and kpi["n"] >= tables.HIDDEN_BELOW:
        value += f" ({say('report.range', low=read(kpi['ci'][0]), high=read(kpi['ci'][1]))})"
    mark = kpi.get("benchmark")
    judged = f"{read(mark['value'])} {kpi['verdict'] or ''} {mark['source']} ({mark['date']})" if mark else ""
    return [say.get(f"{chapter}.kpi.{name}", name), value,
            f"n={text.number(kpi['n'])} {text.period(kpi['period'], say.lang)}", judged,
            say.get(f"{chapter}.definition.{name}", "")]


def withheld(chapters, more, say):
    """One row per page not printed: where, why; a chapter without any page is one row."""
    rows = []
    for chapter in chapters:
        held = [page for page in chapter["pages"] if page["withheld"]]
        if held and not any(page["printed"] for page in chapter["pages"]):
            reasons = dict.fromkeys(why for page in held for why in page["withheld"])
            rows.append([say("report.whole_chapter", title=chapter["title"]), " ".join(reasons)])
        else:
            rows += [[f"{chapter['title']} › {page['title']}", " ".join(page["withheld"])] for page in held]
    return rows + [[glyphs.line(where), glyphs.line(why)] for where, why in more]


def _sources(meta, say):
    """The client's files as they were read, and the version that read them."""
    if meta.get("sources"):
        rows = [[s["file"], text.number(s.get("rows_read")), s["sha256"][:12]] for s in meta["sources"]]
        yield {"title": say("report.sources"), "rows": rows,
               "columns": [say(f"report.source_{name}") for name in ("file", "rows", "hash")]}
    if meta.get("version"):
        yield {"title": say("report.made_with"), "rows": [[say("report.version"), meta["version"]]]}


def _table(group):
    """A table of the appendix: {"title", "rows": [[cell, …]], optional "columns": [label, …]}."""
    return {"title": glyphs.line(group["title"], 80),
            "columns": [glyphs.line(c, 40) for c in group.get("columns", ())],
            "rows": [[glyphs.line(cell, 160) for cell in row] for row in group["rows"]]}
