"""How many messages a person gets, what the next one meets, and how far campaigns overlap."""

import ibis

from shindan.analyses import intervals
from shindan.analyses.campaign import NOT_SENT, PERSON
from shindan.analyses.ranks_reached import EVENTS
from shindan.engine import as_table, days_between, frame

DAYS = 365
MOST = 5        # the fifth message and later ones are one row


def messages(sends, responses, as_of, days=DAYS):
    """One row per message sent in the last `days` days, lazy (`sends` as from `campaign.assigned`).

    Columns: campaign_id, customer_key, nth (of this person within the days), is_tracked (its campaign
    records responses, and somebody has ever unsubscribed), opened, unsubscribed, overlaps (another message reached the person within the
    window of this one).
    """
    s = as_table(sends)
    age = days_between(ibis.literal(as_of), s.assigned_date)
    s = s.filter(~s.is_control, ~s.delivery.fill_null("").isin(NOT_SENT), age >= 0, age < days)
    order = [s.assigned_date, s.campaign_id]
    following = s.assigned_date.lead().over(group_by=s.customer_key, order_by=order)
    s = s.mutate(nth=ibis.row_number().over(group_by=s.customer_key, order_by=order) + 1,
                 overlaps=(days_between(following, s.assigned_date) < s.window_days).fill_null(False))
    r = as_table(responses)
    ever = r.filter(r.event == "unsubscribe").select(is_tracked=ibis.literal(True)).distinct()
    tracked = r.filter(r.event.isin(EVENTS)).select("campaign_id").distinct().cross_join(ever)
    r = r.group_by(PERSON).agg(opened=(r.event == "open").any(), unsubscribed=(r.event == "unsubscribe").any())
    t = s.left_join(r, PERSON).select(*s.columns, "opened", "unsubscribed").left_join(tracked, "campaign_id")
    return t.select(*PERSON, "nth", "overlaps", **{
        name: t[name].fill_null(False) for name in ("is_tracked", "opened", "unsubscribed")})


def by_number(messages):
    """One row per nth message to a person (the fifth and later are one row) (pandas).

    Columns: nth, n_messages, n (of campaigns that record responses), opened_share, unsubscribed_share
    (Wilson) of these. Who gets many messages is chosen by the shop: the rows are different people.
    """
    m = as_table(messages)
    nth = ibis.least(m.nth, MOST)
    t = frame(m.group_by(nth=nth).agg(n_messages=m.count(), n=m.is_tracked.sum().fill_null(0), n_opened=m.opened.sum().fill_null(0),
                                      n_unsubscribed=m.unsubscribed.sum().fill_null(0)), by=["nth"])
    low, high = intervals.wilson(t.n_unsubscribed, t.n)
    return t.assign(nth=t.nth.astype("int64"), opened_share=intervals.rate(t.n_opened, t.n),
                    unsubscribed_share=intervals.rate(t.n_unsubscribed, t.n), unsubscribed_share_lo=low,
                    unsubscribed_share_hi=high)


def summary(messages):
    """One row (pandas): n (messages), n_people, most (to one person), n_overlaps, n_tracked, n_unsubscribed."""
    m = as_table(messages)
    return m.agg(n=m.count(), n_people=m.customer_key.nunique(), most=m.nth.max(),
                 n_tracked=m.is_tracked.sum().fill_null(0), n_overlaps=m.overlaps.sum().fill_null(0), n_unsubscribed=m.unsubscribed.sum().fill_null(0)).to_pandas()
