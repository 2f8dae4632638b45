"""顧客カルテ: a few real customers of each rank, chosen by rule, without name or key.

Nothing on a card leads back to a row of the shop's files: days are months, money is rounded, and what is
said of a person (traits, first product, channel) is shared by several buyers or left out.
"""

import ibis

from shindan.engine import as_table, frame, whole_sum
from shindan.schema import RANKS

COUNT = 6
LETTERS = dict(zip(RANKS, "ABCD", strict=True))
ALIKE = 5  # what is said of a person is shared by this many buyers
FIRST_STEP, TOTAL_STEP = 500, 1000  # money is rounded to these
CARD = ["rank", "card", "age_band", "sex", "month_of_birth", "hour_type", "acq_channel", "first_month",
        "first_product", "first_jpy", "n_purchases", "total_jpy", "last_month"]


def chosen(ranked, profiled, count=COUNT, alike=ALIKE):
    """One row per customer whose card is shown, lazy: customer_key, rank, card ("A-1" … "D-6").

    In each rank the customers at the middle of its `count` equal parts by sales of all time (ties by
    first and last purchase, then by pseudonym), fewest sales first: everyday customers, neither the best nor the worst. A rank in
    which a part would hold fewer than `alike` people has no card. `profiled` from profile.with_profile.
    """
    r, b = as_table(ranked), as_table(profiled)
    p = r.select("customer_key", rank=r["rank"]).join(b.select(
        "customer_key", "revenue_jpy", "first_date", "last_date"), "customer_key")
    order = ibis.window(group_by=p["rank"], order_by=[p.revenue_jpy, p.first_date, p.last_date, p.customer_key])
    p = p.mutate(place=ibis.row_number().over(order), people=p.count().over(ibis.window(group_by=p["rank"])))
    middle = [p.place == ((2 * part + 1) * p.people / (2 * count)).floor().cast("int64") for part in range(count)]
    p = p.filter(p.people >= count * alike, ibis.or_(*middle))
    number = (ibis.row_number().over(ibis.window(group_by=p["rank"], order_by=p.place)) + 1).cast("string")
    letter = ibis.cases(*[(p["rank"] == rank, letter) for rank, letter in LETTERS.items()], else_="?")
    return p.select("customer_key", "rank", card=letter + "-" + number)


def cards(chosen, purchases, profiled, alike=ALIKE):
    """One row per card, in order: the columns of CARD. No key, no name, no day.

    age_band, sex, month_of_birth (each missing unless `alike` buyers or more share it together with those
    before it), acq_channel and first_product (each missing unless `alike` began so), hour_type ("morning":
    most orders before noon, "night": most after, missing on a tie or without times), first_month,
    last_month, first_jpy (to 500 yen), n_purchases, total_jpy (net sales of all time, to 1,000 yen).
    """
    c, b = as_table(chosen), _blurred(as_table(profiled), alike)
    out = c.join(b, "customer_key").left_join(_hour_types(purchases, c), "customer_key")
    return frame(out.select(
        "rank", "card", "age_band", "sex", "hour_type", "acq_channel", "first_product", "n_purchases",
        month_of_birth=out.birth_month, first_month=out.first_date.truncate("M"), last_month=out.last_date.truncate("M"),
        first_jpy=_rounded(out.first_revenue_jpy, FIRST_STEP), total_jpy=_rounded(out.revenue_jpy, TOTAL_STEP)),
        by=["card"])[CARD]


def _rounded(money, step):
    return ((money / step).round() * step).cast("int64")


def _blurred(buyers, alike):
    """The buyers without what fewer than `alike` of them share: a k-anonymity of what describes a person."""
    traits = ("sex", "age_band", "birth_month")
    groups = {trait: traits[: place + 1] for place, trait in enumerate(traits)}
    groups |= {name: (name,) for name in ("acq_channel", "first_product")}
    for name, group in groups.items():
        shared = buyers.count().over(ibis.window(group_by=[buyers[trait] for trait in group]))
        buyers = buyers.mutate(**{f"shared_{name}": shared})
    return buyers.mutate(**{
        name: ibis.ifelse(buyers[f"shared_{name}"] >= alike, buyers[name], ibis.null(buyers[name].type()))
        for name in groups})


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


def timeline(chosen, purchases, as_of):
    """One row per card x month with purchases, by card and month: card, purchase_month, n_purchases,
    month_jpy (net sales, to 500 yen). No key, no day."""
    c, p = as_table(chosen).select("customer_key", "card"), as_table(purchases)
    p = p.filter(p.purchase_date <= as_of).join(c, "customer_key")
    rows = p.group_by("card", purchase_month=p.purchase_date.truncate("M")).agg(
        n_purchases=p.count(), month_jpy=_rounded(whole_sum(p.revenue_jpy), FIRST_STEP))
    return frame(rows, by=["card", "purchase_month"])
