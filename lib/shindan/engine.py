"""The only module that knows which engine runs: connect, read, write, and a few portable helpers.

Everything above hands Ibis expressions around; on DuckDB they run out of core on one machine.
"""

import contextlib
import filecmp
import gc
import os
import shutil
import tempfile
import weakref
from pathlib import Path

import duckdb
import ibis
import pandas as pd
from ibis.expr.operations import HexDigest

from shindan import schema


def connect(spill=None, memory_mb=None):
    """A DuckDB connection that stays inside this machine: bounded memory, spill folder, no network.

    The engine takes at most `memory_mb` (default and upper bound: 60 % of the machine's memory).
    """
    gc.set_threshold(100_000)  # an expression is thousands of small objects that live on: looking through them took a sixth
    ibis.options.sql.fuse_selects = False  # DuckDB joins nested selects itself, sooner than Python does
    con = ibis.duckdb.connect(":memory:")
    settings = {
        "memory_limit": f"'{min(_memory_mb(), memory_mb or _memory_mb())}MB'",
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "TimeZone": "'UTC'",  # times are naive local business times; the session adds nothing
    }
    if spill:
        Path(spill).mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=spill))  # one a connection
        settings["temp_directory"] = _quoted(own)
        weakref.finalize(con, shutil.rmtree, own, ignore_errors=True)
    for name, value in settings.items():
        con.raw_sql(f"SET {name}={value}")
    with contextlib.suppress(duckdb.InvalidInputException):  # a notebook has no bar to switch off
        con.raw_sql("SET enable_progress_bar=false")
    return con


def forget(con):
    """Remove what `keep` and spilling left on disk; the connection's kept tables are gone."""
    if folder := _spill(con):
        shutil.rmtree(folder, ignore_errors=True)


def _spill(con):
    """The connection's own folder for what does not stay in memory, if it has one."""
    folder = con.raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0]
    return Path(folder) if folder and folder != ".tmp" else None


def _memory_mb():
    """60 % of the machine's memory."""
    return int(0.6 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)


def read(con, folder, name):
    """A canonical or derived table of `folder` (tables/*.parquet), typed by the schema."""
    file = Path(folder) / f"{name}.parquet"
    return con.read_parquet(str(file), table_name=f"t_{name}").cast(schema.of(name))


def empty(name):
    """The table `name` without rows."""
    return ibis.memtable(schema.of(name).to_pyarrow().empty_table())


def as_table(data):
    """An Ibis table from one, or from a pandas frame: analyses take either."""
    return ibis.memtable(data) if isinstance(data, pd.DataFrame) else data


def frame(table, by=None):
    """A small result as pandas, in a stable order (`by`: columns; default: all, left to right)."""
    table = as_table(table)
    return table.order_by(list(by or table.columns)).to_pandas()


def write(con, table, file, by):
    """Write rows ordered by `by` to Parquet; the file appears whole or not at all.

    A file that already holds the same bytes keeps its time stamp, so nothing after it runs again.
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    con.to_parquet(table.order_by(list(by)), part, compression="zstd")
    if file.is_file() and filecmp.cmp(part, file, shallow=False):
        part.unlink()
    else:
        part.replace(file)


def _quoted(file):
    return "'" + str(file).replace("'", "''") + "'"


def keep(con, table, name):
    """Compute `table` once and give back the stored result, for this run only.

    With a spill folder it is a Parquet file there, read column by column; else a temporary table.
    """
    folder = _spill(con)
    if not folder:
        return con.create_table(f"k_{name}", table, temp=True, overwrite=True)
    file = folder / f"kept-{len(list(folder.glob('kept-*'))):04d}-{name}.parquet"
    con.to_parquet(table, file)
    return con.read_parquet(str(file))


def by_number(column):
    """Sort keys of numbers kept as text: 9 before 10."""
    return column.length(), column


def days_between(later, earlier):
    """Whole days from `earlier` to `later` (dates)."""
    return later.delta(earlier, unit="day")


def days_after(date, days):
    """The date `days` (a number, negative too) after a column of dates; DuckDB alone gives a time stamp."""
    return as_date(date + ibis.interval(days=days))


def as_date(column):
    """A date that is stored as one, whatever arithmetic made it (a plain cast is elided)."""
    return column.cast("timestamp").date()


def month_number(column):
    """Months as year*12+month: differences of it mean the same on every engine."""
    return column.year() * 12 + column.month()


def month_start(column):
    """The first day of a date's month, a date (truncation gives a time stamp on DuckDB)."""
    return ibis.date(column.year(), column.month(), 1)


def whole_sum(column):
    """A sum of integers that is stored as an integer (DuckDB widens it, and a plain cast is elided)."""
    return column.sum().cast("decimal(38, 0)").cast("int64")


@ibis.udf.scalar.builtin
def unhex(text: str) -> bytes:
    """The bytes behind hex digits; DuckDB and Spark call it by the same name."""


@ibis.udf.scalar.builtin
def hex(text: str) -> str:
    """The UTF-8 bytes of a text in hex digits; likewise."""


def hmac_hex(text, key):
    """HMAC-SHA256 of a text column under `key` (at most 64 bytes), in hex digits."""
    padded = key.encode().ljust(64, b"\0")
    inner, outer = (ibis.literal(bytes(b ^ pad for b in padded).hex()) for pad in (0x36, 0x5C))
    return _sha256(outer + _sha256(inner + hex(text)))


def _sha256(digits):
    return HexDigest(unhex(digits), "sha256").to_expr()
