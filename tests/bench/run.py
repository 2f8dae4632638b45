"""Speed and memory, each beside a reference measured in the same run: `make bench [ORDERS=…]`.

The machine may be busy: read the ratios, not the seconds.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORDERS = int(os.environ.get("ORDERS", 100_000))

INTAKE = "from shindan import config, intake; f = config.Folder('demo'); intake.run(f, config.load(f))"
DERIVE = "from shindan import run; run.tables('demo')"
FLOOR = """
import duckdb
duckdb.sql("SET enable_progress_bar=false")
duckdb.sql("COPY (FROM read_csv('{utf8}/*.csv', all_varchar=true, union_by_name=true)) TO '{utf8}/floor.parquet'")
"""
F2 = """
import shindan
from shindan.analyses import repeat
c = shindan.open('demo')
repeat.f2_rate(c.buyers, c.as_of)
"""
SCAN = """
import duckdb
duckdb.sql("SELECT first_date, count(*) FROM read_parquet('{tables}/buyers.parquet') GROUP BY 1").fetchall()
"""


def main():
    with tempfile.TemporaryDirectory(prefix="shindan-bench-") as scratch:
        os.environ["SHINDAN_CLIENTS"] = scratch
        shop = Path(scratch) / "demo"
        _write_shop(shop)
        utf8 = _as_utf8(shop)
        lines = sum(_lines(f) for f in utf8.glob("*.csv"))
        size = sum(f.stat().st_size for f in utf8.glob("*.csv")) / 1e6
        print(f"{lines:,} order lines, {size:,.0f} MB as UTF-8, {os.cpu_count()} cores\n")
        print(f"{'step':34}{'seconds':>9}{'peak MB':>9}   of the reference")
        floor = _row("DuckDB reads the same as UTF-8", FLOOR.format(utf8=utf8))
        _row("intake: files -> canonical tables", INTAKE, floor)
        _row("  again, nothing changed", INTAKE, floor)
        _row("tables: intake + purchases, buyers", DERIVE, floor)
        scan = _row("DuckDB groups the buyers once", SCAN.format(tables=shop / "work" / "tables"))
        _row("F2 rate with its imports", F2, scan)


def _write_shop(shop):
    shop.mkdir()
    shutil.copy(ROOT / "client_data" / "demo" / "client.yaml", shop)
    subprocess.run([sys.executable, "-m", "shindan.cli", "demo", "--orders", str(ORDERS), "--into",
                    str(shop / "raw")], check=True, cwd=ROOT)


def _as_utf8(shop):
    folder = shop.parent / "utf8"
    folder.mkdir()
    for file in (shop / "raw").glob("order_*.csv"):
        with file.open(encoding="cp932", newline="") as source, \
                (folder / file.name).open("w", encoding="utf-8", newline="") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    return folder


def _lines(file):
    """Newlines of a file, counted a block at a time: a process started from a large one counts as large."""
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 24), b""))


def _row(words, code, reference=None):
    """Run `code` in a process of its own; its wall seconds and peak memory, as ratios too."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds, peak = time.perf_counter() - start, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    if status:
        sys.exit(f"{words}: failed")
    ratio = f"{seconds / reference[0]:8.1f}x time {peak / reference[1]:6.1f}x memory" if reference else ""
    print(f"{words:34}{seconds:9.1f}{peak:9.0f}   {ratio}", flush=True)
    return seconds, peak


if __name__ == "__main__":
    main()
