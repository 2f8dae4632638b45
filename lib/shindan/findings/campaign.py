"""What the campaign chapter says. A comparison is stated for random control groups only.

What is said to be found holds for all campaigns (or campaigns x ranks) of the report together:
p by Holm, intervals joint (analyses.holdout).
"""

from shindan.analyses import intervals
from shindan.analyses.holdout import MIN_BUYERS
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld
from shindan.text import is_missing


def overview(view):
    """How many campaigns, how many messages, and how many of them can be judged."""
    if view.empty:
        return withheld("campaign.overview", "campaign.withheld.none")
    n, period = int(view["n"].sum()), _period(view)
    random = (view["assignment"] == "random") & (view["n_control"] > 0)
    values = {"n_campaigns": len(view), "n_randomised": int(random.sum()), "n_sent": n}
    known, credited = view[view["cost_jpy"].notna()], int(view["n_credited"].sum())
    kpis = [Kpi("campaign.n_campaigns", len(view), "count", n, period),
            Kpi("campaign.n_randomised", values["n_randomised"], "count", n, period),
            Kpi("campaign.n_sent", n, "count", n, period)]
    if len(known):
        kpis.append(Kpi("campaign.cost", float(known["cost_jpy"].sum()), "jpy", int(known["n"].sum()), period))
    if credited:
        kpis.append(Kpi("campaign.credited_sales", float(view["credited_jpy"].sum()), "jpy", credited, period))
    key = "overview" if values["n_randomised"] else "overview_no_random"
    return Statement("campaign.overview", f"campaign.headline.{key}", values, tuple(kpis), n, period)


def differences(total, view):
    """Sent against the random control at equal rank shares: the largest difference that is found,
    else the largest."""
    id = "campaign.differences"
    if total.empty:
        return withheld(id, "campaign.withheld.no_random")
    kept = total[~total["is_refused"].astype(bool)]
    if kept.empty:
        return withheld(id, "campaign.withheld.refused", n_refused=len(total))
    judged = _judged(kept).dropna(subset=["joint_pt"])
    if judged.empty:
        return withheld(id, "campaign.withheld.small", n=int(kept[["n", "n_control"]].min(axis=1).max()))
    best, key = _best(judged, "joint_pt")
    n, period, ends = int(best["n"] + best["n_control"]), _period(judged), _ends(best, "joint_pt")
    found = judged[judged["is_found"].astype(bool) & (judged["joint_pt"] > 0)]
    values = {"name": best["name"], "diff": float(best["joint_pt"]), "lo": ends[0], "hi": ends[1], "n": n,
              "n_judged": len(judged), "n_found": len(found), "n_refused": len(total) - len(kept),
              "detectable": float(best["detectable_pt"]), "is_found": key == "found"}
    kpis = (Kpi("campaign.best_difference", values["diff"], "points", n, period, ends),
            Kpi("campaign.n_found", values["n_found"], "count", len(judged), period),
            Kpi("campaign.detectable_difference", values["detectable"], "points", n, period))
    return Statement(id, f"campaign.headline.random_{key}", values, kpis, n, period, yen=_yen(best, view))


def _judged(frame):
    return frame[frame[["n", "n_control"]].min(axis=1) >= MIN_N_VERDICT]


def _ends(row, column):
    return float(row[f"{column}_lo"]), float(row[f"{column}_hi"])


def _best(judged, column):
    """(row, key): the largest difference above 0 for certain, else the largest; none above 0: fewer."""
    sure = judged[judged[f"{column}_lo"] > 0]
    best = (sure if len(sure) else judged)[column].idxmax()
    row = judged.loc[best]
    return row, "found" if len(sure) else "fewer" if row[f"{column}_hi"] < 0 else "unclear"


def _yen(best, view):
    """What one more sending to everybody assigned would leave after its cost: (middle, low, high)."""
    row = view[view["campaign_id"] == best["campaign_id"]].iloc[0]
    people = best["n"] + best["n_control"]
    cost = row["cost_jpy"] / row["n"]  # unknown: nothing is left after an unknown cost
    gains = [people * (best[end] * best["margin_jpy"] - cost)
             for end in ("joint_pt", "joint_pt_lo", "joint_pt_hi")]
    return tuple(float(g) for g in gains) if not is_missing(gains[0]) else None


def by_rank(frame):
    """The largest difference within a rank that stays after correction for all of them."""
    id = "campaign.by_rank"
    if frame.empty:
        return withheld(id, "campaign.withheld.no_random")
    judged, period = _judged(frame), _period(frame)
    if judged.empty:
        return withheld(id, "campaign.withheld.small", n=int(frame[["n", "n_control"]].min(axis=1).max()))
    n = int(judged["n"].sum() + judged["n_control"].sum())
    n_found = int(judged["is_found"].astype(bool).sum())
    values = {"n_found": n_found, "n_judged": len(judged)}
    kpis = (Kpi("campaign.n_rank_differences", n_found, "count", len(judged), period),)
    sure = judged[(judged["joint_pt_lo"] > 0) | (judged["joint_pt_hi"] < 0)]
    if sure.empty:
        return Statement(id, "campaign.headline.random_no_rank", values, kpis, n, period)
    best = sure.loc[sure["joint_pt"].abs().idxmax()]
    values |= {"name": best["name"], "rank": best["rank"], "diff": float(best["joint_pt"]),
               "lo": float(best["joint_pt_lo"]), "hi": float(best["joint_pt_hi"])}
    return Statement(id, "campaign.headline.random_rank", values, kpis, int(best["n"] + best["n_control"]), period)


def pooled(frame):
    """One scenario over its months, against those left out: the largest difference that is found, else the largest."""
    id = "campaign.pooled"
    judged = _judged(frame).dropna(subset=["joint_pt_lo"])
    if judged.empty:
        return withheld(id, "campaign.withheld.no_months")
    best, key = _best(judged, "joint_pt")
    n, ends = int(best["n"] + best["n_control"]), _ends(best, "joint_pt")
    values = {"name": best["name"], "diff": float(best["joint_pt"]), "lo": ends[0], "hi": ends[1], "n": n,
              "months": int(best["n_months"]), "alike_p": None if is_missing(best["alike_p"]) else float(best["alike_p"])}
    days = [str(best[day])[:10] for day in ("first_date", "last_date") if not is_missing(best[day])]
    return Statement(id, f"campaign.headline.random_pooled_{key}", values, (), n, "/".join(days) or None)


def months(statement):
    """The catalogue key of whether the months of the scenario shown differ among themselves."""
    p = statement.values.get("alike_p")
    if is_missing(p):
        return "campaign.months.unknown"
    return f"campaign.months.{'differ' if p < 1 - intervals.LEVEL else 'alike'}"


def sales(frame):
    """Yen a person, sent against the random control, with and without the largest order."""
    id = "campaign.sales"
    if frame.empty:
        return withheld(id, "campaign.withheld.sales", min_buyers=MIN_BUYERS)
    best, key = _best(frame, "joint_jpy")
    n, period, ends = int(best["n"] + best["n_control"]), _period(frame), _ends(best, "joint_jpy")
    values = {"name": best["name"], "diff": float(best["joint_jpy"]), "lo": ends[0], "hi": ends[1],
              "without": float(best["no_largest_jpy"]), "n": n}
    kpi = Kpi("campaign.best_sales_difference", values["diff"], "jpy", n, period, ends)
    if key == "found" and not best["no_largest_jpy_lo"] > 0:
        key = "one_order"
    return Statement(id, f"campaign.headline.random_sales_{key}", values, (kpi,), n, period)


def rules(frame):
    """Campaigns without a random control: how many of those addressed bought, and nothing more."""
    n = int(frame["n"].sum())
    if n < MIN_N_SHOWN:
        return withheld("campaign.rules", "campaign.withheld.no_rules", n=n)
    buyers, period = int(frame["n_buyers"].sum()), _period(frame)
    values = {"rate": buyers / n, "n": n, "n_campaigns": frame["campaign_id"].nunique()}
    ends = tuple(float(end) for end in intervals.wilson(buyers, n))
    kpi = Kpi("campaign.rule_bought_rate", values["rate"], "ratio", n, period, ends)
    return Statement("campaign.rules", "campaign.headline.rules", values, (kpi,), n, period)


def before_after(changes):
    """前後差の差 of the latest campaign whose groups moved alike before; for reference, never an effect."""
    id = "campaign.before_after"
    large = changes[changes[["n", "n_others"]].min(axis=1) >= MIN_N_VERDICT]
    if large.empty:
        return withheld(id, "campaign.withheld.no_others")
    alike, period = large[large["is_alike"].astype(bool)], _period(large)
    row = (alike if len(alike) else large).iloc[0]
    n, ends = int(row["n"] + row["n_others"]), _ends(row, "dd_pt")
    values = {"name": row["name"], "dd": float(row["dd_pt"]), "lo": ends[0], "hi": ends[1], "n": n,
              "n_alike": len(alike), "n_campaigns": len(large)}
    if alike.empty:
        return Statement(id, "campaign.headline.not_alike", values, (), n, period)
    kpi = Kpi("campaign.change_difference", values["dd"], "points", n, period, ends)
    return Statement(id, "campaign.headline.before_after", values, (kpi,), n, period)


def break_even(paying, view):
    """A campaign that costs much a person (`paying`: its ranks): where it pays for itself, or cannot."""
    id = "campaign.break_even"
    t = paying[paying["n"] >= MIN_N_VERDICT]
    if t.empty:
        return withheld(id, "campaign.withheld.no_cost")
    row = view[view["campaign_id"] == t["campaign_id"].iloc[0]].iloc[0]
    ranks = {pays: list(t["rank"][t["pays"] == pays]) for pays in ("yes", "no")}
    n, period = int(t["n"].sum()), _period(t)
    values = {"name": row["name"], "cost": float(row["cost_jpy"] / row["n"]), "n": n,
              "lowest": float(t["break_even_rate"].min()), "highest": float(t["break_even_rate"].max()), **ranks}
    key = "no" if ranks["no"] else "yes" if ranks["yes"] else "unknown"
    kpi = Kpi("campaign.highest_break_even", values["highest"], "ratio", n, period)
    return Statement(id, f"campaign.headline.break_even_{key}", values, (kpi,), n, period)


def power(planned):
    """What a fifth left out of the largest campaign without a random group would have told."""
    id = "campaign.power"
    t = planned[(planned["left_out_share"] == 0.2) & (planned["n_control"] >= MIN_N_VERDICT)]
    if t.empty:
        return withheld(id, "campaign.withheld.no_plan")
    row, n = t.loc[t["n"].idxmax()], int(t["n"].max())
    values = {"name": row["name"], "n": n, "detectable": float(row["detectable_pt"]), "rate": float(row["bought_rate"])}
    kpi = Kpi("campaign.planned_detectable", values["detectable"], "points", n, _period(t))
    return Statement(id, "campaign.headline.power", values, (kpi,), n, _period(t))


def fatigue(summary, as_of):
    """Messages a person in the last year, and how many unsubscribed."""
    id, row = "campaign.fatigue", summary.iloc[0]
    n, people = int(row["n"]), int(row["n_people"])
    if people < MIN_N_SHOWN:
        return withheld(id, "campaign.withheld.no_messages")
    tracked, left = int(row["n_tracked"]), int(row["n_unsubscribed"])
    values = {"mean": n / people, "most": int(row["most"]), "n": n, "n_people": people, "overlaps": row["n_overlaps"] / n,
              "left": left / tracked if tracked else None, "n_left": left}
    kpis = [Kpi("campaign.messages_per_person", values["mean"], "score", people, str(as_of)),
            Kpi("campaign.overlap_share", values["overlaps"], "ratio", n, str(as_of))]
    if tracked:
        ends = tuple(float(end) for end in intervals.wilson(left, tracked))
        kpis.append(Kpi("campaign.unsubscribed_share", values["left"], "ratio", tracked, str(as_of), ends))
    key = "fatigue" if tracked else "fatigue_untracked"
    return Statement(id, f"campaign.headline.{key}", values, tuple(kpis), n, str(as_of))


def advice(statement):
    """The catalogue key of what to do after a statement (see messages, `advice`)."""
    return f"campaign.advice.{statement.key.rsplit('.', 1)[-1]}"


def _period(frame):
    """First to last send date, "YYYY-MM-DD/YYYY-MM-DD"; None where no date is known."""
    days = frame["first_date"].dropna()
    return f"{str(days.min())[:10]}/{str(days.max())[:10]}" if len(days) else None
