"""List price or sale: what a product cost around the day it was sold."""

import ibis

from shindan.engine import as_table, days_between

SURROUNDING_DAYS = 180
EPOCH = ibis.date(1970, 1, 1)


def with_list_price(lines, orders, as_of):
    """The product lines of `orders` with the list price of their day, lazy.

    Columns: those of the line, order_date, list_price_jpy. A product goes by its code, else its
    name; a subscription's price is a price of its own. The list price on a day is the lower of two:
    the highest unit price of the `SURROUNDING_DAYS` up to that day, and of those from that day on
    (where `as_of` lets them be seen whole). So a price is low only if it was higher before and is
    higher again: neither a rise nor a lasting cut makes a sale of what was sold at the usual price.
    """
    p = as_table(lines)
    p = p.filter(p.line_type == "product").inner_join(as_table(orders).select("order_id", "order_date"), "order_id")
    p = p.mutate(priced=p.sku.fill_null(p.product_name).fill_null(""), contract=p.is_subscription.fill_null(False),
                 day=days_between(p.order_date, EPOCH).cast("int64"))
    keys = ["priced", "contract", "day"]
    listed = p.group_by(keys).agg(top=p.unit_price_jpy.max())

    def highest(first, last):
        around = ibis.window(group_by=["priced", "contract"], order_by="day", range=(first, last))
        return listed.top.max().over(around)

    seen_whole = listed.day + SURROUNDING_DAYS <= days_between(ibis.literal(as_of), EPOCH)
    before, after = highest(-SURROUNDING_DAYS, 0), highest(0, SURROUNDING_DAYS)
    listed = listed.mutate(list_price_jpy=ibis.ifelse(seen_whole, ibis.least(before, after), before)).drop("top")
    return p.inner_join(listed, keys).drop("priced", "contract", "day")


def is_sale(lines, sale_discount):
    """Whether a line of `with_list_price` was sold under its list price, or with a discount."""
    cheap = lines.unit_price_jpy < lines.list_price_jpy * (1 - sale_discount)
    return (cheap | (lines.line_discount_jpy > 0)).fill_null(False)
