"""What the basket chapter says: best sellers, what goes together, what comes next, what runs out,
how the chance to return fades, and which first product makes good customers."""

import datetime

from shindan.findings.ltv import measure
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT, Kpi, Statement, withheld
from shindan.text import is_missing

CERTAIN = 0.05
TOP = 3


def best_sellers(totals, best, as_of):
    """How much of the year's sales the three largest products are, and how the first one moved."""
    total, period = totals.iloc[0], _year(as_of)
    n, orders = int(total["n"]), int(total["n_orders"])
    if n < MIN_N_SHOWN or best.empty:
        return withheld("basket.best_sellers", "basket.withheld.lines", n=n)
    first = best.iloc[0]
    values = {"first": first["product"], "share": first["sales_share"], "yoy": first["yoy_rate"],
              "products": int(total["n_products"]), "top": min(TOP, len(best)),
              "top_share": best["sales_share"].head(TOP).sum(), "n": n}
    kpis = (Kpi("basket.top_sales_share", values["top_share"], "ratio", orders, period),
            Kpi("basket.sale_price_share", _share(total["sale_sales_jpy"], total["sales_jpy"]), "ratio", orders, period),
            Kpi("basket.products_sold", values["products"], "count", orders, period))
    key = "one_product" if len(best) == 1 else "best_sellers"
    key = key if is_missing(first["yoy_rate"]) else f"{key}_yoy"
    return Statement("basket.best_sellers", f"basket.headline.{key}", values, kpis, orders, period, cards=False)


def _year(as_of):
    return f"{as_of - datetime.timedelta(days=364)}/{as_of}"


def _share(part, whole):
    return float(part / whole) if whole > 0 else None


def together(totals, pairs, as_of):
    """How many orders hold several products, and a pair that shares more of them than popularity explains.

    Of the pairs that certainly do the one with most orders; for want of one, the pair that shares most.
    `pairs`: together.pairs.
    """
    orders, several = int(totals["n_orders"].iloc[0]), int(totals["n_several"].iloc[0])
    if orders < MIN_N_SHOWN or several < MIN_N_SHOWN or pairs.empty:
        return withheld("basket.together", "basket.withheld.together", n=orders, several=several)
    certain = pairs[(pairs["p_value"] < CERTAIN) & (pairs["times"] > 1) & (pairs["n_together"] >= MIN_N_VERDICT)]
    most, period = (certain if len(certain) else pairs).iloc[0], _year(as_of)
    share = several / orders
    values = {"share": share, "product": most["product"], "with_product": most["with_product"],
              "n_together": int(most["n_together"]), "times": most["times"], "n": orders}
    kpi = Kpi("basket.several_products_share", share, "ratio", orders, period)
    key = "together_certain" if len(certain) else "together" if most["n_together"] >= MIN_N_VERDICT else "together_few"
    return Statement("basket.together", f"basket.headline.{key}", values, (kpi,), orders, period)


def advice(*statements):
    """What follows from the pages' findings, one note each: only from what differs for certain."""
    keys = {"together_certain": "together", "next": "next", "first_worse": "worse", "first_better": "better",
            "replenish": "replenish"}
    for said in statements:
        end = said.key.removeprefix("basket.headline.")
        key = next((name for start, name in keys.items() if end in (start, f"{start}_sales", f"{start}_contribution")), None)
        if said.shown and key:
            yield {"key": f"basket.advice.{key}", **said.values}


def next_product(second, pairs, window_days, period):
    """Whether some product is followed by another more often than others are, and by how much.

    `second`: following.second_product; `pairs`: following.next_products.
    """
    row, n = second.iloc[0], int(second["n"].iloc[0])
    if n < MIN_N_SHOWN:
        return withheld("basket.next", "basket.withheld.next_people", n=n, days=window_days)
    known = pairs[(pairs["n"] >= MIN_N_VERDICT) & (pairs["n_next"] >= MIN_N_SHOWN)]
    if known.empty:
        return withheld("basket.next", "basket.withheld.next", days=window_days, least=MIN_N_VERDICT)
    certain = known[(known["p_value"] < CERTAIN) & (known["times"] > 1)]
    ranked = certain if len(certain) else known
    best = ranked.sort_values(["n_next", "sku", "next_sku"], ascending=[False, True, True]).iloc[0]
    values = {"product": best["product"], "next": best["next_product"], "rate": best["next_rate"],
              "base": best["base_rate"], "times": best["times"], "n": int(best["n"]),
              "days": window_days, "second": row["second_rate"]}
    kpis = [Kpi("basket.second_product_rate", row["second_rate"], "ratio", n, period,
                (row["second_rate_lo"], row["second_rate_hi"])),
            Kpi("basket.next_rate", best["next_rate"], "ratio", values["n"], period,
                (best["next_rate_lo"], best["next_rate_hi"]))]
    if not is_missing(best["base_rate"]):
        kpis.append(Kpi("basket.next_base_rate", best["base_rate"], "ratio", int(best["n_base"]), period))
    key = "next" if len(certain) else "next_same"
    return Statement("basket.next", f"basket.headline.{key}", values, tuple(kpis), n, period)


def replenish(lasts, due, horizon_days, period):
    """How long one unit of the product most people buy again lasts, and how many run out soon."""
    known = lasts[lasts["half_days"].notna() & (lasts["n_ended"] >= MIN_N_VERDICT)]
    if known.empty:
        ended = int(lasts["n_ended"].max()) if len(lasts) else 0
        return withheld("basket.replenish", "basket.withheld.replenish", n=ended,
                        least=MIN_N_VERDICT, days=horizon_days)
    first = known.sort_values(["n_ended", "sku"], ascending=[False, True]).iloc[0]
    soon = due[due["sku"].isin(known["sku"])]
    people, week, month = (int(soon[column].sum()) for column in ("n_people", "n_7", "n_30"))
    values = {"product": first["product"], "half": int(first["half_days"]), "quarter": int(first["quarter_days"]),
              "most": int(first["most_days"]), "again": first["again_rate"], "days": horizon_days,
              "week": week, "month": month, "n": int(first["n_ended"])}
    kpis = (Kpi("basket.days_per_unit", values["half"], "days", values["n"], period),
            Kpi("basket.runs_out_week", week, "count", people, period),
            Kpi("basket.runs_out_month", month, "count", people, period))
    return Statement("basket.replenish", "basket.headline.replenish", values, kpis,
                     int(known["n_ended"].sum()), period)


def freshness(rates, horizon_days, period):
    """How the chance that a one-time buyer returns falls with the days of silence."""
    once = _band(rates, 1)
    n = int(once[0]["n"]) if 0 in once else 0
    if n < MIN_N_SHOWN or is_missing(once[0]["return_rate"]):
        return withheld("basket.freshness", "basket.withheld.freshness", n=n, days=horizon_days)
    if once[0]["return_rate"] == 0:
        return withheld("basket.freshness", "basket.withheld.no_return", n=n)
    known = {day: row for day, row in once.items() if not is_missing(row["return_rate"])}
    late = max(day for day in known if day <= 180)
    if late == 0:
        return withheld("basket.freshness", "basket.withheld.freshness_now", n=n)
    values = {"now": once[0]["return_rate"], "late": late, "later": known[late]["return_rate"],
              "days": horizon_days, "n": n}
    kpis = [_return(known[day], f"return_rate_{day}", period) for day in (0, 90, 180) if day in known]
    loyal = _band(rates, 3).get(180)
    if loyal is not None and not is_missing(loyal["return_rate"]) and loyal["n"] >= MIN_N_SHOWN:
        kpis.append(_return(loyal, "return_rate_180_loyal", period))
    key = "freshness_small" if n < MIN_N_VERDICT else "freshness"
    return Statement("basket.freshness", f"basket.headline.{key}", values, tuple(kpis), n, period)


def _band(rates, purchase_no):
    rows = rates[rates["purchase_no"] == purchase_no].to_dict("records")
    return {int(row["silent_days"]): row for row in rows}


def _return(row, name, period):
    ends = row["return_rate_lo"], row["return_rate_hi"]
    ci = None if any(map(is_missing, ends)) else ends
    return Kpi(f"basket.{name}", row["return_rate"], "ratio", int(row["n"]), period, ci)


def first_products(frame, horizon_days, period):
    """The first product whose customers come back more often than all others', if one does for certain."""
    known = frame[frame["f2_rate"].notna() & (frame["n"] >= MIN_N_VERDICT)]
    if len(known) < 2:
        return withheld("basket.first_products", "basket.withheld.first_products",
                        products=len(known), least=MIN_N_VERDICT)
    if known["f2_rate"].max() == 0:
        return withheld("basket.first_products", "basket.withheld.no_return", n=int(known["n"].sum()))
    certain = known[known["certain"]]
    better, worse = (certain[sign * (certain["f2_rate"] - certain["base_rate"]) > 0] for sign in (1, -1))
    n = int(known["n"].sum())
    if certain.empty or (better.empty and worse.empty):
        values = {"low": known["f2_rate"].min(), "high": known["f2_rate"].max(), "products": len(known)}
        return Statement("basket.first_products", "basket.headline.first_same", values, (), n, period)
    row = better.loc[better["f2_rate"].idxmax()] if len(better) else worse.loc[worse["f2_rate"].idxmin()]
    column = f"{measure(frame)}_ltv_jpy"
    values = {"product": row["product"], "rate": row["f2_rate"], "others": row["base_rate"],
              "ltv": row[column] if row["n_ltv"] >= MIN_N_VERDICT else None, "days": horizon_days}
    kpis = [_kpi("first_product_f2", row, "f2_rate", "ratio", int(row["n"]), period),
            Kpi("basket.first_others_f2", float(row["base_rate"]), "ratio", n - int(row["n"]), period)]
    if values["ltv"] is not None:
        kpis.append(_kpi("first_product_ltv", row, column, "jpy", int(row["n_ltv"]), period))
    key = "first_better" if len(better) else "first_worse"
    key = f"{key}_{measure(frame)}" if values["ltv"] is not None else key
    return Statement("basket.first_products", f"basket.headline.{key}", values, tuple(kpis), n, period)


def _kpi(name, row, column, unit, n, period):
    ends = row[f"{column}_lo"], row[f"{column}_hi"]
    return Kpi(f"basket.{name}", float(row[column]), unit, n, period,
               None if any(map(is_missing, ends)) else tuple(map(float, ends)))
