"""The small shop of formats/shop.py, written in every format, comes out with the same orders and yen."""

import pandas as pd
import pytest
from tests.intake.conftest import Client
from tests.intake.formats.kinds import FORMATS, number, orders_of
from tests.intake.formats.shop import ORDERS, REVENUE, revenue


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """All formats at once, each a shop of its own."""
    client = Client(tmp_path_factory.mktemp("formats") / "client_data")
    sources = []
    for shop, form in FORMATS.items():
        for name, data in form.write(orders_of(form)).items():
            client.put(f"{shop}/{name}", data)
        sources += [{"path": f"{shop}/{file}", "preset": preset, "shop": shop} for preset, file in form.presets]
    client.facts = client.run(sources)
    client.orders = client.table("orders").set_index("order_id")
    client.lines = client.table("order_lines")
    return client


def test_the_rule_of_the_expected_revenue_is_the_one_by_hand():
    assert {o.no: revenue(o) for o in ORDERS} == REVENUE


@pytest.mark.parametrize("shop", FORMATS)
def test_every_yen_comes_out_right(client, shop):
    """Pitfall 10."""
    form, found, expected = FORMATS[shop], {}, {}
    for o in orders_of(form):
        row = client.orders.loc[f"{shop}:{number(form, o)}"]
        found[o.no] = {c: int(row[c]) for c in row.index if c.endswith("_jpy") and c != "tax_jpy"}
        mine = form.points == "points_shop_jpy"
        expected[o.no] = {
            "items_jpy": o.items, "discount_shop_jpy": o.coupon, "discount_mall_jpy": o.mall_coupon,
            "points_shop_jpy": 0, "points_mall_jpy": 0, form.points: o.points, "shipping_jpy": o.shipping,
            "fee_jpy": o.fee, "billed_jpy": o.billed, "refund_jpy": o.refund, "revenue_tax_jpy": 0,
            "revenue_jpy": revenue(o, mine, form.rates, form.lines == "amounts")}
        expected[o.no] = {c: expected[o.no][c] for c in found[o.no]}
    assert found == expected


@pytest.mark.parametrize("shop", FORMATS)
def test_status_time_and_kind(client, shop):
    form = FORMATS[shop]
    mine = client.orders[client.orders["shop"] == shop]
    assert len(mine) == len(orders_of(form))
    for o in orders_of(form):
        row = mine.loc[f"{shop}:{number(form, o)}"]
        assert row.status == o.status, o.no
        assert str(row.order_date)[:10] == o.at[:10], o.no
        assert row.order_type == ("subscription" if o.subscription else "onetime"), o.no
        assert bool(row.is_zero_yen) == (o.items == 0)


@pytest.mark.parametrize("shop", [s for s, f in FORMATS.items() if f.lines != "none"])
def test_lines(client, shop):
    form = FORMATS[shop]
    lines = client.lines[client.lines.line_type == "product"]
    for o in orders_of(form):
        mine = lines[lines.order_id == f"{shop}:{number(form, o)}"].sort_values("line_no")
        if form.lines == "names":
            assert list(mine.product_name) == [x.name for x in o.lines]
        else:
            assert list(mine.sku) == [x.sku for x in o.lines], o.no
        if form.lines == "amounts":
            assert list(mine.line_amount_jpy) == [x.amount for x in o.lines], o.no
            assert list(mine.qty) == [x.qty for x in o.lines]


@pytest.mark.parametrize("shop", FORMATS)
def test_who_bought(client, shop):
    form = FORMATS[shop]
    mine = client.orders[client.orders["shop"] == shop]
    if not form.people:
        assert mine.customer_key.isnull().all()
        return
    keys = {}
    for o in orders_of(form):
        keys.setdefault(o.member, set()).add(mine.customer_key[f"{shop}:{number(form, o)}"])
    assert all(len(k) == 1 and pd.notna(next(iter(k))) for k in keys.values())
    assert len(set.union(*keys.values())) == len(keys)


def test_every_row_is_accounted_for(client):
    report = client.report()
    assert (report.rows_read == report.rows_used + report.rows_skipped + report.rows_rejected).all()
    assert report.rows_rejected.sum() == 0
    skipped = report[report.rows_skipped > 0]
    assert dict(skipped.skipped_why) == {"nextengine/ne_detail.csv": f"line_cancelled {len(orders_of(FORMATS['nextengine']))}"}
    assert client.facts["billed"]["mismatches"] == client.facts["lines"]["mismatches"] == 0


def test_encodings_are_told(client):
    found = client.report().encoding
    assert found["shopify/orders_export_1.csv"] == "utf-8" and found["rakuten/rakuten_20240301.csv"] == "cp932"
    assert found["woocommerce/wc-orders-report-export.csv"] == "utf-8-sig"
    names = set(client.lines.product_name.dropna())
    assert {"石けん①", "お茶～緑～", '石けん① 5" サイズ'} <= names


def test_options_are_no_products_and_subscriptions_have_numbers(client):
    base = client.lines[client.lines.order_id.str.startswith("base:")]
    assert set(base.line_type) == {"product", "option"}
    seq = client.orders.loc[["ecforce:bdbfaf1009", "ecforce:bdbfaf1010"], ["subscription_id", "subscription_seq"]]
    assert seq.values.tolist() == [["T77", 1], ["T77", 2]]


def test_notes_of_shopify_hold_where_people_came_from(client):
    shopify = client.orders[client.orders["shop"] == "shopify"]
    assert set(shopify.utm_source) == {"google"} and set(shopify.utm_medium) == {"cpc"}
