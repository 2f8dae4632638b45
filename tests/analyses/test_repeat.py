"""F2 rate, funnel, cohorts, days to the second purchase, and the yearly rates."""

import datetime
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import intervals, repeat, survival

AS_OF = datetime.date(2025, 12, 31)


def day(days_ago, as_of=AS_OF):
    return as_of - datetime.timedelta(days=int(days_ago))


def people(rows, as_of=AS_OF, **columns):
    """Buyers from (days since the first purchase, days from first to second or None)."""
    frame = pd.DataFrame({
        "customer_key": [f"c{i}" for i in range(len(rows))],
        "first_date": [day(ago, as_of) for ago, _ in rows],
        "second_date": [None if gap is None else day(ago - gap, as_of) for ago, gap in rows],
        "is_new": True, **columns})
    frame["first_date"] = pd.to_datetime(frame["first_date"]).dt.date
    frame["second_date"] = pd.to_datetime(frame["second_date"]).dt.date
    frame["cohort_month"] = [d.replace(day=1) for d in frame["first_date"]]
    return frame


# O1 of the methods as customers: (observed, event) -> (days since the first purchase, gap)
O1 = [(200, 10), (15, None), (200, 20), (25, None), (200, 30), (40, None), (200, 60), (90, None)]


def test_o1_as_customers():
    rates = repeat.f2_rate(people(O1), AS_OF, windows=(10, 30, 60), min_followed=1)
    assert rates.f2_rate.tolist() == pytest.approx([1 / 8, 29 / 64, 93 / 128])
    assert rates.naive_rate.tolist() == pytest.approx([1 / 8, 3 / 8, 4 / 8])
    assert rates.n_repeated.tolist() == [1, 3, 4] and rates.n.tolist() == [8, 8, 8]
    assert rates.loc[1, ["f2_rate_lo", "f2_rate_hi"]].tolist() == pytest.approx(
        [1 - 0.8324, 1 - 0.1372], abs=5e-5)
    assert repeat.f2_median_days(people(O1), AS_OF, min_followed=1) == 60
    reached = repeat.second_day_reached(people(O1), AS_OF, shares=(0.5,))
    assert reached.reached_days.tolist() == [20]  # lower median of 10, 20, 30, 60: repeaters only


def test_the_curve_stops_where_fewer_than_ten_have_been_followed():
    rates = repeat.f2_rate(people([(400, None)] * 10 + [(100, 50)] * 10), AS_OF)
    assert rates.n_at_risk.tolist() == [20, 10, 10, 10, 10]
    assert rates.n_followed.tolist() == [20, 20, 20, 10, 10] and rates.f2_rate.notna().all()
    nine = people([(400, None)] * 9 + [(100, 50)] * 10)
    assert repeat.f2_rate(nine, AS_OF).f2_rate.notna().tolist() == [True, True, True, False, False]
    assert repeat.f2_curve(nine, AS_OF).day.max() == 100


def test_a_shop_where_nearly_all_come_back_has_its_rate():
    """Two hundred followed for more than a year, seven still not back: the rate stands."""
    buyers = people([(500, 20 + i % 60) for i in range(193)] + [(500, None)] * 7)
    year = repeat.f2_rate(buyers, AS_OF, (365,)).iloc[0]
    assert (year.n_at_risk, year.n_followed) == (7, 200) and year.f2_rate == pytest.approx(193 / 200)
    assert year.f2_rate_lo < year.f2_rate < year.f2_rate_hi < 1
    all_back = repeat.f2_rate(people([(500, 20 + i % 60) for i in range(200)]), AS_OF, (365,)).iloc[0]
    assert all_back.f2_rate == 1 and all_back.f2_rate_lo == pytest.approx(intervals.wilson(200, 200)[0])


def test_early_returns_of_new_people_do_not_carry_the_curve_past_what_was_followed():
    young = people([(60, 5)] * 50 + [(60, None)] * 2)
    assert repeat.f2_rate(young, AS_OF).f2_rate.notna().tolist() == [True, True, False, False, False]
    assert repeat.f2_median_days(young, AS_OF) == 5 and repeat.f2_median_days(young, AS_OF, min_followed=60) is None


def test_nobody_back_is_not_certainty():
    none = repeat.f2_rate(people([(400, None)] * 40), AS_OF, (365,)).iloc[0]
    assert none.f2_rate == 0
    assert (none.f2_rate_lo, none.f2_rate_hi) == pytest.approx(intervals.wilson(0, 40))


def test_the_unknown_are_no_group_in_the_test():
    rows = [(400, 20)] * 40 + [(400, None)] * 60 + [(400, 20)] * 40 + [(400, None)] * 60 + [(400, 20)] * 100
    of = ["tv"] * 100 + ["web"] * 100
    for unknown in ("unknown", None):
        both = people(rows, acq_channel=of + [unknown] * 100)
        assert repeat.f2_differs(both, AS_OF, "acq_channel") == repeat.f2_differs(
            both[:200], AS_OF, "acq_channel") > 0.9


def test_customers_who_may_be_older_are_no_new_customers():
    both = people([(400, 10)] * 20 + [(400, None)] * 20)
    both["is_new"] = [True] * 20 + [False] * 20
    assert repeat.f2_rate(both, AS_OF, min_followed=0).n.tolist() == [20] * 5


def test_what_happens_after_as_of_is_not_known_then():
    earlier = day(100)
    rates = repeat.f2_rate(people(O1), earlier, windows=(60,), min_followed=1)
    assert rates.n.tolist() == [4] and rates.n_repeated.tolist() == [4]
    assert repeat.f2_rate(people(O1), day(180), (30,), 1).n_repeated.tolist() == [2]  # gaps 10 and 20


def test_o3_constant_hazard_over_twelve_cohorts():
    """True F2(90) = .30 for everybody; the naive rate falls from cohort to cohort, ours does not."""
    rng, as_of = np.random.default_rng(3), datetime.date(2025, 1, 5)
    parts = []
    for month in range(1, 13):
        ago = (as_of - datetime.date(2024, month, 1)).days
        gaps = np.ceil(rng.exponential(-90 / np.log(0.7), 2000)).astype(int)
        parts += [(ago, int(gap) if gap <= ago else None) for gap in gaps]
    buyers = people(parts, as_of)
    rate = repeat.f2_rate(buyers, as_of, (90,)).iloc[0]
    assert rate.f2_rate_lo < 0.30 < rate.f2_rate_hi
    months = repeat.cohorts(buyers, as_of, (90,))
    assert months.observed.tolist() == [True] * 10 + [False] * 2
    assert months.f2_rate[:10].between(0.27, 0.33).all() and months.f2_rate[10:].isna().all()
    naive = buyers.groupby("cohort_month").second_date.count() / 2000
    assert naive.iloc[0] == pytest.approx(1 - 0.7 ** (370 / 90), abs=0.03)
    assert naive.iloc[-1] == pytest.approx(1 - 0.7 ** (35 / 90), abs=0.03)


def test_a_growing_shop_reads_low_when_counted_naively():
    rng = np.random.default_rng(5)
    ago = (700 * (1 - np.sqrt(rng.random(6000)))).astype(int)  # more and more new customers
    gap = np.ceil(rng.exponential(200, 6000)).astype(int)
    buyers = people([(a, g if g <= a else None) for a, g in zip(ago.tolist(), gap.tolist(), strict=True)])
    rate = repeat.f2_rate(buyers, AS_OF, (180,)).iloc[0]
    true = 1 - np.exp(-180 / 200)
    assert rate.f2_rate_lo < true < rate.f2_rate_hi
    assert rate.naive_rate < true - 0.1
    assert repeat.second_day_reached(buyers, AS_OF).reached_days[0] < 0.8 * 200 * np.log(2)


def test_cohorts_show_a_cell_only_when_every_member_was_observed():
    """Pitfall 35."""
    buyers = people([(75, 20), (61, None), (40, 35), (31, 1)])  # October (17th, 31st), November, 30th
    months = repeat.cohorts(buyers, AS_OF, (30, 60, 90)).set_index(["cohort_month", "window_days"])
    october, november = sorted({month for month, _ in months.index})
    assert months.loc[october].observed.tolist() == [True, True, False]
    assert months.loc[november].observed.tolist() == [True, False, False]
    assert months.loc[(october, 60)].f2_rate == 0.5 and months.loc[(november, 30)].f2_rate == 0.5
    assert np.isnan(months.loc[(november, 60)].f2_rate) and months.loc[(november, 60)].n == 2


def purchases(days_ago_by_person):
    rows = [{"customer_key": f"c{i}", "purchase_date": day(ago), "purchase_no": no, "is_automatic": False}
            for i, list_ in enumerate(days_ago_by_person)
            for no, ago in enumerate(sorted(list_, reverse=True), start=1)]
    return pd.DataFrame(rows)


def test_funnel_divides_by_those_who_reached_at_least_n():
    bought = [[900, 800, 700, 600, 500]] * 4 + [[900, 800, 700]] * 4 + [[900, 800]] * 4 + [[900]] * 4
    steps = repeat.funnel(purchases(bought), people([(900, None)] * 16), AS_OF, min_followed=0)
    assert steps.purchase_no.tolist() == [1, 2, 3, 4]
    assert steps.n.tolist() == [16, 12, 8, 4]
    assert steps.next_rate.tolist() == pytest.approx([12 / 16, 8 / 12, 4 / 8, 1])
    assert steps.n_next.tolist() == [12, 8, 4, 4]


def test_automatic_deliveries_are_no_steps_and_no_repeats():
    """Five deliveries, the fourth the first one could refuse: two decisions, so one step."""
    bought = purchases([[300, 270, 240, 210, 180]] * 12)
    bought["is_automatic"] = bought.purchase_no.isin((2, 3, 5))
    steps = repeat.funnel(bought, people([(300, 90)] * 12), AS_OF, window_days=120)
    assert steps.n.tolist() == [12, 12, 0, 0] and steps.next_rate.tolist()[:2] == [1, 0]
    year = repeat.yearly(bought.assign(is_automatic=bought.purchase_no > 1), AS_OF).iloc[0]
    assert (year.n, year.n_twice, year.n_returning) == (12, 0, 12)


def test_funnel_has_the_same_maturity_rule():
    bought = [[900, 800]] * 10 + [[900, 10]] * 10  # the second ten reached 2 only ten days ago
    steps = repeat.funnel(purchases(bought), people([(900, None)] * 20), AS_OF, steps=2, min_followed=11)
    assert steps.n.tolist() == [20, 20]
    assert np.isnan(steps.next_rate[1]) and steps.n_at_risk[1] == 10
    first = repeat.funnel(purchases(bought), people([(900, None)] * 20), AS_OF, steps=1, min_followed=1)
    assert first.next_rate.tolist() == [0.5]  # within 365 days; the other ten came after 890


def test_days_to_the_second_purchase_hold_repeaters_only():
    buyers = people([(800, gap) for gap in (0, 14, 15, 29, 100, 359, 360, 700)] + [(800, None)] * 50)
    days = repeat.second_days(buyers, AS_OF)
    assert days.n_people.sum() == 8 and days.repeater_share.sum() == pytest.approx(1)
    assert days.set_index("from_day").n_people[[0, 15, 90, 345, 360]].tolist() == [2, 2, 1, 1, 2]
    assert np.isnan(days.to_day.iloc[-1]) and days.cumulative_share.iloc[-1] == 1
    reached = repeat.second_day_reached(buyers, AS_OF)
    assert reached.reached_days.tolist() == [29, 360] and reached.n.tolist() == [8, 8]


def test_three_rates_are_three_figures():
    bought = [[700, 10], [300, 200], [100], [100], [800, 790], [365]]
    year = repeat.yearly(purchases(bought), AS_OF).iloc[0]
    assert year.n == 4            # the fifth and sixth did not buy in the last 365 days
    assert year.n_twice == 1      # only the second person bought twice within the year
    assert year.n_returning == 2  # the first person came back from an earlier year
    assert (year.yearly_repeat_rate, year.repeater_rate) == (0.25, 0.5)
    three = repeat.three_rates(repeat.f2_rate(people(O1), AS_OF), repeat.yearly(purchases(bought), AS_OF))
    assert three.figure.tolist() == ["f2_rate_365", "yearly_repeat_rate", "repeater_rate"]
    assert three.n.tolist() == [8, 4, 4]


def test_groups_come_largest_first_and_unknown_is_a_group():
    product = ["oil"] * 4 + ["soap"] * 3 + [None]
    groups = repeat.f2_by(people(O1, first_product=product), AS_OF, "first_product", 20, 1)
    assert groups.n.tolist() == [4, 3, 1]
    assert groups.first_product.tolist()[:2] == ["oil", "soap"] and pd.isna(groups.first_product[2])
    alone = repeat.f2_rate(people(O1[:4]), AS_OF, (20,), 1).iloc[0]
    assert groups.f2_rate[0] == alone.f2_rate and groups.f2_rate_lo[0] == alone.f2_rate_lo
    top = repeat.f2_by(people(O1, first_product=product), AS_OF, "first_product", 30, 1, most=1)
    assert top.first_product.tolist() == ["oil"]


def test_groups_that_differ_are_told_from_groups_that_do_not():
    rows = [(400, 20)] * 40 + [(400, None)] * 60 + [(400, 20)] * 10 + [(400, None)] * 90
    buyers = people(rows, acq_channel=["tv"] * 100 + ["web"] * 100)
    assert repeat.f2_differs(buyers, AS_OF, "acq_channel") < 0.001
    assert np.isnan(repeat.f2_differs(buyers, AS_OF, "acq_channel", min_n=101))  # nothing left to compare
    buyers["acq_channel"] = ["tv", "web"] * 100
    assert repeat.f2_differs(buyers, AS_OF, "acq_channel") > 0.5


def test_price_of_the_first_purchase():
    buyers = people(O1, first_is_sale=[True, False] * 4)
    groups = repeat.f2_by(repeat.with_price(buyers), AS_OF, "first_price", 30, 1)
    assert groups.first_price.tolist() == ["list", "sale"] and groups.n.tolist() == [4, 4]


def test_empty_tables_give_empty_answers():
    buyers, bought = engine.empty("buyers"), engine.empty("purchases")
    assert repeat.f2_rate(buyers, AS_OF).f2_rate.isna().all()
    for frame in (repeat.f2_curve(buyers, AS_OF), repeat.f2_by(buyers, AS_OF, "first_product"),
                  repeat.cohorts(buyers, AS_OF), repeat.second_days(buyers, AS_OF)):
        assert len(frame) == 0 and len(frame.columns) > 3
    assert repeat.funnel(bought, buyers, AS_OF).n.tolist() == [0, 0, 0, 0]
    assert repeat.yearly(bought, AS_OF).n.tolist() == [0]
    assert repeat.f2_median_days(buyers, AS_OF) is None


gaps = st.lists(st.tuples(st.integers(0, 500), st.none() | st.integers(1, 500)).map(
    lambda r: (r[0], r[1] if r[1] is not None and r[1] <= r[0] else None)), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None)
@given(gaps, st.randoms(use_true_random=False))
def test_for_any_shop(rows, random):
    rates = repeat.f2_rate(people(rows), AS_OF, min_followed=1)
    known = rates.dropna(subset="f2_rate")
    assert (known.f2_rate >= known.naive_rate - 1e-12).all()  # nobody's future is counted as a no
    assert known.f2_rate.is_monotonic_increasing and rates.n_at_risk.is_monotonic_decreasing
    assert known.f2_rate.between(0, 1 + 1e-12).all()
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(rates, repeat.f2_rate(people(shuffled), AS_OF, min_followed=1))


@settings(max_examples=25, deadline=None)
@given(gaps, st.lists(st.integers(0, 500), max_size=10))
def test_more_people_never_lower_how_many_were_followed(rows, later):
    before = repeat.f2_rate(people(rows), AS_OF)
    after = repeat.f2_rate(people(rows + [(ago, None) for ago in later]), AS_OF)
    assert (after[["n", "n_at_risk", "n_followed"]] >= before[["n", "n_at_risk", "n_followed"]]).all(axis=None)
    assert (after.f2_rate.notna() >= before.f2_rate.notna()).all()  # what was shown stays shown


@settings(max_examples=25, deadline=None)
@given(gaps, st.integers(1, 200))
def test_a_later_export_of_the_same_shop_never_lowers_how_many_were_followed(rows, days):
    """The same people seen `days` later (nobody else, nothing new bought): as many or more at every window."""
    then, now = repeat.f2_rate(people(rows), AS_OF), repeat.f2_rate(people(rows), day(-days))
    assert (now[["n", "n_at_risk", "n_followed"]] >= then[["n", "n_at_risk", "n_followed"]]).all(axis=None)
    assert (now.n_repeated >= then.n_repeated).all()


@settings(max_examples=20, deadline=None)
@given(gaps, st.randoms(use_true_random=False))
def test_row_order_never_matters(rows, random):
    names = [f"p{i % 3}" for i in range(len(rows))]
    frame = people(rows, first_product=names)
    shuffled = frame.sample(frac=1, random_state=random.randrange(2**31))
    for answer in (lambda b: repeat.f2_by(b, AS_OF, "first_product", min_followed=1),
                   lambda b: repeat.cohorts(b, AS_OF), lambda b: repeat.second_days(b, AS_OF),
                   lambda b: repeat.f2_curve(b, AS_OF, 60, 1)):
        pd.testing.assert_frame_equal(answer(frame), answer(shuffled))
    ours, theirs = (repeat.f2_differs(b, AS_OF, "first_product", min_n=1) for b in (frame, shuffled))
    assert ours == theirs or np.isnan(ours) and np.isnan(theirs)


@pytest.fixture(scope="module")
def cdnow():
    """CDNOW, the 1/10 sample of Fader & Hardie, as shipped with the PyPI package lifetimes."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None:
        pytest.skip("lifetimes is not installed")
    file = Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(file, sep=r"\s+", usecols=[1, 2], names=["customer_key", "date"], dtype=str)
    log["purchase_date"] = pd.to_datetime(log["date"]).dt.date
    log = log.drop_duplicates(["customer_key", "purchase_date"]).sort_values(["customer_key", "date"])
    return log.assign(purchase_no=log.groupby("customer_key").cumcount() + 1)


def test_cdnow_second_purchase(cdnow):
    """Kaplan–Meier of the whole log at 30, 90, 365 days: .1740 .2915 .4557; half is not reached."""
    dates = {no: cdnow[cdnow.purchase_no == no].set_index("customer_key").purchase_date for no in (1, 2)}
    buyers = pd.DataFrame({"first_date": dates[1], "second_date": dates[2], "is_new": True}).reset_index()
    end = cdnow.purchase_date.max()
    rates = repeat.f2_rate(buyers, end, (30, 90, 365))
    assert rates.f2_rate.tolist() == pytest.approx([0.1740, 0.2915, 0.4557], abs=1e-4)
    assert rates.n.tolist() == [2357] * 3
    assert repeat.f2_median_days(buyers, end) is None


def test_cdnow_repeats_of_the_first_nine_months(cdnow):
    """Fader, Hardie & Lee (2005), table 1: x repeats to 30 September 1997, 946 repeaters, Σx 2,457."""
    seen = cdnow[cdnow.purchase_date <= datetime.date(1997, 9, 30)]
    repeats = seen.groupby("customer_key").size() - 1
    histogram = repeats.clip(upper=7).value_counts().sort_index()
    assert histogram.tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert (len(repeats), (repeats > 0).sum(), repeats.sum()) == (2357, 946, 2457)


def test_counts_are_the_only_thing_the_curve_needs():
    """The same people in one row each or in counted rows: the same curve."""
    rows = pd.DataFrame({"day": [1, 1, 2, 2], "event": [True, True, False, False], "n": 1})
    counted = pd.DataFrame({"day": [1, 2], "event": [True, False], "n": 2})
    pd.testing.assert_frame_equal(survival.curve(rows), survival.curve(counted))
