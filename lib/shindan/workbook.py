"""The workbook beside the report: every table of the results as typed cells on its own sheet.

Number formats follow from the column's name, as in `tables`. Text is always text, never a formula
or a link. Equal results give equal bytes: the only date inside is the report's own.
"""

import datetime
import re
from pathlib import Path

import xlsxwriter

from shindan import tables
from shindan import text as words
from shindan.characters import seen

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
           "strings_to_numbers": False}
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
UNITS = (  # ending of the column's name, unit in the dictionary, Excel's format
    (("_month",), "month", "yyyy-mm"),
    (("_date",), "date", "yyyy-mm-dd"),
    (("_jpy", "_jpy_lo", "_jpy_hi"), "money", "#,##0"),
    (("_rate", "_share", "_rate_lo", "_rate_hi", "_share_lo", "_share_hi"), "rate", "0.0%"),
    (("_pt", "_pt_lo", "_pt_hi"), "points", '+0.0%;-0.0%;0.0%'),
    (("_days",), "days", "#,##0"),
)
CODED_BY = {"best": "split", "worst": "split", "value": "kind"}  # codes of whatever another column names
FIGURE_UNITS = {"ratio": "rate", "points": "points", "jpy": "money", "days": "days"}


def write(results, text, file):
    """Write `results` ({chapter: its results JSON}, in the report's order) to `file`, whole or not at all.

    Sheets: contents (each line leads to its sheet), figures (every KPI), one per table, dictionary
    (every column).
    """
    file = Path(file)
    part = file.with_suffix(".part")
    with xlsxwriter.Workbook(str(part), OPTIONS) as book:
        book.set_properties({"title": text("workbook.title"), "created": _created(results)})
        pages = list(_tables(results))
        names = _sheet_names(pages, [text(f"workbook.{s}") for s in ("contents", "figures", "dictionary")])
        formats = _formats(book, text.currency)
        _contents(book, pages, names, text, formats)
        _sheet(book, text("workbook.figures"), _figures(results, text), "workbook", text, formats, _unit_of_figure)
        for (chapter, _, rows), sheet in zip(pages, names, strict=True):
            _sheet(book, sheet, [_named(row, chapter, text) for row in rows], chapter, text, formats)
        _sheet(book, text("workbook.dictionary"), _dictionary(pages, names, text), "workbook", text, formats)
    part.replace(file)


def _created(results):
    """The report's day (the latest as_of), the only date the file carries."""
    days = [datetime.date.fromisoformat(result["as_of"]) for result in results.values()]
    return datetime.datetime.combine(max(days, default=datetime.date(2000, 1, 1)), datetime.time())


def _tables(results):
    for chapter, result in results.items():
        for name, rows in result["tables"].items():
            yield chapter, name, rows


def _sheet_names(pages, taken):
    """`chapter_table`, cut to Excel's limit, never twice (Excel ignores case)."""
    used, names = {name.casefold() for name in taken}, []
    for chapter, table, _ in pages:
        name, turn = tables.sheet_name(chapter, table), 2
        while name.casefold() in used:
            name = f"{f'{chapter}_{table}'[:tables.SHEET_NAME - 1 - len(str(turn))]}~{turn}"
            turn += 1
        used.add(name.casefold())
        names.append(name)
    return names


def _formats(book, currency):
    """Excel formats by unit; money of a currency with cents shows them."""
    shown = {unit: number for _, unit, number in UNITS} | {"text": "@", "count": "#,##0", "number": "#,##0.00"}
    if currency != "JPY":
        shown["money"] = '"$"#,##0.00'
    made = {unit: book.add_format({"num_format": number}) for unit, number in shown.items()}
    made["head"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    return made


def _unit(column):
    """The unit a column's name ends in, or None."""
    return next((unit for endings, unit, _ in UNITS if column.endswith(endings)), None)


def _sheet(book, name, rows, chapter, text, formats, unit_of=None):
    """One sheet: header, typed rows, autofilter, frozen header; `unit_of(row, column)`: where its name does not say it."""
    sheet = book.add_worksheet(name)
    columns = list(dict.fromkeys(column for row in rows for column in row if not column.startswith("_")))
    for place, column in enumerate(columns):
        label = _label(column, chapter, text)
        sheet.write_string(0, place, label, formats["head"])
        sheet.set_column(place, place, _width(label, [row.get(column) for row in rows[:200]]))
        for line, row in enumerate(rows, start=1):
            unit = unit_of(row, column) if unit_of else _unit(column)
            _cell(sheet, line, place, row.get(column), unit, formats, text.currency)
    sheet.freeze_panes(1, 0)
    if not rows:
        sheet.write_string(0, 0, text("workbook.empty"))
    else:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    return sheet


def _label(column, chapter, text):
    """The heading; the ends of an interval say which end of what."""
    for end in ("lo", "hi"):
        if column.endswith(f"_{end}"):
            return f"{tables.label(column[:-3], text, chapter)} {text(f'workbook.{end}')}"
    return tables.label(column, text, chapter)


def _cell(sheet, line, place, value, unit, formats, currency):
    if words.is_missing(value):
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, (int, float)):
        cents = unit == "money" and currency != "JPY"
        plain = "count" if isinstance(value, int) else "number"
        sheet.write_number(line, place, value / 100 if cents else value, formats[unit or plain])
    elif unit in ("date", "month") and ISO_DAY.fullmatch(value):
        sheet.write_datetime(line, place, datetime.datetime.fromisoformat(value), formats[unit])
    else:
        sheet.write_string(line, place, seen(value), formats["text"])


def _width(label, values):
    """Wide enough for the heading and the longest value; a kanji counts twice."""
    longest = max((sum(1 + (ord(ch) > 0xFF) for ch in str(value)) for value in [label, *values]
                   if value is not None), default=8)
    return min(max(longest + 2, 8), 60)


def _named(row, chapter, text):
    """`row` with words in place of codes: `<chapter>.<column>.<code>`, else those of tables.CODED."""
    def words_of(column, value):
        kind = row.get(CODED_BY[column]) if column in CODED_BY else column
        return text.get(f"{chapter}.{column}.{value}", text.get(f"{tables.CODED.get(kind)}.{value}", value))

    return {column: words_of(column, value) for column, value in row.items()}


def _contents(book, pages, names, text, formats):
    rows = [{"sheet": sheet, "table": text.get(f"{chapter}.table.{name}", name), "n_rows": len(rows)}
            for (chapter, name, rows), sheet in zip(pages, names, strict=True)]
    sheet = _sheet(book, text("workbook.contents"), rows, "workbook", text, formats)
    for line, name in enumerate(names, start=1):  # a name of ours, never a client's
        sheet.write_url(line, 0, f"internal:'{name}'!A1", string=name)


def _figures(results, text):
    """One row per KPI of every chapter, once each."""
    kpis = {kpi["id"]: kpi for result in results.values() for kpi in result["kpis"]}
    return [_figure(kpi, text) for kpi in kpis.values()]


def _unit_of_figure(row, column):
    """Values, intervals and benchmarks of the figures' sheet are in each figure's own unit."""
    return row["_unit"] if column in ("value", "ci_low", "ci_high", "benchmark") else _unit(column)


def _figure(kpi, text):
    chapter, name = kpi["id"].split(".", 1)
    low, high = kpi["ci"] or (None, None)
    return {"id": kpi["id"], "figure": text.get(f"{chapter}.kpi.{name}", name), "value": kpi["value"],
            "ci_low": low, "ci_high": high, "unit": text.get(f"workbook.units.{kpi['unit']}", kpi["unit"]),
            "n": kpi["n"], "period": kpi["period"],
            "benchmark": (kpi["benchmark"] or {}).get("value"), "verdict": kpi["verdict"],
            "definition": text.get(f"{chapter}.definition.{name}", ""), "_unit": FIGURE_UNITS.get(kpi["unit"])}


def _dictionary(pages, names, text):
    """One row per sheet × column: its heading, its name in the results, its unit."""
    rows = []
    for (chapter, _, lines), sheet in zip(pages, names, strict=True):
        for column in dict.fromkeys(column for line in lines for column in line):
            unit = _unit(column) or ("count" if column == "n" or column.startswith("n_") else "other")
            rows.append({"sheet": sheet, "column": column, "heading": _label(column, chapter, text),
                         "unit": text(f"workbook.units.{unit}")})
    return rows
