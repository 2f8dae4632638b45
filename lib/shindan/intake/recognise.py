"""What is this file?  Every preset is held against its first rows; the share of columns it knows decides."""

import codecs
import collections
import dataclasses
import itertools

import python_calamine

from shindan import errors
from shindan.characters import fold
from shindan.intake import crosstab, excel, files, header, presets, read

DELIMITERS = (",", "\t", ";", "|")
LEAST_KNOWN = 3         # fewer known columns prove nothing


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The start of a file, or of one sheet of a workbook: rows of text."""

    name: str | None
    encoding: str
    rows: tuple


@dataclasses.dataclass(frozen=True)
class Match:
    """How a preset fits a file: the header's row, what is missing, how many columns it knows."""

    preset: str
    title: str
    table: str
    verified: object
    sheet: str | None
    row: int
    missing: tuple          # needed fields without a column
    needs: int
    hits: int               # columns of the file the preset knows
    known: int              # columns the preset knows at all
    columns: int            # columns of the file

    @property
    def fits(self):
        return not self.missing and self.hits >= min(LEAST_KNOWN, self.known)

    @property
    def order(self):
        """Sorts the better match first."""
        return (len(self.missing), -self.hits, -self.hits / max(self.known, 1), self.preset)


@dataclasses.dataclass(frozen=True)
class Look:
    """A file of raw/: the sources of client.yaml that read it, its matches (best first), its start."""

    file: str
    sources: tuple
    matches: tuple
    sheets: tuple

    @property
    def best(self):
        return self.matches[0] if self.matches and self.matches[0].fits else None

    @property
    def companions(self):
        """Presets of the same tool that read another table from the same file."""
        tool = self.best.preset.split("_")[0] if self.best else None
        return tuple(m for m in self.matches[1:] if m.fits and m.table != self.best.table
                     and m.preset.split("_")[0] == tool and m.hits >= self.best.hits / 4) if tool else ()


def look(folder, sources=()):
    """One Look per file in raw/, by name."""
    found = []
    for file in files.there(folder):
        name = files.name(folder, file)
        mine = tuple(s for s in sources if file in files.matching(folder, s.model_copy(update={"optional": True})))
        sheets = start(file, name)
        found.append(Look(name, mine, matches(sheets, _presets(mine)), sheets))
    return sorted(found, key=lambda found: found.file)


def by_sheet(found):
    """A Look for each sheet of a workbook, as if it were alone."""
    return [dataclasses.replace(found, sheets=(s,), matches=matches((s,), _presets(found.sources))) for s in found.sheets]


def unread(found):
    """Names of a hand-made workbook's sheets that the preset of one of its sources fits and no source reads."""
    own = [s for s in found.sources if s.preset.startswith("generic_")]
    presets_there = {s.preset for s in own}
    read = {s.sheet or m.sheet for s in own for m in found.matches if m.preset == s.preset}
    looked = by_sheet(found) if own and len(found.sheets) > 1 else ()
    fits = [one.sheets[0].name for one in looked for m in one.matches if m.preset in presets_there and m.fits]
    return [name for name in fits if name not in read]


def _presets(sources):
    """Every preset with columns of its own, and those of the file's sources as the client has them."""
    own = {name: presets.load(name) for name in presets.names() if not name.startswith("generic_")}
    own.update({s.preset: presets.for_source(s) for s in sources})
    return own


def matches(sheets, candidates):
    """Each candidate's best Match in any of the sheets, best first; those that know nothing are left out."""
    found = []
    for name, preset in candidates.items():
        if preset.options.get("header") == "none":
            continue
        tried = [(_wide if preset.wide else match)(name, preset, sheet) for sheet in sheets]
        found += [min((m for m in tried if m), key=lambda m: m.order, default=None)]
    return tuple(sorted((m for m in found if m), key=lambda m: m.order))


def match(name, preset, sheet):
    """How `preset` fits a sheet at the row (or two rows) that suits it best, or None if it knows no column."""
    known = {fold(c) for f in (*preset.fields.values(), *preset.lines.values()) for c in f.columns}
    single, pair = (_best(name, preset, sheet, known, height) for height in (1, 2))
    return pair if single and single.missing and not pair.missing else single


def _wide(name, preset, sheet):
    """The Match of a cross-tab, whose columns are months: it is one or it is none."""
    table = crosstab.look(sheet.rows, (sheet.name,))
    return table and Match(name, preset.title, preset.table, preset.verified, sheet.name, table.header, (),
                           len(preset.needs), len(preset.needs), len(preset.needs), len(preset.needs))


def _best(name, preset, sheet, known, height):
    """The Match at the row from which `height` rows suit the preset best."""
    tried = [_at(name, preset, sheet, number, known, height) for number in range(1, len(sheet.rows) + 1)]
    return min((m for m in tried if m), key=lambda m: m.order, default=None)


def _at(name, preset, sheet, number, known, height):
    cells = [c for row in sheet.rows[number - 1:number - 1 + height] for c in row]
    there = {fold(c) for c in cells if c.strip()}
    hits = len(known & there)
    return Match(name, preset.title, preset.table, preset.verified, sheet.name, number,
                 header.missing_needs(cells, preset), len(preset.needs), hits, len(known), len(there)) if hits else None


def start(file, where):
    """The first rows of a file, as (one or several) Sheets; nothing if it cannot be read at all."""
    try:
        if files.is_excel(file):
            files.check_excel(file, where)
            return _workbook(file)
        return _text(file)
    except (errors.ShindanError, python_calamine.CalamineError, OSError):
        return ()


def _workbook(file):
    book = python_calamine.CalamineWorkbook.from_path(str(file))
    return tuple(Sheet(name, "xlsx", tuple(
        tuple(excel.text(c) for c in row)
        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=header.SEARCHED_ROWS)))
        for name in book.sheet_names)


def _text(file):
    with file.open("rb") as stream:
        sample = stream.read(read.SAMPLE_BYTES)
    for encoding in read.encodings(sample):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample, len(sample) < read.SAMPLE_BYTES)
        except UnicodeDecodeError:
            continue
        return (Sheet(None, encoding, cut(text, header.SEARCHED_ROWS)),)
    return ()


def cut(text, most):
    """The first `most` rows (None: all) of a text under the delimiter that makes it a table."""
    tried = [tuple(tuple(cells) for cells, *_ in itertools.islice(header.records(text, d), most)) for d in DELIMITERS]
    return max(tried, key=_regular)


def _regular(rows):
    """How much of a text is a table under a delimiter: cells of the rows that are all of one length."""
    lengths = collections.Counter(len(row) for row in rows if len(row) > 1)
    return max((length * n for length, n in lengths.items()), default=0)
