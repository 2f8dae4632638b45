"""Words and number formats in the reader's language: one catalogue, nothing else prints text.

Catalogue entries live in messages/<lang>/*.yaml and are str.format templates whose fields name
a format of ours: ``{rate:pct}`` 8.4% · ``{d:pt}`` +1.2ポイント · ``{d:pts}`` +1.2 · ``{x:yen}`` 12,345円 ·
``{x:man}`` 123万円 · ``{n:int}`` 1,234 · ``{d:date}`` 2025年3月1日 · ``{x:num1}`` 1.2 ·
``{c:channel}`` ``{r:rank}`` the words of a code, or of a list of codes.
A missing value prints as 「—」, never as 0, nan or None.
"""

import datetime
import functools
import math
import string
from importlib import resources

import yaml

LANGUAGES = ("ja", "en")
DASH = "—"
NAME = 24  # characters of a product's or a channel's name in a title
NAMED = 3  # of a list of codes: more are counted
CODED = ("channel", "rank", "summary.proposal")  # codes with words of their own: messages/<lang>/<kind>.yaml


def is_missing(value):
    """True for None, NaN, infinities and pandas' missing values."""
    if value is None:
        return True
    try:
        return bool(math.isnan(value) or math.isinf(value))
    except TypeError:
        return value != value
    except ValueError:
        return False


def number(value, digits=0):
    return DASH if is_missing(value) else f"{_rounded(value, digits):,.{digits}f}"


def _rounded(value, digits):
    rounded = round(float(value), digits)
    return 0.0 if rounded == 0 else rounded  # no "-0.0"


def percent(value, digits=1):
    return DASH if is_missing(value) else f"{_rounded(100 * value, digits):,.{digits}f}%"


def points(value, lang="ja"):
    """A difference of two rates, in percentage points with its sign."""
    return DASH if is_missing(value) else signed_points(value) + {"ja": "ポイント", "en": " pt"}[lang]


def signed_points(value):
    """The same without its unit, for the ends of an interval beside it."""
    return DASH if is_missing(value) else f"{_rounded(100 * value, 1):+.1f}"


def yen(value, lang="ja", currency="JPY"):
    """An amount of money: integer yen, or cents of a currency that has them."""
    if is_missing(value):
        return DASH
    if currency == "USD":
        return f"${_rounded(value / 100, 2):,.2f}"
    return f"{_rounded(value, 0):,.0f}円" if lang == "ja" else _signed(value, 0, "")


def _signed(value, digits, suffix):
    rounded = _rounded(value, digits)
    return f"{'-' if rounded < 0 else ''}¥{abs(rounded):,.{digits}f}{suffix}"


def yen_read(value, lang="ja", currency="JPY"):
    """Money as people read it: 万円 / 億円 in Japanese, k / M in English."""
    if is_missing(value) or currency != "JPY":
        return _dollars_read(value, lang, currency)
    size = abs(value)
    if lang == "ja":
        if size >= 1e8:
            return f"{_rounded(value / 1e8, 2):,.2f}億円"
        return f"{_rounded(value / 1e4, 0):,.0f}万円" if size >= 1e5 else yen(value, lang)
    if size >= 1e6:
        return _signed(value / 1e6, 1, "M")
    return _signed(value / 1e3, 0, "k") if size >= 1e5 else yen(value, lang)


def _dollars_read(value, lang, currency):
    """Cents only where they matter: $90.37, $7,504, $15.8k, $1.2M."""
    size = 0 if is_missing(value) else abs(value) / 100
    if size >= 1e4:
        scale, suffix = (1e6, "M") if size >= 1e6 else (1e3, "k")
        return f"{'-' if value < 0 else ''}${size / scale:,.1f}{suffix}".replace(".0", "")
    if size >= 100 or size == round(size) and not is_missing(value):
        return f"{'-' if value < 0 else ''}${size:,.0f}"
    return yen(value, lang, currency)


def yen_about(value, lang="ja", currency="JPY"):
    """An estimate of money: 万円 or thousands even where it is small, for no yen of it is sure."""
    if is_missing(value) or currency != "JPY" or abs(value) >= 1e5 or abs(value) < (1e4 if lang == "ja" else 1e3):
        return yen_read(value, lang, currency)
    return f"{_rounded(value / 1e4, 0):,.0f}万円" if lang == "ja" else _signed(value / 1e3, 0, "k")


def days(value, lang="ja"):
    """A number of days with its unit."""
    if is_missing(value):
        return DASH
    return number(value) + ("日" if lang == "ja" else " day" if value == 1 else " days")


def date(value, lang="ja"):
    if is_missing(value):
        return DASH
    return f"{value.year}年{value.month}月{value.day}日" if lang == "ja" else f"{value:%Y-%m-%d}"


def month(value, lang="ja"):
    if is_missing(value):
        return DASH
    return f"{value.year}年{value.month}月" if lang == "ja" else f"{value:%Y-%m}"


class _Formatter(string.Formatter):
    """str.format with this module's formats; unknown formats fall to Python's."""

    def __init__(self, lang, currency):
        self.lang, self.currency = lang, currency

    def format_field(self, value, spec):
        lang, currency = self.lang, self.currency
        known = {
            "pct": lambda: percent(value), "pct0": lambda: percent(value, 0),
            "pt": lambda: points(value, lang), "pts": lambda: signed_points(value), "yen": lambda: yen(value, lang, currency),
            "man": lambda: yen_read(value, lang, currency), "int": lambda: number(value),
            "num1": lambda: number(value, 1), "num2": lambda: number(value, 2),
            "days": lambda: days(value, lang), "date": lambda: date(value, lang), "month": lambda: month(value, lang),
        }
        if spec in known:
            return known[spec]()
        if spec in CODED and not is_missing(value):
            return self._names(spec, value)
        if isinstance(value, (datetime.date, datetime.datetime)):
            return date(value, lang)
        return DASH if is_missing(value) else super().format_field(value, spec)

    def _names(self, kind, value):
        """One code, or a list of them, as the reader's words; the first few of many, and how many."""
        codes = value if isinstance(value, (list, tuple)) else [value]
        named = [_catalogue(self.lang).get(f"{kind}.{code}", str(code)) for code in codes]
        said = ("・" if self.lang == "ja" else ", ").join(named[:NAMED])
        more = {"ja": f"ほか計{len(codes)}件", "en": f" and others ({len(codes)} in all)"}[self.lang]
        return said + more if len(codes) > NAMED else said


@functools.cache
def _catalogue(lang):
    entries = {}
    folder = resources.files("shindan") / "messages" / lang
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            chapter = file.name[: -len(".yaml")]
            entries.update(_flat(yaml.safe_load(file.read_text("utf-8")) or {}, chapter))
    return entries


def _flat(tree, path):
    if not isinstance(tree, dict):
        return {path: str(tree)}
    out = {}
    for key, value in tree.items():
        out.update(_flat(value, f"{path}.{key}"))
    return out


class Text:
    """The catalogue in one language: ``text("repeat.f2.headline", rate=0.084)``."""

    def __init__(self, lang="ja", currency="JPY"):
        if lang not in LANGUAGES:
            raise ValueError(f"language {lang!r}: one of {', '.join(LANGUAGES)}")
        self.lang, self.currency = lang, currency
        self._formatter = _Formatter(lang, currency)

    def __call__(self, key, **values):
        """The sentence under `key` (file.section.name), its fields filled; KeyError if unknown.

        A title (`….headline.…`) cuts a name that would fill it alone.
        """
        if ".headline." in key:
            values = {name: _short(value) for name, value in values.items()}
        return self._formatter.vformat(_catalogue(self.lang)[key], (), values)

    def has(self, key):
        return key in _catalogue(self.lang)

    def get(self, key, default):
        """The plain words under `key`, else `default` (labels of columns, ranks, channels)."""
        return _catalogue(self.lang).get(key, default)


def _short(value):
    """A name, or each of a list of names, at most NAME characters long; … stands for its middle."""
    if isinstance(value, (list, tuple)):
        return [_short(item) for item in value]
    tail = NAME // 3
    return f"{value[:NAME - 1 - tail]}…{value[-tail:]}" if isinstance(value, str) and len(value) > NAME else value


def keys(lang):
    """Every key of one language's catalogue (tests hold the languages against each other)."""
    return set(_catalogue(lang))


def period(value, lang="ja"):
    """"2023-01-01/2025-12-31" as people read it; a single date is an as-of date."""
    if is_missing(value):
        return DASH
    days = [datetime.date.fromisoformat(part) for part in str(value).split("/")]
    if len(days) == 1:
        return f"{date(days[0], lang)}{'時点' if lang == 'ja' else ''}"
    return f"{date(days[0], lang)}{'〜' if lang == 'ja' else ' – '}{date(days[1], lang)}"


def span(low, high, lang="ja"):
    """Two figures, already words, as the ends of an interval."""
    return f"{low}〜{high}" if lang == "ja" else f"{low} to {high}"


def figure(value, unit, lang="ja", currency="JPY"):
    """A KPI's value as people read it, by its unit (see findings.Kpi)."""
    if is_missing(value):
        return DASH
    if unit == "days":
        return days(value, lang)
    formats = {
        "ratio": lambda: percent(value), "points": lambda: points(value, lang),
        "jpy": lambda: yen(value, lang, currency), "count": lambda: number(value),
        "score": lambda: number(value, 1),
    }
    return formats[unit]()


def change(value, before, unit, lang="ja", currency="JPY"):
    """How far a figure moved since `before`, with its sign: +1.2ポイント, -340円; None where there is nothing to compare."""
    if is_missing(value) or is_missing(before):
        return None
    moved = value - before
    if unit in ("ratio", "points"):
        return points(moved, lang)
    said = figure(abs(moved), unit, lang, currency)
    return f"±{said}" if said == figure(0, unit, lang, currency) else f"{'-' if moved < 0 else '+'}{said}"
