"""Columns to CSV text, many rows at once, quoted as PHP's fputcsv does."""

import datetime
import functools
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shindan.demo import catalogue as cat


def _ends_in_backslash():
    """The characters whose second CP932 byte is 0x5C: PHP sees a backslash there and quotes."""
    found = (bytes([lead, 0x5C]).decode("cp932", "ignore") for lead in range(0x81, 0xFD))
    return "".join(ch for ch in found if len(ch) == 1)


QUOTED = '[,"\\n\\r\\t \\\\' + re.escape(_ends_in_backslash()) + "]"


def rows(columns):
    """The CSV text of equally long columns; a plain string stands for a constant column."""
    length = next(len(column) for column in columns if not isinstance(column, str))
    if not length:
        return ""
    joined = pc.binary_join_element_wise(*[_quoted(column) for column in columns], ",")
    return "\n".join(joined.to_pylist()) + "\n"


def header(names):
    return ",".join(_quoted(name).as_py() for name in names) + "\n"


def _quoted(column):
    if isinstance(column, str):
        needs = re.search(QUOTED, column)
        return pa.scalar('"' + column.replace('"', '""') + '"' if needs else column)
    text = pa.array(column, pa.string())
    needs = pc.match_substring_regex(text, QUOTED)
    if not pc.any(needs).as_py():
        return text
    inner = pc.replace_substring(text, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise('"', inner, '"', ""), text)


def whole(numbers):
    """Whole numbers as text."""
    return pa.array(np.asarray(numbers, dtype=np.int64)).cast(pa.string())


def yen(amounts):
    """Whole yen as the cart writes them: 1980.00."""
    return pc.binary_join_element_wise(whole(amounts), ".00", "")


def dates(days, form="%Y-%m-%d"):
    """Days from START as text; a negative day is blank."""
    days = np.asarray(days, dtype=np.int64)
    first, last = days.min(initial=0), days.max(initial=0)
    names = [f"{cat.FIRST_DATE + datetime.timedelta(days=int(day)):{form}}" if day >= 0 else ""
             for day in range(first, last + 1)]
    return pick(names, days - first)


def stamps(days, seconds):
    """Days from START and seconds of the day as the cart writes them; a negative day is blank."""
    known = np.asarray(days, dtype=np.int64) >= 0
    return where(known, pc.binary_join_element_wise(dates(days), pick(_times(), seconds), " "))


@functools.cache
def _times():
    """The 86,400 seconds of a day as text."""
    pairs = [f"{n:02d}" for n in range(60)]
    return [f"{hour}:{minute}:{second}" for hour in pairs[:24] for minute in pairs for second in pairs]


def where(mask, text, other=""):
    """`text` (an array or one string) where the mask holds, else `other`."""
    text = text if isinstance(text, str) else pa.array(text, pa.string())
    return pc.if_else(pa.array(np.asarray(mask, dtype=bool)), text, other)


def pick(choices, places):
    """The chosen words: choices[place] for every row."""
    return pa.array(list(choices), pa.string()).take(pa.array(np.asarray(places, dtype=np.int64)))
