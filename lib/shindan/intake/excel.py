"""A workbook's sheet as rows of text, the way a CSV of it would read."""

import datetime

import pyarrow as pa
import python_calamine

from shindan import errors
from shindan.intake import header, staging

CHUNK_ROWS = 50_000


def copy(file, preset, sheet, place, where):
    """Copy the mapped columns of a sheet into Parquet: (header, rows read, ragged rows).

    The sheet is the one named, else the first in which the preset's header is found.
    """
    found, rows = _sheet(file, preset, sheet, where)
    places = {c: i for i, c in enumerate(found.columns)}
    wanted = list(dict.fromkeys(header.places(found.columns, preset).values()))
    body = rows[found.row:]
    while body and not any(body[-1]):
        body.pop()
    batches = (_batch(body[i:i + CHUNK_ROWS], wanted, places) for i in range(0, len(body), CHUNK_ROWS))
    good = staging.write(batches, wanted, found.row, [], place)
    return found, good, []


def _sheet(file, preset, sheet, where):
    """(header, every row of the sheet as text)."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
    except (python_calamine.CalamineError, OSError):
        raise errors.ShindanError(
            errors.INPUT_MISSING, "This workbook cannot be opened (damaged, or with a password?)",
            where, "open it in Excel and save it as .xlsx without a password") from None
    names = book.sheet_names
    if sheet and sheet not in names:
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"There is no sheet `{sheet}`; there are: {', '.join(names)}",
            where, "mend `sheet:` of this source in client.yaml")
    nearest = None
    for name in [sheet] if sheet else names:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        rows = [[text(c) for c in row] for row in cells]
        found, missing = header.find(((row, 0) for row in rows[:header.SEARCHED_ROWS]), preset)
        if not missing and found.columns:
            return found, rows
        if nearest is None or len(missing) < len(nearest[1]):
            nearest = (found, missing)
    raise header.not_found(preset, *nearest, where)


def text(cell):
    """One cell as text: whole numbers without decimals, dates as ISO."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    return "" if cell is None else str(cell)


def _batch(rows, wanted, places):
    columns = [[row[places[c]] if places[c] < len(row) else "" for row in rows] for c in wanted]
    return pa.table([pa.array(c, pa.string()) for c in columns], names=wanted) if wanted else \
        pa.table({"": pa.nulls(len(rows))})
