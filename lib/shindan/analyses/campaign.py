"""Campaigns: who was assigned, who bought within the window, by the rank held on the send date.

Everybody assigned counts (intention to treat): not the openers, not the delivered. A purchase is
in the window when purchase_date is in [assigned_date, assigned_date + window): the send date is in.
Comparisons between arms stand in holdout.py; here nothing is compared.
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
    """One row per (on_date, customer_key) a send needs: the rank on the assigned date."""
    s = as_table(sends)
    return ranks_on_dates(s.select("customer_key", on_date=s.assigned_date), purchases, cuts)


def assigned(sends, campaigns, window_days=14):
    """One row per campaign x person assigned, control included.

    Columns: campaign_id, customer_key, is_control, delivery, assigned_date, assignment,
    window_days (the campaign's own response window, else `window_days`).
    """
    c = as_table(campaigns).select("campaign_id", "assignment", "response_window_days")
    s = as_table(sends)
    s = s.filter(s.customer_key.notnull(), s.assigned_date.notnull())
    s = s.left_join(c, "campaign_id")
    return s.select(
        *PERSON, "is_control", "delivery", "assigned_date",
        assignment=s.assignment.fill_null("none"),
        window_days=s.response_window_days.fill_null(window_days))


def outcomes(sends, purchases, ranks, as_of):
    """One row per campaign x person assigned (`sends` as from `assigned`), and what they bought.

    Adds rank (on the assigned date; "none" = never bought before), is_observed (the window is
    over by `as_of`), bought, bought_before (within as many days before the assigned date),
    revenue_jpy, contribution_jpy (null without a margin), largest_jpy (largest one purchase).
    """
    s = as_table(sends)
    p = as_table(purchases).select(
        "customer_key", "purchase_date", "revenue_jpy", "contribution_jpy")
    day = days_between(ibis._.purchase_date, ibis._.assigned_date)
    hit = s.join(p, "customer_key").mutate(day=day)
    hit = hit.filter(hit.day >= -hit.window_days, hit.day < hit.window_days)
    after = hit.day >= 0
    hit = hit.group_by(PERSON).agg(
        n_after=hit.count(where=after), n_before=hit.count(where=~after),
        revenue_jpy=hit.revenue_jpy.sum(where=after),
        contribution_jpy=hit.contribution_jpy.sum(where=after),
        largest_jpy=hit.revenue_jpy.max(where=after))
    r = as_table(ranks).select("customer_key", "rank", assigned_date="on_date")
    o = s.left_join(hit, PERSON).drop("campaign_id_right", "customer_key_right")
    o = o.left_join(r, ["customer_key", "assigned_date"])
    last_day = days_between(ibis.literal(as_of), o.assigned_date)
    return o.select(
        *s.columns, rank=o["rank"].fill_null(NEVER_BOUGHT),
        is_observed=last_day >= o.window_days - 1,
        bought=o.n_after.fill_null(0) > 0, bought_before=o.n_before.fill_null(0) > 0,
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

    Columns: campaign_id, assignment, rank, n, n_buyers, bought_rate (Wilson), revenue_jpy of those
    assigned to be sent, and n_control, n_control_buyers, control_rate (Wilson) of the control.
    """
    o = as_table(outcomes)
    o = o.filter(o.is_observed)
    sent, control = ~o.is_control, o.is_control
    table = frame(o.group_by("campaign_id", "assignment", "rank").agg(
        n=o.count(where=sent), n_buyers=o.count(where=sent & o.bought),
        revenue_jpy=o.revenue_jpy.sum(where=sent).fill_null(0),
        n_control=o.count(where=control), n_control_buyers=o.count(where=control & o.bought)))
    order = table["rank"].map({rank: i for i, rank in enumerate(RANK_ORDER)})
    table = table.assign(order=order).sort_values(["campaign_id", "order"], ignore_index=True)
    return with_rates(table.drop(columns="order"))


def with_rates(table):
    """`table` with bought_rate and control_rate and their Wilson intervals."""
    for rate, k, n in (("bought", "n_buyers", "n"), ("control", "n_control_buyers", "n_control")):
        low, high = intervals.wilson(table[k], table[n])
        table = table.assign(**{f"{rate}_rate": intervals.rate(table[k], table[n]),
                                f"{rate}_rate_lo": low, f"{rate}_rate_hi": high})
    return table


def deliveries(sends, responses):
    """One row per campaign: who was reached and who answered (pandas), shares of those assigned.

    Columns: campaign_id, first_date, n, n_control, delivered_share (of those whose delivery is
    known), opened_share, clicked_share, unsubscribed_share; missing where nothing was recorded.
    Opens are informational: mail software opens by itself.
    """
    s = as_table(sends)
    sent = s.filter(~s.is_control)
    known = ~sent.delivery.fill_null("unknown").isin(("unknown",))
    reached = sent.group_by("campaign_id").agg(
        n=sent.count(), n_known=sent.count(where=known),
        n_delivered=sent.count(where=sent.delivery == "delivered"))
    all_of = s.group_by("campaign_id").agg(
        first_date=s.assigned_date.min(), n_control=s.count(where=s.is_control))
    r = as_table(responses).semi_join(sent, PERSON)
    r = r.group_by("campaign_id").agg(**{
        f"n_{event}": r.customer_key.nunique(where=r.event == event)
        for event in ("open", "click", "unsubscribe")})
    table = frame(all_of, by=["campaign_id"])
    for part in (reached, r):
        table = table.merge(frame(part, by=["campaign_id"]), on="campaign_id", how="left")
    shares = {"delivered_share": intervals.rate(table.n_delivered.fillna(0), table.n_known.fillna(0))}
    for share, event in (("opened", "open"), ("clicked", "click"), ("unsubscribed", "unsubscribe")):
        seen = table[f"n_{event}"].astype(float)
        shares[f"{share}_share"] = intervals.rate(seen.where(seen > 0), table.n.fillna(0))
    table = table.assign(n=table.n.fillna(0).astype("int64"), **shares)
    return table[["campaign_id", "first_date", "n", "n_control", *shares]]


def overview(campaigns, delivered, ranked, credits, stats):
    """One row per campaign, the latest first (pandas): reach, purchases, money.

    Takes the frames of `deliveries` and `by_rank`, the rows of `credited`, and the totals that
    some tools export instead of persons (campaign_stats). Columns: campaign_id, name, channel,
    assignment, first_date, n, n_control, delivered_share, opened_share, clicked_share,
    unsubscribed_share, bought_rate (Wilson), sales_per_person_jpy (both of persons observed),
    cost_jpy, credited_jpy, after_cost_jpy (credited contribution − cost), break_even_rate (cost a
    person ÷ contribution a credited purchase).
    """
    c = frame(as_table(campaigns).select(
        "campaign_id", "name", "channel", "assignment", "start_date", "cost_fixed_jpy",
        "cost_per_send_jpy"), by=["campaign_id"])
    table = c.merge(_with_totals(delivered, stats), on="campaign_id", how="outer")
    bought = ranked.groupby("campaign_id", as_index=False)[
        ["n", "n_buyers", "revenue_jpy", "n_control", "n_control_buyers"]].sum()
    bought = with_rates(bought).assign(
        sales_per_person_jpy=lambda t: intervals.rate(t.revenue_jpy, t.n))
    table = table.merge(bought[["campaign_id", "bought_rate", "bought_rate_lo", "bought_rate_hi",
                                "sales_per_person_jpy"]], on="campaign_id", how="left")
    t = as_table(credits)
    money = t.group_by("campaign_id").agg(
        credited_jpy=t.revenue_jpy.sum(), margin_jpy=t.contribution_jpy.sum(), n_credited=t.count())
    return _money(table.merge(frame(money, by=["campaign_id"]), on="campaign_id", how="left"))


def _with_totals(delivered, stats):
    """`delivered` and, for campaigns known by totals only, the tool's own counts as shares."""
    s = as_table(stats)
    s = frame(s.group_by("campaign_id").agg(**{
        column: s[column].sum() for column in
        ("recipients", "delivered", "unique_opens", "unique_clicks", "unsubscribes")}))
    s = s[~s.campaign_id.isin(delivered.campaign_id)].astype({"recipients": float})
    totals = s[["campaign_id"]].assign(n=s.recipients.fillna(0).astype("int64"), n_control=0)
    for share, count in (("delivered", "delivered"), ("opened", "unique_opens"),
                         ("clicked", "unique_clicks"), ("unsubscribed", "unsubscribes")):
        totals[f"{share}_share"] = intervals.rate(s[count].astype(float), s.recipients)
    parts = [part for part in (delivered, totals) if len(part)]
    return parts[0] if len(parts) == 1 else ibis_free_concat(parts) if parts else delivered


def _money(table):
    """`table` with cost_jpy, credited_jpy, after_cost_jpy, break_even_rate."""
    n = table.n.fillna(0)
    known = table.cost_fixed_jpy.notna() | table.cost_per_send_jpy.notna()
    cost = (table.cost_fixed_jpy.fillna(0) + table.cost_per_send_jpy.fillna(0) * n).where(known)
    margin = intervals.rate(table.margin_jpy.astype(float), table.n_credited.fillna(0))
    return table.assign(cost_jpy=cost)
