"""NPS: what people answered, who they are, what they bought afterwards."""

import datetime

import ibis
import pandas as pd

from shindan.analyses import campaign, intervals, rfm
from shindan.engine import as_table, days_between, frame

PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"   # 9–10, 7–8, 0–6
GROUPS = (PROMOTER, PASSIVE, DETRACTOR)
NOTHING_SAID = ("", "-", "NA", "N/A", "NONE", "NO", "なし", "特になし", "特にない", "特にありません", "ない", "ありません")
NO_DATE = datetime.date(1, 1, 1)
MIN_N = 30
MOST_COUNTED = 4  # purchases; more are one group


def answers(responses, as_of):
    """One row per person x survey x wave: the last answer up to `as_of`; blanks are left out.

    Columns: answer_id (unique), customer_key (null where unknown: each such answer is a person),
    survey_id, wave (the survey where no wave is named), answer_date (null where the file has none),
    wave_date (first answer of the wave), score 0–10, group (promoter 9–10, passive 7–8, detractor
    0–6), comment (null where it says nothing). Response ids are the tool's: two files may number their answers alike.
    """
    r = as_table(responses)
    unknown = ibis.literal("?") + r.response_id + "|" + r.responded_at.cast("string").fill_null("") + "|" + r.score.cast("string")
    r = r.mutate(answer_date=r.responded_at.date(), wave=r.wave.fill_null(r.survey_id).fill_null(""),
                 person=r.customer_key.fill_null(unknown), survey_id=r.survey_id.fill_null(""))
    r = r.filter(r.score.notnull(), r.person.notnull(), r.answer_date.isnull() | (r.answer_date <= as_of))
    one = ["person", "survey_id", "wave"]
    last = ibis.row_number().over(group_by=[r[c] for c in one],
                                  order_by=[r.responded_at.desc(nulls_first=False), r.response_id.desc(), r.score])
    r = r.mutate(place=last).filter(ibis._.place == 0)
    group = ibis.cases((r.score >= 9, PROMOTER), (r.score >= 7, PASSIVE), else_=DETRACTOR)
    first = r.answer_date.min().over(group_by=[r.survey_id, r.wave])
    said = r.comment.strip()
    silent = said.upper().re_replace("[.。、 ]+$", "").isin(NOTHING_SAID)
    return r.select("customer_key", "survey_id", "wave", "answer_date", "score", wave_date=first, group=group,
                    comment=ibis.ifelse(silent, ibis.null("string"), said), answer_id=r.person + "|" + r.survey_id + "|" + r.wave)


def surveys(answers):
    """One row per survey (pandas), the one with most answers first: survey_id, n, last_date."""
    a = as_table(answers)
    t = frame(a.group_by("survey_id").agg(n=a.count(), last_date=a.answer_date.max()), by=["survey_id"])
    return t.sort_values(["n", "survey_id"], ascending=[False, True], ignore_index=True)


def main(answers):
    """The answers of the survey with most of them: other surveys ask in other ways and do not compare."""
    found = surveys(answers).survey_id
    a = as_table(answers)
    return a.filter(a.survey_id == found[0]) if len(found) else a


def described(answers, purchases, buyers, cuts):
    """`answers` with rank and f_count (purchases: "0" … "3", "4" and more) of the evening before the
    answer, acq_channel and first_product; missing for answers without a customer (rank "none": no
    purchase yet) or, rank and f_count, without a date."""
    a = as_table(answers)
    dated = a.filter(a.customer_key.notnull(), a.answer_date.notnull())
    people = dated.select("customer_key", on_date=dated.answer_date)
    ranks = campaign.ranks_on_dates(people, purchases, cuts).rename(answer_date="on_date")
    b = as_table(buyers).select("customer_key", "acq_channel", "first_product")
    t = a.left_join(ranks, ["customer_key", "answer_date"]).left_join(b, "customer_key")
    t = t.left_join(_counts(dated, purchases), "answer_id")
    known = a.customer_key.notnull() & a.answer_date.notnull()
    return t.select(*a.columns, "acq_channel", "first_product",
                    rank=ibis.ifelse(known, t["rank"].fill_null(campaign.NEVER_BOUGHT), ibis.null("string")),
                    f_count=ibis.ifelse(known, ibis.least(t.n_before.fill_null(0), MOST_COUNTED).cast("string"), ibis.null("string")))


def _counts(answers, purchases):
    """One row per answer with purchases before its day: how many."""
    p = as_table(purchases).select("customer_key", "purchase_date")
    t = answers.select("answer_id", "customer_key", "answer_date").join(p, "customer_key")
    t = t.filter(t.purchase_date < t.answer_date)
    return t.group_by("answer_id").agg(n_before=t.count())


def score(answers, by=(), min_n=MIN_N):
    """One row per group of `by` (columns of the answers; none: one row for all) (pandas).

    Columns: by, n, n_promoters, n_passives, n_detractors, promoter_share, passive_share,
    detractor_share, nps with its adjusted-Wald interval (nps is missing below `min_n` answers), nps_error
    (the standard error behind it), and how many times wider than that of as many persons the variance
    is, because one person's answers to several waves are alike: nps_design, promoter_design, detractor_design.
    Answers whose group is unknown are left out.
    """
    a = as_table(answers)
    for column in by:
        a = a.filter(a[column].notnull())
    t = frame(_counted(a, list(by)), by=list(by) or ["n"])
    for group in GROUPS:
        t[f"{group}_share"] = intervals.rate(t[f"n_{group}s"], t.n)
    for kind in ("nps", PROMOTER, DETRACTOR):
        t[f"{kind}_design"] = _design(t, kind)
    counts = t.n_promoters, t.n_passives, t.n_detractors, t.nps_design
    values = intervals.adjusted_wald_nps(*counts)
    for column, value in zip(("nps", "nps_lo", "nps_hi"), values, strict=True):
        t[column] = pd.Series(value, index=t.index, dtype=float).where(t.n >= min_n)
    t["nps_error"] = intervals.nps_error(*counts)
    return t.drop(columns=[c for c in t.columns if c.startswith("_")])


def _counted(answers, by):
    """One row per group: the answers by kind, and the sums over persons that `_design` needs."""
    a = answers.mutate(person=answers.customer_key.fill_null(answers.answer_id))
    p = a.group_by([*by, "person"]).agg(n=a.count(), **{f"n_{g}s": a.count(where=a.group == g) for g in GROUPS})
    sums = {"n": p.n.sum().fill_null(0), "_nn": (p.n * p.n).sum(), **{f"n_{g}s": p[f"n_{g}s"].sum().fill_null(0) for g in GROUPS}}
    of = {"nps": p.n_promoters - p.n_detractors, PROMOTER: p.n_promoters, DETRACTOR: p.n_detractors}
    for kind, own in of.items():
        sums |= {f"_{kind}_own": own.sum(), f"_{kind}_squares": (own * own).sum(), f"_{kind}_cross": (own * p.n).sum()}
    return p.group_by(by).agg(**sums) if by else p.agg(**sums)


def _design(t, kind):
    """The design effect: the variance of a mean over persons' answers ÷ that of answers drawn singly, at least 1."""
    own, squares, cross = (t[f"_{kind}_{part}"].astype(float) for part in ("own", "squares", "cross"))
    mean = own / t.n
    clustered = squares - 2 * mean * cross + mean**2 * t["_nn"].astype(float)
    several = t.n_promoters + t.n_detractors if kind == "nps" else own
    return (clustered / (several - t.n * mean**2).where(lambda v: v > 0)).clip(lower=1).fillna(1.0)


def by_wave(answers, min_n=MIN_N):
    """One row per survey x wave, in time: `score` and wave_date."""
    t = score(as_table(answers).mutate(place=ibis._.wave_date.fill_null(NO_DATE)), ["place", "survey_id", "wave"], min_n)
    t = t.rename(columns={"place": "wave_date"}).sort_values(["wave_date", "survey_id", "wave"], ignore_index=True)
    return t.assign(wave_date=pd.to_datetime(t.wave_date).where(lambda d: d > pd.Timestamp(NO_DATE)))


def response_rates(by_wave, asked):
    """One row per wave whose number of people asked is known (`asked`: {wave: people}) (pandas), in time.

    Columns: survey_id, wave, wave_date, n_asked, n (answers), response_rate (Wilson; missing where
    more answered than were asked).
    """
    t = by_wave.assign(n_asked=by_wave.wave.map(dict(asked)).astype(float))
    t = t[t.n_asked.notna()].reset_index(drop=True)
    possible = t.n_asked >= t.n
    low, high = intervals.wilson(t.n, t.n_asked)
    rates = {"response_rate": intervals.rate(t.n, t.n_asked), "response_rate_lo": low, "response_rate_hi": high}
    t = t.assign(**{name: pd.Series(values, index=t.index, dtype=float).where(possible) for name, values in rates.items()})
    return t[["survey_id", "wave", "wave_date", "n_asked", "n", *rates]]


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

    `kinds`: wave, rank, f_count, acq_channel, first_product. Columns: kind, value (the wave, the rank …), n,
    the shares, nps with its interval (missing below 30 answers).
    """
    tables = {"wave": by_wave, "rank": by_rank, "f_count": lambda t: score(t, ["f_count"])}
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
    hit = hit.group_by("answer_id").agg(revenue_jpy=hit.revenue_jpy.sum(), n_after=hit.count())
    t = a.left_join(hit, "answer_id")
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


def follow_up(answers, as_of, days=30):
    """One row per group, promoters first (pandas): people by their latest answer, for whom to write to.

    Columns: group, n (people), n_known (customers who can be written to), n_comments (people who gave
    a reason), n_recent (known, answered within `days` days up to `as_of`).
    """
    a = as_table(answers)
    person = a.customer_key.fill_null(a.answer_id)
    last = ibis.row_number().over(group_by=person, order_by=[a.answer_date.desc(nulls_first=False), a.answer_id.desc()])
    a = a.mutate(place=last).filter(ibis._.place == 0)
    recent = (days_between(ibis.literal(as_of), a.answer_date) < days).fill_null(False)
    t = frame(a.group_by("group").agg(
        n=a.count(), n_known=a.customer_key.count(), n_comments=a.count(where=a.comment.strip().length() > 0),
        n_recent=a.count(where=a.customer_key.notnull() & recent)))
    return t.set_index("group").reindex(list(GROUPS), fill_value=0).rename_axis("group").reset_index()
