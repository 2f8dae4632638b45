"""NPS: one answer a person and wave, its interval, later purchases, who answered."""

import datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, schema
from shindan.analyses import nps, rfm

DAY = datetime.date
AS_OF = DAY(2025, 12, 31)


def table(name, rows):
    frame = pd.DataFrame(rows) if rows else pd.DataFrame()
    return engine.as_table(frame.reindex(columns=list(schema.of(name)))).cast(schema.of(name))


def responses(rows, survey="s"):
    """Answers from (customer, wave, date, score)."""
    return table("nps_responses", [
        {"response_id": f"r{i:05}", "survey_id": survey, "wave": wave, "customer_key": customer,
         "responded_at": pd.Timestamp(date), "score": score}
        for i, (customer, wave, date, score) in enumerate(rows)])


def scores(values):
    return responses([(f"c{i}", "w", DAY(2025, 1, 1), s) for i, s in enumerate(values)])


def test_three_groups_and_the_score():
    """50 promoters, 30 passives, 20 detractors: 30 [14.05, 44.20] (adjusted Wald)."""
    row = nps.score(nps.answers(scores([9] * 25 + [10] * 25 + [7] * 20 + [8] * 10 + [0, 6] * 10), AS_OF)).iloc[0]
    assert (row.n, row.nps, row.promoter_share, row.detractor_share) == (100, 30, .5, .2)
    assert (row.nps_lo, row.nps_hi) == pytest.approx((14.05, 44.20), abs=.005)


def test_several_answers_of_one_person_do_not_count_as_so_many_persons():
    """Everybody answers two waves alike: half the persons, so a variance twice as large."""
    once = [9] * 50 + [7] * 30 + [3] * 20
    twice = [(f"c{i}", w, DAY(2025, m, 1), s) for w, m in (("a", 1), ("b", 6)) for i, s in enumerate(once)]
    row, single = (nps.score(nps.answers(r, AS_OF)).iloc[0] for r in (responses(twice), scores(once)))
    assert row.n == 200 and row.nps == single.nps and single.nps_design == 1
    assert (row.nps_design, row.promoter_design, row.detractor_design) == pytest.approx((2, 2, 2))
    assert row.nps_hi - row.nps_lo == pytest.approx(single.nps_hi - single.nps_lo, rel=.02)
    assert (nps.by_wave(nps.answers(responses(twice), AS_OF)).nps_design == 1).all()


def test_the_interval_of_all_waves_holds_the_score_95_times_in_100():
    """400 surveys of 120 people over four waves, each of whom has a mood of their own: NPS 0 by symmetry."""
    rng = np.random.default_rng(7)
    mood = rng.normal(size=(400, 120, 1)) + rng.normal(scale=.5, size=(400, 120, 4))
    group = np.where(mood > .5, "promoter", np.where(mood < -.5, "detractor", "passive"))
    survey, person, _ = np.indices(mood.shape)
    found = nps.score(pd.DataFrame({
        "survey_id": survey.ravel(), "customer_key": [f"c{i}" for i in person.ravel()], "group": group.ravel(),
        "answer_id": [str(i) for i in range(mood.size)]}), ["survey_id"])
    half = (found.nps_hi - found.nps_lo) / 2 / np.sqrt(found.nps_design)
    assert len(found) == 400 and (found.n == 480).all()
    assert ((found.nps_lo <= 0) & (found.nps_hi >= 0)).mean() > .93 > .85 > (found.nps.abs() <= half).mean()


def test_carpentries_survey():
    """The Carpentries' long-term survey of December 2020 (CC BY 4.0): n 87, 49 promoters,
    8 detractors, NPS 47; typed from the published counts."""
    row = nps.score(nps.answers(scores([10] * 49 + [8] * 30 + [5] * 8), AS_OF)).iloc[0]
    assert (row.n, row.n_promoters, row.n_detractors, round(row.nps)) == (87, 49, 8, 47)


def test_last_answer_of_a_person_and_wave_counts():
    a = nps.answers(responses([
        ("c1", "w1", DAY(2025, 1, 1), 2), ("c1", "w1", DAY(2025, 1, 9), 10),
        ("c1", "w2", DAY(2025, 6, 1), 7), ("c2", "w1", DAY(2025, 1, 2), None),
        (None, "w1", DAY(2025, 1, 3), 0), (None, "w1", DAY(2025, 1, 3), 0),
        ("c3", "w2", DAY(2026, 1, 1), 9)]), AS_OF)
    rows = engine.frame(a, by=["score", "answer_id"])
    assert rows.score.to_list() == [0, 0, 7, 10] and rows.answer_id.is_unique
    assert rows.group.to_list() == ["detractor", "detractor", "passive", "promoter"]
    assert {(d.month, d.day) for d in pd.to_datetime(rows.wave_date)} == {(1, 3), (6, 1)}


def test_few_answers_have_no_score():
    few = nps.answers(scores([10] * 29), AS_OF)
    row = nps.score(few).iloc[0]
    assert row.n == 29 and np.isnan(row[["nps", "nps_lo", "nps_hi"]].astype(float)).all()
    assert nps.distribution(few).n.to_list() == [0] * 10 + [29]
    assert nps.score(nps.answers(scores([10] * 30), AS_OF)).nps[0] == 100


def test_rank_is_that_of_the_answers_day():
    p = table("purchases", [{"customer_key": c, "purchase_date": d, "revenue_jpy": 1} for c, d in (
        ("a", DAY(2025, 1, 1)), ("a", DAY(2025, 2, 1)), ("a", DAY(2025, 3, 1)), ("b", DAY(2025, 3, 5)))])
    b = table("buyers", [{"customer_key": "a", "acq_channel": "google", "first_product": "tea"}])
    a = nps.answers(responses([("a", "w", DAY(2025, 2, 1), 9), ("b", "w", DAY(2025, 3, 1), 9),
                               (None, "w", DAY(2025, 3, 1), 9)]), AS_OF)
    cuts = rfm.Cuts(ranks=(rfm.RankRule("premium", 2), rfm.RankRule("regular")))
    got = engine.frame(nps.described(a, p, b, cuts), by=["customer_key"])
    assert got["rank"].fillna("?").to_list() == ["regular", "none", "?"]
    assert got.f_count.fillna("?").to_list() == ["1", "0", "?"]
    assert got.acq_channel.fillna("?").to_list() == ["google", "?", "?"]
    assert nps.by_rank(nps.described(a, p, b, cuts))["rank"].to_list() == ["regular", "none"]


def test_only_purchases_after_the_answer_and_answers_old_enough():
    p = table("purchases", [{"customer_key": c, "purchase_date": d, "revenue_jpy": 600} for c, d in (
        ("a", DAY(2025, 1, 1)), ("b", DAY(2025, 1, 2)), ("c", DAY(2025, 6, 30)),
        ("d", DAY(2025, 7, 1)), ("e", DAY(2025, 12, 30)))])
    a = nps.answers(responses([(c, "w", DAY(2025, 1, 1), 10) for c in "abcd"]
                              + [("e", "w2", DAY(2025, 12, 1), 10)]), AS_OF)
    t = nps.later_purchases(a, p, AS_OF, days=180).set_index("group")
    assert t.loc["promoter", ["n", "n_buyers", "sales_per_person_jpy"]].to_list() == [4, 2, 300]
    assert t.loc["detractor", "n"] == 0 and np.isnan(t.loc["detractor", "bought_rate"])


def test_two_files_may_number_their_answers_alike():
    """Row 1 of two files are two people; each answer meets the purchases of its own customer once."""
    rows = [("1", "w1", "a", 10), ("2", "w1", "b", 0), ("1", "w2", "b", 10), ("2", "w2", "a", 10), ("1", "w1", None, 3), ("1", "w1", None, 9)]
    r = table("nps_responses", [{"response_id": i, "survey_id": "s", "wave": w, "customer_key": c,
                                 "responded_at": pd.Timestamp("2025-01-01"), "score": s} for i, w, c, s in rows])
    p = table("purchases", [{"customer_key": "a", "purchase_date": DAY(2025, 1, 9), "revenue_jpy": 500}])
    a = nps.answers(r, AS_OF)
    assert engine.frame(a).answer_id.is_unique and nps.distribution(a).n.sum() == 6
    t = nps.later_purchases(a, p, AS_OF, days=180).set_index("group")
    assert t.loc["promoter", ["n", "n_buyers"]].to_list() == [3, 2]
    assert t.loc["promoter", "sales_per_person_jpy"] == pytest.approx(1000 / 3) and t.loc["detractor", "n_buyers"] == 0


def test_only_the_survey_with_most_answers_is_scored():
    both = responses([("a", "w1", DAY(2025, 1, 1), 10), ("b", "w1", DAY(2025, 1, 1), 10)]).union(
        responses([("a", "w9", DAY(2025, 6, 1), 0)], survey="after-delivery"))
    a = nps.answers(both, AS_OF)
    assert nps.surveys(a)[["survey_id", "n"]].values.tolist() == [["s", 2], ["after-delivery", 1]]
    assert nps.score(nps.main(a)).n[0] == 2 and nps.by_wave(nps.main(a)).wave.to_list() == ["w1"]


def test_answers_without_a_date_count_but_are_not_followed():
    p = table("purchases", [{"customer_key": "a", "purchase_date": DAY(2025, 1, 9), "revenue_jpy": 500}])
    a = nps.answers(responses([("a", "w", None, 10), ("b", "w", DAY(2025, 1, 1), 9)]), AS_OF)
    d = engine.frame(nps.described(a, p, engine.empty("buyers"), rfm.Cuts()), by=["customer_key"])
    assert nps.score(a).n[0] == 2 and d["rank"].fillna("?").to_list() == ["?", "none"]
    assert nps.later_purchases(a, p, AS_OF).n.sum() == 1
    undated = nps.by_wave(nps.answers(responses([("a", "w", None, 10)]), AS_OF))
    assert undated.n.to_list() == [1] and undated.wave_date.isna().all()


def test_response_rate_of_waves_whose_size_is_known():
    a = nps.answers(responses([(f"c{i}", "w1", DAY(2025, 1, 1), 9) for i in range(40)] + [("d", "w2", DAY(2025, 6, 1), 9)]), AS_OF)
    t = nps.response_rates(nps.by_wave(a), {"w1": 200, "w2": 0, "w9": 5}).set_index("wave")
    assert t.response_rate["w1"] == .2 and .15 < t.response_rate_lo["w1"] < .2 < t.response_rate_hi["w1"]
    assert np.isnan(t.response_rate["w2"]) and len(t) == 2
    assert nps.response_rates(nps.by_wave(a), {}).empty


@pytest.mark.parametrize("comment, said", [("  味がよい ", "味がよい"), ("特になし。", None), ("N/A", None), (" ", None), (None, None)])
def test_comments_that_say_nothing_are_none(comment, said):
    r = responses([("a", "w", DAY(2025, 1, 1), 9)]).mutate(comment=ibis.literal(comment, type="string"))
    got = engine.frame(nps.answers(r, AS_OF)).comment
    assert got.to_list() == [said] if said else got.isna().all()


def test_whom_to_contact_by_the_latest_answer():
    rows = [("a", "w1", DAY(2025, 1, 1), 0), ("a", "w2", DAY(2025, 12, 20), 10), ("b", "w2", DAY(2025, 12, 20), 3), ("c", "w1", DAY(2025, 1, 5), 2), (None, "w2", DAY(2025, 12, 20), 1)]
    r = responses(rows).mutate(comment=ibis.ifelse(ibis._.score == 3, "late", ibis.null("string")))
    t = nps.follow_up(nps.answers(r, AS_OF), AS_OF).set_index("group")
    assert t.loc["detractor"].to_dict() == {"n": 3, "n_known": 2, "n_comments": 1, "n_recent": 1}
    assert t.loc["promoter"].to_dict() == {"n": 1, "n_known": 1, "n_comments": 0, "n_recent": 1}


def test_respondents_against_all_customers():
    ranked = pd.DataFrame({"customer_key": list("abcd"), "rank": ["premium"] + ["dormant"] * 3})
    a = nps.answers(responses([("a", "w1", DAY(2025, 1, 1), 9), ("a", "w2", DAY(2025, 2, 1), 9),
                               ("b", "w1", DAY(2025, 1, 1), 0), ("x", "w1", DAY(2025, 1, 1), 0)]), AS_OF)
    t = nps.respondents(a, ranked).set_index("rank")
    assert t.loc["premium", ["n_customers", "n_respondents", "respondent_share", "customer_share"]].to_list() == [1, 1, .5, .25]
    assert t.loc["dormant", "answered_rate"] == pytest.approx(1 / 3) and t.n_customers.sum() == 4


def test_no_answers_give_empty_frames():
    a = nps.answers(engine.empty("nps_responses"), AS_OF)
    d = nps.described(a, engine.empty("purchases"), engine.empty("buyers"), rfm.Cuts())
    total = nps.score(a)
    assert total.n.to_list() == [0] and np.isnan(total.nps[0])
    assert nps.by_wave(a).empty and nps.by_rank(d).empty and nps.by_size(d, "acq_channel").empty
    assert nps.distribution(a).n.sum() == 0 and nps.surveys(a).empty and nps.main(a).count().to_pandas() == 0
    assert nps.follow_up(a, AS_OF).n.sum() == 0 and nps.response_rates(nps.by_wave(a), {"w": 9}).empty
    assert nps.compared(d, ("wave", "rank", "f_count", "acq_channel", "first_product")).empty
    assert nps.later_purchases(a, engine.empty("purchases"), AS_OF).n.sum() == 0
    nobody = rfm.rank_on(engine.empty("purchases"), AS_OF)
    assert nps.respondents(a, nobody).n_customers.sum() == 0


@given(st.lists(st.integers(0, 10), min_size=30, max_size=60))
@settings(max_examples=15, deadline=None)
def test_shares_add_up_and_the_order_of_answers_changes_nothing(values):
    row, turned = (nps.score(nps.answers(scores(v), AS_OF)).iloc[0] for v in (values, values[::-1]))
    assert row.promoter_share + row.passive_share + row.detractor_share == pytest.approx(1)
    assert row.nps == pytest.approx(100 * (row.promoter_share - row.detractor_share))
    assert row.to_dict() == turned.to_dict()
