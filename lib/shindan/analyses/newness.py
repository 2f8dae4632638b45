"""What "new customer" counts: a person new to the shop, or a person new to a product.

`acquisition.new_to` of client.yaml. Either way the analyses of CPA and LTV get the same two tables.
"""

import ibis

from shindan import schema
from shindan.engine import as_table


def per_product(buyers, purchases, data_start, burn_in_days):
    """(buyers, purchases) with a person × main product in the place of a person, lazy.

    A purchase belongs to its main product; an old customer who buys a product for the first time is
    new to it. `is_new`: the person is, or the first purchase of the product lies at least
    `burn_in_days` after `data_start`. Numbers, second purchase and sums are those of the product.
    """
    p = as_table(purchases)
    product = ibis.coalesce(p.sku, p.product_name, "")
    p = p.mutate(person=p.customer_key, customer_key=p.customer_key + ibis.literal("\x1f") + product)
    order = ibis.window(group_by=p.customer_key, order_by=[p.purchase_date, p.purchase_no])
    p = p.mutate(purchase_no=ibis.row_number().over(order) + 1, previous_date=p.purchase_date.lag().over(order))
    again = (p.purchase_no > 1) & ~p.is_automatic.fill_null(False)
    first = p.purchase_no == 1
    starts = p.group_by("customer_key").agg(
        person=p.person.max(), first_date=p.purchase_date.min(), second_date=p.purchase_date.min(where=again),
        last_date=p.purchase_date.max(), n_purchases=p.count(), first_revenue_jpy=p.revenue_jpy.max(where=first),
        first_contribution_jpy=p.contribution_jpy.max(where=first), acq_channel=p.acq_channel.max(where=first),
        ad_code=p.ad_code.max(where=first), first_sku=p.sku.max(where=first),
        first_product=p.product_name.max(where=first))
    b = as_table(buyers)
    starts = starts.left_join(b.select(person=b.customer_key, is_new_person=b.is_new), "person")
    late = starts.first_date >= ibis.literal(data_start) + ibis.interval(days=burn_in_days)
    starts = starts.mutate(is_new=starts.is_new_person.fill_null(False) | late,
                           acq_channel=starts.acq_channel.fill_null(schema.UNKNOWN_CHANNEL))
    return starts.drop("person", "person_right", "is_new_person"), p.drop("person")
