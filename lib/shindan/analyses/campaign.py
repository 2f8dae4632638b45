"""Campaigns: who was assigned, who bought within the window, by the rank held on the send date.

Everybody assigned counts (intention to treat): not the openers, not the delivered. A purchase is
in the window when purchase_date is in [assigned_date, assigned_date + window): the send date is in.
Reach and money stand in reach.py and ranks_reached.py, the comparison of random arms in holdout.py,
that of before and after in before_after.py.
"""

import datetime

import ibis

from shindan import schema
from shindan.analyses import intervals, rfm
from shindan.engine import as_table, days_between, frame

NEVER_BOUGHT = "none"  # 見込み: no purchase before the date
RANK_ORDER = (*schema.RANKS, NEVER_BOUGHT)
NOT_SENT = ("bounced", "suppressed", "not_sent")
ANY_DAY = datetime.date(2000, 1, 1)
PERSON = ["campaign_id", "customer_key"]


def ranks_on_dates(people, purchases, cuts):
    """One row per (on_date, customer_key) of `people`: the rank held on that date.

    Only purchases strictly before on_date count. Persons without one are not returned.
    Each person's purchases are moved in time so that every on_date falls on one day; then one
    rank snapshot answers for all dates at once (no as-of join, no snapshot per date).
    """
    who = as_table(people).select("on_date", "customer_key").distinct()
    p = as_table(purchases).join(who, "customer_key")
    moved = days_between(p.on_date, ibis.literal(ANY_DAY)).as_interval("D")
    pair = {"pair": lambda t: t.customer_key + "|" + t.on_date.cast("string")}
    p = p.mutate(purchase_date=(p.purchase_date - moved).cast("date"), **pair)
    p = p.drop("customer_key", "on_date").rename(customer_key="pair")
    ranked = rfm.rank_on(p, ANY_DAY, cuts).select(pair="customer_key", rank="rank")
    return who.mutate(**pair).join(ranked, "pair").select("on_date", "customer_key", "rank")


def ranks_on_send_dates(sends, purchases, cuts):
    """One row per (on_date, customer_key) a send (as from `assigned`) needs: the rank on that date."""
    s = as_table(sends)
    return ranks_on_dates(s.select("customer_key", on_date=s.assigned_date), purchases, cuts)


def assigned(sends, campaigns, window_days=14):
    """One row per campaign x person assigned, control included.

    Columns: campaign_id, customer_key, is_control, delivery, assigned_date (where a file has
    none: the date sent, else the campaign's), assignment, window_days (the campaign's own
    response window, else `window_days`).
    """
    c = as_table(campaigns).select(
        "campaign_id", "assignment", "response_window_days", "start_date")
    s = as_table(sends).left_join(c, "campaign_id")
    s = s.select(
        *PERSON, "is_control", "delivery",
        assigned_date=ibis.coalesce(s.assigned_date, s.sent_date, s.start_date),
        assignment=s.assignment.fill_null("none"),
        window_days=s.response_window_days.fill_null(window_days))
    return s.filter(s.customer_key.notnull(), s.assigned_date.notnull())


def outcomes(sends, purchases, ranks, as_of):
    """One row per campaign x person assigned (`sends` as from `assigned`), and what they bought.

    Adds rank (on the assigned date; "none" = never bought before), is_observed (the window is
    over by `as_of`), n_orders (purchases within it), bought, revenue_jpy, contribution_jpy (null
    without a margin), largest_jpy (largest one purchase).
    """
    s = as_table(sends)
    p = as_table(purchases).select(
        "customer_key", "purchase_date", "revenue_jpy", "contribution_jpy")
    day = days_between(ibis._.purchase_date, ibis._.assigned_date)
    hit = s.join(p, "customer_key").mutate(day=day)
    hit = hit.filter(hit.day >= 0, hit.day < hit.window_days)
    hit = hit.group_by(PERSON).agg(
        n_orders=hit.count(), revenue_jpy=hit.revenue_jpy.sum(),
        contribution_jpy=hit.contribution_jpy.sum(), largest_jpy=hit.revenue_jpy.max())
    r = as_table(ranks).select("customer_key", "rank", assigned_date="on_date")
    o = s.left_join(hit, PERSON).drop("campaign_id_right", "customer_key_right")
    o = o.left_join(r, ["customer_key", "assigned_date"])
    last_day = days_between(ibis.literal(as_of), o.assigned_date)
    return o.select(
        *s.columns, rank=o["rank"].fill_null(NEVER_BOUGHT),
        is_observed=last_day >= o.window_days - 1,
        n_orders=o.n_orders.fill_null(0), bought=o.n_orders.fill_null(0) > 0,
        revenue_jpy=o.revenue_jpy.fill_null(0), contribution_jpy=o.contribution_jpy,
        largest_jpy=o.largest_jpy.fill_null(0))


def credited(sends, purchases):
    """One row per purchase that a send precedes: the last send within its window takes it.

    `sends` as from `assigned`. One purchase belongs to one campaign, so the credited sales never
    add up to more than the sales. Same-day sends: the last campaign_id. Columns: customer_key,
    purchase_no, campaign_id, revenue_jpy, contribution_jpy.
    """
    s = as_table(sends)
    s = s.filter(~s.is_control, ~s.delivery.fill_null("").isin(NOT_SENT))
    p = as_table(purchases).select(
        "customer_key", "purchase_no", "purchase_date", "revenue_jpy", "contribution_jpy")
    t = s.join(p, "customer_key")
    day = days_between(t.purchase_date, t.assigned_date)
    t = t.filter(day >= 0, day < t.window_days)
    last = ibis.row_number().over(group_by=[t.customer_key, t.purchase_no],
                                  order_by=[t.assigned_date.desc(), t.campaign_id.desc()])
    return t.mutate(place=last).filter(ibis._.place == 0).select(
        "customer_key", "purchase_no", "campaign_id", "revenue_jpy", "contribution_jpy")


def by_rank(outcomes):
    """One row per campaign x rank on the send date, observed persons only (pandas).

    Columns: campaign_id, assignment, rank, n, n_buyers, bought_rate (Wilson), revenue_jpy and
    contribution_jpy (missing without a margin) of those assigned to be sent, and n_control,
    n_control_buyers, control_rate (Wilson) of the control.
    """
    o = as_table(outcomes)
    o = o.filter(o.is_observed)
    sent, control = ~o.is_control, o.is_control
    table = frame(o.group_by("campaign_id", "assignment", "rank").agg(
        n=o.count(where=sent), n_buyers=o.count(where=sent & o.bought),
        revenue_jpy=o.revenue_jpy.sum(where=sent).fill_null(0),
        contribution_jpy=o.contribution_jpy.sum(where=sent).cast("float64"),
        n_control=o.count(where=control), n_control_buyers=o.count(where=control & o.bought)))
    order = table["rank"].map({rank: i for i, rank in enumerate(RANK_ORDER)})
    table = table.assign(order=order).sort_values(["campaign_id", "order"], ignore_index=True)
    return with_rates(table.drop(columns="order"))


def descriptive(ranked):
    """The rows of `by_rank` of campaigns that were not random, those sent only."""
    return ranked[(ranked.assignment != "random") & (ranked.n > 0)].reset_index(drop=True)


def with_rates(table):
    """`table` with bought_rate and control_rate and their Wilson intervals."""
    for rate, k, n in (("bought", "n_buyers", "n"), ("control", "n_control_buyers", "n_control")):
        low, high = intervals.wilson(table[k], table[n])
        table = table.assign(**{f"{rate}_rate": intervals.rate(table[k], table[n]),
                                f"{rate}_rate_lo": low, f"{rate}_rate_hi": high})
    return table
