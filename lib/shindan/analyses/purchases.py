"""What every other analysis stands on: orders become purchase occasions, occasions become buyers."""

import dataclasses

import ibis

from shindan import engine, schema
from shindan.analyses import prices
from shindan.engine import as_table, by_number, month_start, whole_sum


@dataclasses.dataclass(frozen=True)
class Rules:
    """What counts as a purchase; client.yaml's `purchases:` has the same fields and defaults."""

    merge_same_day: bool = True       # same-day orders of one person are one occasion
    count_zero_yen: bool = False      # an order of zero yen is a purchase
    sale_discount: float = 0.05       # セール: at least this far under the list price
    promised_count: int | None = None  # 定期: deliveries promised where no contract says it; 0: none


def valid_orders(orders, as_of, rules=Rules()):
    """One row per order that counts as a purchase up to `as_of` (day included).

    Left out: cancelled, returned, pending, test and staff orders, orders of zero yen (unless the
    rules count them), samples, exchanges, wholesale, and orders nobody can be named for.
    """
    o = as_table(orders)
    o = o.filter(
        o.status == "valid",
        o.order_type.isin(schema.PURCHASE_TYPES),
        ~o.is_staff, ~o.is_test,
        o.customer_key.notnull(),
        o.order_date <= as_of,
    )
    return o if rules.count_zero_yen else o.filter(~o.is_zero_yen)


def sale_orders(lines, orders, as_of, sale_discount):
    """One row per order of `orders` with `is_sale`: any product sold at least `sale_discount` under
    its list price (see prices.with_list_price), or with a discount on the line."""
    p = prices.with_list_price(lines, orders, as_of)
    return p.group_by("order_id").agg(is_sale=prices.is_sale(p, sale_discount).any())


def main_products(lines):
    """One row per order: the product with the largest amount (ties: lowest line number)."""
    p = as_table(lines)
    p = p.filter(p.line_type == "product")
    first = ibis.row_number().over(
        group_by=p.order_id, order_by=[p.line_amount_jpy.desc(), p.line_no])
    return p.mutate(place=first).filter(ibis._.place == 0).select(
        "order_id", "sku", "product_name")


def deliveries(orders, subscriptions=None, promised_count=None):
    """`orders` with the number of each subscription delivery in its contract, and who decided on it.

    Adds delivery_no (as the files say, else counted in the order of time; null for other orders) and
    is_automatic: a delivery nobody decided on. A decision is the first delivery of a contract (somebody
    subscribed) and the first one after the promised count (somebody could leave and stayed); without a
    known promise only the first. `subscriptions`: the contracts, for their promise; `promised_count`: the
    shop's, where none is told.
    """
    o = as_table(orders)
    contracts = engine.empty("subscriptions") if subscriptions is None else as_table(subscriptions)
    promised = contracts.group_by("subscription_id").agg(promised_count=contracts.promised_count.max())
    o = o.left_join(promised, "subscription_id").drop("subscription_id_right")
    delivered = o.order_type == "subscription"
    counted = ibis.row_number().over(group_by=[o.customer_key, o.subscription_id, o.order_type],
                                     order_by=[o.ordered_at, *by_number(o.order_id)]) + 1
    o = o.mutate(delivery_no=ibis.ifelse(delivered, ibis.coalesce(o.subscription_seq, counted), ibis.null("int64")))
    promise = ibis.coalesce(o.promised_count, ibis.literal(promised_count).cast("int64"))
    free = ibis.greatest(promise, ibis.literal(1)) + 1
    stayed = (promise.notnull() & (o.delivery_no == free)).fill_null(False)
    return o.mutate(is_automatic=((o.delivery_no > 1) & ~stayed).fill_null(False)).drop("promised_count")


def purchases(orders, lines, as_of, contribution_rate=None, rules=Rules(), subscriptions=None):
    """One row per person x purchase occasion (schema.DERIVED["purchases"]), numbered from 1.

    Same-day orders of one person are one occasion unless `rules.merge_same_day` is off. The
    occasion carries the first order of the day (by time, then order number: 9 before 10): its channel and main product.
    contribution_jpy = (revenue_jpy − the tax still inside it) x contribution_rate; null without a rate.
    is_automatic: nothing in it was decided on that day (see deliveries).
    """
    o = deliveries(valid_orders(orders, as_of, rules), subscriptions, rules.promised_count)
    o = o.left_join(sale_orders(lines, o, as_of, rules.sale_discount), "order_id").drop("order_id_right")
    o = o.left_join(main_products(lines), "order_id").drop("order_id_right")
    occasion = ["customer_key", "order_date"] + ([] if rules.merge_same_day else ["order_id"])
    by_time = [o.ordered_at, *by_number(o.order_id)]

    def of_first(column):
        # rank first, pick with a condition: nulls of the first order stay null
        return column.max(where=o.place == 0)

    o = o.mutate(place=ibis.row_number().over(group_by=occasion, order_by=by_time))
    p = o.group_by(occasion).agg(
        revenue_jpy=whole_sum(o.revenue_jpy),
        kept_jpy=whole_sum(o.revenue_jpy - o.revenue_tax_jpy.fill_null(0)),
        n_orders=o.count(),
        first_order_id=of_first(o.order_id),
        first_at=o.ordered_at.min(),
        acq_channel=of_first(o.acq_channel),
        ad_code=of_first(o.ad_code),
        sku=of_first(o.sku),
        product_name=of_first(o.product_name),
        is_sale=o.is_sale.fill_null(False).any(),
        is_subscription=(o.order_type == "subscription").any(),
        is_automatic=o.is_automatic.all(),
        order_hour=of_first(o.ordered_at.hour().cast("int64")),
        shipped_date=of_first(o.shipped_date),
    )
    p = p.select(
        *[c for c in p.columns if c not in ("order_date", "order_id", "first_order_id")],
        purchase_date=p.order_date, order_id=p.first_order_id)
    window = ibis.window(group_by=p.customer_key, order_by=[
        p.purchase_date, p.first_at, *by_number(p.order_id)])
    contribution = (
        (p.kept_jpy * contribution_rate).round().cast("int64") if contribution_rate
        else ibis.null("int64"))
    return p.mutate(
        purchase_no=ibis.row_number().over(window) + 1,
        previous_date=p.purchase_date.lag().over(window),
        contribution_jpy=contribution,
    ).select(list(schema.DERIVED["purchases"])).cast(schema.of("purchases"))


def buyers(purchases, customers, data_start, burn_in_days=365, data_starts_with_shop=False):
    """One row per person who has bought (schema.DERIVED["buyers"]); "first" is the first in the data.

    second_date: the first later purchase somebody decided on (not is_automatic); n_purchases and sums
    hold every purchase.

    `is_new`: the first purchase in the data can be taken for the first ever: the data starts with
    the shop; or, where the person's registration is known, it is on or after `data_start`; or, where
    it is not, the first purchase is at least `burn_in_days` after `data_start`. Others may be older
    customers and are left out of "new customers", CPA and cohorts.
    """
    p = as_table(purchases)
    first, second = p.purchase_no == 1, (p.purchase_no > 1) & ~p.is_automatic.fill_null(False)
    b = p.group_by("customer_key").agg(
        first_date=p.purchase_date.min(),
        second_date=p.purchase_date.min(where=second),
        last_date=p.purchase_date.max(),
        n_purchases=p.count(),
        revenue_jpy=whole_sum(p.revenue_jpy),
        contribution_jpy=whole_sum(p.contribution_jpy),
        first_revenue_jpy=p.revenue_jpy.max(where=first),
        first_contribution_jpy=p.contribution_jpy.max(where=first),
        acq_channel=p.acq_channel.max(where=first),
        ad_code=p.ad_code.max(where=first),
        first_sku=p.sku.max(where=first),
        first_product=p.product_name.max(where=first),
        first_is_sale=p.is_sale.max(where=first),
        first_is_subscription=p.is_subscription.max(where=first),
        first_hour=p.order_hour.max(where=first),
    )
    c = as_table(customers).select("customer_key", "registered_at")
    b = b.left_join(c, "customer_key").drop("customer_key_right")
    late = b.first_date >= ibis.literal(data_start) + ibis.interval(days=burn_in_days)
    registered = ibis.coalesce(b.registered_at.date() >= ibis.literal(data_start), late)
    return b.mutate(
        cohort_month=month_start(b.first_date),
        acq_channel=b.acq_channel.fill_null(schema.UNKNOWN_CHANNEL),
        is_new=ibis.literal(data_starts_with_shop) | registered,
    ).select(list(schema.DERIVED["buyers"])).cast(schema.of("buyers"))
