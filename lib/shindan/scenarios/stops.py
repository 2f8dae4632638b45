"""Who may not be written to: consent first, then what the scenario itself says.

Opt-out, bounce, withdrawal and complaint win over everything else and are never made good.
"""

import ibis

from shindan.engine import days_between
from shindan.scenarios.known import DISTANT_DAYS

# in the order in which one is named for who has several; the report's column for each
LEGAL = {"withdrawn": "withdrawn", "complaint": "opted_out", "opted_out": "opted_out", "no_consent": "opted_out",
         "bounced": "unreachable", "no_address": "unreachable", "set_aside": "unreachable"}
OWN = ("returned", "subscriber", "bought_again")
PLANNING = ("overtaken", "capped")
STOPS = (*LEGAL, *OWN, *PLANNING)
BOUNCED = ("bounced",)


def of_people(known, reachable=None):
    """One row per person known: customer_key, stop (of LEGAL; null: may be written to) and the OWN ones.

    `reachable`: one row per person with an address (customer_key, set_aside: a cell of theirs cannot be
    loaded as it stands); without it everybody is taken to have one.
    """
    c = known.table("customers")
    p = c.select("customer_key", "mail_optin", withdrawn=c.is_withdrawn.fill_null(False))
    for name, who in _said(known).items():
        p = _flag(p, who, name)
    if reachable is None:
        p = p.mutate(no_address=ibis.literal(False), set_aside=ibis.literal(False))
    else:
        p = p.left_join(reachable, "customer_key").drop("customer_key_right")
        p = p.mutate(no_address=p.set_aside.isnull(), set_aside=p.set_aside.fill_null(False))
    p = p.mutate(opted_out=p.unsubscribed | (p.mail_optin == False).fill_null(False),  # noqa: E712 - an expression
                 no_consent=p.mail_optin.isnull())
    return p.select("customer_key", *OWN, stop=ibis.cases(*((p[name], name) for name in LEGAL)))


def _said(known):
    """{flag: the people it holds for}, each with a customer_key."""
    answers = known.table("campaign_responses")
    answers = answers.filter((answers.event_date <= known.as_of).fill_null(True))
    return {
        "unsubscribed": answers.filter(answers.event == "unsubscribe"),
        "complaint": answers.filter(answers.event == "complaint"),
        "bounced": _bounced(known),
        "returned": _returned(known),
        "subscriber": _subscribers(known),
        "bought_again": known.table("buyers").filter(ibis._.n_purchases > 1),
    }


def _flag(people, who, name):
    who = who.select("customer_key").distinct().mutate(hit=ibis.literal(True))
    people = people.left_join(who, "customer_key").drop("customer_key_right")
    return people.mutate(**{name: people.hit.fill_null(False)}).drop("hit")


def _bounced(known):
    """Whose last message with a known end came back."""
    s = known.table("campaign_sends")
    s = s.filter(s.delivery.isin([*BOUNCED, "delivered"]), (s.sent_date <= known.as_of).fill_null(True))
    last = ibis.row_number().over(group_by=s.customer_key, order_by=[
        s.sent_date.desc(nulls_first=False), s.delivery, s.campaign_id.desc()])
    return s.mutate(turn=last).filter(ibis._.turn == 0, ibis._.delivery.isin(BOUNCED))


def _returned(known):
    """Who sent something back, whole or in part, of a recent order."""
    o = known.shipped_orders
    recent = days_between(ibis.literal(known.as_of), o.order_date) < DISTANT_DAYS
    return o.filter(recent, (o.status == "returned") | (o.refund_jpy > 0).fill_null(False))


def _subscribers(known):
    """定期中: a contract that runs, or a subscription delivery not long ago."""
    s = known.table("subscriptions")
    running = s.filter(s.status.isin(["active", "paused"]), s.customer_key.notnull()).select("customer_key")
    p = known.table("purchases").filter(ibis._.is_subscription)
    age = days_between(ibis.literal(known.as_of), p.purchase_date)
    delivered = p.filter(age < known.lists.subscription_days).select("customer_key")
    ended = s.filter(s.status == "cancelled").select("customer_key")
    return running.union(delivered.anti_join(ended.anti_join(running, "customer_key"), "customer_key"))


def stop(rows, people, scenario):
    """`rows` of one scenario with outcome: why each is stopped, else null."""
    r = rows.left_join(people, "customer_key").drop("customer_key_right")
    own = [(r[name].fill_null(False), name) for name in OWN if name in scenario.stops]
    return r.mutate(outcome=ibis.coalesce(r.stop, ibis.cases(*own) if own else ibis.null("string"))).drop("stop", *OWN)
