"""Target profiles and their writers: Arrow batches of text columns in, a whole file out."""

import dataclasses
import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import xlsxwriter

from shindan.lists.cells import FORMULA, has_cp932
from shindan.mailing import ENDINGS

SHEET_ROWS = 1_048_575   # Excel's limit, without the heading
SAME_IN_CP932 = str.maketrans("〜−—‖¢£¬", "～－―∥￠￡￢")


@dataclasses.dataclass(frozen=True)
class Profile:
    """How the loading side wants its files."""

    name: str
    encoding: str = ""

    @property
    def is_csv(self):
        return ENDINGS[self.name] == "csv"


PROFILES = {p.name: p for p in (
    Profile("generic", "utf-8-sig"), Profile("cp932", "cp932"), Profile("excel"))}


def write(batches, headings, profile, file, created=None):
    """Write one list: (rows written, cells of words that had to be marked as text or lost a character).

    Every cell is text: quoted in CSV (CRLF ends a row), a typed string in Excel.
    """
    return (_csv if profile.is_csv else _xlsx)(batches, headings, profile, file, created)


def _csv(batches, headings, profile, file, created):
    """RFC 4180; words a spreadsheet would run (product names, say) get a leading apostrophe, and are counted."""
    n, marked = 0, 0
    with file.open("wb") as out:
        out.write(_encoded(_csv_bytes(_heading(headings)), profile, first=True))
        for batch in batches:
            batch, lost = _fitting(batch, profile)
            batch, hits = _as_words(batch)
            out.write(_encoded(_csv_bytes(batch), profile))
            n, marked = n + batch.num_rows, marked + lost + hits
    return n, marked


def _heading(headings):
    return pa.record_batch([pa.array([h]) for h in headings], names=[str(i) for i in range(len(headings))])


def _csv_bytes(batch):
    out = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pa.csv.write_csv(pa.table(batch) if isinstance(batch, pa.RecordBatch) else batch, out, options)
    return out.getvalue().replace(b"\n", b"\r\n")  # no cell holds a line end: cells.py sets such aside


def _encoded(text, profile, first=False):
    if profile.encoding == "utf-8-sig":
        return (b"\xef\xbb\xbf" if first else b"") + text
    return text.decode("utf-8").encode(profile.encoding)


def _fitting(batch, profile):
    """(the batch in characters the target has, how many cells lost one): words only, people were set aside.

    The same dash or wave in its other code (JIS knows two of each) is no other character; what CP932
    does not have at all becomes 〓.
    """
    if profile.encoding != "cp932":
        return batch, 0
    columns, lost = [], 0
    for column in batch.columns:
        cells = [cell and cell.translate(SAME_IN_CP932) for cell in column.to_pylist()]
        fit = [cell and "".join(ch if has_cp932(ch) else "〓" for ch in cell) for cell in cells]
        columns.append(pa.array(fit, pa.string()))
        lost += sum(one != other for one, other in zip(cells, fit, strict=True))
    return pa.table(columns, names=batch.schema.names), lost


def _as_words(batch):
    columns, marked = [], 0
    for column in batch.columns:
        risky = pc.fill_null(pc.match_substring_regex(column, FORMULA), False)
        hits = pc.sum(risky).as_py() or 0
        columns.append(pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column) if hits else column)
        marked += hits
    return pa.table(columns, names=batch.schema.names), marked


def _xlsx(batches, headings, profile, file, created):
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "tmpdir": str(file.parent)}
    n = 0
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"created": created})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 18, text)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading)
        for batch in batches:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                n += 1
                for place, cell in enumerate(row):
                    if cell is not None:
                        sheet.write_string(n, place, cell, text)
    return n, 0
