"""Finished frames -> native tables: labels and formats follow from the column's name.

Column names end in their unit: `_jpy` yen (`_about_jpy`: an estimate, in 万円) · `_rate` `_share`
percent · `_pt` percentage points · `_days` days · `_date` `_month` dates · `n`, `n_*` counts ·
`p_*` p values · `_lo` `_hi` the ends of an interval (folded into one column after their figure).
Anything else is words or a plain number.
"""

import datetime

from shindan import text as words

SHEET_NAME = 31  # letters: Excel's limit
GREY_BELOW = 30
HIDDEN_BELOW = 5
# columns that hold codes, and where the catalogue has their words
CODED = {"rank": "rank", "rank_before": "rank", "rank_now": "rank", "channel": "channel",
         "acq_channel": "channel", "status": "status", "age_band": "profile.age_band", "sex": "profile.sex",
         **{split: f"profile.{split}" for split in ("hour_band", "first_season", "first_kind", "first_price", "split")},
         "who": "scenario.who", "gate": "predicted.gate", "stage": "lifecycle.stage", "cpm_class": "lifecycle.cpm_class", "cpm_state": "lifecycle.cpm_state"}


def build(frame, text, names=None, chapter=""):
    """A table block: {"columns": [{"label", "align"}], "rows": [[str]], "grey": [row index]}.

    Labels come from the catalogue: `<chapter>.columns.<column>`, else `columns.<column>`.

    `names` maps coded values (ranks, channels) to catalogue prefixes: {"rank": "rank"}.
    Rows with n < 30 are grey (参考値); with n < 5 their figures print as `n<5`,
    but for what was spent (`*cost_jpy`) and what is missing.
    """
    names = names or {}
    shown = [c for c in frame.columns if not c.endswith(("_lo", "_hi"))]
    columns = []
    for column in shown:
        columns.append({"label": label(column, text, chapter), "align": _align(column, frame[column])})
        if f"{column}_lo" in frame.columns:
            columns.append({"label": text("columns.interval"), "align": "right"})
    rows, grey = [], []
    for index, row in enumerate(frame.to_dict("records")):
        n = row.get("n")
        small = n is not None and n < GREY_BELOW
        if small:
            grey.append(index)
        rows.append(_row(row, shown, names, text, hide=small and n < HIDDEN_BELOW))
    return {"columns": columns, "rows": rows, "grey": grey}


def sheet_name(chapter, table):
    """What a table's sheet of the workbook is called, but for a number where two would be alike."""
    return f"{chapter}_{table}"[:SHEET_NAME]


def label(column, text, chapter=""):
    """The column's heading in the reader's language."""
    return text.get(f"{chapter}.columns.{column}", text.get(f"columns.{column}", column))


def _row(row, shown, names, text, hide):
    cells = []
    for column in shown:
        hidden = hide and _is_estimate(column) and not words.is_missing(row[column])
        cells.append("n<5" if hidden else cell(column, row[column], text, names))
        if f"{column}_lo" in row:
            cells.append("" if hide else _interval(column, row, text))
    return cells


def _interval(column, row, text):
    low, high = row[f"{column}_lo"], row[f"{column}_hi"]
    if words.is_missing(low) or words.is_missing(high):
        return words.DASH
    return words.span(cell(column, low, text), cell(column, high, text), text.lang)


def _is_figure(column):
    return column.endswith(("_jpy", "_rate", "_share", "_pt", "_days")) and column != "n"


def _is_estimate(column):
    """A figure about the row's people; what was spent is exact however few came."""
    return _is_figure(column) and not column.endswith("cost_jpy")


def _align(column, values):
    return "right" if _is_figure(column) or str(values.dtype)[:3] in ("int", "flo", "Int", "Flo") else "left"


def cell(column, value, text, names=None):
    """One cell as a person reads it."""
    lang = text.lang
    if words.is_missing(value):
        return words.DASH
    if names and column in names:
        return text.get(f"{names[column]}.{value}", str(value))
    if column.endswith("_about_jpy"):
        return words.yen_about(value, lang, text.currency)
    if column.endswith("_jpy"):
        return words.yen(value, lang, text.currency)
    if column.endswith(("_rate", "_share")):
        return words.percent(value)
    if column.endswith("_pt"):
        return words.points(value, lang)
    if column.endswith("_month"):
        return words.month(value, lang)
    if column.startswith("p_"):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return words.date(value, lang)
    if isinstance(value, bool):
        return text("columns.yes" if value else "columns.no")
    if isinstance(value, float) and not value.is_integer():
        return words.number(value, 1 if abs(value) >= 10 else 2)
    return words.number(value) if isinstance(value, (int, float)) else str(value)
