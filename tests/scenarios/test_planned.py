"""The plan as a whole: what must hold for everybody, on shops of all sorts of people."""

import datetime
import functools

import numpy as np
import pandas as pd
import pytest
from tests.scenarios.conftest import AS_OF, KEY, day, lively, rows

from shindan import config, engine, scenarios
from shindan.scenarios import planned, stops

SEEDS = (1, 2)
CATALOGUE = scenarios.load(config.Config(name="x", sources=()))
BY_ID = {s.id: s for s in CATALOGUE}


@functools.cache
def made(seed):
    """(shop, plan as pandas, known) of one lively shop with a cap that bites."""
    shop = lively(seed)
    known = shop.known(cap={"sends": 2, "days": 7, "a_day": 1}, holdout_rate=0.2)
    reachable = {"generic": engine.as_table(pd.DataFrame({
        "customer_key": [f"c{n:04d}" for n in range(300) if n % 20], "set_aside": [n % 31 == 0 for n in range(300) if n % 20]}))}
    return shop, rows(scenarios.plan(known, CATALOGUE, KEY, reachable)), known


@pytest.fixture(params=SEEDS)
def shop_plan(request):
    return made(request.param)


def frames(shop, name):
    return pd.DataFrame(shop.rows[name])


def test_every_sort_of_end_is_met(shop_plan):
    """The shops are lively enough for the tests below to mean something."""
    ends = set(shop_plan[1].outcome)
    assert ends >= {"sent", "control", "withdrawn", "opted_out", "no_consent", "no_address", "set_aside", "returned",
                    "subscriber", "bought_again", "capped"}
    assert set(shop_plan[1]["list"]) >= {"step_01", "step_07", "cart", "detractor", "cross_sell", "rank_dormant"}


def test_every_list_reconciles(shop_plan):
    _, plan, known = shop_plan
    counts = planned.counts(engine.as_table(plan), CATALOGUE, known)
    ends = counts[[f"n_{o}" for o in planned.OUTCOMES]].sum(axis=1)
    assert (counts.n == ends).all() and counts.n.sum() == len(plan)
    assert counts.set_index("list").n.to_dict() == {s.id: int((plan["list"] == s.id).sum()) for s in CATALOGUE}


def test_once_on_a_list(shop_plan):
    assert not shop_plan[1].duplicated(["list", "customer_key"]).any()


def test_nobody_without_consent(shop_plan):
    shop, plan, _ = shop_plan
    people = frames(shop, "customers").set_index("customer_key")
    answers = frames(shop, "campaign_responses")
    got = plan[plan.outcome.isin(["sent", "control"])].customer_key
    assert (people.mail_optin[got] == True).all()  # noqa: E712
    assert not people.is_withdrawn[got].any() and not people.is_staff[got].any()
    assert not set(got) & set(answers.customer_key)
    assert not {key for key in got if int(key[1:]) % 20 == 0 or int(key[1:]) % 31 == 0}  # no address, set aside
    s = frames(shop, "campaign_sends").sort_values(["sent_date", "delivery", "campaign_id"], ascending=[True, False, True])
    last = s.groupby("customer_key").tail(1)
    assert not set(got) & set(last.customer_key[last.delivery == "bounced"])


def test_nobody_beyond_the_cap(shop_plan):
    shop, plan, known = shop_plan
    s = frames(shop, "campaign_sends")
    past = s[(s.delivery != "bounced")][["customer_key", "sent_date"]].rename(columns={"sent_date": "send_on"})
    got = plan[plan.outcome.isin(["sent", "control"])]
    held = set(got.customer_key)
    both = pd.concat([past[past.customer_key.isin(held)], got[["customer_key", "send_on"]]])
    for key, days in both.groupby("customer_key").send_on:
        new = set(got.send_on[got.customer_key == key])
        for end in new:
            for first in (end - datetime.timedelta(n) for n in range(7)):
                window = [d for d in days if first <= d < first + datetime.timedelta(7)]
                assert len(window) <= 2, (key, window)
        assert all(list(days).count(on) == 1 for on in new)


def test_the_cap_takes_the_lowest_priority_first(shop_plan):
    """A message that did not fit, with room for it if those of a lower priority were not there, is none."""
    shop, plan, known = shop_plan
    rank = {s.id: n for n, s in enumerate(CATALOGUE)}
    s = frames(shop, "campaign_sends")
    past = s[s.delivery != "bounced"].groupby("customer_key").sent_date.apply(list)
    for row in plan[plan.outcome == "capped"].itertuples():
        mine = plan[(plan.customer_key == row.customer_key) & plan.outcome.isin(["sent", "control"])]
        before = [r.send_on for r in mine.itertuples()
                  if (BY_ID[r.list].priority, r.due_date, rank[r.list]) < (BY_ID[row.list].priority, row.due_date, rank[row.list])]
        days = [*past.get(row.customer_key, []), *before, row.send_on]
        windows = [[d for d in days if first <= d < first + datetime.timedelta(7)]
                   for first in (row.send_on - datetime.timedelta(n) for n in range(7))]
        assert any(len(w) > 2 for w in windows) or days.count(row.send_on) > 1, row


def test_nobody_is_left_out_and_sent(shop_plan):
    _, plan, _ = shop_plan
    arms = plan[plan.outcome.isin(["sent", "control"])].groupby(["campaign_id", "customer_key"]).outcome.nunique()
    assert (arms == 1).all() and (plan.outcome == "control").any()


def test_as_many_as_planned_are_left_out_in_every_rank(shop_plan):
    _, plan, _ = shop_plan
    people = plan[plan.outcome.isin(["sent", "control"])].drop_duplicates(["campaign_id", "customer_key"])
    for (campaign, _), group in people.groupby(["campaign_id", "rank"]):
        rate = BY_ID.get(campaign.split(".")[0], BY_ID["step_01"]).holdout_rate
        assert abs((group.outcome == "control").sum() - rate * len(group)) < 1
    assert not (plan[plan["list"] == "detractor"].outcome == "control").any()


def test_no_bought_product_is_recommended(shop_plan):
    shop, plan, _ = shop_plan
    orders = frames(shop, "orders").query("status == 'valid'")
    owned = orders.merge(frames(shop, "order_lines"), on="order_id")[["customer_key", "sku"]]
    offered = plan[plan["list"] == "cross_sell"][["customer_key", "sku"]]
    assert len(offered) > 50 and not len(offered.merge(owned))


def test_steps_are_the_first_shipments_of_their_day(shop_plan):
    shop, plan, known = shop_plan
    o = frames(shop, "orders").sort_values(["customer_key", "ordered_at", "order_id"])
    first = o.drop_duplicates("customer_key")
    staff = set(frames(shop, "customers").query("is_staff").customer_key)
    first = first[~first.customer_key.isin(staff)]
    shipped = [s if pd.notna(s) else d + datetime.timedelta(2) for s, d in zip(first.shipped_date, first.order_date, strict=True)]
    on = pd.Series(pd.to_datetime(pd.Series(shipped)).dt.date.to_numpy(), index=first.customer_key)
    tested = 0
    for s in (s for s in CATALOGUE if s.series == "step"):
        for n in range(1, 8):
            send_on = AS_OF + datetime.timedelta(n)
            due = set(on.index[on == send_on - datetime.timedelta(s.day)])
            listed = plan[(plan["list"] == s.id) & (plan.send_on == send_on) & ~plan.is_late]
            assert set(listed.customer_key) == due, (s.id, send_on)
            stopped = listed.outcome.isin(stops.STOPS).sum() + (listed.outcome == "control").sum()
            assert (listed.outcome == "sent").sum() == len(due) - stopped
            tested += len(due)
    assert tested > 50


def test_never_two_steps_a_day(shop_plan):
    _, plan, _ = shop_plan
    steps = plan[plan["list"].str.startswith("step_") & ~plan.outcome.isin(stops.STOPS)]
    assert not steps.duplicated(["customer_key", "send_on"]).any()


def test_a_step_stops_with_the_second_order_and_with_a_return(shop_plan):
    shop, plan, _ = shop_plan
    steps = plan[plan["list"].str.startswith("step_") & plan.outcome.isin(["sent", "control"])]
    orders = frames(shop, "orders").merge(steps[["customer_key"]].drop_duplicates())
    assert (orders.groupby("customer_key").order_date.nunique() == 1).all()
    assert not (orders.status == "returned").any() and not (orders.order_type == "subscription").any()


# -- the same answer ---------------------------------------------------------------------------------
def test_the_order_of_rows_changes_nothing():
    shop = lively(1)
    for name in shop.rows:
        shop.rows[name] = [shop.rows[name][i] for i in np.random.default_rng(5).permutation(len(shop.rows[name]))]
    known = shop.known(cap={"sends": 2, "days": 7, "a_day": 1}, holdout_rate=0.2)
    again = rows(scenarios.plan(known, CATALOGUE, KEY, None))
    known = lively(1).known(cap={"sends": 2, "days": 7, "a_day": 1}, holdout_rate=0.2)
    once = rows(scenarios.plan(known, CATALOGUE, KEY, None))
    by = ["list", "customer_key"]
    pd.testing.assert_frame_equal(once.sort_values(by, ignore_index=True), again.sort_values(by, ignore_index=True))


def test_who_was_drawn_before_stays_in_the_arm():
    _, plan, _ = made(1)
    kept = plan[plan.outcome.isin(["sent", "control"])].drop_duplicates(["campaign_id", "customer_key"])
    other = kept.outcome.map({"sent": "control", "control": "sent"})
    drawn = kept.assign(arm=other, as_of="2025-12-31")[["list", "campaign_id", "customer_key", "arm", "rank", "send_on", "as_of"]]
    shop = lively(1)
    known = shop.known(drawn=drawn, cap={"sends": 2, "days": 7, "a_day": 1}, holdout_rate=0.2)
    again = rows(scenarios.plan(known, CATALOGUE, KEY, None))
    both = again[again.outcome.isin(["sent", "control"])].merge(drawn, on=["campaign_id", "customer_key"])
    assert len(both) > 100 and (both.outcome == both.arm).all()


def test_without_a_consent_column_nobody_is_sent_to():
    shop = lively(2, people=60)
    for person in shop.rows["customers"]:
        person["mail_optin"] = None
    plan = rows(scenarios.plan(shop.known(), CATALOGUE, KEY, None))
    assert len(plan) and not plan.outcome.isin(["sent", "control"]).any()
    assert day(0) == AS_OF
