"""By which door new customers came: ad code, landing page, campaign, offer, first product; the ad-code dictionary."""

import ibis
import pandas as pd

from shindan import schema
from shindan.analyses import ltv as lifetime
from shindan.analyses.acquisition import ratio
from shindan.engine import as_table, frame, whole_sum

KINDS = ("ad_code", "landing_page", "ad_campaign", "offer", "first_product")
COST_OF = {"ad_code": "ad_code", "ad_campaign": "campaign_name"}  # the field of the ad costs that names the door
CODE_COLUMNS = ["ad_code", "acq_channel", "listing", "n_orders", "n", "first_date", "last_date"]


def doors(buyers, purchases, orders):
    """One row per new customer, lazy: customer_key, first_date, acq_channel, first_revenue_jpy,
    first_contribution_jpy and, of the first order, the five of KINDS (landing pages without their
    query; the offer is the coupon code)."""
    b = as_table(buyers)
    b = b.filter(b.is_new).select("customer_key", "first_date", "acq_channel", "ad_code", "first_product",
                                  "first_revenue_jpy", "first_contribution_jpy")
    p = as_table(purchases)
    firsts = p.filter(p.purchase_no == 1).select("customer_key", "order_id")
    o = as_table(orders)
    o = o.select("order_id", landing_page=o.landing_url.re_replace(r"[?#].*$", "").nullif(""),
                 ad_campaign=o.utm_campaign.nullif(""), offer=o.coupon_code.nullif(""))
    return b.left_join(firsts, "customer_key").drop("customer_key_right").left_join(o, "order_id").drop(
        "order_id_right").mutate(ad_code=ibis._.ad_code.strip().nullif(""))


def by_door(doors, values, ad_costs, window):
    """One row per kind × door, the larger first within a kind.

    Columns: kind, door, acq_channel (missing where several), n (new customers in the window), cost_jpy and cpa_jpy (where the
    ad costs name the door), first_sales_jpy, first_contribution_jpy, n_matured, contribution_ltv_jpy
    and sales_ltv_jpy with _lo and _hi (customers observed over the horizon, whenever they came).
    `values`: ltv.values.
    """
    parts = [_of_kind(kind, doors, values, ad_costs, window) for kind in KINDS] if window else []
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["kind", "door", "n"])


def _of_kind(kind, doors, values, ad_costs, window):
    d = as_table(doors)
    d = d.filter(d[kind].notnull()).mutate(door=d[kind])
    inside = (d.first_date >= window.start) & (d.first_date <= window.end)
    seen = frame(d.group_by("door").agg(
        acq_channel=ibis.ifelse(d.acq_channel.nunique() == 1, d.acq_channel.max(), ibis.null("string")), n=d.count(where=inside),
        first_sales_jpy=d.first_revenue_jpy.sum(where=inside),
        first_contribution_jpy=d.first_contribution_jpy.sum(where=inside)), by=["door"])
    worth = lifetime.ltv(as_table(values).inner_join(d.select("customer_key", "door"), "customer_key"), ["door"])
    out = seen.merge(worth.rename(columns={"n": "n_matured"}), on="door", how="left")
    out = out.merge(_cost(kind, ad_costs, window), on="door", how="left")
    out["cpa_jpy"] = ratio(out["cost_jpy"], out["n"])
    figures = [c for c in out.columns if c.endswith(("_jpy", "_lo", "_hi"))]
    out[figures] = out[figures].astype(float)
    out["n_matured"] = out["n_matured"].fillna(0).astype("int64")
    out = out.assign(kind=kind).sort_values(["n", "door"], ascending=[False, True])
    first = ["kind", "door", "acq_channel", "n", "cost_jpy", "cpa_jpy"]
    return out[first + [c for c in out.columns if c not in first]]


def _cost(kind, ad_costs, window):
    if kind not in COST_OF:
        return pd.DataFrame({"door": pd.Series(dtype=object), "cost_jpy": pd.Series(dtype=float)})
    c = as_table(ad_costs)
    c = c.filter(c.cost_date >= window.start, c.cost_date <= window.end)
    c = c.mutate(door=c[COST_OF[kind]].strip().nullif("")).filter(ibis._.door.notnull())
    cost = c.media_cost_jpy.fill_null(0) + c.agency_fee_jpy.fill_null(0)
    return frame(c.group_by("door").agg(cost_jpy=whole_sum(cost)), by=["door"])


def best_known(doors, min_n=30, most=12):
    """The `most` largest rows of `by_door` of the first kind with two doors of `min_n` matured customers."""
    for kind in KINDS:
        rows = doors[doors["kind"] == kind].head(most)
        if (rows["n_matured"] >= min_n).sum() >= 2 if len(rows) else False:
            return rows
    return doors.iloc[:0]


def dictionary(orders, buyers, listed):
    """One row per ad code in the orders or in `listed` ({code: channel}), those nobody knows first.

    Columns: ad_code, acq_channel, listing (unlisted: on orders, not in the dictionary, its customers are
    of unknown channel · listed · unused: in the dictionary, on no order), n_orders, n (new customers
    whose first order carries it), first_date and last_date of its orders.
    """
    o, b = as_table(orders), as_table(buyers)
    o = o.mutate(ad_code=o.ad_code.strip().nullif("")).filter(ibis._.ad_code.notnull())
    seen = frame(o.group_by("ad_code").agg(
        acq_channel=o.acq_channel.max(), n_orders=o.count(), first_date=o.order_date.min(),
        last_date=o.order_date.max()), by=["ad_code"])
    b = b.mutate(ad_code=b.ad_code.strip()).filter(b.is_new)
    seen = seen.merge(frame(b.group_by("ad_code").agg(n=b.count()), by=["ad_code"]), on="ad_code", how="left")
    absent = sorted({str(code).strip() for code in listed} - set(seen["ad_code"]) - set(listed.values()))
    unused = pd.DataFrame({"ad_code": absent, "acq_channel": [listed[code] for code in absent],
                           "listing": "unused", "n_orders": 0})
    seen["listing"] = seen["acq_channel"].eq(schema.UNKNOWN_CHANNEL).map({True: "unlisted", False: "listed"})
    codes = pd.concat([part for part in (seen, unused) if len(part)] or [seen], ignore_index=True)
    codes["n"] = codes["n"].fillna(0).astype("int64")
    order = codes["listing"].map({"unlisted": 0, "listed": 1, "unused": 2})
    codes = codes.assign(order=order).sort_values(["order", "n", "ad_code"], ascending=[True, False, True])
    return codes[CODE_COLUMNS].reset_index(drop=True)
