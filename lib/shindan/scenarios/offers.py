"""次の一品: one product for everybody, never one they own, nor of a family they own one of."""

import ibis
import pandas as pd

from shindan.analyses import following
from shindan.scenarios.known import FEW_SELLERS


def offers(known):
    """One row per buyer with something to be offered, lazy: customer_key, sku, product_name.

    The product most often bought next by those who bought what they bought last (following.next_best);
    else the best seller they do not own. Products no longer sold, or not to be offered, are none.
    """
    sellers = known.sellers
    if sellers.empty:
        return _sellers(sellers).select(customer_key="sku", sku="sku", product_name="product").limit(0)
    owned = _owned(known)
    best = following.next_best(known.items, known.pairs, known.basket_rules.min_n)
    best = best.select("customer_key", sku="next_sku", product_name="next_product").anti_join(
        owned, ["customer_key", "sku"])
    rest = known.items.select("customer_key").distinct().anti_join(best, "customer_key")
    free = rest.cross_join(_sellers(sellers.head(FEW_SELLERS))).anti_join(owned, ["customer_key", "sku"])
    first = ibis.row_number().over(group_by=free.customer_key, order_by=free.place)
    free = free.mutate(turn=first).filter(ibis._.turn == 0)
    return best.union(free.select("customer_key", "sku", product_name="product"))


def _sellers(sellers):
    table = sellers[["sku", "product"]].assign(place=range(len(sellers)))
    shape = ibis.schema({"sku": "string", "product": "string", "place": "int64"})
    return ibis.memtable(table, schema=shape)


def _owned(known):
    """One row per person x product they have bought, or own a sister of: customer_key, sku."""
    owned = known.items.select("customer_key", "sku").distinct()
    families = known.lists.families.values()
    sisters = pd.DataFrame([(a, b) for skus in families for a in skus for b in skus if a != b],
                           columns=["sku", "sister"])
    if sisters.empty:
        return owned
    shape = ibis.schema({"sku": "string", "sister": "string"})
    more = owned.inner_join(ibis.memtable(sisters, schema=shape), "sku").select("customer_key", sku="sister")
    return owned.union(more).distinct()
