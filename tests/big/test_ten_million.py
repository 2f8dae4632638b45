"""Ten million order lines of CP932 CSV: every row accounted for, in less than 4 GB.

`make big`. Ten minutes and 12 GB of disk; speed stands beside its floor in `make bench ORDERS=4110000`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from shindan import demo

ROOT = Path(__file__).parents[2]
ORDERS = 4_110_000
LINES, PEAK_MB, DISK_GB = 9_900_000, 4096, 12
IN_ORDER = """
    SELECT count(*), bool_and(before IS NULL OR (order_id, line_no) > before)
    FROM (SELECT order_id, line_no, lag((order_id, line_no)) OVER () AS before FROM '{file}')
"""
INTAKE = "from shindan import config, intake; f = config.Folder('demo'); intake.run(f, config.load(f))"


@pytest.fixture
def shop(tmp_path):
    """(the client's folder, the truth it was written with)."""
    if shutil.disk_usage(tmp_path).free < DISK_GB * 10**9:
        pytest.skip(f"needs {DISK_GB} GB of disk")
    home = tmp_path / "demo"
    home.mkdir()
    shutil.copy(ROOT / "client_data" / "demo" / "client.yaml", home)
    yield home, demo.write(home / "raw", orders=ORDERS)
    shutil.rmtree(home)


def test_ten_million_lines_in_bounded_memory(shop):
    home, truth = shop
    peak = _peak_mb(INTAKE, SHINDAN_CLIENTS=str(home.parent))
    assert peak < PEAK_MB
    facts = json.loads((home / "work" / "tables" / "facts.json").read_text("utf-8"))
    order_files = [s for s in facts["sources"] if s["file"].startswith("order_")]
    read = sum(s["rows_read"] for s in order_files)
    assert read == sum(_lines(f) for f in (home / "raw").glob("order_*.csv")) > LINES
    n, ordered = duckdb.sql(IN_ORDER.format(file=home / "work" / "tables" / "order_lines.parquet")).fetchone()
    assert ordered and n == sum(s["used"] for s in order_files) == read
    bridge = dict(facts["bridge"])
    assert bridge["revenue"] - bridge["tax"] == truth["revenue_jpy"]


def _peak_mb(code, **environment):
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | environment)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)


def _lines(file):
    """Data rows of a file whose cells hold no newline."""
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 24), b"")) - 1
