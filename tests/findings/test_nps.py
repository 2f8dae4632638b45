"""What the NPS chapter says, and from how many answers on."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import text
from shindan.analyses import intervals
from shindan.findings import nps

AS_OF = datetime.date(2025, 12, 31)
WAVES = pd.DataFrame({"wave_date": pd.to_datetime(["2025-06-01", "2025-12-01"])})


def groups(counts, **more):
    """Rows with their score from (promoters, passives, detractors)."""
    t = pd.DataFrame(counts, columns=["n_promoters", "n_passives", "n_detractors"])
    t["n"] = t.sum(axis=1)
    values = intervals.adjusted_wald_nps(t.n_promoters, t.n_passives, t.n_detractors)
    for name, value in zip(("nps", "nps_lo", "nps_hi"), values, strict=True):
        t[name] = np.where(t.n >= 30, value, np.nan)
    t["nps_error"] = intervals.nps_error(t.n_promoters, t.n_passives, t.n_detractors)
    return t.assign(promoter_share=t.n_promoters / t.n, detractor_share=t.n_detractors / t.n, **{"promoter_design": 1, "detractor_design": 1, **more})


def said(statement, lang="ja"):
    return text.Text(lang)(statement.key, **statement.values)


def test_score_with_its_interval():
    statement = nps.score(groups([(50, 30, 20)]), WAVES, AS_OF)
    assert said(statement) == "NPSは30.0。薦める人が50.0%、薦めない人が20.0%"
    assert [k.id for k in statement.kpis] == [
        "nps.score", "nps.promoter_share", "nps.detractor_share", "nps.n_answers"]
    assert statement.period == "2025-06-01/2025-12-31"
    assert statement.kpis[0].ci == pytest.approx((14.05, 44.20), abs=.005)


def test_few_answers_show_the_distribution_only():
    few = nps.score(groups([(20, 5, 4)]), WAVES, AS_OF)
    assert few.shown and [k.id for k in few.kpis] == ["nps.n_answers"] and "29件" in said(few)
    assert not nps.score(groups([(3, 1, 0)]), WAVES, AS_OF).shown
    assert nps.score(groups([(0, 0, 0)]), WAVES, AS_OF).key == "nps.withheld.none"


@pytest.mark.parametrize("last, key", [
    ((90, 20, 10), "waves_up"), ((20, 20, 80), "waves_down"), ((52, 38, 30), "waves_unclear")])
def test_change_needs_an_interval_off_zero(last, key):
    by_wave = groups([(48, 40, 32), last], wave=["w1", "w2"], wave_date=WAVES.wave_date, survey_id="s")
    statement = nps.waves(by_wave, AS_OF)
    assert statement.key == f"nps.headline.{key}"
    change = {k.id: k for k in statement.kpis}["nps.change"]
    assert change.ci[0] < change.value < change.ci[1]
    assert change.n == statement.n == by_wave.n.sum()
    other = nps.waves(by_wave.assign(survey_id=["s", "t"]), AS_OF)
    assert other.key == "nps.headline.one_wave"  # another survey's wave is not the one before


def test_small_waves_are_passed_over():
    by_wave = groups([(48, 40, 32), (9, 0, 0)], wave=["w1", "w2"], wave_date=WAVES.wave_date, survey_id="s")
    assert nps.waves(by_wave, AS_OF).key == "nps.headline.one_wave"
    assert not nps.waves(by_wave.iloc[1:], AS_OF).shown


def test_segments_differ_only_beyond_chance():
    same = groups([(40, 30, 30), (44, 30, 26), (38, 30, 32)], kind="acq_channel", value=list("abc"))
    apart = groups([(80, 10, 10), (20, 30, 50)], kind="first_product", value=list("xy"))
    assert nps.segments(same, WAVES, AS_OF).key == "nps.headline.segments_unclear"
    statement = nps.segments(pd.concat([same, apart]), WAVES, AS_OF)
    assert statement.key == "nps.headline.segments_apart.first_product"
    assert statement.values["gap"] == pytest.approx(100) and statement.n == 200
    for kind in ("rank", "f_count"):
        assert nps.segments(apart.assign(kind=kind), WAVES, AS_OF).key == f"nps.headline.segments_apart.{kind}"
    assert not nps.segments(apart.assign(kind="wave"), WAVES, AS_OF).shown  # waves have a statement of their own
    assert not nps.segments(same.iloc[:1], WAVES, AS_OF).shown


@pytest.mark.parametrize("promoters, key", [(80, "later_more"), (10, "later_less"), (42, "later_unclear")])
def test_later_purchases(promoters, key):
    t = pd.DataFrame({"group": ["promoter", "passive", "detractor"], "n": [100, 50, 100],
                      "n_buyers": [promoters, 20, 40]})
    low, high = intervals.wilson(t.n_buyers, t.n)
    t = t.assign(bought_rate=t.n_buyers / t.n, bought_rate_lo=low, bought_rate_hi=high)
    statement = nps.later(t, WAVES, AS_OF, 180)
    assert statement.key == f"nps.headline.{key}" and "180" in said(statement, "en")
    assert not nps.later(t.assign(n=[100, 50, 29]), WAVES, AS_OF, 180).shown


@pytest.mark.parametrize("premium, key", [(40, "more"), (2, "less"), (10, "alike")])
def test_who_answered(premium, key):
    t = pd.DataFrame({"rank": ["premium", "dormant"], "n_customers": [1000, 9000],
                      "n_respondents": [premium, 100 - premium]})
    t = t.assign(customer_share=t.n_customers / 10000, respondent_share=t.n_respondents / 100)
    statement = nps.respondents(t, WAVES, AS_OF)
    assert statement.key == f"nps.headline.respondents_{key}"
    assert statement.kpis[0].value == pytest.approx(.01) and statement.kpis[0].n == 10000


def test_another_survey_is_named_and_kept_apart():
    surveys = pd.DataFrame({"survey_id": ["yearly", "delivery"], "n": [100, 40]})
    statement = nps.score(groups([(50, 30, 20)]), WAVES, AS_OF, surveys)
    assert "yearly" in said(statement) and "40件は別" in said(statement)
    assert nps.score(groups([(50, 30, 20)]), WAVES, AS_OF, surveys.iloc[:1]).key == "nps.headline.score"


def test_response_rate_and_whom_to_contact():
    rates = pd.DataFrame({"wave": ["w1", "w2"], "wave_date": WAVES.wave_date, "n_asked": [100., 300.], "n": [30, 60],
                          "response_rate": [.3, .2], "response_rate_lo": .1, "response_rate_hi": .4})
    statement = nps.response(rates, AS_OF)
    assert said(statement) == "最新回(w2)はたずねた300人の20.0%が回答" and statement.kpis[0].n == 300
    assert not nps.response(rates.iloc[:0], AS_OF).shown
    t = pd.DataFrame({"group": ["promoter", "passive", "detractor"], "n": [9, 3, 4], "n_known": [8, 3, 2], "n_recent": [1, 0, 1]})
    assert said(nps.follow_up(t, AS_OF)) == "最後の回答が批判の4人のうち2人、推奨の9人のうち8人に連絡できる"
    assert not nps.follow_up(t.assign(n=[2, 0, 1]), AS_OF).shown


def test_advice_exists_for_every_finding():
    for lang in text.LANGUAGES:
        known = set(text.keys(lang))
        for chapter, keys in (("nps", ("score", "score_of_survey", "score_small", "later_more", "later_less", "later_unclear")),
                              ("campaign", ("overview", "overview_no_random", "rules", "random_found", "random_fewer", "random_unclear"))):
            assert {f"{chapter}.headline.{k}" for k in keys} <= known and {f"{chapter}.advice.{k}" for k in keys} <= known


def test_both_languages_have_every_sentence():
    for chapter in ("campaign", "nps"):
        ja, en = ({k for k in text.keys(lang) if k.startswith(f"{chapter}.")} for lang in text.LANGUAGES)
        assert ja == en


def test_shares_of_people_who_answered_twice_have_the_wider_interval():
    one, two = (nps.score(groups([(50, 30, 20)], promoter_design=d), WAVES, AS_OF).kpis[1].ci for d in (1, 2))
    assert two[1] - two[0] == pytest.approx(np.sqrt(2) * (one[1] - one[0]), rel=.03)
