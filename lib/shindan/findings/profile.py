"""What the pages on beginnings and people say, from the small frames of analyses.profile."""

from shindan.analyses import intervals
from shindan.findings.model import MIN_N_VERDICT, Kpi, Statement, withheld

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


def by_age(frame, p_holm, period):
    """F2 by age; p_holm as in the comparison of all splits."""
    return _groups("by_age", frame, p_holm, period, {})


def by_hour(frame, p_holm, period, hours):
    """F2 by the time of day of the first purchase; `hours` with which its parts begin."""
    return _groups("by_hour", frame, p_holm, period, dict(zip(("morning", "daytime", "evening"), hours, strict=True)))


def _groups(section, frame, p_holm, period, more):
    known = frame[frame["f2_rate"].notna() & (frame["n"] >= MIN_N_VERDICT)]
    if len(known) < 2:
        return withheld(f"repeat.{section}", f"profile.withheld.{section}", groups=len(known))
    values = {"high": known["f2_rate"].max(), "low": known["f2_rate"].min(), "groups": len(known),
              "p_value": p_holm, **more}
    key = section if p_holm < CERTAIN else f"{section}_same"
    return Statement(f"repeat.{section}", f"profile.headline.{key}", values, (), int(known["n"].sum()), period)
