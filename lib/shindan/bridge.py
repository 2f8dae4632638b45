"""金額ブリッジ: from all orders received to the sales analysed, in steps that add up to the yen.

Each order is set aside whole, for the first reason that holds; the others lose parts: refunds, shipping
and fees, points, discounts, tax. Stands on canonical orders (schema.TABLES), of any month.
"""

import ibis

from shindan import schema

REASONS = ("cancelled", "returned", "pending", "test_staff", "after_as_of", "unnamed", "not_purchase")
PARTS = ("refund", "shipping_fee", "points", "discount", "tax")
MONTH = ("shop", "month", "is_later")
STEPS = ("gross", *REASONS, *PARTS, "revenue")


def steps(orders, as_of):
    """[[step, yen]] over all orders."""
    judged = _judged(orders, as_of)
    row = judged.agg(**_sums(judged)).to_pandas().iloc[0]
    return [[name, int(row[name])] for name in STEPS]


def monthly(orders, as_of):
    """One row per shop and month (pandas): shop, month ("2025-03"), is_later, billed, every step in yen, counts.

    Orders after `as_of` have rows of their own, is_later: the others say what a report of that day said.
    billed: what the month's valid orders were billed for, shipping and fees included. n_orders: of any
    status; n_kept: whose sales are analysed, n_customers: their people; n_<reason>: set aside for it.
    """
    o = _judged(orders, as_of).mutate(month=lambda t: t.order_date.strftime("%Y-%m"),
                                       is_later=lambda t: t.order_date > as_of)
    kept, paid = o.aside.isnull(), (o.status == "valid") & ~o.is_test
    counts = {f"n_{reason}": (o.aside == reason).sum() for reason in REASONS}
    table = o.group_by(*MONTH).agg(
        n_orders=o.count(), n_kept=kept.sum(), n_customers=o.customer_key.nunique(where=kept), **counts,
        billed=o.billed_jpy.sum(where=paid), **_sums(o))
    frame = table.order_by(*MONTH).to_pandas()
    return frame.fillna(0).astype({c: "int64" for c in frame.columns if c not in MONTH})


def set_aside(o, as_of):
    """Why an order is no purchase (the rule of analyses.purchases.valid_orders), else null."""
    return ibis.cases(
        (o.is_test | o.is_staff | (o.status == "test"), "test_staff"),
        (o.status == "cancelled", "cancelled"), (o.status == "returned", "returned"),
        (o.status == "pending", "pending"), (o.order_date > as_of, "after_as_of"),
        (o.customer_key.isnull(), "unnamed"),
        (~o.order_type.isin(schema.PURCHASE_TYPES) | o.is_zero_yen, "not_purchase"))


def _judged(o, as_of):
    """`o` with aside, gross, and what the goods came to before and after refunds."""
    goods = o.items_jpy - o.discount_shop_jpy - o.points_shop_jpy
    return o.mutate(aside=set_aside(o, as_of), gross=o.items_jpy + o.shipping_jpy + o.fee_jpy, goods=goods,
                    net=ibis.greatest(goods - o.refund_jpy, 0))


def _sums(o):
    """{step: Σ yen} of judged orders."""
    kept = o.aside.isnull()

    def total(column, where=None):
        return column.sum(where=where).fill_null(0)

    return {
        "gross": total(o.gross),
        **{reason: -total(o.gross, o.aside == reason) for reason in REASONS},
        "refund": -total(o.goods - o.net, kept),
        "shipping_fee": -total(o.shipping_jpy + o.fee_jpy, kept),
        "points": -total(o.points_shop_jpy, kept),
        "discount": -total(o.discount_shop_jpy, kept),
        "tax": -total(o.net - o.revenue_jpy, kept),
        "revenue": total(o.revenue_jpy, kept)}
