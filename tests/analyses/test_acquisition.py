"""CPA and what belongs to it: every figure adds up, and a missing half is never 0 or infinity."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import acquisition

MARCH, END = datetime.date(2025, 3, 1), datetime.date(2025, 3, 31)


def costs(rows, grain="month"):
    """rows: (date, channel, media, fee)."""
    frame = pd.DataFrame(rows, columns=["cost_date", "acq_channel", "media_cost_jpy", "agency_fee_jpy"])
    return frame.assign(grain=grain)


def buyers(rows, sales=5000, contribution=2000):
    """rows: (first date, channel, how many, is new)."""
    people = [(day, channel, new) for day, channel, count, new in rows for _ in range(count)]
    frame = pd.DataFrame(people, columns=["first_date", "acq_channel", "is_new"])
    return frame.assign(customer_key=[f"c{i}" for i in range(len(frame))], first_revenue_jpy=sales,
                        first_contribution_jpy=contribution)


def customers(people, registered=None):
    dates = pd.Series([registered] * len(people), dtype="datetime64[us]")
    return pd.DataFrame({"customer_key": people["customer_key"], "registered_at": dates})


def purchases_of(people, more=()):
    """Everybody's first purchase, and `more`: (date, channel) of later ones."""
    rows = [*people[["first_date", "acq_channel"]].itertuples(index=False, name=None), *more]
    frame = pd.DataFrame(rows, columns=["purchase_date", "acq_channel"])
    return frame.assign(n_orders=1, revenue_jpy=5000)


def monthly(cost_rows, buyer_rows, as_of=END, registered=None, grain="month", more=()):
    people = buyers(buyer_rows)
    return acquisition.monthly(costs(cost_rows, grain), people, purchases_of(people, more),
                               customers(people, registered), as_of)


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
    months = acquisition.monthly(*(engine.empty(t) for t in ("ad_costs", "buyers", "purchases", "customers")), as_of)
    assert months.empty and acquisition.window(months, as_of) is None
    channels = acquisition.channels(months, None)
    assert channels.empty and "cpa_jpy" in channels and acquisition.trend(months, None).empty
    assert acquisition.totals(channels, 0)["blended_cpa_jpy"] is None
    assert acquisition.sales(engine.empty("purchases"), None) == (0, 0)


def test_sales_of_the_window_are_everybodys():
    p = pd.DataFrame({"purchase_date": [MARCH, END, datetime.date(2025, 4, 1)], "revenue_jpy": [1, 20, 300]})
    assert acquisition.sales(p, acquisition.Window(MARCH, END)) == (21, 2)


def months_of(channel, costs_by_month, customers_by_month, **more):
    """One channel's months of 2025 beside an organic one that never costs: None is no record."""
    day = {m: datetime.date(2025, m, 1) for m in range(1, 13)}
    spent = [(day[m], channel, cost, 0) for m, cost in costs_by_month.items() if cost is not None]
    came = [(day[m], channel, n, True) for m, n in customers_by_month.items() if n]
    return monthly(spent, came + [(day[m], "organic", 10, True) for m in customers_by_month], datetime.date(2025, 12, 31), **more)


def only(months, as_of=datetime.date(2025, 12, 31)):
    found = acquisition.channels(months, acquisition.window(months, as_of), ("organic",))
    return found.set_index("acq_channel").loc["G"], acquisition.totals(found, 0)


def test_a_cost_file_that_ends_early_does_not_flatter_its_channel():
    """Four months of cost, customers on and on: the CPA is that of the four months, also in the totals."""
    other = [(datetime.date(2025, m, 1), "M", 1000, 0) for m in range(1, 9)]
    people = [(datetime.date(2025, m, 1), channel, 10, True) for m in range(1, 9) for channel in ("G", "M")]
    spent = [(datetime.date(2025, m, 1), "G", 50_000, 0) for m in range(1, 5)]
    months = monthly(spent + other, people, datetime.date(2025, 8, 31))
    row, totals = only(months, datetime.date(2025, 8, 31))
    assert (row["cpa_jpy"], row["n"], row["n_missing"], row["missing_months"]) == (5000, 80, 40, 4)
    assert totals["blended_cpa_jpy"] == (200_000 + 8000) / 120 and totals["n_missing"] == 40
    assert totals["paid_cpa_jpy"] == totals["blended_cpa_jpy"] and totals["n_new"] == 160
    by_month = acquisition.trend(months, acquisition.window(months, datetime.date(2025, 8, 31)))
    assert by_month["cpa_jpy"].tolist() == [2550] * 4 + [100] * 4


def test_a_gap_and_a_recorded_zero_are_two_things():
    gap, _ = only(months_of("G", {1: 50_000, 2: None, 3: 50_000}, {1: 10, 2: 10, 3: 10}))
    zero, _ = only(months_of("G", {1: 50_000, 2: 0, 3: 50_000}, {1: 10, 2: 10, 3: 10}))
    assert (gap["cpa_jpy"], gap["n_missing"]) == (5000, 10)
    assert (zero["cpa_jpy"], zero["n_missing"]) == (100_000 / 30, 0)


def test_a_daily_file_that_ends_within_a_month_leaves_that_month_out():
    days = [(datetime.date(2025, 1, 1) + datetime.timedelta(days=d), "G", 1000, 0) for d in range(40)]  # to 9 February
    months = monthly(days, [(datetime.date(2025, m, 1), "G", 31, True) for m in (1, 2)], datetime.date(2025, 2, 28), grain="day")
    assert str(acquisition.window(months, datetime.date(2025, 2, 28))) == "2025-01-01/2025-01-31"
    assert only(months, datetime.date(2025, 2, 28))[0]["cpa_jpy"] == 1000


def test_cpo_divides_by_all_orders_through_the_channel():
    months = monthly([(MARCH, "G", 60_000, 0)], [(MARCH, "G", 10, True)], more=[(END, "G")] * 5 + [(END, "organic")])
    row, _ = only(months, END)
    assert (row["cpa_jpy"], row["cpo_jpy"], row["n_orders"]) == (6000, 4000, 15)
    listed = acquisition.by_month_and_channel(months).set_index("acq_channel").loc["G"]
    assert (listed["cpa_jpy"], listed["cpo_jpy"]) == (6000, 4000)


def test_interval_of_a_cpa_is_garwoods():
    """Poisson 95 % of 10: 4.795 to 18.390 (Garwood 1936)."""
    value, low, high = acquisition.cost_interval(100_000, 10)
    assert value == 10_000 and (low, high) == (pytest.approx(1e5 / 18.390, rel=1e-4), pytest.approx(1e5 / 4.7954, rel=1e-4))
    wider = acquisition.cost_interval(100_000, 10, 2.0)
    assert wider[1] < low and wider[2] > high and np.isnan(acquisition.cost_interval(5, 0)[0])


def test_months_that_vary_more_than_chance_widen_the_interval():
    assert acquisition.dispersion([100] * 6, [10, 10, 10, 10, 10, 10]) == 1
    assert acquisition.dispersion([100] * 4, [0, 40, 0, 40]) == 40  # each pair (0 − 20)² ÷ 20 × 2
    assert acquisition.dispersion([100] * 8, [40] * 4 + [10] * 4) == pytest.approx(18 / 7)  # moved once
    assert acquisition.dispersion([100] * 3, [0, 40, 0]) == 1  # too few months to tell


def ads_by_campaign():
    """(campaign, cents spent, approved conversions), from the rows of the file where it is at hand.

    Facebook ads, "Sales conversion optimization" (Kaggle): 1,143 ads, 58,705.23 spent, 1,079 approved.
    """
    near = [folder / "shared" / "data" / "facebook_ads.csv" for folder in Path(__file__).parents[3:5]]
    file = next((file for file in near if file.is_file()), None)
    if file is None:
        return [("916", 14_971, 24), ("936", 289_337, 183), ("1178", 5_566_215, 872)]
    rows = pd.read_csv(file).groupby("xyz_campaign_id")[["Spent", "Approved_Conversion"]].sum()
    return [(str(id), round(100 * row.Spent), int(row.Approved_Conversion)) for id, row in rows.iterrows()]


def test_facebook_ads_cost_of_an_approved_conversion():
    """6.2379, 15.8108 and 63.8327 dollars by campaign, 54.407 over all (each approved conversion a new customer)."""
    ads = ads_by_campaign()
    august, end = datetime.date(2023, 8, 1), datetime.date(2023, 8, 31)
    months = monthly([(august, name, cents, 0) for name, cents, _ in ads],
                     [(august, name, n, True) for name, _, n in ads], end)
    found = acquisition.channels(months, acquisition.window(months, end)).set_index("acq_channel")
    assert found["cpa_jpy"].div(100).round(4).to_dict() == {"916": 6.2379, "936": 15.8108, "1178": 63.8327}
    totals = acquisition.totals(found.reset_index(), 0)
    assert totals["cost_jpy"] == 5_870_523 and totals["n_new"] == 1079
    assert totals["blended_cpa_jpy"] == pytest.approx(5_870_523 / 1079)


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
    assert channels["n_missing"].sum() == trend["n_missing"].sum() == totals["n_missing"]
    assert channels["counted_jpy"].sum() == trend["counted_jpy"].sum()
    assert channels["n"].sum() == trend["n"].sum() == totals["n_new"]
    bounded = channels.dropna(subset="cpa_jpy")
    assert (bounded["cpa_min_jpy"] <= bounded["cpa_max_jpy"]).all()
    assert np.isfinite(channels["cpa_jpy"].dropna()).all()
