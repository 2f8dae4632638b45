"""One row per person: what the customer files say, and when they first bought."""

import ibis

from shindan import engine, schema
from shindan.intake.contacts import PHONE
from shindan.intake.orders import channel

OPINIONS = ("prefecture", "birth_year", "birth_month", "sex", "member_rank", "mail_optin",
            "line_linked")
FLAGS = ("is_staff", "is_test", "is_wholesale", "is_withdrawn")


def build(rows, orders, ids, channels):
    """One row per person (schema customers) known from a customer file or an order.

    Of several records of one person the newest registration speaks, field by field; flags hold if
    any record has them, and mail_optin is a no where the newest record of any source says no (the
    mail tool's list of those who opted out need not be newer than the member file). acq_channel and ad_code are those of the first valid order.
    """
    r = rows.filter(rows.customer_key.notnull())
    r = r.mutate(birth_year=ibis.coalesce(r.birth_year, r.birth_date.year().cast("int64")),
                 birth_month=ibis.coalesce(r.birth_month, r.birth_date.month().cast("int64")),
                 acq_channel=ibis.cases((r.acq_channel.notnull() | r.ad_code.notnull(),
                                         channel(r, channels))))
    newest = ibis.window(group_by=r.customer_key, order_by=[
        r.registered_at.desc(nulls_first=False), r.file_no.desc(), r.source_row.desc()])
    r = r.mutate(place=ibis.row_number().over(newest))
    told = r.group_by("customer_key").agg(
        registered_at=r.registered_at.min(),
        lifetime_orders_reported=r.lifetime_orders_reported.max(),
        told_channel=r.acq_channel.argmin(r.place, where=r.acq_channel.notnull()),
        told_code=r.ad_code.argmin(r.place, where=r.ad_code.notnull()),
        **{c: r[c].argmin(r.place, where=r[c].notnull()) for c in OPINIONS},
        **{c: r[c].fill_null(False).any() for c in FLAGS})
    people = ids.group_by("customer_key").agg(n_source_ids=(ids.id_type != PHONE).sum())
    p = people.left_join(told, "customer_key").drop("customer_key_right")
    p = p.left_join(_refused(r), "customer_key").drop("customer_key_right")
    p = p.mutate(mail_optin=ibis.ifelse(p.refused.fill_null(False), False, p.mail_optin))
    p = p.left_join(_first_orders(orders), "customer_key").drop("customer_key_right")
    p = p.mutate(acq_channel=ibis.coalesce(p.acq_channel, p.told_channel),
                 ad_code=ibis.coalesce(p.ad_code, p.told_code),
                 **{c: p[c].fill_null(False) for c in FLAGS})
    return p.select(list(schema.TABLES["customers"])).cast(schema.of("customers"))


def _refused(records):
    """One row per person whose newest record in some source says no to mail."""
    r = records.filter(records.mail_optin.notnull())
    t = r.group_by("customer_key", "source_no").agg(says=r.mail_optin.argmin(r.place))
    return t.filter(~t.says).select("customer_key").distinct().mutate(refused=ibis.literal(True))


def _first_orders(orders):
    """One row per person with a valid order: its date, channel and ad code."""
    o = orders.filter(orders.status == "valid", orders.customer_key.notnull())
    by_time = ibis.window(group_by=o.customer_key, order_by=[o.ordered_at, *engine.by_number(o.order_id)])
    o = o.mutate(place=ibis.row_number().over(by_time)).filter(ibis._.place == 0)
    return o.select("customer_key", "acq_channel", "ad_code", first_order_date="order_date")
