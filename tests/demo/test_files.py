"""The demo's files are what a client would send, and client.yaml fits them."""

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shindan import config, demo
from shindan.demo import catalogue, csvtext, people, shop

HEADERS = json.loads((Path(__file__).parent / "headers.json").read_text("utf-8"))
CLIENT = Path(__file__).parents[2] / "client_data"


def hashes(folder):
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}


def rows(file, encoding, delimiter=","):
    return list(csv.reader(io.StringIO(file.read_bytes().decode(encoding)), delimiter=delimiter))


def test_equal_seed_and_size_give_equal_bytes(tmp_path):
    truths = [demo.write(tmp_path / name, orders=1500, seed=seed)
              for name, seed in (("a", 3), ("b", 3), ("c", 4))]
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert truths[0] == truths[1] == demo.truth(orders=1500, seed=3)
    assert hashes(tmp_path / "a") != hashes(tmp_path / "c")


def test_order_files_are_eccube_exports(raw):
    files = sorted(raw.glob("order_*.csv"))
    assert [f.name for f in files][::5] == ["order_20230101-20230630.csv", "order_20250701-20251231.csv"]
    for file in files:
        data = file.read_bytes()
        assert b"\r" not in data
        table = rows(file, "cp932")
        assert table[0] == HEADERS["eccube4_order"]
        assert {len(row) for row in table} == {70}
        # 髙﨑① are CP932's own: plain Shift_JIS cannot read them
        with pytest.raises(UnicodeDecodeError):
            data.decode("shift_jis")
        assert '"20' in data.decode("cp932"), "PHP quotes a field with a space"


def test_order_rows_lie_in_the_files_period_in_order(raw):
    for file in raw.glob("order_*.csv"):
        first, last = pd.to_datetime(file.stem.removeprefix("order_").split("-"))
        at = pd.to_datetime(pd.read_csv(file, encoding="cp932", dtype=str)["受注日"])
        assert at.is_monotonic_increasing
        assert first <= at.min() and at.max() < last + pd.Timedelta(days=1)


def test_other_files_have_the_headers_and_encodings_of_the_field(raw):
    assert rows(raw / "customer.csv", "cp932")[0] == HEADERS["eccube4_customer"]
    google = raw / "google_ads_2024.csv"
    assert google.read_bytes()[:2] == b"\xff\xfe"
    table = rows(google, "utf-16", "\t")
    assert table[2] == HEADERS["google_ads_ja"]
    assert [row[0] for row in table[-2:]] == ["合計: キャンペーン", "合計: アカウント"]
    assert any("," in row[6] for row in table[3:]) and any(row[8] == "--" for row in table[3:])
    assert rows(raw / "meta_ads_2024.csv", "utf-8-sig")[0] == HEADERS["meta_ads_ja"]
    for name in ("mail_permission", "campaigns", "campaign_sends", "campaign_responses"):
        assert (raw / f"{name}.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


def test_fields_are_quoted_as_php_does():
    # 表 and ソ end in 0x5C in CP932: PHP takes it for a backslash
    line = csvtext.rows([["a", "a b", 'a"b', "表参道", "髙橋", "1,2", ""], "x y"])
    assert line.splitlines() == ['a,"x y"', '"a b","x y"', '"a""b","x y"', '"表参道","x y"',
                                 '髙橋,"x y"', '"1,2","x y"', ',"x y"']


def test_money_of_every_order_adds_up(raw):
    parts = [pd.read_csv(f, encoding="cp932", dtype=str) for f in raw.glob("order_*.csv")]
    o = pd.concat(parts, ignore_index=True)
    assert o["送料.1"].isna().all()
    money = ["小計", "値引き", "送料", "税金", "合計", "支払合計", "価格"]
    o[money] = o[money].astype(float)
    totals = o.groupby("注文番号")[["合計", "小計", "値引き", "税金"]].agg(["min", "max"])
    for name in ("合計", "小計", "値引き", "税金"):
        assert (totals[name]["min"] == totals[name]["max"]).all()
    product = o["明細区分(ID)"] == "1"
    with_tax = o["価格"] + np.where(product, np.floor(o["価格"] * o["税率"].astype(int) / 100 + 0.5), 0)
    amount = with_tax * o["個数"].astype(int)
    first = o.drop_duplicates("注文番号").set_index("注文番号").sort_index()
    assert (amount.groupby(o["注文番号"]).sum() == first["合計"]).all()
    assert (amount[product].groupby(o["注文番号"]).sum() == first["小計"]).all()
    assert (first["合計"] >= 0).all() and o["注文詳細ID"].is_unique


def test_the_order_book_holds_what_real_ones_hold(ledger):
    orders = ledger.orders
    share = orders["対応状況(名称)"].value_counts(normalize=True)
    assert 0.015 < share["注文取消し"] < 0.035 and 0.005 < share["返品"] < 0.02
    assert 50 < (orders["合計"] == 0).sum() < 500                       # samples
    members = orders[orders["会員ID"].notna()].person.unique()
    guests = orders[orders["会員ID"].isna()]
    assert guests.person.isin(members).sum() > 100                     # later a member, same e-mail
    assert (guests["メールアドレス"] != guests.person).sum() > 20        # typed with a capital
    assert ledger.valid.duplicated(["person", "date"]).sum() > 100
    assert set(orders["支払方法(名称)"]) >= {"代金引換", "クレジットカード"}
    late = orders[orders.date >= "2025-12-31"]
    assert late["発送日"].isna().all() and orders["発送日"].notna().mean() > 0.9


def test_nobody_is_real_and_nobody_is_twice(orders):
    person = orders.drop_duplicates("person")
    assert person["メールアドレス"].str.fullmatch(r"(?i)[a-z]+\.\d+@(mail\.)?example\.(jp|com)").all()
    assert person["TEL"].str.fullmatch(r"0[789]00000\d{4}").all()
    assert (orders.groupby("会員ID").person.nunique() == 1).all()
    number = np.arange(1, 300_001, 7)  # several people on each phone number: never the same name
    name = people.names(number)
    seen = pd.DataFrame({"phone": people.phones(number), "a": name["surname_kana"], "b": name["given_kana"]})
    assert seen.phone.duplicated().any() and not seen.duplicated().any()


def test_more_customers_than_a_block_are_still_one_shop(tmp_path, monkeypatch, read_ledger):
    monkeypatch.setattr(shop, "BLOCK", 500)
    known = demo.write(tmp_path, orders=3000)
    read = read_ledger(tmp_path)
    o, p = read.orders, read.purchases
    assert o["注文番号"].nunique() == sum(known["orders"].values())
    assert (p.no == 1).sum() == known["customers"] and len(p) == known["purchases"]


def test_size_is_what_was_asked_for(truth):
    assert sum(truth["orders"].values()) == pytest.approx(demo.ORDERS, rel=0.08)


def test_client_yaml_names_every_file_and_column(raw):
    settings = config.load(config.Folder("demo", CLIENT))
    named = {f.name for source in settings.sources for f in raw.glob(source.path)}
    assert named == {f.name for f in raw.iterdir()}
    for source in (s for s in settings.sources if s.columns):
        for file in raw.glob(source.path):
            assert set(source.columns.values()) <= set(head(file, source)), file.name


def head(file, source):
    if file.suffix == ".xlsx":
        skip = 2 if source.sheet else 0
        return pd.read_excel(file, sheet_name=source.sheet or 0, header=skip, engine="calamine").columns
    return rows(file, "cp932" if source.preset.startswith("eccube") else "utf-8-sig")[0]


def test_channels_of_client_yaml_are_the_shops():
    channels = config.load(config.Folder("demo", CLIENT)).channels
    assert channels == {code: ch.name for ch in catalogue.CHANNELS for code in ch.codes}
