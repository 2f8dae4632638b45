"""What the acquisition pages say: CPA, what it brings back, where it is going, what is unmatched."""

from shindan.analyses import intervals
from shindan.findings.ltv import measure
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld

NAMED = 3  # channels or codes a sentence names, the worst first


def cpa(months, channels, totals, window):
    """One new customer's ad cost: blended, paid (known), and the dearest and cheapest channel."""
    if window is None:
        return _no_window("acquisition.cpa", months)
    period, n = str(window), totals["n_new"]
    if n == 0:
        return withheld("acquisition.cpa", "acquisition.withheld.no_customers", months=window.months)
    kpis = (
        _kpi("blended_cpa", totals["blended_cpa_jpy"], "jpy", totals["n_blended"], period),
        _kpi("paid_cpa", totals["paid_cpa_jpy"], "jpy", totals["n_paid"], period),
        Kpi("acquisition.new_customers", n, "count", n, period),
        _kpi("unknown_share", totals["unknown_share"], "ratio", n, period),
    )
    judged = channels[(channels["status"] == "paid") & (channels["n"] >= MIN_N_VERDICT)]
    ranked = judged.sort_values("cpa_jpy").to_dict("records")
    values = {"blended": totals["blended_cpa_jpy"], "paid": totals["paid_cpa_jpy"],
              "unknown": totals["unknown_share"], "months": window.months}
    key = "acquisition.headline.cpa" if totals["paid_cpa_jpy"] is not None else "acquisition.headline.cpa_blended"
    if len(ranked) >= 2:
        best, worst = ranked[0], ranked[-1]
        key = "acquisition.headline.cpa_range"
        values |= {"best": best["acq_channel"], "best_cpa": best["cpa_jpy"],
                   "worst": worst["acq_channel"], "worst_cpa": worst["cpa_jpy"]}
    return Statement("acquisition.cpa", key, values, kpis, n, period)


def returns(months, economics, totals, window, horizon_days):
    """Which channels earn their cost back within H days; the yen those that do not lose a year.

    `economics`: returns.economics, whose verdicts count the chance in LTV and in CPA, with Holm over
    the channels; `totals`: acquisition.totals with n_purchases, what MER's sales are made of, and
    shortfall, (yen, low, high) of the window from returns.shortfall.
    """
    if window is None:
        return _no_window("acquisition.returns", months)
    period, n = str(window), int(economics["n"].sum())
    if totals["roas_rate"] is None:
        return withheld("acquisition.returns", "acquisition.withheld.no_paid")
    values = {"roas": totals["roas_rate"], "mer": totals["mer_rate"], "days": horizon_days}
    kpis = (_kpi("roas", totals["roas_rate"], "ratio", totals["n_first_orders"], period),
            _kpi("mer", totals["mer_rate"], "ratio", totals["n_purchases"], period))

    def say(key, yen=None, **more):
        return Statement("acquisition.returns", f"acquisition.headline.{key}", values | more, kpis,
                         n, period, yen=yen)

    if economics["contribution_ltv_jpy"].isna().all():
        return say("returns_sales")
    known = economics[economics["verdict"].isin(["short", "back", "unsure"])]
    if known.empty:
        return say("returns_few")
    short, back = known[known["verdict"] == "short"].sort_values("ltv_cpa_rate"), int((known["verdict"] == "back").sum())
    if short.empty:
        key = "all" if back == len(known) else "some" if back else "unsure"
        return say(f"returns_{key}", count=len(known), back=back)
    yen = tuple(end * 12 / window.months for end in totals["shortfall"])
    key = "returns_short" if len(short) <= NAMED else "returns_short_many"
    return say(key, yen, channels=list(short["acq_channel"])[:NAMED], count=len(known),
               short=len(short), loss=yen[0])


def trend(months, by_month, window, crossing):
    """The last three months' blended CPA against 限界CPO, and since when it is above; without a limit,
    against the same months a year before.

    `crossing`: returns.crossed of "all" (a row, or none without a contribution rate).
    """
    if window is None:
        return _no_window("acquisition.trend", months)
    now, before = by_month.iloc[-3:], by_month.iloc[-15:-12]
    values = {"now": _blended(now), "before": _blended(before), "months": len(now)}
    n, period = int(now["n_counted"].sum()), str(window)
    whole = len(before) == 3 and before["n_counted"].sum() >= MIN_N_VERDICT
    if len(crossing) and n >= MIN_N_VERDICT:
        row = crossing.iloc[0].to_dict()
        values |= {"limit": float(row["limit_cpo_jpy"]), "low": row["cpa_jpy_lo"], "high": row["cpa_jpy_hi"],
                   "since": row["crossed_month"]}
        key = _side(row)
    else:
        key = "trend" if n >= MIN_N_VERDICT and whole and values["before"] else "trend_now"
    if whole and values["before"] and values["now"]:
        values["ratio"] = values["now"] / values["before"]
    return Statement("acquisition.trend", f"acquisition.headline.{key}", values, (), n, period)


def _side(row):
    if row["crossed_month"] is None:
        return f"trend_{'unsure' if row['side'] == 'above' else row['side']}"
    return "trend_always" if row["always"] else "trend_crossed"


def _blended(rows):
    n = rows["n_counted"].sum()
    return float(rows["counted_jpy"].sum() / n) if n else None


def advice(crossing, economics):
    """(key, values) of what to do about the channels that fall short: the latest to cross its 限界CPO first."""
    if economics["contribution_ltv_jpy"].isna().all():
        return "acquisition.note.no_limit", {}
    short = economics.loc[economics["verdict"] == "short", "acq_channel"]
    if short.empty:
        return "acquisition.note.room", {}
    over = crossing[crossing["acq_channel"].isin(short) & crossing["crossed_month"].notna()]
    lately = over[~over["always"].astype(bool)].sort_values(["crossed_month", "acq_channel"])
    if lately.empty:
        return "acquisition.note.above", {"channels": list(short)[:NAMED]}
    row = lately.iloc[-1]
    return "acquisition.note.crossed", {"channel": row["acq_channel"], "since": row["crossed_month"],
                                        "cpa": row["cpa_jpy"], "limit": row["limit_cpo_jpy"]}


def doors(rows, period, horizon_days):
    """The best and the worst door (ad code, landing page …) by LTV, where they surely differ.

    `rows`: entrances.best_known.
    """
    column = f"{measure(rows)}_ltv_jpy" if len(rows) else ""
    known = rows[(rows["n_matured"] >= MIN_N_VERDICT) & rows[column].gt(0)] if len(rows) else rows
    if len(known) < 2:
        return withheld("acquisition.doors", "acquisition.withheld.doors", days=horizon_days)
    ranked, kind = known.sort_values([column, "door"]), known["kind"].iloc[0]
    worst, best = ranked.iloc[0], ranked.iloc[-1]
    apart = intervals.alike_p(known[column], (known[f"{column}_hi"] - known[f"{column}_lo"]) / (2 * intervals.Z)) < 1 - intervals.LEVEL
    values = {"best": best["door"], "best_ltv": best[column], "worst": worst["door"], "worst_ltv": worst[column],
              "days": horizon_days, "count": len(known)}
    key = f"acquisition.headline.{kind}_{'apart' if apart else 'alike'}"
    return Statement("acquisition.doors", key, values, (), int(known["n_matured"].sum()), period)


def unmatched(months, channels, dictionary, window):
    """What is recorded on one side only, one statement each: spend without customers and customers
    without spend, months without a cost on record, ad codes nobody knows. Where all matches, one
    withheld statement says so.

    `channels`: acquisition.channels over the whole period; `dictionary`: entrances.dictionary.
    """
    if window is None:
        return (_no_window("acquisition.ledger", months),)
    found = [_ledger(channels, window), _missing(channels, window), _codes(dictionary, window)]
    return tuple(filter(None, found)) or (withheld(
        "acquisition.ledger", "acquisition.withheld.ledger_matches",
        cost=int(channels["cost_jpy"].sum()), customers=int(channels["n"].sum())),)


def _ledger(channels, window):
    spend, orphans = (channels[channels["status"] == s] for s in ("spend_only", "customers_only"))
    if spend.empty and orphans.empty:
        return None
    n = int(channels["n"].sum())
    if n and channels.loc[channels["status"] == "unknown", "n"].sum() == n:
        return withheld("acquisition.ledger", "acquisition.withheld.no_channel", customers=n)
    values = {"spend_only": list(spend["acq_channel"]), "spend_only_cost": int(spend["cost_jpy"].sum()),
              "customers_only": list(orphans["acq_channel"]), "customers_only_n": int(orphans["n"].sum())}
    kind = "_".join(["ledger"] + ["spend"] * (not spend.empty) + ["orphans"] * (not orphans.empty))
    return Statement("acquisition.ledger", f"acquisition.headline.{kind}", values, (),
                     int(channels["n"].sum()), str(window))


def _missing(channels, window):
    rows = channels[(channels["missing_months"] > 0) & (channels["n_missing"] > 0)]
    if rows.empty:
        return None
    values = {"channels": list(rows["acq_channel"])[:NAMED], "n": int(rows["n_missing"].sum()),
              "months": int(rows["missing_months"].sum())}
    return Statement("acquisition.missing_cost", "acquisition.headline.missing_cost", values, (), values["n"], str(window))


def _codes(dictionary, window):
    unlisted = dictionary[dictionary["listing"] == "unlisted"]
    if unlisted.empty:
        return None
    values = {"codes": "・".join(unlisted["ad_code"].head(NAMED)), "count": len(unlisted), "n": int(unlisted["n"].sum()),
              "orders": int(unlisted["n_orders"].sum())}
    key = "codes" if len(unlisted) <= NAMED else "codes_many"
    return Statement("acquisition.codes", f"acquisition.headline.{key}", values, (), values["orders"], str(window))


def _kpi(name, value, unit, n, period):
    return Kpi(f"acquisition.{name}", value if n >= MIN_N_SHOWN else None, unit, n, period)


def _no_window(page, months):
    why = "no_month" if months["cost_jpy"].sum() > 0 else "no_cost"
    return withheld(page, f"acquisition.withheld.{why}")
