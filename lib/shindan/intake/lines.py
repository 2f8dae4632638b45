"""Order lines: amounts with tax, and their sums per order."""

import ibis

from shindan import dates, schema

GOODS = ("product", "sample")
SUMS = {"products": GOODS, **{t: (t,) for t in ("shipping", "fee", "discount", "points")}}


def build(rows, orders):
    """One row per line of an order (schema order_lines, plus tax_percent).

    `orders` (order_id, shop, order_no, source_file, order_date) says which file's lines count.
    unit_price_jpy includes tax: a price without tax gets its own, half a yen up, as carts do.
    Where the file names no rate, Japan's standard rate on the order's day is taken.
    """
    keys = ["shop", "order_no", "source_file"]
    told = [rows[c].notnull() for c in ("line_type", "sku", "product_name", "unit_price_jpy",
                                        "line_amount_jpy")]
    r = rows.filter(ibis.or_(*told)).inner_join(
        orders.select(*keys, "order_id", day="order_date"), keys)
    percent = ibis.coalesce((r.tax_rate * 100).round().cast("int64"),
                            dates.standard_tax_percent(r.day))
    r = r.mutate(
        line_no=ibis.row_number().over(group_by=r.order_id, order_by=r.source_row) + 1,
        line_type=r.line_type.fill_null("product"), qty=r.qty.fill_null(1),
        line_discount_jpy=r.line_discount_jpy.fill_null(0), tax_percent=percent,
        unit_price_jpy=ibis.cases((r.price_has_tax.fill_null(True), r.unit_price_jpy),
                                  else_=r.unit_price_jpy + _tax_on(r.unit_price_jpy, percent)))
    amount = ibis.coalesce(r.line_amount_jpy, r.unit_price_jpy * r.qty - r.line_discount_jpy)
    each = ibis.cases((r.qty != 0, ((amount + r.line_discount_jpy) / r.qty).round().cast("int64")))
    return r.mutate(
        line_amount_jpy=amount.fill_null(0), tax_rate=r.tax_percent / 100.0,
        unit_price_jpy=ibis.coalesce(r.unit_price_jpy, each),
        is_subscription=r.is_subscription.fill_null(False),
    ).select(*schema.TABLES["order_lines"], "tax_percent")


def _tax_on(price, percent):
    return (price * percent / 100).round().cast("int64")


def sums(lines):
    """One row per order: Σ line amounts by kind, and the tax inside its products.

    Columns: order_id, sum_products, sum_shipping, sum_fee, sum_discount, sum_points (the latter
    two as positive amounts), sum_tax. Tax is floored once per order and rate, in integers.
    """
    by_kind = lines.group_by("order_id").agg(**{
        f"sum_{name}": lines.line_amount_jpy.sum(where=lines.line_type.isin(types)).fill_null(0)
        for name, types in SUMS.items()})
    by_kind = by_kind.mutate(sum_discount=-by_kind.sum_discount, sum_points=-by_kind.sum_points)
    goods = lines.filter(lines.line_type.isin(GOODS))
    by_rate = goods.group_by("order_id", "tax_percent").agg(amount=goods.line_amount_jpy.sum())
    inside = by_rate.amount * by_rate.tax_percent // (100 + by_rate.tax_percent)
    tax = by_rate.mutate(inside=inside).group_by("order_id").agg(sum_tax=ibis._.inside.sum())
    return by_kind.left_join(tax, "order_id").drop("order_id_right")
