"""NPS: what people answered, who they are, what they bought afterwards."""

import ibis
import pandas as pd

from shindan.analyses import campaign, intervals, rfm
from shindan.engine import as_table, days_between, frame

PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"   # 9–10, 7–8, 0–6
GROUPS = (PROMOTER, PASSIVE, DETRACTOR)
MIN_N = 30


def answers(responses, as_of):
    """One row per person x survey x wave: the last answer up to `as_of`; blanks are left out.

    Columns: customer_key (null where unknown: each such answer is a person), survey_id, wave
    (the survey where no wave is named), answer_date, wave_date (first answer of the wave), score
    0–10, group (promoter 9–10, passive 7–8, detractor 0–6).
    """
    r = as_table(responses)
    r = r.mutate(answer_date=r.responded_at.date(), wave=r.wave.fill_null(r.survey_id).fill_null(""),
                 person=r.customer_key.fill_null(r.response_id))
    r = r.filter(r.score.notnull(), r.answer_date <= as_of)
    one = ["person", "survey_id", "wave"]
    last = ibis.row_number().over(group_by=[r[c] for c in one],
                                  order_by=[r.responded_at.desc(), r.response_id.desc()])
    r = r.mutate(place=last).filter(ibis._.place == 0)
    group = ibis.cases((r.score >= 9, PROMOTER), (r.score >= 7, PASSIVE), else_=DETRACTOR)
    first = r.answer_date.min().over(group_by=[r.survey_id, r.wave])
    return r.select("response_id", "customer_key", "survey_id", "wave", "answer_date", "score",
                    wave_date=first, group=group)


def described(answers, purchases, buyers, cuts):
    """`answers` with rank (on the answer date, by purchases before it; "none" = none yet),
    acq_channel and first_product; missing for answers without a customer."""
    a = as_table(answers)
    people = a.filter(a.customer_key.notnull()).select("customer_key", on_date=a.answer_date)
    ranks = campaign.ranks_on_dates(people, purchases, cuts).rename(answer_date="on_date")
    b = as_table(buyers).select("customer_key", "acq_channel", "first_product")
    t = a.left_join(ranks, ["customer_key", "answer_date"]).left_join(b, "customer_key")
    known = t["rank"].fill_null(campaign.NEVER_BOUGHT)
    return t.select(*a.columns, "acq_channel", "first_product",
                    rank=ibis.ifelse(t.customer_key.notnull(), known, ibis.null("string")))


def score(answers, by=(), min_n=MIN_N):
    """One row per group of `by` (columns of the answers; none: one row for all) (pandas).

    Columns: by, n, n_promoters, n_passives, n_detractors, promoter_share, passive_share,
    detractor_share, nps with its adjusted-Wald interval (nps is missing below `min_n` answers), nps_error
    (the standard error behind it).
    Answers whose group is unknown are left out.
    """
    a = as_table(answers)
    for column in by:
        a = a.filter(a[column].notnull())
    parts = {f"n_{group}s": a.count(where=a.group == group) for group in GROUPS}
    table = a.group_by(list(by)).agg(n=a.count(), **parts) if by else a.agg(n=a.count(), **parts)
    t = frame(table, by=list(by) or ["n"])
    for group in GROUPS:
        t[f"{group}_share"] = intervals.rate(t[f"n_{group}s"], t.n)
    values = intervals.adjusted_wald_nps(t.n_promoters, t.n_passives, t.n_detractors)
    for column, value in zip(("nps", "nps_lo", "nps_hi"), values, strict=True):
        t[column] = pd.Series(value, index=t.index, dtype=float).where(t.n >= min_n)
    t["nps_error"] = intervals.nps_error(t.n_promoters, t.n_passives, t.n_detractors)
    return t


def by_wave(answers, min_n=MIN_N):
    """One row per survey x wave, in time: `score` and wave_date."""
    t = score(answers, ["wave_date", "survey_id", "wave"], min_n)
    return t.sort_values(["wave_date", "survey_id", "wave"], ignore_index=True)


def by_rank(described, min_n=MIN_N):
    """One row per rank on the answer date, best rank first: `score`."""
    t = score(described, ["rank"], min_n)
    order = t["rank"].map({rank: i for i, rank in enumerate(campaign.RANK_ORDER)})
    return t.loc[order.sort_values().index].reset_index(drop=True)


def by_size(described, column, min_n=MIN_N):
    """One row per value of `column` (acq_channel, first_product), the most answers first: `score`."""
    t = score(described, [column], min_n)
    return t.sort_values(["n", column], ascending=[False, True], ignore_index=True)


def compared(described, kinds=("wave", "rank")):
    """One row per kind x group (pandas), for charts: `score` of each kind under one heading.

    `kinds`: wave, rank, acq_channel, first_product. Columns: kind, value (the wave, the rank …), n,
    the shares, nps with its interval (missing below 30 answers).
    """
    tables = {"wave": by_wave, "rank": by_rank}
    parts = [tables[kind](described) if kind in tables else by_size(described, kind)
             for kind in kinds]
    columns = ["kind", "value", "n", *(f"{g}_share" for g in GROUPS), "nps", "nps_lo", "nps_hi", "nps_error"]
    parts = [t.rename(columns={kind: "value"}).assign(kind=kind)[columns]
             for kind, t in zip(kinds, parts, strict=True)]
    return pd.concat([t for t in parts if len(t)] or parts[:1], ignore_index=True)


def scored(compared, rows=8):
    """The rows of `compared` that have a score, at most `rows` of each kind."""
    t = compared.dropna(subset=["nps"])
    return t.groupby("kind", sort=False).head(rows).reset_index(drop=True)


def distribution(answers):
    """One row per score 0–10, all eleven: score, group, n, answer_share (pandas)."""
    a = as_table(answers)
    found = frame(a.group_by("score").agg(n=a.count())).set_index("score").n
    t = pd.DataFrame({"score": range(11)})
    t["group"] = [DETRACTOR] * 7 + [PASSIVE] * 2 + [PROMOTER] * 2
    t["n"] = t.score.map(found).fillna(0).astype("int64")
    return t.assign(answer_share=intervals.rate(t.n, t.n.sum()))


def later_purchases(answers, purchases, as_of, days=180):
    """One row per group, promoters first (pandas): who bought within `days` days after the answer.

    Only answers of known customers that have been observed that long; the answer's day itself is
    not counted. Columns: group, n, n_buyers, bought_rate (Wilson), sales_per_person_jpy.
    """
    a = as_table(answers)
    a = a.filter(a.customer_key.notnull(),
                 days_between(ibis.literal(as_of), a.answer_date) >= days)
    p = as_table(purchases).select("customer_key", "purchase_date", "revenue_jpy")
    hit = a.join(p, "customer_key")
    day = days_between(hit.purchase_date, hit.answer_date)
    hit = hit.filter(day >= 1, day <= days)
    hit = hit.group_by("response_id").agg(revenue_jpy=hit.revenue_jpy.sum(), n_after=hit.count())
    t = a.left_join(hit, "response_id")
    t = frame(t.group_by("group").agg(
        n=t.count(), n_buyers=t.n_after.count(), revenue_jpy=t.revenue_jpy.sum().fill_null(0)))
    t = t.set_index("group").reindex(list(GROUPS), fill_value=0).rename_axis("group").reset_index()
    low, high = intervals.wilson(t.n_buyers, t.n)
    return t.drop(columns="revenue_jpy").assign(
        bought_rate=intervals.rate(t.n_buyers, t.n), bought_rate_lo=low, bought_rate_hi=high,
        sales_per_person_jpy=intervals.rate(t.revenue_jpy, t.n))


def respondents(answers, ranked):
    """One row per rank, best first (pandas): those who ever answered against all customers.

    `ranked`: the ranks of all customers as of the report's day (rfm.rank_on). Columns: rank,
    n_customers, n_respondents, customer_share, respondent_share, answered_rate.
    """
    r, a = as_table(ranked), as_table(answers)
    who = a.filter(a.customer_key.notnull()).select("customer_key").distinct()
    t = r.left_join(who.mutate(answered=True), "customer_key")
    t = frame(t.group_by("rank").agg(n_customers=t.count(), n_respondents=t.answered.count()))
    t = t.set_index("rank").reindex(list(rfm.RANKS), fill_value=0).rename_axis("rank").reset_index()
    return t.assign(customer_share=intervals.rate(t.n_customers, t.n_customers.sum()),
                    respondent_share=intervals.rate(t.n_respondents, t.n_respondents.sum()),
                    answered_rate=intervals.rate(t.n_respondents, t.n_customers))
