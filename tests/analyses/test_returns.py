"""LTV against CPA: both vary by chance, and the verdicts keep their error over all channels."""

import datetime

import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import acquisition, returns

LTV = returns.LTV
YEARS = acquisition.Window(datetime.date(2023, 1, 1), datetime.date(2025, 12, 31))


def channels(rows):
    """rows: (channel, cost, new customers)."""
    c = pd.DataFrame(rows, columns=["acq_channel", "cost_jpy", "n"])
    c["cpa_jpy"], c["cpa_jpy_lo"], c["cpa_jpy_hi"] = acquisition.cost_interval(c["cost_jpy"], c["n"])
    return c.assign(roas_rate=1.0, n_counted=c["n"], spread=1.0, n_missing=0)


def worth(rows):
    """rows: (channel, n, LTV, half its interval)."""
    w = pd.DataFrame(rows, columns=["acq_channel", "n", LTV, "half"])
    return w.assign(**{f"{LTV}_lo": w[LTV] - w["half"], f"{LTV}_hi": w[LTV] + w["half"]}).drop(columns="half")


def curves(channel, values):
    return pd.DataFrame({"acq_channel": channel, "month_of_life": range(1, len(values) + 1), LTV: values})


NO_CURVE = curves("none", [0.0])


def verdicts(c, w, **more):
    found = returns.economics(c, w, NO_CURVE, **more)
    return found.set_index("acq_channel")["verdict"].to_dict()


def test_economics_matures_pays_back_and_keeps_quiet_about_few():
    c = channels([("G", 300_000, 60), ("M", 200_000, 20), ("TV", 100_000, 0), ("free", 0, 50)])
    w = worth([("G", 100, 6000.0, 500.0), ("M", 4, 9e9, 1.0), ("TV", 50, 100.0, 1.0), ("free", 50, 3000.0, 100.0)])
    e = returns.economics(c, w, curves("G", [4000.0, 5000.0, 6000.0]), 500).set_index("acq_channel")
    assert e.loc["G", ["limit_cpo_jpy", "ltv_cpa_rate", "payback"]].tolist() == [5500, 1.2, 2]
    assert np.isnan(e.loc["M", LTV]) and e.loc["M", "payback"] is None       # 4 people
    assert np.isnan(e.loc["TV", "ltv_cpa_rate"]) and e.loc["TV", "payback"] is None  # no CPA
    assert e["verdict"].to_dict() == {"G": "unsure", "M": "none", "TV": "none", "free": "none"}


def test_never_within_the_horizon():
    e = returns.economics(channels([("G", 300_000, 60)]), worth([("G", 100, 4000.0, 1.0)]), curves("G", [4000.0]))
    assert e["payback"].tolist() == ["never"]


def test_an_interval_of_ltv_alone_is_no_verdict():
    """LTV surely under a CPA of 5,000 taken as exact; but the CPA is of 60 people."""
    c, w = channels([("G", 300_000, 60)]), worth([("G", 1000, 4500.0, 300.0)])
    assert verdicts(c, w) == {"G": "unsure"}
    many = channels([("G", 300_000_00, 60_00)])
    assert verdicts(many, w) == {"G": "short"}
    assert verdicts(many, worth([("G", 1000, 5600.0, 300.0)])) == {"G": "back"}


def test_missing_months_and_few_people_are_no_verdict():
    c, w = channels([("G", 300_000_00, 60_00), ("few", 290_000, 29)]), worth([("G", 1000, 4500.0, 300.0), ("few", 99, 9.0, 1.0)])
    assert verdicts(c.assign(n_missing=[7, 0]), w) == {"G": "missing", "few": "few"}


def test_holm_over_the_channels():
    """p = 0.03 alone is a verdict, among ten channels it is none."""
    one = [("c0", 5000 * 400, 400)]
    w = worth([(f"c{i}", 400, 5000.0 if i else 4270.0, 500.0) for i in range(10)])
    e = returns.economics(channels(one), w, NO_CURVE)
    assert 0.01 < e["p_holm"].iloc[0] < 0.05 and e["verdict"].tolist() == ["short"]
    ten = channels(one + [(f"c{i}", 5000 * 400, 400) for i in range(1, 10)])
    assert "short" not in set(verdicts(ten, w).values())


def null_worlds(rng, worlds, sizes, dearer=1.0):
    """`worlds` shops whose channels' true LTV is their true CPA (the first channel's × `dearer`): skewed
    values of customers, Poisson many new ones around what the cost would bring. Rows as in economics."""
    pool = (1 + rng.negative_binomial(0.4, 0.35, 50_000)) * rng.lognormal(7, 0.6, 50_000)
    n = np.tile(sizes, worlds)
    true = pool.mean() * np.where(np.arange(len(n)) % len(sizes) == 0, dearer, 1.0)
    values = [rng.choice(pool, size) for size in n]
    mean, error = (np.array([figure(v) for v in values]) for figure in (np.mean, lambda v: v.std(ddof=1) / np.sqrt(len(v))))
    c = channels([(str(place), cost, came) for place, (cost, came) in enumerate(
        zip(true * n, np.maximum(rng.poisson(n), 1), strict=True))])
    half = stats.t.ppf(0.975, n - 1) * error
    c = c.assign(n_matured=n, **{LTV: mean, f"{LTV}_lo": mean - half, f"{LTV}_hi": mean + half})
    return c.join(returns.against_cost(c)), len(sizes)


def short(rows, each):
    """Per world, whether each channel is named as falling short; nothing to look at where no p is small."""
    worlds = [rows.iloc[at:at + each].copy() for at in range(0, len(rows), each)]
    return np.array([returns._verdicts(world, 30).eq("short").to_numpy() if (world["p"] < 0.05).any()
                     else np.zeros(each, bool) for world in worlds])


def test_worlds_without_a_losing_channel_seldom_name_one():
    """300 shops of 7 channels that all just break even: 5 % may name one that falls short (an interval of
    LTV against a CPA taken as exact names one in two of three)."""
    rows, each = null_worlds(np.random.default_rng(11), 300, (60, 100, 150, 250, 400, 600, 900))
    assert short(rows, each).any(axis=1).sum() <= 15 + 2 * np.sqrt(15)
    naive = (rows[f"{LTV}_hi"] < rows["cpa_jpy"]).to_numpy().reshape(-1, each)
    assert naive.any(axis=1).mean() > 0.5


def test_a_losing_channel_is_found():
    rows, each = null_worlds(np.random.default_rng(12), 20, (600, 600, 600), dearer=1.4)
    assert short(rows, each)[:, 0].mean() >= 0.9


def test_the_loss_counts_both_sides():
    rows = returns.economics(channels([("G", 300_000_00, 60_00)]), worth([("G", 1000, 4500.0, 300.0)]), NO_CURVE)
    lost, low, high = returns.shortfall(rows)
    assert lost == 6000 * 500 and low < 6000 * 200 and high > 6000 * 800
    assert returns.shortfall(rows.iloc[:0]) == (0, 0, 0)


def months(cost, n, channel="G"):
    days = [acquisition.month_of(YEARS.start, place) for place in range(len(n))]
    return pd.DataFrame({"calendar_month": days, "acq_channel": channel, "cost_jpy": cost, "n_new": n, "recorded": True})


def crossed(cost, n, limit=(4000.0, 3900.0, 4100.0)):
    return returns.crossed(months(cost, n), YEARS, {"G": limit}).iloc[0]


def test_the_month_a_cpa_crossed_its_limit():
    """3,000 for a year, then 6,000: over the last three months it is above from the second dear month on."""
    row = crossed([300_000] * 12 + [600_000] * 12, [100] * 24)
    assert (row["side"], row["crossed_month"], row["always"]) == ("above", datetime.date(2024, 2, 1), False)
    assert crossed([600_000] * 24, [100] * 24)["always"]
    below = crossed([300_000] * 24, [100] * 24)
    assert below["side"] == "below" and below["crossed_month"] is None


def test_back_under_the_limit_is_no_crossing():
    row = crossed([600_000] * 12 + [300_000] * 6, [100] * 18)
    assert row["side"] == "below" and row["crossed_month"] is None


def test_chance_alone_seldom_crosses_a_limit():
    """A CPA that is the limit, 36 months of about 100 customers: a crossing is told in at most 8 % of 100 shops."""
    rng = np.random.default_rng(5)
    told = sum(crossed([400_000] * 36, rng.poisson(100, 36), (4000.0,) * 3)["crossed_month"] is not None for _ in range(100))
    assert told <= 8


def test_too_few_months_or_customers_say_nothing():
    assert returns.crossed(months([1, 1], [5, 5]), YEARS, {"G": (1.0, 1.0, 1.0)}).empty
    assert returns.crossed(months([9] * 4, [5, 0, 0, 0]), YEARS, {"G": (1.0, 1.0, 1.0)}).empty
    assert returns.crossed(months([9] * 4, [5] * 4), YEARS, {}).empty


def test_overall_counts_both_sides_and_needs_a_cpa():
    total = worth([("all", 1000, 4500.0, 100.0)]).drop(columns="acq_channel")
    by_month = pd.DataFrame({"counted_jpy": [100_000] * 6, "n_counted": [20, 30, 25, 28, 22, 25]})
    row = returns.overall(total, by_month, pd.DataFrame({LTV: [3000.0, 3900.0, 4100.0]})).iloc[0]
    assert row["cpa_jpy"] == 4000 and row["payback"] == 3 and row["ltv_cpa_rate"] == 1.125
    assert row["ltv_cpa_rate_lo"] < 4400 / 4000 < 4600 / 4000 < row["ltv_cpa_rate_hi"]
    assert returns.overall(total, by_month.iloc[:0], None).empty


def test_limits_are_ltv_less_the_profit_wanted():
    e = returns.economics(channels([("G", 300_000, 60)]), worth([("G", 100, 6000.0, 500.0)]), NO_CURVE)
    found = returns.limits(e, worth([("x", 40, 5000.0, 100.0)]).drop(columns="acq_channel"), 1000)
    assert found == {"all": (4000, 3900, 4100), "G": (5000, 4500, 5500)}
