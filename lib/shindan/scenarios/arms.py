"""Who is left out at random: within each rank, by a keyed hash of customer and campaign.

The hash decides the order, the rate how many of it: a share of exactly `rate` in every rank, to the
next whole person. The remainder is drawn by the same key, so that small daily lists keep the share too.
Who was in an arm of the campaign before stays in it.
"""

import hashlib
import hmac

import ibis
import pandas as pd

from shindan import engine

SENT, CONTROL = "sent", "control"


def arms(people, rates, key, as_of, before=None):
    """`people` (one row per campaign x person: campaign_id, customer_key, rank) with arm, lazy.

    `rates` {campaign_id: share left out}; `before`: arms of earlier runs (campaign_id, customer_key, arm).
    """
    who = ["campaign_id", "customer_key"]
    p = people.left_join(before, who) if before is not None else people.mutate(arm=ibis.null("string"))
    p = p.drop(*(c for c in p.columns if c.endswith("_right")))
    kept = p.filter(p.arm.notnull())
    new = p.filter(p.arm.isnull())
    drawn = engine.hmac_hex(ibis.literal("person:") + new.customer_key + ":" + new.campaign_id, key)
    new = new.mutate(place=ibis.row_number().over(
        group_by=[new.campaign_id, new["rank"]], order_by=[drawn, new.customer_key]))
    new = new.inner_join(_places(new, rates, key, as_of), ["campaign_id", "rank"])
    new = new.drop(*(c for c in new.columns if c.endswith("_right")))
    new = new.mutate(arm=ibis.ifelse(new.place < new.places, CONTROL, SENT))
    return kept.select(*who, "rank", "arm").union(new.select(*who, "rank", "arm"))


def _places(new, rates, key, as_of):
    """One row per campaign x rank: places, how many of the new people are left out."""
    n = engine.frame(new.group_by("campaign_id", "rank").agg(n=new.count()), by=["campaign_id", "rank"])
    n["places"] = [int(size * rates[campaign] + _share(key, f"places:{campaign}:{rank}:{as_of}"))
                   for campaign, rank, size in n.itertuples(index=False)]
    shape = ibis.schema({"campaign_id": "string", "rank": "string", "places": "int64"})
    return ibis.memtable(pd.DataFrame(n[list(shape)]), schema=shape)


def _share(key, text):
    """A number in [0, 1) that the key and the text decide."""
    return int(hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:12], 16) / 16**12
