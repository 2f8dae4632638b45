"""One demo shop for all tests here, and a reader of its files with pandas alone: a second opinion."""

import pandas as pd
import pytest

from shindan import demo


class Ledger:
    """The order files of a folder. orders: one row per order; purchases: one per person x day."""

    def __init__(self, raw):
        parts = [pd.read_csv(f, encoding="cp932", dtype=str) for f in sorted(raw.glob("order_*.csv"))]
        o = pd.concat(parts).drop_duplicates("注文番号")
        for name in ("小計", "値引き", "送料", "税金", "合計"):
            o[name] = o[name].astype(float).astype(int)
        o["at"] = pd.to_datetime(o["受注日"])
        self.orders = o.assign(
            person=o["メールアドレス"].str.lower(), date=o["at"].dt.normalize(),
            revenue=o["小計"] - o["値引き"])
        self.valid = self.orders[~o["対応状況(ID)"].isin(["3", "9"]) & (o["合計"] > 0)]
        p = self.valid.sort_values("at").groupby(["person", "date"], as_index=False).agg(
            revenue=("revenue", "sum"), code=("ショップ用メモ欄", lambda codes: codes.iloc[0]))
        self.purchases = p.assign(no=p.groupby("person").cumcount() + 1)


@pytest.fixture(scope="session")
def _demo(tmp_path_factory):
    raw = tmp_path_factory.mktemp("demo") / "raw"
    return raw, demo.write(raw)


@pytest.fixture(scope="session")
def raw(_demo):
    return _demo[0]


@pytest.fixture(scope="session")
def truth(_demo):
    return _demo[1]


@pytest.fixture(scope="session")
def read_ledger():
    return Ledger


@pytest.fixture(scope="session")
def ledger(raw):
    return Ledger(raw)


@pytest.fixture(scope="session")
def orders(ledger):
    return ledger.orders


@pytest.fixture(scope="session")
def purchases(ledger):
    return ledger.purchases
