"""What `make check` prints: every file's rows, the bridge, the people, what needs a human's eye."""

import unicodedata

from shindan import text as words


def summary(facts, text):
    """The facts of the last intake (facts.json) as lines for a terminal."""
    return "\n".join([
        *_files(facts["sources"], text), "",
        *_bridge(facts["bridge"], text), "",
        *_people(facts["identity"], text), "",
        *_notes(facts["notes"], text)]).rstrip() + "\n"


def _files(sources, text):
    columns = ["file", "encoding", "n_read", "n_used", "n_skipped", "n_rejected"]
    rows = [[s["file"], s["encoding"], *(words.number(n) for n in (
        s["rows_read"], s["used"], sum(s["skipped"].values()), s["rejected"]))] for s in sources]
    return _table([text(f"data.columns.{c}") for c in columns], rows)


def _bridge(bridge, text):
    shown = [(step, yen) for step, yen in bridge if yen or step in ("gross", "revenue")]
    return [text("data.table.bridge"), *_table(None, [
        [text(f"data.step.{step}"), words.yen(yen, text.lang, text.currency)] for step, yen in shown])]


def _people(identity, text):
    known = [(k, n) for k, n in identity.items() if text.has(f"data.link.{k}")]
    return [text("data.table.people"), *_table(None, [
        [text(f"data.link.{k}"), words.number(n)] for k, n in known])]


def _notes(notes, text):
    return ["! " + text(f"data.note.{note['id']}", **_named(note, text)) for note in notes]


def _named(note, text):
    return {k: text.get(f"data.source.{v}", v) if k == "table" else v for k, v in note.items() if k != "id"}


def _table(head, rows):
    """Lines with the first column left, the others right; Japanese letters are two wide."""
    lines = [head, *rows] if head else rows
    widths = [max(map(_wide, column)) for column in zip(*lines, strict=True)]
    return ["  " + "  ".join(_pad(cell, width, left=i == 0) for i, (cell, width) in
                             enumerate(zip(line, widths, strict=True))).rstrip() for line in lines]


def _wide(cell):
    return sum(2 if unicodedata.east_asian_width(ch) in "WFA" else 1 for ch in cell)


def _pad(cell, width, left):
    space = " " * (width - _wide(cell))
    return cell + space if left else space + cell
