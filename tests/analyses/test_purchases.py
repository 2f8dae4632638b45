"""Orders to purchase occasions to buyers, on a few hand-typed customers."""

import dataclasses
import datetime

import ibis
import pandas as pd
import pytest

from shindan import config, engine, schema
from shindan.analyses import purchases

DAY = datetime.date


def orders(rows):
    """rows: (order_id, customer, "YYYY-MM-DD HH:MM", yen, {overrides})."""
    out = []
    for order_id, who, at, yen, more in rows:
        row = dict.fromkeys(schema.TABLES["orders"])
        when = pd.Timestamp(at)
        row.update(
            order_id=order_id, customer_key=who, ordered_at=when, order_date=when.date(),
            status="valid", order_type="onetime", revenue_jpy=yen, acq_channel="web",
            is_guest=False, is_gift=False, is_staff=False, is_test=False, is_zero_yen=yen == 0, **{})
        row.update(more)
        out.append(row)
    return ibis.memtable(pd.DataFrame(out), schema=schema.of("orders"))


def lines(rows):
    """rows: (order_id, line_no, sku, unit price, amount, discount)."""
    frame = pd.DataFrame([
        {**dict.fromkeys(schema.TABLES["order_lines"]), "order_id": o, "line_no": n,
         "line_type": "product", "sku": sku, "product_name": f"{sku}の名", "unit_price_jpy": price,
         "line_amount_jpy": amount, "line_discount_jpy": discount, "qty": 1}
        for o, n, sku, price, amount, discount in rows])
    return ibis.memtable(frame, schema=schema.of("order_lines"))


ORDERS = [
    ("o1", "c1", "2025-01-10 09:00", 5000, {}),
    ("o2", "c1", "2025-01-10 21:00", 1000, {"acq_channel": "shop"}),      # same day: one occasion
    ("o3", "c1", "2025-02-10 08:00", 4000, {}),
    ("o4", "c1", "2025-02-20 08:00", 9999, {"status": "cancelled"}),
    ("o5", "c2", "2025-01-05 08:00", 0, {}),                               # zero yen
    ("o6", "c2", "2025-03-01 08:00", 3000, {}),
    ("o7", "c3", "2025-03-02 08:00", 3000, {"order_type": "sample"}),
    ("o8", None, "2025-03-02 08:00", 3000, {}),
    ("o9", "c4", "2025-04-01 00:10", 3000, {}),                            # after as_of
]
LINES = [
    ("o1", 1, "A", 3000, 3000, 0), ("o1", 2, "B", 2000, 2000, 0), ("o2", 1, "B", 1000, 1000, 0),
    ("o3", 1, "A", 2900, 2900, 0), ("o6", 1, "A", 3000, 3000, 100),
]
AS_OF = DAY(2025, 3, 31)


def occasions(rate=0.4, **rules):
    return purchases.purchases(orders(ORDERS), lines(LINES), AS_OF, rate, purchases.Rules(**rules))


def test_what_counts_and_what_does_not():
    got = engine.frame(occasions().select("customer_key", "purchase_no", "revenue_jpy", "n_orders"))
    assert got.values.tolist() == [["c1", 1, 6000, 2], ["c1", 2, 4000, 1], ["c2", 1, 3000, 1]]


def test_the_day_carries_its_first_order():
    first = engine.frame(occasions()).iloc[0]
    assert (first.order_id, first.acq_channel, first.product_name, first.order_hour) == ("o1", "web", "Aの名", 9)
    assert first.contribution_jpy == 2400


def test_same_day_orders_can_be_kept_apart():
    got = engine.frame(occasions(merge_same_day=False).select("customer_key", "purchase_no", "order_id"))
    assert got.values.tolist() == [["c1", 1, "o1"], ["c1", 2, "o2"], ["c1", 3, "o3"], ["c2", 1, "o6"]]


TIES = [  # days without a time beside days with one; the numbers of the first person's orders gain a digit
    ("main:10", "c1", "2025-01-10", 1000, {"acq_channel": "late"}), ("main:9", "c1", "2025-01-10", 1000, {"acq_channel": "early"}),
    ("main:1", "c2", "2025-01-10 21:00", 1000, {}), ("main:2", "c2", "2025-01-10 09:00", 1000, {}),
    ("main:3", "c2", "2025-01-11", 1000, {})]


@pytest.mark.parametrize(("merged", "expected"), [
    (True, [["c1", 1, "main:9", "early"], ["c2", 1, "main:2", "web"], ["c2", 2, "main:3", "web"]]),
    (False, [["c1", 1, "main:9", "early"], ["c1", 2, "main:10", "late"], ["c2", 1, "main:2", "web"],
             ["c2", 2, "main:1", "web"], ["c2", 3, "main:3", "web"]])])
def test_of_one_day_time_decides_and_then_the_order_number(merged, expected):
    """Pitfall 22."""
    got = purchases.purchases(orders(TIES), lines(LINES), AS_OF, None, purchases.Rules(merge_same_day=merged))
    columns = ["customer_key", "purchase_no", "order_id", "acq_channel"]
    assert engine.frame(got.select(columns), by=columns[:2]).values.tolist() == expected


def test_orders_of_zero_yen_can_be_counted():
    got = engine.frame(occasions(count_zero_yen=True).select("customer_key", "purchase_no", "order_id"))
    assert got.values.tolist()[2:] == [["c2", 1, "o5"], ["c2", 2, "o6"]]


def test_rules_are_those_of_client_yaml():
    settings = config.Purchases()
    for field in dataclasses.fields(purchases.Rules):
        assert getattr(settings, field.name) == field.default


def test_sale_is_five_percent_under_the_list_price_or_a_line_discount():
    got = engine.frame(occasions().select("customer_key", "purchase_no", "is_sale"))
    assert got.is_sale.tolist() == [True, False, True]  # B at half price · A at -3 % · a discount


def test_without_a_rate_there_is_no_contribution():
    assert engine.frame(occasions(rate=None)).contribution_jpy.isna().all()


def test_the_shop_does_not_keep_the_tax():
    """On the basis tax_included sales hold 8 or 10 % of tax; what the shop keeps is reckoned without."""
    with_tax = [("t1", "c1", "2025-01-10 09:00", 1100, {"revenue_tax_jpy": 100}),
                ("t2", "c1", "2025-01-10 10:00", 1080, {"revenue_tax_jpy": 80})]
    row = engine.frame(purchases.purchases(orders(with_tax), lines(LINES), AS_OF, 0.5)).iloc[0]
    assert (row.revenue_jpy, row.contribution_jpy) == (2180, 1000)


def buyers(registered=("2024-01-01", "2025-02-27"), **more):
    people = pd.DataFrame({**{c: [None, None] for c in schema.TABLES["customers"]},
                           "customer_key": ["c1", "c2"],
                           "registered_at": pd.to_datetime(pd.Series(registered, dtype="object"))})
    table = ibis.memtable(people, schema=schema.of("customers"))
    return engine.frame(purchases.buyers(occasions(), table, DAY(2025, 1, 1), **more))


def test_one_row_per_buyer():
    got = buyers()
    assert got.customer_key.tolist() == ["c1", "c2"]
    assert got.first_date.tolist()[0] == DAY(2025, 1, 10) or str(got.first_date[0])[:10] == "2025-01-10"
    assert str(got.second_date[0])[:10] == "2025-02-10" and pd.isna(got.second_date[1])
    assert got.n_purchases.tolist() == [2, 1] and got.revenue_jpy.tolist() == [10000, 3000]
    assert str(got.cohort_month[1])[:10] == "2025-03-01"


def test_who_may_be_older_than_the_data_is_not_new():
    """Pitfall 36: c1 registered before the data began and may have bought before; c2 registered inside it."""
    assert buyers(burn_in_days=365).is_new.tolist() == [False, True]
    assert buyers(burn_in_days=5).is_new.tolist() == [False, True]  # what is known goes before the burn-in
    assert buyers(data_starts_with_shop=True).is_new.tolist() == [True, True]


def contract(who, id, ago_months, seqs=None, **more):
    """The orders of one contract, a month apart; `seqs` as the file numbers them."""
    return [(f"{id}-{i}", who, f"2024-{i:02d}-10 06:00", 4000,
             {"order_type": "subscription", "subscription_id": id, "subscription_seq": seqs[i - 1] if seqs else None, **more})
            for i in range(1, ago_months + 1)]


def decided(rows, promised):
    return engine.frame(occasions_of(rows, promised), by=["customer_key", "purchase_no"])


def occasions_of(rows, promised):
    return purchases.purchases(orders(rows), lines(LINES), AS_OF, subscriptions=contracts(promised.items()))


def contracts(promised):
    rows = [{**dict.fromkeys(schema.TABLES["subscriptions"]), "subscription_id": id, "promised_count": count}
            for id, count in promised]
    if not rows:
        return engine.empty("subscriptions")
    return ibis.memtable(pd.DataFrame(rows), schema=schema.of("subscriptions"))


@pytest.mark.parametrize("seqs", [None, [1, 2, 3, 4, 5]])
def test_deliveries_are_automatic_but_for_the_first_and_the_first_one_could_refuse(seqs):
    got = decided(contract("c1", "S1", 5, seqs), {"S1": 3})
    assert got.is_automatic.tolist() == [False, True, True, False, True]
    assert decided(contract("c1", "S1", 3, seqs), {"S1": 0}).is_automatic.tolist() == [False, False, True]
    assert decided(contract("c1", "S1", 3, seqs), {}).is_automatic.tolist() == [False, True, True]  # no promise known


def test_the_promise_of_the_shop_where_no_contract_names_one():
    rules = purchases.Rules(promised_count=2)
    got = engine.frame(purchases.purchases(orders(contract("c1", "S1", 4)), lines(LINES), AS_OF, None, rules), by=["purchase_no"])
    assert got.is_automatic.tolist() == [False, True, False, True]


def test_a_purchase_of_ones_own_on_the_day_of_a_delivery_is_a_decision():
    own = ("o9", "c1", "2024-02-10 20:00", 1000, {})
    got = decided([*contract("c1", "S1", 3), own], {"S1": 3})
    assert got.is_automatic.tolist() == [False, False, True] and got.is_subscription.all()
    again = decided(contract("c1", "S1", 3) + contract("c1", "S2", 5), {"S1": 9, "S2": 9})
    assert again.is_automatic.tolist() == [False, True, True, True, True]  # both start on the first day


def test_the_second_purchase_is_one_somebody_decided_on():
    told = occasions_of(contract("c1", "S1", 5), {"S1": 3})
    people = purchases.buyers(told, engine.empty("customers"), DAY(2024, 1, 1), data_starts_with_shop=True)
    row = engine.frame(people).iloc[0]
    assert str(row.second_date)[:10] == "2024-04-10" and row.n_purchases == 5 and row.revenue_jpy == 20000
    told = occasions_of(contract("c1", "S1", 3), {"S1": 3})
    row = engine.frame(purchases.buyers(told, engine.empty("customers"), DAY(2024, 1, 1))).iloc[0]
    assert pd.isna(row.second_date)


def test_a_contract_told_twice_does_not_double_its_orders():
    rows = orders(contract("c1", "S1", 2))
    terms = contracts([("S1", 3), ("S1", 3)])
    assert purchases.deliveries(rows, terms).count().to_pandas() == 2


@pytest.mark.parametrize("seed", range(3))
def test_row_order_changes_nothing(seed):
    shuffled = pd.Series(ORDERS).sample(frac=1, random_state=seed).tolist()
    a = engine.frame(purchases.purchases(orders(shuffled), lines(LINES[::-1]), AS_OF, 0.4))
    pd.testing.assert_frame_equal(a, engine.frame(occasions()))


def test_no_orders_no_rows():
    none = purchases.purchases(engine.empty("orders"), engine.empty("order_lines"), AS_OF)
    assert len(engine.frame(none)) == 0
    assert len(engine.frame(purchases.buyers(none, engine.empty("customers"), AS_OF))) == 0
