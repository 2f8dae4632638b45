"""One scenario over its months: every month is a random campaign of its own; together they can tell more."""

import re

import numpy as np
import pandas as pd

from shindan.analyses import exact, intervals
from shindan.analyses.holdout import ARMS, MIN_PEOPLE, accepted

MONTH = re.compile(r"(.+)\.\d{4}-\d{2}")
COLUMNS = ["series", "name", "n_months", "n", "n_control", "bought_rate", "control_rate", "joint_pt", "joint_pt_lo",
           "joint_pt_hi", "p", "p_holm", "is_found", "alike_p", "first_date", "last_date"]


def by_series(ranked, total):
    """One row per series of lists with two accepted months or more (pandas), the most people first.

    `ranked` of campaign.by_rank, `total` of holdout.standardised, named (reach.named). The difference is
    Mantel & Haenszel's over months x ranks, everybody against those left out of the same month and rank.
    Over all series with 30 people in both arms: p_holm, is_found, and joint_pt with the interval that
    holds for all of them at once. alike_p: of one and the same difference in all months (Cochran's Q).
    """
    known = accepted(total)
    known = known.assign(series=[m[1] if (m := MONTH.fullmatch(id)) else None for id in known.campaign_id])
    several = [(name, t) for name, t in known.dropna(subset=["series"]).groupby("series") if len(t) > 1]
    level = intervals.joint_level(sum(t[["n", "n_control"]].sum().min() >= MIN_PEOPLE for _, t in several))
    table = pd.DataFrame([_row(name, t, ranked, level) for name, t in several], columns=COLUMNS)
    judged = table[["n", "n_control"]].min(axis=1) >= MIN_PEOPLE
    table["p_holm"] = intervals.holm(table.p.astype(float).where(judged))
    table["is_found"] = table.p_holm < 1 - intervals.LEVEL
    return table.sort_values(["n", "series"], ascending=[False, True], ignore_index=True)


def _row(series, months, ranked, level):
    strata = ranked[ranked.campaign_id.isin(months.campaign_id)]
    p, value, low, high = exact.difference(*(strata[c].to_numpy(float) for c in ARMS), level)
    k1, n1, k0, n0 = (int(strata[c].sum()) for c in ARMS)
    days = months.first_date.dropna()
    return {"series": series, "name": months["name"].iloc[0].rpartition(" ")[0] or series, "n_months": len(months),
            "n": n1, "n_control": n0, "bought_rate": intervals.rate(k1, n1), "control_rate": intervals.rate(k0, n0),
            "joint_pt": value, "joint_pt_lo": low, "joint_pt_hi": high, "p": p, "alike_p": _alike(strata),
            "first_date": days.min() if len(days) else None, "last_date": days.max() if len(days) else None}


def _alike(strata):
    """p of one difference in all months; missing below two months with 30 people in both arms and a buyer."""
    found = []
    for _, t in strata.groupby("campaign_id"):
        arms = [t[c].to_numpy(float) for c in ARMS]
        error = exact.error(*arms)
        if min(arms[1].sum(), arms[3].sum()) >= MIN_PEOPLE and error > 0:
            found.append((exact.difference(*arms)[1], error))
    return intervals.alike_p(*zip(*found, strict=True)) if len(found) > 1 else np.nan
