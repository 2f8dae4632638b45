"""The consultant's own words for a chapter: client_data/<client>/commentary/<chapter>.md.

They enter the report as a markdown cell at the chapter's end and are read like all prose: as a tree
of words, never as markup. A short one stands beside the chapter's first page, a longer one has a page.
"""

import nbformat

from shindan import errors
from shindan.report import prose

TAG = "commentary"
SHORT = 170           # kanji (two letters count as one) that fit beside a page's figure
LONGEST = 100_000     # bytes


def files(folder, printed, known):
    """{chapter: file} of what the consultant wrote for the chapters `printed`; exit 11 for a file of no chapter.

    Words for a chapter this client's report leaves out (one of `known`) wait until it is back.
    """
    there = sorted(folder.commentary.iterdir()) if folder.commentary.is_dir() else []
    found = [f for f in there if not f.name.startswith(".") and not f.name.endswith("~")]
    for file in found:
        if file.suffix != ".md" or file.stem not in known or not file.is_file():
            raise errors.ShindanError(
                errors.BAD_CONFIG, f"There is no such chapter / そのような章はありません: {file.stem}",
                f"client_data/{folder.client}/commentary/{file.name}",
                "name the file after one of " + ", ".join(f"{name}.md" for name in sorted(known)))
    return {f.stem: f for f in found if f.stem in printed}


def cell(file):
    """The markdown cell of one file; exit 11 where it is no text or far too long."""
    content = file.read_bytes()
    where = f"client_data/{file.parent.parent.name}/commentary/{file.name}"
    if len(content) > LONGEST:
        raise errors.ShindanError(errors.BAD_CONFIG, "The commentary is too long / 所見が長すぎます", where,
                                  f"keep it under {LONGEST // 1000} kB")
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise errors.ShindanError(errors.BAD_CONFIG, "The commentary cannot be read / 所見が読めません", where,
                                  "save it as UTF-8") from None
    return nbformat.v4.new_markdown_cell(words, id=f"commentary-{file.stem}"[:64], metadata={"tags": [TAG]})


def place(chapter, say, new_page):
    """Put a chapter's commentary beside its first printed page, or on a page of its own at the end."""
    blocks = chapter.pop(TAG)
    if not blocks:
        return
    first = next((page for page in chapter["pages"] if page["printed"]), None)
    if first and _length(blocks) <= SHORT:
        first["notes"][TAG] = blocks
    else:
        page = new_page({"children": [{"kind": "text", "text": say("report.label.commentary")}]})
        chapter["pages"].append({**page, "notes": {**page["notes"], TAG: blocks}, "printed": True})


def _length(blocks):
    """About how many kanji wide the words are; every line that must turn costs ten."""
    words = prose.plain(blocks)
    return sum(1 if ord(char) > 0xFF else 0.5 for char in words) + 10 * (_turns(blocks) - 1)


def _turns(nodes):
    """How many lines begin: with a paragraph, a heading, an item of a list, a line break."""
    own = sum(node["kind"] in ("paragraph", "heading", "linebreak") for node in nodes)
    return own + sum(max(_turns(node["children"]), node["kind"] == "item") for node in nodes if "children" in node)
