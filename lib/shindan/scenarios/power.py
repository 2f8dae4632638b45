"""What a list can tell, said before it is sent: the smallest difference its people would show."""

import datetime

import ibis
import pandas as pd

from shindan.analyses import campaign, intervals, listed, rfm
from shindan.engine import days_between, frame

NEW = "new"   # in place of a rank: who has just bought for the first time


def usual_rates(known, windows):
    """One row per window (days) x rank, and of new customers (pandas): n, usual_rate.

    The share of those who held the rank `window` days ago that bought since: what happens anyway. Of new
    customers: the share of the year's that bought again within the window.
    """
    found = [part.assign(window_days=days) for days in sorted(windows) for part in (
        frame(_bought_since(known.table("purchases"), known.as_of, days, known.cuts)),
        frame(_bought_again(known.table("buyers"), known.as_of, days)))]
    out = pd.concat(found, ignore_index=True)
    return out.assign(usual_rate=intervals.rate(out.n_buyers, out.n))[["window_days", "rank", "n", "usual_rate"]]


def _bought_since(purchases, as_of, days, cuts):
    held = rfm.rank_as_of(purchases, as_of - datetime.timedelta(days=days), cuts)
    p = purchases.filter(purchases.purchase_date <= as_of)
    since = p.filter(days_between(ibis.literal(as_of), p.purchase_date) < days).select("customer_key").distinct()
    held = held.select("customer_key", "rank").left_join(since.mutate(bought=ibis.literal(True)), "customer_key")
    return held.group_by("rank").agg(n=held.count(), n_buyers=held.bought.fill_null(False).sum())


def _bought_again(buyers, as_of, days):
    age = days_between(ibis.literal(as_of), buyers.first_date)
    new = buyers.filter(buyers.is_new, age >= days, age < days + 365)
    again = (days_between(new.second_date, new.first_date) <= days).fill_null(False)
    return new.agg(n=new.count(), n_buyers=again.sum().fill_null(0)).select("n", "n_buyers", rank=ibis.literal(NEW))


def detectable(people, usual):
    """One row per list (pandas): list, usual_rate (of its mix of ranks), detectable_pt.

    `people`: one row per list x rank (list, window_days, rank, n_sent, n_control). detectable_pt: the
    difference found 8 times in 10 at this size; missing where it would tell nothing. Who never bought has
    no usual rate: such people do not count in it.
    """
    t = people[people["rank"] != campaign.NEVER_BOUGHT].merge(usual.drop(columns="n"), on=["window_days", "rank"], how="left")
    weight = (t.n_sent + t.n_control).where(t.usual_rate.notna(), 0)
    t = t.assign(weight=weight, weighted=weight * t.usual_rate.fillna(0))
    sums = t.groupby("list")[["weight", "weighted"]].sum()
    sizes = people.groupby("list")[["n_sent", "n_control"]].sum()
    rate = pd.Series(intervals.rate(sums.weighted, sums.weight), sums.index).reindex(sizes.index)
    pt = listed.can_tell(rate, sizes.n_sent, sizes.n_control)
    return pd.DataFrame({"list": sizes.index, "usual_rate": rate.to_numpy(), "detectable_pt": pt})
