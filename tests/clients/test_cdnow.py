"""CDNOW as a client: the published counts come out of an ordinary client.yaml.

Fader, Hardie & Lee (2005), "Counting your customers the easy way": 23,570 customers bought first in
January to March 1997, 69,659 orders up to June 1998; the log is in the PyPI package `lifetimes`.
"""

import importlib.util
import shutil
from pathlib import Path

import pandas as pd
import pytest

from shindan import config, intake

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    folder = config.Folder("cdnow", root=tmp_path_factory.mktemp("clients"))
    folder.raw.mkdir(parents=True)
    package = Path(importlib.util.find_spec("lifetimes").origin).parent
    shutil.copy(package / "datasets" / "CDNOW_master.txt", folder.raw)
    shutil.copy(HERE / "cdnow" / "client.yaml", folder.path)
    intake.run(folder, config.load(folder))
    return folder


def test_every_order_and_customer(cdnow):
    orders = pd.read_parquet(cdnow.tables / "orders.parquet")
    assert len(orders) == 69_659
    assert orders.customer_key.nunique() == 23_570
    assert orders.groupby("customer_key").order_date.min().max() <= pd.Timestamp("1997-03-31").date()


def test_money_is_in_cents(cdnow):
    raw = [line.split() for line in (cdnow.raw / "CDNOW_master.txt").read_text().splitlines()[1:]]
    cents = sum(int(line[3].replace(".", "")) for line in raw if line)
    orders = pd.read_parquet(cdnow.tables / "orders.parquet")
    assert orders.items_jpy.sum() == orders.revenue_jpy.sum() == cents
    assert intake.facts(cdnow)["as_of"] == "1998-06-30"
