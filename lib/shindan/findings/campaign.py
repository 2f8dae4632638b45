"""What the campaign chapter says. A comparison is stated for random control groups only."""

from shindan.analyses.holdout import MIN_BUYERS
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld


def overview(view):
    """How many campaigns, how many messages, and how many of them can be judged."""
    if view.empty:
        return withheld("campaign.overview", "campaign.withheld.none")
    n, period = int(view["n"].sum()), _period(view)
    random = (view["assignment"] == "random") & (view["n_control"] > 0)
    values = {"n_campaigns": len(view), "n_randomised": int(random.sum()), "n_sent": n,
              "cost": _sum(view["cost_jpy"]), "credited": _sum(view["credited_jpy"])}
    units = {"n_campaigns": "count", "n_randomised": "count", "n_sent": "count", "cost": "jpy",
             "credited": "jpy"}
    names = {"cost": "cost", "credited": "credited_sales"}
    kpis = tuple(Kpi(f"campaign.{names.get(name, name)}", values[name], unit, n, period)
                 for name, unit in units.items() if values[name] is not None)
    key = "overview" if values["n_randomised"] else "overview_no_random"
    return Statement("campaign.overview", f"campaign.headline.{key}", values, kpis, n, period)


def differences(total, view):
    """Sent against the random control at equal rank shares: the campaign with the largest difference."""
    id = "campaign.differences"
    if total.empty:
        return withheld(id, "campaign.withheld.no_random")
    kept = total[~total["is_refused"].astype(bool)]
    if kept.empty:
        return withheld(id, "campaign.withheld.refused", n_refused=len(total))
    judged = kept[kept[["n", "n_control"]].min(axis=1) >= MIN_N_VERDICT].dropna(subset=["diff_pt"])
    if judged.empty:
        return withheld(id, "campaign.withheld.small", n=int(kept[["n", "n_control"]].min(axis=1).max()))
    best = judged.loc[judged["diff_pt"].idxmax()]
    n, period = int(best["n"] + best["n_control"]), _period(judged)
    low, high = float(best["diff_pt_lo"]), float(best["diff_pt_hi"])
    values = {"name": best["name"], "diff": float(best["diff_pt"]), "lo": low, "hi": high, "n": n,
              "n_judged": len(judged), "n_found": int((judged["diff_pt_lo"] > 0).sum()),
              "n_refused": len(total) - len(kept), "detectable": float(best["detectable_pt"])}
    kpis = (Kpi("campaign.best_difference", values["diff"], "points", n, period, (low, high)),
            Kpi("campaign.n_found", values["n_found"], "count", n, period),
            Kpi("campaign.detectable_difference", values["detectable"], "points", n, period))
    key = "random_found" if low > 0 else "random_fewer" if high < 0 else "random_unclear"
    return Statement(id, f"campaign.headline.{key}", values, kpis, n, period, yen=_yen(best, view))


def _yen(best, view):
    """What one more sending to everybody assigned would leave after its cost: (middle, low, high)."""
    row = view[view["campaign_id"] == best["campaign_id"]].iloc[0]
    people = best["n"] + best["n_control"]
    cost = row["cost_jpy"] / row["n"] if row["n"] and row["cost_jpy"] == row["cost_jpy"] else 0
    gains = [people * (best[end] * best["margin_jpy"] - cost)
             for end in ("diff_pt", "diff_pt_lo", "diff_pt_hi")]
    return tuple(float(g) for g in gains) if gains[0] == gains[0] else None


def by_rank(frame):
    """The largest difference within a rank that stays after Holm's correction."""
    id = "campaign.by_rank"
    if frame.empty:
        return withheld(id, "campaign.withheld.no_random")
    judged = frame[frame[["n", "n_control"]].min(axis=1) >= MIN_N_VERDICT]
    n, period = int(frame["n"].sum() + frame["n_control"].sum()), _period(frame)
    if judged.empty:
        return withheld(id, "campaign.withheld.small",
                        n=int(frame[["n", "n_control"]].min(axis=1).max()))
    found = judged[judged["is_found"].astype(bool)]
    values = {"n_found": len(found), "n_judged": len(judged)}
    kpis = (Kpi("campaign.n_rank_differences", len(found), "count", n, period),)
    if found.empty:
        return Statement(id, "campaign.headline.random_no_rank", values, kpis, n, period)
    best = found.loc[found["diff_pt"].abs().idxmax()]
    values |= {"name": best["name"], "rank": best["rank"], "diff": float(best["diff_pt"]),
               "lo": float(best["diff_pt_lo"]), "hi": float(best["diff_pt_hi"])}
    return Statement(id, "campaign.headline.random_rank", values, kpis, n, period)


def sales(frame):
    """Yen a person, sent against the random control, with and without the largest order."""
    id = "campaign.sales"
    if frame.empty:
        return withheld(id, "campaign.withheld.sales", min_buyers=MIN_BUYERS)
    best = frame.loc[frame["sales_diff_jpy"].idxmax()]
    n, period = int(best["n"] + best["n_control"]), _period(frame)
    low, high = float(best["sales_diff_jpy_lo"]), float(best["sales_diff_jpy_hi"])
    values = {"name": best["name"], "diff": float(best["sales_diff_jpy"]), "lo": low, "hi": high,
              "without": float(best["no_largest_jpy"]), "n": n}
    kpi = Kpi("campaign.best_sales_difference", values["diff"], "jpy", n, period, (low, high))
    found = "found" if best["no_largest_jpy_lo"] > 0 else "one_order"
    key = f"random_sales_{found if low > 0 else 'unclear'}"
    return Statement(id, f"campaign.headline.{key}", values, (kpi,), n, period)


def rules(frame):
    """Campaigns without a random control: how many of those addressed bought, and nothing more."""
    n = int(frame["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("campaign.rules", "campaign.withheld.no_rules", n=n)
    values = {"rate": frame["n_buyers"].sum() / n, "n": n, "n_campaigns": frame["campaign_id"].nunique()}
    period = _period(frame)
    kpi = Kpi("campaign.rule_bought_rate", values["rate"], "ratio", n, period)
    return Statement("campaign.rules", "campaign.headline.rules", values, (kpi,), n, period)


def _period(frame):
    """First to last send date, "YYYY-MM-DD/YYYY-MM-DD"; None where no date is known."""
    days = frame["first_date"].dropna()
    return f"{str(days.min())[:10]}/{str(days.max())[:10]}" if len(days) else None


def _sum(values):
    return float(values.sum()) if values.notna().any() else None
