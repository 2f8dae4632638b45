"""BG/NBD and Gamma-Gamma against the published CDNOW figures, against quadrature and against known truth."""

import datetime
import importlib.util
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from shindan import engine
from shindan.analyses import lifetime_models as models
from shindan.analyses import ltv, outlook, predicted

HALF, END = datetime.date(1997, 9, 30), datetime.date(1998, 6, 30)
PAPER = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee (2005), table 2; weeks
REPEATS = [1411, 439, 214, 100, 62, 38, 29, 64]  # 0 … 7+
SHOP = (0.5, 150.0, 0.8, 2.5)  # of the simulated shops; days
VALUES = (5.0, 4.0, 12_000.0)


@pytest.fixture(scope="module")
def cdnow():
    """(buyers, purchases) of CDNOW, the 1/10 sample (PyPI package lifetimes); cents as money."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None:
        pytest.skip("lifetimes is not installed")
    file = Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(file, sep=r"\s+", usecols=[1, 2, 4], names=["customer_key", "date", "value"],
                      dtype={"customer_key": str, "date": str})
    log["purchase_date"] = pd.to_datetime(log["date"]).dt.date
    log["revenue_jpy"] = (log["value"] * 100).round().astype("int64")
    return tables(log.groupby(["customer_key", "purchase_date"], as_index=False)["revenue_jpy"].sum())


def tables(daily):
    """(customer_key, purchase_date, revenue_jpy), a row a day -> buyers and purchases."""
    p = daily.sort_values(["customer_key", "purchase_date"], ignore_index=True)
    p["purchase_no"] = p.groupby("customer_key").cumcount() + 1
    p["contribution_jpy"], p["is_subscription"] = p["revenue_jpy"], False
    b = p.groupby("customer_key", as_index=False).agg(first_date=("purchase_date", "min"))
    return b.assign(second_date=None, acq_channel="G", is_new=True), p


@pytest.fixture(scope="module")
def half(cdnow):
    """CDNOW's first 39 weeks: the cells the paper is fitted on, and those of the values."""
    lives = predicted.history(*cdnow, HALF)
    return predicted.cells(lives), predicted.value_cells(lives)


@pytest.fixture(scope="module")
def study(cdnow):
    return predicted.study(*cdnow, END)


def test_repeat_histogram(half):
    """2,357 customers, 2,457 repeat days, 946 repeaters (the paper's sample)."""
    counted = half[0]
    seen = counted.assign(x=counted["repeats"].clip(upper=7)).groupby("x")["n"].sum()
    assert seen.tolist() == REPEATS and (counted["n"] * counted["repeats"]).sum() == 2457
    assert half[1]["n"].sum() == 946


def test_bg_nbd_as_published(half):
    """r .243, α 4.414, a .793, b 2.426, LL −9582.4 with time in weeks; in days only α changes."""
    x, t_x, t = half[0][predicted.CELL].to_numpy(float).T
    weeks = models.fit_purchases(x, t_x / 7, t / 7, half[0]["n"])
    days = models.fit_purchases(x, t_x, t, half[0]["n"])
    assert weeks.params == pytest.approx(PAPER, abs=6e-4) and weeks.problem is None
    assert weeks.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert days.params == pytest.approx(np.array(weeks.params) * (1, 7, 1, 1), rel=1e-5)


def test_expected_purchases_as_published(half):
    """E[X(39) | x = 2, t_x = 30.43, T = 38.86] = 1.226 weeks ahead (the paper's example)."""
    x, t_x, t = half[0][predicted.CELL].to_numpy(float).T
    params = models.fit_purchases(x, t_x / 7, t / 7, half[0]["n"]).params
    expected = models.alive(params, 2, 30.43, 38.86) * models.expected_if_alive(params, 2, 38.86, 39.0)
    assert expected == pytest.approx(1.226, abs=5e-4)


def test_gamma_gamma_as_published(half):
    """p 6.25, q 3.74, v 15.44 dollars (Fader & Hardie 2013)."""
    p, q, v = models.fit_values(half[1]["repeats"], half[1]["mean_jpy"] / 100, half[1]["n"]).params
    assert (p, q, v) == pytest.approx((6.25, 3.74, 15.44), rel=2e-3)


def test_weeks_instead_of_days_change_little(cdnow, half):
    """Shops of many customers are counted by weeks."""
    weekly = predicted.cells(predicted.history(*cdnow, HALF, step_days=7))
    fine = models.fit_purchases(*half[0][predicted.CELL].to_numpy(float).T, half[0]["n"])
    coarse = models.fit_purchases(*weekly[predicted.CELL].to_numpy(float).T, weekly["n"])
    assert len(weekly) < len(half[0]) and (weekly["last_days"] <= weekly["observed_days"]).all()
    expected = [models.expected_if_alive(fit.params, 0, 0, 365) for fit in (fine, coarse)]
    assert expected[0] == pytest.approx(expected[1], rel=0.02)


PARAMS = st.tuples(st.floats(0.05, 5), st.floats(2, 300), st.floats(0.1, 8), st.floats(0.2, 8))


@pytest.mark.parametrize(("params", "x", "t", "horizon"), [
    (PAPER, 0, 0, 39), (PAPER, 2, 38.86, 39), (SHOP, 0, 0, 365), (SHOP, 5, 400, 365), (SHOP, 60, 400, 365),
    ((2.0, 50.0, 3.0, 1.5), 0, 0, 900), ((0.5, 40.0, 1.0, 2.0), 1, 100, 365), ((0.1, 5.0, 0.3, 0.4), 0, 30, 730),
    ((0.5, 40.0, 0.5, 0.5), 0, 0, 365)])
def test_expected_purchases_against_quadrature(params, x, t, horizon):
    """E[(1 − (α/(α + p·h))^r) / p] over p ~ Beta(a, b + x), λ ~ Gamma(r + x, α + T): by integration."""
    r, alpha, a, b = params
    r, alpha, b = r + x, alpha + t, b + x

    def times(p):
        p = max(p, 1e-12)  # quad also looks at the end
        return -np.expm1(-r * np.log1p(p * horizon / alpha)) / p / special.beta(a, b)

    expected, _ = integrate.quad(times, 0, 1, weight="alg", wvar=(a - 1, b - 1), limit=200)
    assert models.expected_if_alive(params, x, t, horizon) == pytest.approx(expected, rel=2e-6)


@settings(max_examples=60, deadline=None)
@given(PARAMS, st.integers(0, 200), st.integers(0, 1500), st.integers(1, 1100))
def test_expected_purchases_grow_with_time_and_stay_below_those_of_nobody_leaving(params, x, t, horizon):
    r, alpha, _, _ = params
    soon, later = models.expected_if_alive(params, x, t, np.array([horizon, 2.0 * horizon]))
    assert 0 < soon <= later and later <= (r + x) / (alpha + t) * 2 * horizon * (1 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(PARAMS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=5))
def test_slopes_are_those_of_the_likelihood(params, customers):
    x, t_x, more = np.array(customers, float).T
    t_x = np.where(x > 0, t_x, 0)
    repeats = np.unique(x, return_inverse=True)
    _, slopes = models._purchase_scores(params, repeats, (x, t_x, t_x + more))
    for place, value in enumerate(params):
        around = [np.array(params) + np.eye(4)[place] * value * step for step in (1e-5, -1e-5)]
        ahead, behind = (models._purchase_scores(p, repeats, (x, t_x, t_x + more))[0] for p in around)
        assert slopes[:, place] * value == pytest.approx((ahead - behind) / 2e-5, rel=1e-3, abs=1e-3)


def test_chance_of_being_a_customer():
    late, early = models.alive(SHOP, [3, 3], np.array([300, 50]), 320)
    assert 0 < early < late < 1 and models.alive(SHOP, 0, 0, 900) == 1
    assert models.alive(SHOP, 400, 10, 5000) == pytest.approx(0) and np.isnan(models.mean_value((2.0, 0.9, 100.0)))


def simulated(seed, people=3000, days=900, won=500):
    """Counted cells of a shop that is exactly as the models say (in continuous time)."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = SHOP
    rate, leave = rng.gamma(r, 1 / alpha, people), rng.beta(a, b, people)
    t = days - rng.integers(0, won, people).astype(float)
    x, t_x, now, here = np.zeros(people), np.zeros(people), np.zeros(people), np.ones(people, bool)
    while here.any():
        now = now + rng.exponential(1 / rate)
        here = here & (now < t)
        x, t_x = x + here, np.where(here, now, t_x)
        here = here & (rng.random(people) >= leave)
    p, q, v = VALUES
    unit = rng.gamma(q, 1 / v, people)
    first, spent = rng.gamma(p, 1 / unit), rng.gamma(p * np.maximum(x, 1), 1 / unit)
    return pd.DataFrame({"repeats": x, "last_days": t_x, "observed_days": t, "n": 1, "first_jpy": first,
                         "first_squares": first**2, "repeat_jpy": np.where(x > 0, spent, 0)})


def studied(counted):
    """A Study of such cells, its gates taken as passed."""
    some = counted[counted["repeats"] > 0]
    buying = models.fit_purchases(*counted[predicted.CELL].to_numpy(float).T, counted["n"])
    worth = models.fit_values(some["repeats"], some["repeat_jpy"] / some["repeats"], some["n"])
    return predicted.Study(pd.DataFrame({"passed": [True]}), None, counted, buying, worth)


def test_the_parameters_come_back():
    found = studied(simulated(1, people=20_000))
    assert found.purchases.params == pytest.approx(SHOP, rel=0.15)
    assert found.values.params == pytest.approx(VALUES, rel=0.08)


def test_the_interval_covers_the_truth():
    """True LTV(365) = mean first purchase + E[X(365)] × mean value. With 95 % coverage fewer than 13
    of 16 shops have a chance under 1 in 100."""
    mean = VALUES[0] * VALUES[2] / (VALUES[1] - 1)
    truth = mean * (1 + models.expected_if_alive(SHOP, 0, 0, 365))
    rows = [outlook.ltv(studied(simulated(seed, people=1000)), 365, 0.4).iloc[0] for seed in range(16)]
    covered = sum(row["sales_ltv_jpy_lo"] <= truth <= row["sales_ltv_jpy_hi"] for row in rows)
    assert stats.binom.cdf(12, 16, 0.95) < 0.01 and covered >= 13
    assert rows[0]["contribution_ltv_jpy"] == pytest.approx(0.4 * rows[0]["sales_ltv_jpy"])


def test_a_degenerate_fit_says_so():
    """Everybody buys each week and nobody ever leaves; every purchase costs the same: no spread to fit."""
    x = np.arange(30, 70)
    assert models.fit_purchases(x, 7.0 * x, 7.0 * x, np.ones(len(x))).problem is not None
    assert models.fit_values(x, np.full(len(x), 3000.0), np.full(len(x), 10)).problem is not None
    with pytest.raises(ValueError, match="no repeat purchase"):
        models.fit_purchases([0, 0], [0, 0], [5, 9], [1, 1])
    with pytest.raises(ValueError, match="no repeat purchase"):
        models.fit_values([], [], [])


def test_cdnow_passes_every_gate(study, cdnow):
    """Fitted on 39 weeks, the next 39 are predicted within 15 % (the paper tracks within 13 %)."""
    assert study.passed and study.checks["gate"].tolist() == [
        "subscription", "history", "repeaters", "correlation", "purchase_fit", "value_fit", "holdout"]
    purchases = cdnow[1]
    after = ((purchases["purchase_date"] > HALF) & (purchases["purchase_no"] > 1)).sum()
    weeks = study.tracking.set_index("week_date")
    assert weeks["n_actual"][HALF] == 2457 == weeks["n_predicted"][HALF]
    assert weeks["n_actual"][END] == 2457 + after
    assert study.error == pytest.approx((weeks["n_predicted"][END] - 2457) / after - 1)
    assert weeks["n_actual"].is_monotonic_increasing and weeks["n_predicted"].dropna().is_monotonic_increasing


def test_holdout_totals_are_the_customers_added_up(cdnow, study, half):
    x, t_x, t = half[0][predicted.CELL].to_numpy(float).T
    params = models.fit_purchases(x, t_x, t, half[0]["n"]).params
    each = models.alive(params, x, t_x, t) * models.expected_if_alive(params, x, t, (END - HALF).days)
    assert study.tracking["n_predicted"].iloc[-1] == pytest.approx(2457 + (each * half[0]["n"]).sum())


def test_cdnow_predicted_beside_observed(cdnow, study):
    """The observed LTV(365) of the same 2,357 people and the predicted one have overlapping intervals."""
    seen = ltv.ltv(ltv.values(*cdnow, END, 365)).iloc[0]
    row = outlook.ltv(study, 365).iloc[0]
    assert row["n"] == seen["n"] and np.isnan(row["contribution_ltv_jpy"])
    assert row["sales_ltv_jpy_lo"] < seen["sales_ltv_jpy_hi"] and seen["sales_ltv_jpy_lo"] < row["sales_ltv_jpy_hi"]


def test_outlook_row_by_row_and_by_rank(study):
    """Ibis' rows are the formulas' figures, and the ranks are their means."""
    rows = outlook.customers(study, 365).to_pandas().set_index("customer_key").sort_index()
    lives = study.history.to_pandas().set_index("customer_key").sort_index()
    x, t_x, t = lives[predicted.CELL].to_numpy(float).T
    still = models.alive(study.purchases.params, x, t_x, t)
    assert rows["p_alive"].to_numpy()[x > 0] == pytest.approx(still[x > 0]) and rows["p_alive"][x == 0].isna().all()
    times = still * models.expected_if_alive(study.purchases.params, x, t, 365)
    assert rows["expected_purchases"].to_numpy() == pytest.approx(times)
    ranked = pd.DataFrame({"customer_key": rows.index, "rank": np.where(x > 1, "premium", "dormant")})
    by_rank = outlook.by_rank(study, ranked).set_index("rank")
    mean = rows.reset_index().merge(ranked).groupby("rank")[["p_alive", "expected_purchases", "expected_jpy"]].mean()
    for name, column in zip(mean, ["alive_share", "purchases_per_person", "expected_jpy"], strict=True):
        assert by_rank.loc[mean.index, column].to_numpy() == pytest.approx(mean[name].to_numpy())
    assert by_rank["n"].tolist() == [(x > 1).sum(), 0, 0, (x <= 1).sum()]
    assert by_rank.loc[["semi_premium", "regular"], "expected_jpy"].isna().all()


def closed(found):
    return found.checks.loc[~found.checks["passed"].astype(bool), "gate"].tolist()


def test_cheap_gates_close_before_anything_is_fitted(cdnow):
    buyers, purchases = cdnow
    assert closed(predicted.study(buyers, purchases, HALF)) == ["history"]
    few = buyers.iloc[:300]
    found = predicted.study(few, purchases, HALF)
    assert closed(found) == ["history", "repeaters"] and found.purchases is None and not found.passed
    one = purchases.assign(is_subscription=[True] + [False] * (len(purchases) - 1))
    assert closed(predicted.study(buyers, one, END)) == ["subscription"]


def test_each_limit_is_a_gate_of_its_own(cdnow):
    strict = predicted.Limits(correlation=0.05, holdout_error=0.1)
    found = predicted.study(*cdnow, END, strict)
    assert closed(found) == ["correlation", "holdout"] and found.values is not None
    assert outlook.ltv(found, 365).empty and outlook.customers(found).to_pandas().empty
    assert outlook.by_rank(found, pd.DataFrame({"customer_key": ["1"], "rank": ["premium"]})).empty


def test_a_shop_that_changed_in_the_middle_is_not_predicted(cdnow):
    """Repeat purchases stop half way: the hold-out gate closes."""
    buyers, purchases = cdnow
    stopped = purchases[(purchases["purchase_date"] <= HALF) | (purchases["customer_key"].str[-1] == "1")]
    assert closed(predicted.study(buyers, stopped, END)) == ["holdout"]


def test_frequency_and_value_that_go_together(cdnow):
    buyers, purchases = cdnow
    often = purchases.groupby("customer_key")["purchase_no"].transform("max")
    found = predicted.study(buyers, purchases.assign(revenue_jpy=1000 * often), END)
    assert "correlation" in closed(found)


def test_empty_tables_close_the_first_gates():
    found = predicted.study(engine.empty("buyers"), engine.empty("purchases"), END)
    assert closed(found) == ["history", "repeaters"]
    assert outlook.ltv(found, 365).empty and found.tracking.empty and np.isnan(found.error)
    assert isinstance(outlook.customers(found), ibis.Table)


def test_the_order_of_rows_does_not_matter(cdnow, study):
    buyers, purchases = cdnow
    again = predicted.study(buyers[::-1], purchases.sample(frac=1, random_state=3), END)
    pd.testing.assert_frame_equal(again.checks, study.checks, check_exact=True)
    assert again.purchases.params == study.purchases.params
