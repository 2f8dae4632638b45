"""Batches of text -> Parquet, each row with its file and its number."""

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shindan.intake.damage import Damage


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a file's text goes, the file's number among those of its table, its hash, what it is called."""

    path: Path
    file_no: int
    sha256: str
    name: str | None = None


def write(batches, columns, header_row, ragged, place, short=()):
    """Write text columns with source_file, file_no, source_row; cells lose the blanks around them.

    `ragged` holds the numbers (from 1, behind the header) of rows that are not in the batches;
    `short` [(number, cells)] those of them that are taken nevertheless, at the end; both are
    filled while the batches come. `place` is (Target, file name).
    Returns how many rows were written and the damage found in them.
    """
    target, name = place
    shape = pa.schema([*((c, pa.string()) for c in columns), ("source_file", pa.string()),
                       ("file_no", pa.int64()), ("source_row", pa.int64())])
    done, good, damage = 0, 0, Damage()

    def put(cells, numbers):
        cells = [pc.utf8_trim_whitespace(c) for c in cells]
        for cell in cells:
            damage.look(cell)
        cells += [pa.repeat(name, len(numbers)), pa.repeat(pa.scalar(target.file_no, pa.int64()), len(numbers)),
                  pa.array(numbers + header_row, pa.int64())]
        writer.write_table(pa.Table.from_arrays(cells, schema=shape))

    with pq.ParquetWriter(target.path, shape) as writer:
        for batch in batches:
            numbers = _numbers(done, batch.num_rows, ragged)
            if len(numbers):
                done, good = int(numbers[-1]), good + len(numbers)
                put([batch.column(c) for c in columns], numbers)
        if short:
            by_column = zip(*(cells for _, cells in short), strict=True)
            put([pa.array(c, pa.string()) for c in by_column], np.array([number for number, _ in short]))
    return good + len(short), damage


def _numbers(done, count, ragged):
    """The numbers of the next `count` rows after `done`, leaving out the ragged ones."""
    gaps = [n for n in ragged if n > done]
    numbers = np.arange(done + 1, done + count + len(gaps) + 1)
    return numbers[~np.isin(numbers, gaps)][:count]
