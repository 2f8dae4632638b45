"""Batches of text -> Parquet, each row with its number."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def write(batches, columns, header_row, ragged, target):
    """Batches of text columns -> Parquet with source_row; cells lose the blanks around them.

    `ragged` holds the numbers (from 1, behind the header) of rows that are not in the batches.
    """
    shape = pa.schema([*((c, pa.string()) for c in columns), ("source_row", pa.int64())])
    done, good = 0, 0
    with pq.ParquetWriter(target, shape) as writer:
        for batch in batches:
            numbers = _numbers(done, batch.num_rows, ragged)
            done, good = (int(numbers[-1]), good + len(numbers)) if len(numbers) else (done, good)
            cells = [pc.utf8_trim_whitespace(batch.column(c)) for c in columns]
            rows = pa.array(numbers + header_row, pa.int64())
            writer.write_table(pa.Table.from_arrays([*cells, rows], schema=shape))
    return good


def _numbers(done, count, ragged):
    """The numbers of the next `count` rows after `done`, leaving out the ragged ones."""
    gaps = [n for n in ragged if n > done]
    numbers = np.arange(done + 1, done + count + len(gaps) + 1)
    return numbers[~np.isin(numbers, gaps)][:count]
