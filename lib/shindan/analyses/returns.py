"""What new customers bring back against what they cost: LTV ÷ CPA, payback, and since when a CPA is too high.

LTV and CPA are of different people (won long ago, won lately): both vary by chance, and both count
in every verdict.
"""

import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import intervals
from shindan.analyses import ltv as lifetime
from shindan.analyses.acquisition import cost_interval, dispersion, ratio, within

LTV = "contribution_ltv_jpy"
SIGNIFICANT = 1 - intervals.LEVEL
TRAILING = 3  # months: a CPA of one month alone is too unsteady to cross a line
ALL = "all"


def economics(channels, by_channel, curves, target_profit_jpy=0, min_n=(5, 30)):
    """One row per row of `channels`, with what its customers bring (matured, acquired earlier).

    `by_channel`: ltv.ltv(values, ["acq_channel"]); `curves`: ltv.curve(..., by=["acq_channel"]);
    `min_n`: matured customers to show an LTV, customers on both sides to judge it.
    Columns: acq_channel, cost_jpy, n, cpa_jpy with _lo and _hi, roas_rate, n_matured,
    contribution_ltv_jpy with _lo and _hi, limit_cpo_jpy (限界CPO: LTV − target profit), ltv_cpa_rate
    (LTV ÷ CPA) with _lo and _hi, p_holm, verdict (short · back · unsure; few people; cost missing
    for some months; none without a CPA or an LTV), payback (month of life, "never" within H, or
    missing without a CPA).
    """
    worth = by_channel.rename(columns={"n": "n_matured"})
    worth = worth.loc[worth["n_matured"] >= min_n[0], ["acq_channel", "n_matured", LTV, f"{LTV}_lo", f"{LTV}_hi"]]
    e = channels.merge(worth, on="acq_channel", how="left")
    e["limit_cpo_jpy"] = e[LTV] - target_profit_jpy
    e = e.join(against_cost(e))
    e["verdict"] = _verdicts(e, min_n[1])
    e["payback"] = pd.Series([_payback(row, curves) for row in e.to_dict("records")], dtype=object)
    return e[["acq_channel", "cost_jpy", "n", "cpa_jpy", "cpa_jpy_lo", "cpa_jpy_hi", "roas_rate", "n_matured", LTV,
              f"{LTV}_lo", f"{LTV}_hi", "limit_cpo_jpy", "ltv_cpa_rate", "ltv_cpa_rate_lo", "ltv_cpa_rate_hi",
              "p_holm", "verdict", "payback", "n_missing"]]


def against_cost(rows):
    """LTV ÷ CPA of each row with its interval, and p of "both are the same" (ltv_cpa_rate, _lo, _hi, p).

    On the log scale: variance of LTV ÷ LTV² + spread ÷ customers behind the CPA; Student's t with
    LTV's freedom. `rows`: n_matured, contribution_ltv_jpy with _lo and _hi, cpa_jpy, n_counted, spread.
    """
    value, cost = (np.asarray(rows[name], float) for name in (LTV, "cpa_jpy"))
    freedom = np.maximum(np.asarray(rows["n_matured"], float) - 1, 1)
    reach = stats.t.ppf((1 + intervals.LEVEL) / 2, freedom)
    known = (value > 0) & (cost > 0)
    share = np.divide(value, cost, out=np.full(value.shape, np.nan), where=known)
    own = np.divide((np.asarray(rows[f"{LTV}_hi"], float) - value) / reach, value, out=np.full(value.shape, np.nan), where=known)
    error = np.sqrt(own**2 + ratio(rows["spread"], rows["n_counted"]))
    p = 2 * stats.t.sf(np.abs(np.log(share)) / error, freedom)
    out = {"ltv_cpa_rate": ratio(value, cost), "ltv_cpa_rate_lo": share * np.exp(-reach * error),
           "ltv_cpa_rate_hi": share * np.exp(reach * error), "p": p}
    return pd.DataFrame(out, index=rows.index)


def overall(total, by_month, running):
    """One row, or none without a CPA: everybody's LTV against the blended CPA of the months.

    `total`: ltv.ltv (a row or none), `by_month`: acquisition.trend, `running`: ltv.curve. Columns: n_matured,
    contribution_ltv_jpy with _lo and _hi, cpa_jpy, ltv_cpa_rate with _lo and _hi, p, payback (month or missing).
    """
    cost, n = by_month["counted_jpy"].sum(), by_month["n_counted"].sum()
    if not len(total) or not cost > 0 or not n > 0:
        return pd.DataFrame(columns=["cpa_jpy", "ltv_cpa_rate", "payback"])
    row = total.rename(columns={"n": "n_matured"}).assign(
        cpa_jpy=float(cost) / float(n), n_counted=n, spread=dispersion(by_month["counted_jpy"], by_month["n_counted"]))
    row = row.join(against_cost(row))
    month = lifetime.payback(running[LTV], row["cpa_jpy"].iloc[0])
    return row.assign(payback=pd.Series([month], dtype=object))


def _verdicts(e, min_n):
    """short or back where Holm's p over the channels judged says so; else why not."""
    known = e["ltv_cpa_rate"].notna()
    few = (np.minimum(e["n_counted"], e["n_matured"].fillna(0)) < min_n)
    judged = known & ~few & ~(e["n_missing"] > 0)
    e["p_holm"] = intervals.holm(e["p"].where(judged))
    side = np.where(e["ltv_cpa_rate"] < 1, "short", "back")
    sure = np.where(e["p_holm"] < SIGNIFICANT, side, "unsure")
    return pd.Series(np.select([~known, few, ~judged], ["none", "few", "missing"], sure), index=e.index)


def _payback(row, curves):
    if np.isnan(row["cpa_jpy"]) or np.isnan(row[LTV]):
        return None
    running = curves.loc[curves["acq_channel"] == row["acq_channel"], LTV]
    return lifetime.payback(running, row["cpa_jpy"]) or "never"


def shortfall(short):
    """(yen, low, high) lost on the new customers of the rows that fall short: Σ n × (CPA − LTV).

    Interval: both sides' of every channel (MOVER), channels independent; never below 0.
    """
    columns = ("n", "cpa_jpy", "cpa_jpy_lo", "cpa_jpy_hi", LTV, f"{LTV}_lo", f"{LTV}_hi")
    n, cost, cost_lo, cost_hi, worth, worth_lo, worth_hi = short[list(columns)].to_numpy(float).T
    low, high = intervals.difference(cost, (cost_lo, cost_hi), worth, (worth_lo, worth_hi))
    gap = cost - worth
    lost, below, above = (n * gap).sum(), np.hypot.reduce(n * (gap - low)), np.hypot.reduce(n * (high - gap))
    return float(lost), max(0.0, float(lost - below)), float(lost + above)


def limits(economics, total, target_profit_jpy=0, min_n=30):
    """{"all" or channel: (限界CPO, low, high)} of those with `min_n` matured customers.

    `economics`: of the channels that cost money; `total`: ltv.ltv of everybody.
    """
    known = economics[economics["ltv_cpa_rate"].notna() & (economics["n_matured"] >= min_n)]
    whole = total[(total["n"] >= min_n) & total[LTV].notna()].assign(acq_channel=ALL)
    rows = pd.concat([part for part in (whole, known) if len(part)] or [known])
    ends = rows[[LTV, f"{LTV}_lo", f"{LTV}_hi"]].to_numpy(float) - target_profit_jpy
    return dict(zip(rows["acq_channel"], map(tuple, ends.tolist()), strict=True))


def crossed(months, window, limits):
    """One row per entry of `limits`: since when its CPA is above its 限界CPO.

    The CPA is that of the last `TRAILING` months, month by month; surely above or below counts the chance
    in both. Columns: acq_channel, limit_cpo_jpy, cpa_jpy (latest) with _lo and _hi, n, side (above ·
    below · unsure), crossed_month (first month of the unbroken run above up to the latest, where the
    CPA over the whole run is surely above; missing: not above), always (the run is as long as the record).
    """
    m = within(months, window)
    m = m[m["counted"]]
    rows = [_crossed(m if channel == ALL else m[m["acq_channel"] == channel], channel, limit)
            for channel, limit in limits.items()]
    return pd.DataFrame([row for row in rows if row], columns=[
        "acq_channel", "limit_cpo_jpy", "cpa_jpy", "cpa_jpy_lo", "cpa_jpy_hi", "n", "side", "crossed_month", "always"])


def _crossed(rows, channel, limit):
    t = rows.groupby("calendar_month")[["cost_jpy", "n_new"]].sum()
    recent = t.rolling(TRAILING).sum().dropna()
    if recent.empty or not (recent.iloc[-1] > 0).all():
        return None
    spread = dispersion(t["cost_jpy"], t["n_new"])
    above = recent["cost_jpy"] > limit[0] * recent["n_new"]
    (value, low, high), side = _against(recent.iloc[-1], limit, spread)
    row = {"acq_channel": channel, "limit_cpo_jpy": limit[0], "cpa_jpy": value, "cpa_jpy_lo": low, "cpa_jpy_hi": high,
           "n": int(recent["n_new"].iloc[-1]), "side": side, "crossed_month": None, "always": False}
    run = int(above[::-1].astype(int).cummin().sum())
    if run and _against(t.iloc[-run - TRAILING + 1:].sum(), limit, spread)[1] == "above":
        row |= {"crossed_month": recent.index[-run], "always": run == len(recent)}
    return row


def _against(sums, limit, spread):
    """((CPA, low, high), above · below · unsure) of cost and customers against a limit with its ends."""
    value, low, high = (float(x) for x in cost_interval(sums["cost_jpy"], sums["n_new"], spread))
    least, most = intervals.difference(value, (low, high), limit[0], limit[1:])
    return (value, low, high), "above" if least > 0 else "below" if most < 0 else "unsure"


def by_days(buyers, purchases, as_of, days=(90, 180)):
    """One row per channel: contribution and sales LTV a customer within each number of days.

    Columns: acq_channel, contribution_ltv_<days>_jpy, sales_ltv_<days>_jpy; each of the customers
    observed that long.
    """
    parts = []
    for length in days:
        seen = lifetime.ltv(lifetime.values(buyers, purchases, as_of, length), ["acq_channel"])
        seen = seen.set_index("acq_channel")[[LTV, "sales_ltv_jpy"]].where(seen.set_index("acq_channel")["n"] >= 5)
        parts.append(seen.set_axis([f"contribution_ltv_{length}_jpy", f"sales_ltv_{length}_jpy"], axis=1))
    return pd.concat(parts, axis=1).reset_index()
