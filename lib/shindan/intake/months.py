"""Months as people head columns with them: 4月, 2024年4月, 令和6年4月分, 2024/4, Apr-24, and the year said elsewhere.

A month without a year takes it from the label over it or before it (2024年度, 令和6年), and goes on from
December to January.
"""

import dataclasses
import itertools
import re

from shindan.characters import fold

ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PLAIN = re.compile(r"(?:(?P<year>\d{4}|'?\d{2})[年/.-])?(?P<month>\d{1,2})月(?:分|度|実績)?")
DIGITS = re.compile(r"(?P<year>20\d{2})(?:[/.-](?P<month>\d{1,2})(?:[/.-]0?1)?(?:0{1,2}:00(?::00)?)?|(?P<packed>\d{2}))")
ERA = re.compile(r"(?P<era>令和|平成|R|H)(?P<year>\d{1,2}|元)[年.](?P<month>\d{1,2})月?(?:分|度)?")
ENGLISH = re.compile(rf"(?P<name>{'|'.join(NAMES)})[a-z]*[-.' ]*(?P<year>\d{{4}}|\d{{2}})", re.I)
YEAR = re.compile(r"(?P<year>20\d{2})年(?!\d)(?P<fiscal>度)?|(?P<era>令和|R)(?P<count>\d{1,2}|元)年(?!\d)(?P<fiscal_too>度)?")
START = re.compile(r"(?P<year>20\d{2})年(?P<month>\d{1,2})月[~-]")
LABEL = re.compile(r"(?:FY)?20\d{2}(?:年度?)?|(?:令和|R)(?:\d{1,2}|元)年度?", re.I)
BARE_YEAR = re.compile(r"(?<!\d)(?P<year>20\d{2})(?!\d)")


@dataclasses.dataclass(frozen=True)
class Year:
    """A year a label says: 2024年, or 2024年度, whose January to March are of the next."""

    number: int
    is_fiscal: bool = False


def month_of(cell):
    """(year or None, month) of a cell that names a month and nothing else, else None."""
    text = fold(cell)
    if m := ERA.fullmatch(text):
        return _sound(ERAS[m["era"]] + (1 if m["year"] == "元" else int(m["year"])), int(m["month"]))
    if m := PLAIN.fullmatch(text):
        year = m["year"].lstrip("'") if m["year"] else None
        return _sound(int(year) + (2000 if len(year) == 2 else 0) if year else None, int(m["month"]))
    if m := DIGITS.fullmatch(text):
        return _sound(int(m["year"]), int(m["month"] or m["packed"]))
    if m := ENGLISH.fullmatch(text):
        return _sound(int(m["year"]) % 100 + 2000, NAMES.index(m["name"].lower()) + 1)
    return None


def _sound(year, month):
    return (year, month) if 1 <= month <= 12 else None


def year_of(text, bare=False):
    """The Year a label, a title or (`bare`: 広告費_2024.xlsx) a name says, else None."""
    text = fold(text)
    if m := YEAR.search(text):
        number = int(m["year"]) if m["year"] else ERAS[m["era"]] + (1 if m["count"] == "元" else int(m["count"]))
        return Year(number, bool(m["fiscal"] or m["fiscal_too"]))
    m = BARE_YEAR.search(text) if bare else None
    return Year(int(m["year"]), "年度" in text or "FY" in text.upper()) if m else None


def label_of(cell):
    """The Year of a cell that says a year and nothing else, else None."""
    return year_of(cell, bare=True) if LABEL.fullmatch(fold(cell)) else None


def start_of(text):
    """(year, month) of a period's beginning, 2024年4月～2025年3月, else None."""
    m = START.search(fold(text).replace("～", "~"))
    return _sound(int(m["year"]), int(m["month"])) if m else None


def dated(cells, labels):
    """`cells` [(year or None, month)] in their order, with their years; None where nobody says the first one.

    `labels`: the Year said of each cell, or None. A label begins its year at the first cell under it.
    The newest month may stand first.
    """
    out, year, last = [], None, None
    back = _go_back([month for _, month in cells])
    for place, (own, month) in enumerate(cells):
        label = labels[place]
        if own:
            year = own
        elif label and (place == 0 or label != labels[place - 1]):
            group = [m for (_, m), said in zip(cells, labels, strict=True) if said == label]
            year = label.number + (label.is_fiscal and (month if back else max(group)) < 4)
        elif year and (month > last if back else month < last):
            year += -1 if back else 1
        if not year:
            return None
        out.append((year, month))
        last = month
    return out


def _go_back(numbers):
    """True for months whose newest stands first."""
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    return -1 in steps and 1 not in steps


def repeats(cells, labels):
    """True where a month comes back though its year did not end: 4月 5月 6月 4月 5月 6月."""
    seen, last = set(), None
    for (own, month), label in zip(cells, labels, strict=True):
        if (own or label, month) in seen and (own or last % 12 + 1 != month):
            return True
        seen.add((own or label, month))
        last = month
    return False
