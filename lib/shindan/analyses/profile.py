"""Who the buyers are and how they began: age, sex, time of day, season; and which of it keeps them."""

import ibis
import numpy as np
import pandas as pd

from shindan import schema
from shindan.analyses import intervals, repeat
from shindan.engine import as_table

HOURS = (5, 11, 17)  # the hours with which morning 朝, daytime 昼 and evening 夜 begin
HOUR_BANDS = ("morning", "daytime", "evening")
SEASONS = ("spring", "summer", "autumn", "winter")  # from March, June, September, December
YOUNGEST, OLDEST = 10, 80  # bands at the ends: under 20, from 80
# what may go with coming back: columns of with_profile
SPLITS = ("first_product", "acq_channel", "first_price", "first_kind", "hour_band", "first_season",
          "age_band", "sex")
MOMENTS = ["split", "n", "groups", "best", "best_n", "best_rate", "best_rate_lo", "best_rate_hi",
           "worst", "worst_n", "worst_rate", "worst_rate_lo", "worst_rate_hi", "gap_pt", "p_value", "p_holm"]


def with_profile(buyers, customers, as_of, hours=HOURS):
    """The buyers, lazy, with what is known of the person and of the first purchase.

    Adds age_band (decade of as_of's year − birth year, as text: "10" is under 20, "80" from 80), sex,
    birth_month, mail_optin ("yes", "no": as known in the export), hour_band (of HOUR_BANDS; missing
    where the files carry no time of day: every order at midnight), first_season, first_price ("sale",
    "list"), first_kind ("subscription", "onetime"). acq_channel is missing where it is unknown.
    """
    b = repeat.with_price(buyers)
    c = as_table(customers)
    b = b.left_join(c.select("customer_key", "birth_year", "birth_month", "sex", optin=c.mail_optin),
                    "customer_key").drop("customer_key_right")
    b = b.cross_join(b.agg(timed=(b.first_hour > 0).any().fill_null(False)))
    return b.mutate(
        age_band=age_band(b.birth_year, as_of),
        mail_optin=ibis.cases((b.optin, "yes"), (~b.optin, "no")),
        hour_band=ibis.ifelse(b.timed, hour_band(b.first_hour, hours), ibis.null("string")),
        first_season=_season(b.first_date.month()),
        first_kind=ibis.ifelse(b.first_is_subscription.fill_null(False), "subscription", "onetime"),
        acq_channel=b.acq_channel.nullif(schema.UNKNOWN_CHANNEL),
    ).drop("birth_year", "optin", "timed")


def age_band(birth_year, as_of):
    """The decade of life in as_of's year, as text; missing under 0 or over 110 (a wrong date)."""
    age = ibis.literal(as_of.year) - birth_year
    decade = ((age / 10).floor() * 10).cast("int64").clip(YOUNGEST, OLDEST).cast("string")
    return ibis.ifelse(age.between(0, 110), decade, ibis.null("string"))


def hour_band(hour, hours=HOURS):
    """The part of the day of an hour 0–23; the evening runs past midnight."""
    morning, daytime, evening = hours
    return ibis.cases(
        (hour.isnull(), ibis.null("string")), ((hour >= morning) & (hour < daytime), "morning"),
        ((hour >= daytime) & (hour < evening), "daytime"), else_="evening")


def _season(month):
    return ibis.cases((month.isin((3, 4, 5)), "spring"), (month.isin((6, 7, 8)), "summer"),
                      (month.isin((9, 10, 11)), "autumn"), else_="winter")


def groups(profiled, as_of, by, window_days=365):
    """One row per value of `by` (a column of with_profile), largest first: as repeat.f2_by.

    People whose value is missing are left out.
    """
    p = as_table(profiled)
    return repeat.f2_by(p.filter(p[by].notnull()), as_of, by, window_days)


def moments(profiled, as_of, splits=SPLITS, window_days=365, min_n=30):
    """One row per way to split the new customers by their first purchase: does it go with staying?

    Columns: split, n (people in the groups compared: the 10 largest, of `min_n` people or more),
    groups (how many), best and worst (the groups with the highest and the lowest F2 rate within
    `window_days`) with _n, _rate, _rate_lo, _rate_hi, gap_pt (between the two), p_value (log-rank
    test that all groups share one curve), p_holm (over all splits tested). Largest gap first.
    Splits with fewer than two such groups are left out.
    """
    d = repeat.durations(profiled, as_of)
    return compare({by: (repeat.counts(d, by), repeat.followed(d, by)) for by in splits}, window_days, min_n)


def compare(tables, window_days=365, min_n=30, most=10):
    """moments() of people already counted: {split: (repeat.counts, repeat.followed) by it}."""
    rows = [_moment(by, *(t[t[by].notna()] for t in pair), window_days, min_n, most) for by, pair in tables.items()]
    out = pd.DataFrame([row for row in rows if row], columns=MOMENTS)
    out["p_holm"] = intervals.holm(out["p_value"].to_numpy(float))
    return out.sort_values(["gap_pt", "split"], ascending=[False, True], ignore_index=True)


def _moment(by, counts, followed, window_days, min_n, most):
    """The row of one split (a dict); None with fewer than two groups to compare."""
    found = repeat.groups(counts, followed, by, window_days, most=most)
    found = found[(found["n"] >= min_n) & found["f2_rate"].notna()]
    if len(found) < 2:
        return None
    best, worst = found.loc[found["f2_rate"].idxmax()], found.loc[found["f2_rate"].idxmin()]
    row = {"split": by, "n": int(found["n"].sum()), "groups": len(found)}
    for name, group in (("best", best), ("worst", worst)):
        row |= {name: group[by], f"{name}_n": int(group["n"])}
        row |= {f"{name}_rate{end}": group[f"f2_rate{end}"] for end in ("", "_lo", "_hi")}
    p_value = repeat.differs(counts[counts[by].isin(found[by])], by, window_days, min_n, most)
    return row | {"gap_pt": best["f2_rate"] - worst["f2_rate"], "p_value": p_value}


def holm_p(moments, split):
    """The corrected p of one split; NaN where it was not tested."""
    found = moments.loc[moments["split"] == split, "p_holm"]
    return float(found.iloc[0]) if len(found) else np.nan
