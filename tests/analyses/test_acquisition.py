"""CPA and what belongs to it: every figure adds up, and a missing half is never 0 or infinity."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import acquisition

MARCH, END = datetime.date(2025, 3, 1), datetime.date(2025, 3, 31)


def costs(rows):
    """rows: (date, channel, media, fee)."""
    frame = pd.DataFrame(rows, columns=["cost_date", "acq_channel", "media_cost_jpy", "agency_fee_jpy"])
    return frame.assign(grain="month")


def buyers(rows, sales=5000, contribution=2000):
    """rows: (first date, channel, how many, is new)."""
    people = [(day, channel, new) for day, channel, count, new in rows for _ in range(count)]
    frame = pd.DataFrame(people, columns=["first_date", "acq_channel", "is_new"])
    return frame.assign(customer_key=[f"c{i}" for i in range(len(frame))], first_revenue_jpy=sales,
                        first_contribution_jpy=contribution)


def customers(people, registered=None):
    dates = pd.Series([registered] * len(people), dtype="datetime64[us]")
    return pd.DataFrame({"customer_key": people["customer_key"], "registered_at": dates})


def monthly(cost_rows, buyer_rows, as_of=END, registered=None):
    people = buyers(buyer_rows)
    return acquisition.monthly(costs(cost_rows), people, customers(people, registered), as_of)


@pytest.fixture(scope="module")
def o13():
    """METHODS oracle O13: spend G 300k, M 200k, TV 100k; new G 60, M 20, organic 100, unknown 20."""
    months = monthly([(MARCH, "G", 250_000, 50_000), (MARCH, "M", 200_000, 0), (MARCH, "TV", 100_000, 0)],
                     [(MARCH, "G", 60, True), (MARCH, "M", 20, True), (MARCH, "organic", 100, True),
                      (MARCH, "unknown", 20, True)])
    window = acquisition.window(months, END, n_months=12)
    return acquisition.channels(months, window, ("organic",)).set_index("acq_channel")


def test_o13_by_channel(o13):
    """O13: G 5,000 (bounds 3,750–5,000), M 10,000, TV without a customer has no CPA."""
    assert o13.loc["G", ["cpa_jpy", "cpa_min_jpy", "cpa_max_jpy"]].tolist() == [5000, 3750, 5000]
    assert o13.loc["M", "cpa_jpy"] == 10_000
    assert np.isnan(o13.loc["TV", "cpa_jpy"]) and np.isnan(o13.loc["TV", "cpa_max_jpy"])
    assert np.isnan(o13.loc["organic", "cpa_jpy"]) and np.isnan(o13.loc["unknown", "cpa_jpy"])
    assert o13["status"].to_dict() == {"G": "paid", "M": "paid", "TV": "spend_only", "organic": "free",
                                       "unknown": "unknown"}


def test_o13_totals(o13):
    """O13: paid (G+M) 6,250; blended 3,000; unknown 10 %; TV's 100k is named, not hidden."""
    totals = acquisition.totals(o13.reset_index(), sales_jpy=2_400_000)
    assert totals["paid_cpa_jpy"] == 6250 and totals["blended_cpa_jpy"] == 3000
    assert totals["unknown_share"] == 0.10 and totals["spend_only_jpy"] == 100_000
    assert totals["mer_rate"] == 4.0
    assert totals["roas_rate"] == pytest.approx(80 * 5000 / 600_000)  # unknown and free are not the ads'


def test_days_and_months_of_cost_meet_in_their_calendar_month():
    months = monthly([(datetime.date(2025, 3, 17), "G", 100, 0), (MARCH, "G", 900, 10)], [(END, "G", 1, True)])
    assert months[["calendar_month", "cost_jpy", "n_new"]].values.tolist() == [[MARCH, 1010, 1]]


def test_cost_and_customers_after_as_of_do_not_count():
    months = monthly([(MARCH, "G", 100, 0), (END, "G", 900, 0)], [(MARCH, "G", 1, True), (END, "G", 5, True)],
                     as_of=datetime.date(2025, 3, 30))
    assert (months["cost_jpy"].sum(), months["n_new"].sum()) == (100, 1)


def test_window_leaves_out_the_month_that_is_not_over():
    rows = [(datetime.date(2025, m, 1), "G", 100, 0) for m in range(1, 7)]
    people = [(datetime.date(2025, m, 1), "G", 1, True) for m in range(1, 7)]
    months = monthly(rows, people, as_of=datetime.date(2025, 6, 29))
    assert str(acquisition.window(months, datetime.date(2025, 6, 29))) == "2025-01-01/2025-05-31"
    assert str(acquisition.window(months, datetime.date(2025, 6, 30))) == "2025-01-01/2025-06-30"
    latest = acquisition.window(months, datetime.date(2025, 6, 30), n_months=3)
    assert str(latest) == "2025-04-01/2025-06-30" and latest.months == 3


def test_window_is_no_longer_than_the_costs():
    """Twelve months of customers over two months of cost would halve the CPA six times."""
    people = [(datetime.date(2025, m, 1), "G", 10, True) for m in range(1, 7)]
    months = monthly([(datetime.date(2025, m, 1), "G", 100, 0) for m in (4, 5)], people, datetime.date(2025, 6, 30))
    window = acquisition.window(months, datetime.date(2025, 6, 30), n_months=12)
    assert str(window) == "2025-04-01/2025-05-31"


def test_window_begins_when_new_customers_can_be_told():
    """First orders of people who may be older: out of the window, unless they are few."""
    rows = [(datetime.date(2025, m, 1), "G", 100, 0) for m in (1, 2, 3)]
    many = [(datetime.date(2025, 1, 9), "G", 10, False), (datetime.date(2025, 2, 9), "G", 10, True)]
    assert str(acquisition.window(monthly(rows, many), END)) == "2025-02-01/2025-03-31"
    few = [(datetime.date(2025, 1, 9), "G", 1, False), (datetime.date(2025, 1, 9), "G", 99, True)]
    assert str(acquisition.window(monthly(rows, few), END)) == "2025-01-01/2025-03-31"


def test_registered_before_the_data_is_old_for_sure():
    """A person registered long ago is an old customer: not new, and nothing to be unsure about."""
    months = monthly([(MARCH, "G", 100, 0)], [(MARCH, "G", 10, False)], registered="2019-01-01")
    assert (months["n_new"].sum(), months["n_unsure"].sum()) == (0, 0)


def test_cost_of_no_known_channel_is_nobodys_cpa():
    months = monthly([(MARCH, None, 100, 0)], [(MARCH, "unknown", 5, True)])
    c = acquisition.channels(months, acquisition.window(months, END))
    assert c["status"].tolist() == ["unknown"] and c["cpa_jpy"].isna().all()
    assert acquisition.totals(c, 0)["blended_cpa_jpy"] == 20 and acquisition.totals(c, 0)["paid_cpa_jpy"] is None


def test_without_rows_there_are_columns_and_no_window():
    as_of = datetime.date(2025, 3, 31)
    months = acquisition.monthly(*(engine.empty(t) for t in ("ad_costs", "buyers", "customers")), as_of)
    assert months.empty and acquisition.window(months, as_of) is None
    channels = acquisition.channels(months, None)
    assert channels.empty and "cpa_jpy" in channels and acquisition.trend(months, None).empty
    assert acquisition.totals(channels, 0)["blended_cpa_jpy"] is None
    assert acquisition.sales(engine.empty("purchases"), None) == 0


def test_sales_of_the_window_are_everybodys():
    p = pd.DataFrame({"purchase_date": [MARCH, END, datetime.date(2025, 4, 1)], "revenue_jpy": [1, 20, 300]})
    assert acquisition.sales(p, acquisition.Window(MARCH, END)) == 21


def test_economics_matures_pays_back_and_keeps_quiet_about_few(o13):
    by_channel = pd.DataFrame({
        "acq_channel": ["G", "M", "TV"], "n": [100, 4, 50], "contribution_ltv_jpy": [6000.0, 9e9, 100.0],
        "contribution_ltv_jpy_lo": 0.0, "contribution_ltv_jpy_hi": 0.0})
    curves = pd.DataFrame({"acq_channel": "G", "month_of_life": [1, 2, 3],
                           "contribution_ltv_jpy": [4000.0, 5000.0, 6000.0]})
    e = acquisition.economics(o13.reset_index(), by_channel, curves, target_profit_jpy=500).set_index("acq_channel")
    assert e.loc["G", ["limit_cpo_jpy", "ltv_cpa_rate", "payback"]].tolist() == [5500, 1.2, 2]
    assert np.isnan(e.loc["M", "contribution_ltv_jpy"]) and e.loc["M", "payback"] is None  # 4 people
    assert np.isnan(e.loc["TV", "ltv_cpa_rate"]) and e.loc["TV", "payback"] is None        # no CPA


def test_never_within_the_horizon(o13):
    by_channel = pd.DataFrame({"acq_channel": ["G"], "n": [100], "contribution_ltv_jpy": [4000.0],
                               "contribution_ltv_jpy_lo": 0.0, "contribution_ltv_jpy_hi": 0.0})
    curves = pd.DataFrame({"acq_channel": ["G"], "month_of_life": [1], "contribution_ltv_jpy": [4000.0]})
    e = acquisition.economics(o13.reset_index(), by_channel, curves).set_index("acq_channel")
    assert e.loc["G", "payback"] == "never"


CHANNEL = st.sampled_from(["G", "M", "organic", "unknown"])
DAY = st.dates(datetime.date(2024, 11, 1), datetime.date(2025, 4, 30))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(DAY, CHANNEL, st.integers(0, 10**6), st.integers(0, 10**5)), min_size=1, max_size=8),
       st.lists(st.tuples(DAY, CHANNEL, st.integers(1, 6), st.booleans()), min_size=1, max_size=8))
def test_channels_months_and_totals_add_up(cost_rows, buyer_rows):
    as_of = datetime.date(2025, 4, 30)
    months = monthly(cost_rows, buyer_rows, as_of)
    assert months["cost_jpy"].sum() == sum(media + fee for _, _, media, fee in cost_rows)
    assert months["n_new"].sum() == sum(count for _, _, count, new in buyer_rows if new)
    window = acquisition.window(months, as_of)
    channels, trend = acquisition.channels(months, window, ("organic",)), acquisition.trend(months, window)
    totals = acquisition.totals(channels, 0)
    assert channels["cost_jpy"].sum() == trend["cost_jpy"].sum() == totals["cost_jpy"]
    assert channels["n"].sum() == trend["n"].sum() == totals["n_new"]
    bounded = channels.dropna(subset="cpa_jpy")
    assert (bounded["cpa_min_jpy"] <= bounded["cpa_max_jpy"]).all()
    assert np.isfinite(channels["cpa_jpy"].dropna()).all()
