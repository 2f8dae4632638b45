"""定期: retention by delivery and who stays once free to leave, on contracts worked out by hand."""

import datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, schema
from shindan.analyses import subscription

AS_OF = datetime.date(2025, 12, 31)
NO_ORDERS = engine.empty("orders")


def table(name, rows):
    if not rows:
        return engine.empty(name)
    full = [{**dict.fromkeys(schema.TABLES[name]), **row} for row in rows]
    return ibis.memtable(pd.DataFrame(full), schema=schema.of(name))


def days_ago(days):
    return pd.Timestamp(AS_OF) - pd.Timedelta(days=int(days))


def contract(id, ago, had, left=False, promised=3, **more):
    """A monthly contract begun `ago` days before as_of with `had` deliveries."""
    start = days_ago(ago)
    return {"subscription_id": str(id), "customer_key": f"c{id}", "started_at": start, "promised_count": promised,
            "cycle": "30日ごと", "last_seq": had, "status": "cancelled" if left else "active",
            "cancelled_at": start + pd.Timedelta(days=30 * had - 10) if left else None,
            "next_ship_date": None if left else (start + pd.Timedelta(days=30 * had)).date(), **more}


def told(rows):
    return subscription.contracts(NO_ORDERS, table("subscriptions", rows), AS_OF)


def running(n=20, first=900):
    """`n` contracts that got every delivery that was due."""
    return [contract(f"r{i}", first + 3 * i, (first + 3 * i) // 30 + 1) for i in range(n)]


def test_a_contract_as_told():
    got = engine.frame(told([contract("A", 200, 4, left=True, cancel_reason="高い"), *running(3)])).set_index("subscription_id")
    row = got.loc["A"]
    assert (row.n_deliveries, bool(row.has_left), row.n_due, row.promised_count) == (4, True, 7, 3)
    assert row.cancel_reason == "高い" and str(row.started_date)[:10] == str(days_ago(200))[:10]


def test_a_cancellation_after_as_of_is_not_known_yet():
    later = contract("A", 100, 4, left=True, cancelled_at=pd.Timestamp("2026-01-15"))
    assert not engine.frame(told([later])).has_left.any()


def test_retention_by_delivery_by_hand():
    """40 whose deliveries are all due: 10 left after the 1st, 6 after the 3rd, the rest go on."""
    rows = [contract(f"a{i}", 400, 1, left=True) for i in range(10)]
    rows += [contract(f"b{i}", 400, 3, left=True) for i in range(6)]
    rows += [contract(f"g{i}", 400, 14) for i in range(24)]
    got = subscription.retention(told(rows), until=6)
    assert got.delivery_no.tolist() == [1, 2, 3, 4, 5, 6]
    assert got.stay_rate.tolist() == pytest.approx([1, 30 / 40, 30 / 40, 24 / 40, 24 / 40, 24 / 40])
    assert got.n_at_risk.tolist() == [40, 40, 30, 30, 24, 24] and got.n_left.tolist() == [0, 10, 0, 6, 0, 0]
    free = subscription.free_to_leave(told(rows))
    assert free.promised_count.isna().tolist() == [True, False] and free.n.tolist() == [40, 40]
    assert free.free_rate.tolist() == pytest.approx([24 / 40] * 2)
    assert free.n_kept.tolist() == [30, 30] and free.stay_rate[0] == pytest.approx(24 / 30)


def test_leavers_of_a_step_not_yet_due_are_not_read_before_the_stayers():
    """Ten of the young cancelled at once; their neighbours' second delivery is not due yet: nobody is read."""
    young = [contract(f"y{i}", 10, 1, left=i < 10) for i in range(20)]
    got = subscription.retention(told([*running(), *young]), until=3)
    assert got.n.iloc[0] == 40 and got.stay_rate.tolist() == [1, 1, 1]
    assert got.n_at_risk.tolist() == [40, 20, 20]


def test_the_promise_of_the_shop_where_the_contract_names_none():
    rows = table("subscriptions", [contract("A", 400, 14, promised=None), contract("B", 400, 14, promised=0)])
    found = {p: set(engine.frame(subscription.contracts(NO_ORDERS, rows, AS_OF, p)).promised_count.fillna(-1)) for p in (None, 3)}
    assert found == {None: {-1, 0}, 3: {3, 0}}
    assert subscription.free_to_leave(subscription.contracts(NO_ORDERS, rows, AS_OF)).n.tolist() == [1, 1]


def orders(ids_and_days):
    return table("orders", [
        {"order_id": f"{id}-{i}", "customer_key": f"c{id}", "ordered_at": days_ago(ago), "order_date": days_ago(ago).date(),
         "status": "valid", "order_type": "subscription", "subscription_id": id, "is_staff": False, "is_test": False,
         "is_zero_yen": False} for id, days in ids_and_days for i, ago in enumerate(days)])


def test_without_a_contract_file_silence_of_two_cycles_is_the_end():
    rows = [(f"r{i}", range(300, -1, -30)) for i in range(12)] + [("gone", (300, 270, 240)), ("late", (100, 70, 40))]
    got = engine.frame(subscription.contracts(orders(rows), engine.empty("subscriptions"), AS_OF)).set_index("subscription_id")
    assert bool(got.loc["gone", "has_left"]) and not got.loc["late", "has_left"] and not got.loc["r0", "has_left"]
    assert got.n_deliveries.loc[["r0", "gone", "late"]].tolist() == [11, 3, 3]
    nameless = orders(rows).mutate(subscription_id=ibis.null("string"))
    same = engine.frame(subscription.contracts(nameless, engine.empty("subscriptions"), AS_OF))
    assert sorted(same.n_deliveries) == sorted(got.n_deliveries)


def test_reasons_for_leaving():
    rows = [contract(f"a{i}", 400, 2, left=True, cancel_reason="余った") for i in range(3)]
    rows += [contract("b", 400, 4, left=True, cancel_reason=None), *running(3)]
    got = subscription.leaving(told(rows))
    assert got.n.tolist() == [3, 1] and got.leaver_share.tolist() == [0.75, 0.25]
    assert got.cancel_reason[0] == "余った" and pd.isna(got.cancel_reason[1])


def test_no_contract():
    none = subscription.contracts(NO_ORDERS, engine.empty("subscriptions"), AS_OF)
    assert subscription.retention(none).empty and subscription.leaving(none).empty
    assert subscription.free_to_leave(none).n.tolist() == [0]


def simulated(seed, n=3000, keep=(0.98, 0.97, 0.6, 0.9)):
    """A growing shop's contracts of three promised deliveries; `keep`: the chance of each step n → n+1."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, ago in enumerate((600 * (1 - np.sqrt(rng.random(n)))).astype(int)):
        due, had = ago // 30 + 1, 1
        while had < due and rng.random() < keep[min(had, 4) - 1]:
            had += 1
        at_end = had == due  # the next is not due: some of those who will go are gone already
        left = not at_end or rng.random() < (1 - keep[min(had, 4) - 1]) * (ago % 30) / 30
        rows.append(contract(i, ago, had, left=left))
    return told(rows)


def test_the_true_retention_is_found_in_a_growing_shop():
    found = subscription.retention(simulated(1), until=6).set_index("delivery_no")
    true = {2: 0.98, 3: 0.98 * 0.97, 4: 0.98 * 0.97 * 0.6, 5: 0.98 * 0.97 * 0.6 * 0.9}
    for delivery, rate in true.items():
        assert found.stay_rate_lo[delivery] <= rate <= found.stay_rate_hi[delivery], delivery
    free = subscription.free_to_leave(simulated(1)).iloc[0]
    assert free.free_rate_lo <= true[4] <= free.free_rate_hi and free.stay_rate_lo <= 0.6 <= free.stay_rate_hi


contracts_of_any_shop = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 15), st.booleans(), st.sampled_from([0, 3, None])),
                                 min_size=1, max_size=30)


@settings(max_examples=20, deadline=None)
@given(contracts_of_any_shop, st.randoms(use_true_random=False))
def test_for_any_contracts(rows, random):
    rows = [contract(i, ago, min(had, ago // 30 + 1), left, promised) for i, (ago, had, left, promised) in enumerate(rows)]
    got = subscription.retention(told(rows), min_at_risk=1)
    for _, group in got.groupby("promised_count", dropna=False):
        known = group.dropna(subset="stay_rate")
        assert known.stay_rate.is_monotonic_decreasing and group.n_at_risk.is_monotonic_decreasing
        assert known.stay_rate.between(0, 1).all()
    pd.testing.assert_frame_equal(got, subscription.retention(told(random.sample(rows, len(rows))), min_at_risk=1))


def test_new_customers_of_whom_nobody_can_tell_when_they_decided():
    rows = [contract("A", 400, 14), contract("B", 400, 14, promised=None), contract("C", 400, 14, promised=None)]
    people = pd.DataFrame({"customer_key": ["cA", "cB", "cC", "other"], "first_is_subscription": [True, True, False, None],
                           "is_new": True})
    assert subscription.undecided_share(people, told(rows)) == 1 / 4
    assert subscription.undecided_share(people.assign(is_new=people.customer_key == "cB"), told(rows)) == 1
    assert np.isnan(subscription.undecided_share(people.assign(is_new=False), told(rows)))
