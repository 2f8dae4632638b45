"""Find the header: the first row, among the first thirty, that names what a preset needs."""

import csv
import dataclasses
import io

from shindan import errors
from shindan.characters import fold

SEARCHED_ROWS = 30


@dataclasses.dataclass(frozen=True)
class Header:
    """`row`: the header's record number as a spreadsheet shows it (0: the file has none).

    `columns`: the names as written, made unique (送料, 送料#2); `end`: characters up to its end.
    """

    row: int
    columns: tuple[str, ...]
    end: int = 0


class Counted:
    """Lines of a text that remember how many characters were read."""

    def __init__(self, text):
        self.lines, self.read = io.StringIO(text, newline=""), 0

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self.lines)
        self.read += len(line)
        return line


def records(text, delimiter, quoted=True):
    """(cells, characters read so far) of the first rows of a text."""
    lines = Counted(text)
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    try:
        for cells in reader:
            yield cells, lines.read
    except csv.Error:
        return


def find(rows, preset):
    """The header among `rows` [(cells, end)] and the needs it misses: (Header, missing).

    With option `header: none` columns are called by their place: 1, 2, 3 ...
    """
    if preset.options.get("header") == "none":
        first = next(iter(rows), ([], 0))[0]
        columns = tuple(str(i + 1) for i in range(len(first)))
        return Header(0, columns), missing_needs(columns, preset)
    known = {fold(c) for f in (*preset.fields.values(), *preset.lines.values()) for c in f.columns}
    best, best_missing, best_hits = Header(0, ()), preset.needs, 0
    for number, (cells, end) in enumerate(rows, start=1):
        if number > SEARCHED_ROWS:
            break
        missing = missing_needs(cells, preset)
        hits = len(known & {fold(c) for c in cells})
        if hits and not missing:
            return Header(number, unique(cells), end), ()
        if hits > best_hits:
            best, best_missing, best_hits = Header(number, unique(cells), end), missing, hits
    return best, best_missing


def missing_needs(cells, preset):
    """The needed fields for which none of the columns is among `cells`."""
    there = {fold(c) for c in cells}
    fields = {**preset.fields, **preset.lines}
    needed = [(n, fields[n].columns) for n in preset.needs if n in fields and fields[n].columns]
    return tuple(n for n, columns in needed if not there & {fold(c) for c in columns})


def unique(cells):
    """Header names as written, without spaces around; a repeated one gets #2, #3 ..."""
    names, seen = [], {}
    for place, cell in enumerate(cells, start=1):
        name = cell.replace("\ufeff", "").strip() or f"({place})"
        seen[fold(name)] = seen.get(fold(name), 0) + 1
        names.append(name if seen[fold(name)] == 1 else f"{name}#{seen[fold(name)]}")
    return tuple(names)


def not_found(preset, found, missing, where):
    """The error for a file whose header lacks what the preset needs."""
    fields = {**preset.fields, **preset.lines}
    wanted = "; ".join(f"{n} ← {' / '.join(fields[n].columns)}" for n in missing if n in fields)
    return errors.ShindanError(
        errors.INPUT_INVALID,
        f"Columns are missing / 必要な列がありません: {wanted}\n  found / 見つかった列: {_shown(found)}",
        f"{where}, row {found.row or 1}",
        "mend `columns:` (field: column name) or `preset:` of this source in client.yaml")


def _shown(found):
    """The column names, unless the row looks like data (then nothing of it is printed)."""
    if not found.columns:
        return "no header row / 見出し行がありません"
    data = [c for c in found.columns if c[:1].isdigit() or "@" in c]
    return "(not a header row)" if len(data) > len(found.columns) / 3 else ", ".join(found.columns)


def places(columns, preset):
    """Which column each name the preset may read means in this file: {name: column}."""
    by_fold = {}
    for column in columns:
        by_fold.setdefault(fold(column), column)
    names = {c for f in (*preset.fields.values(), *preset.lines.values()) for c in f.columns}
    return {name: by_fold[fold(name)] for name in names if fold(name) in by_fold}
