"""What the campaign chapter may say, and what it must never say."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shindan import text
from shindan.analyses import campaign as analysis
from shindan.analyses import holdout
from shindan.findings import campaign

FORBIDDEN = {"ja": re.compile("効果|増分|リフト|押し上げ"),
             "en": re.compile(r"effect|incremental|uplift|\blift", re.IGNORECASE)}
ENDS = ("months", "diff", "lo", "hi", "n", "rate", "cost", "credited", "share", "without", "detectable", "dd", "lowest",
        "highest", "mean", "most", "left", "n_left",
        "n_campaigns", "n_randomised", "n_sent", "n_judged", "n_found", "n_refused", "min_buyers")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "campaign.ipynb"


def view(assignment="random", n_control=100):
    return pd.DataFrame({"campaign_id": ["k"], "name": ["夏メール"], "assignment": assignment,
                         "first_date": pd.Timestamp("2025-07-01"), "n": [900], "n_control": n_control,
                         "cost_jpy": [9000.0], "credited_jpy": [500000.0], "n_credited": [200]})


def ranked(sent, control, assignment="random", campaign_id="k", rank="premium"):
    """One campaign of one rank; (people, buyers) of each arm."""
    return analysis.with_rates(pd.DataFrame({
        "campaign_id": [campaign_id], "assignment": assignment, "rank": rank, "n": sent[0],
        "n_buyers": sent[1], "revenue_jpy": 1000 * sent[1], "contribution_jpy": 400.0 * sent[1],
        "n_control": control[0], "n_control_buyers": control[1]}))


def said(statement, lang="ja"):
    return text.Text(lang)(statement.key, **statement.values)


def differences(*arms, others=()):
    total = holdout.standardised(pd.concat([ranked(*arms), *others]))
    return campaign.differences(total.merge(view()[["name", "first_date"]], how="cross"), view())


def test_random_campaign_states_its_effect_with_interval():
    statement = differences((900, 180), (600, 60))
    assert statement.key == "campaign.headline.random_found" and "効果" in said(statement)
    assert "+10.0ポイント" in said(statement) and "夏メール" in said(statement, "en")
    kpi = statement.kpis[0]
    assert kpi.id == "campaign.best_difference" and kpi.n == 1500
    assert kpi.value == pytest.approx(.1) and kpi.ci[0] < .1 < kpi.ci[1]
    assert statement.yen[0] == pytest.approx(1500 * (.1 * 400 - 10))
    unknown = campaign._yen(pd.Series({"campaign_id": "k", "n": 9, "n_control": 9, "margin_jpy": 4., "joint_pt": .1, "joint_pt_lo": 0., "joint_pt_hi": .2}), view().assign(cost_jpy=np.nan))
    assert unknown is None  # what an unknown cost leaves is not known either
    assert {k.id: (k.value, k.n) for k in statement.kpis}["campaign.n_found"] == (1, 1)
    assert campaign.advice(statement) == "campaign.advice.random_found"


def test_one_of_many_campaigns_needs_more_to_be_found():
    """20 % against 14 % of 300: found alone, not beside nine campaigns without a difference."""
    arms = (300, 61), (300, 40)
    nothing = [ranked((300, 30), (300, 30), campaign_id=f"n{i}") for i in range(9)]
    assert differences(*arms).key == "campaign.headline.random_found"
    among = differences(*arms, others=nothing)
    assert among.key == "campaign.headline.random_unclear" and "効果" not in said(among)
    assert among.kpis[0].ci[0] < 0 and among.kpis[1].value == 0 and among.kpis[1].n == 10


@pytest.mark.parametrize("arms, key", [
    (((900, 90), (600, 60)), "random_unclear"), (((900, 60), (600, 90)), "random_fewer")])
def test_no_difference_is_no_verdict(arms, key):
    statement = differences(*arms)
    assert statement.key == f"campaign.headline.{key}" and "効果" not in said(statement)


def test_small_arms_are_not_judged():
    statement = differences((900, 180), (29, 2))
    assert not statement.shown and said(statement) == "判断できません(n=29)"


def test_refused_draw_is_said_and_not_compared():
    total = holdout.standardised(pd.concat([
        ranked((900, 180), (100, 22)), ranked((100, 1), (900, 18), rank="dormant")]))
    statement = campaign.differences(total.assign(name="x", first_date=pd.NaT), view())
    assert not statement.shown and statement.key == "campaign.withheld.refused"


def test_campaigns_by_rule_get_the_descriptive_sentence_only():
    by_rule = ranked((200, 30), (50, 1), "rule").assign(first_date=pd.NaT)
    statement = campaign.rules(by_rule)
    assert said(statement) == "配信対象者のうち15.0%が購入(配信が無くても購入した人を含む)"
    assert not campaign.differences(holdout.standardised(by_rule), view("rule")).shown
    assert not campaign.by_rank(holdout.differences(by_rule, holdout.standardised(by_rule))).shown


@pytest.mark.parametrize("assignment", ["rule", "none"])
def test_null_worlds_without_a_draw_never_speak_of_an_effect(assignment):
    """60 worlds: people of different habits, sent or not sent by a rule; nothing the message does."""
    rng = np.random.default_rng(12)
    shown = 0
    for _ in range(60):
        rows = [ranked((n1, rng.binomial(n1, rate)), (n0, rng.binomial(n0, rate * rng.uniform(.2, 1))), assignment, rank=rank)
                for rank, rate, n1, n0 in (("premium", .4, 300, 20), ("regular", .1, 200, 900), ("dormant", .01, rng.integers(1, 90), 400))]
        table = pd.concat(rows, ignore_index=True)
        total = holdout.standardised(table)
        named = {"name": "夏メール", "first_date": pd.Timestamp("2025-07-01")}
        dd = rng.normal(0, .05)
        change = changes(("夏メール", bool(rng.integers(2)), 500, dd))
        paying = table.assign(**named, break_even_rate=.05, pays=np.where(table.bought_rate_hi < .05, "no", "unknown"))
        statements = [campaign.overview(view(assignment)), campaign.differences(total, view(assignment)),
                      campaign.by_rank(holdout.differences(table, total)), campaign.rules(table.assign(**named)),
                      campaign.before_after(change), campaign.break_even(paying, view(assignment)),
                      campaign.power(holdout.planned(table).assign(**named))]
        shown += sum(s.shown for s in statements)
        for statement in statements:
            for lang, forbidden in FORBIDDEN.items():
                assert not forbidden.search(said(statement, lang)), said(statement, lang)
    assert shown > 60 * 4


def test_words_of_campaigns_that_were_not_random():
    """No sentence, label or prose that such campaigns can meet speaks of an effect."""
    for lang, forbidden in FORBIDDEN.items():
        words = text.Text(lang)
        values = dict.fromkeys(ENDS, 1) | {"name": "x", "rank": "premium", "month": pd.Timestamp("2025-07-01"),
                                           "yes": ["premium"], "no": ["dormant"]}
        keys = [k for k in text.keys(lang) if k.startswith("campaign.")]
        plain = [k for k in keys if not k.startswith("campaign.headline.random")]
        assert len(plain) > 60 and len(plain) < len(keys)
        for key in plain:
            assert not forbidden.search(words(key, **values)), key
        assert any(forbidden.search(words(k, **values)) for k in keys)
        cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
        prose = ["".join(c["source"]) for c in cells if lang in c["metadata"].get("tags", [])]
        assert len(prose) > 10 and not any(forbidden.search(p) for p in prose)


def rank_differences(*rows):
    table = pd.concat(rows, ignore_index=True)
    d = holdout.differences(table, holdout.standardised(table))
    return d.merge(view()[["name", "first_date"]], how="cross")


def test_rank_found_after_correction():
    frame = rank_differences(ranked((900, 180), (600, 60)), ranked((700, 70), (500, 50), rank="dormant"))
    statement = campaign.by_rank(frame)
    assert statement.values["n_found"] == 1 and said(statement).startswith("優良では「夏メール」")
    assert (statement.n, statement.kpis[0].n) == (1500, 2)
    none = campaign.by_rank(frame[frame["rank"] == "dormant"])
    assert none.key == "campaign.headline.random_no_rank"


def test_one_large_order_makes_no_verdict():
    frame = pd.DataFrame({"name": ["夏メール"], "n": [100], "n_control": [100], "first_date": pd.NaT,
                          "joint_jpy": [500.], "joint_jpy_lo": [20.], "joint_jpy_hi": [900.],
                          "no_largest_jpy": [3.], "no_largest_jpy_lo": [-90.], "no_largest_jpy_hi": [95.]})
    assert campaign.sales(frame).key == "campaign.headline.random_sales_one_order"
    assert campaign.sales(frame.assign(no_largest_jpy_lo=1.)).key == "campaign.headline.random_sales_found"
    assert campaign.sales(frame.assign(joint_jpy_lo=-1.)).key == "campaign.headline.random_sales_unclear"
    assert campaign.sales(frame.assign(joint_jpy_lo=-9., joint_jpy_hi=-1.)).key == "campaign.headline.random_sales_fewer"
    assert said(campaign.sales(frame.iloc[:0])).startswith("判断できません")


def changes(*rows):
    t = pd.DataFrame(rows, columns=["name", "is_alike", "n", "dd_pt"])
    return t.assign(n_others=100, first_date=pd.Timestamp("2025-07-01"), dd_pt_lo=t.dd_pt - .05, dd_pt_hi=t.dd_pt + .05)


def test_before_and_after_only_of_groups_alike_and_as_reference():
    statement = campaign.before_after(changes(("春", False, 90, .2), ("夏", True, 80, .01)))
    assert said(statement) == "「夏」の前後差の差は+1.0ポイント(95%CI -4.0〜+6.0、参考)" and statement.n == 180
    unlike = campaign.before_after(changes(("春", False, 90, .2)))
    assert unlike.key == "campaign.headline.not_alike" and not unlike.kpis and "+20" not in said(unlike)
    assert not campaign.before_after(changes(("夏", True, 29, .01))).shown
    assert not campaign.before_after(changes()).shown


@pytest.mark.parametrize("pays, key, words", [
    (("yes", "unknown"), "break_even_yes", "優良"), (("yes", "no"), "break_even_no", "休眠"),
    (("unknown", "unknown"), "break_even_unknown", "5.0%")])
def test_break_even(pays, key, words):
    t = pd.DataFrame({"campaign_id": "k", "rank": ["premium", "dormant"], "n": [400, 500], "pays": pays,
                      "break_even_rate": [.05, .06], "first_date": pd.NaT})
    statement = campaign.break_even(t, view())
    assert statement.key == f"campaign.headline.{key}" and words in said(statement) and "10円" in said(statement)
    assert statement.kpis[0].value == .06 and statement.n == 900
    assert not campaign.break_even(t.assign(n=29), view()).shown


def test_power_note_and_fatigue():
    planned = pd.DataFrame({"name": ["夏", "春"], "left_out_share": .2, "n": [1000, 149], "n_control": [200, 29],
                            "bought_rate": .1, "detectable_pt": [.061, .2], "first_date": pd.NaT})
    assert "1,000人なら、2割を残せば+6.1ポイント" in said(campaign.power(planned))
    assert not campaign.power(planned.iloc[1:]).shown
    summary = pd.DataFrame({"n": [150], "n_people": [100], "most": [4], "n_overlaps": [15], "n_tracked": [100], "n_unsubscribed": [2]})
    statement = campaign.fatigue(summary, "2025-12-31")
    assert "平均1.5通(最多4通)。配信停止は2.0%(2件)" in said(statement)
    assert [(k.id, k.n) for k in statement.kpis] == [("campaign.messages_per_person", 100), ("campaign.overlap_share", 150), ("campaign.unsubscribed_share", 100)]
    assert campaign.fatigue(summary.assign(n_tracked=0), "2025-12-31").key == "campaign.headline.fatigue_untracked"
    assert not campaign.fatigue(summary.assign(n_people=0), "2025-12-31").shown


def test_overview_counts_and_says_where_nothing_was_left_out():
    statement = campaign.overview(view())
    assert {k.id: k.value for k in statement.kpis} == {
        "campaign.n_campaigns": 1, "campaign.n_randomised": 1, "campaign.n_sent": 900,
        "campaign.cost": 9000, "campaign.credited_sales": 500000}
    assert statement.period == "2025-07-01/2025-07-01"
    assert campaign.overview(view("rule")).key == "campaign.headline.overview_no_random"
    assert {k.id: k.n for k in statement.kpis}["campaign.credited_sales"] == 200  # purchases, not people
    unknown = campaign.overview(view().assign(cost_jpy=np.nan, credited_jpy=np.nan, n_credited=0))
    assert "campaign.cost" not in {k.id for k in unknown.kpis}
    assert not campaign.overview(view().iloc[:0]).shown


def over_months(**more):
    row = {"name": "かご落ち", "n_months": 6, "n": 1080, "n_control": 120, "joint_pt": .08, "joint_pt_lo": .01, "joint_pt_hi": .15,
           "is_found": True, "alike_p": .6, "first_date": pd.Timestamp("2025-01-05"), "last_date": pd.Timestamp("2025-06-05")}
    return {**row, **more}


def test_a_list_over_its_months():
    small = over_months(name="小", n_control=12, joint_pt=.5, joint_pt_lo=.2)
    larger = over_months(name="休眠", joint_pt=.12, joint_pt_lo=-.05, is_found=False)
    statement = campaign.pooled(pd.DataFrame([small, larger, over_months()]))
    assert said(statement) == "「かご落ち」は6か月を合わせて、購買率の差が+8.0ポイント(95%CI +1.0〜+15.0)"
    assert statement.n == 1200 and statement.period == "2025-01-05/2025-06-05" and campaign.months(statement) == "campaign.months.alike"


@pytest.mark.parametrize(("more", "key", "months"), [
    ({"joint_pt_lo": -.01, "is_found": False, "alike_p": .001}, "unclear", "differ"),
    ({"joint_pt": -.08, "joint_pt_lo": -.1, "joint_pt_hi": -.02, "alike_p": np.nan}, "fewer", "unknown")])
def test_what_the_months_do_not_show(more, key, months):
    statement = campaign.pooled(pd.DataFrame([over_months(**more)]))
    assert statement.key == f"campaign.headline.random_pooled_{key}"
    assert campaign.months(statement) == f"campaign.months.{months}" and text.Text("ja").has(campaign.months(statement))


def test_no_list_of_two_months_is_no_page():
    columns = list(over_months())
    assert not campaign.pooled(pd.DataFrame(columns=columns)).shown
    assert not campaign.pooled(pd.DataFrame([over_months(n_control=29)])).shown
