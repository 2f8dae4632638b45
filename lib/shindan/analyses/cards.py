"""顧客カルテ: a few real customers of each rank, chosen by rule, without name or key."""

import ibis

from shindan.engine import as_table, days_between, frame
from shindan.schema import RANKS

COUNT = 6
LETTERS = dict(zip(RANKS, "ABCD", strict=True))
ALIKE = 5  # sex, age and birth month are shown only where this many buyers share them


def chosen(ranked, profiled, count=COUNT):
    """One row per customer whose card is shown, lazy: customer_key, rank, card ("A-1" … "D-6").

    In each rank the customers at the middle of its `count` equal parts by sales of all time (ties by
    key, a pseudonym), fewest sales first: everyday customers, neither the best nor the worst. A rank
    with fewer than `count` people has no card. `profiled` from profile.with_profile.
    """
    r, b = as_table(ranked), as_table(profiled)
    p = r.select("customer_key", rank=r["rank"]).join(b.select("customer_key", "revenue_jpy"), "customer_key")
    order = ibis.window(group_by=p["rank"], order_by=[p.revenue_jpy, p.customer_key])
    p = p.mutate(place=ibis.row_number().over(order), people=p.count().over(ibis.window(group_by=p["rank"])))
    middle = [p.place == ((2 * part + 1) * p.people / (2 * count)).floor().cast("int64") for part in range(count)]
    p = p.filter(p.people >= count, ibis.or_(*middle))
    number = (ibis.row_number().over(ibis.window(group_by=p["rank"], order_by=p.place)) + 1).cast("string")
    letter = ibis.cases(*[(p["rank"] == rank, letter) for rank, letter in LETTERS.items()], else_="?")
    return p.select("customer_key", "rank", card=letter + "-" + number)


def cards(chosen, purchases, profiled, alike=ALIKE):
    """One row per card, in order. No key, no name.

    Columns: rank, card, age_band, sex, month_of_birth (each missing unless `alike` buyers or more share
    it together with those before it), hour_type ("morning": most orders before noon, "night": most
    after, missing on a tie or without times), acq_channel, first_date, first_product, first_jpy,
    n_purchases, total_jpy (net sales of all time), last_date.
    """
    c, b = as_table(chosen), _blurred(as_table(profiled), alike)
    out = c.join(b, "customer_key").left_join(_hour_types(purchases, c), "customer_key")
    return frame(out.select(
        "rank", "card", "age_band", "sex", "hour_type", "acq_channel", "first_date",
        "first_product", "n_purchases", "last_date",
        month_of_birth=out.birth_month, first_jpy=out.first_revenue_jpy, total_jpy=out.revenue_jpy), by=["card"])[[
            "rank", "card", "age_band", "sex", "month_of_birth", "hour_type", "acq_channel", "first_date",
            "first_product", "first_jpy", "n_purchases", "total_jpy", "last_date"]]


def _blurred(buyers, alike):
    """The buyers without what fewer than `alike` of them share: a k-anonymity of what describes a person."""
    traits = ("sex", "age_band", "birth_month")
    for place in range(len(traits)):
        shared = buyers.count().over(ibis.window(group_by=[buyers[t] for t in traits[: place + 1]]))
        buyers = buyers.mutate(**{f"shared_{place}": shared})
    return buyers.mutate(**{
        trait: ibis.ifelse(buyers[f"shared_{place}"] >= alike, buyers[trait], ibis.null(buyers[trait].type()))
        for place, trait in enumerate(traits)})


def _hour_types(purchases, chosen):
    """One row per chosen customer: hour_type, from the share of purchases before noon."""
    everybody = as_table(purchases)
    p = everybody.semi_join(chosen, "customer_key")
    p = p.cross_join(everybody.agg(timed=(everybody.order_hour > 0).any().fill_null(False)))
    share = p.group_by("customer_key").agg(
        early=(p.order_hour < 12).cast("float64").mean(), timed=p.timed.any())
    return share.select("customer_key", hour_type=ibis.cases(
        (~share.timed, ibis.null("string")), (share.early > 0.5, "morning"),
        (share.early < 0.5, "night"), else_=ibis.null("string")))


def timeline(chosen, cards, purchases, as_of):
    """One row per purchase of the chosen, by card and date: the columns of `cards`, and
    purchase_date, revenue_jpy, days_ago, as_of. No key."""
    c, p = as_table(chosen).select("customer_key", "card"), as_table(purchases)
    p = p.filter(p.purchase_date <= as_of).join(c, "customer_key")
    rows = frame(p.select("card", "purchase_date", "revenue_jpy",
                          days_ago=days_between(ibis.literal(as_of), p.purchase_date)))
    return rows.merge(cards, on="card", how="left").assign(as_of=as_of)


def printed(cards, rank):
    """The cards of one rank without what stands in the timeline's labels: for the table beside it."""
    columns = ["card", "acq_channel", "first_date", "first_product", "first_jpy", "n_purchases", "total_jpy",
               "last_date"]
    return cards.loc[cards["rank"] == rank, columns].reset_index(drop=True)
