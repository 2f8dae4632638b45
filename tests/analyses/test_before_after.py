"""Before and after of campaigns that were not random: 前後差の差, and when it may be shown at all."""

import datetime

import ibis
import numpy as np
import pandas as pd
import pytest

from shindan import engine, schema
from shindan.analyses import before_after, campaign, rfm

DAY = datetime.date
SENT = DAY(2025, 7, 1)
ONE_RANK = rfm.Cuts(ranks=(rfm.RankRule("regular"),))
AFTER, BEFORE = 1 << before_after.PERIODS, 1 << (before_after.PERIODS - 1)


def group(is_sent, n, before, after, rank="premium"):
    """Histories of n people: `before` bought in the period before, `after` others in the window."""
    rows = [(BEFORE, before), (AFTER, after), (0, n - before - after)]
    return pd.DataFrame([("k", is_sent, rank, periods, k) for periods, k in rows],
                        columns=[*before_after.GROUPS, "n"])


def test_difference_of_differences():
    """Sent 10 → 14 %, others 4 → 7 %: after the send they stand 7 points apart, the difference of
    differences is 1 point."""
    got = before_after.changes(pd.concat([group(True, 100, 10, 14), group(False, 100, 4, 7)])).iloc[0]
    assert got.bought_rate - got.others_rate == pytest.approx(.07)
    assert got.dd_pt == pytest.approx(.01) and got.dd_pt_lo < 0 < got.dd_pt_hi
    assert (got.before_rate, got.others_before_rate) == pytest.approx((.10, .04))


def test_groups_without_any_purchase_keep_an_interval():
    got = before_after.changes(pd.concat([group(True, 40, 0, 0), group(False, 40, 0, 0)])).iloc[0]
    assert got.dd_pt == 0 and got.dd_pt_hi - got.dd_pt_lo > .05 and got.is_alike


def test_others_are_taken_at_the_rank_shares_of_the_sent():
    rows = [group(True, 90, 9, 9), group(True, 10, 5, 5, "dormant"), group(False, 10, 1, 1), group(False, 900, 450, 450, "dormant"),
            group(True, 70, 70, 0, "regular")]  # a rank without others is left out
    got = before_after.changes(pd.concat(rows)).iloc[0]
    assert (got.n, got.n_others) == (100, 910)
    assert got.others_rate == pytest.approx(.9 * .1 + .1 * .5) and got.bought_rate == pytest.approx(.14)


def test_groups_that_moved_apart_before_are_not_alike():
    earlier = 1 << (before_after.PERIODS - 2)
    bump = pd.DataFrame([("k", True, "premium", earlier, 60), ("k", True, "premium", 0, 40)], columns=[*before_after.GROUPS, "n"])
    assert not before_after.changes(pd.concat([bump, group(False, 100, 4, 7)])).is_alike[0]
    assert not before_after.changes(pd.concat([group(True, 29, 2, 2), group(False, 100, 4, 7)])).is_alike[0]


def test_alike_groups_are_called_unlike_in_at_most_5_percent_and_the_interval_covers():
    """400 pairs of groups that buy in every period with the same chance, whatever it is."""
    rng = np.random.default_rng(4)
    bits = 1 << np.arange(before_after.PERIODS + 1)
    unlike = covered = 0
    for _ in range(400):
        people = pd.concat([pd.DataFrame({
            "campaign_id": "k", "is_sent": sent, "rank": "premium",
            "periods": (rng.random((n, len(bits))) < .15) @ bits, "n": 1}) for sent, n in ((True, 150), (False, 300))])
        got = before_after.changes(people).iloc[0]
        unlike += not got.is_alike
        covered += got.dd_pt_lo <= 0 <= got.dd_pt_hi
    assert unlike <= 32 and covered >= 368


def table(name, rows, **defaults):
    frame = pd.DataFrame(rows).assign(**defaults)
    return engine.as_table(frame.reindex(columns=list(schema.of(name)))).cast(schema.of(name))


def test_histories_from_sends_and_purchases():
    """Windows of 10 days: periods start 60 days before; people whose first purchase is later are out."""
    old = DAY(2025, 1, 1)
    bought = [(c, old) for c in ("a", "b", "c", "d")] + [
        ("a", DAY(2025, 6, 30)), ("a", SENT), ("b", DAY(2025, 6, 20)), ("c", DAY(2025, 7, 10)), ("d", DAY(2025, 7, 11)),
        ("e", DAY(2025, 5, 3)), ("e", DAY(2025, 7, 2))]
    p = table("purchases", [{"customer_key": c, "purchase_date": d, "revenue_jpy": 1} for c, d in bought])
    sends = table("campaign_sends", [{"campaign_id": "k", "customer_key": c, "assigned_date": SENT, "is_control": False} for c in ("a", "b", "e")])
    which = table("campaigns", [{"campaign_id": "k", "assignment": "rule", "start_date": SENT, "response_window_days": 10}])
    people = campaign.assigned(sends, which)
    h = before_after.histories(people, p, ONE_RANK, DAY(2025, 12, 31))
    assert sorted(zip(h.is_sent, h.periods, h.n, strict=True)) == [
        (False, 0, 1), (False, AFTER, 1), (True, BEFORE >> 1, 1), (True, BEFORE | AFTER, 1)]
    trend = before_after.trends(h).set_index("period")
    assert trend.bought_rate[[-2, -1, 0]].to_list() == [.5, .5, .5] and trend.others_rate[0] == .5
    control = sends.mutate(is_control=sends.customer_key == "b")
    left_out = before_after.histories(campaign.assigned(control, which), p, ONE_RANK, DAY(2025, 12, 31))
    assert left_out.n.sum() == 2  # a against b, who was left out; nobody else
    assert before_after.histories(people, p, ONE_RANK, DAY(2025, 7, 9)).empty  # the window is not over
    random = campaign.assigned(control, which.mutate(assignment=ibis.literal("random")))
    assert before_after.histories(random, p, ONE_RANK, DAY(2025, 12, 31)).empty


def test_nothing_sent_gives_empty_frames():
    people = campaign.assigned(engine.empty("campaign_sends"), engine.empty("campaigns"))
    h = before_after.histories(people, engine.empty("purchases"), rfm.Cuts(), DAY(2025, 12, 31))
    changes = before_after.changes(h)
    assert h.empty and changes.empty and "is_alike" in changes and before_after.trends(h).empty
