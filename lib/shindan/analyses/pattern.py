"""優良化パターン: signals of the first 90 days that go with rank 優良 twelve months after the start.

Association only: nobody was assigned a signal. Everything said about a person at twelve months comes
from that person's own first twelve months, so nobody is judged by what happened later.
"""

import dataclasses
import datetime

import ibis
from scipy import stats

from shindan.analyses import intervals, rfm
from shindan.engine import as_table, days_between, frame

# a signal and, where only one of its values is worth saying, that value (the other mirrors it)
SIGNALS = {
    "second_30": "yes", "second_60": "yes", "second_90": "yes", "three_purchases": "yes",
    "two_products": "yes", "first_kind": "subscription", "amount_band": None, "first_product": None,
    "acq_channel": None, "first_price": "sale", "hour_band": None, "mail_optin": "yes",
}
# purchases that 優良 itself counts: these signals go with it by definition, whatever people are like
COUNTED = ("second_30", "second_60", "second_90", "three_purchases", "two_products", "first_kind")
COUNTS = ["n", "n_premium", "n_later"]
COMPARED = ["signal", "value", "overlaps", "n", "n_without", "premium_rate", "premium_rate_lo",
            "premium_rate_hi", "without_rate", "ratio", "gap_pt", "gap_pt_lo", "gap_pt_hi", "p_value",
            "p_holm", "later_rate", "later_without_rate", "later_gap_pt", "later_gap_pt_lo", "later_gap_pt_hi"]


@dataclasses.dataclass(frozen=True)
class Early:
    """What counts as early, when the outcome is looked at, the bands of the first amount, and how few
    people are too few to compare; the settings `pattern:` of a client have the same fields."""

    days: int = 90
    outcome_days: int = 365
    amount_jpy: tuple = (3000, 5000, 10000)
    min_n: int = 30


def early(settings):
    """The Early of any object that has its fields (a client's settings)."""
    return Early(**{f.name: getattr(settings, f.name) for f in dataclasses.fields(Early)})


def people(purchases, lines, profiled, as_of, rules=rfm.Cuts(), early=Early()):  # noqa: B008 - frozen
    """One row per new customer observed for `outcome_days`, lazy.

    Columns: customer_key, premium (rank 優良 by `rules` on the day first_date + outcome_days, from the
    purchases before that day), later (decided to buy again after day `days` and before that day: what no early
    purchase counts towards), and the SIGNALS as text, known by day `days` (that day included):
    second_30/60/90 (the second purchase somebody decided on, as in F2) and three_purchases ("yes", "no"), two_products (two different products or more;
    of several orders on one day the first), and the first purchase's first_kind, amount_band,
    first_product, acq_channel, first_price, hour_band; mail_optin is the export's, not of that time.
    `profiled` from profile.with_profile.
    """
    b = as_table(profiled)
    b = b.filter(b.is_new, b.first_date <= as_of - datetime.timedelta(days=early.outcome_days))
    p = as_table(purchases).join(b.select("customer_key", "first_date"), "customer_key")
    p = p.mutate(day=days_between(p.purchase_date, p.first_date))
    p = p.filter(p.day >= 0, p.day < max(early.outcome_days, early.days + 1))
    premium = premium_then(p.filter(p.day < early.outcome_days), rules, early.outcome_days)
    out = b.left_join(premium, "customer_key").drop("customer_key_right")
    out = out.left_join(_first_days(p, lines, early), "customer_key").drop("customer_key_right")

    def said(flag):
        return ibis.ifelse(flag.fill_null(False), "yes", "no")

    return out.select(
        "customer_key", "first_product", "acq_channel", "first_price", "first_kind", "hour_band", "mail_optin",
        premium=out.premium.fill_null(False), later=out.later.fill_null(False), amount_band=_band(out.first_revenue_jpy, early.amount_jpy),
        three_purchases=said(out.times >= 3), two_products=said(out.products >= 2),
        **{f"second_{days}": said(out.second_day <= days) for days in (30, 60, 90)})


def premium_then(purchases, rules, outcome_days):
    """One row per customer: premium, by rfm.rank_on the day `outcome_days` after the first purchase.

    Everybody's calendar is moved so that this day is the same for all: one rule, one place.
    """
    day = datetime.date(2001, 1, 1)
    start = ibis.literal(day - datetime.timedelta(days=outcome_days))
    moved = purchases.mutate(purchase_date=start + purchases.day.cast("int32").as_interval("D"))
    ranked = rfm.rank_on(moved, day, rules)
    return ranked.select("customer_key", premium=ranked["rank"] == "premium")


def _first_days(purchases, lines, early):
    """One row per customer: times (purchases), second_day and products by day `early.days`; later."""
    p = purchases.mutate(soon=purchases.day <= early.days)
    line = as_table(lines)
    line = line.filter(line.line_type == "product").select("order_id", line_sku=line.sku)
    bought = p.filter(p.soon).select("customer_key", "order_id").join(line, "order_id")
    products = bought.group_by("customer_key").agg(products=bought.line_sku.nunique())
    decided = ~p.is_automatic.fill_null(False)
    times = p.group_by("customer_key").agg(
        times=p.soon.cast("int64").sum(), second_day=p.day.min(where=decided & (p.purchase_no > 1)),
        later=(decided & ~p.soon & (p.day < early.outcome_days)).any())
    return times.left_join(products, "customer_key").drop("customer_key_right")


def _band(amount, cuts):
    """The band of an amount as text: "0-2999", "3000-4999", … "10000-"."""
    edges = (0, *cuts)
    names = [f"{low}-{high - 1}" for low, high in zip(edges, cuts, strict=False)]
    return ibis.cases(*[(amount < cut, name) for cut, name in zip(cuts, names, strict=True)],
                      (amount.isnull(), ibis.null("string")), else_=f"{edges[-1]}-")


def counts(people):
    """One row per signal x value of it: signal, value, n, n_premium, n_later. Missing values are not counted."""
    p = as_table(people).select("premium", "later", *SIGNALS)
    long = p.pivot_longer(list(SIGNALS), names_to="signal", values_to="value")
    long = long.filter(long.value.notnull())
    return frame(long.group_by(["signal", "value"]).agg(
        n=long.count(), n_premium=long.premium.cast("int64").sum(), n_later=long.later.cast("int64").sum(),
    ), by=["signal", "value"]).astype(dict.fromkeys(COUNTS, "int64"))


def compare(counts, rules=rfm.Cuts(), min_n=Early.min_n, most=10):  # noqa: B008 - frozen
    """One row per signal tested: who showed it against everybody else whose value is known.

    Columns: signal, value, overlaps (the rule of 優良 itself counts it), n (with it), n_without,
    premium_rate with _lo, _hi (Wilson), without_rate, ratio (倍率; missing where nobody without it
    became 優良), gap_pt with _lo, _hi (Newcombe), p_value (Fisher's exact test), p_holm (over all
    rows), later_rate, later_without_rate, later_gap_pt with _lo, _hi: the same for buying again after
    the early days. Only where both sides have `min_n` people or more, and of each signal the `most`
    largest values. Largest gap first.
    """
    table = counts.join(counts.groupby("signal")[COUNTS].transform("sum").add_prefix("all_"))
    only = table["signal"].map(SIGNALS)
    table = table[only.isna() | (table["value"] == only)]
    table = table.sort_values(["n", "value"], ascending=[False, True]).groupby("signal").head(most)
    table = table[(table["n"] >= min_n) & (table["all_n"] - table["n"] >= min_n)]
    (n1, k1, later1), (n0, k0, later0) = _sides(table)
    out = table[["signal", "value", "n"]].assign(
        overlaps=table["signal"].isin(overlapping(rules)), n_without=n0,
        premium_rate=intervals.rate(k1, n1), without_rate=intervals.rate(k0, n0),
        later_rate=intervals.rate(later1, n1), later_without_rate=intervals.rate(later0, n0))
    out["premium_rate_lo"], out["premium_rate_hi"] = intervals.wilson(k1, n1)
    out["ratio"] = intervals.rate(out["premium_rate"], out["without_rate"])
    out["gap_pt"] = out["premium_rate"] - out["without_rate"]
    out["gap_pt_lo"], out["gap_pt_hi"] = intervals.newcombe(k1, n1, k0, n0)
    out["later_gap_pt"] = out["later_rate"] - out["later_without_rate"]
    out["later_gap_pt_lo"], out["later_gap_pt_hi"] = intervals.newcombe(later1, n1, later0, n0)
    out["p_value"] = [_fisher(*cells) for cells in zip(k1, n1, k0, n0, strict=True)]
    out["p_holm"] = intervals.holm(out["p_value"].to_numpy(float))
    return out[COMPARED].sort_values(["gap_pt", "signal", "value"], ascending=[False, True, True],
                                     ignore_index=True)


def _sides(table):
    """(n, n_premium, n_later) of the people with the signal, and of those without it."""
    with_it = [table[column].to_numpy("int64") for column in COUNTS]
    everybody = [table[f"all_{column}"].to_numpy("int64") for column in COUNTS]
    return with_it, [total - part for total, part in zip(everybody, with_it, strict=True)]


def _fisher(k1, n1, k0, n0):
    return float(stats.fisher_exact([[k1, n1 - k1], [k0, n0 - k0]])[1])


def overlapping(rules=rfm.Cuts()):  # noqa: B008 - frozen
    """The signals that the rule of 優良 counts itself: purchases always, the first amount if it asks for sales."""
    asks_sales = any(rule.rank == "premium" and rule.min_sales_jpy for rule in rules.ranks)
    return COUNTED + (("amount_band",) if asks_sales else ())


def overall(people):
    """One row: n (new customers observed long enough), n_premium, premium_rate with _lo, _hi (Wilson)."""
    p = as_table(people)
    out = frame(p.agg(n=p.count(), n_premium=p.premium.cast("int64").sum().fill_null(0))).astype("int64")
    out["premium_rate"] = intervals.rate(out["n_premium"], out["n"])
    out["premium_rate_lo"], out["premium_rate_hi"] = intervals.wilson(out["n_premium"], out["n"])
    return out
