"""Widths of characters: what people type as １２３ or ￥ reads as 123 or ¥."""

import unicodedata

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\uffe5\u2212\u301c"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " ¥-~"


def half_width(column):
    """A text column with full-width ASCII, space, yen and minus signs in their half-width form."""
    return column.translate(_FULL, _HALF)


def fold(text):
    """A header name as it is compared: NFKC, no spaces, one wave dash and one minus sign."""
    folded = unicodedata.normalize("NFKC", text).replace("\ufeff", "")
    return "".join(folded.split()).replace("\u301c", "~").replace("\u2212", "-")
