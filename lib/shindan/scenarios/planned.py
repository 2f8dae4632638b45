"""The plan: every person due for every scenario, and what becomes of them."""

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shindan.analyses import campaign
from shindan.engine import days_between, frame
from shindan.scenarios import arms, cap, hours, power, stops
from shindan.scenarios.due import due

PLAN = ("list", "campaign_id", "customer_key", "rank", "base_date", "due_date", "send_on", "is_late", "is_estimated",
        "sku", "product_name", "send_slot", "outcome")
OUTCOMES = (*stops.STOPS, arms.CONTROL, arms.SENT)


def plan(known, scenarios, key, reachable=None):
    """One row per person x list due within the planned days (columns PLAN), stored.

    outcome: why a person is stopped (of stops.STOPS), "control" (left out at random) or "sent".
    `reachable`: {profile: see stops.of_people}. Everybody due stands here once: what is due = Σ outcomes.
    """
    people = {p: known.keep(stops.of_people(known, (reachable or {}).get(p)), f"stops_{p}")
              for p in {s.profile for s in scenarios}}
    lists = [known.keep(_list(known, s, people[s.profile]), f"list_{s.id}") for s in scenarios]
    rows = known.keep(_numbered(ibis.union(*lists) if len(lists) > 1 else lists[0], known), "due")
    rows = known.keep(_with(rows, _overtaken(rows), "overtaken"), "in_turn")
    rows = known.keep(_with(rows, _capped(rows, known), "capped"), "capped")
    return known.keep(_with_arms(rows, known, scenarios, key).select(*PLAN), "plan")


def _list(known, scenario, people):
    """The rows of one scenario with their campaign and, for those stopped, why."""
    rows = stops.stop(due(known, scenario), people, scenario)
    month = rows.since.year().cast("string") + "-" + rows.since.month().cast("string").lpad(2, "0")
    return rows.mutate(list=ibis.literal(scenario.id), series=ibis.literal(scenario.series),
                       priority=ibis.literal(scenario.priority).cast("int64"),
                       campaign_id=ibis.literal(f"{scenario.series}.") + month)


def _numbered(rows, known):
    """`rows` with rank and send_slot, numbered in the order in which the cap takes them."""
    r = known.ranked
    rows = rows.left_join(r.select("customer_key", rank=r["rank"]), "customer_key").drop("customer_key_right")
    rows = rows.left_join(hours.slots(known.table("purchases")), "customer_key").drop("customer_key_right")
    order = [rows.priority, rows.due_date, rows["list"], rows.customer_key]
    return rows.mutate(rank=rows["rank"].fill_null(campaign.NEVER_BOUGHT), row_no=ibis.row_number().over(order_by=order))


def _with(rows, hit, why):
    """`rows` with outcome `why` where `hit` (row_no) names them."""
    rows = rows.left_join(hit.mutate(hit=ibis.literal(True)), "row_no").drop("row_no_right")
    return rows.mutate(outcome=ibis.coalesce(rows.outcome, ibis.cases((rows.hit.fill_null(False), why)))).drop("hit")


def _overtaken(rows):
    """row_no of messages of a series that a later one of it stands beside, on one day: one step a day."""
    open_ = rows.filter(rows.outcome.isnull())
    turn = ibis.row_number().over(
        group_by=[open_.customer_key, open_.series, open_.send_on], order_by=[open_.due_date.desc(), open_["list"].desc()])
    return open_.mutate(turn=turn).filter(ibis._.turn > 0).select("row_no")


def _capped(rows, known):
    """row_no of messages that do not fit under the cap."""
    t = rows.filter(rows.outcome.isnull())
    t = t.select("row_no", "customer_key", day=days_between(t.send_on, ibis.literal(known.first)))
    t = t.order_by("row_no").to_pyarrow()
    people = pc.unique(t["customer_key"])
    candidates = pd.DataFrame({"person": _places(t["customer_key"], people), "day": t["day"].to_numpy()})
    before = _past(known).to_pyarrow()
    past = pd.DataFrame({"person": _places(before["customer_key"], people), "day": before["day"].to_numpy()})
    ok = cap.accepted(candidates, past[past.person >= 0], known.lists.cap)
    return ibis.memtable(pa.table({"row_no": pa.array(t["row_no"].to_numpy()[~ok], pa.int64())}))


def _places(keys, people):
    """The place of every key in `people`; -1 for others."""
    return pc.fill_null(pc.index_in(keys, value_set=people), -1).to_numpy(zero_copy_only=False).astype(np.int32)


def _past(known):
    """One row per message a person has had, or has been planned, near the planned days: customer_key, day."""
    s = known.table("campaign_sends")
    s = s.filter(~s.is_control, ~s.delivery.fill_null("").isin(campaign.NOT_SENT), s.sent_date <= known.as_of)
    found = s.select("customer_key", "campaign_id", on="sent_date")
    if known.earlier is not None:
        found = found.union(known.earlier.select("customer_key", "campaign_id", on="send_on")).distinct()
    found = found.mutate(day=days_between(found.on, ibis.literal(known.first)))
    reach = known.lists.cap.days  # a window holds no day further off
    return found.filter(found.day > -reach, found.day < known.lists.days + reach).select("customer_key", "day")


def _with_arms(rows, known, scenarios, key):
    """Who is left of each campaign is sent to or left out, once for all its lists."""
    open_ = rows.filter(rows.outcome.isnull())
    people = open_.group_by("campaign_id", "customer_key").agg(rank=open_["rank"].max())
    rate = {s.series: s.holdout_rate for s in scenarios}
    ids = frame(open_.select("campaign_id").distinct()).campaign_id
    rates = {id: rate[id.rpartition(".")[0]] for id in ids}
    before = known.drawn
    if before is not None:
        before = before.group_by("campaign_id", "customer_key").agg(arm=before.arm.min())
    drawn = arms.arms(people, rates, key, known.as_of, before)
    both = rows.left_join(drawn.select("campaign_id", "customer_key", "arm"), ["campaign_id", "customer_key"])
    return both.mutate(outcome=ibis.coalesce(both.outcome, both.arm))


def counts(plan, scenarios, known):
    """One row per list (pandas), in the catalogue's order: how what is due becomes what is sent.

    Columns: schema.DERIVED["list_counts"]. n (due) = Σ n_<outcome> of OUTCOMES; n_people_sent and
    n_people_control count a person in the first list of a campaign only (so they add up over a series);
    usual_rate, detectable_pt: see power.py.
    """
    is_ = {o: plan.outcome == o for o in OUTCOMES}
    once = ibis.row_number().over(group_by=[plan.campaign_id, plan.customer_key, plan.outcome],
                                  order_by=[plan.send_on, plan["list"]]) == 0
    plan = plan.mutate(once=once)
    found = frame(plan.group_by("list", "rank").agg(
        n=plan.count(), n_late=plan.is_late.sum(), n_estimated=plan.is_estimated.sum(),
        **{f"n_people_{o}": (is_[o] & plan.once).sum() for o in (arms.CONTROL, arms.SENT)},
        **{f"n_{o}": hit.sum() for o, hit in is_.items()}))
    out = pd.DataFrame([{"list": s.id, "series": s.series, "who": s.who, "priority": s.priority, "day": s.day,
                         "window_days": s.window_days, "holdout_rate": s.holdout_rate} for s in scenarios])
    found = found.merge(out[["list", "who", "window_days"]], on="list")
    numbers = [c for c in found.columns if c == "n" or c.startswith("n_")]
    sums = found.groupby("list")[numbers].sum()
    out = out.join(sums.reindex(out["list"], fill_value=0).astype("int64").reset_index(drop=True))
    found["rank"] = found["rank"].where(~found.who.isin(["first_shipment", "first_order"]), power.NEW)
    usual = power.usual_rates(known, set(out.window_days))
    return out.merge(power.detectable(found, usual), on="list", how="left")
