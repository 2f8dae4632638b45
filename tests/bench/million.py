"""One list of a million customers: planned and written, in seconds and peak memory (`make bench`).

    CUSTOMERS=1000000 python tests/bench/million.py

The bounds are those of two idle cores: 20 s of wall time, 2 GB. On a busy machine read the CPU seconds.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import yaml

from shindan import schema
from shindan.scenarios import catalogue

CUSTOMERS = int(os.environ.get("CUSTOMERS", 1_000_000))
AS_OF = datetime.date(2025, 12, 31)
SECONDS, MEGABYTES = 20, 2048
PLAN = "from shindan import config, lists; f = config.Folder('million'); lists.make(f, config.load(f))"
WRITE = """
from shindan import config, lists
from pathlib import Path
f = config.Folder('million')
lists.write(f, config.load(f), Path(r'{into}'))
"""
PEOPLE = """
    SELECT substr(id_hash, 1, 16) AS customer_key, * FROM (SELECT sha256(i::VARCHAR) AS id_hash, i FROM range({n}) t(i))
"""
MADE = {
    "customer_ids": "SELECT customer_key, 'cart_id' AS id_type, id_hash FROM people",
    "customers": "SELECT customer_key, true AS mail_optin, false AS is_staff, false AS is_test, "
                 "false AS is_wholesale, false AS is_withdrawn FROM people",
    "purchases": "SELECT customer_key, DATE '2025-12-01' - (i % 300)::INT AS purchase_date, 1 AS purchase_no, "
                 "3000 AS revenue_jpy, 1 AS n_orders, i::VARCHAR AS order_id, (i % 24) AS order_hour, "
                 "false AS is_sale, false AS is_subscription FROM people",
    "buyers": "SELECT customer_key, DATE '2025-12-01' - (i % 300)::INT AS first_date, "
              "DATE '2025-12-01' - (i % 300)::INT AS last_date, 1 AS n_purchases, true AS is_new FROM people",
}
CONTACTS = """SELECT customer_key, i::VARCHAR AS customer_id, 'user' || i || '@example.jp' AS email, '山田 花子' AS name,
    'ヤマダ ハナコ' AS kana, '0900000' || lpad((i % 10000)::VARCHAR, 4, '0') AS phone, '0000001' AS postal_code FROM people"""


def main():
    with tempfile.TemporaryDirectory(prefix="shindan-bench-") as scratch:
        os.environ["SHINDAN_CLIENTS"] = scratch
        home = Path(scratch) / "million"
        _shop(home)
        print(f"{CUSTOMERS:,} customers on one list, {os.cpu_count()} cores\n")
        print(f"{'step':34}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}")
        _row("plan: due, stops, cap, draw", PLAN, home)
        into = home / "lists"
        seconds, peak = _row("write the list", WRITE.format(into=into), home)
        told = json.loads((into / "manifest.json").read_text("utf-8"))["lists"]
        size = sum(f.stat().st_size for f in into.glob("*.csv")) / 1e6
        print(f"\n{sum(t['sent'] for t in told):,} rows, {size:,.0f} MB; bounds: {SECONDS} s, {MEGABYTES} MB")
        shutil.rmtree(home)
    return int(seconds > SECONDS or peak > MEGABYTES)


def _shop(home):
    """The tables a plan reads, straight into Parquet."""
    (home / "work" / "tables").mkdir(parents=True)
    (home / "work" / "private").mkdir()
    (home / "pseudonym.key").write_text("ab" * 32 + "\n")
    off = {id: {"on": False} for id in catalogue.standard()}
    own = {"name": "million", "sources": [], "lists": {"holdout_rate": 0}, "scenarios": {**off, "rank_regular": {"on": True}}}
    (home / "client.yaml").write_text(yaml.safe_dump(own), "utf-8")
    (home / "work" / "tables" / "facts.json").write_text(json.dumps({"as_of": str(AS_OF)}))
    con = duckdb.connect()
    con.sql(f"CREATE TABLE people AS {PEOPLE.format(n=CUSTOMERS)}")
    for name in schema.TABLES | schema.DERIVED:
        if name != "list_counts":
            con.sql(f"COPY ({_typed(con, name)}) TO '{home / 'work' / 'tables' / name}.parquet' (FORMAT parquet)")
    con.sql(f"COPY ({CONTACTS}) TO '{home / 'work' / 'private' / 'contacts.parquet'}' (FORMAT parquet)")


def _typed(con, name):
    """The rows of a table with every column of its schema; a table without rows where none are made."""
    rows = MADE.get(name, "SELECT customer_key FROM people WHERE false")
    there = con.sql(f"SELECT * FROM ({rows}) LIMIT 0").columns
    kinds = {"string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE"}
    columns = [f"{c if c in there else 'NULL'}::{kinds.get(kind, kind)} AS {c}"
               for c, kind in (schema.TABLES | schema.DERIVED)[name].items()]
    return f"SELECT {', '.join(columns)} FROM ({rows})"


def _row(words, code, home):
    """Run `code` as a program of its own (a file: typed at a prompt, the engine draws progress bars)."""
    program = home / "step.py"
    program.write_text(code, "utf-8")
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, program])
    _, status, usage = os.wait4(process.pid, 0)
    seconds, peak = time.perf_counter() - start, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    if status:
        sys.exit(f"{words}: failed")
    print(f"{words:34}{seconds:9.1f}{usage.ru_utime + usage.ru_stime:9.1f}{peak:9.0f}", flush=True)
    return seconds, peak


if __name__ == "__main__":
    sys.exit(main())
