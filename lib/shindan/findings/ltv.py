"""What the LTV pages say: worth against cost, by channel, by cohort, and the F2 what-if."""

import math

from shindan.analyses import intervals, whatif
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, judge, withheld
from shindan.text import is_missing


def measure(frame):
    """"contribution" where a contribution rate is known, else "sales" (売上LTV)."""
    return "sales" if frame["contribution_ltv_jpy"].isna().all() else "contribution"


def worth(total, yearly, against, horizon_days, period):
    """LTV(H) a customer against what one costs, and the month that pays it back.

    `total`, `yearly`: ltv.ltv at H and at 365 days (one row each or none); `against`: returns.overall.
    """
    if total.empty or total["n"].iloc[0] < MIN_N_SHOWN:
        return withheld("ltv.worth", "ltv.withheld.immature", days=horizon_days)
    row, n, basis = total.iloc[0], int(total["n"].iloc[0]), measure(total)
    pair = against.iloc[0].to_dict() if len(against) else {"cpa_jpy": None, "payback": None}
    month, cpa = pair["payback"], pair["cpa_jpy"]
    values = {"ltv": float(row[f"{basis}_ltv_jpy"]), "days": horizon_days, "cpa": cpa, "month": month}
    key = _worth_key(n, basis, pair)
    kpis = []
    if key in AGAINST:
        values["ratio"] = pair["ltv_cpa_rate"]
        kpis.append(Kpi("ltv.ltv_cpa", pair["ltv_cpa_rate"], "ratio", n, period,
                        (pair["ltv_cpa_rate_lo"], pair["ltv_cpa_rate_hi"])))
    same = (basis, horizon_days) == ("sales", 365)  # LTV(H) is the yearly LTV
    if not same:
        kpis.append(_kpi(f"{basis}_ltv", row, f"{basis}_ltv_jpy", n, period))
    if len(yearly):
        kpis.append(_kpi("yearly_ltv", yearly.iloc[0], "sales_ltv_jpy", int(yearly["n"].iloc[0]), period))
    if key in AGAINST and month:
        kpis.append(Kpi("ltv.payback_month", month, "count", n, period))
    # the headline's verdict is that of the figure it speaks of, not of the next one judged
    verdict = None if key in SURE or (key == "worth_sales" and same) else ""
    return Statement("ltv.worth", f"ltv.headline.{key}", values, tuple(kpis), n, period, verdict)


SURE = ("worth_back", "worth_never")
AGAINST = (*SURE, "worth_close")


def _worth_key(n, basis, pair):
    if n < MIN_N_VERDICT:
        return "worth_few"
    if basis == "sales":
        return "worth_sales"
    if not pair["cpa_jpy"]:
        return "worth_no_cpa"
    if pair["ltv_cpa_rate_lo"] <= 1 <= pair["ltv_cpa_rate_hi"]:
        return "worth_close"
    return "worth_back" if pair["payback"] else "worth_never"


def _kpi(name, row, column, n, period):
    ends = float(row[f"{column}_lo"]), float(row[f"{column}_hi"])
    ci = None if any(map(is_missing, ends)) else ends
    return Kpi(f"ltv.{name}", float(row[column]), "jpy", n, period, ci)


def channels(by_channel, horizon_days, period):
    """The channel whose customers are worth most against the one whose are worth least."""
    known = by_channel[by_channel["n"] >= MIN_N_VERDICT]
    if len(known) < 2:
        return withheld("ltv.channels", "ltv.withheld.channels", days=horizon_days)
    column = f"{measure(known)}_ltv_jpy"
    ranked = known.sort_values([column, "acq_channel"]).to_dict("records")
    worst, best = ranked[0], ranked[-1]
    apart = intervals.alike_p(known[column], (known[f"{column}_hi"] - known[f"{column}_lo"]) / (2 * intervals.Z)) < 1 - intervals.LEVEL
    values = {"best": best["acq_channel"], "best_ltv": best[column], "worst": worst["acq_channel"],
              "worst_ltv": worst[column], "days": horizon_days, "n": int(known["n"].sum())}
    key = f"ltv.headline.channels_{'apart' if apart else 'alike'}_{measure(known)}"
    return Statement("ltv.channels", key, values, (), values["n"], period)


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


def what_if(levers, horizon_days, period):
    """What more second purchases would be worth a year; the chart beside it has the other levers.

    `levers`: whatif.levers; one that rests on fewer than 30 people is not told.
    """
    known = levers[levers["n"] >= MIN_N_VERDICT].set_index("lever")
    if "f2" not in known.index:
        return withheld("ltv.what_if", "ltv.withheld.what_if", days=horizon_days)
    f2 = known.loc["f2"]
    values = {"change": f2["change_share"], "gain": f2["gain_jpy"], "low": f2["gain_jpy_lo"], "high": f2["gain_jpy_hi"],
              "gap": f2["each_jpy"], "n_new": int(f2["n_base"]), "days": horizon_days}
    return Statement("ltv.what_if", "ltv.headline.what_if", values, (), int(f2["n"]), period,
                     yen=(values["gain"], values["low"], values["high"]))


def to_reach(yearly, gap, own, currency, period):
    """What the yearly LTV needs to reach its 基準値: an F2 rate, or larger purchases; everything else as it is.

    `yearly`: ltv.ltv at 365 days; `gap`: ltv.second_purchase_gap of the same, in sales.
    """
    mark = None
    if len(yearly) and len(gap) and min(gap["n_with"].iloc[0], gap["n_without"].iloc[0]) >= MIN_N_VERDICT:
        n, now = int(yearly["n"].iloc[0]), float(yearly["sales_ltv_jpy"].iloc[0])
        mark = judge(Kpi("ltv.yearly_ltv", now, "jpy", n, period), own, currency).benchmark
    if mark is None:
        return withheld("ltv.to_reach", "ltv.withheld.to_reach")
    need = whatif.f2_for(mark["value"], gap)
    values = {"target": mark["value"], "now": now, "f2": float(gap["f2_rate"].iloc[0]), "need": need,
              "times": mark["value"] / now if now > 0 else None}
    key = "done" if now >= mark["value"] else "f2" if need is not None and need <= 1 else "beyond"
    return Statement("ltv.to_reach", f"ltv.headline.to_reach_{key}", values, (), n, period)


def repeat_to_reach(year, own, period):
    """How many more of the year's buyers must buy twice for the yearly repeat rate's 基準値. `year`: repeat.yearly."""
    n = int(year["n"].iloc[0]) if len(year) else 0
    if n < MIN_N_VERDICT:
        return withheld("ltv.repeat_to_reach", "ltv.withheld.to_reach")
    now = float(year["yearly_repeat_rate"].iloc[0])
    target = judge(Kpi("repeat.yearly_repeat_rate", now, "ratio", n, period), own).benchmark["value"]
    more = max(0, math.ceil(target * n - 1e-9) - int(year["n_twice"].iloc[0]))
    values = {"target": target, "now": now, "more": more, "n": n}
    return Statement("ltv.repeat_to_reach", f"ltv.headline.repeat_to_reach{'' if more else '_done'}", values, (), n, period)
