"""Campaigns by rank on the send date: reached, bought, cost, and the response that pays for a message.

Everybody assigned to be sent counts; the control only lends its purchases to the margin an order.
"""

import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.analyses.campaign import PERSON, RANK_ORDER
from shindan.engine import as_table, frame

EVENTS = ("open", "click", "unsubscribe")
SHARES = {"delivered_share": ("n_delivered", "n_known"), "opened_share": ("n_open", "of_open"),
          "clicked_share": ("n_click", "of_click"), "unsubscribed_share": ("n_unsubscribe", "of_unsubscribe")}
MONEY = ("cost_jpy", "credited_jpy", "after_cost_jpy")
MIN_ORDERS = 5  # behind a margin an order
COLUMNS = ["rank", "n", *SHARES, "n_observed", "bought_rate", "bought_rate_lo", "bought_rate_hi",
           "sales_per_person_jpy", *MONEY, "margin_order_jpy", "break_even_rate"]


def by_campaign(outcomes, responses, credits, view):
    """One row per campaign x rank on the send date (pandas), best rank first.

    Takes the rows of `campaign.outcomes` and `campaign.credited` and the frame of `reach.overview`.
    Columns: campaign_id, rank, n (assigned to be sent), delivered_share (of those whose delivery is
    known), opened_share, clicked_share (of n, in campaigns that record any), unsubscribed_share (of n,
    in campaigns that record responses; missing where nobody unsubscribed anywhere),
    n_observed (window over), bought_rate (Wilson) and sales_per_person_jpy of them, cost_jpy (their
    part of the campaign's cost), credited_jpy and after_cost_jpy (as in `reach.overview`),
    margin_order_jpy (contribution of a purchase of that rank, in the windows of all campaigns; 5
    purchases or more), break_even_rate (cost a person ÷ margin an order: as many more of them must
    buy to pay for the message).
    """
    counts = _counts(outcomes, responses, credits, view)
    return _finished(counts, counts["rank"].map(_margins(counts)))[["campaign_id", *COLUMNS]]


def over_campaigns(outcomes, responses, credits, view):
    """One row per rank, all campaigns added up (pandas): the columns of `by_campaign` without campaign_id."""
    counts = _counts(outcomes, responses, credits, view)
    margins = _margins(counts)
    known = [*MONEY, "cost_of", "order_margin_jpy"]
    total = counts.drop(columns=["campaign_id", *known]).groupby("rank", as_index=False).sum()
    total = total.merge(counts.groupby("rank")[known].sum(min_count=1).reset_index(), on="rank")
    return _finished(total, total["rank"].map(margins))[COLUMNS]


def _counts(outcomes, responses, credits, view):
    """One row per campaign x rank with people to be sent: the counts and sums behind the shares."""
    o = as_table(outcomes)
    events = as_table(responses).filter(lambda t: t.event.isin(EVENTS)).group_by(PERSON).agg(
        **{event: (lambda t, e=event: (t.event == e).any()) for event in EVENTS})
    taken = as_table(credits).group_by(PERSON).agg(
        credited_jpy=lambda t: t.revenue_jpy.sum(), credited_margin_jpy=lambda t: t.contribution_jpy.sum())
    t = o.left_join(events, PERSON).select(*o.columns, *EVENTS)
    t = t.left_join(taken, PERSON).select(*t.columns, "credited_jpy", "credited_margin_jpy")
    sent, seen = ~t.is_control, t.is_observed
    known = sent & (t.delivery.fill_null("unknown") != "unknown")
    table = frame(t.group_by("campaign_id", "rank").agg(
        n=t.count(where=sent), n_known=t.count(where=known),
        n_delivered=t.count(where=known & (t.delivery == "delivered")),
        **{f"n_{event}": t.count(where=sent & t[event].fill_null(False)) for event in EVENTS},
        n_observed=t.count(where=sent & seen), n_buyers=t.count(where=sent & seen & t.bought),
        revenue_jpy=t.revenue_jpy.sum(where=sent & seen).fill_null(0),
        n_orders=t.n_orders.sum(where=seen).fill_null(0), order_margin_jpy=t.contribution_jpy.sum(where=seen),
        credited_jpy=t.credited_jpy.sum(where=sent).fill_null(0),
        credited_margin_jpy=t.credited_margin_jpy.sum(where=sent)), by=["campaign_id", "rank"])
    table = table[table.n > 0].reset_index(drop=True)
    recorded = {event: table.groupby("campaign_id")[f"n_{event}"].transform("sum") > 0 for event in EVENTS}
    anybody = table.n_unsubscribe.sum() > 0  # else the tool does not say who unsubscribed
    recorded["unsubscribe"] = anybody & (recorded["open"] | recorded["click"] | recorded["unsubscribe"])
    for event in EVENTS:
        table[f"of_{event}"] = table.n.where(recorded[event], 0)
    return _cost(table, view)


def _cost(table, view):
    """`table` with its part of each campaign's cost, and what the credited purchases leave after it."""
    each = pd.Series(intervals.rate(view.cost_jpy, view.n), index=view.campaign_id, dtype=float)
    cost = table.n * table.campaign_id.map(each).astype(float)
    table["order_margin_jpy"] = table.order_margin_jpy.astype(float)
    margin = table.credited_margin_jpy.astype(float)
    if table.order_margin_jpy.notna().any():  # there is a margin: nothing credited is nothing, not unknown
        margin = margin.fillna(0)
    return table.assign(cost_jpy=cost, cost_of=table.n.where(cost.notna()), after_cost_jpy=margin - cost).drop(
        columns="credited_margin_jpy")


def _margins(counts):
    """Contribution of a purchase by rank; missing below MIN_ORDERS purchases or without a margin."""
    total = counts.groupby("rank")[["n_orders", "order_margin_jpy"]].sum(min_count=1)
    return (total.order_margin_jpy / total.n_orders).where(total.n_orders >= MIN_ORDERS)


def _finished(counts, margin):
    """The shares, rates and the break-even of counted rows."""
    table = counts.assign(margin_order_jpy=margin.astype(float))
    for share, (count, base) in SHARES.items():
        table[share] = intervals.rate(table[count], table[base])
    table["bought_rate"] = intervals.rate(table.n_buyers, table.n_observed)
    table["bought_rate_lo"], table["bought_rate_hi"] = intervals.wilson(table.n_buyers, table.n_observed)
    table["sales_per_person_jpy"] = intervals.rate(table.revenue_jpy, table.n_observed)
    each = intervals.rate(table.cost_jpy, table.cost_of.fillna(0))
    table["break_even_rate"] = intervals.rate(each, table.margin_order_jpy.where(table.margin_order_jpy > 0).fillna(0))
    order = table["rank"].map({rank: i for i, rank in enumerate(RANK_ORDER)})
    keys = [c for c in ("campaign_id", "order") if c == "order" or c in table]
    return table.assign(order=order).sort_values(keys, ignore_index=True)


def paying(by_campaign, differences):
    """The rows of `by_campaign`, and what can be said of their break-even (pandas).

    Adds response_pt with its interval and pays. Random campaigns: response_pt is the difference to
    the control (`holdout.differences`); pays "yes" / "no" where its interval lies above / below the
    break-even. Others: response_pt is missing; pays "no" where even the share of all who bought, with
    its interval, lies below it. Else "unknown" (missing without a break-even).
    """
    t = by_campaign
    d = differences[["campaign_id", "rank", "diff_pt", "diff_pt_lo", "diff_pt_hi"]]
    t = t.merge(d, on=["campaign_id", "rank"], how="left").rename(columns={
        "diff_pt": "response_pt", "diff_pt_lo": "response_pt_lo", "diff_pt_hi": "response_pt_hi"})
    highest = t.response_pt_hi.fillna(t.bought_rate_hi)
    pays = np.select([t.response_pt_lo > t.break_even_rate, highest < t.break_even_rate], ["yes", "no"], "unknown")
    return t.assign(pays=pd.Series(pays, index=t.index).where(t.break_even_rate.notna()))


def costliest(paying):
    """The rows of one campaign that costs much a person: a random one, where one costs a third as much
    as the costliest or more; else the costliest. No rows where messages cost nothing."""
    paying = paying[paying.break_even_rate.notna()]
    each = paying.groupby("campaign_id").agg(
        cost=("cost_jpy", "sum"), n=("n", "sum"), known=("response_pt", "count"))
    each = each.assign(cost=each.cost / each.n, is_random=each.known > 0)
    each = each[each.cost > each.cost.max() / 3]
    best = each.sort_values(["is_random", "cost"], ascending=False, kind="stable").index[:1]
    return paying[paying.campaign_id.isin(best)].reset_index(drop=True)


def shown(ranks):
    """The columns of `over_campaigns` for a page; none without a value."""
    columns = ["rank", "n", *SHARES, "bought_rate", "sales_per_person_jpy", "cost_jpy", "after_cost_jpy", "break_even_rate"]
    return ranks[columns].dropna(axis="columns", how="all")
