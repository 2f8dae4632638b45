"""Campaigns one by one: how many were reached, how many bought, what it cost."""

import ibis

from shindan.analyses import intervals
from shindan.analyses.campaign import PERSON, with_rates
from shindan.engine import as_table, frame

COUNTS = ("n", "n_control", "n_known", "n_delivered", "n_open", "n_click", "n_unsubscribe")
SHARES = {"delivered_share": ("n_delivered", "n_known"), "opened_share": ("n_open", "n"),
          "clicked_share": ("n_click", "n"), "unsubscribed_share": ("n_unsubscribe", "n")}
TOLD = ("tool_orders", "tool_revenue_jpy")


def deliveries(sends, responses, stats):
    """One row per campaign with sends, or with totals from a tool that exports no persons (pandas).

    Columns: campaign_id, first_date, n (assigned to be sent), n_control, delivered_share (of those
    whose delivery is known), opened_share, clicked_share, unsubscribed_share (of n); missing where
    none was recorded (unsubscribed: no response at all, or nobody in any campaign); tool_orders, tool_revenue_jpy (what a tool that exports no persons counts by
    rules of its own). Opens are informational: mail software opens by itself.
    """
    s = as_table(sends)
    sent = s.filter(~s.is_control)
    r = as_table(responses).semi_join(sent, PERSON)
    events = r.group_by("campaign_id").agg(**{
        f"n_{event}": r.customer_key.nunique(where=r.event == event)
        for event in ("open", "click", "unsubscribe")})
    persons = s.group_by("campaign_id").agg(
        first_date=s.assigned_date.min(),
        n=s.count(where=~s.is_control), n_control=s.count(where=s.is_control),
        n_known=s.count(where=~s.is_control & (s.delivery.fill_null("unknown") != "unknown")),
        n_delivered=s.count(where=~s.is_control & (s.delivery == "delivered")))
    persons = persons.left_join(events, "campaign_id")
    t = as_table(stats).anti_join(s, "campaign_id")
    told = t.group_by("campaign_id").agg(tool_orders=t.orders.sum(), tool_revenue_jpy=t.revenue_jpy.sum())
    totals = t.group_by("campaign_id").agg(
        first_date=ibis.null("date"), n=t.recipients.sum(), n_control=ibis.literal(0),
        n_known=t.recipients.sum(where=t.delivered.notnull()), n_delivered=t.delivered.sum(),
        n_open=t.unique_opens.sum(), n_click=t.unique_clicks.sum(),
        n_unsubscribe=t.unsubscribes.sum())
    columns = {"campaign_id": "string", "first_date": "date", **dict.fromkeys(COUNTS, "int64")}
    both = [part.select(list(columns)).cast(columns) for part in (persons, totals)]
    table = frame(ibis.union(*both), by=["campaign_id"])
    recorded = table[["n_open", "n_click", "n_unsubscribe"]].fillna(0).sum(axis=1) > 0
    for share, (count, base) in SHARES.items():
        seen = table[count].astype(float)
        counted = recorded & (table[count].sum() > 0) if count == "n_unsubscribe" else seen > 0
        table[share] = intervals.rate(seen.fillna(0).where(counted), table[base].fillna(0))
    table = table.merge(frame(told, by=["campaign_id"]), on="campaign_id", how="left")
    return table[["campaign_id", "first_date", "n", "n_control", *SHARES, *TOLD]]


def overview(campaigns, reach, ranked, credits):
    """One row per campaign, the latest first (pandas): reach, purchases, money.

    Takes the frames of `deliveries` and `campaign.by_rank` and the rows of `campaign.credited`.
    Columns: those of `deliveries`, name, channel, assignment, n_observed (sent, window over), bought_rate
    (Wilson) and sales_per_person_jpy of them, cost_jpy, n_credited and credited_jpy (each purchase
    once), after_cost_jpy (credited contribution − cost), break_even_rate (cost a person ÷
    contribution a credited purchase: the purchase rate that pays for the sending).
    """
    c = frame(as_table(campaigns), by=["campaign_id"])
    table = reach.merge(c.drop(columns="start_date").assign(start=c.start_date),
                        on="campaign_id", how="outer")
    table["first_date"] = table.first_date.fillna(table.start)
    table["assignment"] = table.assignment.fillna("none")
    table["name"] = table.name.fillna(table.campaign_id)
    table = table.merge(_bought(ranked), on="campaign_id", how="left")
    table = table.merge(_credits(credits), on="campaign_id", how="left")
    counts = {c: table[c].fillna(0).astype("int64") for c in ("n", "n_control", "n_observed", "n_credited")}
    table = _money(table.assign(**counts))
    return table.sort_values(["first_date", "campaign_id"], ascending=[False, True],
                             ignore_index=True, na_position="last")


def named(table, view):
    """`table` (with campaign_id) with each campaign's name and first_date from `overview`, the
    latest campaign first; the rows of one campaign keep their order."""
    who = view[["campaign_id", "name", "first_date"]]
    t = who.merge(table, on="campaign_id")
    return t.sort_values(["first_date", "campaign_id"], ascending=[False, True], kind="stable",
                         ignore_index=True, na_position="last")


def _bought(ranked):
    """One row per campaign: purchases of the persons observed."""
    counts = ["n", "n_buyers", "revenue_jpy", "n_control", "n_control_buyers"]
    table = with_rates(ranked.groupby("campaign_id", as_index=False)[counts].sum())
    table["sales_per_person_jpy"] = intervals.rate(table.revenue_jpy, table.n)
    return table.rename(columns={"n": "n_observed"})[[
        "campaign_id", "n_observed", "bought_rate", "bought_rate_lo", "bought_rate_hi", "sales_per_person_jpy"]]


def _credits(credits):
    """One row per campaign: the purchases credited to it."""
    t = as_table(credits)
    return frame(t.group_by("campaign_id").agg(
        credited_jpy=t.revenue_jpy.sum(), margin_jpy=t.contribution_jpy.sum(),
        n_credited=t.count()), by=["campaign_id"])


def _money(table):
    """`table` with its cost, what is left after it, and the rate at which it breaks even."""
    known = table.cost_fixed_jpy.notna() | table.cost_per_send_jpy.notna()
    cost = table.cost_fixed_jpy.fillna(0) + table.cost_per_send_jpy.fillna(0) * table.n
    table["cost_jpy"] = cost.astype(float).where(known)
    table["after_cost_jpy"] = table.margin_jpy.astype(float) - table.cost_jpy
    each = intervals.rate(table.margin_jpy.astype(float), table.n_credited)
    table["break_even_rate"] = intervals.rate(intervals.rate(table.cost_jpy, table.n), each)
    return table[["campaign_id", "name", "channel", "assignment", "first_date", "n", "n_control",
                  *SHARES, "n_observed", "bought_rate", "bought_rate_lo", "bought_rate_hi",
                  "sales_per_person_jpy", "cost_jpy", "n_credited", "credited_jpy", "after_cost_jpy",
                  "break_even_rate", *TOLD, "holdout_rate"]]


def shown(view, most):
    """The columns of `overview` for a page: n_observed where it is not n, no column without a value."""
    all_over = (view.n_observed.fillna(0).isin([0]) | (view.n_observed == view.n)).all()
    columns = ["name", "first_date", "channel", "assignment", "n", "delivered_share", "opened_share", "clicked_share",
               *([] if all_over else ["n_observed"]), "bought_rate", "sales_per_person_jpy", "cost_jpy", "after_cost_jpy"]
    return view[columns].head(most).dropna(axis="columns", how="all")
