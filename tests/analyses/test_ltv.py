"""LTV(H): all acquired customers observed at least H days, nothing of the young ones."""

import datetime
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from shindan import engine
from shindan.analyses import ltv

START = datetime.date(2024, 1, 1)
LATER = datetime.date(2025, 12, 31)


def shop(rows, margin=0.4, start=START):
    """(customer, day, yen) -> buyers and purchases; a customer may carry its own first day."""
    p = pd.DataFrame(rows, columns=["customer_key", "day", "revenue_jpy"])
    p["customer_key"] = p["customer_key"].astype(str)
    p["purchase_date"] = [start + datetime.timedelta(days=int(day)) for day in p["day"]]
    p["contribution_jpy"] = (p["revenue_jpy"] * margin).round().astype("int64")
    p = p.sort_values(["customer_key", "day"], ignore_index=True)
    dates = p.groupby("customer_key")["purchase_date"].apply(list)
    b = pd.DataFrame({"customer_key": dates.index, "first_date": [d[0] for d in dates],
                      "second_date": [d[1] if len(d) > 1 else None for d in dates],
                      "acq_channel": "G", "is_new": True})
    return b, p


O14 = [(1, 0, 5000), (1, 60, 4000), (2, 0, 8000), (3, 0, 3000), (3, 30, 3000), (3, 150, 6000), (4, 0, 10000)]


def test_o14_sales_and_contribution():
    """METHODS oracle O14: 4 acquired, margin 40 %: 180 days sales 9,750, contribution 3,900."""
    row = ltv.ltv(ltv.values(*shop(O14), LATER, 180)).iloc[0]
    assert (row["n"], row["sales_ltv_jpy"], row["contribution_ltv_jpy"]) == (4, 9750, 3900)


def test_o14_payback():
    """METHODS oracle O14: CPA 2,500 is reached in month 6; 3,000 is not reached."""
    running = [1200, 1700, 2050, 2300, 2480, 2600]
    assert ltv.payback(running, 2500) == 6
    assert ltv.payback(running, 3000) is None
    assert ltv.payback(running, 1200) == 1
    assert ltv.payback(running, None) is None
    assert ltv.payback([np.nan] * 3, 100) is None


def test_the_interval_is_students():
    values = ltv.values(*shop(O14), LATER, 180)
    each = [9000, 8000, 12000, 10000]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(each), scale=stats.sem(each))
    row = ltv.ltv(values).iloc[0]
    assert (row["sales_ltv_jpy_lo"], row["sales_ltv_jpy_hi"]) == pytest.approx((low, high))


def test_day_h_is_outside_and_the_young_and_old_are_left_out():
    buyers, purchases = shop([(1, 0, 1000), (1, 89, 10), (1, 90, 7000), (2, 0, 500), (3, 300, 90000), (4, 0, 1)])
    buyers.loc[buyers["customer_key"] == "4", "is_new"] = False
    as_of = START + datetime.timedelta(days=389)  # customer 3 has been observed 89 days
    row = ltv.ltv(ltv.values(buyers, purchases, as_of, 90)).iloc[0]
    assert (row["n"], row["sales_ltv_jpy"]) == (2, (1010 + 500) / 2)
    row = ltv.ltv(ltv.values(buyers, purchases, as_of + datetime.timedelta(days=1), 90)).iloc[0]
    assert row["n"] == 3


def test_without_a_rate_contribution_stays_unknown():
    buyers, purchases = shop(O14)
    purchases["contribution_jpy"] = pd.array([None] * len(purchases), dtype="Int64")
    total = ltv.ltv(ltv.values(buyers, purchases, LATER, 180))
    running = ltv.curve(buyers, purchases, LATER, 180)
    assert total["contribution_ltv_jpy"].isna().all() and total["sales_ltv_jpy"].iloc[0] == 9750
    assert running["contribution_ltv_jpy"].isna().all() and running["sales_ltv_jpy"].notna().all()


def test_large_amounts_do_not_overflow():
    row = ltv.ltv(ltv.values(*shop([(c, 0, 2_000_000_000 + c) for c in range(50)]), LATER, 365)).iloc[0]
    assert row["sales_ltv_jpy"] == 2_000_000_024.5 and row["sales_ltv_jpy_lo"] < row["sales_ltv_jpy"]


def test_curve_by_channel_keeps_its_people():
    buyers, purchases = shop(O14)
    buyers.loc[buyers["customer_key"].isin(["1", "2"]), "acq_channel"] = "M"
    running = ltv.curve(buyers, purchases, LATER, 365, by=["acq_channel"])
    m = running[running["acq_channel"] == "M"]
    assert m["month_of_life"].tolist() == list(range(1, 13)) and set(m["n"]) == {2}
    assert m["sales_ltv_jpy"].tolist() == [6500] + [8500] * 11  # day 60 is in month 2


def test_month_twelve_ends_with_day_365():
    assert [ltv.month_end_day(m) for m in (1, 6, 12, 24)] == [31, 183, 365, 730]
    running = ltv.curve(*shop([(1, 0, 1), (1, 364, 10), (1, 365, 100)]), LATER, 730)["sales_ltv_jpy"]
    assert (running[10], running[11], running[12]) == (1, 11, 111)


def test_a_cohort_cell_waits_for_its_last_member():
    buyers, purchases = shop([(1, 0, 1000), (2, 80, 3000)])
    last = START + datetime.timedelta(days=80)
    day_before = ltv.cohorts(buyers, purchases, last + datetime.timedelta(days=30), (1,)).iloc[0]
    day_of = ltv.cohorts(buyers, purchases, last + datetime.timedelta(days=31), (1,)).iloc[0]
    assert not day_before["observed"] and np.isnan(day_before["sales_ltv_jpy"]) and day_before["n"] == 2
    assert day_of["observed"] and day_of["sales_ltv_jpy"] == 2000


def test_second_purchase_gap_against_scipy():
    buyers, purchases = shop([(c, 0, 1000 + 10 * c) for c in range(20)] + [(c, 40, 500 * c) for c in range(1, 8)]
                             + [(19, 500, 9999)])  # a 2nd purchase after H does not count
    gap = ltv.second_purchase_gap(ltv.values(buyers, purchases, LATER, 365)).iloc[0]
    yes = [0.4 * (1000 + 10 * c + 500 * c) for c in range(1, 8)]
    no = [0.4 * (1000 + 10 * c) for c in [0, *range(8, 20)]]
    welch = stats.ttest_ind(yes, no, equal_var=False)
    low, high = welch.confidence_interval()
    assert (gap["n"], gap["n_with"], gap["n_without"], gap["f2_rate"]) == (20, 7, 13, 0.35)
    assert (gap["gap_jpy"], gap["gap_jpy_lo"], gap["gap_jpy_hi"]) == pytest.approx(
        (np.mean(yes) - np.mean(no), low, high))


def test_new_customers_of_a_year():
    buyers, _ = shop([(1, 0, 1), (2, 1, 1), (3, 365, 1)])
    assert ltv.new_customers(buyers, START + datetime.timedelta(days=365)) == 2


def test_empty_tables_give_columns_and_no_rows():
    buyers, purchases = engine.empty("buyers"), engine.empty("purchases")
    values = ltv.values(buyers, purchases, LATER, 365)
    gap = ltv.second_purchase_gap(values)
    for frame in (ltv.ltv(values), ltv.ltv(values, ["acq_channel"]), gap, ltv.cohorts(buyers, purchases, LATER),
                  ltv.curve(buyers, purchases, LATER, 365, ["acq_channel"])):
        assert frame.empty and len(frame.columns)
    assert ltv.new_customers(buyers, LATER) == 0


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 700), st.integers(1, 10**6)), min_size=1, max_size=25),
       st.randoms(use_true_random=False))
def test_for_any_shop(rows, random):
    rows = list({(c, day): (c, day, yen) for c, day, yen in rows}.values())
    buyers, purchases = shop(rows)
    total = ltv.ltv(ltv.values(buyers, purchases, LATER, 365))
    running = ltv.curve(buyers, purchases, LATER, 365)
    assert len(total) == (len(running) > 0)
    if len(total):
        assert running["sales_ltv_jpy"].is_monotonic_increasing
        assert running["sales_ltv_jpy"].iloc[-1] == pytest.approx(total["sales_ltv_jpy"].iloc[0])
        spent = purchases.groupby("customer_key")["revenue_jpy"].sum()
        assert total["sales_ltv_jpy"].iloc[0] <= spent.max()
    shuffled = shop(random.sample(rows, len(rows)))
    pd.testing.assert_frame_equal(total, ltv.ltv(ltv.values(*shuffled, LATER, 365)))


@pytest.fixture(scope="module")
def cdnow():
    """CDNOW, the 1/10 sample of Fader & Hardie (PyPI package lifetimes); cents as money."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None:
        pytest.skip("lifetimes is not installed")
    file = Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(file, sep=r"\s+", usecols=[1, 2, 4], names=["customer_key", "date", "value"],
                      dtype={"customer_key": str, "date": str})
    log["cents"] = (log["value"] * 100).round().astype("int64")
    day = (pd.to_datetime(log["date"]) - pd.Timestamp("1997-01-01")).dt.days
    daily = log.assign(day=day).groupby(["customer_key", "day"], as_index=False)["cents"].sum()
    return daily


def test_cdnow_first_year_counted_by_hand(cdnow):
    """Fader & Hardie's sample: all 2,357 customers came by 1997-03-25 and are observed to 1998-06-30,
    so LTV(365) is their first 365 days' spending ÷ 2,357, added up here without Ibis."""
    buyers, purchases = shop(list(cdnow.itertuples(index=False, name=None)), start=datetime.date(1997, 1, 1))
    first = cdnow.groupby("customer_key")["day"].transform("min")
    by_hand = cdnow.loc[cdnow["day"] - first < 365, "cents"].sum() / 2357
    as_of = datetime.date(1998, 6, 30)
    row = ltv.ltv(ltv.values(buyers, purchases, as_of, 365)).iloc[0]
    assert row["n"] == 2357 and row["sales_ltv_jpy"] == pytest.approx(by_hand)
    assert 0 < row["sales_ltv_jpy_hi"] - row["sales_ltv_jpy"] < 0.1 * row["sales_ltv_jpy"]
    assert ltv.ltv(ltv.values(buyers, purchases, as_of, 730)).empty  # nobody has been observed two years
