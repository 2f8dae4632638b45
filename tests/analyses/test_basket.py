"""Products: their sales, what shares an order, what is bought next, which first product is good."""

import datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from shindan import engine
from shindan.analyses import basket, following, intervals, purchases

AS_OF = datetime.date(2025, 12, 31)
START = datetime.date(2023, 1, 1)


def orders(rows):
    """Orders from (order_id, customer_key, date, revenue)."""
    frame = pd.DataFrame(rows, columns=["order_id", "customer_key", "order_date", "revenue_jpy"])
    frame["order_date"] = [pd.Timestamp(d).date() for d in frame["order_date"]]
    return frame.assign(status="valid", order_type="onetime", is_staff=False, is_test=False, is_zero_yen=False,
                        ordered_at=pd.to_datetime(frame["order_date"]))


def lines(rows):
    """Product lines from (order_id, sku, qty, unit price, amount)."""
    frame = pd.DataFrame(rows, columns=["order_id", "sku", "qty", "unit_price_jpy", "line_amount_jpy"])
    return frame.assign(line_type="product", product_name="P " + frame["sku"].astype(str), line_discount_jpy=0,
                        line_no=frame.groupby("order_id").cumcount() + 1, is_subscription=False)


def bought(rows):
    """Items from (customer_key, date, sku): one order a row of one unit at 1,000 yen."""
    frame = pd.DataFrame(rows, columns=["customer_key", "order_date", "sku"])
    frame["order_date"] = [pd.Timestamp(d).date() for d in frame["order_date"]]
    order = [f"{c} {d}" for c, d in zip(frame["customer_key"], frame["order_date"], strict=True)]
    return frame.assign(order_id=order, product_name="P " + frame["sku"], qty=1, sales_jpy=1000,
                        is_sale=False, is_subscription=False)


def new(items, is_new=True):
    return pd.DataFrame({"customer_key": sorted(set(items["customer_key"])), "is_new": is_new})


# -- items ---------------------------------------------------------------------------------------
def test_an_orders_sales_are_shared_out_over_its_products():
    o = orders([("o1", "a", "2025-05-01", 3600), ("o2", "b", "2025-05-02", 1000), ("o3", "b", "2025-05-20", 1000)])
    rows = lines([("o1", "X", 2, 1500, 3000), ("o1", "Y", 1, 1000, 1000), ("o1", "gift", 1, 0, 0), ("o2", "Y", 1, 900, 900),
                  ("o3", "Y", 1, 1000, 1000)])
    found = engine.frame(basket.items(o, rows, AS_OF), by=["order_id", "sku"])
    assert found[["order_id", "sku", "qty", "sales_jpy", "is_sale"]].values.tolist() == [
        ["o1", "X", 2, 2700, False], ["o1", "Y", 1, 900, False], ["o2", "Y", 1, 1000, True],
        ["o3", "Y", 1, 1000, False]]


def test_lines_of_one_product_are_one_item_and_a_missing_code_is_the_name():
    rows = lines([("o1", "X", 1, 1000, 1000), ("o1", "X", 2, 1000, 2000), ("o1", None, None, 500, 500)])
    rows = rows.assign(product_name=["x", "x", "soap"], qty=rows["qty"].astype("Int64"))
    found = engine.frame(basket.items(orders([("o1", "a", "2025-05-01", 3500)]), rows, AS_OF), by=["sku"])
    assert found["sku"].tolist() == ["X", "soap"] and found["qty"].tolist() == [3, 1]


def test_a_product_without_a_name_goes_by_its_code():
    rows = lines([("o1", "z9", 1, 500, 500), ("o1", "z1", 1, 500, 500), ("o2", "z9", 1, 500, 500)]).assign(product_name=[None, None, "Soap"])
    found = engine.frame(basket.items(orders([("o1", "a", "2025-05-01", 1000), ("o2", "a", "2025-05-02", 500)]), rows, AS_OF), by=["sku", "order_id"])
    assert found["product_name"].tolist() == ["z1", "Soap", "Soap"]


def test_only_valid_orders_up_to_as_of():
    o = orders([(f"o{i}", "a", "2025-05-01", 1000) for i in range(4)] + [("later", "a", "2026-01-01", 1000)])
    o.loc[0, "status"], o.loc[1, "order_type"], o.loc[2, "is_staff"] = "cancelled", "sample", True
    found = engine.frame(basket.items(o, lines([(i, "X", 1, 1000, 1000) for i in o["order_id"]]), AS_OF))
    assert found["order_id"].tolist() == ["o3"]


def test_a_sale_means_the_same_for_products_and_for_orders():
    rng = np.random.default_rng(5)
    rows = lines([(f"o{i // 2}", rng.choice(["X", "Y"]), 1, price, price) for i, price in
                  enumerate(rng.choice([1000, 980, 900], 60))])
    rows["line_discount_jpy"] = rng.choice([0, 0, 0, 10], 60)
    o = orders([(f"o{i}", f"c{i}", "2025-05-01", 1500) for i in range(30)])
    found = engine.frame(basket.items(o, rows, AS_OF).group_by("order_id").agg(is_sale=ibis._.is_sale.any()))
    whole = engine.frame(purchases.sale_orders(rows, o, AS_OF, 0.05), by=["order_id"])
    assert found["is_sale"].tolist() == whole["is_sale"].tolist() and 0 < found["is_sale"].sum() < 30


# -- best sellers and 併売 -----------------------------------------------------------------------
def test_best_sellers_by_hand():
    items = bought([("a", "2025-12-31", "X"), ("a", "2025-06-01", "X"), ("b", "2025-01-01", "X"), ("b", "2025-02-01", "Y"),
                    ("c", "2024-12-31", "X"), ("c", "2024-01-02", "X"), ("d", "2024-01-01", "X"), ("d", "2024-05-01", "Z")])
    items["is_sale"] = items["order_date"] == datetime.date(2025, 6, 1)
    best = basket.best_sellers(items, AS_OF, START)
    assert best["sku"].tolist() == ["X", "Y"]  # Z was not sold this year
    x, y = best.to_dict("records")
    assert (x["n_people"], x["n_orders"], x["sales_jpy"]) == (2, 3, 3000)
    assert x["sales_share"] == 0.75 and x["sale_share"] == pytest.approx(1 / 3)
    assert x["yoy_rate"] == 1.5  # 2025-01-01 … 2025-12-31 against 2024-01-02 … 2024-12-31
    assert np.isnan(y["yoy_rate"])
    short = basket.best_sellers(items, AS_OF, datetime.date(2024, 1, 3))
    assert list(short) == list(best), "a column for one's own use is not left behind"
    assert short["yoy_rate"].isna().all()
    assert basket.best_sellers(items, AS_OF, datetime.date(2024, 1, 2))["yoy_rate"].notna().any()
    assert basket.totals(items, AS_OF).iloc[0].tolist() == [2, 4, 2, 0, 4000, 1000]


def test_ties_are_ordered_by_the_code_and_the_largest_are_kept():
    items = bought([("a", "2025-05-01", "Y"), ("b", "2025-05-01", "X"), ("c", "2025-05-01", "W"), ("d", "2025-05-02", "W")])
    assert basket.best_sellers(items, AS_OF, START, most=2)["sku"].tolist() == ["W", "X"]
    assert basket.top(items, AS_OF, most=2) == ["W", "X"]


# -- next ----------------------------------------------------------------------------------------
# who: what on which day; A -> B within 180 days
HAND = bought([
    ("c1", "2025-01-01", "A"), ("c1", "2025-02-01", "B"),                               # bought B
    ("c2", "2025-01-01", "A"),                                                           # did not
    ("c3", "2025-01-01", "A"), ("c3", "2025-01-01", "B"), ("c3", "2025-03-01", "B"),     # owned B
    ("c4", "2025-10-01", "A"), ("c4", "2025-10-20", "B"),                                # too young
    ("c5", "2025-01-01", "A"), ("c5", "2025-12-01", "B"),                                # too late
    ("c6", "2025-01-01", "C"), ("c6", "2025-02-01", "B"), ("c7", "2025-01-01", "C"),     # the others
])
NO_RUNS_OUT = basket.Rules(replenishable_share=0.6, min_n=1)


def pair(frame, first, following_sku):
    return frame[(frame["sku"] == first) & (frame["next_sku"] == following_sku)].iloc[0]


def test_next_product_by_hand():
    found = following.next_products(HAND, new(HAND), AS_OF, ["A", "B", "C"], NO_RUNS_OUT)
    assert len(found) == 6 and (found["sku"] != found["next_sku"]).all()
    row = pair(found, "A", "B")
    assert (row["n"], row["n_next"]) == (3, 1)
    assert (row["next_rate_lo"], row["next_rate_hi"]) == pytest.approx(intervals.wilson(1, 3))
    assert row["base_rate"] == 0.5 and row["times"] == pytest.approx(2 / 3)
    assert row["support_share"] == pytest.approx(1 / 6)  # c4 is in nobody's count
    assert (row["support_share_lo"], row["support_share_hi"]) == pytest.approx(intervals.wilson(1, 6))
    assert pair(found, "B", "A")["n"] == 1  # c6 alone: c1 and c3 owned A, c5 is too young
    assert pair(found, "A", "C")["n"] == 4 and pair(found, "A", "C")["n_next"] == 0


def test_what_is_bought_again_and_again_is_next_even_if_owned():
    again = following.replenishable(HAND, AS_OF, ["A", "B", "C"], basket.Rules())
    assert again.set_index("sku")["again_share"].round(3).to_dict() == {"A": 0, "B": 0.333, "C": 0}
    found = following.next_products(HAND, new(HAND), AS_OF, ["A", "B", "C"], basket.Rules(min_n=1))
    row = pair(found, "A", "B")
    assert row["replenishable"] and (row["n"], row["n_next"]) == (4, 2)


def test_the_day_itself_is_never_next_and_the_last_day_is():
    items = bought([("a", "2025-01-01", "A"), ("a", "2025-01-01", "B"), ("b", "2025-01-01", "A"), ("b", "2025-06-30", "B"),
                    ("c", "2025-01-01", "A"), ("c", "2025-07-01", "B")])
    row = pair(following.next_products(items, new(items), AS_OF, ["A", "B"], NO_RUNS_OUT), "A", "B")
    assert (row["n"], row["n_next"]) == (2, 1)  # b on day 180; c on day 181


def test_customers_who_may_be_older_are_left_out():
    assert following.next_products(HAND, new(HAND, False), AS_OF, ["A", "B"], NO_RUNS_OUT).empty
    assert following.second_product(HAND, new(HAND, False), AS_OF)["n"].tolist() == [0]


def test_second_product_is_another_one_on_another_day():
    row = following.second_product(HAND, new(HAND), AS_OF).iloc[0]
    assert (row["n"], row["n_second"]) == (6, 2)  # c1, c6; c3 had B already, c5 was late, c4 is young


def random_items(seed, people=60, skus="ABCD"):
    rng = np.random.default_rng(seed)
    return bought([(f"c{i}", START + datetime.timedelta(int(d)), s) for i in range(people)
                   for d in rng.choice(1095, rng.integers(1, 6)) for s in rng.choice(list(skus), rng.integers(1, 3), False)])


def by_loops(items, first, after, window, keeps):
    """(n, n_next) of one pair, counted as the words say."""
    n = k = 0
    for _, own in items.groupby("customer_key"):
        days = {s: sorted(own["order_date"][own["sku"] == s]) for s in (first, after)}
        if not days[first] or (AS_OF - days[first][0]).days < window:
            continue
        begun = days[first][0]
        if any(d <= begun for d in days[after]) and not keeps:
            continue
        n += 1
        k += any(0 < (d - begun).days <= window for d in days[after])
    return n, k


@pytest.mark.parametrize("seed", range(2))
def test_counts_agree_with_a_plain_reading_of_the_definition(seed):
    items = random_items(seed)
    rules = basket.Rules(window_days=150, replenishable_share=0.45, min_n=1)
    found = following.next_products(items, new(items), AS_OF, list("ABCD"), rules)
    for row in found.to_dict("records"):
        assert (row["n"], row["n_next"]) == by_loops(items, row["sku"], row["next_sku"], 150, row["replenishable"])


def test_young_purchases_change_nothing():
    items = random_items(7)
    keep = items[items["order_date"] <= AS_OF - datetime.timedelta(days=181)]
    later = bought([(f"new{i}", AS_OF - datetime.timedelta(days=i), "AB"[i % 2]) for i in range(100)])
    old = following.next_products(keep, new(keep), AS_OF, list("ABCD"), NO_RUNS_OUT)
    both = pd.concat([keep, later])
    found = following.next_products(both, new(both), AS_OF, list("ABCD"), NO_RUNS_OUT)
    pd.testing.assert_frame_equal(found, old)


def test_comparison_is_cochran_mantel_haenszel():
    """Against statsmodels' StratifiedTable, without continuity correction."""
    rng = np.random.default_rng(1)
    n = rng.integers(40, 90, (3, 3, 3)).astype(float)
    k = np.floor(n * rng.uniform(0.1, 0.5, n.shape))
    n[:, 2] = k[:, 2] = 0
    found = following._compared(n, k)
    rest_n, rest_k = n.sum(axis=0) - n, k.sum(axis=0) - k
    tables = [np.array([[k[0, 1, s], n[0, 1, s] - k[0, 1, s]],
                        [rest_k[0, 1, s], rest_n[0, 1, s] - rest_k[0, 1, s]]]) for s in range(3)]
    assert found["p_value"][1] == pytest.approx(StratifiedTable(tables).test_null_odds().pvalue)
    assert np.isnan(found["p_value"][2]) and np.isnan(found["base_rate"][2])


def test_the_interval_of_times_is_that_of_a_ratio_of_rates():
    """One stage: Katz's log interval, sqrt((1−p1)/k1 + (1−p0)/k0) (Katz et al. 1978)."""
    n, k = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    n[0, 1, 0], k[0, 1, 0], n[1, 1, 0], k[1, 1, 0] = 200, 60, 500, 90
    found = following._compared(n, k)
    spread = np.exp(intervals.Z * np.sqrt(140 / 200 / 60 + 410 / 500 / 90))
    assert found["times"][1] == pytest.approx(5 / 3)
    assert (found["times_lo"][1], found["times_hi"][1]) == pytest.approx((5 / 3 / spread, 5 / 3 * spread))


def test_stages_are_compared_with_stages():
    """People on their third purchase buy more of everything; that is nothing B owes to A."""
    n, k = np.zeros((3, 3, 3)), np.zeros((3, 3, 3))
    n[0, 1], n[2, 1] = (100, 0, 900), (900, 0, 100)
    k[0, 1], k[2, 1] = (10, 0, 450), (90, 0, 50)
    found = following._compared(n, k)
    assert found["times"][1] == pytest.approx(1) and found["p_value"][1] == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_products_bought_at_random_have_no_next(seed):
    """No pair is certain where what is bought does not depend on what was bought."""
    items = random_items(seed, people=700, skus="ABCDE")
    found = following.next_products(items, new(items), AS_OF, list("ABCDE"), basket.Rules())
    assert found["p_value"].notna().all() and (found["p_value"] > 0.01).all()


def test_a_true_next_product_is_found():
    items = random_items(1, people=500, skus="ABCDE")
    trial = [(f"t{i}", "2025-01-01", "T") for i in range(200)] + [(f"t{i}", "2025-02-01", "C") for i in range(120)]
    items = pd.concat([items, bought(trial)])
    found = following.next_products(items, new(items), AS_OF, list("ABCDET"), basket.Rules())
    best = following.one_each(found).iloc[0]
    assert (best["sku"], best["next_sku"]) == ("T", "C") and best["p_value"] < 1e-6
    assert best["next_rate"] == 0.6 and following.one_each(found)["sku"].is_unique


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 900), st.sampled_from("ABCD")), max_size=40))
def test_nobody_is_offered_what_they_have_bought(rows):
    items = bought([(f"c{c}", START + datetime.timedelta(d), s) for c, d, s in sorted(set(rows))])
    offered = pd.DataFrame({"sku": list("AABCD"), "next_sku": list("BCADA"), "next_product": "x",
                            "next_rate": [0.4, 0.3, 0.2, 0.1, 0.4], "n": 50, "n_next": 5})
    found = engine.frame(following.next_best(items, offered))
    owned = set(zip(items["customer_key"], items["sku"], strict=True))
    assert not owned & set(zip(found["customer_key"], found["next_sku"], strict=True))
    assert found["customer_key"].is_unique
    assert set(zip(found["customer_key"], found["sku"], strict=True)) <= owned


def test_next_best_by_hand():
    items = bought([("a", "2025-01-01", "A"), ("b", "2025-01-01", "B"), ("b", "2025-02-01", "A"), ("c", "2025-01-01", "D")])
    offered = pd.DataFrame({"sku": ["A", "A", "A", "D"], "next_sku": ["B", "C", "E", "A"], "next_product": "x",
                            "next_rate": [0.4, 0.3, 0.9, 0.4], "n": [50, 50, 29, 50], "n_next": [5, 5, 9, 0]})
    found = engine.frame(following.next_best(items, offered), by=["customer_key"])
    assert found[["customer_key", "next_sku"]].values.tolist() == [["a", "B"], ["b", "C"]]


# -- first products ------------------------------------------------------------------------------
def started(groups):
    """(buyers, purchases) from (product, people, how many of them return after 60 days)."""
    people, bought_on = [], []
    for product, n, back in groups:
        for i in range(n):
            key, first = f"{product}{i}", datetime.date(2024, 1, 1)
            second = first + datetime.timedelta(60) if i < back else None
            people.append((key, first, second, product))
            bought_on += [(key, day, 1000) for day in (first, second) if day]
    buyers = pd.DataFrame(people, columns=["customer_key", "first_date", "second_date", "first_product"])
    p = pd.DataFrame(bought_on, columns=["customer_key", "purchase_date", "revenue_jpy"])
    buyers["second_date"] = pd.to_datetime(buyers["second_date"]).dt.date
    return (buyers.assign(is_new=True, acq_channel="x", cohort_month=datetime.date(2024, 1, 1)),
            p.assign(contribution_jpy=400))


def test_first_products_by_hand():
    found = basket.first_products(*started([("good", 100, 60), ("fair", 120, 36), ("few", 10, 9)]), AS_OF)
    assert found["product"].tolist() == ["fair", "good", "few"]
    good = found.set_index("product").loc["good"]
    assert good["f2_rate"] == pytest.approx(0.6) and good["base_rate"] == pytest.approx(45 / 130)
    assert good["certain"] and good["contribution_ltv_jpy"] == pytest.approx(640) and good["n_ltv"] == 100
    assert np.isnan(found["p_value"].iloc[2]) and not found["certain"].iloc[2]  # ten people


def test_like_products_are_not_told_apart():
    found = basket.first_products(*started([("x", 100, 40), ("y", 100, 42)]), AS_OF)
    assert not found["certain"].any() and (found["p_value"] > 0.5).all()


def test_empty_tables_give_empty_frames():
    items = basket.items(engine.empty("orders"), engine.empty("order_lines"), AS_OF)
    buyers = engine.empty("buyers")
    assert basket.totals(items, AS_OF).fillna(0).iloc[0].tolist() == [0] * 6
    assert basket.top(items, AS_OF) == []
    for frame in (basket.best_sellers(items, AS_OF, START),
                  following.replenishable(items, AS_OF, []), following.next_products(items, buyers, AS_OF, [])):
        assert frame.empty and len(frame.columns) >= 6
    after = following.next_products(items, buyers, AS_OF, [])
    assert following.one_each(after).empty and engine.frame(following.next_best(items, after)).empty
    found = basket.first_products(buyers, engine.empty("purchases"), AS_OF)
    assert found.empty and {"certain", "sales_ltv_jpy", "base_rate"} <= set(found.columns)
