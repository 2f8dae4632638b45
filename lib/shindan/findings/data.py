"""What the data chapter says: rows, yen, months, statuses and people, all accounted for."""


from shindan.findings.model import MIN_N_SHOWN, Kpi, Statement, withheld


def load(loads, period):
    """How many of the rows read are used, and where the others went."""
    read, used = int(loads.n_read.sum()), int(loads.n_used.sum())
    rejected, skipped = int(loads.n_rejected.sum()), int(loads.n_skipped.sum())
    if not read:
        return withheld("data.load", "data.withheld.nothing")
    kpis = (Kpi("data.rows_used_rate", used / read, "ratio", read, period),
            Kpi("data.rows_rejected_rate", rejected / read, "ratio", read, period),
            Kpi("data.rows_skipped_rate", skipped / read, "ratio", read, period))
    values = {"read": read, "used": used, "skipped": skipped, "rejected": rejected,
              "files": int(loads.n_files.sum())}
    key = "load" if rejected else "load_clean" if skipped else "load_all"
    return Statement("data.load", f"data.headline.{key}", values, kpis, read, period)


def bridge(steps, billed, orders, period):
    """From all orders received (`orders` of them) to the revenue analysed; `billed` as intake checked it."""
    amount = dict(zip(steps.step, steps.amount_jpy, strict=True))
    n, checked = int(orders), billed["orders"]
    match = Kpi("data.billed_match_rate", 1 - billed["share"] if checked else None, "ratio", checked, period)
    gross, revenue = int(amount["gross"]), int(amount["revenue"])
    kpis = (Kpi("data.gross_jpy", gross, "jpy", n, period),
            Kpi("data.revenue_jpy", revenue, "jpy", n, period), match)
    values = {"gross": gross, "revenue": revenue, "rate": revenue / gross if gross else None,
              "matched": match.value}
    return Statement("data.bridge", "data.headline.bridge", values, kpis, n, period)


def months(months, gaps, period):
    """How long the data is and whether days are missing."""
    if months.empty:
        return withheld("data.months", "data.withheld.nothing")
    orders, empty = int(months.n_orders.sum()), int(months.empty_days.sum())
    kpis = (Kpi("data.months", len(months), "count", len(months), period),
            Kpi("data.valid_orders", orders, "count", orders, period),
            Kpi("data.empty_days", empty, "days", len(months), period))
    values = {"months": len(months), "orders": orders, "empty": empty, "gaps": len(gaps),
              "longest": int(gaps.gap_days.max()) if len(gaps) else 0}
    key = "months_gap" if len(gaps) else "months"
    return Statement("data.months", f"data.headline.{key}", values, kpis, orders, period)


def statuses(statuses, period):
    """How many orders never became sales."""
    n = int(statuses.n_orders.sum())
    if n < MIN_N_SHOWN:
        return withheld("data.statuses", "data.withheld.few", n=n)
    share = dict(zip(statuses.status, statuses.order_share, strict=True))
    kpis = tuple(Kpi(f"data.{s}_rate", share.get(s, 0.0), "ratio", n, period)
                 for s in ("cancelled", "returned", "pending"))
    values = {"n": n, "cancelled": share.get("cancelled", 0.0), "returned": share.get("returned", 0.0),
              "lost": share.get("cancelled", 0.0) + share.get("returned", 0.0)}
    key = "statuses" if values["lost"] else "statuses_none"
    return Statement("data.statuses", f"data.headline.{key}", values, kpis, n, period)


def people(identity, period):
    """How many people the ids stand for."""
    n, merged = identity["people"], identity["people_with_several_cart_ids"]
    if not n:
        return withheld("data.people", "data.withheld.no_people")
    kpis = (Kpi("data.people", n, "count", n, period),
            Kpi("data.merged_people", merged, "count", n, period),
            Kpi("data.guest_people_rate", identity["people_without_cart_id"] / n, "ratio", n, period))
    values = {"people": n, "ids": identity["ids"], "merged": merged,
              "guests": identity["people_without_cart_id"]}
    return Statement("data.people", "data.headline.people", values, kpis, n, period)


def references(references, codes, period):
    """Whether answers, sends and events find their customers, and ad codes their channel."""
    if references.empty and codes.empty:
        return withheld("data.references", "data.withheld.no_references")
    n, lost = int(references.n_rows.sum()), int(references.n_unmatched.sum())
    kpis = (Kpi("data.matched_rate", 1 - lost / n, "ratio", n, period),) if n else ()
    values = {"rate": 1 - lost / n if n else None, "lost": lost, "n": n, "codes": len(codes),
              "orders": int(codes.n_orders.sum())}
    key = ("references" if n else "no_rows") + ("_codes" if len(codes) else "")
    return Statement("data.references", f"data.headline.{key}", values, kpis, n, period)


def merging(effect, identity, period):
    """What joining the records of one person does to F2 and LTV; `effect` as analyses.data.merging gives it."""
    before, after = (row for _, row in effect.iterrows())
    merged, n = int(before.n_people - after.n_people), int(after.n)
    if not merged:
        return withheld("data.merging", "data.withheld.nothing_merged")
    if n < MIN_N_SHOWN:
        return withheld("data.merging", "data.withheld.too_young", n=n)
    kpis = (Kpi("data.f2_before", before.f2_rate, "ratio", int(before.n), period),
            Kpi("data.f2_after", after.f2_rate, "ratio", n, period),
            Kpi("data.ltv_before", before.ltv_jpy, "jpy", int(before.n), period),
            Kpi("data.ltv_after", after.ltv_jpy, "jpy", n, period))
    values = {"merged": merged, "before": before.f2_rate, "after": after.f2_rate,
              "d": after.f2_rate - before.f2_rate, "ltv": after.ltv_jpy, "ltv_before": before.ltv_jpy,
              "suspects": sum(identity["suspects"].values())}
    return Statement("data.merging", "data.headline.merging", values, kpis, n, period, cards=False)


def suspects(identity, period):
    """How many people look like one and were left apart, for a human to look at."""
    n = sum(identity["suspects"].values())
    key = "suspects" if n else "no_suspects"
    kpis = (Kpi("data.suspects", n, "count", int(identity["people"]), period),)
    return Statement("data.suspects", f"data.headline.{key}", {"n": n}, kpis, n, period, cards=False)


def followed(shops, period):
    """The share of orders whose buyer cannot be followed; `shops` as analyses.followed.by_shop gives them."""
    n, unknown, masked = (int(shops[c].sum()) for c in ("n_orders", "n_unknown", "n_masked"))
    if not n:
        return withheld("data.followed", "data.withheld.nothing")
    kpis = (Kpi("data.unknown_buyer_rate", unknown / n, "ratio", n, period),
            Kpi("data.masked_buyer_rate", masked / n, "ratio", n, period))
    key = "followed_masked" if masked else "followed" if unknown else "followed_all"
    values = {"n": n, "unknown": unknown / n, "masked": masked / n}
    return Statement("data.followed", f"data.headline.{key}", values, kpis, n, period, cards=False)


def excluded(told, period):
    """How many orders the client's own rules set apart; `told` as intake's facts hold them."""
    if not told:
        return withheld("data.excluded", "data.withheld.no_rules")
    n = sum(t["orders"] for t in told)
    return Statement("data.excluded", "data.headline.excluded", {"rules": len(told), "n": n},
                     (Kpi("data.excluded_orders", n, "count", n, period),), n, period, cards=False)


def restated(restated, last, period):
    """Which past months changed since the last report (analyses.restated.Restated); `last`: its day, None for the first."""
    if restated.last is None:
        return withheld("data.restated", "data.withheld.untold_months" if last else "data.withheld.first_run")
    months = restated.months
    n = months.order_month.nunique()
    if not n:
        return Statement("data.restated", "data.headline.unchanged", {"last": restated.last}, (), 0, period, cards=False)
    most = months.loc[months.change_jpy.abs().idxmax()]
    change = int(months.change_jpy.sum())
    kpis = (Kpi("data.restated_months", n, "count", n, period), Kpi("data.restated_jpy", change, "jpy", n, period))
    values = {"last": restated.last, "months": n, "change": change, "month": most.order_month,
              "most": int(most.change_jpy)}
    return Statement("data.restated", "data.headline.restated", values, kpis, n, period, cards=False)


def totals(totals, period):
    """How well the months agree with the client's own totals."""
    if totals.empty:
        return withheld("data.totals", "data.withheld.no_totals")
    n, worst = len(totals), totals.difference_rate.abs().max()
    kpis = (Kpi("data.totals_difference", float(worst), "ratio", n, period),)
    return Statement("data.totals", "data.headline.totals", {"n": n, "worst": float(worst)}, kpis, n, period,
                     cards=False)
