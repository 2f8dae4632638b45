"""Campaigns by rank on the send date, credited purchases, random hold-outs."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, schema
from shindan.analyses import campaign, fatigue, holdout, intervals, ranks_reached, reach, rfm

DAY = datetime.date
AS_OF = DAY(2025, 3, 31)
TWICE = rfm.Cuts(ranks=(rfm.RankRule("premium", 2), rfm.RankRule("regular")))


def table(name, rows, **defaults):
    """A canonical table from typed rows; columns not given are `defaults`, else missing."""
    frame = pd.DataFrame(rows).assign(**defaults) if rows else pd.DataFrame()
    return engine.as_table(frame.reindex(columns=list(schema.of(name)))).cast(schema.of(name))


def purchases(rows):
    """Purchases from (customer, date, yen)."""
    numbers, out = {}, []
    for customer, date, yen in sorted(rows):
        numbers[customer] = numbers.get(customer, 0) + 1
        out.append({"customer_key": customer, "purchase_date": date, "revenue_jpy": yen,
                    "purchase_no": numbers[customer], "contribution_jpy": yen // 2})
    return table("purchases", out)


def sends(rows, **defaults):
    """Sends from (campaign, customer, date, is_control)."""
    columns = ["campaign_id", "customer_key", "assigned_date", "is_control"]
    return table("campaign_sends", [dict(zip(columns, row, strict=True)) for row in rows],
                 **{"delivery": "delivered", **defaults})


def campaigns(ids, **defaults):
    return table("campaigns", [{"campaign_id": i, "name": i} for i in ids],
                 **{"assignment": "random", "start_date": DAY(2025, 3, 1), **defaults})


SIX = purchases([
    ("c1", DAY(2025, 1, 10), 1000), ("c1", DAY(2025, 2, 10), 1000), ("c1", DAY(2025, 3, 5), 4000),
    ("c2", DAY(2025, 1, 5), 1000), ("c2", DAY(2025, 2, 1), 1000),
    ("c3", DAY(2025, 2, 15), 1000), ("c3", DAY(2025, 3, 3), 2000),
    ("c4", DAY(2025, 2, 20), 1000), ("c5", DAY(2025, 2, 25), 1000), ("c6", DAY(2025, 3, 10), 9000)])
FIVE_SENDS = sends([("k", c, DAY(2025, 3, 1), False) for c in ("c1", "c2", "c3", "c4", "c5")])


def followed(these_sends, of=SIX, which=None, as_of=AS_OF, cuts=TWICE):
    which = which if which is not None else campaigns(["k"])
    people = campaign.assigned(these_sends, which, window_days=14)
    return campaign.outcomes(people, of, campaign.ranks_on_send_dates(people, of, cuts), as_of)


def test_rank_is_that_of_the_send_date():
    """Six customers by hand: A (two purchases before the send) 1/2, B 1/3; ¥ a person 2,000 and
    666.67. Ranked at the report date, wrongly, A would be 2/3; c6 was not in it."""
    ranked = campaign.by_rank(followed(FIVE_SENDS)).set_index("rank")
    assert ranked[["n", "n_buyers"]].to_dict("index") == {
        "premium": {"n": 2, "n_buyers": 1}, "regular": {"n": 3, "n_buyers": 1}}
    assert (ranked.revenue_jpy / ranked.n).to_dict() == pytest.approx(
        {"premium": 2000, "regular": 2000 / 3})
    wrong = rfm.rank_on(SIX, AS_OF, TWICE).to_pandas().set_index("customer_key")["rank"]
    assert [wrong[c] for c in ("c1", "c2", "c3")] == ["premium"] * 3


def test_many_dates_at_once_give_the_ranks_of_each_date():
    dates = [DAY(2025, 1, 6), DAY(2025, 2, 11), DAY(2026, 3, 1), DAY(2024, 1, 1)]
    people = pd.DataFrame([(d, f"c{i}") for d in dates for i in range(1, 8)],
                          columns=["on_date", "customer_key"])
    got = engine.frame(campaign.ranks_on_dates(people, SIX, TWICE))
    want = pd.concat([rfm.rank_on(SIX, d, TWICE).to_pandas().assign(on_date=d) for d in dates])
    want = want.sort_values(["on_date", "customer_key"], ignore_index=True)
    got["on_date"] = pd.to_datetime(got.on_date).dt.date
    assert len(want) > 8
    pd.testing.assert_frame_equal(got, want[["on_date", "customer_key", "rank"]], check_dtype=False)


def test_window_holds_the_send_date_and_not_its_last_day():
    p = purchases([("a", DAY(2025, 3, 1), 10), ("b", DAY(2025, 3, 14), 20),
                   ("c", DAY(2025, 3, 15), 40), ("d", DAY(2025, 2, 28), 80)])
    s = sends([("k", c, DAY(2025, 3, 1), False) for c in "abcd"])
    o = engine.frame(followed(s, p), by=["customer_key"]).set_index("customer_key")
    assert o.revenue_jpy.to_dict() == {"a": 10, "b": 20, "c": 0, "d": 0}
    assert o.n_orders.to_dict() == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert o["rank"].to_dict() == {"a": "none", "b": "none", "c": "none", "d": "regular"}


def test_a_window_that_is_not_over_is_not_counted():
    assert followed(FIVE_SENDS, as_of=DAY(2025, 3, 14)).is_observed.to_pandas().all()
    early = followed(FIVE_SENDS, as_of=DAY(2025, 3, 13))
    assert not early.is_observed.to_pandas().any() and campaign.by_rank(early).empty


def test_a_campaigns_own_window_goes_first():
    which = campaigns(["k"], response_window_days=3)
    assert followed(FIVE_SENDS, which=which).bought.sum().to_pandas() == 1  # c3 on 3 March


def test_without_an_assigned_date_the_campaigns_date_stands():
    undated = sends([("k", c, None, False) for c in ("c1", "c2", "c3", "c4", "c5")])
    assert campaign.by_rank(followed(undated)).n_buyers.to_list() == [1, 1]


def test_everybody_assigned_counts():
    bounced = followed(sends([("k", c, DAY(2025, 3, 1), False) for c in ("c1", "c2")],
                             delivery="bounced"))
    assert campaign.by_rank(bounced).loc[0, ["n", "n_buyers"]].to_list() == [2, 1]


def test_one_purchase_belongs_to_the_last_send():
    s = sends([("k1", "c1", DAY(2025, 3, 1), False), ("k2", "c1", DAY(2025, 3, 4), False),
               ("k3", "c1", DAY(2025, 3, 5), True), ("k1", "c3", DAY(2025, 3, 1), False)])
    people = campaign.assigned(s, campaigns(["k1", "k2", "k3"]), 14)
    rows = engine.frame(campaign.credited(people, SIX), by=["customer_key"])
    assert rows[["customer_key", "campaign_id", "revenue_jpy"]].values.tolist() == [
        ["c1", "k2", 4000], ["c3", "k1", 2000]]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 9)), max_size=9),
       st.lists(st.tuples(st.sampled_from("kmn"), st.sampled_from("ab"), st.integers(0, 40)),
                max_size=6, unique_by=lambda row: row[:2]))
@settings(max_examples=20, deadline=None)
def test_credited_never_exceeds_sales(bought, sent):
    start = DAY(2025, 1, 1)
    rows = {(c, start + datetime.timedelta(d)): yen for c, d, yen in bought}
    p = purchases([(c, d, yen) for (c, d), yen in rows.items()])
    s = sends([(k, c, start + datetime.timedelta(d), False) for k, c, d in sent])
    got = engine.frame(campaign.credited(campaign.assigned(s, campaigns(list("kmn")), 14), p))
    assert not got.duplicated(["customer_key", "purchase_no"]).any()
    assert got.revenue_jpy.sum() <= sum(rows.values())


def counted(campaign_id, rank, sent, control, contribution=0.0, assignment="random"):
    """One row of `campaign.by_rank` from (people, buyers) of each arm."""
    return campaign.with_rates(pd.DataFrame({
        "campaign_id": [campaign_id], "assignment": assignment, "rank": rank, "n": sent[0], "n_buyers": sent[1],
        "revenue_jpy": 0, "contribution_jpy": contribution, "n_control": control[0], "n_control_buyers": control[1]}))


def compared(*rows, planned=None):
    ranked = pd.concat(rows, ignore_index=True)
    total = holdout.standardised(ranked, planned)
    return total.set_index("campaign_id"), holdout.differences(ranked, total)


def test_differences_by_hand():
    total, d = compared(counted("k", "premium", (70, 56), (80, 48), 5600.),
                        counted("k", "regular", (900, 30), (900, 30), 8.))
    assert d.loc[0, ["diff_pt", "diff_pt_lo", "diff_pt_hi"]].to_list() == pytest.approx(
        [.2, .0524, .3339], abs=5e-5)
    assert d.p_holm.to_list() == pytest.approx([2 * d.p[0], 1])
    k = total.loc["k"]
    assert k.diff_pt == pytest.approx(.2 * 150 / 1950) and k.n == 970
    assert k.margin_jpy == pytest.approx(5608 / 86)
    assert k.joint_pt_lo == k.diff_pt_lo and k.p_holm == k.p  # one campaign: nothing to correct


def test_holm_runs_over_all_campaigns_and_ranks_of_the_report():
    """p of one campaign alone is multiplied once others stand beside it."""
    one = counted("k1", "premium", (300, 60), (300, 39))
    alone, _ = compared(one)
    rows = [one, *(counted(f"k{i}", "premium", (300, 30), (300, 30)) for i in range(2, 6))]
    total, d = compared(*rows)
    assert alone.p["k1"] < .05 and alone.is_found["k1"]
    assert total.p["k1"] == alone.p["k1"] and total.p_holm["k1"] == pytest.approx(5 * alone.p["k1"])
    assert not total.is_found["k1"] and total.joint_pt_lo["k1"] < 0 < alone.diff_pt_lo["k1"]
    assert d.p_holm[0] == pytest.approx(5 * d.p[0]) and not d.is_found.any()
    assert total.detectable_pt["k1"] > alone.detectable_pt["k1"]


def test_small_groups_are_not_tested_and_cost_the_others_nothing():
    _, d = compared(counted("k", "premium", (300, 60), (300, 30)), counted("k", "none", (20, 9), (29, 0)))
    assert d.p_holm[0] == d.p[0] and np.isnan(d.p_holm[1]) and d.is_found.to_list() == [True, False]


def test_nobody_bought_in_an_arm():
    """Intervals of zero events keep their width, and p agrees with them."""
    total, d = compared(counted("k", "premium", (40, 0), (40, 0)), counted("k", "regular", (60, 5), (60, 0)))
    assert (d.diff_pt_hi - d.diff_pt_lo > .1).all() and d.p[0] == 1
    assert (d.p[1] < .05) == (d.diff_pt_lo[1] > 0) and total.diff_pt_hi["k"] > total.diff_pt_lo["k"]


@pytest.mark.parametrize("n_control, planned, refused", [
    (200, {"k": .2}, False), (200, {}, False), (120, {"k": .2}, True), (120, {}, False)])
def test_the_share_left_out_is_held_against_the_planned_one(n_control, planned, refused):
    total, d = compared(counted("k", "premium", (1000 - n_control, 80), (n_control, 12)), planned=planned)
    assert bool(total.is_refused["k"]) == refused and d.empty == refused
    assert np.isnan(total.planned_p["k"]) == (not planned)
    assert np.isnan(total.p_holm["k"]) == refused
    campaigns = pd.DataFrame({"campaign_id": ["k", "m"], "holdout_rate": [.2, None]})
    assert holdout.planned_shares(campaigns) == {"k": .2}


def test_simpson_in_a_campaign():
    """Sent S 180/900, C 1/100; control S 22/100, C 18/900: pooled +14.1 points, at equal rank
    shares −1.5; and the unequal shares are refused as a random draw."""
    total, d = compared(counted("k", "premium", (900, 180), (100, 22)), counted("k", "dormant", (100, 1), (900, 18)))
    k = total.loc["k"]
    assert (k.pooled_pt, k.diff_pt) == pytest.approx((.141, -.015))
    assert k.is_refused and k.ratio_p < .001 and d.empty


def test_rule_campaigns_are_never_compared():
    ranked = campaign.by_rank(followed(FIVE_SENDS, which=campaigns(["k"], assignment="rule")))
    total = holdout.standardised(ranked)
    assert len(ranked) == 2 and total.empty and holdout.differences(ranked, total).empty
    without_control = holdout.standardised(campaign.by_rank(followed(FIVE_SENDS)))
    assert without_control.empty


def test_null_campaigns_cover_zero():
    """1,000 simulated randomised campaigns without any effect: the interval covers 0 in >= 93 %."""
    rng = np.random.default_rng(6)
    base = np.array([.35, .2, .08, .03, .01])
    n1, n0 = np.array([80, 200, 600, 900, 300]), np.array([20, 50, 150, 225, 75])
    k1, k0 = rng.binomial(n1, base, (1000, 5)), rng.binomial(n0, base, (1000, 5))
    _, low, high = intervals.standardised_difference(k1, n1, k0, n0)
    assert ((low <= 0) & (high >= 0)).mean() >= .93
    low, high = intervals.newcombe(k1.sum(1), n1.sum(), k0.sum(1), n0.sum())
    assert ((low <= 0) & (high >= 0)).mean() >= .93
    low, high = intervals.newcombe(k1, n1, k0, n0)
    assert ((low <= 0) & (high >= 0)).mean() >= .93


def null_report(rng, campaigns=10):
    """Arms (sent buyers, sent, control buyers, control) of one report's campaigns without any effect."""
    base = np.array([.35, .2, .08, .03])
    n1, n0 = np.array([80, 200, 600, 400]), np.array([40, 100, 300, 200])
    return pd.concat([pd.DataFrame({
        "campaign_id": f"k{i}", "assignment": "random", "rank": ["premium", "semi_premium", "regular", "dormant"],
        "n": n1, "n_buyers": rng.binomial(n1, base), "revenue_jpy": 0, "contribution_jpy": 0.0,
        "n_control": n0, "n_control_buyers": rng.binomial(n0, base)}) for i in range(campaigns)], ignore_index=True)


def test_reports_of_ten_null_campaigns_headline_an_effect_in_at_most_5_percent():
    """300 reports of 10 campaigns x 4 ranks without effect; 5 % of 300 is 15, its upper end 24."""
    rng = np.random.default_rng(11)
    rows = pd.concat([null_report(rng).assign(report=i) for i in range(300)], ignore_index=True)
    arms = [rows[c].to_numpy(float).reshape(300, 10, 4) for c in holdout.ARMS]
    p = intervals.standardised_p(*arms)
    assert (p.min(axis=1) < .05).sum() > 90  # uncorrected, a third of the reports and more would
    assert (10 * p.min(axis=1) < .05).sum() <= 24
    by_rank = intervals.standardised_p(*(x[..., None] for x in arms)).reshape(300, 40)
    assert (40 * by_rank.min(axis=1) < .05).sum() <= 24
    one = campaign.with_rates(rows[rows.report == 0].drop(columns="report"))
    total = holdout.standardised(one)
    assert total.p_holm.min() == pytest.approx(min(1, 10 * p[0].min()))
    assert holdout.differences(one, total).p_holm.min() == pytest.approx(min(1, 40 * by_rank[0].min()))


def test_printed_smallest_difference_is_found_8_times_in_10():
    """Among 10 campaigns of unequal arms, at the rise printed, Holm's first step finds it (simulation)."""
    base = np.array([.35, .2, .08, .03, .01])
    n1, n0 = np.array([80, 200, 600, 900, 300]), np.array([20, 50, 150, 225, 75])
    rng = np.random.default_rng(2)
    for level in (intervals.LEVEL, intervals.joint_level(10)):
        gap = intervals.detectable_difference(base, n1, n0, level)
        k1, k0 = rng.binomial(n1, base + gap, (4000, 5)), rng.binomial(n0, base, (4000, 5))
        _, low, _ = intervals.standardised_difference(k1, n1, k0, n0, level)
        assert .76 < (low > 0).mean() < .84


def test_planned_hold_outs_tell_what_they_would_find():
    rows = pd.concat([counted("k", "premium", (800, 160), (0, 0), assignment="rule"),
                      counted("k", "regular", (1200, 36), (0, 0), assignment="rule"), counted("m", "premium", (9, 1), (9, 1))])
    planned = holdout.planned(rows).set_index("left_out_share")
    assert planned.n_control.to_dict() == {.1: 200, .2: 400, .5: 1000} and set(planned.campaign_id) == {"k"}
    assert planned.detectable_pt.is_monotonic_decreasing and planned.bought_rate.iloc[0] == pytest.approx(.098)


def test_bootstrap_t_covers_the_true_difference():
    """100 pairs of arms of lognormal spenders among mostly non-buyers; true difference 0."""
    rng = np.random.default_rng(7)
    hits = 0
    for i in range(100):
        arms = [np.where(rng.random(n) < .1, rng.lognormal(8, 1, n), 0) for n in (900, 400)]
        _, low, high = holdout.bootstrap_t(arms, [np.ones(len(a)) for a in arms], seed=i, draws=149).interval()
        hits += low <= 0 <= high
    assert hits >= 88


def test_bootstrap_t_is_near_welch_where_both_hold():
    rng = np.random.default_rng(8)
    x, y = rng.normal(50, 9, 400), rng.normal(45, 9, 300)
    arms = [x, y], [np.ones(400), np.ones(300)]
    got = holdout.bootstrap_t(*arms, seed=1)
    welch = intervals.mean_difference(x.sum(), (x**2).sum(), 400, y.sum(), (y**2).sum(), 300)
    assert got.interval() == pytest.approx(welch, abs=.25)
    assert got.interval() == holdout.bootstrap_t(*arms, seed=1).interval()
    wide, narrow = got.interval(.995), got.interval()
    assert wide[1] < narrow[1] and wide[2] > narrow[2]


def test_drawing_in_parts_draws_the_same_number(monkeypatch):
    arms = [np.arange(40.), np.arange(30.)], [np.ones(40), np.ones(30)]
    monkeypatch.setattr(holdout, "CELLS", 400)
    assert len(holdout.bootstrap_t(*arms, draws=55).drawn) == 55


def yen(outcomes):
    total = holdout.standardised(campaign.by_rank(outcomes))
    return holdout.sales_differences(outcomes, total, draws=50)


def test_sales_a_person_with_and_without_the_largest_order():
    """Pitfall 34."""
    sent, control = range(100), range(100, 200)
    bought = [(f"c{i}", DAY(2025, 3, 2), 1000) for i in [*range(40), *range(100, 140)]]
    bought.append(("c0", DAY(2025, 3, 3), 50000))
    s = sends([("k", f"c{i}", DAY(2025, 3, 1), i >= 100) for i in [*sent, *control]])
    got = yen(followed(s, purchases(bought))).iloc[0]
    assert got.sales_diff_jpy == pytest.approx(500) and got.no_largest_jpy == pytest.approx(0)
    few = purchases([row for row in bought if row[0] not in {f"c{i}" for i in range(100, 111)}])
    assert yen(followed(s, few)).empty  # 29 buyers in the control


def test_reach_and_money():
    which = campaigns(["k", "t"], cost_fixed_jpy=100, cost_per_send_jpy=20)
    responses = table("campaign_responses", [
        {"campaign_id": "k", "customer_key": c, "event": e, "count": 1}
        for c, e in (("c1", "open"), ("c1", "open"), ("c2", "open"), ("c1", "click"), ("x", "click"))])
    stats = table("campaign_stats", [
        {"campaign_id": "t", "recipients": 50, "delivered": 40, "unique_opens": 10, "orders": 3, "revenue_jpy": 9000}])
    people = campaign.assigned(FIVE_SENDS, which, 14)
    view = reach.overview(which, reach.deliveries(FIVE_SENDS, responses, stats),
                          campaign.by_rank(followed(FIVE_SENDS)), campaign.credited(people, SIX))
    view = view.set_index("campaign_id")
    k, t = view.loc["k"], view.loc["t"]
    assert (k.n, k.delivered_share, k.opened_share, k.clicked_share) == (5, 1, .4, .2)
    assert (k.cost_jpy, k.credited_jpy, k.after_cost_jpy) == (200, 6000, 2800)
    assert k.break_even_rate == pytest.approx(200 / 5 / 1500) and k.bought_rate == .4
    assert np.isnan(k.unsubscribed_share)
    assert (t.n, t.delivered_share, t.opened_share) == (50, .8, .2) and np.isnan(t.bought_rate)
    assert (k.n_observed, k.n_credited, t.n_observed) == (5, 2, 0)
    assert (t.tool_orders, t.tool_revenue_jpy) == (3, 9000) and np.isnan(k.tool_orders)
    page = reach.shown(view.reset_index(), most=1)
    assert len(page) == 1 and "n_observed" not in page


def test_mail_that_opens_by_itself_changes_nothing_but_the_opens():
    """Pitfall 41: some mail software opens every message; responses are clicks and orders."""
    s = sends([("k", f"c{i}", DAY(2025, 3, 1), i in (2, 4)) for i in range(1, 6)])
    which = campaigns(["k"], cost_fixed_jpy=100)
    people, o = campaign.assigned(s, which, 14), followed(s, which=which)
    credits = campaign.credited(people, SIX)
    clicks = [{"campaign_id": "k", "customer_key": "c1", "event": e, "count": 1} for e in ("open", "click")]
    machine = [{"campaign_id": "k", "customer_key": f"c{i}", "event": "open", "count": 9} for i in range(1, 6)]
    seen = []
    for told in (clicks, clicks + machine):
        responses = table("campaign_responses", told)
        view = reach.overview(which, reach.deliveries(s, responses, engine.empty("campaign_stats")), campaign.by_rank(o), credits)
        tables = (view, ranks_reached.by_campaign(o, responses, credits, view), ranks_reached.over_campaigns(o, responses, credits, view),
                  fatigue.by_number(fatigue.messages(people, responses, AS_OF)))
        assert tables[0].opened_share[0] == (1 if told != clicks else 1 / 3) and tables[0].clicked_share[0] == 1 / 3
        seen.append([t.drop(columns=["opened_share", "n_opened"], errors="ignore") for t in tables])
    for human, both in zip(*seen, strict=True):
        pd.testing.assert_frame_equal(human, both)


def test_by_rank_reach_money_and_break_even():
    """k cost ¥100 + ¥20 x 5; c1 of A buys for ¥4,000, c3 of B for ¥2,000, half of it margin."""
    p = purchases([("c1", DAY(2025, 3, 5), 4000), *((f"x{i}", DAY(2025, 3, 2), 1000) for i in range(4))])
    which = campaigns(["k", "m"], cost_fixed_jpy=100, cost_per_send_jpy=20)
    responses = table("campaign_responses", [
        {"campaign_id": "k", "customer_key": c, "event": e, "count": 1} for c, e in (("c1", "open"), ("c2", "open"), ("y", "unsubscribe"))])
    s = sends([("k", c, DAY(2025, 3, 1), False) for c in ("c1", "c2")] + [("m", f"x{i}", DAY(2025, 3, 1), i == 0) for i in range(4)])
    people, o = campaign.assigned(s, which, 14), followed(s, p, which)
    credits = campaign.credited(people, p)
    view = reach.overview(which, reach.deliveries(s, responses, engine.empty("campaign_stats")), campaign.by_rank(o), credits)
    t = ranks_reached.by_campaign(o, responses, credits, view).set_index("campaign_id")
    assert t.n.to_dict() == {"k": 2, "m": 3} and set(t["rank"]) == {"none"}
    assert t.opened_share["k"] == 1 and np.isnan(t.unsubscribed_share["k"]) and np.isnan(t.opened_share["m"])
    assert t.cost_jpy.to_dict() == {"k": 140, "m": 160} and t.credited_jpy.to_dict() == {"k": 4000, "m": 3000}
    assert t.after_cost_jpy["k"] == 2000 - 140
    assert t.margin_order_jpy.to_list() == [pytest.approx((2000 + 4 * 500) / 5)] * 2  # all five purchases of that rank
    assert t.break_even_rate["k"] == pytest.approx(70 / 800) and t.bought_rate["k"] == .5
    total = ranks_reached.over_campaigns(o, responses, credits, view).iloc[0]
    assert (total.n, total.cost_jpy, total.opened_share) == (5, 300, 1) and total.break_even_rate == pytest.approx(60 / 800)


def test_break_even_is_judged_by_the_difference_or_not_at_all():
    t = pd.DataFrame({
        "campaign_id": ["r", "r", "r", "u", "u", "u"], "rank": ["premium", "regular", "none"] * 2, "n": 100,
        "bought_rate": .2, "bought_rate_hi": [.3, .3, .3, .3, .04, .3], "break_even_rate": [.05, .05, .05, .05, .05, np.nan],
        "cost_jpy": [100.] * 3 + [200.] * 3})
    d = pd.DataFrame({"campaign_id": "r", "rank": ["premium", "regular", "none"], "diff_pt": [.1, .0, .05],
                      "diff_pt_lo": [.06, -.02, .01], "diff_pt_hi": [.14, .02, .09]})
    paying = ranks_reached.paying(t, d)
    assert paying.pays.fillna("-").to_list() == ["yes", "no", "unknown", "unknown", "no", "-"]
    assert set(ranks_reached.costliest(paying).campaign_id) == {"r"}
    assert set(ranks_reached.costliest(paying.assign(cost_jpy=[1.] * 3 + [200.] * 3)).campaign_id) == {"u"}
    assert ranks_reached.costliest(paying.assign(cost_jpy=0.)).empty


def test_messages_a_person_and_overlaps():
    s = sends([("k", "a", DAY(2025, 3, 1), False), ("m", "a", DAY(2025, 3, 10), False), ("n", "a", DAY(2025, 3, 24), False),
               ("k", "b", DAY(2025, 3, 1), False), ("m", "b", DAY(2025, 3, 10), True), ("o", "b", DAY(2024, 3, 1), False)])
    r = table("campaign_responses", [{"campaign_id": "k", "customer_key": "a", "event": "open"},
                                     {"campaign_id": "k", "customer_key": "b", "event": "unsubscribe"}])
    m = fatigue.messages(campaign.assigned(s, campaigns(list("kmno"))), r, AS_OF)
    got = fatigue.summary(m).iloc[0]
    assert (got.n, got.n_people, got.most, got.n_overlaps, got.n_tracked, got.n_unsubscribed) == (4, 2, 3, 1, 2, 1)
    by = fatigue.by_number(m)
    assert by.n_messages.to_list() == [2, 1, 1] and by.n.to_list() == [2, 0, 0]
    assert by.opened_share[0] == .5 and np.isnan(by.opened_share[1])


def test_nothing_sent_gives_empty_frames():
    none = {name: engine.empty(name) for name in (
        "campaigns", "campaign_sends", "campaign_responses", "campaign_stats", "purchases")}
    o = followed(none["campaign_sends"], none["purchases"], none["campaigns"])
    ranked = campaign.by_rank(o)
    people = campaign.assigned(none["campaign_sends"], none["campaigns"])
    got = reach.overview(none["campaigns"], reach.deliveries(
        none["campaign_sends"], none["campaign_responses"], none["campaign_stats"]),
        ranked, campaign.credited(people, none["purchases"]))
    assert got.empty and "break_even_rate" in got.columns
    credits, total = campaign.credited(people, none["purchases"]), holdout.standardised(ranked)
    by_rank = ranks_reached.by_campaign(o, none["campaign_responses"], credits, got)
    differences = holdout.differences(ranked, total)
    messages = fatigue.messages(people, none["campaign_responses"], AS_OF)
    assert fatigue.by_number(messages).empty and fatigue.summary(messages).n[0] == 0
    for empty, column in ((ranked, "bought_rate"), (differences, "p_holm"), (total, "is_refused"),
                          (yen(o), "no_largest_jpy"), (by_rank, "break_even_rate"),
                          (ranks_reached.over_campaigns(o, none["campaign_responses"], credits, got), "break_even_rate"),
                          (ranks_reached.paying(by_rank, differences), "pays"), (holdout.planned(ranked), "detectable_pt")):
        assert len(empty) == 0 and column in empty.columns


def test_campaigns_with_a_confirmed_difference_come_first():
    rows = pd.DataFrame({"campaign_id": ["new", "old", "old", "oldest"], "is_found": [False, False, True, pd.NA]})
    assert holdout.found_first(rows).campaign_id.tolist() == ["old", "old", "new", "oldest"]
