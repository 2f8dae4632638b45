"""Executed notebooks -> the report as one plain document (what templates/report lays out).

A `#` heading starts a chapter, a `##` heading a page; what the chapter's code displayed
(chapter.MIME) fills the page. A page's first statement is its title and has its cards; those that
follow are sentences over their own evidence. Notes under a withheld statement are left out with it.
A page of nothing but sentences joins the page beside it.
The document holds words and figures only: no code, no paths.
"""

from shindan import chapter, errors, text
from shindan.report import brand, commentary, glyphs, prose
from shindan.report.appendix import absent, appendix

ROLES = ("method", "reading", "so_what")


def document(notebook, meta):
    """(tree, {file name: bytes}) of a joined notebook; `meta` as in report.build."""
    say = text.Text(meta.get("language", "ja"), meta.get("currency", "JPY"))
    chapters = read(notebook, say("report.untitled"))
    for one in chapters:
        commentary.place(one, say, _new_page)
    printed = [{**c, "pages": [p for p in c["pages"] if p["printed"]]} for c in chapters]
    printed = [c for c in printed if c["pages"]]
    look = meta.get("brand") or {}
    logo, picture = brand.logo(look)
    tree = {"cover": {**cover(meta, say), "logo": logo}, "labels": labels(say), "chapters": printed,
            "absent": [[c["title"], why] for c, why in absent(chapters)],
            "appendix": appendix(chapters, meta, say)}
    files = _take_figures(printed)
    return tree, files | ({logo: picture} if logo else {})


def read(notebook, untitled):
    """The chapters of a notebook, every page of them, in reading order."""
    chapters = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            _read_prose(chapters, cell, untitled)
        elif cell.cell_type == "code":
            for block in _blocks(cell):
                _place(_page(chapters, untitled), block)
    for page in (page for one in chapters for page in one["pages"]):
        page["printed"] = _printed(page)
    for one in chapters:
        _fold([page for page in one["pages"] if page["printed"]])
    return chapters


def _fold(pages):
    """Sentences that have no figure, table or card on their page go under those of the next page, else the last."""
    for at, page in enumerate(pages):
        beside = next((other for other in (*pages[at + 1:], *reversed(pages[:at])) if not _bare(other)), None)
        if _bare(page) and beside:
            beside["evidence"] += [{"kind": "sentence", **page["headline"]}, *page["evidence"]]
            for role, blocks in page["notes"].items():
                beside["notes"][role] += blocks
            page["printed"] = False


def _bare(page):
    return page["headline"] and not page["cards"] and len(_sentences(page)) == len(page["evidence"])


def _read_prose(chapters, cell, untitled):
    if commentary.TAG in cell.metadata.get("tags", ()):
        _chapter(chapters, untitled)["commentary"] += prose.blocks(cell.source)
        return
    role = next((r for r in ROLES if r in cell.metadata.get("tags", ())), None)
    for block in prose.blocks(cell.source):
        if block["kind"] == "heading" and block["level"] == 1:
            chapters.append(_new(block, pages=[], commentary=[]))
        elif block["kind"] == "heading" and block["level"] == 2:
            _chapter(chapters, untitled)["pages"].append(_new_page(block))
        elif role:
            _note(_page(chapters, untitled), role, block)
        else:
            open_chapter = _chapter(chapters, untitled)
            (open_chapter["pages"] or [open_chapter])[-1]["question"].append(block)


def _note(page, role, block):
    """A note goes with the statement it stands under: nothing is advised on what is not shown."""
    if not page["closed"]:
        page["notes"][role].append(block)


def _new(heading, **more):
    return {"title": glyphs.line(prose.plain(heading["children"]), 80), "question": [], **more}


def _new_page(heading):
    notes = {role: [] for role in (*ROLES, commentary.TAG)}
    return _new(heading, headline=None, withheld=[], closed=False, cards=[], evidence=[], notes=notes)


def _chapter(chapters, untitled):
    if not chapters:
        chapters.append({"title": untitled, "question": [], "pages": [], "commentary": []})
    return chapters[-1]


def _page(chapters, untitled):
    pages = _chapter(chapters, untitled)["pages"]
    if not pages:
        title = {"kind": "text", "text": chapters[-1]["title"]}
        pages.append(_new_page({"children": [title]}))
    return pages[-1]


def _blocks(cell):
    """What a code cell displayed for the report; an error in a cell ends the export."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            raise errors.ShindanError(
                errors.CHAPTER_FAILED, "A notebook stopped with an error / ノートブックがエラーで止まっています",
                f"cell {cell.get('id', '')}", "run the chapter again until it ends without an error")
        block = output.get("data", {}).get(chapter.MIME)
        if block:
            yield block


def _place(page, block):
    kind = block["kind"]
    if kind in ("headline", "withheld"):
        page["closed"] = kind == "withheld"
    if kind == "headline" and page["headline"]:
        page["evidence"].append({"kind": "sentence", **_headline(block)})
    elif kind == "headline":
        page["headline"] = _headline(block)
    elif kind == "withheld":
        page["withheld"].append(glyphs.line(block["text"]))
    elif kind == "kpis":
        if not _sentences(page):
            page["cards"] += [_card(card) for card in block["cards"]]
    elif kind == "figure":
        page["evidence"].append({"kind": "figure", "alt": glyphs.line(block["alt"]),
                                 "svg": glyphs.printable(block["svg"])})
    elif kind == "table":
        page["evidence"].append(_table(block))
    elif kind == "note":
        _note(page, block["role"], prose.paragraph(block["text"]))
    elif kind == "proposals":
        page["evidence"].append(_proposals(block))
    else:
        raise ValueError(f"unknown block {kind!r}")


def _sentences(page):
    return [block for block in page["evidence"] if block["kind"] == "sentence"]


def _headline(block):
    n = block.get("n")
    return {"id": block["id"], "text": glyphs.line(block["text"], 160), "verdict": block.get("verdict") or "",
            "n": "" if n is None else text.number(n), "period": glyphs.line(block.get("period") or "")}


def _card(card):
    words = {key: glyphs.line(card.get(key) or "", limit) for key, limit in (
        ("label", 60), ("value", 30), ("ci", 50), ("n", 20), ("benchmark", 30), ("change", 30), ("period", 60))}
    return {**words, "id": card.get("id", ""), "verdict": card.get("verdict") or "", "small": bool(card.get("small"))}


def _table(block):
    columns = [{"label": glyphs.line(c["label"], 50), "align": c["align"]} for c in block["columns"]]
    rows = [[glyphs.line(cell, 160) for cell in row] for row in block["rows"]]
    return {"kind": "table", "caption": glyphs.line(block["caption"], 160), "columns": columns,
            "rows": rows, "grey": list(block["grey"]), "of": block.get("of", len(rows)), "sheet": block.get("sheet", "")}


def _proposals(block):
    return {"kind": "proposals", "cards": [
        {"title": glyphs.line(card["title"], 90), "gain": glyphs.line(card["gain"], 60), "parts": [
            {"mark": part["mark"], "name": part["name"],
             "rows": [[glyphs.line(name, 30), glyphs.line(value, 120)] for name, value in part["rows"]]}
            for part in card["parts"]]} for card in block["cards"]]}


def _printed(page):
    return bool(page["headline"] or page["cards"] or page["evidence"]
                or not page["withheld"] and any(page["notes"].values()))


def _take_figures(chapters):
    """Move each figure's SVG out of the document into a file of its own."""
    files = {}
    figures = (e for c in chapters for p in c["pages"] for e in p["evidence"] if e["kind"] == "figure")
    for number, figure in enumerate(figures, 1):
        figure["file"] = f"figure-{number:02}.svg"
        files[figure["file"]] = figure.pop("svg").encode()
    return files


def cover(meta, say):
    """What stands on the cover and at the foot of every page."""
    client = glyphs.line(meta.get("client_name", ""), 60)
    as_of = meta.get("as_of")
    accent = brand.accent(meta.get("brand") or {})
    return {
        "lang": say.lang, "client": client and say("report.client", name=client), "short": glyphs.line(client, 30),
        "title": glyphs.line(meta.get("title") or say("report.title"), 80),
        "consultant": glyphs.line(meta.get("consultant", ""), 60),
        "as_of": text.date(text.datetime.date.fromisoformat(str(as_of)), say.lang) if as_of else "",
        "period": _period(meta.get("period"), say.lang), "basis": glyphs.line(meta.get("basis", ""), 120),
        "accent": accent, "accent_ink": accent and brand.ink(accent),
    }


def _period(value, lang):
    try:
        return text.period(value, lang) if value else ""
    except ValueError:
        return glyphs.line(value, 80)


def labels(say):
    """The fixed words of the page: every `report.label.*` of the catalogue."""
    return {key.removeprefix("report.label."): say(key)
            for key in sorted(text.keys(say.lang)) if key.startswith("report.label.")}
