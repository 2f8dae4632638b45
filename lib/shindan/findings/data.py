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
    key = "load_clean" if not rejected else "load"
    return Statement("data.load", f"data.headline.{key}", values, kpis, read, period)


def bridge(steps, billed, period):
    """From all orders received to the revenue analysed; `billed` as intake checked it."""
    amount = dict(zip(steps.step, steps.amount_jpy, strict=True))
    n = billed["orders"]
    match = Kpi("data.billed_match_rate", 1 - billed["share"] if n else None, "ratio", n, period)
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
    return Statement("data.statuses", "data.headline.statuses", values, kpis, n, period)


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
