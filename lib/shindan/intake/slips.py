"""Orders that a back office split into slips: put together again, one order as the customer placed it.

A slip names the order it was split off (field part_of). Amounts add up, the lines go along; slips of
another status, a cancelled part among them, stay apart.
"""

import ibis
import pandas as pd

from shindan import engine

LONGEST = 32  # doublings, more than any chain of slips; a ring of slips ends too
COUNTED = ("n_pieces", "n_rows")


def together(con, orders, lines):
    """(`orders`, `lines`, how many slips were put to another's order, how many of them to an older file's slip).

    A slip of an older file may still tell the order as it was before the split. Tables are as making keeps them.
    """
    leads = _leads(orders)
    n = int((leads.order_id != leads.lead).sum())
    if not n:
        return orders, lines, 0, 0
    late = int((leads.file_no > leads.lead.map(leads.set_index("order_id").file_no)).sum())
    leads = engine.as_table(leads[["order_id", "lead"]]).cast({"order_id": "string", "lead": "string"})
    return engine.keep(con, _orders(orders, leads), "whole_orders"), engine.keep(con, _lines(lines, leads), "whole_lines"), n, late


def _leads(orders):
    """One row per slip of a family (pandas): order_id, file_no, and lead, the first slip of the same family and status."""
    child = orders.filter(orders.part_of.notnull()).select(
        "order_id", parent=orders.shop + ":" + orders.part_of)
    child = child.semi_join(orders.select(parent="order_id"), "parent")
    root = child.to_pandas().set_index("order_id").parent
    for _ in range(LONGEST):
        root = root.map(root).fillna(root)
    family = pd.DataFrame({"order_id": sorted({*root.index, *root})}, dtype="str")
    found = orders.semi_join(ibis.memtable(family), "order_id").select("order_id", "status", "file_no").to_pandas()
    found["root"] = found.order_id.map(root).fillna(found.order_id)
    found["is_child"] = found.order_id != found.root
    found = found.sort_values(["root", "is_child", "order_id"])
    found["lead"] = found.groupby(["root", "status"], dropna=False).order_id.transform("first")
    return found[["order_id", "lead", "file_no"]]


def _orders(orders, leads):
    """Every amount of a family's slips in its first one."""
    slips = orders.inner_join(leads, "order_id")
    amounts = [c for c in orders.columns if c.endswith("_jpy") or c.startswith("sum_") or c in COUNTED]
    flags = [c for c in ("billed_known", "items_told") if c in orders.columns]
    added = slips.group_by("lead").agg(**{c: engine.whole_sum(slips[c]) for c in amounts},
                                       **{c: slips[c].all() for c in flags})
    first = slips.filter(slips.order_id == slips.lead).drop(*amounts, *flags).inner_join(added, "lead")
    first = first.mutate(is_zero_yen=first.items_jpy - first.discount_shop_jpy <= 0)
    return orders.anti_join(leads, "order_id").union(first.select(orders.columns).cast(orders.schema()))


def _lines(lines, leads):
    """A family's lines under its first slip, numbered through."""
    moved = lines.inner_join(leads, "order_id")
    number = ibis.row_number().over(group_by=moved.lead, order_by=[moved.order_id != moved.lead, moved.order_id, moved.line_no])
    moved = moved.mutate(line_no=(number + 1).cast(lines.line_no.type()), order_id=moved.lead)
    return lines.anti_join(leads, "order_id").union(moved.select(lines.columns).cast(lines.schema()))
