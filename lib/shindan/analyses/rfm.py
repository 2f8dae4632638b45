"""RFM scores and the four ranks, on any day, by fixed cut points or by quantiles of values."""

import dataclasses
import datetime

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import disclosure, intervals
from shindan.engine import as_table, days_between, frame
from shindan.schema import RANKS

SCORES = (5, 4, 3, 2, 1)
NOT_YET = "not_yet"  # "rank" on an earlier day of a customer who had not bought by then
TOTAL = "total"


@dataclasses.dataclass(frozen=True)
class RankRule:
    """A rank and what a customer must reach within the window to have it."""

    rank: str
    min_purchases: int = 0
    min_sales_jpy: int = 0


@dataclasses.dataclass(frozen=True)
class Cuts:
    """The thresholds of scores and ranks; the settings `rfm:` of a client have the same fields.

    recency_days: score 5 up to the first, … 1 beyond the last. frequency, monetary_jpy: score 1
    below the first, … 5 from the last. mode "quantile" scores by fifths of the customers instead.
    ranks: the first rule met, top to bottom; recency_days >= dormant_days overrides them.
    """

    window_days: int = 365
    dormant_days: int = 365
    recency_days: tuple = (30, 90, 180, 365)
    frequency: tuple = (2, 3, 5, 10)
    monetary_jpy: tuple = (5000, 10000, 30000, 50000)
    mode: str = "fixed"
    ranks: tuple = (RankRule("premium", 4), RankRule("semi_premium", 2), RankRule("regular"))


def cuts(settings):
    """The Cuts of any object that has their fields (a client's settings)."""
    fields = {f.name: getattr(settings, f.name) for f in dataclasses.fields(Cuts)}
    rules = (RankRule(r.rank, r.min_purchases, r.min_sales_jpy) for r in settings.ranks)
    return Cuts(**{**fields, "ranks": tuple(rules)})


def rank_on(purchases, on, rules=Cuts()):  # noqa: B008 - frozen
    """One row per customer with a purchase before the day `on`, lazy; `on` itself is not looked at.

    It is the rank the shop would have printed the evening before: rank_as_of(on − 1 day).
    """
    return rank_as_of(purchases, on - datetime.timedelta(days=1), rules)


def rank_as_of(purchases, as_of, rules=Cuts()):  # noqa: B008 - frozen
    """One row per customer with a purchase up to `as_of` (that day included), lazy.

    Columns: as in `scores`, and rank: one of schema.RANKS, exactly one for everybody.
    """
    s = scores(purchases, as_of, rules)
    *above, last = rules.ranks
    dormant = (s.recency_days >= rules.dormant_days, "dormant")
    met = [(_meets(s, rule), rule.rank) for rule in above]
    return s.mutate(rank=ibis.cases(dormant, *met, else_=last.rank))


def _meets(scores, rule):
    enough = scores.frequency >= rule.min_purchases
    return enough & (scores.monetary_jpy >= rule.min_sales_jpy) if rule.min_sales_jpy else enough


def scores(purchases, as_of, rules=Cuts()):  # noqa: B008 - frozen
    """One row per customer with a purchase up to `as_of` (that day included), lazy.

    Columns: customer_key, recency_days (as_of − last purchase, over all time), frequency and
    monetary_jpy (purchases and net sales of the `window_days` that end on as_of: sums, 0 where
    there are none), r_score, f_score, m_score (5 is best; equal values always share a score).
    """
    p = as_table(purchases)
    p = p.filter(p.purchase_date <= as_of)
    first = ibis.literal(as_of) - ibis.interval(days=rules.window_days)
    recent = p.purchase_date > first
    s = p.group_by("customer_key").agg(
        recency_days=days_between(ibis.literal(as_of), p.purchase_date.max()),
        frequency=recent.cast("int64").sum(),
        monetary_jpy=p.revenue_jpy.sum(where=recent).fill_null(0),
    )
    if rules.mode == "quantile":
        return _by_fifths(s)
    return s.mutate(
        r_score=5 - _passed(s.recency_days - 1, rules.recency_days),  # a day on the cut still counts
        f_score=1 + _passed(s.frequency, rules.frequency),
        m_score=1 + _passed(s.monetary_jpy, rules.monetary_jpy),
    )


def _passed(value, cut_points):
    """How many of the cut points `value` has reached."""
    return sum((value >= cut).cast("int64") for cut in cut_points)


def _by_fifths(table):
    """Scores by fifths of the customers, cut on values: 1 + the whole fifths strictly below."""
    columns = {"r_score": -table.recency_days, "f_score": table.frequency,
               "m_score": table.monetary_jpy}
    out = table
    for name, value in columns.items():
        people = table.group_by(value=value).agg(people=table.count())
        upto = people.people.sum().over(ibis.window(order_by=people.value, following=0))
        total = people.people.sum().over(ibis.window())
        fifth = (5 * (upto - people.people) / total).floor().cast("int64")
        scored = people.select("value", **{name: 1 + fifth})
        out = out.mutate(value=columns[name]).join(scored, "value").drop("value")
    return out


def cut_points(ranked, rules=Cuts()):  # noqa: B008 - frozen
    """One row per score, 5 first: recency_max_days, frequency_min, monetary_min_jpy.

    Fixed: as configured. Quantile mode: as the values fell. Missing: no limit, or nobody.
    """
    out = pd.DataFrame({"score": SCORES})
    if rules.mode == "fixed":
        out["recency_max_days"] = [*rules.recency_days, np.nan]
        out["frequency_min"] = [*reversed(rules.frequency), np.nan]
        out["monetary_min_jpy"] = [*reversed(rules.monetary_jpy), np.nan]
        return out
    r = as_table(ranked)
    for name, score, value in (("recency_max_days", "r_score", r.recency_days.max()),
                               ("frequency_min", "f_score", r.frequency.min()),
                               ("monetary_min_jpy", "m_score", r.monetary_jpy.min())):
        found = frame(r.group_by(score).agg(value=value)).set_index(score)["value"]
        out[name] = out["score"].map(found).astype(float)
    return out


def rank_rules(rules=Cuts()):  # noqa: B008 - frozen
    """One row per rank, best first: the rule that gives it. Missing: not asked.

    Columns: rank, min_purchases, min_sales_jpy (within window_days), window_days,
    min_recency_days (dormant only, before all other rules).
    """
    rows = [{"rank": r.rank, "min_purchases": r.min_purchases or np.nan,
             "min_sales_jpy": r.min_sales_jpy or np.nan, "window_days": rules.window_days}
            for r in rules.ranks]
    rows.append({"rank": "dormant", "min_recency_days": rules.dormant_days})
    return pd.DataFrame(rows, columns=["rank", "min_purchases", "min_sales_jpy", "window_days",
                                       "min_recency_days"])


def rank_table(ranked):
    """One row per rank, best first, all four always.

    Columns: rank, n, people_share, sales_jpy (net sales in the window), sales_share, order_value_jpy
    (sales ÷ purchases in the window), purchases_per_person (in the window), median_recency_days.
    """
    r = as_table(ranked)
    days = frame(r.group_by(["rank", "recency_days"]).agg(
        n=r.count(), sales_jpy=r.monetary_jpy.sum(), purchases=r.frequency.sum()))
    out = days.groupby("rank")[["n", "sales_jpy", "purchases"]].sum().reindex(RANKS, fill_value=0)
    out = out.astype("int64").rename_axis("rank").reset_index()
    out["people_share"] = intervals.rate(out["n"], out["n"].sum())
    out["sales_share"] = intervals.rate(out["sales_jpy"], out["sales_jpy"].sum())
    out["order_value_jpy"] = intervals.rate(out["sales_jpy"], out["purchases"])
    out["purchases_per_person"] = intervals.rate(out["purchases"], out["n"])
    out["median_recency_days"] = [_median_day(days[days["rank"] == rank]) for rank in RANKS]
    return out[["rank", "n", "people_share", "sales_jpy", "sales_share", "order_value_jpy",
                "purchases_per_person", "median_recency_days"]]


def window_buyers(ranked):
    """How many people bought in the window: those behind its sales."""
    r = as_table(ranked)
    return int(r.filter(r.frequency > 0).count().to_pandas())


def one_short(ranked, rules=Cuts()):  # noqa: B008 - frozen
    """How many people, dormant ones apart, are one purchase short of the best rank; None where its rule asks for sales."""
    best = rules.ranks[0]
    if best.min_sales_jpy or best.min_purchases < 2:
        return None
    r = as_table(ranked)
    near = r.filter(r["rank"] != "dormant", r.frequency == best.min_purchases - 1)
    return int(near.count().to_pandas())


def _median_day(days):
    """The lower median of a histogram of whole days (recency_days, n, in order of days)."""
    upto = days["n"].cumsum()
    half = days["recency_days"][2 * upto >= days["n"].sum()]
    return int(half.iloc[0]) if len(half) else np.nan


def rf_grid(ranked, cut_points):
    """One row per R score x F score, all 25, best first, with the limits of both for reading.

    Columns: r_score, f_score, recency_max_days, frequency_min, n, sales_jpy (in the window), hidden (of
    disclosure: whose money is not printed).
    """
    r = as_table(ranked)
    found = frame(r.group_by(["r_score", "f_score"]).agg(n=r.count(), sales_jpy=r.monetary_jpy.sum()))
    every = pd.MultiIndex.from_product([SCORES, SCORES], names=["r_score", "f_score"])
    grid = found.set_index(["r_score", "f_score"]).reindex(every, fill_value=0).astype("int64")
    limits = cut_points.set_index("score")
    grid = grid.reset_index()
    grid.insert(2, "recency_max_days", grid["r_score"].map(limits["recency_max_days"]))
    grid.insert(3, "frequency_min", grid["f_score"].map(limits["frequency_min"]))
    return grid.assign(hidden=disclosure.hidden(grid["n"]))


def year_before(day):
    """The same day a year before; 29 February gives 28 February."""
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def transition(before, now):
    """One row per rank on an earlier day x rank now, all of them: where everybody went.

    Columns: rank_before (schema.RANKS and "not_yet": had not bought then), rank_now, n,
    people_share (of the row). Nobody is lost: the rows of a rank add up to its people then, the
    rank_now to the people now.
    """
    was, now = as_table(before), as_table(now)
    both = now.select("customer_key", rank_now=now["rank"]).left_join(
        was.select("customer_key", rank_before=was["rank"]), "customer_key")
    both = both.mutate(rank_before=both.rank_before.fill_null(NOT_YET))
    found = frame(both.group_by(["rank_before", "rank_now"]).agg(n=both.count()))
    every = pd.MultiIndex.from_product([(*RANKS, NOT_YET), RANKS], names=["rank_before", "rank_now"])
    out = found.set_index(["rank_before", "rank_now"]).reindex(every, fill_value=0).astype("int64")
    out["people_share"] = intervals.rate(out["n"], out.groupby("rank_before")["n"].transform("sum"))
    return out.reset_index()


def can_rank(day, data_start, rules=Cuts()):  # noqa: B008 - frozen
    """Whether the data holds the whole window that the ranks of `day` look at."""
    return day is not None and day - datetime.timedelta(days=rules.window_days - 1) >= data_start


def transitions(purchases, now, days, data_start, rules=Cuts()):  # noqa: B008 - frozen
    """One row per day of `days` that can be ranked x rank then x rank now: since (the day), and transition's columns.

    A missing day has no rows; a day named twice has them once. `now` from rank_as_of.
    """
    known = dict.fromkeys(day for day in days if can_rank(day, data_start, rules))
    parts = [transition(rank_as_of(purchases, day, rules), now).assign(since=day) for day in known]
    empty = pd.DataFrame(columns=["since", "rank_before", "rank_now", "n", "people_share"])
    return pd.concat(parts)[list(empty.columns)] if parts else empty


def without(transitions, day):
    """The transitions if none is since `day`, else none: what has not been drawn beside that day's."""
    return transitions[:0] if (transitions["since"] == day).any() else transitions


def moves(transition):
    """One row per rank then, and one of all: rank_before, n (people then), and by their rank now a column each.

    The last row is the ranks now; its n is everybody who has bought.
    """
    wide = transition.pivot(index="rank_before", columns="rank_now", values="n").reindex(
        index=[*RANKS, NOT_YET], columns=list(RANKS)).fillna(0)
    wide.loc[TOTAL] = wide.sum()
    wide.insert(0, "n", wide.sum(axis=1))
    return wide.astype("int64").rename_axis(index="rank_before", columns=None).reset_index()


def deciles(ranked):
    """One row per tenth of the window's buyers, biggest spenders first.

    Columns: decile, n, sales_jpy, sales_share, cumulative_share, sales_per_person_jpy. Equal
    spenders are interchangeable, so the figures do not depend on the order of rows.
    """
    r = as_table(ranked)
    r = r.filter(r.frequency > 0)
    spent = frame(r.group_by("monetary_jpy").agg(n=r.count()))[::-1]  # biggest first
    if len(spent) == 0:
        return pd.DataFrame(columns=["decile", "n", "sales_jpy", "sales_share", "cumulative_share",
                                     "sales_per_person_jpy"])
    people = np.append(0, spent["n"].cumsum())
    sales = np.append(0, (spent["n"] * spent["monetary_jpy"]).cumsum())
    edges = np.round(np.arange(11) * people[-1] / 10).astype("int64")
    upto = np.interp(edges, people, sales)
    out = pd.DataFrame({"decile": range(1, 11), "n": np.diff(edges),
                        "sales_jpy": np.diff(upto).round().astype("int64")})
    out["sales_share"] = intervals.rate(out["sales_jpy"], sales[-1])
    out["cumulative_share"] = intervals.rate(upto[1:], sales[-1])
    out["sales_per_person_jpy"] = intervals.rate(out["sales_jpy"], out["n"])
    return out
