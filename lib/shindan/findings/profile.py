"""What the page on beginnings says, from the small frames of analyses.profile."""

from shindan.analyses import intervals
from shindan.findings.model import Kpi, Statement, withheld

CERTAIN = 0.05


def moments(frame, period):
    """Which way of beginning goes with coming back, after correction for having looked at many."""
    if frame.empty:
        return withheld("repeat.moments", "profile.withheld.moments")
    found = frame[frame["p_holm"] < CERTAIN]
    n = int(frame["n"].max())
    values = {"tested": len(frame), "found": len(found)}
    kpis = [Kpi("repeat.moments_found", len(found), "count", n, period)]
    key = "moments.none"
    if len(found):
        widest = found.loc[found["gap_pt"].idxmax()]
        key = f"moments.{widest['split']}"
        values |= {name: widest[name] for name in ("best", "worst", "best_rate", "worst_rate")}
        kpis.append(Kpi("repeat.moments_widest_gap", widest["gap_pt"], "points",
                        int(widest["best_n"] + widest["worst_n"]), period, _ends(widest)))
    return Statement("repeat.moments", f"profile.headline.{key}", values, tuple(kpis), n, period)


def _ends(row):
    """The interval of best − worst from their own two; None where one of them has none."""
    best, worst = ((row[f"{name}_rate_lo"], row[f"{name}_rate_hi"]) for name in ("best", "worst"))
    low, high = intervals.difference(row["best_rate"], best, row["worst_rate"], worst)
    return None if low != low or high != high else (low, high)


def advice(statement):
    """What follows: a way of beginning is tried, never taken for a cause; without one nobody is singled out."""
    if not statement.shown:
        return
    split = statement.key.rsplit(".", 1)[-1]
    yield {"key": f"profile.advice.{split if split in ('none', 'first_product', 'acq_channel') else 'other'}", **statement.values}


def left_out(frame, splits):
    """The ways to split that could not be compared: a note each."""
    for split in splits:
        if split not in set(frame["split"]):
            yield {"key": f"profile.left_out.{split}"}
