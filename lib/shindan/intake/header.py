"""Find the header: the first row, among the first thirty, that names what a preset needs."""

import csv
import dataclasses
import io
import itertools

from shindan import errors
from shindan.characters import fold

SEARCHED_ROWS = 30
MOST_ROWS = 9             # of a header
ENOUGH = 0.6              # of what a preset needs, for a row to be taken for its header


@dataclasses.dataclass(frozen=True)
class Header:
    """`row`: the header's (last) record number as a spreadsheet shows it (0: the file has none).

    `columns`: the names as written, made unique (送料, 送料#2); `end`: characters up to its end;
    `aliases`: what further header rows call the columns [(name, column)].
    """

    row: int
    columns: tuple[str, ...]
    end: int = 0
    aliases: tuple[tuple[str, str], ...] = ()


class Counted:
    """Lines of a text that remember how many characters were read."""

    def __init__(self, text):
        self.lines, self.read = io.StringIO(text, newline=""), 0

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self.lines)
        self.read += len(line)
        return line.replace("\ufeff", "")  # the mark of a file that begins here


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

    It is the first row with all the preset needs, else the first two rows that have them together (a
    heading over several columns, their names below), else the first row with most of them. Option
    `header_rows` says how many rows it has, `header_row` where it begins; with `header: none` columns
    are called by their place: 1, 2, 3 ...
    """
    rows = list(itertools.islice(rows, SEARCHED_ROWS + MOST_ROWS))
    if preset.options.get("header") == "none":
        columns = tuple(str(i + 1) for i in range(len(rows[0][0]) if rows else 0))
        return Header(0, columns), missing_needs(columns, preset)
    known = {fold(c) for f in (*preset.fields.values(), *preset.lines.values()) for c in f.columns}
    needed, nearest, heights = max(len(preset.needs), 1), [], _heights(preset)
    for height, place in itertools.product(heights, _places_to_look(rows, preset)):
        cells = [c for row, _ in rows[place:place + height] for c in row]
        hits, missing = len(known & {fold(c) for c in cells}), missing_needs(cells, preset)
        if hits and not missing:
            return _header(rows, place, height), ()
        most = 1 - len(missing) / needed >= ENOUGH
        if hits and height == heights[0]:
            nearest.append((not most, 0 if most else -hits, place, missing))
    *_, place, missing = min(nearest, default=(None, preset.needs))
    return (Header(0, ()) if place is None else _header(rows, place, heights[0])), missing


def _heights(preset):
    """How many rows the header may have."""
    pinned = preset.options.get("header_rows")
    return (int(pinned),) if pinned else (1, 2)


def _places_to_look(rows, preset):
    pinned = preset.options.get("header_row")
    return [int(pinned) - 1] if pinned else range(min(len(rows), SEARCHED_ROWS))


def _header(rows, place, height):
    """The header that begins in rows[place]; a name left blank there is taken from the row below."""
    block = rows[place:place + height]
    width = max((len(cells) for cells, _ in block), default=0)
    names = [[cells[i] if i < len(cells) else "" for cells, _ in block] for i in range(width)]
    columns = unique([next((c for c in several if c.strip()), "") for several in names])
    aliases = [(c, column) for several, column in zip(names, columns, strict=True) for c in several if c.strip()]
    end = block[-1][1] if block else 0
    return Header(place + len(block), columns, end, tuple(aliases) if len(block) > 1 else ())


def missing_needs(cells, preset):
    """The needed fields for which none of the columns (of a product: not all) is among `cells`."""
    there = {fold(c) for c in cells}
    fields = {**preset.fields, **preset.lines}
    needed = [(n, {fold(c) for c in fields[n].columns}) for n in preset.needs if n in fields and fields[n].columns]
    unsaid = [n for n in preset.needs if n not in fields]  # a column that nobody has named
    return (*unsaid, *(n for n, columns in needed if not (columns <= there if fields[n].times else there & columns)))


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
    hints = "".join(f"{preset.hints[n]}\n  " for n in missing if n in preset.hints)
    return errors.ShindanError(
        errors.INPUT_INVALID,
        f"Columns are missing / 必要な列がありません: {wanted}\n  found / 見つかった列: {_shown(found)}",
        f"{where}, row {found.row or 1}",
        f"{hints}mend `columns:` (field: column name) or `preset:` of this source in client.yaml / "
        "client.yaml の columns: に列名を書くか、preset: を確かめる")


def _shown(found):
    """The column names, unless the row looks like data (then nothing of it is printed)."""
    if not found.columns:
        return "no header row / 見出し行がありません"
    data = [c for c in found.columns if c[:1].isdigit() or "@" in c]
    return "(not a header row)" if len(data) > len(found.columns) / 3 else ", ".join(found.columns)


def places(columns, preset, aliases=()):
    """Which column each name the preset may read means in this file: {name: column}."""
    by_fold = {}
    for name, column in (*((c, c) for c in columns), *aliases):
        by_fold.setdefault(fold(name), column)
    names = {c for f in (*preset.fields.values(), *preset.lines.values()) for c in f.columns}
    return {name: by_fold[fold(name)] for name in names if fold(name) in by_fold}


def wanted(found, preset):
    """The columns of the file that the preset reads, in the file's order."""
    read = set(places(found.columns, preset, found.aliases).values())
    return [c for c in found.columns if c in read]
