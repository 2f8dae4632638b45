"""What `make check` prints: every file's rows, the bridge, the people, what needs a human's eye."""

import unicodedata

from shindan import text as words
from shindan.intake import recognise

MOST_GAPS = 5
ALWAYS = ("cart_ids", "emails", "people_before", "people")
PEOPLE = ("cart_ids", "emails", "masked_addresses", "phones", "people_before", "people", "people_merged",
          "people_with_several_cart_ids", "people_without_cart_id", "people_in_several_shops",
          "shared_addresses", "cut")


def recognised(looks, text, guessed=()):
    """Every file of raw/: which preset reads it and why, or which would, as lines for a terminal.

    `guessed` {file: preset} of those whose preset was guessed from words.
    """
    lines = [text("data.check.recognised")]
    for found in looks:
        lines.append("  " + found.file)
        guess = dict(guessed).get(found.file)
        lines += ["      " + said for said in ([text("data.check.guessed", preset=guess)] if guess else _look(found, text))]
    return "\n".join(lines) + "\n"


def _look(found, text):
    if not found.sheets:
        yield text("data.check.unreadable")
    for source in found.sources:
        m = next((m for m in found.matches if m.preset == source.preset), None)
        yield _fit("reads", source.preset, m, text)
    others = recognise.unread(found)
    if others:
        yield text("data.check.unread_sheets", sheets="、".join(others))
    if found.sources or not found.sheets:
        return
    if not found.best:
        nearest = next((m for m in found.matches if m.hits >= recognise.LEAST_KNOWN and len(m.missing) < m.needs), None)
        yield _fit("nearest", nearest.preset, nearest, text) if nearest else text("data.check.unknown")
        return
    for m in (found.best, *found.companions):
        yield _fit("would", m.preset, m, text)


def _fit(key, preset, m, text):
    """`eccube4_order (EC-CUBE 4.x): needed columns 5 of 5, 42 of the file's 70 known; missing …`"""
    if m is None:
        return text("data.check.no_column", preset=preset)
    said = text(f"data.check.{key}", preset=preset, title=m.title, found=m.needs - len(m.missing), needs=m.needs,
                hits=m.hits, columns=m.columns, share=m.hits / max(m.columns, 1))
    said += text("data.check.missing", fields=", ".join(m.missing)) if m.missing else ""
    return said + ("" if m.verified is True else text("data.check.unverified"))


def summary(facts, text):
    """The facts of the last intake (facts.json) as lines for a terminal."""
    return "\n".join([
        *_files(facts["sources"], text), *_reasons(facts["sources"], text), "",
        *_bridge(facts["bridge"], text), *_totals(facts["totals"], text), "",
        *_coverage(facts["coverage"], text), "",
        *_people(facts["identity"], text), "",
        *_notes(facts["notes"], text)]).rstrip() + "\n"


def _reasons(sources, text):
    """Rows that are not used, by reason, over all files."""
    why = {}
    for s in sources:
        for reason, n in s["skipped"].items():
            why[reason] = why.get(reason, 0) + n
    return ["", text("data.check.skipped"), *_table(None, [
        [text.get(f"data.skipped.{reason}", reason.replace("_", " ")), words.number(n)]
        for reason, n in sorted(why.items())])] if why else []


def _totals(totals, text):
    if not totals:
        return []
    rows = [[f"{t['shop']} {t['month']} {t['measure']}",
             *(words.yen(t[k], text.lang, text.currency) for k in ("theirs_jpy", "ours_jpy", "difference_jpy")),
             words.percent(t["share"], 2)] for t in totals]
    head = [text(f"data.check.{k}") for k in ("total", "theirs", "ours", "difference", "share")]
    return ["", text("data.check.totals"), *_table(head, rows)]


def _coverage(coverage, text):
    lines = []
    for c in coverage:
        lines.append(text("data.check.coverage", **{k: c[k] for k in ("shop", "first", "last", "months", "orders")}))
        lines += ["  " + text("data.check.gap", first=first, last=last, days=days)
                  for first, last, days in sorted(c["gaps"], key=lambda g: -g[2])[:MOST_GAPS]]
    return lines


def restated(found, text):
    """What changed since the last report (analyses.restated.Restated), as lines; "" where there was none."""
    if found.last is None:
        return ""
    if found.months.empty:
        return text("data.check.unchanged", last=found.last) + "\n"
    lines = [text("data.check.restated", last=found.last)]
    for m in found.months.itertuples():
        mine = found.steps[(found.steps.shop == m.shop) & (found.steps.order_month == m.order_month)]
        why = ", ".join(_moved(step, text) for step in mine.itertuples())
        yen = [words.yen(value, text.lang, text.currency) for value in (m.before_jpy, m.after_jpy)]
        lines.append(f"  {m.shop} {m.order_month:%Y-%m}  {yen[0]} → {yen[1]}  ({why})")
    return "\n".join(lines) + "\n"


def _moved(step, text):
    """`取消 −1,000円 (+1)`: the step, its yen, how many orders more or fewer."""
    said = f"{text(f'data.why.{step.why}')} {words.yen(step.change_jpy, text.lang, text.currency)}"
    return said + (f" ({step.n_orders:+,})" if step.n_orders else "")


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
    known = [(k, identity[k]) for k in PEOPLE if identity.get(k) or k in ALWAYS]
    lines = [text("data.table.people"), *_table(None, [
        [text(f"data.link.{k}"), words.number(n)] for k, n in known])]
    for name in ("links", "never", "suspects"):
        rows = [[text.get(f"data.link.{k}", k), words.number(n)] for k, n in identity[name].items() if n]
        lines += [text(f"data.check.{name}"), *_table(None, rows)] if rows else []
    return lines


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
