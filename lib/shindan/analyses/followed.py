"""Whose purchases can be followed: malls give no buyer, or an address that means somebody there only."""

import pandas as pd

from shindan import schema
from shindan.analyses import data
from shindan.engine import as_table, frame

MASKED = "mall_alias"


def by_shop(orders, customer_ids, as_of):
    """One row per shop and format with a valid order, named or not: shop, source, n_orders, n_unknown, n_masked and their rates.

    Unknown: nobody can be named for the order. Masked: its buyer is known by a mall's masked address
    alone, so that what they buy elsewhere is somebody else's.
    """
    o = as_table(orders)
    o = o.filter(o.status == "valid", ~o.is_test, ~o.is_staff, ~o.is_zero_yen,
                 o.order_type.isin(schema.PURCHASE_TYPES), o.order_date <= as_of)
    o = o.left_join(_masked(customer_ids), "customer_key")
    table = frame(o.group_by("shop", "source").agg(
        n_orders=o.count(), n_unknown=o.customer_key.isnull().sum(), n_masked=o.is_masked.fill_null(False).sum()),
        by=["shop", "source"])
    return table.assign(unknown_rate=table.n_unknown / table.n_orders, masked_rate=table.n_masked / table.n_orders)


def repeat_without(occasions, customer_ids, as_of):
    """Two rows, everybody and without buyers known by a masked address only; columns as `data.merging`."""
    o = as_table(occasions)
    own = o.anti_join(_masked(customer_ids), "customer_key")
    rows = [(name, *data.repeat(t, as_of)) for name, t in (("everybody", o), ("without_masked", own))]
    return pd.DataFrame(rows, columns=["buyers", "n_people", "n", "f2_rate", "ltv_jpy"])


def _masked(customer_ids):
    """The people who are known by a mall's masked address and by nothing of the shop's own."""
    ids = as_table(customer_ids)
    kinds = ids.group_by("customer_key").agg(
        is_masked=(ids.id_type == MASKED).any() & ~ids.id_type.isin(schema.OWN_IDS).any())
    return kinds.filter(kinds.is_masked)
