"""One shop, four formats: the demo shop's orders come out the same, and so do its figures.

EC-CUBE 4 (CP932, as the demo writes it), Shopify (UTF-8, first-row totals, times in UTC), 楽天
(CP932, masked addresses) and a sheet of the shop's own (UTF-8 with BOM, an order per row).
What a format cannot carry apart is compared together: 楽天 and Shopify know no points of the
shop's (they are written as its coupon), Shopify no fees beside shipping, 楽天 no returns.
"""

import collections
import csv
import dataclasses
import datetime
import io

import pandas as pd
import pytest
from tests.intake.conftest import Client
from tests.intake.formats import carts, malls
from tests.intake.formats.shop import Line, Order, Person

from shindan import demo, engine, intake
from shindan.analyses import purchases, repeat, rfm

AS_OF = datetime.date(2025, 12, 31)
SHEET = {"order_no": "番号", "ordered_at": "日時", "status": "状態", "email": "メール", "items_jpy": "商品計",
         "shipping_jpy": "送料", "fee_jpy": "手数料", "discount_shop_jpy": "値引", "points_shop_jpy": "ポイント",
         "billed_jpy": "請求", "sku": "品番", "qty": "数", "unit_price_jpy": "単価", "tax_rate": "税率"}
SOURCES = {
    "eccube4": {"path": "order_*.csv", "preset": "eccube4_order"},
    "shopify": {"path": "orders_export_1.csv", "preset": "shopify_orders"},
    "rakuten": {"path": "rakuten_20240301.csv", "preset": "rakuten_rpay"},
    "sheet": {"path": "sheet.csv", "preset": "generic_orders", "columns": SHEET},
}


def read(folder):
    """The demo's order files, row by row, as orders of formats/shop.py."""
    rows = [row for file in sorted(folder.glob("order_*.csv"))
            for row in csv.DictReader(io.StringIO(file.read_bytes().decode("cp932")))]
    people, orders = {}, {}
    for row in rows:
        orders.setdefault(row["注文番号"], []).append(row)
    return [_order(number, lines, people) for number, lines in orders.items()]


def _order(number, rows, people):
    row = rows[0]
    of_kind = collections.defaultdict(int)
    for r in rows:
        of_kind[r["明細区分(ID)"]] += int(float(r["価格"])) * int(r["個数"])
    products = tuple(
        Line(r["商品コード"], r["商品名"], _with_tax(int(float(r["価格"])), int(r["税率"])), int(r["個数"]), int(r["税率"]))
        for r in rows if r["明細区分(ID)"] == "1")
    phone = row["TEL"].replace("-", "")
    who = Person(row["お名前(姓)"], row["お名前(名)"], row["お名前(セイ)"], row["お名前(メイ)"], row["メールアドレス"],
                 f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")
    member = people.setdefault(row["メールアドレス"].lower(), len(people) + 1)
    status = {"3": "cancelled", "9": "returned"}.get(row["対応状況(ID)"], "valid")
    return Order(number, row["受注日"], member, products, of_kind["2"], of_kind["3"], -of_kind["4"], 0, -of_kind["6"],
                 status, who=who)


def _with_tax(price, rate):
    return price + (price * rate * 2 + 100) // 200  # half a yen up


def shopify(orders):
    made = []
    for o in orders:
        utc = datetime.datetime.fromisoformat(o.at) - datetime.timedelta(hours=9)
        made.append(dataclasses.replace(o, at=str(utc), coupon=o.coupon + o.points, points=0,
                                        shipping=o.shipping + o.fee, fee=0))
    return {name: data.replace(b"+0900", b"+0000") for name, data in carts.shopify(made).items()}


def rakuten(orders):
    return malls.rakuten([dataclasses.replace(
        o, coupon=o.coupon + o.points, points=0, status=o.status.replace("returned", "cancelled")) for o in orders])


def sheet(orders):
    words = {"valid": "済", "cancelled": "取消", "returned": "返品"}
    rows = [[o.no, o.at, words[o.status], o.person.email, o.items, o.shipping, o.fee, o.coupon, o.points, o.billed,
             x.sku, x.qty, x.price, x.rate] for o in orders for x in o.lines]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([list(SHEET.values()), *rows])
    return {"sheet.csv": out.getvalue().encode("utf-8-sig")}


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """{format: its client, after intake}; sales with tax, which every format can tell."""
    raw = tmp_path_factory.mktemp("demo") / "raw"
    demo.write(raw, orders=220, seed=3)
    orders = read(raw)
    files = {"eccube4": {f.name: f.read_bytes() for f in raw.glob("order_*.csv")},
             "shopify": shopify(orders), "rakuten": rakuten(orders), "sheet": sheet(orders)}
    done = {}
    for name, source in SOURCES.items():
        client = done[name] = Client(tmp_path_factory.mktemp(name) / "client_data")
        for file, data in files[name].items():
            client.put(file, data)
        words = {"status": {"済": "valid", "取消": "cancelled", "返品": "returned"}} if name == "sheet" else {}
        client.run([{**source, **words}], as_of=str(AS_OF), money={"basis": "tax_included"})
    return done


def canonical(client):
    """One row per order, of what all formats can carry."""
    o = client.table("orders")
    o["no"] = o.order_no.str.extract(r"(\d+)$")[0].str.lstrip("0").str[-6:]
    o["status"] = o.status.where(o.status != "returned", "cancelled")
    o["cut"] = o.discount_shop_jpy + o.points_shop_jpy
    o["sent"] = o.shipping_jpy + o.fee_jpy
    kept = ["no", "ordered_at", "status", "items_jpy", "cut", "sent", "billed_jpy", "is_zero_yen"]
    return o[kept].sort_values("no", ignore_index=True)


@pytest.mark.parametrize("other", ["shopify", "rakuten", "sheet"])
def test_the_same_orders(shops, other):
    ours, theirs = canonical(shops["eccube4"]), canonical(shops[other])
    assert len(ours) > 200
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("other", ["shopify", "rakuten", "sheet"])
def test_the_same_lines(shops, other):
    def lines(client):
        x = client.table("order_lines")
        x = x[x.line_type == "product"]
        x["no"] = x.order_id.str.extract(r"(\d+)$")[0].str.lstrip("0").str[-6:]
        return x[["no", "sku", "qty", "unit_price_jpy", "line_amount_jpy"]].sort_values(
            ["no", "sku", "qty"], ignore_index=True)
    pd.testing.assert_frame_equal(lines(shops["eccube4"]), lines(shops[other]))


@pytest.mark.parametrize("other", ["shopify", "rakuten", "sheet"])
def test_the_same_people(shops, other):
    def people(client):
        o = client.table("orders")
        o["no"] = o.order_no.str.extract(r"(\d+)$")[0].str.lstrip("0").str[-6:]
        return {frozenset(group.no) for _, group in o.groupby("customer_key")}
    assert people(shops["eccube4"]) == people(shops[other])


def figures(client):
    """Sales, F2 within a year, ranks, repeat purchases of the client's tables."""
    facts, con = intake.facts(client.folder), engine.connect()
    orders, lines, members = (engine.read(con, client.folder.tables, t) for t in ("orders", "order_lines", "customers"))
    done = engine.keep(con, purchases.purchases(orders, lines, AS_OF, 0.5), "done")
    start = datetime.date.fromisoformat(facts["data_start"])
    people = engine.keep(con, purchases.buyers(done, members, start, data_starts_with_shop=True), "people")
    ranks = rfm.rank_as_of(done, AS_OF).to_pandas()["rank"].value_counts().sort_index()
    return {
        "sales": int(done.revenue_jpy.sum().to_pandas()), "purchases": int(done.count().to_pandas()),
        "buyers": int(people.count().to_pandas()), "f2": repeat.f2_rate(people, AS_OF).to_dict("records"),
        "ranks": ranks.to_dict(),
        "revenue": dict(facts["bridge"])["revenue"],
    }


@pytest.mark.parametrize("other", ["shopify", "rakuten", "sheet"])
def test_the_same_figures(shops, other):
    ours = figures(shops["eccube4"])
    assert ours["sales"] == ours["revenue"] > 0 and ours["buyers"] > 100
    assert figures(shops[other]) == ours
