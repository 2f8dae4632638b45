"""Dates and times as people write them -> timestamps, as column expressions (Ibis, any engine).

2024-01-05 · 2024/1/5 9:05 · 2024年1月5日 10時11分 · 2024年1月 · 20240105 · 2024.01.05 ·
2024-01-05T10:11:12+09:00 · full width · what Excel stores. A year comes with four digits; the
order of day and month is given for a column, never guessed for a cell.
"""

import datetime
import functools
import zoneinfo

import ibis

from shindan.characters import half_width

ORDERS = {
    "ymd": None,
    "mdy": (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", r"\3-\1-\2"),
    "dmy": (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", r"\3-\2-\1"),
}
NEVER = ("0000-00-00", "0000-00-00 00:00:00", "0000/00/00", "1900/01/00")
MONTH = r"^(\d{4})[-/.年] ?(\d{1,2})月?$"
_READY = r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?$"
_DONE = r"^\d{4}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2})?)?$"
_OFFSET = r"(:\d{2}(?:\.\d+)?) ?(Z|UTC|[+-]\d{2}:?\d{2})$"


def parse_timestamp(column, order="ymd", zone="Asia/Tokyo", source_zone=None):
    """A text column -> naive local time in `zone`; null where the cell is no date.

    Cells that carry an offset are converted; cells without are times in `source_zone` (default:
    `zone`). `order` is ymd, mdy or dmy.
    """
    ready = column.re_extract(_READY, 0).try_cast("timestamp")
    text = half_width(column).strip()
    offset = text.re_extract(_OFFSET, 2)
    written = _spelled_out(text.re_replace(_OFFSET, r"\1"), order).re_extract(_DONE, 0).try_cast("timestamp")
    naive = ibis.cases((offset == "", ibis.coalesce(ready, written)))
    if source_zone and source_zone != zone:
        naive = to_zone(from_zone(naive, source_zone), zone)
    return ibis.coalesce(naive, to_zone(written - _minutes(offset).as_interval("m"), zone))


def parse_date(column, order="ymd", zone="Asia/Tokyo", source_zone=None):
    """A text column -> dates in `zone` (an offset is honoured before the date is taken)."""
    return parse_timestamp(column, order, zone, source_zone).date()


def is_month(column):
    """True where a cell names a month and no day: 2024年1月, 2024/1, 2024-01."""
    return half_width(column).strip().re_search(MONTH)


def _spelled_out(text, order):
    """Any of the shapes -> "Y-m-d H:M:S", as far as the cell goes."""
    if ORDERS[order]:
        text = text.re_replace(*ORDERS[order])
    text = text.re_replace(r"^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$", r"\1-\2-\3 \4:\5:\6")
    text = text.re_replace(r"^(\d{4})(\d{2})(\d{2})( |$)", r"\1-\2-\3\4")
    text = text.re_replace(MONTH, r"\1-\2-1")
    text = text.re_replace(r"^(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?[T ]*", r"\1-\2-\3 ")
    text = text.re_replace(r"(\d) ?時 ?(\d{1,2}) ?分 ?(\d{1,2}) ?秒", r"\1:\2:\3")
    text = text.re_replace(r"(\d) ?時 ?(\d{1,2}) ?分", r"\1:\2").re_replace(r"(\d) ?時$", r"\1:00")
    return text.re_replace(r"(:\d{2})\.\d+", r"\1").strip()


def _minutes(offset):
    """"+09:00" -> 540; "Z", "UTC" and "" -> 0."""
    digits = offset.replace(":", "")
    hours = digits.substr(1, 2).try_cast("int64").fill_null(0)
    minutes = digits.substr(3, 2).try_cast("int64").fill_null(0)
    sign = ibis.cases((offset.startswith("-"), -1), else_=1)
    return sign * (hours * 60 + minutes)


def to_zone(utc, zone):
    """Naive UTC timestamps -> naive local time in `zone`."""
    return utc + _offset_of(utc, _changes(zone), local=False).as_interval("m")


def from_zone(local, zone):
    """Naive local timestamps in `zone` -> naive UTC."""
    return local - _offset_of(local, _changes(zone), local=True).as_interval("m")


def _offset_of(stamps, changes, local):
    """The zone's offset in minutes at each stamp: one branch a change of the clock."""
    branches = []
    for instant, minutes in reversed(changes[1:]):
        start = instant + datetime.timedelta(minutes=minutes if local else 0)
        branches.append((stamps >= ibis.literal(start), minutes))
    first = changes[0][1]
    return (ibis.cases(*branches, else_=first) if branches else ibis.literal(first)).cast("int64")


@functools.cache
def _changes(zone):
    """[(UTC instant, offset in minutes from then on)] of a zone, 1995 to 2040."""
    info = zoneinfo.ZoneInfo(zone)
    hour = datetime.timedelta(hours=1)
    now, end = datetime.datetime(1995, 1, 1), datetime.datetime(2040, 1, 1)
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
