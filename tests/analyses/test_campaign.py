"""Campaigns by rank on the send date, credited purchases, random hold-outs."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, schema
from shindan.analyses import campaign, holdout, intervals, reach, rfm

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
    assert o.bought_before.to_dict() == {"a": False, "b": False, "c": False, "d": True}
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


def test_differences_by_hand():
    ranked = campaign.with_rates(pd.DataFrame({
        "campaign_id": "k", "assignment": "random", "rank": ["premium", "regular"],
        "n": [70, 900], "n_buyers": [56, 30], "revenue_jpy": [1, 1], "contribution_jpy": [5600, 8],
        "n_control": [80, 900], "n_control_buyers": [48, 30]}))
    d = holdout.differences(ranked)
    assert d.loc[0, ["diff_pt", "diff_pt_lo", "diff_pt_hi"]].to_list() == pytest.approx(
        [.2, .0524, .3339], abs=5e-5)
    assert d.p_holm.to_list() == pytest.approx([2 * d.p[0], 1])
    total = holdout.standardised(ranked).iloc[0]
    assert total.diff_pt == pytest.approx(.2 * 150 / 1950) and total.n == 970
    assert total.margin_jpy == pytest.approx(5608 / 86)


def test_simpson_in_a_campaign():
    """Sent S 180/900, C 1/100; control S 22/100, C 18/900: pooled +14.1 points, at equal rank
    shares −1.5; and the unequal shares are refused as a random draw."""
    ranked = campaign.with_rates(pd.DataFrame({
        "campaign_id": "k", "assignment": "random", "rank": ["premium", "dormant"],
        "n": [900, 100], "n_buyers": [180, 1], "revenue_jpy": [0, 0], "contribution_jpy": [np.nan, np.nan],
        "n_control": [100, 900], "n_control_buyers": [22, 18]}))
    total = holdout.standardised(ranked).iloc[0]
    assert (total.pooled_pt, total.diff_pt) == pytest.approx((.141, -.015))
    assert total.is_refused and total.ratio_p < .001 and holdout.differences(ranked).empty


def test_rule_campaigns_are_never_compared():
    ranked = campaign.by_rank(followed(FIVE_SENDS, which=campaigns(["k"], assignment="rule")))
    assert len(ranked) == 2
    assert holdout.differences(ranked).empty and holdout.standardised(ranked).empty
    without_control = campaign.by_rank(followed(FIVE_SENDS))
    assert holdout.standardised(without_control).empty


def test_difference_of_differences():
    """Bought before and after: sent 10 → 14 %, left out 4 → 7 %. After the send they stand 7
    points apart, the difference of differences is 1 point."""
    def people(key, n, before, after, is_control):
        return [{"campaign_id": "k", "customer_key": f"{key}{i}", "is_control": is_control,
                 "assignment": "rule", "is_observed": True,
                 "bought_before": i < before, "bought": n - i <= after} for i in range(n)]
    rows = pd.DataFrame(people("s", 100, 10, 14, False) + people("c", 100, 4, 7, True))
    got = campaign.before_after(rows).iloc[0]
    assert got.bought_rate - got.control_rate == pytest.approx(.07)
    assert got.dd_pt == pytest.approx(.01) and got.dd_pt_lo < 0 < got.dd_pt_hi
    assert campaign.before_after(rows.assign(assignment="random")).empty


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


def test_bootstrap_t_covers_the_true_difference():
    """100 pairs of arms of lognormal spenders among mostly non-buyers; true difference 0."""
    rng = np.random.default_rng(7)
    hits = 0
    for i in range(100):
        arms = [np.where(rng.random(n) < .1, rng.lognormal(8, 1, n), 0) for n in (900, 400)]
        _, low, high = holdout.bootstrap_t(arms, [np.ones(len(a)) for a in arms], seed=i, draws=149)
        hits += low <= 0 <= high
    assert hits >= 88


def test_bootstrap_t_is_near_welch_where_both_hold():
    rng = np.random.default_rng(8)
    x, y = rng.normal(50, 9, 400), rng.normal(45, 9, 300)
    got = holdout.bootstrap_t([x, y], [np.ones(400), np.ones(300)], seed=1)
    welch = intervals.mean_difference(x.sum(), (x**2).sum(), 400, y.sum(), (y**2).sum(), 300)
    assert got == pytest.approx(welch, abs=.25)
    assert got == holdout.bootstrap_t([x, y], [np.ones(400), np.ones(300)], seed=1)


def yen(outcomes):
    total = holdout.standardised(campaign.by_rank(outcomes))
    return holdout.sales_differences(outcomes, total, draws=50)


def test_sales_a_person_with_and_without_the_largest_order():
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
        {"campaign_id": "t", "recipients": 50, "delivered": 40, "unique_opens": 10}])
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
    for empty, column in ((ranked, "bought_rate"), (holdout.differences(ranked), "p_holm"),
                          (holdout.standardised(ranked), "is_refused"),
                          (yen(o), "no_largest_jpy"),
                          (campaign.before_after(o), "dd_pt")):
        assert len(empty) == 0 and column in empty.columns
