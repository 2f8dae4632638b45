"""Characters that an export destroyed: lost ones are counted, garbled ones refuse the file."""

import re

import pyarrow as pa
import pyarrow.compute as pc

_JAPANESE = "ぁ-ヿ一-鿿０-９"
# what a program writes for a character its encoding does not have: �, 〓, or ? amid Japanese
LOST = f"�|〓|[{_JAPANESE}][?]+[{_JAPANESE}]"
# UTF-8 that somebody read as Windows-1252 (ã‚·) or as Shift_JIS (繧ｷ) and saved again
GARBLED = "ã[\u0081‚ƒ„][^ -~]|[縺繧繝].?[｡-ﾟ]|[縺繧繝].{1,2}[縺繧繝]"
_HINTS = tuple(c.encode() for c in "�〓ã縺繧繝")
_QUESTION = re.compile(rb"\?(?=[\xe3-\xe9])")


class Damage:
    """Counts the cells of the columns it is shown."""

    def __init__(self):
        self.lost = self.garbled = 0

    def look(self, column):
        """One column of a batch (Arrow text)."""
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            text = chunk.buffers()[2]
            text = text.to_pybytes() if text else b""
            if any(hint in text for hint in _HINTS) or _QUESTION.search(text):
                self.lost += _cells(chunk, LOST)
                self.garbled += _cells(chunk, GARBLED)


def _cells(chunk, pattern):
    return pc.sum(pc.match_substring_regex(chunk, pattern)).as_py() or 0


def is_garbled(text):
    """True if a text shows the signature of characters read in the wrong encoding."""
    return len(re.findall(GARBLED, text)) > 1
