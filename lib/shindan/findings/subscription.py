"""What the page on subscriptions (定期) and trials (お試し) says."""

from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld

SIXTH = 6  # the delivery named where no promise is known


def stays(free, retention, period):
    """Who stays once free to leave (subscription.free_to_leave), of all contracts (subscription.retention)."""
    n_all = int(retention.drop_duplicates("promised_count")["n"].sum()) if len(retention) else 0
    if n_all < MIN_N_SHOWN:
        return withheld("repeat.subscription", "subscription.withheld.contracts", n=n_all)
    row = free.iloc[0]
    n, kept = int(row["n"]), int(row["n_kept"])
    if n < MIN_N_SHOWN or kept < MIN_N_SHOWN:
        return _plain(retention, n_all, period)
    kpis = tuple(Kpi(f"repeat.subscription_{name}_rate", row[f"{name}_rate"], "ratio", k, period,
                     (row[f"{name}_rate_lo"], row[f"{name}_rate_hi"])) for name, k in (("free", n), ("stay", kept)))
    values = {"free": row["free_rate"], "stay": row["stay_rate"], "n": n, "n_kept": kept, "contracts": n_all}
    key = "stays_small" if min(n, kept) < MIN_N_VERDICT else "stays"
    return Statement("repeat.subscription", f"subscription.headline.{key}", values, kpis, n, period)


def _plain(retention, n_all, period):
    """Retention of the largest group of contracts where nobody knows from when on they were free to leave."""
    of_largest = retention[retention["n"] == retention["n"].max()].dropna(subset="stay_rate")
    reached = of_largest[of_largest["delivery_no"] <= SIXTH]
    if reached.empty or reached["delivery_no"].iloc[-1] < 2:
        return withheld("repeat.subscription", "subscription.withheld.young", n=n_all)
    last = reached.iloc[-1]
    values = {"delivery": int(last["delivery_no"]), "rate": last["stay_rate"], "n": int(last["n"]), "contracts": n_all}
    key = "plain_small" if last["n"] < MIN_N_VERDICT else "plain"
    return Statement("repeat.subscription", f"subscription.headline.{key}", values, (), int(last["n"]), period)


def goes_on(rates, period):
    """From the trial to the real product, and to a subscription (trial.rates)."""
    main = _by_window(rates, "main")
    n = int(rates["n"].max()) if len(rates) else 0
    known = [days for days in (90, 365) if days in main]
    if n < MIN_N_SHOWN or not known:
        return withheld("repeat.trial", "subscription.withheld.trial", n=n)
    then = _by_window(rates, "subscription")
    kpis = [_kpi(f"trial_main_rate_{days}", main[days], period) for days in known]
    kpis += [_kpi("trial_subscription_rate_365", then[365], period)] if 365 in then else []
    last = known[-1]
    values = {"days": last, "rate": main[last]["step_rate"], "n": n, "subscribed": then[365]["step_rate"] if 365 in then else None}
    small = n < MIN_N_VERDICT
    key = "trial_small" if small else "trial_both" if 365 in then and last == 365 else "trial"
    return Statement("repeat.trial", f"subscription.headline.{key}", values, tuple(kpis), n, period)


def _by_window(rates, step):
    known = rates[(rates["step"] == step) & rates["step_rate"].notna()]
    return {row["window_days"]: row for row in known.to_dict("records")}


def _kpi(name, row, period):
    return Kpi(f"repeat.{name}", row["step_rate"], "ratio", int(row["n"]), period, (row["step_rate_lo"], row["step_rate_hi"]))


def advice(stays, goes_on, rates):
    """What follows: where contracts are lost most, and until when people move on from the trial."""
    if stays.shown and stays.key.endswith(".stays"):
        v = stays.values
        early, late = 1 - v["n_kept"] / v["n"], 1 - v["stay"]
        yield {"key": f"subscription.advice.{'free' if late > early else 'first'}", "lost": max(early, late)}
    main = _by_window(rates, "main")
    if goes_on.shown and goes_on.key.startswith("subscription.headline.trial") and {90, 365} <= set(main) and (
            main[365]["step_rate"] > 0 and not goes_on.key.endswith("_small")):
        yield {"key": "subscription.advice.trial", "share": main[90]["step_rate"] / main[365]["step_rate"]}


def where(in_orders):
    """Whether the deliveries are in the orders: what the reader must know of sales and F2."""
    return {"key": f"subscription.note.{'inside' if in_orders else 'outside'}"}
