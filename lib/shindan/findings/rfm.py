"""What the RFM chapter says: one statement a page, from the small frames of analyses.rfm."""

import datetime

from shindan.analyses import intervals
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld


def ranks(table, buyers, as_of, window_days=365):
    """Who the customers are: the premium rank's share of people and of sales, the dormant share.

    `buyers`: people who bought in the window; the sales are theirs. What fewer than five premium
    customers spent is not said.
    """
    n = int(table["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("rfm.ranks", "rfm.withheld.few", n=n)
    rows = table.set_index("rank")
    best, asleep = rows.loc["premium"], rows.loc["dormant"]
    period = _window(as_of, window_days)
    values = {"n": n, "premium_n": int(best["n"]), "people": best["people_share"],
              "sales": _known(best["sales_share"]) if best["n"] >= MIN_N_SHOWN or best["n"] == 0 else None,
              "dormant": asleep["people_share"],
              "dormant_n": int(asleep["n"]), "window_days": window_days}
    kpis = [Kpi("rfm.premium_people_share", values["people"], "ratio", n, str(as_of)),
            Kpi("rfm.premium_sales_share", values["sales"], "ratio", int(buyers), period),
            Kpi("rfm.dormant_share", values["dormant"], "ratio", n, str(as_of))]
    key = "ranks_no_premium" if best["n"] == 0 else "ranks" if values["sales"] is not None else "ranks_few_premium"
    key = "ranks_small" if n < MIN_N_VERDICT else key
    return Statement("rfm.ranks", f"rfm.headline.{key}", values, tuple(kpis), n, period)


def near_premium(table, near):
    """Whom to address first: those one purchase short of premium (`near` people, None if its rule asks for sales)."""
    semi = int(table.set_index("rank")["n"]["semi_premium"])
    key = "near" if near else "semi" if semi else "beginners"
    return {"key": f"rfm.advice.{key}", "near": near, "semi": semi}


def _known(value):
    return None if value != value else value


def _window(as_of, window_days):
    return f"{as_of - datetime.timedelta(days=window_days - 1)}/{as_of}"


def grid(frame, as_of, window_days=365):
    """How many bought lately (the two best scores of R) and what they bring; where most people are."""
    n, sales = int(frame["n"].sum()), frame["sales_jpy"].sum()
    if n < MIN_N_VERDICT or sales <= 0:
        return withheld("rfm.grid", "rfm.withheld.grid", n=n)
    crowd, money = frame.loc[frame["n"].idxmax()], frame.loc[frame["sales_jpy"].idxmax()]
    values = {"crowd_r": int(crowd["r_score"]), "crowd_f": int(crowd["f_score"]),
              "crowd_share": crowd["n"] / n,
              "money_r": int(money["r_score"]), "money_f": int(money["f_score"]),
              "money_share": money["sales_jpy"] / sales, "n": n, "window_days": window_days}
    recent, days = frame[frame["r_score"] >= 4], frame.loc[frame["r_score"] == 4, "recency_max_days"].max()
    values |= {"recent_people": recent["n"].sum() / n, "recent_sales": recent["sales_jpy"].sum() / sales,
               "days": _known(days)}
    key = "grid_places" if values["days"] is None else "grid"
    return Statement("rfm.grid", f"rfm.headline.{key}", values, (), n, _window(as_of, window_days))


def to_address(frame, mode="fixed"):
    """Whom on the map to speak to, one note each: lately and seldom, often but not lately.

    Only where scores mean days and numbers of purchases: fifths of the customers are no reason to write.
    """
    seldom, often = frame["f_score"] == 1, frame["f_score"] >= 3
    groups = {"new": (frame["r_score"] >= 4) & seldom, "fading": frame["r_score"].between(2, 3) & often}
    for name, where in groups.items():
        people = int(frame["n"][where].sum())
        if people and mode == "fixed":
            yield {"key": f"rfm.advice.{name}", "people": people}


def transition(frame, as_of, before, data_start):
    """What became of last year's premium customers; withheld where last year cannot be ranked.

    `frame`: rfm.transitions.
    """
    frame = frame[frame["since"] == before]
    if frame.empty:
        return withheld("rfm.transition", "rfm.withheld.transition_short", start=data_start, before=before)
    best = frame[frame["rank_before"] == "premium"].set_index("rank_now")["n"]
    n = int(best.sum())
    if n < MIN_N_SHOWN:
        return withheld("rfm.transition", "rfm.withheld.transition_few", n=n, before=before)
    kept, lost = int(best["premium"]), int(best["dormant"])
    period = f"{before}/{as_of}"
    values = {"n": n, "kept": kept / n, "lost": lost / n, "kept_n": kept, "lost_n": lost,
              "before": before}
    kpis = (_rate("premium_retention_rate", kept, n, period), _rate("premium_dormant_rate", lost, n, period))
    key = "transition" if n >= MIN_N_VERDICT else "transition_small"
    return Statement("rfm.transition", f"rfm.headline.{key}", values, kpis, n, period)


def since_last(frame, as_of, last, data_start):
    """Who rose to premium and who fell from it since the report before; `last` is its day, None without one.

    Its ranks are made again from today's data by today's rules, so that both days compare.
    `frame`: rfm.transitions.
    """
    if last is None:
        return withheld("rfm.since_last", "rfm.withheld.no_last")
    frame = frame[frame["since"] == last]
    if frame.empty:
        return withheld("rfm.since_last", "rfm.withheld.last_short", start=data_start, last=last)
    was = frame["rank_before"] == "premium"
    now = frame["rank_now"] == "premium"
    values = {name: int(frame["n"][where].sum()) for name, where in {
        "n": was, "now": now, "kept": was & now, "fell": was & ~now, "rose": ~was & now}.items()}
    return Statement("rfm.since_last", "rfm.headline.since_last", {**values, "last": last}, (),
                     int(frame["n"].sum()), f"{last}/{as_of}")


def _rate(name, part, n, period):
    low, high = intervals.wilson(part, n)
    return Kpi(f"rfm.{name}", part / n, "ratio", n, period, (float(low), float(high)))


def deciles(frame, as_of, window_days=365):
    """How much of the sales hangs on the best tenth of the buyers."""
    n = int(frame["n"].sum())
    if n < MIN_N_VERDICT or frame["sales_jpy"].sum() <= 0:
        return withheld("rfm.deciles", "rfm.withheld.deciles", n=n)
    period = _window(as_of, window_days)
    values = {"top": frame["cumulative_share"].iloc[0], "third": frame["cumulative_share"].iloc[2],
              "top_n": int(frame["n"].iloc[0]), "n": n, "window_days": window_days}
    kpis = (Kpi("rfm.top_decile_sales_share", values["top"], "ratio", n, period),
            Kpi("rfm.top_30_sales_share", values["third"], "ratio", n, period))
    return Statement("rfm.deciles", "rfm.headline.deciles", values, kpis, n, period)


def rules(cuts, as_of):
    """How ranks and scores are decided, in one sentence; the tables beside it carry the cut points."""
    values = {"window_days": cuts.window_days, "dormant_days": cuts.dormant_days}
    return Statement("rfm.rules", f"rfm.headline.rules_{cuts.mode}", values, (), None,
                     _window(as_of, cuts.window_days))
