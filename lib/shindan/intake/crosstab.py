"""A cross-tab of costs typed by hand, 媒体 × 月 or 月 × 媒体, as one row for each cell: 月, 媒体, 金額, 単位.

Months stand across or down (a table of months down is turned, then read the same way); the year in
their cells, over them, in the title or in the name of sheet or file; 広告費 and 件数 may stand under each
month. What a merged cell says holds for the blank ones behind it; a blank amount is 0 in a month of which
another medium tells. 小計 is left out; the last 合計 becomes rows of 合計, against which the others are held
(totals.py).
"""

import dataclasses
import itertools
import re

from shindan import money
from shindan.characters import fold
from shindan.intake import header, months

MEDIUM, MONTH, AMOUNT, UNIT, TOTAL = "媒体", "月", "金額", "単位", "合計"
IS_TOTAL = re.compile(r"(計|^total)[)\]】]?(\(.*\))?:?$|^[(\[【]?(合|総)計", re.I)
GRAND = re.compile(r"合計|総計|^計|total", re.I)
IS_MEDIUM = re.compile(r"媒体|チャネル|チャンネル|channel|広告|項目|費目", re.I)
COST = "広告費|費用|コスト|金額|実績|利用額|cost|spend"
END = r"(\(.*)?$"         # of a name: 件数, 件数(新規)
NO_COST = re.compile(rf"(数|件|単価|率|比|売上[高額]?|売上金額|予算|計画|目標|税|クリック|clicks?|CP[AOMC]|CVR?|ROAS|備考|メモ|摘要|差異?|差額|利益|粗利|平均){END}"
                     rf"|^(新規|既存|リピート|顧客|会員|注文|受注){END}|^うち|^内訳|前年|昨年|インプレ|^imp", re.I)
UNITS = {"千円": "1000", "万円": "10000", "百万円": "1000000"}
UNIT_SAID, UNIT_IN_BRACKETS = re.compile(rf"単位:?({'|'.join(UNITS)})"), re.compile(rf"[(\[]({'|'.join(UNITS)})[)\]]")
A_NUMBER = re.compile(r"[-△▲(¥\\]*\d[\d,.]*円?\)?")
LONGEST_WORD = 8        # over months: 前年実績
FEWEST = 2              # months, or media beside months


@dataclasses.dataclass(frozen=True)
class Table:
    """What a cross-tab says: `rows` [(row number, cells of `columns`)]; `header`: the row number of its head.

    `left_out`: names of what is no cost (件数, CPA); `has_tax`: the sheet says 税込; `dated`: it says its years.
    """

    header: int
    columns: tuple
    rows: tuple
    left_out: tuple
    has_tax: bool
    dated: bool


@dataclasses.dataclass(frozen=True)
class Block:
    """Months across: `rows` from their row on, `years` of its columns, `top` and `turned` for row numbers.

    `apart`: what stands over months that are no costs, 予算, 前年.
    """

    rows: tuple
    years: tuple
    top: int
    turned: bool
    apart: tuple = ()

    @property
    def found(self):
        """{column: (year or None, month)} of the month row."""
        return {c: m for c, cell in enumerate(self.rows[0]) if (m := months.month_of(cell))}

    def number(self, row, column):
        """The row number in the sheet of a cell of the block."""
        return self.top + 1 + (column if self.turned else row)


def look(rows, names=(), first_month=None):
    """The Table in the rows of a sheet, or None. `names`: of sheet and file; `first_month`: (year, month) of the first."""
    width = max(map(len, rows), default=0)
    rows = [tuple(row) + ("",) * (width - len(row)) for row in rows]
    block = _across(rows) or _down(rows)
    if block is None or _repeats(block):
        return None
    above = [cell for row in rows[:block.top + 1] for cell in row]
    said = next((y for cell in above if (y := months.year_of(cell))), None) or next(
        (y for name in names if name and (y := months.year_of(name, bare=True))), None)
    first_month = first_month or next((m for cell in above if (m := months.start_of(cell))), None)
    return _table(block, said, first_month, _unit(rows, above), any("税込" in cell for cell in above))


def _unit(rows, above):
    """What an amount of 1 is worth: 単位：千円 anywhere on the sheet, (千円) above the amounts."""
    told = [m for row in rows for cell in row if (m := UNIT_SAID.search(fold(cell)))]
    told += [m for cell in above if (m := UNIT_IN_BRACKETS.search(fold(cell)))]
    return UNITS[told[0][1]] if told else "1"


def _own_unit(medium):
    """What an amount of 1 is worth in the row of a medium that says so, Google(千円), else None."""
    said = UNIT_IN_BRACKETS.search(fold(medium))
    return UNITS[said[1]] if said else None


def _across(rows):
    """The block of the first row that names months, with amounts below them."""
    for r in range(min(len(rows), header.SEARCHED_ROWS)):
        head, apart = _costs_only(rows[r], rows[r - 1] if r else ())
        block = Block((head, *rows[r + 1:]), _forward(rows[r - 1] if r else ()), r, False, apart)
        found = block.found
        if len(set(found.values())) >= FEWEST and min(found) > 0 and _numbers(rows[r + 1:], found) >= FEWEST:
            return block
    return None


def _costs_only(head, above):
    """(the row of months, those under 予算 or 前年 called so; what they are called)."""
    first = next((c for c, cell in enumerate(head) if months.month_of(cell)), len(head))
    words = itertools.accumulate(("" if c < first else fold(x) for c, x in enumerate(above)), lambda old, new: new or old)
    named = [w if len(w) <= LONGEST_WORD and NO_COST.search(w) and months.month_of(x) else x
             for w, x in itertools.zip_longest(words, head, fillvalue="")][:len(head)]
    if not any(map(months.month_of, named)):
        return tuple(head), ()
    return tuple(named), tuple(dict.fromkeys(n for n, x in zip(named, head, strict=True) if n != x))


def _repeats(block):
    """True where the same month heads two columns that are not one month's 広告費, 件数 …"""
    found, under = block.found, _under(block, block.found)
    columns = [c for c, before in zip(found, [None, *found], strict=False)
               if not (under and before is not None and found[c] == found[before])]
    return months.repeats([found[c] for c in columns], [block.years[c] if c < len(block.years) else None for c in columns])


def _down(rows):
    """The block of the first column that names months, each once in a row, with two media or more beside it."""
    turned = list(zip(*rows, strict=True))
    for c, column in enumerate(turned[:4]):
        found = [(r, m) for r, cell in enumerate(column) if (m := months.month_of(cell))]
        if len(found) < FEWEST or any(a == b for (_, a), (_, b) in itertools.pairwise(found)):
            continue
        head = next((r for r in range(found[0][0] - 1, -1, -1) if any(x.strip() for x in rows[r][c + 1:])), None)
        if head is None:
            continue
        years = tuple(own if months.label_of(own) else left for own, left in zip(column, turned[c - 1] if c else column, strict=True))
        block = Block(tuple(col[head:] for col in turned[c:]), _forward(years[head:]), head, True)
        media = [col for col in block.rows[1:] if _is_medium(col[0]) and any(A_NUMBER.fullmatch(fold(x)) for x in col[1:])]
        if any(_holds_names(col) for col in block.rows[1:]):
            return None
        if len(media) >= FEWEST:
            over = {months.label_of(x) for x in rows[head - 1][c + 1:]} - {None} if head else ()
            return block if len(over) < FEWEST else Block(
                tuple(col[head - 1:] for col in turned[c:]), _forward(years[head - 1:]), head - 1, True)
    return None


def _holds_names(column):
    """True for a column of words: the table is a list, whose rows name their medium."""
    words = [x for x in map(fold, column[1:]) if x not in money.BLANKS and not A_NUMBER.fullmatch(x)]
    return len(words) >= FEWEST and not NO_COST.search(fold(column[0]))


def _forward(cells):
    """The Year each cell says, or the one before it said."""
    return tuple(itertools.accumulate((months.year_of(c, bare=len(fold(c)) <= len("FY2024")) for c in cells), lambda old, new: new or old))


def _numbers(rows, columns):
    return sum(bool(A_NUMBER.fullmatch(fold(row[c]))) for row in rows for c in columns)


def _is_medium(name):
    """True for the name of a medium: no total, no count, more than the word 広告費."""
    name = fold(name)
    bare = re.sub(r"\(.*?\)", "", name)
    return bool(name) and not (IS_TOTAL.search(name) or NO_COST.search(name) or re.fullmatch(COST, bare, re.I))


def _table(block, said, first_month, unit, has_tax):
    """The Table of a block, whose year is `said` outside it (or client.yaml's `first_month`)."""
    found = block.found
    under = _under(block, found)
    height, place = 2 if under else 1, _places(block, found, under)
    heads = _heads(block, min(found), height)
    years = _row_years(block, heads, height)
    dates = {y: _dates(block, found, said, first_month, y) for y in {None, *years}}
    used, total, left_out = _body(block, heads, height, place)
    values = tuple(dict.fromkeys(under[c] for c in place)) if under else (AMOUNT,)
    spent = {place[c] for c in place for _, _, cells in used if A_NUMBER.fullmatch(fold(cells[c]))}
    costs = [(i, month, labels, dates[years[i]].get(month, ""), [told.get(v, "") for v in values])
             for i, labels, cells in (*used, *total) for month, told in _told(cells, place, under, spent)]
    last = [c for c, cell in enumerate(block.rows[0]) if IS_TOTAL.search(fold(cell))][-1:]
    if last and not (total or under):
        costs += [(i, last[0], labels, TOTAL, [cells[last[0]]]) for i, labels, cells in used]
    others = [name for name in heads.values() if name != MEDIUM]
    columns = header.unique([MEDIUM, MONTH, UNIT, *values, *others])
    rows = [(block.number(i, month), (medium, date, _own_unit(medium) or unit, *told, *more)) for i, month, (*more, medium), date, told in costs]
    return Table(block.top + (1 if block.turned else height), columns, tuple(rows), (*block.apart, *left_out), has_tax,
                 all(dates[years[i]] for i, *_ in used))


def _under(block, found):
    """{column: name} of 広告費, 件数 … in the row below the months; empty where it holds amounts."""
    names = {c: cell.strip() for c, cell in enumerate(block.rows[1]) if c >= min(found) and cell.strip()}
    if len(names) < len(found) or any(A_NUMBER.fullmatch(fold(n)) for n in names.values()):
        return {}
    costs = {n for n in names.values() if re.search(COST, fold(n), re.I) and not NO_COST.search(fold(n))}
    return {c: AMOUNT if costs == {n} else n for c, n in names.items()}


def _places(block, found, under):
    """{column: the month's column it stands under}."""
    place, month = {}, None
    for c, head in enumerate(block.rows[0]):
        month = c if c in found else None if head.strip() else month
        if month is not None and (c in under if under else c in found):
            place[c] = month
    return place


def _heads(block, first, height):
    """{column: name} of what stands before the months; one of them is the medium, the last if none is called so."""
    names = {c: next((row[c].strip() for row in block.rows[:height] if row[c].strip()), f"({c + 1})") for c in range(first)}
    names = {c: n for c, n in names.items() if not NO_COST.search(fold(n))}
    medium = next((c for c, n in names.items() if IS_MEDIUM.search(fold(n))), max(names, default=None))
    return {c: MEDIUM if c == medium else n for c, n in names.items()}


def _row_years(block, heads, height):
    """The Year each row says before its amounts, or a row above it said (2023年度 over its media), else None."""
    told = (next((y for c in heads if (y := months.label_of(cells[c]))), None) for cells in block.rows[height:])
    return [None] * height + list(itertools.accumulate(told, lambda old, new: new or old))


def _dates(block, found, said, first_month, own):
    """{column: 2024年4月}, of the year that a row says itself if it does; empty where nobody says one."""
    cells, labels = list(found.values()), [own or (block.years[c] if c < len(block.years) else None) or said for c in found]
    if first_month and not own and cells[0][1] == first_month[1]:
        cells[0], labels = first_month, [None] * len(cells)
    dates = months.dated(cells, labels) or ()
    return {c: f"{year}年{month}月" for c, (year, month) in zip(found, dates, strict=False)}


def _body(block, heads, height, place):
    """(used, total, left out): [(row, labels, cells)] of the costs, of the 合計 under them; names of what is none.

    What stands behind the last 合計 is no part of it.
    """
    used, totals, left_out, above = [], [], [], {}
    for i, cells in enumerate(block.rows[height:], start=height):
        own = {c: cells[c].strip() for c in heads}
        above = {c: own[c] or (above.get(c, "") if any(own[right] for right in heads if right > c) else "") for c in heads}
        if not any(cells[c].strip() for c in place):
            continue
        said = " ".join(filter(None, own.values()))
        if any(IS_TOTAL.search(fold(n)) for n in own.values()):
            totals.append((i, (*("" for _ in heads if heads[_] != MEDIUM), TOTAL), cells, bool(GRAND.search(fold(said))), said))
        elif any(NO_COST.search(fold(n)) for n in own.values()):
            left_out.append(said)
        else:
            used.append((i, _labels(heads, above), cells))
    end = max((t[0] for t in totals if t[3]), default=0)
    behind = [u for u in used if u[0] > end] if used and used[0][0] < end else []
    used, left_out = [u for u in used if u not in behind], left_out + [u[1][-1] for u in behind]
    return used, _grand_total(totals, used), left_out


def _grand_total(totals, used):
    """[the total of all]: the 総計, else the first 合計 under the last cost, or the one above them all."""
    grand = [t for t in totals if t[3]]
    under = [t for t in grand if used and t[0] > used[-1][0]] or grand
    return [t[:3] for t in sorted(under, key=lambda t: "総" not in t[4])[:1]]


def _labels(heads, named):
    """The labels of a row, the medium last; a row that names no medium is called by what it does name."""
    medium = next((named[c] for c in heads if heads[c] == MEDIUM), "")
    others = [named[c] for c in heads if heads[c] != MEDIUM]
    return (*others, medium or next((n for n in reversed(others) if n), ""))


def _told(cells, place, under, spent):
    """[(month's column, {name of the value: cell})] of a row; nothing in a month of which others tell (`spent`) is 0."""
    for month, columns in itertools.groupby(place, key=place.get):
        told = {under.get(c, AMOUNT): cells[c] for c in columns}
        if month in spent and fold(told.get(AMOUNT, "0")) in money.BLANKS:
            told[AMOUNT] = "0"
        if any(cell.strip() for cell in told.values()):
            yield month, told
