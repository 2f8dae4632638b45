"""READ: any file -> rows of text in Parquet, with the row number a spreadsheet would show.

Encodings are tried strictly, in this order, and the one taken is recorded: BOM, UTF-16 (zero
bytes), UTF-8, cp932, EUC-JP. The one holds in which the file decodes and its header is found.
"""

import codecs
import dataclasses
import io
import itertools
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from shindan import errors
from shindan.intake import excel, files, header, staging

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 8 << 20
DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "spaces": "\t"}
TABLE_SPACES = re.compile(r"(?m)^[ \t]+|[ \t]+$")


@dataclasses.dataclass(frozen=True)
class Staged:
    """One file read: `path` holds its rows as text; `ragged` the rows with too few or many cells."""

    file: str
    sha256: str
    encoding: str
    columns: dict          # name in the preset -> column in the Parquet file
    rows_read: int
    ragged: tuple[int, ...]
    path: Path


def stage(folder, file, preset, source, target):
    """Read one file's mapped columns into `target` (staging.Target); returns what was found."""
    name = files.name(folder, file)
    where = f"client_data/{folder.client}/raw/{name}"
    if files.is_excel(file):
        files.check_excel(file, where)
        encoding = "xlsx"
        found, rows, ragged = excel.copy(file, preset, source.sheet, (target, name), where)
    else:
        encoding, found, rows, ragged = _text(file, preset, (target, name), where)
    return Staged(name, target.sha256, encoding, header.places(found.columns, preset), rows,
                  tuple(ragged), target.path)


def _text(file, preset, place, where):
    """Try encodings and delimiters until the header is found and every byte decodes."""
    with file.open("rb") as stream:
        sample = stream.read(SAMPLE_BYTES)
    nearest, broken = None, None
    for encoding in encodings(sample, preset.options.get("encoding")):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample, len(sample) < SAMPLE_BYTES)
            delimiter, found, missing = _layout(text, preset)
            broken = broken or (encoding if not missing else None)
            if missing:
                nearest = max(nearest or (found, missing), (found, missing), key=_hits)
                continue
            rows, ragged, unclosed = _copy(file, encoding, delimiter, found, preset, place)
            if unclosed:
                raise _uncuttable("a quotation mark is opened and never closed",
                                  f"{where}, row {found.row + rows}")
            return encoding, found, rows, ragged
        except UnicodeDecodeError:
            continue
        except pa.ArrowInvalid as error:
            long = "straddl" in str(error)
            raise _uncuttable("a row is longer than the limit" if long else "it is not regular CSV",
                              where) from None
    if broken:
        raise errors.ShindanError(
            errors.INPUT_MISSING, f"This file is {broken}, but some bytes in it are not / 文字が壊れています",
            where, "export it again; do not join files of different encodings")
    if nearest:
        raise header.not_found(preset, *nearest, where)
    raise errors.ShindanError(
        errors.INPUT_MISSING,
        "This file's characters cannot be read (UTF-8, UTF-16, Shift_JIS/CP932, EUC-JP were tried)"
        " / 文字コードが読めません", where, "export it again, or save it as CSV UTF-8")


def _hits(pair):
    return -len(pair[1])


def _uncuttable(why, where):
    return errors.ShindanError(
        errors.INPUT_INVALID, f"This file cannot be cut into rows / 行に分けられません: {why}", where,
        'look for a quotation mark (") that is opened and never closed there')


def encodings(sample, pinned=None):
    """The encodings to try for a file that starts with `sample`, most certain first."""
    if pinned:
        return (pinned,)
    if sample.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if sample.count(0) > len(sample) / 10:
        odd = sample[1::2].count(0) > sample[::2].count(0)
        return ("utf-16-le" if odd else "utf-16-be",)
    return ("utf-8", "cp932", "euc_jp")


def _layout(text, preset):
    """(delimiter, header, missing needs) under the delimiter that serves best."""
    pinned = preset.options.get("delimiter")
    if pinned == "spaces":
        text = squeeze(text)
    quoted = preset.options.get("quote") != "none"
    tried = []
    for delimiter in [DELIMITERS[pinned]] if pinned else [",", "\t", ";"]:
        rows = itertools.islice(header.records(text, delimiter, quoted), header.SEARCHED_ROWS)
        found, missing = header.find(rows, preset)
        tried.append((delimiter, found, missing))
    return min(tried, key=lambda t: (len(t[2]), -len(t[1].columns)))


def squeeze(text):
    """A table laid out with spaces -> one with tabs."""
    return re.sub(r"[ \t]+", "\t", TABLE_SPACES.sub("", text))


class _Utf8(io.RawIOBase):
    """The file from behind its header, strictly decoded, as UTF-8 bytes."""

    def __init__(self, file, encoding, skip, squeezed):
        self.stream = file.open("rb")
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.squeezed, self.ready, self.rest, self.failure = squeezed, b"", "", None
        self.ended, self.to_skip = False, skip
        self.quotes = self.lines = 0

    def readable(self):
        return True

    def _more(self):
        block = self.stream.read(BLOCK_BYTES)
        self.ended = not block
        text = self.decoder.decode(block, self.ended)
        if self.squeezed:
            text = self.rest + text
            whole = len(text) if self.ended else text.rfind("\n") + 1
            text, self.rest = squeeze(text[:whole]), text[whole:]
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            text, self.to_skip = text[skipped:], self.to_skip - skipped
        self.quotes, self.lines = self.quotes + text.count('"'), self.lines + text.count("\n")
        return text.encode("utf-8")

    def read(self, size=-1):
        try:
            while not self.ended and (size < 0 or len(self.ready) < size):
                self.ready += self._more()
        except UnicodeDecodeError as error:
            self.failure = error
            raise
        size = len(self.ready) if size < 0 else size
        out, self.ready = self.ready[:size], self.ready[size:]
        return out

    def close(self):
        self.stream.close()
        super().close()


def _copy(file, encoding, delimiter, found, preset, place):
    """Stream the mapped columns into Parquet: (rows read, ragged row numbers, open quotation mark).

    An unclosed quotation mark swallows every line behind it into one row: marks are odd in number
    and there are fewer rows than lines.
    """
    ragged = []

    def set_aside(row):
        ragged.append(row.number)
        return "skip"

    wanted = list(dict.fromkeys(header.places(found.columns, preset).values()))
    stream = _Utf8(file, encoding, found.end, preset.options.get("delimiter") == "spaces")
    names = list(found.columns)
    try:
        reader = pyarrow.csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=BLOCK_BYTES),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False,
                quote_char=False if preset.options.get("quote") == "none" else '"',
                invalid_row_handler=set_aside),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), include_columns=wanted,
                strings_can_be_null=False))
        good = staging.write(reader, wanted, found.row, ragged, place)
    except pa.ArrowInvalid as error:
        if stream.failure:
            raise stream.failure from None
        if "Empty CSV" not in str(error):
            raise
        good = staging.write([], wanted, found.row, ragged, place)
    finally:
        stream.close()
    rows = good + len(ragged)
    quoted = preset.options.get("quote") != "none"
    unclosed = quoted and stream.quotes % 2 == 1 and rows < stream.lines
    return rows, [found.row + number for number in ragged], unclosed
