"""When customers come back: F2 rate, Fn→n+1, cohorts, days to the second purchase.

New customers are `buyers.is_new` throughout: people whose first purchase in the data can be taken
for their first ever. Rates over time are Kaplan–Meier, so people who joined yesterday count for as
long as they have been observed and no longer.
"""

import datetime

import ibis
import numpy as np
import pandas as pd

from shindan import schema
from shindan.analyses import intervals, survival
from shindan.engine import as_table, days_between, frame

WINDOWS = (30, 60, 90, 180, 365)


def durations(buyers, as_of):
    """One row per new customer, lazy: the columns of buyers, `day`, `event` and `followed`.

    day: from the first to the second purchase (event True), else from the first to `as_of`.
    followed: days from the first purchase to `as_of`, whatever happened since.
    """
    b = as_table(buyers)
    b = b.filter(b.is_new, b.first_date <= as_of)
    event = (b.second_date <= ibis.literal(as_of)).fill_null(False)
    end = ibis.ifelse(event, b.second_date, ibis.literal(as_of))
    return b.mutate(event=event, day=days_between(end, b.first_date),
                    followed=days_between(ibis.literal(as_of), b.first_date))


def counts(durations, *by):
    """One row per group x day x event: the groups' columns, day, event, n (see survival)."""
    return frame(durations.group_by([*by, "day", "event"]).agg(n=durations.count()))


def followed(durations, *by):
    """One row per group x day of `followed`: the groups' columns, day, n.

    A rate is shown as far as enough people have been followed, whether they came back or not: those
    still at risk are few where nearly all have come back.
    """
    return frame(durations.group_by([*by, "followed"]).agg(n=durations.count())).rename(columns={"followed": "day"})


def f2_rate(buyers, as_of, windows=WINDOWS, min_followed=10):
    """One row per window: the share of new customers with a second purchase within it.

    Columns: window_days, f2_rate (Kaplan–Meier), f2_rate_lo, f2_rate_hi, naive_rate (second
    purchases so far within the window ÷ all new customers, however short their observation),
    n (new customers), n_repeated, n_at_risk (of them not back before that day and still followed),
    n_followed (people followed that long, back or not). NaN where those are fewer than `min_followed`.
    """
    d = durations(buyers, as_of)
    return rates(counts(d), followed(d), windows, min_followed)


def f2_curve(buyers, as_of, until_days=365, min_followed=10):
    """One row per day from 0 to `until_days` as far as `min_followed` people have been followed.

    Columns as in f2_rate, `day` for window_days.
    """
    d = durations(buyers, as_of)
    curve = rates(counts(d), followed(d), range(until_days + 1), min_followed)
    return curve.dropna(subset="f2_rate").rename(columns={"window_days": "day"})


def rates(counts, followed, windows, min_followed):
    """The columns of f2_rate, of counted people (see counts and followed)."""
    km = survival.at(survival.curve(counts), list(windows), min_at_risk=0)
    seen = _followed_to(followed, km["day"])
    enough = (seen >= min_followed) & (len(counts) > 0)
    happened = counts[counts["event"].astype(bool)].groupby("day")["n"].sum().cumsum()
    before = np.searchsorted(happened.index, km["day"], side="right")
    repeated = np.append(0, happened.to_numpy())[before].astype("int64")
    n = int(counts["n"].sum())
    return pd.DataFrame({
        "window_days": km["day"],
        "f2_rate": (1 - km["survival"]).where(enough),
        "f2_rate_lo": (1 - km["survival_hi"]).where(enough),
        "f2_rate_hi": (1 - km["survival_lo"]).where(enough),
        "naive_rate": intervals.rate(repeated, n),
        "n": n, "n_repeated": repeated, "n_at_risk": km["n_at_risk"], "n_followed": seen,
    })


def _followed_to(followed, days):
    """How many people have been followed for at least each of `days`."""
    longest = followed.groupby("day")["n"].sum().sort_index()[::-1].cumsum()[::-1]
    return np.append(longest.to_numpy(), 0)[np.searchsorted(longest.index, days)].astype("int64")


def f2_median_days(buyers, as_of, min_followed=10):
    """The day by which half of the new customers have bought again; None if not reached."""
    d = durations(buyers, as_of)
    day = survival.median(survival.curve(counts(d)))
    return None if day is None or _followed_to(followed(d), [day])[0] < min_followed else day


def f2_by(buyers, as_of, by, window_days=365, min_followed=10, most=100):
    """One row per value of the buyers' column `by`: the `most` largest groups, largest first.

    Columns: `by`, then f2_rate … n_followed as in f2_rate.
    """
    d = durations(buyers, as_of)
    return groups(counts(d, by), followed(d, by), by, window_days, min_followed, most)


def groups(counts, followed, by, window_days=365, min_followed=10, most=100):
    """f2_by of people already counted (see counts and followed)."""
    table = _largest(counts, by, most)
    empty = rates(table, followed, [], min_followed).assign(**{by: None})
    rows = [rates(group, followed[_is(followed[by], value)], [window_days], min_followed).assign(**{by: value})
            for value, group in table.groupby(by, dropna=False)]
    out = pd.concat(rows or [empty])[[by, *empty.columns.drop(["window_days", by])]]
    return out.sort_values(["n", by], ascending=[False, True], ignore_index=True)


def f2_differs(buyers, as_of, by, window_days=365, min_n=30, most=100):
    """p-value that the groups of `by` with `min_n` people or more share one F2 curve (log-rank)."""
    return differs(counts(durations(buyers, as_of), by), by, window_days, min_n, most)


def differs(counts, by, window_days=365, min_n=30, most=100):
    """f2_differs of people already counted.

    People of whom it is not known (missing, or the unknown channel) are no group.
    """
    table = _largest(counts[counts[by].notna() & (counts[by] != schema.UNKNOWN_CHANNEL)], by, most)
    size = table.groupby(by)["n"].transform("sum")
    return survival.log_rank(table[size >= min_n], by, window_days)


def _is(column, value):
    return column.isna() if pd.isna(value) else column == value


def _largest(counts, by, most):
    """The rows of the `most` largest groups; equal sizes by name."""
    size = counts.groupby(by, dropna=False)["n"].sum().sort_index()
    kept = size.sort_values(ascending=False, kind="stable").index[:most]
    return counts[counts[by].isin(kept)]


def with_price(buyers):
    """The buyers, lazy, with `first_price`: "sale" or "list" (定価) at the first purchase."""
    b = as_table(buyers)
    return b.mutate(first_price=ibis.ifelse(b.first_is_sale.fill_null(False), "sale", "list"))


def funnel(purchases, buyers, as_of, steps=4, window_days=365, min_followed=10):
    """One row per step n → n+1 of the new customers, n from 1 to `steps`.

    Columns: purchase_no (n), next_rate (share of those who reached **at least** n that reach n+1
    within `window_days`, Kaplan–Meier from the day of purchase n), next_rate_lo, next_rate_hi,
    n (people who reached at least n), n_next (people seen to reach n+1 at all), n_at_risk, n_followed.
    Counted are purchases somebody decided on: automatic deliveries of a subscription are no steps.
    """
    new = as_table(buyers).filter(ibis._.is_new).select("customer_key")
    p = as_table(purchases).semi_join(new, "customer_key")
    p = p.filter(p.purchase_date <= as_of, ~p.is_automatic.fill_null(False))
    in_order = ibis.window(group_by=p.customer_key, order_by=p.purchase_no)
    p = p.mutate(next_date=p.purchase_date.lead().over(in_order), purchase_no=ibis.row_number().over(in_order) + 1)
    p = p.filter(p.purchase_no <= steps)
    p = p.mutate(event=p.next_date.notnull(),
                 day=days_between(p.next_date.fill_null(ibis.literal(as_of)), p.purchase_date),
                 followed=days_between(ibis.literal(as_of), p.purchase_date))
    table, seen = counts(p, "purchase_no"), followed(p, "purchase_no")
    rows = [rates(table[table["purchase_no"] == step], seen[seen["purchase_no"] == step], [window_days], min_followed)
            .assign(purchase_no=step,
                    n_next=table["n"][table["event"] & (table["purchase_no"] == step)].sum())
            for step in range(1, steps + 1)]
    out = pd.concat(rows, ignore_index=True).rename(
        columns=lambda c: c.replace("f2_rate", "next_rate"))
    return out[["purchase_no", "next_rate", "next_rate_lo", "next_rate_hi", "n", "n_next",
                "n_at_risk", "n_followed"]]


def cohorts(buyers, as_of, windows=WINDOWS):
    """One row per month of first purchase x window, oldest first.

    Columns: cohort_month, window_days, observed (every member has been observed that long), f2_rate
    (members with a second purchase within the window ÷ members; NaN while not observed 観測中),
    f2_rate_lo, f2_rate_hi (Wilson), n (members).
    """
    d = durations(buyers, as_of)
    within = {f"w{w}": (d.event & (d.day <= w)).cast("int64").sum() for w in windows}
    table = frame(d.group_by("cohort_month").agg(n=d.count(), last=d.first_date.max(), **within))
    rows = []
    for window in windows:
        followed = pd.to_datetime(table["last"]) + pd.Timedelta(days=window)
        rows.append(pd.DataFrame({
            "cohort_month": table["cohort_month"], "window_days": window,
            "observed": followed <= pd.Timestamp(as_of),
            "repeated": table[f"w{window}"].astype("int64"), "n": table["n"].astype("int64"),
        }))
    out = pd.concat(rows, ignore_index=True)
    out["f2_rate"] = intervals.rate(out["repeated"], out["n"])
    out["f2_rate_lo"], out["f2_rate_hi"] = intervals.wilson(out["repeated"], out["n"])
    rates = ["f2_rate", "f2_rate_lo", "f2_rate_hi"]
    out[rates] = out[rates].where(out["observed"])
    out = out.sort_values(["cohort_month", "window_days"], ignore_index=True)
    return out[["cohort_month", "window_days", "observed", *rates, "n"]]


def whole_from(data_start, burn_in_days=365, data_starts_with_shop=False):
    """The first day from which every new customer is told from an older one (buyers.is_new).

    Before it only those are in the cohorts whose registration is known: members, no guests.
    """
    return data_start if data_starts_with_shop else data_start + datetime.timedelta(days=burn_in_days)


def second_days(buyers, as_of, step_days=15, until_days=360):
    """One row per band of days from the first to the second purchase, **among repeaters only**.

    Columns: from_day, to_day (both included; the last band is open: to_day missing), n_people,
    repeater_share (÷ all repeaters), cumulative_share. Conditional on having come back: it says
    nothing about those who have not.
    """
    d = durations(buyers, as_of)
    table = counts(d.filter(d.event))
    edges = np.arange(0, until_days + 1, step_days)
    band = np.minimum(table["day"] // step_days, len(edges) - 1)
    people = table["n"].groupby(band).sum().reindex(range(len(edges)), fill_value=0)
    total = int(people.sum())
    out = pd.DataFrame({"from_day": edges, "to_day": (edges + step_days - 1).astype(float)})
    out.loc[out.index[-1:], "to_day"] = np.nan
    out["n_people"] = people.to_numpy("int64")
    out["repeater_share"] = intervals.rate(out["n_people"], total)
    out["cumulative_share"] = intervals.rate(out["n_people"].cumsum(), total)
    return out if total else out.iloc[:0]


def second_day_reached(buyers, as_of, shares=(0.5, 0.8)):
    """One row per share: the day by which that share of the repeaters had come back (conditional).

    Columns: repeater_share, reached_days, n (repeaters).
    """
    d = durations(buyers, as_of)
    table = counts(d.filter(d.event))
    people = table["n"].cumsum()
    total = int(table["n"].sum())
    days = [int(table["day"][people >= share * total].iloc[0]) if total else np.nan
            for share in shares]
    return pd.DataFrame({"repeater_share": list(shares), "reached_days": days, "n": total})


def yearly(purchases, as_of, window_days=365):
    """One row: the buyers of the `window_days` that end on `as_of`, and who of them is a repeater.

    Columns: n (buyers of the period), n_twice, yearly_repeat_rate (リピート率: decided to buy on two
    occasions or more within the period ÷ n; automatic deliveries are no decisions), n_returning,
    repeater_rate (リピーター率: bought in the period something that was not their first purchase in
    the data ÷ n), each with _lo, _hi (Wilson).
    """
    p = as_table(purchases)
    first = ibis.literal(as_of) - ibis.interval(days=window_days)
    p = p.filter(p.purchase_date > first, p.purchase_date <= as_of)
    people = p.group_by("customer_key").agg(
        times=(~p.is_automatic.fill_null(False)).sum(), last_no=p.purchase_no.max())
    out = frame(people.agg(
        n=people.count(),
        n_twice=(people.times >= 2).sum().fill_null(0),
        n_returning=(people.last_no >= 2).sum().fill_null(0)))
    for name, part in (("yearly_repeat_rate", "n_twice"), ("repeater_rate", "n_returning")):
        out[name] = intervals.rate(out[part], out["n"])
        out[f"{name}_lo"], out[f"{name}_hi"] = intervals.wilson(out[part], out["n"])
    return out


def three_rates(f2_rates, yearly):
    """One row per figure that is called "repeat rate", so that nobody mixes them up.

    Columns: figure (f2_rate_365, yearly_repeat_rate, repeater_rate), repeat_rate, repeat_rate_lo,
    repeat_rate_hi, n (its denominator). From f2_rate() and yearly().
    """
    f2 = f2_rates[f2_rates["window_days"] == 365].rename(
        columns=lambda c: c.replace("f2_rate", "repeat_rate"))
    rows = [f2[["repeat_rate", "repeat_rate_lo", "repeat_rate_hi", "n"]].assign(figure="f2_rate_365")]
    for figure in ("yearly_repeat_rate", "repeater_rate"):
        part = yearly[[figure, f"{figure}_lo", f"{figure}_hi", "n"]]
        rows.append(part.set_axis(list(rows[0].columns[:4]), axis=1).assign(figure=figure))
    out = pd.concat(rows, ignore_index=True)
    return out[["figure", "repeat_rate", "repeat_rate_lo", "repeat_rate_hi", "n"]]
