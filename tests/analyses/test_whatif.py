"""What a change would be worth: multiplied by hand, and nothing where nothing is known."""

import datetime

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shindan import engine
from shindan.analyses import whatif

AS_OF = datetime.date(2025, 12, 31)


def gap(yen=3000.0):
    return pd.DataFrame([{"n": 500, "f2_rate": 0.3, "without_jpy": 2000.0, "gap_jpy": yen, "gap_jpy_lo": yen - 2000,
                          "gap_jpy_hi": yen + 2000}])


def test_second_purchases_are_people_times_the_gap():
    row = whatif.second_purchase(gap(), n_new=2000, change=0.01)
    assert (row["n_more"], row["gain_jpy"], row["gain_jpy_lo"], row["gain_jpy_hi"]) == (20, 60e3, 20e3, 100e3)
    assert row["n"] == 500 and row["n_base"] == 2000
    assert whatif.second_purchase(gap(np.nan), 2000, 0.01) is None
    assert whatif.second_purchase(gap().iloc[:0], 2000, 0.01) is None


def test_cheaper_customers_save_cost_of_a_year():
    """Half a year of 600,000 yen for 100 people: 10 % less saves 120,000 yen a year; how many come is chance."""
    by_month = pd.DataFrame({"counted_jpy": [100_000] * 6, "n_counted": [17, 16, 17, 16, 17, 17]})
    row = whatif.cheaper_customers(by_month, 6, 0.1)
    assert (row["gain_jpy"], row["n_base"], row["each_jpy"]) == (120_000, 200, 600)
    fewest, most = stats.chi2.ppf(0.025, 200) / 2, stats.chi2.ppf(0.975, 202) / 2  # Garwood, 100 events
    assert (row["gain_jpy_lo"], row["gain_jpy_hi"]) == pytest.approx((120_000 * fewest / 100, 120_000 * most / 100))
    assert whatif.cheaper_customers(by_month.iloc[:0], 12, 0.1) is None


def test_win_back_is_one_purchase_after_as_long_a_silence():
    rows = [("a", "2023-01-01", None, 100), ("a", "2024-06-01", "2023-01-01", 3000), ("b", "2023-01-01", None, 100),
            ("b", "2024-01-02", "2023-01-01", 5000), ("c", "2024-01-01", None, 100), ("c", "2024-02-01", "2024-01-01", 9999),
            ("d", "2023-01-01", None, 1), ("d", "2024-09-01", "2023-01-01", 8888)]
    p = pd.DataFrame(rows, columns=["customer_key", "purchase_date", "previous_date", "contribution_jpy"])
    p["is_automatic"] = p["customer_key"] == "d"  # a delivery nobody decided on
    for column in ("purchase_date", "previous_date"):
        p[column] = [None if pd.isna(day) else datetime.date.fromisoformat(day) for day in p[column]]
    b = p.groupby("customer_key", as_index=False).agg(last_date=("purchase_date", "max"))
    row = whatif.win_back(b, p, AS_OF, 365, 0.5)
    low, high = stats.t.interval(0.95, 1, loc=4000, scale=stats.sem([3000, 5000]))
    assert (row["n_base"], row["n_more"], row["each_jpy"], row["gain_jpy"], row["n"]) == (4, 2, 4000, 8000, 2)
    assert (row["gain_jpy_lo"], row["gain_jpy_hi"]) == pytest.approx((2 * low, 2 * high))
    assert whatif.win_back(b, p, AS_OF, 2000, 0.5) is None  # nobody has been silent that long
    assert whatif.win_back(engine.empty("buyers"), engine.empty("purchases"), AS_OF, 365, 0.5) is None


def test_levers_that_cannot_be_reckoned_are_left_out():
    assert whatif.levers(None, None, None).empty
    assert whatif.levers(whatif.second_purchase(gap(), 10, 0.1), None, None)["lever"].tolist() == ["f2"]


def test_the_inverse_is_the_inverse():
    """LTV = without + f2 × gap: 2,000 + 0.8 × 3,000 = 4,400."""
    assert whatif.f2_for(4400, gap()) == pytest.approx(0.8)
    assert whatif.f2_for(9000, gap()) > 1 and whatif.f2_for(1.0, gap(-5.0)) is None
