"""Quotation marks that swallow rows: opened and never closed, or closed in the middle of another row.

`Watch` looks at every mark while a file streams by and costs next to nothing; only a file in which
a mark stands where none belongs is read again, row by row, by `open_row`.
"""

import csv

import numpy as np

MARK = ord('"')


class Watch:
    """Sees UTF-8 blocks of a CSV; `suspect` if a mark does not stand at a cell's edge."""

    def __init__(self, delimiter):
        self.edges = np.frombuffer(f"{delimiter}\n\r".encode(), np.uint8)
        self.inside, self.suspect, self.rest = False, False, b""

    def look(self, block):
        """The next block."""
        block = self.rest + block
        cut = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        self.rest = block[cut:]
        self._check(block[:cut])

    def end(self):
        """True if the whole file was sound."""
        self._check(self.rest)
        return not (self.suspect or self.inside)

    def _check(self, lines):
        if self.suspect or b'"' not in lines:
            return
        text = np.frombuffer(lines.replace(b'""', b""), np.uint8)
        marks = np.flatnonzero(text == MARK)
        opened, closed = marks[self.inside::2], marks[not self.inside::2]
        before, after = text[opened[opened > 0] - 1], text[closed[closed < len(text) - 1] + 1]
        self.suspect = not (np.isin(before, self.edges).all() and np.isin(after, self.edges).all())
        self.inside ^= len(marks) % 2 == 1


def open_row(lines, delimiter):
    """The number of the first row that runs over several lines with a mark out of place, else None."""
    row_lines = []

    def remembered():
        for line in lines:
            row_lines.append(line)
            yield line

    reader, number = csv.reader(remembered(), delimiter=delimiter), 0
    while True:
        row_lines.clear()
        try:
            next(reader)
        except StopIteration:
            return None
        except csv.Error:  # a cell longer than any cell is
            return number + 1
        number += 1
        if len(row_lines) > 1 and not _sound(row_lines, delimiter):
            return number


def _sound(lines, delimiter):
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True
