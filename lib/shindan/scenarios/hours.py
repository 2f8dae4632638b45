"""朝型・夜型: when a person's message goes out, from the hours they order at, shrunk to the shop's."""

import ibis

MORNING, NIGHT = "morning", "night"
FROM_HOUR, TO_HOUR = 4, 16   # orders from 4:00 to 15:59 are those of a morning person
LIKE_ORDERS = 4              # the shop's share counts as much as this many orders of one's own


def slots(purchases):
    """One row per buyer, lazy: customer_key, send_slot. Nobody where the files tell no times of day.

    Share of morning orders = (own morning orders + 4 × the shop's share) ÷ (own orders + 4): with few
    orders of their own a person is taken to be like the others. Subscription deliveries say nothing.
    """
    p = purchases.filter(~purchases.is_subscription, purchases.order_hour.notnull())
    morning = p.order_hour.between(FROM_HOUR, TO_HOUR - 1)
    shop = p.agg(share=morning.mean(), timed=(p.order_hour > 0).any())
    own = p.group_by("customer_key").agg(k=morning.sum(), n=p.count())
    both = own.cross_join(shop).filter(ibis._.timed)
    share = (both.k + LIKE_ORDERS * both.share) / (both.n + LIKE_ORDERS)
    return both.select("customer_key", send_slot=ibis.ifelse(share >= 0.5, MORNING, NIGHT))
