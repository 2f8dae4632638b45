"""Characters that look alike: widths, dashes, kana, variant kanji; contacts as they are compared.

Phones, post codes and addresses are column expressions (digits and a few patterns). Names need
NFKC, which no engine has: a Python function, called only for the cells that hold such characters.
"""

import functools
import re
import unicodedata

import ibis

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\uffe5\u2212\u301c"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " ¥-~"
_WIDE = r"[！-～　￥−〜]"
_NARROW = str.maketrans(_FULL, _HALF)
E_NOTATION = r"^\d(\.\d+)?[eE]\+\d+$"   # what Excel leaves of a long number: 1.23E+12
HYPHENS = "-‐‑‒–—―−ｰー－"
# the same name, written with the form of a kanji that a family register or an old computer has
VARIANTS = str.maketrans(
    "髙﨑碕嵜𠮷邉邊齋齊斎濵濱嶋嶌澤廣櫻國眞惠德冨瀨曾藪籔會龍槇",
    "高崎崎崎吉辺辺斉斉斉浜浜島島沢広桜国真恵徳富瀬曽薮薮会竜槙")
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def half_width(column):
    """A text column with full-width ASCII, space, yen and minus signs in their half-width form."""
    return ibis.cases((column.re_search(_WIDE), column.translate(_FULL, _HALF)), else_=column)


def narrow(text):
    """What `half_width` does, for one text: words that columns are compared with."""
    return text.translate(_NARROW)


def one_dash(column):
    """Wave dash and minus sign as Windows writes them: 〜 → ～, − → －. It looks the same."""
    return ibis.cases((column.re_search("[〜−]"), column.translate("〜−", "～－")), else_=column)


def seen(text):
    """`text` without the characters nobody sees: control, direction and joining marks; a space for every blank."""
    return "".join(" " if char.isspace() else char for char in str(text)
                   if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def fold(text):
    """A header name as it is compared: NFKC, no spaces, one wave dash and one minus sign."""
    folded = unicodedata.normalize("NFKC", text).replace("\ufeff", "")
    return "".join(folded.split()).replace("\u301c", "~").replace("\u2212", "-")


def normalise_phone(column):
    """Phone numbers as digits with their first 0; null where there are none.

    +81 90… → 090…; a 0 that a spreadsheet ate comes back (10 digits from 5, 7, 8 or 9; 9 digits);
    extensions are left out; 1.23E+12 cannot be recovered.
    """
    text = half_width(column).strip().re_replace(E_NOTATION, "").re_replace(r"\.0$", "")
    text = text.re_replace(r"(?i)(内線|ext|x).*$", "").re_replace(r"^\+ ?81[- ]*(\(0\))?", "0")
    digits = text.re_replace(r"\D", "").re_replace(r"^81([789]0\d{8})$", r"0\1")
    digits = digits.re_replace(r"^00([1-9])", r"0\1")
    return digits.re_replace(r"^([5789]\d{9}|[1-9]\d{8})$", r"0\1").nullif("")


def normalise_zip(column):
    """Japanese post codes as seven digits (lost zeros come back); null for anything else."""
    text = half_width(column).strip().re_replace(E_NOTATION, "").re_replace(r"\.0$", "")
    digits = text.re_replace(r"\D", "").re_replace(r"^(\d{6})$", r"0\1").re_replace(r"^(\d{5})$", r"00\1")
    return digits.re_extract(r"^\d{7}$", 0).nullif("")


def normalise_email(column):
    """E-mail addresses in lower case, without mailto:, spaces, quotes, trailing dots; null if none."""
    mail = half_width(column).lower().re_replace(r"^.*<([^<>]*)>.*$", r"\1").re_replace(r"[\s'\"]", "")
    mail = mail.re_replace(r"^=?(mailto:)?", "").re_replace(r"\.+$", "")
    return mail.re_extract(r"^[^@]+@[^@]+$", 0).nullif("")


def normalise_name(column):
    """Names and their readings as they are compared: NFKC, katakana, no spaces, one form of a kanji.

    For matching only; nobody's name is shown this way. Null where blank.
    """
    bare = column.re_replace(r"[\s\x{3000}\x{00A0}]+", "")
    return ibis.cases((bare.re_search(_changed()), _name_key(bare)), else_=bare).nullif("")


def name_key(name):
    """One name as it is compared (see `normalise_name`)."""
    folded = unicodedata.normalize("NFKC", name).upper()
    folded = re.sub(rf"[{re.escape(HYPHENS)}]|\s|[・.]", _long_vowel, folded)
    return folded.translate(_TO_KATAKANA).translate(VARIANTS)


def _long_vowel(found):
    """Every dash in a name is the long vowel sign; spaces and dots are nothing."""
    return "ー" if found.group() in HYPHENS else ""


@ibis.udf.scalar.python
def _name_key(cell: str) -> str:
    return name_key(cell)


@functools.cache
def _changed():
    """A character class of everything in the basic plane that `name_key` changes."""
    codes = [c for c in range(0x21, 0x10000) if not 0xD800 <= c < 0xE000 and name_key(chr(c)) != chr(c)]
    runs, parts = [], []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    for first, last in runs:
        parts.append(f"\\x{{{first:04X}}}-\\x{{{last:04X}}}")
    return "[" + "".join(parts) + r"\x{20BB7}" + "-]"
