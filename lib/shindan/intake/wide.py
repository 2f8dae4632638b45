"""READ for presets that say `wide`: the sheets of a file as whole grids, its cross-tab as rows of text."""

import codecs
import re

from shindan import errors
from shindan.intake import (
    crosstab,
    excel,
    files,
    header,
    months,
    quotable,
    read,
    recognise,
    sheet_marks,
    staging,
)

MAX_BYTES = 5 * 2**20     # people do not type more
MEND = ("put the months in one row (or one column) with the amounts under them, or mend `preset:` in client.yaml / "
        "月を1つの行(または列)に並べ、その下に金額を書く。月別の一覧表(1行に1つの費用)なら preset: generic_ad_costs にする")


def stage(folder, file, preset, source, target):
    """Read the cross-tab of one file into `target` (staging.Target), a row for each cell; returns what was found."""
    name = target.name or files.name(folder, file)
    where = f"client_data/{folder.client}/raw/{name}"
    sheet, encoding, table = _table(file, name, source.sheet, preset, where)
    columns = header.places(table.columns, preset)
    missing = header.missing_needs(table.columns, preset)
    if missing:
        raise header.not_found(preset, header.Header(table.header, table.columns), missing, where)
    wanted = list(dict.fromkeys(columns.values()))
    at = [table.columns.index(c) for c in wanted]
    rows = [(number, [cells[p] for p in at]) for number, cells in table.rows]
    _, harm = staging.write([], wanted, 0, [], (target, name), rows)
    notes = sheet_marks.notes(file, sheet, table.header, set(range(1000)), where) if sheet else []
    return read.Staged(name, target.sha256, encoding, columns, len(rows), (), target.path, (*notes, *_notes(table), *read.damaged(harm, len(rows), where)))


def _table(file, name, wanted, preset, where):
    """(sheet, encoding, Table) of the first sheet with a cross-tab; stops where there is none, or no year."""
    grids = [g for g in _grids(file, where) if not wanted or g[0] == wanted]
    first = _first_month(preset, where)
    for sheet, encoding, rows in grids:
        table = crosstab.look(rows, (sheet, name), first)
        if table and not table.dated:
            raise errors.ShindanError(
                errors.INPUT_INVALID, "The months of this table name no year / 何年の月か分かりません",
                f"{where}, row {table.header}", 'say it under this source in client.yaml, e.g. `options: {first_month: "2024-04"}` / '
                '最初の月の年を client.yaml のその source に書く: options: {first_month: "2024-04"}')
        if table:
            return sheet, encoding, table
    raise errors.ShindanError(
        errors.INPUT_INVALID, "No table of months and media is found / 月と媒体の表が見つかりません", f"{where}, row 1", MEND)


def _first_month(preset, where):
    told = preset.options.get("first_month")
    found = months.month_of(told) if told else None
    if told and not (found and found[0]):
        raise errors.ShindanError(errors.BAD_CONFIG, f"client.yaml: option `first_month`: {told}", where,
                                  'a year and a month, e.g. "2024-04" / 年と月を書く')
    return found


def _grids(file, where):
    """[(sheet, encoding, rows of text)]: every sheet from its first cell, whole."""
    if files.is_excel(file):
        files.check_excel(file, where)
        book = excel.opened(file, where)
        pages = ((name, book.get_sheet_by_name(name)) for name in book.sheet_names)
        return [(name, "xlsx", [[excel.text(c) for c in row] for row in page.to_python(skip_empty_area=False)])
                for name, page in pages if page.total_height * page.total_width <= excel.MAX_CELLS]
    data = file.read_bytes()
    files.refuse_no_table(data[:read.SAMPLE_BYTES], where)
    if len(data) > MAX_BYTES:
        raise errors.ShindanError(errors.INPUT_OVER_LIMIT, "This is too large for a table typed by hand / 手で作った表にしては大きすぎます", where, MEND)
    for encoding in read.encodings(data):
        try:
            text = codecs.decode(data, encoding)
        except UnicodeDecodeError:
            continue
        return [(None, encoding, recognise.cut(text, None))]
    raise read.unreadable(file, data, where)


def _notes(table):
    said = [cells[table.columns.index(crosstab.MONTH)] for _, cells in table.rows]
    said = [m for m in said if m != crosstab.TOTAL]
    media = {cells[table.columns.index(crosstab.MEDIUM)] for _, cells in table.rows} - {crosstab.TOTAL}
    notes = [{"id": "crosstab", "media": len(media), "first": min(said, key=_order), "last": max(said, key=_order)}] if said else []
    return notes + ([{"id": "crosstab_left_out", "names": _names(table.left_out)}] if table.left_out else [])


def _names(left_out):
    """What was left out, by name; … for what may be a person's, who may stand under the total."""
    said = ("…" if re.search(quotable.NO_CODE, name.strip()) else name for name in left_out)
    return "、".join(dict.fromkeys(said))


def _order(month):
    return months.month_of(month)
