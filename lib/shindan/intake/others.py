"""The tables beside orders: costs, campaigns, answers, events. Each: accepted rows in, schema out."""

import ibis

from shindan import schema
from shindan.intake import costs, visits

SORTED_BY = {
    "ad_costs": ["cost_date", "platform", "acq_channel", "campaign_name", "source_file", "source_row"],
    "campaigns": ["campaign_id"],
    "campaign_sends": ["campaign_id", "customer_key", "arm", "sent_date"],
    "campaign_responses": ["campaign_id", "customer_key", "event", "event_date"],
    "campaign_stats": ["campaign_id", "variant"],
    "nps_responses": ["responded_at", "response_id"],
    "events": ["event_at", "visitor_id", "event", "sku"],
    "site_visits": ["from_date", "source_medium", "source_file", "source_row"],
    "subscriptions": ["subscription_id"],
}
CONTROL = ("control", "対照群", "対照", "コントロール", "ホールドアウト", "holdout", "非配信")
STATS = ("recipients", "delivered", "bounces", "unique_opens", "unique_clicks", "unsubscribes",
         "complaints", "orders", "revenue_jpy")


def unused(table, rows):
    """Why an accepted row is not used, else null: no cost told, nobody we know, listed twice ..."""
    judge = {"ad_costs": costs.unused, "campaigns": _named_again, "campaign_stats": _told_again,
             "nps_responses": _no_answer, "campaign_sends": _no_send,
             "campaign_responses": _nobody}.get(table)
    return judge(rows) if judge else ibis.null("string")


def _nobody(rows):
    return ibis.cases((rows.customer_key.isnull(), "unknown_person"))


def _no_send(rows):
    """Nobody; somebody in two arms, who belongs to neither; a repetition within one arm."""
    person, arm = [rows.campaign_id, rows.customer_key], _arm(rows)
    several = arm.max().over(group_by=person) != arm.min().over(group_by=person)
    first = ibis.row_number().over(
        group_by=person, order_by=[rows.assigned_date, rows.sent_date, rows.file_no, rows.source_row])
    return ibis.cases((rows.customer_key.isnull(), "unknown_person"), (several, "in_two_arms"),
                      (first > 0, "same_person_twice"))


def _is_control(rows):
    return ibis.coalesce(rows.is_control, rows.arm.fill_null("").lower().isin(CONTROL))


def _arm(rows):
    return ibis.cases((_is_control(rows), "control"), else_=rows.arm.fill_null("A"))


def _named_again(rows):
    """A campaign is told by the source that stands first in client.yaml, there by its newest file."""
    place = ibis.row_number().over(
        group_by=rows.campaign_id, order_by=[rows.source_no, rows.file_no.desc(), rows.source_row])
    return ibis.cases((place > 0, "named_again"))


def _told_again(rows):
    """The newest file that tells a campaign (and variant, and day) replaces the older ones."""
    newest = rows.file_no.max().over(group_by=[
        rows.campaign_id, rows.variant.fill_null(""), rows.stat_date.cast("string").fill_null("")])
    return ibis.cases((rows.file_no < newest, "replaced"))


def _no_answer(rows):
    return ibis.cases((rows.is_test.fill_null(False), "test_answer"),
                      (~rows.is_complete.fill_null(True), "not_complete"))


def build(table, rows, settings):
    """The canonical table of accepted `rows` (customer_key resolved where the table has one)."""
    make = {"ad_costs": _ad_costs, "campaigns": _campaigns, "campaign_sends": _sends,
            "campaign_responses": _responses, "campaign_stats": _stats, "nps_responses": _nps,
            "site_visits": _visits}.get(table)
    rows = make(rows, settings) if make else rows
    return rows.select(list(schema.TABLES[table])).cast(schema.of(table))


def _ad_costs(rows, settings):
    return costs.build(rows, settings["costs"], settings["config"])


def _visits(rows, settings):
    return visits.build(rows, settings["files"], settings["where"])


def _stats(rows, settings):
    """One row per campaign and variant: the days of a flow are added up."""
    return rows.group_by("campaign_id", "variant").agg(**{c: rows[c].sum() for c in STATS})


def _campaigns(rows, settings):
    return rows.mutate(assignment=rows.assignment.fill_null("none"))


def _sends(rows, settings):
    """One row per campaign and person: the first assignment of someone who is listed twice."""
    control = _is_control(rows)
    sent = ibis.cases((~control, ibis.coalesce(rows.sent_date, rows.assigned_date)))
    return rows.mutate(
        arm=_arm(rows), is_control=control, sent_date=sent,
        assigned_date=ibis.coalesce(rows.assigned_date, rows.sent_date),
        delivery=rows.delivery.fill_null("unknown"))


def _responses(rows, settings):
    return rows.mutate(count=rows["count"].fill_null(1))


def _nps(rows, settings):
    stem = rows.file_no.cast("string") + "-" + rows.source_row.cast("string")
    return rows.mutate(response_id=rows.response_id.fill_null(stem),
                       survey_id=rows.survey_id.fill_null("nps"))
