"""Campaigns that were not random but have somebody to be held against: before and after, for reference.

Each person's time around the send date is cut into periods as long as the campaign's window: 0 is
the window itself, −1 the one before, back to −PERIODS. Only people who had bought before all of
them count, so that nobody's first purchase makes a bump. The groups were not drawn alike: nothing
here says what sending did.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import campaign, intervals, rfm
from shindan.engine import as_table, days_between, frame

PERIODS = 6       # looked at before the send date
CAMPAIGNS = 4     # at most, the latest ones: every customer is ranked on each of their days
MIN_PEOPLE = 30   # a group, for a comparison
GROUPS = ["campaign_id", "is_sent", "rank", "periods"]
LOOKED_AT = {"campaign_id": "string", "on_date": "date", "window_days": "int64", "has_left_out": "boolean"}


def histories(sends, purchases, cuts, as_of, most=CAMPAIGNS):
    """One row per campaign x group x rank on the send date x periods bought in (pandas).

    `sends` as from `campaign.assigned`. Of the latest campaigns that were not random and whose
    window is over: the people sent to against those a rule left out; where a campaign recorded
    nobody left out, against all other customers of the shop. Columns: campaign_id, is_sent, rank,
    periods (a bit for each period with a purchase, the earliest first: bit PERIODS is the window),
    n (people).
    """
    looked_at = _latest(sends, as_of, most)
    wanted = ibis.memtable(looked_at, schema=LOOKED_AT)
    p = as_table(purchases).select("customer_key", "purchase_date")
    people = p.group_by("customer_key").agg(first=p.purchase_date.min()).cross_join(wanted)
    length = days_between(people.on_date, people.first)
    people = people.filter(length >= PERIODS * people.window_days).drop("first")
    arms = as_table(sends).select(*campaign.PERSON, "is_control")
    people = people.left_join(arms, campaign.PERSON).select(
        *people.columns, is_sent=(~arms.is_control).fill_null(False), is_left_out=arms.is_control.fill_null(False))
    people = people.filter(people.is_sent | people.is_left_out | ~people.has_left_out)
    ranks = _ranks(purchases, looked_at.on_date, cuts)
    people = people.left_join(ranks, ["on_date", "customer_key"]).select(*people.columns, "rank")
    t = people.left_join(_bits(people, p), campaign.PERSON)
    t = t.select("campaign_id", "is_sent", "rank", periods=t.periods.fill_null(0))
    return frame(t.group_by(GROUPS).agg(n=t.count()), by=GROUPS)


def _ranks(purchases, days, cuts):
    """One row per day x customer who had bought before it: on_date, customer_key, rank."""
    days = [day.date() for day in sorted(set(days))] or [campaign.ANY_DAY]
    parts = [rfm.rank_on(purchases, day, cuts).select("customer_key", "rank", on_date=ibis.literal(day)) for day in days]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _latest(sends, as_of, most):
    """One row per campaign looked at: campaign_id, on_date, window_days, has_left_out."""
    s = as_table(sends)
    t = s.group_by("campaign_id", "assignment").agg(
        on_date=s.assigned_date.min(), last=s.assigned_date.max(), window_days=s.window_days.max(),
        n=s.count(where=~s.is_control), n_control=s.count(where=s.is_control))
    over = days_between(ibis.literal(as_of), t.last) >= t.window_days - 1
    t = frame(t.filter((t.assignment != "random") | (t.n_control == 0), over, t.n > 0))
    t = t.sort_values(["on_date", "campaign_id"], ascending=[False, True]).head(most)
    return t.assign(has_left_out=t.n_control > 0, on_date=pd.to_datetime(t.on_date))[list(LOOKED_AT)]


def _bits(people, purchases):
    """One row per person who bought around the send date: the bits of the periods."""
    hit = people.join(purchases, "customer_key")
    day = days_between(hit.purchase_date, hit.on_date)
    hit = hit.mutate(period=(day / hit.window_days).floor().cast("int64") + PERIODS)
    hit = hit.filter(hit.period >= 0, hit.period <= PERIODS)
    hit = hit.select(*campaign.PERSON, "period").distinct()
    return hit.group_by(campaign.PERSON).agg(
        periods=ibis.literal(2).pow(hit.period).cast("int64").sum().cast("int64"))


def trends(histories):
    """One row per campaign x period (−PERIODS … 0) (pandas): share that bought in it.

    Columns: campaign_id, period, n, bought_rate (sent), n_others, others_rate (at the rank shares
    of the sent). Ranks that only one of the groups has are left out.
    """
    rows = []
    for campaign_id, t in histories.groupby("campaign_id"):
        weight, sent, others = _arms(t)
        for period in range(-PERIODS, 1):
            rates = [_share(arm, period) for arm in (sent, others)]
            rows.append((campaign_id, period, *(x for arm, share in zip((sent, others), rates, strict=True)
                                                for x in (int(arm.n.sum()), _mean(weight, share)))))
    return pd.DataFrame(rows, columns=["campaign_id", "period", "n", "bought_rate", "n_others", "others_rate"])


def changes(histories):
    """One row per campaign (pandas): 前後差の差, and whether the groups moved alike before.

    Columns: campaign_id, n, n_others; before_rate, bought_rate, others_before_rate, others_rate
    (periods −1 and 0, others at the rank shares of the sent); dd_pt, the change of the sent − that of
    the others, with its interval (per rank from each person's own change −1, 0, 1, as NPS; the
    ranks' variances added up); is_alike: 30 people in both groups, and in no earlier pair of
    periods the same difference is off 0 (intervals that hold for all the pairs at once).
    """
    rows = []
    for campaign_id, t in histories.groupby("campaign_id"):
        weight, sent, others = _arms(t)
        rates = [_mean(weight, _share(arm, period)) for arm in (sent, others) for period in (-1, 0)]
        n, n_others = int(sent.n.sum()), int(others.n.sum())
        alike = min(n, n_others) >= MIN_PEOPLE and not any(
            low > 0 or high < 0 for _, low, high in (
                _gap(weight, sent, others, period, PERIODS - 1) for period in range(1 - PERIODS, 0)))
        rows.append((campaign_id, n, n_others, *rates, *_gap(weight, sent, others, 0), alike))
    return pd.DataFrame(rows, columns=[
        "campaign_id", "n", "n_others", "before_rate", "bought_rate", "others_before_rate", "others_rate",
        "dd_pt", "dd_pt_lo", "dd_pt_hi", "is_alike"])


def drawn(trends, changes):
    """`trends` with name, dd_pt and is_alike of `changes` (named), the latest campaign first."""
    columns = ["campaign_id", "name", "dd_pt", "is_alike", "first_date"]
    return changes[columns].merge(trends, on="campaign_id")


def _arms(histories):
    """(weight by rank, people sent, other people); the ranks both groups have."""
    both = histories.groupby("rank").is_sent.nunique() == 2
    t = histories[histories["rank"].isin(both.index[both])]
    sizes = t[t.is_sent].groupby("rank").n.sum()
    return sizes / max(sizes.sum(), 1), t[t.is_sent], t[~t.is_sent]


def _has(people, period):
    return (people.periods.to_numpy(int) >> (period + PERIODS)) % 2 == 1


def _share(people, period):
    """Share of each rank that bought in the period."""
    counts = people.assign(k=people.n * _has(people, period)).groupby("rank")[["k", "n"]].sum()
    return counts.k / counts.n


def _mean(weight, share):
    return float((weight * share).sum()) if len(weight) else np.nan


def _gap(weight, sent, others, period, pairs=1):
    """(difference, low, high) of the groups' changes from one period to the next."""
    if not len(weight):
        return np.nan, np.nan, np.nan
    (value1, ends1), (value0, ends0) = (_change(arm, period, weight.index, pairs) for arm in (sent, others))
    return tuple(float(x) for x in intervals.weighted_difference(
        weight.to_numpy(float), value1, ends1, value0, ends0))


def _change(people, period, ranks, pairs):
    """(change of each rank, its interval): people who began to buy − those who stopped."""
    now, before = _has(people, period), _has(people, period - 1)
    counts = people.assign(up=people.n * (now & ~before), down=people.n * (before & ~now))
    counts = counts.groupby("rank")[["up", "down", "n"]].sum().reindex(ranks)
    value = ((counts.up - counts.down) / counts.n).to_numpy(float)
    error = intervals.nps_error(counts.up, counts.n - counts.up - counts.down, counts.down) / 100
    half = intervals.z_of(pairs) * error
    return value, (value - half, value + half)
