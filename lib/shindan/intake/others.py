"""The tables beside orders: costs, campaigns, answers, events. Each: accepted rows in, schema out."""

import ibis

from shindan import schema
from shindan.intake.orders import channel

SORTED_BY = {
    "ad_costs": ["cost_date", "platform", "acq_channel", "campaign_name", "source_file", "source_row"],
    "campaigns": ["campaign_id"],
    "campaign_sends": ["campaign_id", "customer_key", "arm", "sent_date"],
    "campaign_responses": ["campaign_id", "customer_key", "event", "event_date"],
    "campaign_stats": ["campaign_id", "variant"],
    "nps_responses": ["responded_at", "response_id"],
    "events": ["event_at", "visitor_id", "event", "sku"],
    "subscriptions": ["subscription_id"],
}
CONTROL = ("control", "対照群", "対照", "コントロール", "ホールドアウト", "holdout", "非配信")
COST_TAX_PERCENT = 10


def unused(table, rows):
    """Why an accepted row is not used, else null: no cost told, nobody we know, listed twice."""
    if table == "ad_costs":
        return ibis.cases((rows.media_cost_jpy.isnull(), "no_cost"))
    if table not in ("campaign_sends", "campaign_responses"):
        return ibis.null("string")
    branches = [(rows.customer_key.isnull(), "unknown_person")]
    if table == "campaign_sends":
        first = ibis.row_number().over(
            group_by=[rows.campaign_id, rows.customer_key],
            order_by=[rows.assigned_date, rows.sent_date, rows.file_no, rows.source_row])
        branches.append((first > 0, "same_person_twice"))
    return ibis.cases(*branches)


def build(table, rows, settings):
    """The canonical table of accepted `rows` (customer_key resolved where the table has one)."""
    make = {"ad_costs": _ad_costs, "campaigns": _campaigns, "campaign_sends": _sends,
            "campaign_responses": _responses, "nps_responses": _nps}.get(table)
    rows = make(rows, settings) if make else rows
    return rows.select(list(schema.TABLES[table])).cast(schema.of(table))


def _ad_costs(rows, settings):
    """Costs without tax; a cost that names a month stands on its first day."""
    gross = rows.media_cost_jpy
    net = gross - gross * COST_TAX_PERCENT // (100 + COST_TAX_PERCENT)
    taxed = rows.source_no.isin(settings["cost_tax_included"] or [-1])
    day = ibis.cases((rows.grain == "month", ibis.date(rows.cost_date.year(), rows.cost_date.month(), 1)),
                     else_=rows.cost_date)
    return rows.mutate(
        cost_date=day, acq_channel=channel(rows, settings["channels"]),
        platform=rows.platform.fill_null("offline"),
        media_cost_jpy=ibis.cases((taxed, net), else_=gross),
        agency_fee_jpy=rows.agency_fee_jpy.fill_null(0))


def _campaigns(rows, settings):
    return rows.mutate(assignment=rows.assignment.fill_null("none"))


def _sends(rows, settings):
    """One row per campaign and person: the first assignment of someone who is listed twice."""
    arm = rows.arm.fill_null("A")
    control = ibis.coalesce(rows.is_control, arm.lower().isin(CONTROL))
    sent = ibis.cases((~control, ibis.coalesce(rows.sent_date, rows.assigned_date)))
    return rows.mutate(
        arm=ibis.cases((control, "control"), else_=arm), is_control=control, sent_date=sent,
        assigned_date=ibis.coalesce(rows.assigned_date, rows.sent_date),
        delivery=rows.delivery.fill_null("unknown"))


def _responses(rows, settings):
    return rows.mutate(count=rows["count"].fill_null(1))


def _nps(rows, settings):
    stem = rows.file_no.cast("string") + "-" + rows.source_row.cast("string")
    return rows.mutate(response_id=rows.response_id.fill_null(stem),
                       survey_id=rows.survey_id.fill_null("nps"))
