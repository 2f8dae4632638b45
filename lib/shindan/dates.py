"""Dates and times as people write them -> timestamps, as column expressions (Ibis, any engine).

2024-01-05 · 2024/1/5 9:05 · 2024年1月5日 10時11分 · 令和6年1月5日 · R6.1.5 · 2024年1月 · 20240105 ·
Jan 5, 2024 · 24:05 (the next day) · 午後3:05 · 2024-01-05T10:11:12+09:00 · GMT+9 · full width ·
Excel's serial numbers. The order of day and month is given for a column, never guessed for a cell.
"""

import dataclasses
import datetime
import functools
import re
import zoneinfo

import ibis

from shindan.characters import half_width, narrow

ORDERS = ("ymd", "mdy", "dmy")
LAST_YEAR = 2040        # of the known changes of clocks
SYSTEMS = {"1900": datetime.datetime(1899, 12, 30), "1904": datetime.datetime(1904, 1, 1)}
MONTH = r"^(\d{4})[-/.年] ?(\d{1,2})月?$"
# a cell that stands for "no date": 0000-00-00, 1900/01/00, 1970-01-01 (nought in Unix time), 9999/12/31
STAND_IN = (r"^(0000|0001|1899|1900|2[1-9]\d\d|[3-9]\d{3})([-/.年]|\d{4}(\D|$))"
            r"|^0+([-/.:]0+)*( 0+(:0+)*)?$|^0?1/[01]/1900|^12/3[01]/9999|^3[01]/12/9999")
UNIX_ZERO = r"^1970[-/.年]0?1[-/.月]0?1(\D|$)|^19700101(\D|$)|^0?1/0?1/(19)?70(\D|$)"
PLAIN = r"^\d{4}(-\d{2}-\d{2}|/\d{1,2}/\d{1,2})( \d{1,2}:\d{2}(:\d{2})?)?$"
SERIAL = r"^\d{1,5}(\.\d+)?$"
NO_YEAR_FIRST = r"^\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})(\D|$)"

_READY = r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?$"
_DONE = r"^\d{4}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2})?)?$"
_LATE = r"^(\d{4}-\d{1,2}-\d{1,2}) (2[4-9]):(\d{1,2}):?(\d{0,2})$"
_OFFSET = (r"^(.*\d[:時]\d{1,2}.*?) ?"
           r"(Z|JST|(?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}(?::?\d{2})?)$")
_TEXT, _ZONE, _UTC = "date text", "date zone", "date utc"  # columns on the way
_ERA_YEAR = r"^([RHSTM])(\d{1,2})-"
_ERAS = {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIDY = (                                     # (pattern, replacement), in this order
    (r"^[‘’']", ""),
    (r" +", " "),
    (r" ?\([日月火水木金土](曜日?)?(・?祝)?\)", " "),
    (r"(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", ""),
    (r"^(\d{4})年? ?\((㋿|㍻|㍼|令和|平成|昭和|[RHS])[^()]*\)年?", r"\1年"),
    (r"^(㋿|令和)", "R"), (r"^(㍻|平成)", "H"), (r"^(㍼|昭和)", "S"),
    (r"^(㍽|大正)", "T"), (r"^(㍾|明治)", "M"),
    (r"^([RHSTM])\.? ?元", r"\1 01"),
    (r"^([RHSTM])\.? ?(\d{1,2})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?[T ]*", r"\1\2-\3-\4 "),
    (r"^([RHSTM])\.? ?(\d{1,2})[-/.年] ?(\d{1,2})月?$", r"\1\2-\3-1"),
    (r"^(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})", r"\1-\2-\3 \4:\5:\6"),
    (r"^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$", r"\1-\2-\3 \4:\5"),
    (r"^(\d{4})(\d{2})(\d{2})(T| |$)", r"\1-\2-\3 "),
    (MONTH, r"\1-\2-1"),
    (r"^(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?[T ]*", r"\1-\2-\3 "),
    (r"(?i)^([a-z]{3})[a-z]*\.? ?(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4}),?", r"\3-\1-\2"),
    (r"(?i)^(\d{1,2})[- ]([a-z]{3})[a-z]*\.?[- ,]+(\d{4}|\d{2})(\D|$)", r"\3-\2-\1\4"),
    *((rf"(?i)^(\d{{2,4}})-{name}-", rf"\1-{number}-") for number, name in enumerate(_MONTHS, 1)),
)
_TIMES = (
    (r"(\d) ?時 ?(\d{1,2}) ?分 ?(\d{1,2}) ?秒", r"\1:\2:\3"),
    (r"(\d) ?時 ?(\d{1,2}) ?分?$", r"\1:\2"),
    (r"(\d) ?時$", r"\1:00"),
    (r"(:\d{2})[.,]\d+", r"\1"),
    (r"^(\d+-\d+-\d+) (\d{1,2})(\d{2})(\d{2})$", r"\1 \2:\3:\4"),
    (r"(午前|午後) ?(\d[\d:]*)$", r"\2 \1"),
    (r"(?i) ?(午前|a\.?m\.?)$", " AM"),
    (r"(?i) ?(午後|p\.?m\.?)$", " PM"),
    (r",? +", " "),
)
_TURNED = {                                   # where the year is last, or has two digits
    "ymd": ((r"^(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(\D|$)", r"\1-\2-\3\4"),),
    "mdy": ((r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(\D|$)", r"\3-\1-\2\4"),),
    "dmy": ((r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(\D|$)", r"\3-\2-\1\4"),),
}
_CENTURY = ((r"^(\d{2})-(\d)", r"20\1-\2"), (r"^20([7-9]\d)-(\d)", r"19\1-\2"))


@dataclasses.dataclass(frozen=True)
class Written:
    """How a column writes its dates.

    `order`: where the year is not first, ymd (two digits), mdy or dmy. `shapes`: every shape its
    cells have beside plain dates (see `shape`); the expression holds the steps that one of them
    needs. `system`: 1900 or 1904 where every cell is an Excel serial number. `is_birth`:
    1970-01-01 is a day like any other.
    """

    order: str = "ymd"
    shapes: tuple[str, ...] = ()
    system: str | None = None
    is_birth: bool = False


def shape(column):
    """The shape of a cell, an expression: 24/1/5 9:05 -> 99/9/9 9:99."""
    return half_width(column).strip().translate("012345678", "9" * 9)


def parse(table, column, into, written, zone="Asia/Tokyo", source_zone=None):
    """`table` with column `into`: naive local time in `zone`; null where the text is no date.

    Cells that carry an offset are converted; cells without are times in `source_zone` (default:
    `zone`).
    """
    text = table[column]
    if written.system:
        simple = from_serial(text, written.system)
    else:
        simple = ibis.coalesce(text.re_extract(_READY, 0).try_cast("timestamp"),
                               text.re_extract(PLAIN, 0).replace("/", "-").try_cast("timestamp"))
    if not written.shapes:
        simple = simple if written.system else ibis.coalesce(simple, _late(text.replace("/", "-")))
        table = table.mutate(**{into: ibis.cases((~is_stand_in(text, written.is_birth), simple))})
        return _moved_column(table, into, source_zone, zone)
    steps, has_offset, left = steps_for(written)
    table = table.mutate(**{_TEXT: half_width(text).strip()})
    offset = table[_TEXT].re_extract(_OFFSET, 2) if has_offset else ibis.literal("")
    text = table[_TEXT].re_replace(_OFFSET, r"\1") if has_offset else table[_TEXT]
    for pattern, replacement in steps:
        text = text.re_replace(pattern, replacement)
    table = table.mutate(**{_TEXT: text.strip(), _ZONE: offset})
    if any(re.search(_ERA_YEAR, each) for each in left):
        table = table.mutate(**{_TEXT: _western(table[_TEXT])})
    stamp = _stamp(table[_TEXT], any(each.endswith(("AM", "PM")) for each in left))
    stamp = ibis.cases((~is_stand_in(table[column], written.is_birth), ibis.coalesce(simple, stamp)))
    table = table.mutate(**{into: stamp})
    if not has_offset:
        return _moved_column(table, into, source_zone, zone).drop(_TEXT, _ZONE)
    table = table.mutate(**{_UTC: table[into] - _minutes(table[_ZONE]).as_interval("m")})
    here = ibis.cases((table[_ZONE] == "", _moved(table[into], source_zone, zone)),
                      else_=to_zone(table[_UTC], zone))
    return table.mutate(**{into: here}).drop(_TEXT, _ZONE, _UTC)


def steps_for(written):
    """(the steps that change any of the shapes, whether an offset is among them, what is left)."""
    steps = (*_TIDY, *_TURNED[written.order], *_CENTURY, *_TIMES)
    shapes = [narrow(each).strip() for each in written.shapes]
    left = [re.sub(_OFFSET, r"\1", each) for each in shapes]
    has_offset, kept = left != shapes, []
    for pattern, replacement in steps:
        done = [re.sub(pattern, replacement, each) for each in left]
        if done != left:
            kept.append((pattern, replacement))
        left = done
    return kept, has_offset, left


def _stamp(text, has_halves):
    """A tidied text -> timestamp; `has_halves`: some end in AM or PM."""
    exact = text.re_replace(r" [AP]M$", "").re_extract(_DONE, 0).try_cast("timestamp")
    if has_halves:
        hours = ibis.cases(
            (text.re_search(r" (0?\d|1[01]):.*PM$"), 12), (text.re_search(r" 12:.*AM$"), -12), else_=0)
        exact = exact + hours.cast("int64").as_interval("h")
    return ibis.coalesce(exact, _late(text))


def _western(text):
    """"R6-1-5" -> "2024-1-5"."""
    era = text.re_extract(_ERA_YEAR, 1)
    base = era.substitute({k: str(v) for k, v in _ERAS.items()}, else_=ibis.null("string")).try_cast("int64")
    year = base + text.re_extract(_ERA_YEAR, 2).try_cast("int64")
    return ibis.coalesce(year.cast("string") + "-" + text.re_replace(_ERA_YEAR, ""), text)


def _late(text):
    """Hours 24 to 29 belong to the next day: 24:05 is five past midnight."""
    hours, minutes, seconds = (
        text.re_extract(_LATE, i).nullif("").try_cast("int64").fill_null(0) for i in (2, 3, 4))
    day = text.re_extract(_LATE, 1).nullif("").try_cast("timestamp")
    return day + ((hours * 60 + minutes) * 60 + seconds).as_interval("s")


def from_serial(column, system="1900"):
    """Excel serial numbers (text) -> timestamps, to the second; null outside 20000 to 60000."""
    number = column.re_extract(SERIAL, 0).nullif("").try_cast("decimal(18, 8)")
    seconds = (number * 86400).round().cast("int64").as_interval("s")
    return ibis.cases((number.between(20000, 60000), ibis.literal(SYSTEMS[system]) + seconds))


def is_stand_in(column, is_birth=False):
    """True where a cell stands for "no date": nought, 1900, the start of Unix time, 9999."""
    return column.re_search(STAND_IN if is_birth else f"{STAND_IN}|{UNIX_ZERO}")


def is_month(column):
    """True where a cell names a month and no day: 2024年1月, 2024/1, 2024-01."""
    return half_width(column).strip().re_search(MONTH)


def _minutes(offset):
    """"+09:00", "GMT+9", "JST" -> 540; "Z", "UTC" and "" -> 0."""
    offset = offset.replace("JST", "+09:00")
    hours = offset.re_extract(r"[+-](\d{1,2})", 1).nullif("").try_cast("int64").fill_null(0)
    minutes = offset.re_extract(r"[+-]\d{2}:?(\d{2})$", 1).nullif("").try_cast("int64").fill_null(0)
    sign = ibis.cases((offset.contains("-"), -1), else_=1)
    return sign * (hours * 60 + minutes)


def _moved_column(table, name, source_zone, zone):
    same = not source_zone or source_zone == zone
    return table if same else table.mutate(**{name: _moved(table[name], source_zone, zone)})


def _moved(local, source_zone, zone):
    """Naive times of one zone -> of another."""
    if not source_zone or source_zone == zone:
        return local
    return to_zone(from_zone(local, source_zone), zone)


def to_zone(utc, zone):
    """Naive UTC timestamps -> naive local time in `zone`."""
    return utc + _offset_of(utc, _changes(zone), local=False).as_interval("m")


def from_zone(local, zone):
    """Naive local timestamps in `zone` -> naive UTC."""
    return local - _offset_of(local, _changes(zone), local=True).as_interval("m")


def _offset_of(stamps, changes, local):
    """The zone's offset in minutes at each stamp: of the year's start, then of its changes."""
    (_, minutes), *rest = changes
    if not rest:
        return ibis.literal(minutes, "int64")
    moments = {}
    for instant, after in rest:
        at = instant + datetime.timedelta(minutes=after if local else 0)
        moments.setdefault(at.year, []).append((ibis.literal(at), after))
    before, starts = minutes, []
    for year in range(min(moments), LAST_YEAR + 1):
        starts.append((year, before))
        before = moments.get(year, [(None, before)])[-1][1]
    offset = stamps.year().cases(*starts, else_=minutes)
    for place in range(max(map(len, moments.values()))):
        here = [(year, found[place]) for year, found in moments.items() if place < len(found)]
        at = stamps.year().cases(*((year, when) for year, (when, _) in here))
        after = stamps.year().cases(*((year, then) for year, (_, then) in here))
        offset = ibis.cases((stamps >= at, after), else_=offset)
    return offset.cast("int64")


@functools.cache
def _changes(zone):
    """[(UTC instant, offset in minutes from then on)] of a zone, 1995 to 2040."""
    info = zoneinfo.ZoneInfo(zone)
    hour = datetime.timedelta(hours=1)
    now, end = datetime.datetime(1995, 1, 1), datetime.datetime(LAST_YEAR, 1, 1)
    changes = [(now, _offset_minutes(info, now))]
    while now < end:
        later = now + datetime.timedelta(days=7)
        if _offset_minutes(info, later) != changes[-1][1]:
            while _offset_minutes(info, now) == changes[-1][1]:
                now += hour
            changes.append((now, _offset_minutes(info, now)))
        now = later if now < later else now
    return changes


def _offset_minutes(info, utc):
    at = utc.replace(tzinfo=datetime.UTC).astimezone(info)
    return int(at.utcoffset().total_seconds() // 60)


def standard_tax_percent(date):
    """Japan's standard consumption tax on a date column: 10 from 2019-10, 8 from 2014-04, else 5."""
    return ibis.cases((date >= ibis.literal(datetime.date(2019, 10, 1)), 10),
                      (date >= ibis.literal(datetime.date(2014, 4, 1)), 8), else_=5).cast("int64")
