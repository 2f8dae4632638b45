"""The first and the last day of the data, and dates that cannot be right because nothing is near them."""

import ibis
import pandas as pd

from shindan import errors

FEWEST_ORDERS = 20       # fewer say nothing about what is usual
FAR_DAYS, FAR_GAPS = 120, 30  # far: more days than this, and than this many usual gaps
SPIKE_TIMES, SPIKE_SHARE = 30, 0.05  # a spike: so many usual days, and that part of all orders
FEW_SHARE = 0.001        # a stretch with more orders than this is no slip of the pen


def span(orders, as_of, where):
    """(first, last) day of the valid orders; exit 30 if there is none, 21 if a date stands far off.

    `orders` (order_date, status, is_test, is_staff, source_file, source_row). `as_of`: the client's
    own, or None; dates behind it are set aside anyway and may be what they like.
    """
    told = orders.filter(~(orders.is_test | (orders.status == "test")))
    refuse_far(told.filter(told.order_date <= as_of) if as_of else told)
    valid = orders.filter(orders.status == "valid", ~orders.is_test, ~orders.is_staff)
    seen = valid.order_date <= as_of if as_of else True
    row = valid.agg(first=valid.order_date.min(), last=valid.order_date.max(where=seen)).to_pandas().iloc[0]
    if pd.isna(row["first"]):
        raise errors.ShindanError(
            errors.NOTHING_COMPUTED, f"No valid order is left to look at ({_counts(orders)}) / 有効な受注がありません",
            where, "see work/rejects/ (excluded.csv: the orders that a rule of `exclude:` meets), the order source's"
            " mapping and its `status:` words")
    return _day(row["first"]), _day(row["first"] if pd.isna(row["last"]) else row["last"])


def refuse_far(orders):
    """Stop (21) at dates with hardly an order and no other date near: the first or last of all would be wrong."""
    days = orders.group_by("order_date").agg(n=orders.count()).order_by("order_date").to_pandas()
    if days.n.sum() < FEWEST_ORDERS or len(days) < 3:
        return
    on = pd.to_datetime(days.order_date)
    gaps = on.diff().dt.days
    limit = max(FAR_DAYS, FAR_GAPS * gaps.median())
    stretch = (gaps > limit).cumsum()
    sizes = days.groupby(stretch).n.sum()
    few = max(1, int(FEW_SHARE * days.n.sum()))
    for place in (len(sizes) - 1, 0):
        if len(sizes) > 1 and sizes[place] <= few:
            mine = days.index[stretch == place]
            _refuse(orders, _day(days.order_date[mine[0]]), int(gaps[mine[0] if place else mine[-1] + 1]))


def _refuse(orders, day, gap):
    order = orders.filter(orders.order_date == day).order_by("source_file", "source_row").limit(1).to_pandas().iloc[0]
    raise errors.ShindanError(
        errors.INPUT_INVALID,
        f"The order date {day} is {gap:,} days away from all other orders / ほかの受注から大きく離れた受注日です",
        f"raw/{order.source_file}, row {order.source_row}",
        "mend the date there; if it is right, leave the order out in client.yaml: "
        "`exclude: [{as: test, order_no: …}]`")


def spikes(orders):
    """[(day, orders)] of days with far more orders than any usual one: an import that stamped its own day?"""
    days = orders.group_by("order_date").agg(n=orders.count()).order_by("order_date").to_pandas()
    many = (days.n > SPIKE_TIMES * days.n.median()) & (days.n > SPIKE_SHARE * days.n.sum()) & (days.n > FEWEST_ORDERS)
    return [(_day(r.order_date), int(r.n)) for r in days[many].itertuples()]


def _counts(orders):
    kind = ibis.cases((orders.is_staff, "staff"), (orders.is_test, "test"), else_=orders.status)
    rows = orders.group_by(kind=kind).agg(n=orders.count()).order_by("kind").to_pandas()
    return ", ".join(f"{r.kind} {r.n:,}" for r in rows.itertuples()) or "none was read"


def _day(value):
    return value.date() if hasattr(value, "date") else value
