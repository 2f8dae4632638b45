"""Unchanged files leave their tables alone; order of rows and cutting of files change nothing."""

import os

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import schema

ORDERS = {"path": "o*.csv", "preset": "generic_orders"}
NPS = {"path": "nps.csv", "preset": "generic_nps", "optional": True}
HEADER = "order_no,ordered_at,items_jpy,customer_id,sku,qty,unit_price_jpy\n"


def stamps(client):
    for file in client.folder.tables.glob("*.parquet"):
        os.utime(file, (1, 1))
    return {f.stem: f.stat().st_mtime for f in client.folder.tables.glob("*.parquet")}


def touched(client):
    return {f.stem for f in client.folder.tables.glob("*.parquet") if f.stat().st_mtime != 1}


def test_only_what_depends_on_a_changed_file_is_made_again(client):
    client.put("o.csv", HEADER + "1,2024-01-05,1100,7,a,1,1100\n")
    client.put("nps.csv", "score,customer_id\n9,7\n")
    client.run([ORDERS, NPS])
    stamps(client)
    client.run([ORDERS, NPS])
    assert touched(client) == set()
    client.put("nps.csv", "score,customer_id\n8,7\n")
    client.run([ORDERS, NPS])
    assert touched(client) == {"nps_responses", "load_report"}
    stamps(client)
    client.put("o.csv", HEADER + "1,2024-01-05,2200,7,a,2,1100\n")
    client.run([ORDERS, NPS])
    assert {"orders", "order_lines"} <= touched(client) and "nps_responses" not in touched(client)


def test_every_table_is_there(client):
    client.put("o.csv", HEADER + "1,2024-01-05,1100,7,a,1,1100\n")
    facts = client.run([ORDERS, NPS])
    for name in schema.TABLES:
        assert list(client.table(name).columns) == list(schema.TABLES[name])
    assert facts["as_of"] == facts["data_start"] == facts["data_end"] == "2024-01-05"


LINES = [f"{n},2024-01-{d:02d} 10:00,{n * 100},c{n % 3},s{i},1,{n * 50}\n"
         for n, d in enumerate((5, 6, 7, 8, 9), start=1) for i in range(2)]


def priced(client, parts):
    """Orders and their lines of these files' rows, and what became of the rows."""
    for old in client.folder.raw.glob("o*.csv"):
        old.unlink()
    for name, part in parts.items():
        client.put(name, HEADER + "".join(part))
    found = client.price(ORDERS)
    orders = found.orders[["order_no", "order_id", "customer_id", "ordered_at", "status", "items_jpy", "revenue_jpy"]]
    lines = found.lines[["order_id", "sku", "qty", "line_amount_jpy"]]
    return orders, lines.sort_values(list(lines.columns), ignore_index=True), found.accounts


@pytest.fixture(scope="module")
def in_one_file(another_client):
    return priced(another_client(), {"o.csv": LINES})


@settings(max_examples=3, deadline=None)
@given(st.randoms(), st.integers(0, 5))
def test_row_order_and_file_splitting_change_nothing(another_client, in_one_file, random, cut):
    orders = [LINES[i:i + 2] for i in range(0, len(LINES), 2)]  # an order stays in one file
    random.shuffle(orders)
    parts = [[row for order in part for row in order] for part in (orders[:cut], orders[cut:])]
    for part in parts:
        random.shuffle(part)
    *found, accounts = priced(another_client(), dict(zip(("o.csv", "o2.csv"), parts, strict=True)))
    for ours, theirs in zip(in_one_file, found, strict=False):
        pd.testing.assert_frame_equal(ours, theirs)
    assert all(a.rejected == 0 and not a.skipped for a in accounts)
    assert sum(a.used for a in accounts) == sum(a.rows_read for a in accounts) == len(LINES)


@pytest.mark.parametrize("size", [1, 3])
def test_small_blocks_read_the_same(client, monkeypatch, size):
    from shindan.intake import read

    client.put("o.csv", HEADER + "".join(LINES))
    whole = client.stage(ORDERS)[1]
    monkeypatch.setattr(read, "BLOCK_BYTES", size * 100)
    assert client.stage(ORDERS)[1].equals(whole)
