"""Who is due for a scenario within the planned days: one row per person, pure expressions.

Each `who` of the catalogue is one function below: (known, scenario) -> customer_key, base_date and,
where the message is about a product, sku and product_name. `since` is the day that says in which
month's campaign a person is measured (base_date, unless that may still move).
"""

import datetime

import ibis

from shindan.analyses import campaign
from shindan.engine import as_date, days_after, days_between
from shindan.scenarios.offers import offers

ROW = ("customer_key", "base_date", "since", "due_date", "send_on", "is_late", "is_estimated", "sku", "product_name")
MOST_OF_A_DETRACTOR = 6


def due(known, scenario):
    """One row per person due for `scenario` (columns ROW), lazy; who had it before is left out.

    Dated: due base_date + day; what was due in the `catch_up_days` before the first planned day goes
    out on that day (is_late). Others: due on the planned day number `day`.
    """
    rows = WHO[scenario.who](known, scenario)
    blank = {"since": rows.base_date, "sku": ibis.null("string"), "product_name": ibis.null("string"), "is_estimated": ibis.literal(False)}
    rows = rows.mutate(**{c: v for c, v in blank.items() if c not in rows.columns})
    rows = (_on_own_day if scenario.is_dated else _on_planned_day)(rows, known, scenario)
    rows = rows.anti_join(known.nobody, "customer_key")
    first = ibis.row_number().over(group_by=rows.customer_key, order_by=[rows.due_date, rows.base_date, rows.sku])
    rows = rows.mutate(turn=first).filter(ibis._.turn == 0).select(*ROW)
    return _not_again(rows, known, scenario)


def _on_own_day(rows, known, scenario):
    rows = rows.mutate(due_date=days_after(rows.base_date, scenario.day))
    start = known.first - datetime.timedelta(days=scenario.catch_up_days)
    rows = rows.filter(rows.due_date >= start, rows.due_date <= known.last)
    first = ibis.literal(known.first)
    return rows.mutate(send_on=ibis.greatest(rows.due_date, first), is_late=rows.due_date < first)


def _on_planned_day(rows, known, scenario):
    day = known.first + datetime.timedelta(days=min(scenario.day, known.lists.days - 1))
    return rows.mutate(due_date=ibis.literal(day), send_on=ibis.literal(day), is_late=ibis.literal(False), since=ibis.literal(known.first))


def _not_again(rows, known, scenario):
    """Without those an earlier list of the scenario had (left out or not), unless long enough ago."""
    if known.earlier is None:
        return rows
    had = known.earlier.filter(known.earlier["list"] == scenario.id)
    had = had.group_by("customer_key").agg(had_on=had.send_on.max())
    rows = rows.left_join(had, "customer_key").drop("customer_key_right")
    again = ibis.literal(False)
    if scenario.again_days is not None:
        again = days_between(rows.send_on, rows.had_on) >= scenario.again_days
    return rows.filter(rows.had_on.isnull() | again).select(*ROW)


# -- who --------------------------------------------------------------------------------------------
def _first_shipment(known, scenario):
    return known.first_orders.select("customer_key", "base_date", "is_estimated", since="order_date")


def _first_order(known, scenario):
    return known.first_orders.select("customer_key", base_date="order_date")


def _rank(known, scenario):
    r = known.ranked
    return r.filter(r["rank"] == scenario.rank).select("customer_key", base_date=ibis.literal(known.as_of))


def _became_rank(known, scenario):
    """Who has the rank now and did not have it `days` ago."""
    before = known.rank_before(scenario.days)
    return _rank(known, scenario).anti_join(before.filter(before["rank"] == scenario.rank), "customer_key")


def _past_rank(known, scenario):
    """Who has not bought for `days`, by the rank they held on the day after they last did."""
    b = known.table("buyers")
    silent = b.filter(days_between(ibis.literal(known.as_of), b.last_date) >= scenario.days)
    left = silent.select("customer_key", on_date=days_after(silent.last_date, 1))
    held = campaign.ranks_on_dates(left, known.table("purchases"), known.cuts)
    held = held.filter(held["rank"] == scenario.rank)
    return held.select("customer_key", base_date=days_after(held.on_date, -1))


def _birthday(known, scenario):
    c = known.table("customers")
    return c.filter(c.birth_month == known.first.month).select(
        "customer_key", base_date=ibis.literal(known.first.replace(day=1)))


def _priced(known, scenario):
    """One row per person with purchases in the last `days`: whether any was at a sale, whether all."""
    p = known.table("purchases")
    p = p.filter(days_between(ibis.literal(known.as_of), p.purchase_date) < scenario.days,
                 p.purchase_date <= known.as_of)
    return p.group_by("customer_key").agg(
        base_date=p.purchase_date.max(), any_sale=p.is_sale.any(), all_sale=p.is_sale.all())


def _list_price(known, scenario):
    return _priced(known, scenario).filter(~ibis._.any_sale).select("customer_key", "base_date")


def _sale(known, scenario):
    return _priced(known, scenario).filter(ibis._.all_sale).select("customer_key", "base_date")


def _cross_sell(known, scenario):
    """Who bought in the last `days`, with the one product to offer them."""
    b = known.table("buyers")
    recent = b.filter(days_between(ibis.literal(known.as_of), b.last_date) < scenario.days)
    recent = recent.select("customer_key", base_date="last_date")
    return recent.inner_join(offers(known), "customer_key").select("customer_key", "base_date", "sku", "product_name")


def _runs_out(known, scenario):
    r = known.runs_out
    return r.select("customer_key", "sku", "product_name", base_date=as_date(r.runs_out_date))


def _detractor(known, scenario):
    """Whose latest answer is that of a detractor."""
    n = known.table("nps_responses").filter(ibis._.customer_key.notnull())
    n = n.filter(n.responded_at.date() <= known.as_of)
    last = ibis.row_number().over(
        group_by=n.customer_key, order_by=[n.responded_at.desc(), n.response_id.desc()])
    n = n.mutate(turn=last).filter(ibis._.turn == 0, ibis._.score <= MOST_OF_A_DETRACTOR)
    return n.select("customer_key", base_date=n.responded_at.date())


def _cart(known, scenario):
    """The last product put into a basket that no purchase followed, neither on the site nor in the orders."""
    e = known.table("events").filter(ibis._.customer_key.notnull(), ibis._.event_at.date() <= known.as_of)
    bought = e.filter(e.event == "purchase").group_by("customer_key").agg(bought_at=ibis._.event_at.max())
    put = e.filter(e.event.isin(["add_to_cart", "begin_checkout"]), e.sku.notnull())
    last = ibis.row_number().over(group_by=put.customer_key, order_by=[put.event_at.desc(), put.sku])
    put = put.mutate(turn=last).filter(ibis._.turn == 0)
    put = put.left_join(bought, "customer_key").drop("customer_key_right")
    put = put.filter(put.bought_at.isnull() | (put.bought_at < put.event_at))
    put = put.select("customer_key", "sku", base_date=put.event_at.date())
    b = known.table("buyers").select("customer_key", "last_date")
    put = put.left_join(b, "customer_key").drop("customer_key_right")
    put = put.filter(put.last_date.isnull() | (put.last_date < put.base_date))
    i = known.table("order_lines").filter(ibis._.sku.notnull())
    names = i.group_by("sku").agg(product_name=i.product_name.max())
    return put.left_join(names, "sku").select("customer_key", "base_date", "sku", "product_name")


WHO = {
    "first_shipment": _first_shipment, "first_order": _first_order, "cart": _cart, "detractor": _detractor,
    "runs_out": _runs_out, "rank": _rank, "past_rank": _past_rank, "became_rank": _became_rank,
    "cross_sell": _cross_sell, "list_price": _list_price, "sale": _sale, "birthday": _birthday,
}
