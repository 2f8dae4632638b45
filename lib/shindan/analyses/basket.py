"""What is bought: best sellers, what goes into one order, which first product makes good customers.

Products in one order are `together` (併売) and never called next: see analyses/following.py for that.
"""

import dataclasses

import ibis
import pandas as pd

from shindan.analyses import intervals, ltv, prices, purchases, repeat, survival
from shindan.engine import as_table, days_between, frame, whole_sum

CERTAIN = 0.05


@dataclasses.dataclass(frozen=True)
class Rules:
    """The chapter's thresholds; client.yaml's `basket:` has the same fields and defaults."""

    window_days: int = 180            # "next" is within this many days
    max_products: int = 30            # products compared: those most people bought in the last year
    replenishable_share: float = 0.2  # of a product's buyers buy it again: it runs out
    min_n: int = 30                   # people behind a comparison
    replenish_days: int = 365         # who buys the same product again does so within this


RULES, COUNTED = Rules(), purchases.Rules()


def items(orders, lines, as_of, rules=COUNTED):
    """One row per valid order x product that was paid for, lazy.

    Columns: order_id, customer_key, order_date, sku (a product without a code goes by its name),
    product_name (one without a name goes by its code), qty, sales_jpy (the order's net sales shared out over its products by line amount,
    so that products add up to the sales of the report), is_sale, is_subscription. Free lines and
    samples are no purchase of a product. `rules`: purchases.Rules.
    """
    o = purchases.valid_orders(orders, as_of, rules)
    o = o.select("order_id", "customer_key", "order_date", "revenue_jpy",
                 is_subscription=o.order_type == "subscription")
    p = prices.with_list_price(lines, o, as_of)
    p = p.filter(p.line_amount_jpy > 0).mutate(
        sku=p.sku.fill_null(p.product_name),
        product_name=ibis.coalesce(p.product_name, p.product_name.max().over(group_by=p.sku), p.sku))
    p = p.group_by("order_id", "sku").agg(
        product_name=p.product_name.max(), qty=whole_sum(ibis.greatest(p.qty.fill_null(1), 1)),
        amount=whole_sum(p.line_amount_jpy), is_sale=prices.is_sale(p, rules.sale_discount).any())
    p = p.mutate(goods=p.amount.sum().over(group_by=p.order_id).cast("float64"))
    i = o.inner_join(p, "order_id")
    i = i.mutate(sales_jpy=(i.revenue_jpy * i.amount / i.goods).round().cast("int64"))
    return i.select("order_id", "customer_key", "order_date", "sku", "product_name", "qty",
                    "sales_jpy", "is_sale", "is_subscription")


def totals(items, as_of, days=365):
    """One row: n (people), n_orders, n_products, n_several (orders of two products or more),
    sales_jpy, sale_sales_jpy (at a sale price) in the `days` up to `as_of`."""
    i = as_table(items)
    i = i.filter(days_between(ibis.literal(as_of), i.order_date) < days)
    order = i.group_by("order_id").agg(products=i.count())
    out = frame(i.agg(
        n=i.customer_key.nunique(), n_orders=i.order_id.nunique(), n_products=i.sku.nunique(),
        sales_jpy=i.sales_jpy.sum().fill_null(0).cast("int64"),
        sale_sales_jpy=i.sales_jpy.sum(where=i.is_sale).fill_null(0).cast("int64")))
    several = frame(order.agg(n=(order.products > 1).sum().fill_null(0).cast("int64")))["n"]
    return out.assign(n_several=several)[["n", "n_orders", "n_products", "n_several", "sales_jpy",
                                          "sale_sales_jpy"]]


def best_sellers(items, as_of, data_start, most=30, days=365):
    """One row per product sold in the `days` up to `as_of`: the `most` with the largest sales.

    Columns: sku, product, n_people, n_orders, sales_jpy, sales_share (of all products),
    sale_share (of its sales, at a sale price), yoy_rate (sales ÷ sales of the `days` before; missing
    where the data does not hold them all, or there were none).
    """
    i = as_table(items)
    ago = days_between(ibis.literal(as_of), i.order_date)
    now, before = ago < days, (ago >= days) & (ago < 2 * days)
    sold = i.group_by("sku").agg(
        product=i.product_name.max(), n_people=i.customer_key.nunique(where=now),
        n_orders=i.order_id.nunique(where=now), sales_jpy=_sum(i.sales_jpy, now),
        at_sale=_sum(i.sales_jpy, now & i.is_sale), before=_sum(i.sales_jpy, before))
    sold = sold.filter(sold.n_people > 0).order_by(ibis.desc("sales_jpy"), "sku").limit(most)
    out = sold.to_pandas()
    out["sales_share"] = intervals.rate(out["sales_jpy"], totals(items, as_of, days)["sales_jpy"].iloc[0])
    out["sale_share"] = intervals.rate(out.pop("at_sale"), out["sales_jpy"])
    whole = (as_of - data_start).days >= 2 * days - 1
    out["yoy_rate"] = intervals.rate(out["sales_jpy"], out["before"] if whole else 0)
    return out.drop(columns="before")


def _sum(column, where):
    return column.sum(where=where).fill_null(0).cast("int64")


def top(items, as_of, most=30, days=365):
    """The skus of the `most` products that most people bought in the `days` up to `as_of`."""
    i = as_table(items)
    i = i.filter(days_between(ibis.literal(as_of), i.order_date) < days)
    people = i.group_by("sku").agg(n=i.customer_key.nunique())
    return people.order_by(ibis.desc("n"), "sku").limit(most)["sku"].to_pandas().tolist()


def first_products(buyers, purchases, as_of, horizon_days=365, rules=RULES):
    """One row per first product (main product of the first purchase) of new customers, most people first.

    Columns: product, n (new customers), f2_rate (365 days, Kaplan–Meier), f2_rate_lo, f2_rate_hi,
    base_rate (the same of all other new customers), p_value (log-rank of the product against all
    others up to 365 days, Holm over the products with `rules.min_n` people), certain (p_value < 0.05), contribution_ltv_jpy and
    sales_ltv_jpy over `horizon_days` with _lo and _hi, n_ltv (observed that long).
    """
    f2 = repeat.f2_by(buyers, as_of, "first_product", 365, most=rules.max_products).dropna(subset="first_product")
    table = repeat.counts(repeat.durations(buyers, as_of), "first_product")
    against = [_against_others(table, name) for name in f2["first_product"]]
    f2["base_rate"] = [rate for rate, _ in against]
    f2["p_value"] = intervals.holm(pd.Series([p for _, p in against], dtype=float).where(
        (f2["n"] >= rules.min_n).to_numpy()))
    f2["certain"] = f2["p_value"] < CERTAIN
    named = as_table(buyers).select("customer_key", "first_product")
    worth = ltv.ltv(ltv.values(buyers, purchases, as_of, horizon_days).inner_join(named, "customer_key"),
                    ["first_product"]).rename(columns={"n": "n_ltv"})
    out = f2.drop(columns=["naive_rate", "n_repeated", "n_at_risk"]).merge(worth, "left", "first_product")
    out["n_ltv"] = out["n_ltv"].fillna(0).astype("int64")
    return out.rename(columns={"first_product": "product"})


def _against_others(table, name):
    """(F2(365) of everybody else, log-rank p against them)."""
    named = (table["first_product"] == name).fillna(False)
    rest = survival.at(survival.curve(table[~named]), [365], min_at_risk=10)
    return 1 - rest["survival"].iloc[0], survival.log_rank(table.assign(named=named), "named", 365)
