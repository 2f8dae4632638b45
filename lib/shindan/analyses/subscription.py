"""定期: how long subscription contracts go on, by delivery (回数), and who stays once free to leave.

A delivery is due at started + (its number − 1) x the contract's cycle. A step n → n+1 is read only of
contracts that started long enough ago for delivery n+1 to be due, leavers included: a cancellation is
told at once, a delivery only when it comes, and counting what is known so far would see leavers first.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import intervals, purchases, survival
from shindan.engine import as_table, days_between, frame

UNTIL = 12           # deliveries looked at
OVERDUE_CYCLES = 2   # without a contract file: silent this many cycles long is a contract that has ended
PLAIN_CYCLE = 30     # days, where no contract has had two deliveries


def contracts(orders, subscriptions, as_of, promised_count=None):
    """One row per subscription contract that has delivered, lazy.

    Columns: subscription_id, customer_key, started_date, promised_count (the contract's, else the
    given one of the shop; missing if neither is known), cancel_reason, n_deliveries, has_left (cancelled
    by `as_of`; in a shop without a contract file: nothing delivered for OVERDUE_CYCLES cycles), n_due
    (deliveries due by `as_of`, half a cycle late at most).
    """
    told, seen = _told(subscriptions, as_of), _seen(orders, subscriptions, as_of)
    both = told.outer_join(seen, "subscription_id")
    t = both.select(
        subscription_id=ibis.coalesce(both.subscription_id, both.subscription_id_right),
        customer_key=ibis.coalesce(both.told_customer, both.seen_customer),
        started_date=ibis.coalesce(both.told_start, both.first_date),
        promised_count=ibis.coalesce(both.told_promise, ibis.literal(promised_count).cast("int64")),
        cancel_reason="cancel_reason", cycle=both.cycle.fill_null(""), status="status", last_date="last_date",
        next_date="next_date", n_deliveries=ibis.coalesce(both.last_seq, both.n_seen))
    t = t.filter(t.n_deliveries >= 1, t.started_date.notnull(), t.started_date <= as_of)
    t = _with_cycle(t, as_of)
    silent = days_between(ibis.literal(as_of), t.last_date) > OVERDUE_CYCLES * t.cycle_days
    ago = days_between(ibis.literal(as_of), t.started_date)
    return t.select(
        "subscription_id", "customer_key", "started_date", "promised_count", "cancel_reason", "n_deliveries",
        has_left=ibis.ifelse(t.status.notnull(), t.status == "cancelled", silent.fill_null(False)),
        n_due=(ago / t.cycle_days + 0.5).floor().cast("int64"))


def _told(subscriptions, as_of):
    """What the contract file says, as it was known on `as_of`."""
    s = as_table(subscriptions)
    later = (s.cancelled_at.date() > ibis.literal(as_of)).fill_null(False)
    return s.group_by("subscription_id").agg(
        told_customer=s.customer_key.max(), told_start=s.started_at.date().min(),
        told_promise=s.promised_count.max(), cancel_reason=s.cancel_reason.max(), cycle=s.cycle.max(),
        status=ibis.ifelse((s.status == "cancelled") & later, "active", s.status).max(),
        next_date=s.next_ship_date.max(), last_seq=s.last_seq.max())


def _seen(orders, subscriptions, as_of):
    """What the orders say of each contract; without a contract number a person has one."""
    o = purchases.deliveries(purchases.valid_orders(orders, as_of), subscriptions)
    o = o.filter(o.order_type == "subscription")
    o = o.mutate(subscription_id=ibis.coalesce(o.subscription_id, o.customer_key))
    return o.group_by("subscription_id").agg(
        seen_customer=o.customer_key.max(), first_date=o.order_date.min(), last_date=o.order_date.max(),
        n_seen=o.delivery_no.max())


def _with_cycle(t, as_of):
    """Adds cycle_days: the median of running contracts of the same cycle, else of all."""
    going = t.filter((t.status != "cancelled").fill_null(True), t.n_deliveries >= 2)
    days = ibis.cases(
        (going.last_date.notnull(), days_between(going.last_date, going.started_date) / (going.n_deliveries - 1)),
        (going.next_date.notnull(), days_between(going.next_date, going.started_date) / going.n_deliveries),
        else_=days_between(ibis.literal(as_of), going.started_date) / (going.n_deliveries - 0.5))
    going = going.mutate(days=days).filter(ibis._.days > 0)
    own = going.group_by("cycle").agg(own_days=going.days.median())
    of_all = going.agg(all_days=going.days.median())
    t = t.left_join(own, "cycle").drop("cycle_right").cross_join(of_all)
    return t.mutate(cycle_days=ibis.coalesce(t.own_days, t.all_days, ibis.literal(float(PLAIN_CYCLE))))


def retention(contracts, until=UNTIL, min_at_risk=10):
    """One row per promised count (the largest groups first; missing: not known) x delivery 1 … `until`.

    Columns: promised_count, delivery_no, stay_rate (share of the contracts that got this delivery,
    Kaplan–Meier over deliveries), stay_rate_lo, stay_rate_hi, n (contracts of the group), n_at_risk
    (contracts whose delivery was due, still there at the one before), n_left (of them left before it).
    Nothing where fewer than `min_at_risk` contracts can be followed.
    """
    table = _steps(contracts)
    parts = [_stay(group, until, min_at_risk).assign(promised_count=count)
             for count, group in table.groupby("promised_count", dropna=False)]
    columns = ["promised_count", "delivery_no", "stay_rate", "stay_rate_lo", "stay_rate_hi", "n", "n_at_risk", "n_left"]
    if not parts:
        return pd.DataFrame(columns=columns)
    out = pd.concat(parts).sort_values(["n", "promised_count", "delivery_no"], ascending=[False, True, True])
    return out[columns].reset_index(drop=True)


def _steps(contracts):
    """Counted rows: promised_count, day (the step n → n+1 by its n), event (left at it), n."""
    c = as_table(contracts)
    event = c.has_left & (c.n_deliveries < c.n_due)
    day = ibis.ifelse(event, c.n_deliveries, ibis.least(c.n_deliveries, c.n_due) - 1)
    c = c.mutate(event=event, day=ibis.greatest(day, 0))
    return frame(c.group_by("promised_count", "day", "event").agg(n=c.count()))


def _stay(counts, until, min_at_risk):
    curve = survival.curve(counts)
    at = survival.at(curve, range(until), min_at_risk)
    left = curve.set_index("day")["n_events"].reindex(range(until), fill_value=0)
    return pd.DataFrame({
        "delivery_no": at["day"] + 1, "stay_rate": at["survival"], "stay_rate_lo": at["survival_lo"],
        "stay_rate_hi": at["survival_hi"], "n": int(counts["n"].sum()), "n_at_risk": at["n_at_risk"],
        "n_left": left.to_numpy("int64")})


def free_to_leave(contracts):
    """One row per promised count and, first, one over all of them (promised_count missing).

    The retention point is the first delivery a person was free to refuse: the one after the promised
    count (with no promise the second). Columns: promised_count, n (contracts for which it is due),
    free_rate (of them got it) with _lo, _hi, n_kept (of them got all they had promised), stay_rate (of
    those got it) with _lo, _hi (Wilson). Contracts whose promise is not known are left out.
    """
    c = as_table(contracts)
    c = c.filter(c.promised_count.notnull())
    c = c.mutate(promise=ibis.greatest(c.promised_count, 1))
    c = c.filter(c.n_due > c.promise)
    table = frame(c.group_by("promised_count").agg(
        n=c.count(), n_kept=(c.n_deliveries >= c.promise).sum(), n_free=(c.n_deliveries > c.promise).sum()))
    table = table.astype({"promised_count": float, "n": "int64", "n_kept": "int64", "n_free": "int64"})
    total = table[["n", "n_kept", "n_free"]].sum().to_frame().T.assign(promised_count=np.nan)
    out = pd.concat([total, table.sort_values("promised_count")], ignore_index=True)
    for name, denominator in (("free", "n"), ("stay", "n_kept")):
        out[f"{name}_rate"] = intervals.rate(out["n_free"], out[denominator])
        out[f"{name}_rate_lo"], out[f"{name}_rate_hi"] = intervals.wilson(out["n_free"], out[denominator])
    return out[["promised_count", "n", "free_rate", "free_rate_lo", "free_rate_hi", "n_kept", "stay_rate",
                "stay_rate_lo", "stay_rate_hi"]]


def leaving(contracts):
    """One row per reason given for leaving, most contracts first: cancel_reason (missing: none given),
    n (contracts that left), leaver_share, median_deliveries (they had had)."""
    c = as_table(contracts)
    c = c.filter(c.has_left)
    out = frame(c.group_by("cancel_reason").agg(n=c.count(), median_deliveries=c.n_deliveries.median()))
    out["leaver_share"] = intervals.rate(out["n"], out["n"].sum())
    out = out.sort_values(["n", "cancel_reason"], ascending=[False, True], ignore_index=True)
    return out[["cancel_reason", "n", "leaver_share", "median_deliveries"]]


def undecided_share(buyers, contracts):
    """The share of new customers who began with a subscription of unknown promise: when they decided to
    go on nobody can tell. NaN without a new customer."""
    c = as_table(contracts)
    told = c.group_by("customer_key").agg(promised=c.promised_count.notnull().any())
    b = as_table(buyers).filter(ibis._.is_new).left_join(told, "customer_key")
    dark = b.first_is_subscription.fill_null(False) & ~b.promised.fill_null(False)
    row = b.agg(n=b.count(), dark=dark.sum().fill_null(0)).to_pandas().iloc[0]
    return float(intervals.rate(row["dark"], row["n"]))


def in_orders(purchases):
    """Whether any purchase is a subscription delivery: a service of its own keeps them elsewhere."""
    p = as_table(purchases)
    return bool(p.filter(p.is_subscription).count().to_pandas())
