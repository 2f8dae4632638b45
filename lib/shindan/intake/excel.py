"""A workbook's sheet as rows of text, the way a CSV of it would read."""

import datetime
import itertools

import pyarrow as pa
import python_calamine

from shindan import errors
from shindan.intake import header, presets, sheet_marks, staging

CHUNK_ROWS = 50_000
MAX_CELLS = 40_000_000
BY_HAND = ("ad_costs", "campaigns")     # tables that people type, with merged cells


def copy(file, preset, sheet, place, where):
    """Copy the mapped columns of a sheet into Parquet: (header, rows read, notes, damage).

    The sheet is the one named, else the first in which the preset's header is found.
    """
    found, page, notes = _sheet(file, preset, sheet, where)
    wanted = header.wanted(found, preset)
    places = [found.columns.index(c) for c in wanted]
    notes += sheet_marks.notes(file, page.name, found.row, {p + page.start[1] for p in places}, where)
    merged = [r for r in page.merged_cell_ranges or () if r[1][0] >= found.row]
    down = [r for r in merged if _repeats(r, found, page.start[1], preset)]
    notes += [{"id": "merged_cells", "sheet": page.name, "cells": len(merged) - len(down)}] if len(merged) > len(down) else []
    body = _without_blank_end(_unmerged(itertools.islice(page.iter_rows(), found.row, None), found.row, down, page.start[1]))
    batches = iter(lambda: list(itertools.islice(body, CHUNK_ROWS)), [])
    good, damage = staging.write((_batch(rows, wanted, places) for rows in batches), wanted, found.row, [], place)
    return found, good, notes, damage


def _repeats(merged, found, start, preset):
    """True for cells merged down a column of days or names in a list typed by hand: they hold for every row."""
    (_, first), (_, last) = merged
    if preset.table not in BY_HAND or first != last or first - start >= len(found.columns):
        return False
    column, kinds = found.columns[first - start], presets.kinds(preset.table)
    names = [n for n, c in header.places(found.columns, preset, found.aliases).items() if c == column]
    return any(kinds[field] in ("string", "date") and set(names) & set(f.columns) for field, f in preset.fields.items())


def _unmerged(rows, number, down, start):
    """Rows (the first is `number`, from 0) in which a cell merged with the one above says what that one says."""
    inside = {(r, first - start) for (top, first), (bottom, _) in down for r in range(top + 1, bottom + 1)}
    above = []
    for r, row in enumerate(rows, start=number):
        above = [above[c] if (r, c) in inside else cell for c, cell in enumerate(row)]
        yield above


def opened(file, where):
    """The workbook; exit 20 for one with a password or that is none."""
    try:
        return python_calamine.CalamineWorkbook.from_path(str(file))
    except python_calamine.PasswordError:
        raise errors.ShindanError(
            errors.INPUT_MISSING, "This workbook has a password / パスワードが付いています", where,
            "open it in Excel and save it without a password (ファイル → 情報 → ブックの保護)") from None
    except (python_calamine.CalamineError, OSError):
        raise errors.ShindanError(
            errors.INPUT_MISSING, "This workbook cannot be opened / ファイルが開けません", where,
            "open it in Excel and save it as .xlsx") from None


def _sheet(file, preset, sheet, where):
    """(header, sheet, notes on sheets): the sheet named, else the first with the preset's header."""
    book = opened(file, where)
    names = book.sheet_names
    if sheet and sheet not in names:
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"There is no sheet `{sheet}`; there are: {', '.join(names)}",
            where, "mend `sheet:` of this source in client.yaml")
    nearest = None
    for name in [sheet] if sheet else names:
        page = book.get_sheet_by_name(name)
        if page.total_height * page.total_width > MAX_CELLS:
            raise errors.ShindanError(
                errors.INPUT_OVER_LIMIT,
                f"Sheet `{name}` is too large: {page.total_height} rows x {page.total_width} columns",
                where, "save the sheet as CSV (UTF-8) and put that into raw/")
        first = itertools.islice(page.iter_rows(), header.SEARCHED_ROWS + header.MOST_ROWS)
        found, missing = header.find((([text(c) for c in row], 0) for row in first), preset)
        if not missing and found.columns:
            return found, page, _hidden(book, name)
        if nearest is None or len(missing) < len(nearest[1]):
            nearest = (found, missing)
    raise header.not_found(preset, *nearest, where)


def _hidden(book, name):
    visible = {s.name: s.visible for s in book.sheets_metadata}
    shown = visible.get(name) == python_calamine.SheetVisibleEnum.Visible
    return [] if shown else [{"id": "hidden_sheet", "sheet": name}]


def _without_blank_end(rows):
    """Rows up to the last one that holds anything."""
    blank = []
    for row in rows:
        if any(cell != "" for cell in row):
            yield from blank
            yield row
            blank = []
        else:
            blank.append(row)


def text(cell):
    """One cell as text: whole numbers without decimals, no exponents, dates as ISO."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and abs(cell) < 1e15:
        return str(int(cell)) if cell.is_integer() else f"{cell:.10f}".rstrip("0") if abs(cell) < 1 else str(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    return "" if cell is None else str(cell)


def _batch(rows, wanted, places):
    if not wanted:
        return pa.table({"": pa.nulls(len(rows))})
    columns = [[text(row[p]) if p < len(row) else "" for row in rows] for p in places]
    return pa.table([pa.array(c, pa.string()) for c in columns], names=wanted)
