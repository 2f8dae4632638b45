"""Who each campaign of the demo shop went to, what they did, and the purchases it truly caused.

Random campaigns split the eligible half and half. A campaign with a lift adds purchases to the
sent arm, in every rank the same share of people; only customers with two purchases or more can be
moved, so the second-purchase curve stays the model's own. Rule campaigns cause nothing: who they
reach would have bought anyway.
"""

import numpy as np
import pandas as pd

from shindan import config
from shindan.demo import catalogue as cat
from shindan.demo import shop

RULES = {  # on the send day: n purchases, recency in days, sales in the last year
    "recent": lambda h: (h.recency <= 60) & (h.n >= 2),
    "once": lambda h: (h.n == 1) & (h.recency <= 365),
    "big": lambda h: (h.in_window >= 3) | ((h.n >= 2) & (h.recency <= 30)),
    "asleep": lambda h: h.recency >= 365,
    "twice": lambda h: h.n >= 2,
    "active": lambda h: h.recency <= 120,
}


def run(c, purchases, rng):
    """Every campaign in the order sent: (purchases with those caused, sends, responses)."""
    sends, responses = [], []
    for campaign in cat.CAMPAIGNS:
        sent = _assign(campaign, c, purchases, rng)
        caused = _caused(campaign, sent, purchases, rng)
        purchases = shop.numbered(pd.concat([purchases, caused], ignore_index=True))
        sends.append(sent)
        responses.append(_responses(campaign, sent, purchases, rng))
    return purchases, pd.concat(sends, ignore_index=True), pd.concat(responses, ignore_index=True)


def history(purchases, day, window=365):
    """One row per customer with a purchase before `day`: n, recency, in_window, rank."""
    before = purchases[purchases.day < day]
    by = before.groupby("customer")
    h = pd.DataFrame({"n": by.size(), "recency": day - by.day.max()})
    recent = before[before.day >= day - window].groupby("customer").size()
    h["in_window"] = recent.reindex(h.index, fill_value=0)
    return h.assign(rank=ranks(h.in_window, h.recency))


def ranks(in_window, recency):
    """Each customer's rank by the default rules of client.yaml."""
    rfm = config.Rfm()
    rules = [in_window >= rule.min_purchases for rule in rfm.ranks]
    names = [rule.rank for rule in rfm.ranks]
    return np.select([recency >= rfm.dormant_days, *rules], ["dormant", *names], "regular")


def _assign(campaign, c, purchases, rng):
    h = history(purchases, campaign.day)
    h = h[RULES[campaign.to](h)]
    reachable = c.loc[h.index]
    if campaign.channel != "DM":
        h = h[(reachable.optin & ~reachable.guest_always).to_numpy()]
    arm = np.full(len(h), "A", dtype=object)
    if campaign.random:
        arm[rng.permutation(len(h))[: len(h) // 2]] = "control"
    bounced = rng.random(len(h)) < 0.015
    return pd.DataFrame({
        "campaign": campaign.id, "customer": h.index, "rank": h["rank"].to_numpy(), "arm": arm,
        "day": campaign.day,
        "delivery": np.select([arm == "control", bounced], ["not_sent", "bounced"], "delivered"),
    })


def bought(campaign, sent, purchases):
    """Per person sent (or held out): a purchase within the campaign's window, send day included."""
    during = purchases.day.between(campaign.day, campaign.day + campaign.days)
    return sent.customer.isin(purchases.customer[during]).to_numpy()


def _caused(campaign, sent, purchases, rng):
    natural = bought(campaign, sent, purchases)
    free = 1 - pd.Series(natural).groupby(sent["rank"].to_numpy()).transform("mean").to_numpy()
    chance = campaign.lift / np.maximum(free, campaign.lift + 1e-9)
    moved = (sent.arm == "A").to_numpy() & ~natural & (rng.random(len(sent)) < chance)
    day = campaign.day + 1 + rng.integers(0, 14, size=moved.sum())
    return pd.DataFrame({"customer": sent.customer[moved].to_numpy(), "day": day,
                         "campaign": campaign.id})


def _responses(campaign, sent, purchases, rng):
    """Opens and clicks: those about to buy open more, so openers v. others misleads."""
    delivered = (sent.delivery == "delivered").to_numpy()
    buys = bought(campaign, sent, purchases)
    eager = np.where(buys, 0.55, 0.22)
    opens = delivered & (rng.random(len(sent)) < eager) & (campaign.channel != "DM")
    clicks = opens & (rng.random(len(sent)) < np.where(buys, 0.5, 0.12))
    leaves = opens & (rng.random(len(sent)) < 0.006)
    after = rng.integers(0, 3, size=len(sent))
    parts = [pd.DataFrame({"campaign": campaign.id, "customer": sent.customer[mask],
                           "event": event, "day": (sent.day + after)[mask]})
             for event, mask in (("open", opens), ("click", clicks), ("unsubscribe", leaves))]
    return pd.concat(parts, ignore_index=True)
