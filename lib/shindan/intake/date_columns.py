"""How the date columns of a source's files are written: one way a column, decided from all its rows.

Day and month are never guessed for a cell. A column of 1/5/2024 is m/d or d/m as long as both hold
for every cell; what stays open is refused, with the option that says it.
"""

import re

import ibis

from shindan import dates, errors
from shindan.intake import presets
from shindan.intake.fields import FieldReader

MOST_SHAPES = 1000
THIS_CENTURY = "^20" + dates.PLAIN.removeprefix(r"^\d{4}").replace("(-", r"\d\d(-", 1)
PARTS = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(\D|$)"
IMPOSSIBLE = {  # where the year is not first: what rules an order out
    "ymd": lambda a, b, c: (c > 31) | (c < 1) | (b > 12),
    "mdy": lambda a, b, c: (a > 12) | (b > 31),
    "dmy": lambda a, b, c: (a > 31) | (b > 12),
}


def look(text, columns, preset, place):
    """({field: dates.Written}, [(file, note)]) for the date fields that files with `columns` have."""
    kinds = {**presets.kinds(preset.table), **(presets.kinds("order_lines") if preset.table == "orders" else {})}
    ways, notes = {}, []
    for name, field in preset.all_fields.items():
        reader = FieldReader(name, kinds[name], field, columns, preset, place)
        if reader.is_there and kinds[name] in ("timestamp", "date"):
            is_birth = name == "birth_date"
            cells = text.select("source_file", "source_row", cell=reader.texts(text)[f"{name}.0"])
            cells = cells.filter(cells.cell.notnull())
            counts = _shapes(cells, is_birth)
            head = next((columns[c] for c in field.columns if c in columns), name)
            stand_ins = counts[counts["what"] == "stand-in"]
            notes += [(row.source_file, {"id": "no_real_date", "column": head, "cells": int(row.n)})
                      for row in stand_ins.itertuples()]
            ways[name] = _decide(cells, counts, preset.options, head, is_birth)
    return ways, notes


def _shapes(cells, is_birth):
    """One row per file and shape: source_file, what (a shape, "plain" or "stand-in"), n."""
    what = ibis.cases((cells.cell.re_search(THIS_CENTURY), "plain"),
                      (dates.is_stand_in(cells.cell, is_birth), "stand-in"),
                      (cells.cell.re_search(dates.PLAIN), "plain"), else_=dates.shape(cells.cell))
    counts = cells.mutate(what=what).group_by("source_file", "what").agg(n=ibis._.count())
    return counts.order_by(ibis.desc("n"), "what", "source_file").limit(MOST_SHAPES).to_pandas()


def _decide(cells, counts, options, column, is_birth):
    """dates.Written for one column."""
    found = sorted(set(counts["what"]) - {"plain", "stand-in"})
    cells = cells.filter(~dates.is_stand_in(cells.cell, is_birth))
    if found and "plain" not in set(counts["what"]) and all(re.search(dates.SERIAL, s) for s in found):
        number = cells.cell.re_extract(dates.SERIAL, 0).nullif("").try_cast("float64")
        if cells.agg(ok=number.between(20000, 60000).fill_null(False).all()).to_pandas().ok[0]:
            return dates.Written(system=options.get("date_system", "1900"))
    order = options.get("date_order", "ymd")
    if "date_order" not in options and any(re.search(PARTS, s.lstrip("'")) for s in found):
        order = _order(cells, column)
    return dates.Written(order, tuple(found), is_birth=is_birth)


def _order(cells, column):
    """The one order of day, month and year that every cell of the column allows."""
    short = cells.select("source_file", "source_row", short=cells.cell.re_replace("^'", "")).filter(ibis._.short.re_search(PARTS))
    a, b, c = (short.short.re_extract(PARTS, i).try_cast("int64") for i in (1, 2, 3))
    ruled_out = {o: rule(a, b, c) for o, rule in IMPOSSIBLE.items()}
    sound = short.mutate(**ruled_out, same=a == b).filter(~ibis.and_(*ruled_out.values()))
    row = sound.agg(**{o: sound[o].any().fill_null(False) for o in ruled_out},
                    same=sound.same.all().fill_null(True)).to_pandas().iloc[0]
    possible = [o for o in ruled_out if not row[o]]
    if len(possible) == 1 or (row.same and possible == ["mdy", "dmy"]):
        return possible[0]
    places = [_first(sound, ~sound[o] if possible else sound[o]) for o in (possible[:1] or ("mdy", "dmy"))]
    at = f"{' and '.join(places)}, column `{column}`"
    if possible:
        raise errors.ShindanError(
            errors.INPUT_INVALID, "Nothing in this column tells day from month (1/5/2024) / 日と月の順が決められません: "
            + ", ".join(possible), at, "say it under this source in client.yaml, e.g. `options: {date_order: dmy}` "
            f"(one of {', '.join(dates.ORDERS)}) / client.yaml のその source に、年月日の順を options: で書く")
    raise errors.ShindanError(
        errors.INPUT_INVALID, "Day and month stand in one order in some rows and in the other in others "
        "/ 日と月の順が行によって違います", at, "export again with one way of writing dates (best 2025-12-31), or cut the "
        "file into one source for each way, with its own `options: {date_order: …}` / 書き方を揃えて出力してもらうか、"
        "書き方ごとにファイルを分ける")


def _first(rows, which):
    """Where the first of `rows` stands."""
    row = rows.filter(which).order_by("source_file", "source_row").limit(1).to_pandas().iloc[0]
    return f"raw/{row.source_file}, row {row.source_row}"
