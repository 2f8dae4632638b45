"""切れる頃合い and 鮮度: days per unit, who runs out when, and the chance to return after a silence."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import basket, freshness, repeat, replenish

AS_OF = datetime.date(2025, 12, 31)


def bought(rows):
    """Items from (customer_key, days before AS_OF, sku, qty)."""
    frame = pd.DataFrame(rows, columns=["customer_key", "ago", "sku", "qty"])
    days = [AS_OF - datetime.timedelta(int(ago)) for ago in frame.pop("ago")]
    return frame.assign(order_date=days, product_name="P " + frame["sku"], is_subscription=False)


def lasts(rows, horizon_days=365, min_at_risk=1):
    gaps = replenish.gaps(bought(rows), AS_OF, ["X", "Y"])
    return replenish.days_per_unit(gaps, horizon_days, min_at_risk)


# -- gaps ----------------------------------------------------------------------------------------
def test_gaps_by_hand():
    rows = [("a", 500, "X", 2), ("a", 440, "X", 1), ("b", 30, "X", 3), ("b", 30, "Y", 1), ("c", 10, "X", 1), ("c", 10, "X", 1)]
    found = engine.frame(replenish.gaps(bought(rows), AS_OF, ["X"]), by=["customer_key", "bought_date"])
    assert found[["customer_key", "qty", "event", "day"]].values.tolist() == [
        ["a", 2, True, 30], ["a", 1, False, 440], ["b", 3, False, 10], ["c", 2, False, 5]]


def test_days_per_unit_are_rounded_to_the_nearest_day():
    rows = [(f"c{i}", ago, "X", qty) for i, (ago, qty) in enumerate([(31, 2), (32, 3), (34, 3), (1, 3)])]
    found = engine.frame(replenish.gaps(bought(rows), AS_OF, ["X"]), by=["customer_key"])
    assert found["day"].tolist() == [16, 11, 11, 0]


def test_a_delivery_starts_no_gap_but_a_subscription_ends_one():
    items = bought([("a", 100, "X", 1), ("a", 70, "X", 1), ("a", 40, "X", 1)])
    items["is_subscription"] = [False, True, True]
    found = engine.frame(replenish.gaps(items, AS_OF, ["X"]))
    assert found[["event", "day"]].values.tolist() == [[True, 30]]


# -- days per unit -------------------------------------------------------------------------------
def test_without_open_gaps_they_are_plain_quantiles_of_those_who_buy_again():
    gaps = [10, 20, 30, 40, 50, 60, 70, 80]
    rows = [(f"c{i}", ago, "X", 1) for i, gap in enumerate(gaps) for ago in (1000, 1000 - gap)]
    rows += [(f"n{i}", 1000, "X", 1) for i in range(8)]  # who never did
    gaps = engine.frame(replenish.gaps(bought(rows), AS_OF, ["X"]))
    first = gaps.sort_values("bought_date").drop_duplicates("customer_key")
    found = replenish.days_per_unit(first, 365, 1).iloc[0]
    assert (found["quarter_days"], found["half_days"], found["most_days"]) == (20, 40, 60)
    assert (found["n"], found["n_ended"], found["n_open"], found["again_rate"]) == (16, 8, 8, 0.5)
    assert np.isnan(found["all_half_days"])  # half of all buyers is not passed


def test_open_gaps_count_for_as_long_as_they_were_observed():
    """O1 of Kaplan–Meier: T=[10,15,20,25,30,40,60,90] E=[1,0,1,0,1,0,1,0], S(60) = 35/128."""
    rows = [(f"c{i}", ago, "X", 1) for i, gap in enumerate((10, 20, 30, 60)) for ago in (gap + 400, 400)]
    rows += [(f"o{i}", ago, "X", 1) for i, ago in enumerate((15, 25, 40, 90))]
    gaps = engine.frame(replenish.gaps(bought(rows), AS_OF, ["X"]))
    found = replenish.days_per_unit(gaps[gaps["day"] != 400], 90, 1).iloc[0]
    assert found["again_rate"] == pytest.approx(93 / 128)
    assert found["half_days"] == 30 and found["naive_half_days"] == 20 and found["all_half_days"] == 60
    assert found["n_at_risk"] == 1


def test_nothing_is_said_beyond_what_was_followed():
    rows = [(f"c{i}", ago, "X", 1) for i in range(9) for ago in (400, 380)] + [("d", 300, "X", 1)]
    found = lasts(rows, min_at_risk=10).iloc[0]
    assert found[["again_rate", "half_days", "quarter_days", "most_days"]].isna().all()
    assert lasts(rows, min_at_risk=9).iloc[0]["half_days"] == 20


def test_the_truth_is_found_where_the_plain_median_is_short():
    """Gaps of 90 ± 40 days a unit; customers came evenly over 400 days, so long gaps are still open."""
    rng = np.random.default_rng(2)
    rows = []
    for i in range(4000):
        begun, qty = int(rng.integers(0, 400)), int(rng.choice([1, 2]))
        rows.append((f"c{i}", begun, "X", qty))
        gap = round(qty * max(1, rng.normal(90, 40)))
        if rng.random() < 0.4 and gap <= begun:
            rows.append((f"c{i}", begun - gap, "X", 1))
    g = engine.frame(replenish.gaps(bought(rows), AS_OF, ["X"]))
    g = g.sort_values("bought_date").drop_duplicates("customer_key")  # the first gap of each
    found = replenish.days_per_unit(g, 200, 10).iloc[0]
    assert found["half_days"] == pytest.approx(90, abs=4)
    assert found["naive_half_days"] < found["half_days"] - 4
    assert found["again_rate"] == pytest.approx(0.4, abs=0.04)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 800), st.sampled_from("XY"), st.integers(1, 3)), min_size=1, max_size=40))
def test_quartiles_are_in_order_and_every_gap_is_counted(rows):
    rows = [(f"c{c}", ago, sku, qty) for c, ago, sku, qty in rows]
    found = lasts(rows)
    days = len({row[:3] for row in rows})
    assert (found["n_ended"] + found["n_open"]).sum() == days
    known = found.dropna(subset="half_days")
    assert (known["quarter_days"] <= known["half_days"]).all() and (known["half_days"] <= known["most_days"]).all()
    assert (known["most_days"] <= 365).all()


# -- who runs out --------------------------------------------------------------------------------
def test_runs_out_by_hand():
    items = bought([("a", 60, "X", 2), ("a", 20, "X", 1), ("b", 40, "X", 3), ("c", 9, "Y", 1), ("d", 37, "X", 1)])
    days = pd.DataFrame({"sku": ["X", "Y"], "half_days": [15.0, np.nan]})
    found = engine.frame(replenish.runs_out(replenish.gaps(items, AS_OF, ["X", "Y"]), days), by=["customer_key"])
    assert found["customer_key"].tolist() == ["a", "b", "d"]  # nothing is known of Y
    left = [(pd.Timestamp(d).date() - AS_OF).days for d in found["runs_out_date"]]
    assert left == [-5, 5, -22]
    assert [(AS_OF - pd.Timestamp(d).date()).days for d in found["last_date"]] == [20, 40, 37]
    due = replenish.due(replenish.runs_out(replenish.gaps(items, AS_OF, ["X"]), days), AS_OF)
    assert due[["sku", "n_people", "n_7", "n_30", "n_past_30"]].values.tolist() == [["X", 3, 1, 1, 2]]


def test_a_leap_day_is_a_day():
    items = bought([("a", 0, "X", 1)]).assign(order_date=datetime.date(2024, 2, 28))
    days = pd.DataFrame({"sku": ["X"], "half_days": [2]})
    found = engine.frame(replenish.runs_out(replenish.gaps(items, datetime.date(2024, 2, 28), ["X"]), days))
    assert pd.Timestamp(found["runs_out_date"].iloc[0]).date() == datetime.date(2024, 3, 1)


@pytest.mark.parametrize(("left", "counted"), [(0, (0, 0, 1)), (1, (1, 1, 0)), (7, (1, 1, 0)), (8, (0, 1, 0)),
                                               (30, (0, 1, 0)), (31, (0, 0, 0)), (-29, (0, 0, 1)), (-30, (0, 0, 0))])
def test_edges_of_the_week_and_the_month(left, counted):
    row = pd.DataFrame({"customer_key": ["a"], "sku": ["X"], "product_name": ["P"],
                        "runs_out_date": [AS_OF + datetime.timedelta(left)]})
    assert tuple(replenish.due(row, AS_OF).iloc[0][["n_7", "n_30", "n_past_30"]]) == counted


# -- 鮮度 ----------------------------------------------------------------------------------------
def gap_table(rows):
    return pd.DataFrame(rows, columns=["purchase_no", "event", "day"])


def test_followed_to_the_end_it_is_a_plain_share():
    rows = [(1, True, d) for d in (20, 40, 100, 200, 500)] + [(1, False, 1000)] * 5
    found = freshness.return_rate(gap_table(rows), (0, 30, 90), 365, 1).set_index("silent_days")
    assert found["n"].tolist() == [10, 9, 8]
    assert found["return_rate"].tolist() == pytest.approx([4 / 10, 3 / 9, 2 / 8])


def test_who_returned_on_the_day_is_no_longer_silent():
    found = freshness.return_rate(gap_table([(1, True, 30), (1, True, 31), (1, False, 900)]), (30,), 365, 1)
    assert found["n"].tolist() == [2] and found["return_rate"].tolist() == [0.5]


def test_a_constant_chance_does_not_fade_and_open_gaps_do_not_bend_it():
    rng = np.random.default_rng(4)
    day, seen = np.ceil(rng.exponential(500, 20000)), rng.integers(1, 1095, 20000)
    table = pd.DataFrame({"purchase_no": 1, "event": day <= seen, "day": np.minimum(day, seen).astype(int)})
    found = freshness.return_rate(table, (0, 90, 180, 365))
    assert found["return_rate"].tolist() == pytest.approx([1 - np.exp(-365 / 500)] * 4, abs=0.035)
    inside = (found["return_rate_lo"] <= found["return_rate"]) & (found["return_rate"] <= found["return_rate_hi"])
    assert inside.all()


def test_nothing_where_too_few_were_followed_to_the_end():
    rows = [(1, False, 400)] * 9 + [(1, True, 10)] * 20
    assert freshness.return_rate(gap_table(rows), (0, 30), 365, 10)["return_rate"].isna().all()
    found = freshness.return_rate(gap_table(rows), (0, 30, 40), 365, 9)
    assert found["return_rate"].notna().tolist() == [True, True, False] and found["n_at_risk"].tolist() == [9, 9, 0]


def test_gaps_of_new_customers_by_number_of_purchase():
    days = [400, 300, 200, 100]
    p = pd.DataFrame({"customer_key": ["a"] * 4 + ["old"], "purchase_no": [1, 2, 3, 4, 1],
                      "purchase_date": [AS_OF - datetime.timedelta(d) for d in [*days, 50]],
                      "is_subscription": False, "is_automatic": False})
    buyers = pd.DataFrame({"customer_key": ["a", "old"], "is_new": [True, False]})
    found = engine.frame(freshness.gaps(p, buyers, AS_OF), by=["purchase_no", "event"])
    assert found[["purchase_no", "event", "day"]].values.tolist() == [
        [1, True, 100], [2, True, 100], [3, False, 100], [3, True, 100]]
    earlier = freshness.gaps(p, buyers, AS_OF - datetime.timedelta(350))
    assert engine.frame(earlier)[["event", "day"]].values.tolist() == [[False, 50]]
    delivered = freshness.gaps(p.assign(is_subscription=[False, True, True, False, False]), buyers, AS_OF)
    assert engine.frame(delivered)[["purchase_no", "event"]].values.tolist() == [[1, True], [3, False]]
    by_itself = freshness.gaps(p.assign(is_automatic=[False, True, True, False, False]), buyers, AS_OF)
    assert engine.frame(by_itself, by=["purchase_no"])[["event", "day"]].values.tolist() == [[True, 300], [False, 100]]


def test_right_after_the_first_purchase_it_is_the_f2_rate():
    rng = np.random.default_rng(6)
    ago, gap = rng.integers(1, 900, 300), rng.integers(1, 600, 300)
    back = gap <= ago
    first = pd.DataFrame({"customer_key": [f"c{i}" for i in range(300)], "purchase_no": 1, "ago": ago})
    both = pd.concat([first, first[back].assign(purchase_no=2, ago=(ago - gap)[back])])
    day = [AS_OF - datetime.timedelta(int(d)) for d in both["ago"]]
    p = both.assign(purchase_date=day, is_subscription=False, is_automatic=False)
    second = [AS_OF - datetime.timedelta(int(d)) if b else None for d, b in zip(ago - gap, back, strict=True)]
    buyers = pd.DataFrame({"customer_key": first["customer_key"], "is_new": True, "first_date": day[:300]})
    buyers["second_date"] = pd.to_datetime(pd.Series(second)).dt.date
    row = freshness.return_rate(freshness.gaps(p, buyers, AS_OF), (0,)).iloc[0]
    f2 = repeat.f2_rate(buyers, AS_OF, (365,)).iloc[0]
    assert row["return_rate"] == pytest.approx(f2["f2_rate"])
    assert (row["return_rate_lo"], row["return_rate_hi"]) == pytest.approx((f2["f2_rate_lo"], f2["f2_rate_hi"]))


def test_side_by_side_keeps_every_number():
    rates = freshness.return_rate(gap_table([(1, False, 800)] * 12 + [(2, True, 5)] * 3 + [(2, False, 800)] * 10), (0, 30))
    found = freshness.side_by_side(rates)
    assert found["first_rate"].tolist() == [0, 0] and found["n_second"].tolist() == [13, 10]
    assert found["second_rate"].tolist() == pytest.approx([3 / 13, 0]) and found["n_later"].tolist() == [0, 0]


def test_empty_tables_give_empty_frames():
    items = basket.items(engine.empty("orders"), engine.empty("order_lines"), AS_OF)
    gaps = replenish.gaps(items, AS_OF, [])
    found = replenish.days_per_unit(gaps)
    assert found.empty and list(found.columns) == replenish.COLUMNS
    assert replenish.due(replenish.runs_out(gaps, found), AS_OF).empty
    rates = freshness.return_rate(freshness.gaps(engine.empty("purchases"), engine.empty("buyers"), AS_OF))
    assert rates.empty and freshness.side_by_side(rates).empty
