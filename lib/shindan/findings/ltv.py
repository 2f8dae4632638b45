"""What the LTV pages say: worth against cost, by channel, by cohort, and the F2 what-if."""

from shindan.analyses import intervals
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld
from shindan.text import is_missing


def measure(frame):
    """"contribution" where a contribution rate is known, else "sales" (売上LTV)."""
    return "sales" if frame["contribution_ltv_jpy"].isna().all() else "contribution"


def worth(total, yearly, payback, cpa, horizon_days, period):
    """LTV(H) a customer against what one costs, and the month that pays it back.

    `total`, `yearly`: ltv.ltv at H and at 365 days (one row each or none); `payback`: month or None.
    """
    if total.empty or total["n"].iloc[0] < MIN_N_SHOWN:
        return withheld("ltv.worth", "ltv.withheld.immature", days=horizon_days)
    row, n, basis = total.iloc[0], int(total["n"].iloc[0]), measure(total)
    value = float(row[f"{basis}_ltv_jpy"])
    kpis = []
    if (basis, horizon_days) != ("sales", 365):  # that one is the yearly LTV
        kpis.append(_kpi(f"{basis}_ltv", row, f"{basis}_ltv_jpy", n, period))
    if len(yearly):
        kpis.append(_kpi("yearly_ltv", yearly.iloc[0], "sales_ltv_jpy", int(yearly["n"].iloc[0]), period))
    values = {"ltv": value, "days": horizon_days, "cpa": cpa, "month": payback}
    if n < MIN_N_VERDICT:
        key = "worth_few"
    elif basis == "sales":
        key = "worth_sales"
    elif not cpa:
        key = "worth_no_cpa"
    else:
        key = "worth_back" if payback else "worth_never"
        values["ratio"] = value / cpa
        kpis.insert(0, _against_cpa(row, cpa, n, period))  # the headline's verdict is this one's
        if payback:
            kpis.append(Kpi("ltv.payback_month", payback, "count", n, period))
    return Statement("ltv.worth", f"ltv.headline.{key}", values, tuple(kpis), n, period)


def _kpi(name, row, column, n, period):
    ends = float(row[f"{column}_lo"]), float(row[f"{column}_hi"])
    ci = None if any(map(is_missing, ends)) else ends
    return Kpi(f"ltv.{name}", float(row[column]), "jpy", n, period, ci)


def _against_cpa(row, cpa, n, period):
    ratios = [float(row[f"contribution_ltv_jpy{end}"]) / cpa for end in ("", "_lo", "_hi")]
    return Kpi("ltv.ltv_cpa", ratios[0], "ratio", n, period, (ratios[1], ratios[2]))


def channels(by_channel, horizon_days, period):
    """The channel whose customers are worth most against the one whose are worth least."""
    known = by_channel[by_channel["n"] >= MIN_N_VERDICT]
    if len(known) < 2:
        return withheld("ltv.channels", "ltv.withheld.channels", days=horizon_days)
    column = f"{measure(known)}_ltv_jpy"
    ranked = known.sort_values([column, "acq_channel"]).to_dict("records")
    worst, best = ranked[0], ranked[-1]
    apart = best[f"{column}_lo"] > worst[f"{column}_hi"]
    values = {"best": best["acq_channel"], "best_ltv": best[column], "worst": worst["acq_channel"],
              "worst_ltv": worst[column], "days": horizon_days, "n": int(known["n"].sum())}
    key = f"ltv.headline.channels_{'apart' if apart else 'alike'}_{measure(known)}"
    return Statement("ltv.channels", key, values, (), int(by_channel["n"].sum()), period)


def cohorts(by_cohort, period, month_of_life=6):
    """The youngest whole cohort at `month_of_life` against the same quarter a year before."""
    known = by_cohort[(by_cohort["month_of_life"] == month_of_life) & by_cohort["observed"]
                      & (by_cohort["n"] >= MIN_N_VERDICT)]
    if known.empty:
        return withheld("ltv.cohorts", "ltv.withheld.cohorts", months=month_of_life)
    if by_cohort["cohort_month"].nunique() < 2:
        return withheld("ltv.cohorts", "ltv.withheld.one_cohort")
    column, now = f"{measure(by_cohort)}_ltv_jpy", known.iloc[-1]
    year_ago = [_year_before(now["cohort_month"])]
    before = known[known["cohort_month"].map(_day).isin(year_ago)]
    values = {"cohort": _day(now["cohort_month"]), "now": float(now[column]), "months": month_of_life}
    if before.empty:
        return Statement("ltv.cohorts", "ltv.headline.cohorts_now", values, (), int(now["n"]), period)
    old = before.iloc[0]
    low, high = intervals.difference(*_with_ends(now, column), *_with_ends(old, column))
    values |= {"before": float(old[column]), "change": float(now[column] - old[column]),
               "low": float(low), "high": float(high)}
    key = "cohorts_up" if low > 0 else "cohorts_down" if high < 0 else "cohorts_same"
    return Statement("ltv.cohorts", f"ltv.headline.{key}", values, (), int(now["n"]), period)


def _with_ends(row, column):
    return row[column], (row[f"{column}_lo"], row[f"{column}_hi"])


def _day(value):
    return value.date() if hasattr(value, "date") else value


def _year_before(month):
    return _day(month).replace(year=month.year - 1)


def what_if(scenarios, gap, n_new, horizon_days, period):
    """What a point more of 2nd purchases could bring a year, at most: an upper reading."""
    if gap.empty or min(gap["n_with"].iloc[0], gap["n_without"].iloc[0]) < MIN_N_VERDICT:
        return withheld("ltv.what_if", "ltv.withheld.what_if", days=horizon_days)
    if is_missing(gap["gap_jpy"].iloc[0]):
        return withheld("ltv.what_if", "ltv.withheld.no_rate")
    one = scenarios.iloc[0]
    yen = float(one["gain_jpy"]), float(one["gain_jpy_lo"]), float(one["gain_jpy_hi"])
    values = {"change": float(one["f2_change_pt"]), "gain": yen[0], "low": yen[1], "high": yen[2],
              "gap": float(gap["gap_jpy"].iloc[0]), "n_new": n_new, "days": horizon_days,
              "f2": float(gap["f2_rate"].iloc[0])}
    return Statement("ltv.what_if", "ltv.headline.what_if", values, (), int(gap["n"].iloc[0]), period,
                     yen=yen)
