"""READ: any file -> rows of text in Parquet, with the row number a spreadsheet would show.

Encodings are tried strictly, in this order, and the one taken is recorded: BOM, UTF-16 (zero
bytes), UTF-8, cp932, EUC-JP. The one holds in which the file decodes and its header is found.
No character is ever replaced; what an export lost before it came here is counted and noted.
"""

import codecs
import csv
import dataclasses
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from shindan import errors
from shindan.characters import narrow
from shindan.intake import damage, excel, files, header, quotes, staging

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 8 << 20
HEADER_CHARACTERS = 20_000
DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "spaces": "\t"}
GARBLED_SHARE = 0.005
MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table)", re.I)
TABLE_SPACES = re.compile(r"(?m)^[ \t]+|[ \t]+$")


@dataclasses.dataclass(frozen=True)
class Staged:
    """One file read: `path` holds its rows as text; `ragged` the rows with too few or many cells.

    `notes`: what a reader should know of the file ({"id": …}, words in messages, data.note).
    """

    file: str
    sha256: str
    encoding: str
    columns: dict          # name in the preset -> column in the Parquet file
    rows_read: int
    ragged: tuple[int, ...]
    path: Path
    notes: tuple[dict, ...] = ()


def stage(folder, file, preset, source, target):
    """Read one file's mapped columns into `target` (staging.Target); returns what was found."""
    name = target.name or files.name(folder, file)
    where = f"client_data/{folder.client}/raw/{name}"
    if files.is_excel(file):
        files.check_excel(file, where)
        encoding, ragged = "xlsx", ()
        found, rows, notes, harm = excel.copy(file, preset, source.sheet, (target, name), where)
    else:
        encoding, found, rows, ragged, notes, harm = _text(file, preset, (target, name), where)
    columns = header.places(found.columns, preset, found.aliases)
    notes = (*notes, *damaged(harm, rows, where))
    return Staged(name, target.sha256, encoding, columns, rows, tuple(ragged), target.path, notes)


def damaged(harm, rows, where):
    """Notes on characters that were lost before the file came here; garbled ones refuse it."""
    if harm.garbled > GARBLED_SHARE * rows:
        raise _garbled(where)
    found = {"lost_characters": harm.lost, "garbled_cells": harm.garbled}
    return [{"id": name, "cells": n} for name, n in found.items() if n]


def _garbled(where):
    return errors.ShindanError(
        errors.INPUT_INVALID,
        "The characters of this file were garbled before it came here (ã‚·, 繧ｷ) / 文字化けしたまま保存されています",
        where, "export it again; do not open and save it in a program that shows it garbled / "
        "文字化けして見えるソフトで開いて保存せず、もう一度出力してもらう")


def _text(file, preset, place, where):
    """Try encodings and delimiters until the header is found and every byte decodes."""
    with file.open("rb") as stream:
        sample = stream.read(SAMPLE_BYTES)
    files.refuse_no_table(sample, where)
    if MARKUP.match(sample):
        raise errors.ShindanError(
            errors.INPUT_MISSING, "This is a web page or XML, whatever its name says / 表計算のファイルではありません",
            where, "open it in Excel and save it as .xlsx or CSV UTF-8")
    nearest, broken, garbled = None, None, False
    for encoding in encodings(sample, preset.options.get("encoding")):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample, len(sample) < SAMPLE_BYTES)
            delimiter, found, missing = _layout(text, preset)
            broken = broken or (encoding if not missing else None)
            if missing:
                garbled = garbled or damage.is_garbled(text[:HEADER_CHARACTERS])
                nearest = max(nearest or (found, missing), (found, missing), key=_hits)
                continue
            return encoding, found, *_copy(file, encoding, delimiter, found, preset, place, where)
        except UnicodeDecodeError:
            continue
    if broken:
        raise damage.mixed(broken, _line_that_breaks(file, broken), where)
    if garbled:
        raise _garbled(where)
    if nearest:
        raise header.not_found(preset, *nearest, where)
    raise unreadable(file, sample, where)


def unreadable(file, sample, where):
    """No encoding fits: the line where the best of them ends, or that none of them is any."""
    reach = {name: _line_that_breaks(file, name) for name in ("utf-8", "cp932")}
    best = max(reach, key=reach.get)
    if not sample.count(0) and reach[best] > 1:
        return damage.mixed(best, reach[best], where)
    return errors.ShindanError(
        errors.INPUT_MISSING,
        "This file's characters cannot be read (UTF-8, UTF-16, Shift_JIS/CP932, EUC-JP were tried)"
        " / 文字コードが読めません", where,
        "export it again, or save it as CSV UTF-8 / もう一度出力してもらうか、CSV UTF-8 で保存する")


def _line_that_breaks(file, encoding):
    """The number of the first line whose bytes are none of the encoding; 0 where there is none (or UTF-16)."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1) if not encoding.startswith("utf-16") else ():
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 0


def _hits(pair):
    return -len(pair[1])


def _uncuttable(why, where):
    return errors.ShindanError(
        errors.INPUT_INVALID, f"This file cannot be cut into rows / 行に分けられません: {why}", where,
        'look for a quotation mark (") that is opened and never closed there / 閉じられていない引用符(")がその行にないか見る')


def encodings(sample, pinned=None):
    """The encodings to try for a file that starts with `sample`, most certain first."""
    if pinned:
        return (pinned,)
    if sample.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if sample.count(0) > len(sample) / 50 and abs(sample[1::2].count(0) - sample[::2].count(0)) > sample.count(0) / 2:
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
    for delimiter in [DELIMITERS[pinned]] if pinned else [",", "\t", ";", "|"]:
        found, missing = header.find(header.records(text, delimiter, quoted), preset)
        tried.append((delimiter, found, missing))
    return min(tried, key=lambda t: (len(t[2]), -len(t[1].columns)))


def squeeze(text):
    """A table laid out with spaces -> one with tabs."""
    return re.sub(r"[ \t]+", "\t", TABLE_SPACES.sub("", text))


class _Utf8(io.RawIOBase):
    """The file from behind its header, strictly decoded, as UTF-8 bytes."""

    def __init__(self, file, encoding, skip, options, watch):
        self.stream = file.open("rb")
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.encoding, self.lines, self.other = encoding, 0, None
        self.options, self.watch, self.to_skip = options, watch, skip
        self.spaces, self.by_line = options.get("delimiter") == "spaces", bool({"comment", "ends"} & options.keys())
        self.ready, self.rest, self.failure, self.ended, self.left_out = b"", "", None, False, 0

    def readable(self):
        return True

    def _more(self):
        block = self.stream.read(BLOCK_BYTES)
        self.ended = not block
        if self.encoding == "cp932" and self.other is None:
            self.other, self.lines = damage.utf8_line(block, self.lines), self.lines + block.count(b"\n")
        text = self.decoder.decode(block, self.ended)
        if self.spaces or self.by_line:
            text = self.rest + text
            whole = len(text) if self.ended else text.rfind("\n") + 1
            text, self.rest = text[:whole], text[whole:]
            text = squeeze(text) if self.spaces else text
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            text, self.to_skip = text[skipped:], self.to_skip - skipped
        text = text.replace("\ufeff", "")  # files joined end to end bring their marks along
        data = (self._lines(text) if self.by_line else text).encode("utf-8")
        if self.watch:
            self.watch.look(data)
        return data

    def _lines(self, text):
        """Whole lines without comments (they count as blank), up to the end of the table."""
        text = self._uncommented(text)
        end = re.search(r"(?m)^[ \t,;]*\r?$(?=\r?\n)", text) if "ends" in self.options else None
        if end:
            behind = text[end.end():] + self._uncommented(self.rest + self.decoder.decode(self.stream.read(), True))
            self.left_out = sum(1 for line in behind.splitlines() if line.strip())
            self.rest, self.ended = "", True
            return text[:end.start()]
        return text

    def _uncommented(self, text):
        mark = self.options.get("comment")
        return re.sub(rf"(?m)^{re.escape(mark)}.*$", "", text) if mark else text

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


class _OddRows:
    """Rows with too few or too many cells: short ones are filled up where nothing needed is missing."""

    def __init__(self, found, preset, delimiter, wanted):
        self.places = [found.columns.index(c) for c in wanted]
        known = header.places(found.columns, preset, found.aliases)
        place = {name: found.columns.index(column) for name, column in known.items()}
        fields = {**preset.fields, **preset.lines}
        self.needed = [[place[c] for c in fields[n].columns if c in place] for n in preset.needs if n in fields]
        self.totals = [([place[c] for c in fields[n].columns if c in place], re.compile(pattern))
                       for n, pattern in preset.skip.items() if n in fields]
        self.quoting = csv.QUOTE_NONE if preset.options.get("quote") == "none" else csv.QUOTE_MINIMAL
        self.delimiter, self.numbers, self.short, self.refused = delimiter, [], [], []

    def __call__(self, row):
        """What Arrow asks for each such row: it leaves the row out, we may take it."""
        self.numbers.append(row.number)
        cells = next(csv.reader([row.text], delimiter=self.delimiter, quoting=self.quoting), [])
        if row.actual_columns < row.expected_columns and self._is_whole(cells):
            self.short.append((row.number, [cells[p] if p < len(cells) else "" for p in self.places]))
        else:
            self.refused.append(row.number)
        return "skip"

    def _is_whole(self, cells):
        whole = all(any(p < len(cells) for p in places) for places in self.needed if places)
        return whole or any(pattern.search(narrow(cells[p]).strip()) for places, pattern in self.totals
                            for p in places if p < len(cells))


def _copy(file, encoding, delimiter, found, preset, place, where):
    """Stream the mapped columns into Parquet: (rows read, ragged row numbers, notes, damage)."""
    quoted = preset.options.get("quote") != "none"
    wanted = header.wanted(found, preset)
    odd, watch = _OddRows(found, preset, delimiter, wanted), quotes.Watch(delimiter) if quoted else None
    stream = _Utf8(file, encoding, found.end, preset.options, watch)
    names = list(found.columns)
    try:
        reader = pyarrow.csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=BLOCK_BYTES),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False,
                quote_char='"' if quoted else False, invalid_row_handler=odd),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), include_columns=wanted,
                strings_can_be_null=False))
        good, harm = staging.write(reader, wanted, found.row, odd.numbers, place, odd.short)
    except pa.ArrowInvalid as error:
        if stream.failure:
            raise stream.failure from None
        if "Empty CSV" not in str(error):
            if quoted:
                _refuse_open_quote(file, encoding, delimiter, found, where)
            raise _uncuttable("a row is longer than the limit" if "straddl" in str(error)
                              else "it is not regular CSV", where) from None
        good, harm = staging.write([], wanted, found.row, odd.numbers, place, odd.short)
    finally:
        stream.close()
    if stream.other:
        raise damage.mixed(encoding, stream.other, where)
    if quoted and not watch.end():
        _refuse_open_quote(file, encoding, delimiter, found, where)
    notes = [{"id": "rows_behind_the_table", "rows": stream.left_out}] if stream.left_out else []
    return good + len(odd.refused), [found.row + n for n in odd.refused], notes, harm


def _refuse_open_quote(file, encoding, delimiter, found, where):
    """Stop at a quotation mark that swallows rows; marks that swallow none are characters."""
    with file.open(encoding=encoding, newline="") as lines:
        lines.read(found.end)
        number = quotes.open_row(lines, delimiter)
    if number:
        raise _uncuttable("a quotation mark is opened and not closed where the cell ends",
                          f"{where}, row {found.row + number}")
