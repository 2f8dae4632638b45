"""Characters that an export destroyed: lost ones are counted, garbled ones refuse the file."""

import contextlib
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shindan import errors

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


def utf8_line(block, before):
    """The number of the first line of a CP932 block that is UTF-8, `before` lines having passed; None if none is.

    Two letters of three bytes, in a line that is UTF-8 as a whole: text of CP932 is not, by chance, both.
    """
    for at in _two_letters(block):
        start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
        with contextlib.suppress(UnicodeDecodeError):
            block[start:end if end >= 0 else len(block)].decode("utf-8")
            return before + block.count(b"\n", 0, at) + 1
    return None


def _two_letters(block):
    """Where two letters begin as UTF-8 writes them in Japan, three bytes each (every byte of a file is looked at)."""
    b = np.frombuffer(block, "uint8")
    at = np.flatnonzero(_leads(b[:-5]))
    for step in (1, 2, 4, 5):
        at = at[(b[at + step] & 0xC0) == 0x80]
    return at[_leads(b[at + 3])].tolist()


def _leads(b):
    return b - np.uint8(0xE2) < 8


def mixed(encoding, line, where):
    """The error for a file of which some lines are of another encoding than `encoding`."""
    return errors.ShindanError(
        errors.INPUT_MISSING, f"This file is {encoding}, but some bytes in it are not / 文字コードが途中で変わっているか、壊れています",
        f"{where}, line {line}" if line else where, "export it again; do not join files of different encodings / "
        "文字コードの違うファイルをつなげず、もう一度出力してもらう")


def is_garbled(text):
    """True if a text shows the signature of characters read in the wrong encoding."""
    return len(re.findall(GARBLED, text)) > 1
