"""併売: pairs counted by hand, expected by popularity, and no finding where orders are filled at random."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import engine
from shindan.analyses import basket, intervals, together

AS_OF = datetime.date(2025, 12, 31)


def bought(rows):
    """Items from (customer_key, order_id, sku), in the middle of the year."""
    frame = pd.DataFrame(rows, columns=["customer_key", "order_id", "sku"])
    return frame.assign(order_date=datetime.date(2025, 5, 1), product_name="P " + frame["sku"])


def filled(counts):
    """Items of orders of two products, each by another person: {("A", "B"): orders}."""
    pairs = [pair for pair, n in counts.items() for _ in range(n)]
    return bought([(f"c{i}", f"o{i}", sku) for i, pair in enumerate(pairs) for sku in pair])


def test_one_order_one_pair():
    items = pd.concat([
        bought([("a", "o1", "X"), ("a", "o1", "Y"), ("b", "o2", "X"), ("b", "o3", "Y"), ("c", "o4", "X")]),
        bought([("d", "o5", "X"), ("d", "o5", "Y")]).assign(order_date=datetime.date(2024, 5, 1))])
    found = together.pairs(items, AS_OF, ["X", "Y"])
    assert found[["sku", "with_sku", "n_together", "n", "n_people"]].values.tolist() == [["Y", "X", 1, 2, 1]]
    row = found.iloc[0]
    assert (row.together_rate_lo, row.together_rate_hi) == pytest.approx(intervals.wilson(1, 2))
    assert row.support_share == 0.25 and (row.support_share_lo, row.support_share_hi) == pytest.approx(intervals.wilson(1, 4))


def test_expected_pairs_keep_every_products_total():
    """Four products of weights 4, 3, 2, 1 fill orders as a(A) x a(B): then nothing is unexpected."""
    weight = {"A": 40, "B": 30, "C": 20, "D": 10}
    counts = {(a, b): weight[a] * weight[b] // 20 for a in weight for b in weight if a < b}
    found = together.pairs(filled(counts), AS_OF, list(weight))
    assert found.times.tolist() == pytest.approx([1] * 6, rel=1e-6) and found.p_value.tolist() == pytest.approx([1] * 6)
    more = together.pairs(filled({**counts, ("C", "D"): 60}), AS_OF, list(weight))
    for sku in weight:
        own = more[(more.sku == sku) | (more.with_sku == sku)]
        assert own.expected.sum() == pytest.approx(own.n_people.sum())
    best = more.loc[more.times.idxmax()]
    assert {best.sku, best.with_sku} == {"C", "D"} and best.p_value < 0.01 and best.times_lo > 1


def test_the_interval_of_a_count_is_exact():
    """Garwood's table: 10 seen, [4.795, 18.391] expected (Garwood 1936)."""
    low, high = together._poisson(np.array([0.0, 10.0]))
    assert (low[0], low[1], high[1]) == (0, pytest.approx(4.795, abs=1e-3), pytest.approx(18.391, abs=1e-3))
    assert high[0] == pytest.approx(3.689, abs=1e-3)


def test_who_orders_the_same_two_every_month_is_one_person():
    counts = dict.fromkeys((("A", "B"), ("A", "C"), ("B", "C"), ("A", "D"), ("B", "D"), ("C", "D")), 10)
    loyal = bought([("loyal", f"m{i}", sku) for i in range(40) for sku in "AB"])
    found = together.pairs(pd.concat([filled(counts), loyal]), AS_OF, list("ABCD")).set_index(["sku", "with_sku"])
    row = found[found.n_together == 50].iloc[0]
    assert row.n_people == 11 and row.p_value == pytest.approx(1)


def test_pairs_expected_seldom_are_not_tested():
    found = together.pairs(filled({("A", "B"): 4, ("A", "C"): 1, ("B", "C"): 1}), AS_OF, list("ABC"))
    assert found.p_value.isna().all() and found.times.notna().all()


def held_at_random(rng, orders=700):
    """Orders (rows) of products (columns) of very unlike popularity, filled without regard to each other."""
    chance = np.array([0.45, 0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05])
    held = rng.random((orders, len(chance))) < chance
    return held[held.sum(axis=1) <= 3]  # who fills a parcel up stops at some point


def counted(held):
    """The pairs of orders by different people, as pairs() counts them."""
    n, both = held.sum(axis=0), held.T.astype(int) @ held
    rows = [("ABCDEFGH"[a], "ABCDEFGH"[b], both[a, b], n[a], both[a, b]) for a in range(8) for b in range(a) if both[a, b]]
    return pd.DataFrame(rows, columns=["sku", "with_sku", "n_together", "n", "n_people"])


def test_orders_filled_at_random_name_a_pair_in_five_percent_at_most():
    rng = np.random.default_rng(7)
    found = [together.compare(counted(held_at_random(rng)), 700) for _ in range(400)]
    assert np.mean([(f.p_value < 0.05).any() for f in found]) <= 0.05
    assert np.mean(pd.concat(found).eval("times_lo <= 1 and times_hi >= 1")) >= 0.93


def test_rows_may_come_in_any_order_and_none_at_all():
    held = held_at_random(np.random.default_rng(1), 80)
    items = bought([(f"c{i % 60}", f"o{i}", "ABCDEFGH"[sku]) for i, row in enumerate(held) for sku in np.flatnonzero(row)])
    once = together.pairs(items, AS_OF, list("ABCDEFGH"))
    pd.testing.assert_frame_equal(once, together.pairs(items.sample(frac=1, random_state=3), AS_OF, list("HGFEDCBA")))
    none = together.pairs(basket.items(engine.empty("orders"), engine.empty("order_lines"), AS_OF), AS_OF, [])
    assert none.empty and list(none.columns) == together.COLUMNS
