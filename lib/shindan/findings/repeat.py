"""What the repeat chapter says: one statement a page, from the small frames of analyses.repeat."""

import datetime

import pandas as pd

from shindan.analyses import intervals
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, judge, withheld

CARDS = (30, 90, 180, 365)  # the windows with a card; all of them are in the table
CERTAIN = 0.05
RECENT_MONTHS = 6


def f2(rates, period, own=None):
    """F2 rate against its benchmark (`own`: the client's), the naive figure beside it."""
    n = int(rates["n"].max()) if len(rates) else 0
    known = rates.dropna(subset="f2_rate")
    if n < MIN_N_SHOWN or known.empty:
        return withheld("repeat.f2", "repeat.withheld.f2", n=n)
    kpis = tuple(_f2_kpi(row, period) for row in rates.to_dict("records")
                 if row["window_days"] in CARDS)
    last = known.iloc[-1]
    values = {"n": n, "days": int(last["window_days"]), "rate": last["f2_rate"],
              "rate_lo": last["f2_rate_lo"], "rate_hi": last["f2_rate_hi"],
              "naive": last["naive_rate"], "young": n - int(last["n_followed"])}
    key = "f2_small" if n < MIN_N_VERDICT else "f2_short"
    if last["window_days"] == 365 and n >= MIN_N_VERDICT:
        judged = judge(kpis[-1], own)
        values |= {"benchmark": judged.benchmark["value"], "verdict": judged.verdict}
        key = "f2_above" if judged.verdict in "◎○" else "f2_below"
    naive = Kpi("repeat.naive_rate_365", float(rates["naive_rate"].iloc[-1]), "ratio", n, period)
    return Statement("repeat.f2", f"repeat.headline.{key}", values, (*kpis, naive), n, period)


def _f2_kpi(row, period, name=None):
    name = name or f"f2_rate_{row['window_days']}"
    return Kpi(f"repeat.{name}", _known(row["f2_rate"]), "ratio", int(row["n"]), period,
               _ends(row["f2_rate_lo"], row["f2_rate_hi"]))


def _known(value):
    return None if value != value else value


def _ends(low, high):
    return None if low != low or high != high else (low, high)


def yearly(frame, as_of, data_start, own=None):
    """Yearly repeat rate (リピート率) against its benchmark, the repeater rate (リピーター率) beside it."""
    first = as_of - datetime.timedelta(days=364)
    row, n = frame.iloc[0], int(frame["n"].iloc[0])
    if data_start > first:
        return withheld("repeat.yearly", "repeat.withheld.yearly_short", start=data_start, end=as_of)
    if n < MIN_N_SHOWN:
        return withheld("repeat.yearly", "repeat.withheld.few", n=n)
    period = f"{first}/{as_of}"
    kpis = tuple(Kpi(f"repeat.{name}", row[name], "ratio", n, period,
                     (row[f"{name}_lo"], row[f"{name}_hi"]))
                 for name in ("yearly_repeat_rate", "repeater_rate"))
    judged = judge(kpis[0], own)
    values = {"n": n, "rate": row["yearly_repeat_rate"], "repeaters": row["repeater_rate"],
              "benchmark": judged.benchmark["value"], "verdict": judged.verdict}
    key = {"◎": "above", "○": "above", "△": "below", "×": "below", None: "small"}[judged.verdict]
    return Statement("repeat.yearly", f"repeat.headline.yearly_{key}", values, kpis, n, period)


def second_days(reached, median_days, period):
    """Days to the second purchase among repeaters, said to be conditional, beside the true median."""
    n = int(reached["n"].max())
    if n < MIN_N_SHOWN:
        return withheld("repeat.second_days", "repeat.withheld.no_repeaters", n=n)
    half, most = (int(day) for day in reached["reached_days"])
    values = {"half": half, "most": most, "median": median_days, "n": n}
    kpis = (Kpi("repeat.days_to_second_half", half, "days", n, period),
            Kpi("repeat.days_to_second_most", most, "days", n, period))
    key = "second_days" if median_days is None else "second_days_median"
    key = "second_days_small" if n < MIN_N_VERDICT else key
    return Statement("repeat.second_days", f"repeat.headline.{key}", values, kpis, n, period)


def funnel(frame, period):
    """Where the way from the first to the fifth purchase is narrowest."""
    known = frame[frame["next_rate"].notna() & (frame["n"] >= MIN_N_VERDICT)]
    if len(known) < 2:
        return withheld("repeat.funnel", "repeat.withheld.funnel", n=int(frame["n"].max()))
    kpis = tuple(
        Kpi(f"repeat.f{row['purchase_no'] + 1}_rate_365", _known(row["next_rate"]), "ratio",
            int(row["n"]), period, _ends(row["next_rate_lo"], row["next_rate_hi"]))
        for row in frame.to_dict("records") if row["purchase_no"] > 1)
    narrow = known.loc[known["next_rate"].idxmin()]
    step, last = int(narrow["purchase_no"]), known.iloc[-1]
    values = {"step": step, "following": step + 1, "rate": narrow["next_rate"],
              "last": int(last["purchase_no"]), "last_following": int(last["purchase_no"]) + 1,
              "last_rate": last["next_rate"]}
    key = "funnel_last" if step == values["last"] else "funnel"
    return Statement("repeat.funnel", f"repeat.headline.{key}", values, kpis,
                     int(frame["n"].max()), period)


def cohorts(frame, whole_from=None, window_days=90):
    """The latest months' F2 rate against the months before them; only fully observed months.

    `whole_from`: months before that day hold, of the new customers, only those whose registration is
    known; a comparison across it would be one of members with everybody, so they are left out.
    """
    seen = frame[(frame["window_days"] == window_days) & frame["observed"]]
    if whole_from is not None:
        seen = seen[pd.to_datetime(seen["cohort_month"]) >= pd.Timestamp(whole_from)]
    recent, earlier = seen.iloc[-RECENT_MONTHS:], seen.iloc[-2 * RECENT_MONTHS:-RECENT_MONTHS]
    n1, n0 = int(recent["n"].sum()), int(earlier["n"].sum())
    if len(earlier) < RECENT_MONTHS or min(n1, n0) < MIN_N_VERDICT:
        return withheld("repeat.cohorts", "repeat.withheld.cohorts", days=window_days,
                        months=2 * RECENT_MONTHS, seen=len(seen))
    k1, k0 = ((part["f2_rate"] * part["n"]).sum().round() for part in (recent, earlier))
    ends = intervals.newcombe(k1, n1, k0, n0)
    change = k1 / n1 - k0 / n0
    values = {"days": window_days, "months": RECENT_MONTHS, "now": k1 / n1, "before": k0 / n0,
              "change": change, "change_lo": ends[0], "change_hi": ends[1],
              "first": recent["cohort_month"].iloc[0], "last": recent["cohort_month"].iloc[-1]}
    period = f"{_day(earlier['cohort_month'].iloc[0])}/{_month_end(values['last'])}"
    kpi = Kpi("repeat.f2_rate_90_change", change, "points", n1 + n0, period, ends)
    key = "cohorts_up" if ends[0] > 0 else "cohorts_down" if ends[1] < 0 else "cohorts_same"
    return Statement("repeat.cohorts", f"repeat.headline.{key}", values, (kpi,), n1 + n0, period)


def _day(value):
    return str(value)[:10]


def _month_end(month):
    following = datetime.date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)


def by_product(frame, p_holm, period):
    """F2 by first product: how far apart, and whether that is more than chance (p_holm: as in profile.moments)."""
    known = frame[frame.iloc[:, 0].notna() & frame["f2_rate"].notna() & (frame["n"] >= MIN_N_VERDICT)]
    if len(known) < 2:
        return withheld("repeat.by_product", "repeat.withheld.by_product", groups=len(known))
    high, low = known.loc[known["f2_rate"].idxmax()], known.loc[known["f2_rate"].idxmin()]
    values = {"best": high.iloc[0], "worst": low.iloc[0], "high": high["f2_rate"],
              "low": low["f2_rate"], "groups": len(known), "p_value": p_holm}
    key = "by_product" if p_holm < CERTAIN else "by_product_same"
    return Statement("repeat.by_product", f"repeat.headline.{key}", values, (), int(known["n"].sum()), period)


def by_price(frame, p_holm, period):
    """F2 of people who came in at a sale against those who paid the list price (p_holm: as in profile.moments)."""
    rows = {row["first_price"]: row for row in frame.to_dict("records")}
    ready = [row for row in rows.values()
             if row["f2_rate"] == row["f2_rate"] and row["n"] >= MIN_N_VERDICT]
    if len(ready) < 2:
        return withheld("repeat.by_price", "repeat.withheld.by_price",
                        n_list=rows.get("list", {}).get("n", 0), n_sale=rows.get("sale", {}).get("n", 0))
    sale, full = rows["sale"], rows["list"]
    ends = [(row["f2_rate_lo"], row["f2_rate_hi"]) for row in (sale, full)]
    gap = sale["f2_rate"] - full["f2_rate"]
    low, high = intervals.difference(sale["f2_rate"], ends[0], full["f2_rate"], ends[1])
    n = int(sale["n"] + full["n"])
    values = {"sale": sale["f2_rate"], "list": full["f2_rate"], "gap": gap, "gap_lo": low, "gap_hi": high}
    kpis = (_f2_kpi(full, period, "f2_rate_365_list"), _f2_kpi(sale, period, "f2_rate_365_sale"),
            Kpi("repeat.f2_sale_gap", gap, "points", n, period, (low, high)))
    key = "by_price" if p_holm < CERTAIN else "by_price_same"
    return Statement("repeat.by_price", f"repeat.headline.{key}", values, kpis, n, period)


def decided(statement, undecided_share):
    """The statement; or, where most new customers began with a subscription of unknown promise, why not."""
    if statement.shown and undecided_share > 0.5:
        return withheld(statement.id, "repeat.withheld.undecided", share=undecided_share)
    return statement


def advice(*statements):
    """What follows from the statements of a page, one note each: from what was found only."""
    certain = [said for said in statements if said.shown and not said.key.endswith("_small")]
    for said in certain:
        name = said.id.removeprefix("repeat.")
        if name in ("funnel", "second_days") or name == "f2" and said.values["young"]:
            yield {"key": f"repeat.advice.{name}", **said.values}
