"""Where customers stand in their life with the shop: the ten groups of CPM and the six stages."""

import dataclasses

import ibis
import pandas as pd

from shindan.analyses import disclosure, intervals
from shindan.engine import as_table, days_between, frame, whole_sum

CLASSES = ("first", "young", "steady", "trend", "premium")  # 初回 よちよち コツコツ 流行 優良
STATES = ("active", "away")  # 現役 離脱
STAGES = ("prospect", "new", "regular", "premium", "dormant", "lost")  # 見込み 初期 一般 優良 休眠 離反


@dataclasses.dataclass(frozen=True)
class Cpm:
    """The thresholds of the CPM groups.

    The defaults are those of the trade's tools (LTV-Lab's help page gives the same); 70,000 yen in
    all is high for a shop of small tickets.
    """

    young_days: int = 90      # first to last purchase shorter than this: still young (よちよち)
    premium_days: int = 210   # sales_jpy reached over a span under this: a trend (流行)
    sales_jpy: int = 70_000   # sales of all time from which a customer is 流行 or 優良
    away_days: int = 240      # this long without a purchase: 離脱


def cpm(purchases, as_of, rules=Cpm()):  # noqa: B008 - frozen
    """One row per customer with a purchase up to `as_of` (that day included), lazy.

    Columns: customer_key, n_purchases, span_days (first to last purchase), total_jpy (net sales of all
    time), recency_days, cpm_class (one of CLASSES), cpm_state (one of STATES). Everybody is in
    exactly one cell: one purchase 初回; else a span under young_days よちよち; else by sales: below
    sales_jpy コツコツ, from it 流行 (span under premium_days) or 優良.
    Source: CPM分析 (顧客ポートフォリオマネジメント) by 橋本陽輔, from the practice of やずや.
    """
    c = _lives(purchases, as_of)
    return c.mutate(
        cpm_class=ibis.cases(
            (c.n_purchases < 2, "first"),
            (c.span_days < rules.young_days, "young"),
            (c.total_jpy < rules.sales_jpy, "steady"),
            (c.span_days < rules.premium_days, "trend"), else_="premium"),
        cpm_state=ibis.ifelse(c.recency_days < rules.away_days, "active", "away"))


def _lives(purchases, as_of):
    """One row per customer with a purchase up to `as_of`: what CPM and the stages look at."""
    p = as_table(purchases)
    p = p.filter(p.purchase_date <= as_of)
    return p.group_by("customer_key").agg(
        n_purchases=p.count(),
        span_days=days_between(p.purchase_date.max(), p.purchase_date.min()),
        total_jpy=whole_sum(p.revenue_jpy),
        recency_days=days_between(ibis.literal(as_of), p.purchase_date.max()))


def cpm_table(cpm):
    """One row per CPM class x state, all ten, 現役 first: cpm_state, cpm_class, n, people_share,
    total_jpy (net sales of all time), total_share, hidden (of disclosure: whose money is not printed)."""
    every = pd.MultiIndex.from_product([STATES, CLASSES], names=["cpm_state", "cpm_class"])
    table = _counted(cpm, every)
    return table.assign(hidden=disclosure.hidden(table["n"]))


def _counted(people, every):
    """People and sales of all time per group; the groups of the index `every`, empty ones too."""
    p, by = as_table(people), list(every.names)
    found = frame(p.group_by(by).agg(n=p.count(), total_jpy=whole_sum(p.total_jpy)), by=by)
    out = found.set_index(by).reindex(every, fill_value=0).astype("int64").reset_index()
    out.insert(len(by) + 1, "people_share", intervals.rate(out["n"], out["n"].sum()))
    out["total_share"] = intervals.rate(out["total_jpy"], out["total_jpy"].sum())
    return out


def cpm_rules(rules=Cpm()):  # noqa: B008 - frozen
    """One row per CPM class: what puts a customer in it. Missing: not asked.

    Columns: cpm_class, min_purchases, max_purchases, min_span_days, below_span_days (first to last
    purchase), min_total_jpy, below_total_jpy (sales of all time).
    """
    rows = {
        "first": {"max_purchases": 1},
        "young": {"min_purchases": 2, "below_span_days": rules.young_days},
        "steady": {"min_purchases": 2, "min_span_days": rules.young_days, "below_total_jpy": rules.sales_jpy},
        "trend": {"min_purchases": 2, "min_span_days": rules.young_days,
                  "below_span_days": rules.premium_days, "min_total_jpy": rules.sales_jpy},
        "premium": {"min_purchases": 2, "min_span_days": max(rules.young_days, rules.premium_days),
                    "min_total_jpy": rules.sales_jpy},
    }
    return pd.DataFrame([{"cpm_class": name, **rows[name]} for name in CLASSES], columns=[
        "cpm_class", "min_purchases", "max_purchases", "min_span_days", "below_span_days",
        "min_total_jpy", "below_total_jpy"])


def stages(ranked, purchases, customers, as_of, lost_days=730):
    """One row per person the shop knows on `as_of`, buyers or not, lazy.

    Columns: customer_key, total_jpy (net sales of all time; 0 without a purchase), recency_days, stage
    (one of STAGES, the first that fits): lost 離反 (withdrawn, or `lost_days` without a purchase),
    prospect 見込み (never bought), dormant 休眠 and premium 優良 (by rank), new 初期 (bought once),
    regular 一般 (the others). `ranked` from rfm.rank_as_of on the same day. Staff, test and
    wholesale accounts without a purchase are left out; a withdrawal is known as of the export only.
    """
    lives = _lives(purchases, as_of).select("customer_key", "n_purchases", "total_jpy", "recency_days")
    r = as_table(ranked)
    lives = lives.left_join(r.select("customer_key", rank=r["rank"]), "customer_key").drop("customer_key_right")
    everybody = _known(customers, as_of).outer_join(lives, "customer_key")
    p = everybody.select(
        "n_purchases", "rank", "recency_days",
        customer_key=ibis.coalesce(everybody.customer_key, everybody.customer_key_right),
        total_jpy=everybody.total_jpy.fill_null(0),
        withdrawn=everybody.is_withdrawn.fill_null(False),
        no_buyer=everybody.no_buyer.fill_null(False))
    p = p.filter(p.n_purchases.notnull() | ~p.no_buyer)
    gone = p.withdrawn | (p.recency_days >= lost_days).fill_null(False)
    stage = ibis.cases(
        (gone, "lost"), (p.n_purchases.isnull(), "prospect"), (p["rank"] == "dormant", "dormant"),
        (p["rank"] == "premium", "premium"), (p.n_purchases == 1, "new"), else_="regular")
    return p.mutate(stage=stage).select("customer_key", "total_jpy", "recency_days", "stage")


def _known(customers, as_of):
    """Who was in the shop's books on `as_of`: registered, or with an order of any kind, by then."""
    c = as_table(customers)
    since = ibis.coalesce(c.registered_at.date(), c.first_order_date)
    return c.filter((since <= ibis.literal(as_of)).fill_null(True)).select(
        "customer_key", "is_withdrawn",
        no_buyer=c.is_staff.fill_null(False) | c.is_test.fill_null(False) | c.is_wholesale.fill_null(False))


def stage_table(stages, dormant_days=365, lost_days=730):
    """One row per stage, all six, from 見込み to 離反.

    Columns: stage, n, people_share, total_jpy (net sales of all time), total_share, min_recency_days (休眠 and
    離反: days without a purchase from which it holds).
    """
    out = _counted(stages, pd.Index(STAGES, name="stage"))
    return out.assign(min_recency_days=out["stage"].map({"dormant": dormant_days, "lost": lost_days}))
