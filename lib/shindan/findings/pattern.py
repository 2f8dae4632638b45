"""What the page on 優良化パターン says, from the small frames of analyses.pattern: association, not cause."""

from shindan.findings.model import MIN_N_VERDICT, Kpi, Statement, withheld

CERTAIN = 0.05


def pattern(compared, overall, early, period):
    """The early signal that goes most with 優良 and is not counted by its rule; for want of one, most against."""
    row = overall.iloc[0]
    n, days = int(row["n"]), {"days": early.days, "outcome_days": early.outcome_days}
    if n < MIN_N_VERDICT or compared.empty:
        return withheld("rfm.pattern", "pattern.withheld.short", n=n, **days)
    if row["n_premium"] == 0:
        return withheld("rfm.pattern", "pattern.withheld.no_premium", n=n, **days)
    own = compared[~compared["overlaps"]]
    found = own[own["p_holm"] < CERTAIN]
    values = {**days, "n": n, "rate": row["premium_rate"], "tested": len(own), "found": len(found)}
    kpis = [Kpi("rfm.premium_rate_12m", row["premium_rate"], "ratio", n, period,
                (row["premium_rate_lo"], row["premium_rate_hi"])),
            Kpi("rfm.pattern_found", len(found), "count", n, period)]
    key = "none"
    if len(found):
        good = found[found["gap_pt"] > 0]
        best = (good if len(good) else found).loc[lambda f: f["gap_pt"].abs().idxmax()]
        key, words = said(best["signal"], best["value"])
        values |= {**words, "with_it": best["premium_rate"], "without": best["without_rate"], "ratio": best["ratio"]}
        kpis.append(_gap("pattern_best_gap", best, "gap_pt", period))
    second = compared[compared["signal"] == f"second_{early.days}"]
    kpis += [_gap("early_second_later_gap", row, "later_gap_pt", period) for _, row in second.iterrows()]
    return Statement("rfm.pattern", f"pattern.headline.{key}", values, tuple(kpis), n, period)


def advice(statement):
    """What follows from it: a signal is tried, never taken for a cause; without one nobody is singled out."""
    return {"key": f"pattern.advice.{'none' if statement.key.endswith('.none') else 'found'}"}


def _gap(name, row, column, period):
    return Kpi(f"rfm.{name}", row[column], "points", int(row["n"] + row["n_without"]), period,
               (row[f"{column}_lo"], row[f"{column}_hi"]))


def said(signal, value):
    """(end of the catalogue key, its values) that put a signal into words: pattern.signal.<end>."""
    if signal == "amount_band":
        low, high = value.split("-")
        return ("amount_band", {"low": int(low), "high": int(high)}) if high else (
            "amount_band_top", {"low": int(low)})
    if signal in ("first_product", "acq_channel"):
        return signal, {"value": value}
    return (f"{signal}_{value}" if signal == "hour_band" else signal), {}
