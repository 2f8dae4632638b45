"""Which characters reach the page: what the two fonts cannot show is replaced before typesetting.

Text stays text: nothing here escapes markup, because the page reads it as data. Control, bidi and
joining characters are dropped, other unknown glyphs (emoji, scripts the fonts lack) print as 〓.
"""

import functools
import re
import unicodedata

from shindan import style

SUBSTITUTE = "〓"
BREAK = "\u200b"  # a place where a line may break; it has no width and no glyph
LONG_WORD = re.compile(r"[!-~]{25,}")
DECOMPOSED = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]")
DROPPED = {"Cc", "Cf", "Cs", "Mn", "Me"}


@functools.cache
def covered():
    """The code points that every font of the report can show."""
    from fontTools.ttLib import TTFont

    tables = [TTFont(file, lazy=True).getBestCmap() for file in style.font_files()]
    return frozenset.intersection(*map(frozenset, tables))


def printable(text):
    """`text` with every character showable; か + ゛ become が, line breaks stay."""
    text = DECOMPOSED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), str(text))
    return "".join(map(_shown, text))


@functools.lru_cache(maxsize=20_000)
def _shown(char):
    if char == "\n":
        return char
    if char == "\t" or unicodedata.category(char) in ("Zl", "Zp"):
        return " "
    if unicodedata.category(char) in DROPPED:
        return ""
    plain = unicodedata.normalize("NFD", char)[0]  # Ź is not in the fonts, Z is
    return next((c for c in (char, plain) if ord(c) in covered()), SUBSTITUTE)


def words(text, limit=1200):
    """Printable words on one line, at most `limit` characters if there is one (… marks a cut), breakable anywhere."""
    text = printable(text).replace("\n", " ")
    text = text if limit is None or len(text) <= limit else text[: limit - 1].rstrip() + "…"
    return LONG_WORD.sub(_breakable, text)


def line(text, limit=400):
    """`words` without the spaces around them: names, labels, cells."""
    return words(str(text).strip(), limit).strip()


def _breakable(word):
    return BREAK.join(word[0][i:i + 12] for i in range(0, len(word[0]), 12))
