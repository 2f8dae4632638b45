"""The last pages: what each figure means, what is not shown and why, and what it was made from."""

from shindan import tables, text
from shindan.report import glyphs


def appendix(chapters, meta, say):
    """The appendix of a report: `chapters` with every page, printed or not; `meta` as in build."""
    rows, rest = definitions(meta.get("kpis", ()), say, first_cards(chapters))
    return {
        "definitions": rows, "rest": say("report.rest", n=rest) if rest else "",
        "withheld": withheld(chapters, meta.get("withheld", ()), say),
        "notes": [glyphs.line(note) for note in meta.get("notes", ())],
        "facts": [_table(group) for group in (*meta.get("facts", ()), *_sources(meta, say))],
    }


def first_cards(chapters):
    """The ids of the figures on the cards of the first printed page with cards: the summary's."""
    pages = (page for chapter in chapters for page in chapter["pages"] if page["printed"] and page["cards"])
    return {card["id"] for card in next(pages, {"cards": []})["cards"] if card["id"]}


def definitions(kpis, say, shown=()):
    """(rows, how many are left out): one row per figure of `shown` or with a benchmark, of all where `shown` is empty.

    A row: name, value (interval), n, period, definition with benchmark and its source. `kpis` are the
    results' own ("id", "value", "unit", "n", "ci", "period", "benchmark", "verdict"); the others' are in
    the workbook.
    """
    once = {kpi["id"]: kpi for kpi in kpis}
    rows = [[glyphs.line(cell, 300) for cell in _definition(kpi, say)]
            for id, kpi in once.items() if id in shown or kpi.get("benchmark") or not shown]
    return rows, len(once) - len(rows)


def _definition(kpi, say):
    chapter, name = kpi["id"].split(".", 1)

    def read(value):
        return text.figure(value, kpi["unit"], say.lang, say.currency)

    shown = kpi["n"] >= tables.HIDDEN_BELOW or kpi["value"] is None
    value = read(kpi["value"]) if shown else f"n<{tables.HIDDEN_BELOW}"
    if kpi["ci"] and shown:
        value += f" ({text.span(*map(read, kpi['ci']), say.lang)})"
    definition, mark = say.get(f"{chapter}.definition.{name}", ""), kpi.get("benchmark")
    if mark:
        definition += say("report.benchmark", value=read(mark["value"]), verdict=kpi["verdict"] or "",
                          source=mark.get(f"source_{say.lang}", mark["source"]), date=mark["date"])
    return [say.get(f"{chapter}.kpi.{name}", name), value, text.number(kpi["n"]),
            text.period(kpi["period"], say.lang), definition]


def absent(chapters):
    """[(chapter, why)] of the chapters of which no page is printed; its first page says why."""
    return [(c, held[0]["withheld"][0]) for c in chapters if (held := _held(c)) and not any(p["printed"] for p in c["pages"])]


def _held(chapter):
    return [page for page in chapter["pages"] if page["withheld"]]


def withheld(chapters, more, say):
    """One row per place and reason: where, why; a chapter without any page is one row."""
    whole = {c["title"]: why for c, why in absent(chapters)}
    rows = []
    for chapter in chapters:
        if chapter["title"] in whole:
            rows.append([say("report.whole_chapter", title=chapter["title"]), whole[chapter["title"]]])
        else:
            rows += [[f"{chapter['title']} › {page['title']}", why]
                     for page in _held(chapter) for why in dict.fromkeys(page["withheld"])]
    return rows + [[glyphs.line(where), glyphs.line(why)] for where, why in more]


def _sources(meta, say):
    """The version that made the report and the client's files as it read them."""
    if meta.get("version"):
        yield {"title": say("report.made_with"), "rows": [[say("report.version"), meta["version"]]]}
    if meta.get("sources"):
        rows = [[s["file"], text.number(s.get("rows_read")), s["sha256"][:12]] for s in meta["sources"]]
        yield {"title": say("report.sources"), "rows": rows,
               "columns": [say(f"report.source_{name}") for name in ("file", "rows", "hash")]}


def _table(group):
    """A table of the appendix: {"title", "rows": [[cell, …]], optional "columns": [label, …]}."""
    return {"title": glyphs.line(group["title"], 80),
            "columns": [glyphs.line(c, 40) for c in group.get("columns", ())],
            "rows": [[glyphs.line(cell, 160) for cell in row] for row in group["rows"]]}
