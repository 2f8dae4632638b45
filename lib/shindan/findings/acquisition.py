"""What the acquisition pages say: CPA, what it brings back, where it is going, what is unmatched."""

from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld

NAMED = 3  # channels a sentence names, the worst first


def cpa(months, channels, totals, window):
    """One new customer's ad cost: blended, paid (known), and the dearest and cheapest channel."""
    if window is None:
        return _no_window("acquisition.cpa", months)
    period, n = str(window), totals["n_new"]
    if n == 0:
        return withheld("acquisition.cpa", "acquisition.withheld.no_customers", months=window.months)
    kpis = (
        _kpi("blended_cpa", totals["blended_cpa_jpy"], "jpy", n, period),
        _kpi("paid_cpa", totals["paid_cpa_jpy"], "jpy", totals["n_paid"], period),
        Kpi("acquisition.new_customers", n, "count", n, period),
        _kpi("unknown_share", totals["unknown_share"], "ratio", n, period),
    )
    judged = channels[(channels["status"] == "paid") & (channels["n"] >= MIN_N_VERDICT)]
    ranked = judged.sort_values("cpa_jpy").to_dict("records")
    values = {"blended": totals["blended_cpa_jpy"], "paid": totals["paid_cpa_jpy"],
              "unknown": totals["unknown_share"], "months": window.months}
    key = "acquisition.headline.cpa"
    if len(ranked) >= 2:
        best, worst = ranked[0], ranked[-1]
        key = "acquisition.headline.cpa_range"
        values |= {"best": best["acq_channel"], "best_cpa": best["cpa_jpy"],
                   "worst": worst["acq_channel"], "worst_cpa": worst["cpa_jpy"]}
    return Statement("acquisition.cpa", key, values, kpis, n, period)


def returns(months, economics, totals, window, horizon_days):
    """Which channels earn their cost back within H days; the yen those that do not lose a year.

    A channel falls short, or earns back, where the whole interval of its LTV says so.
    """
    if window is None:
        return _no_window("acquisition.returns", months)
    period, n = str(window), totals["n_new"]
    values = {"roas": totals["roas_rate"], "mer": totals["mer_rate"], "days": horizon_days}
    kpis = (_kpi("roas", totals["roas_rate"], "ratio", n, period),
            _kpi("mer", totals["mer_rate"], "ratio", n, period))

    def say(key, yen=None, **more):
        return Statement("acquisition.returns", f"acquisition.headline.{key}", values | more, kpis,
                         n, period, yen=yen)

    if economics["contribution_ltv_jpy"].isna().all():
        return say("returns_sales")
    known = economics[(economics["n"] >= MIN_N_VERDICT) & (economics["n_matured"] >= MIN_N_VERDICT)
                      & economics["ltv_cpa_rate"].notna()]
    if known.empty:
        return say("returns_few")
    short = known[known["contribution_ltv_jpy_hi"] < known["cpa_jpy"]].sort_values("ltv_cpa_rate")
    back = int((known["contribution_ltv_jpy_lo"] >= known["cpa_jpy"]).sum())
    if short.empty:
        return say("returns_all" if back == len(known) else "returns_some", count=len(known), back=back)
    yen = tuple(_shortfall(short, end) * 12 / window.months for end in ("", "_hi", "_lo"))
    key = "returns_short" if len(short) <= NAMED else "returns_short_many"
    return say(key, yen, channels=list(short["acq_channel"])[:NAMED], count=len(known),
               short=len(short), loss=yen[0])


def _shortfall(short, end):
    """Σ (CPA − LTV) × new customers, with the LTV at one end of its interval; never below 0."""
    a_head = (short["cpa_jpy"] - short[f"contribution_ltv_jpy{end}"]).clip(lower=0)
    return float((a_head * short["n"]).sum())


def trend(months, by_month, window):
    """The last three months' blended CPA against the same months a year before."""
    if window is None:
        return _no_window("acquisition.trend", months)
    now, before = by_month.iloc[-3:], by_month.iloc[-15:-12]
    values = {"now": _blended(now), "before": _blended(before), "months": len(now)}
    n, period = int(now["n"].sum()), str(window)
    if n < MIN_N_VERDICT or len(before) < 3 or before["n"].sum() < MIN_N_VERDICT:
        return Statement("acquisition.trend", "acquisition.headline.trend_now", values, (), n, period)
    values["ratio"] = values["now"] / values["before"] if values["before"] else None
    return Statement("acquisition.trend", "acquisition.headline.trend", values, (), n, period)


def _blended(rows):
    n = rows["n"].sum()
    return float(rows["cost_jpy"].sum() / n) if n else None


def ledger(months, channels, window):
    """Cost and customers side by side over the whole period: what has only one of the two.

    Where nothing has, there is nothing to act on, and no page.
    """
    if window is None:
        return _no_window("acquisition.ledger", months)
    spend, orphans = (channels[channels["status"] == s] for s in ("spend_only", "customers_only"))
    values = {
        "cost": int(channels["cost_jpy"].sum()), "customers": int(channels["n"].sum()),
        "spend_only": list(spend["acq_channel"]), "spend_only_cost": int(spend["cost_jpy"].sum()),
        "customers_only": list(orphans["acq_channel"]), "customers_only_n": int(orphans["n"].sum()),
    }
    if spend.empty and orphans.empty:
        return withheld("acquisition.ledger", "acquisition.withheld.ledger_matches", **values)
    kind = "_".join(["ledger"] + ["spend"] * (not spend.empty) + ["orphans"] * (not orphans.empty))
    return Statement("acquisition.ledger", f"acquisition.headline.{kind}", values, (),
                     values["customers"], str(window))


def _kpi(name, value, unit, n, period):
    return Kpi(f"acquisition.{name}", value if n >= MIN_N_SHOWN else None, unit, n, period)


def _no_window(page, months):
    why = "no_month" if months["cost_jpy"].sum() > 0 else "no_cost"
    return withheld(page, f"acquisition.withheld.{why}")
