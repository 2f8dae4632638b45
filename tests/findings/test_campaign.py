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
ENDS = ("diff", "lo", "hi", "n", "rate", "cost", "credited", "share", "without", "detectable",
        "n_campaigns", "n_randomised", "n_sent", "n_judged", "n_found", "n_refused", "min_buyers")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "campaign.ipynb"


def view(assignment="random", n_control=100):
    return pd.DataFrame({"campaign_id": ["k"], "name": ["夏メール"], "assignment": assignment,
                         "first_date": pd.Timestamp("2025-07-01"), "n": [900], "n_control": n_control,
                         "cost_jpy": [9000.0], "credited_jpy": [500000.0]})


def ranked(sent, control, assignment="random"):
    """One campaign of one rank; (people, buyers) of each arm."""
    return analysis.with_rates(pd.DataFrame({
        "campaign_id": ["k"], "assignment": assignment, "rank": "premium", "n": sent[0],
        "n_buyers": sent[1], "revenue_jpy": 1000 * sent[1], "contribution_jpy": 400.0 * sent[1],
        "n_control": control[0], "n_control_buyers": control[1]}))


def said(statement, lang="ja"):
    return text.Text(lang)(statement.key, **statement.values)


def differences(*arms):
    total = holdout.standardised(ranked(*arms))
    return campaign.differences(total.merge(view()[["campaign_id", "name", "first_date"]]), view())


def test_random_campaign_states_its_effect_with_interval():
    statement = differences((900, 180), (600, 60))
    assert statement.key == "campaign.headline.random_found" and "効果" in said(statement)
    assert "+10.0ポイント" in said(statement) and "夏メール" in said(statement, "en")
    kpi = statement.kpis[0]
    assert kpi.id == "campaign.best_difference" and kpi.n == 1500
    assert kpi.value == pytest.approx(.1) and kpi.ci[0] < .1 < kpi.ci[1]
    assert statement.yen[0] == pytest.approx(1500 * (.1 * 400 - 10))


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
        ranked((900, 180), (100, 22)), ranked((100, 1), (900, 18)).assign(rank="dormant")]))
    statement = campaign.differences(total.assign(name="x", first_date=pd.NaT), view())
    assert not statement.shown and statement.key == "campaign.withheld.refused"


def test_campaigns_by_rule_get_the_descriptive_sentence_only():
    by_rule = ranked((200, 30), (50, 1), "rule").assign(first_date=pd.NaT)
    statement = campaign.rules(by_rule)
    assert said(statement) == "配信対象者のうち15.0%が購入(配信が無くても購入した人を含む)"
    assert not campaign.differences(holdout.standardised(by_rule), view("rule")).shown
    assert not campaign.by_rank(holdout.differences(by_rule)).shown


def test_words_of_campaigns_that_were_not_random():
    """No sentence, label or prose that such campaigns can meet speaks of an effect."""
    for lang, forbidden in FORBIDDEN.items():
        words = text.Text(lang)
        values = dict.fromkeys(ENDS, 1) | {"name": "x", "rank": "premium", "month": pd.Timestamp("2025-07-01")}
        keys = [k for k in text.keys(lang) if k.startswith("campaign.")]
        plain = [k for k in keys if not k.startswith("campaign.headline.random")]
        assert len(plain) > 60 and len(plain) < len(keys)
        for key in plain:
            assert not forbidden.search(words(key, **values)), key
        assert any(forbidden.search(words(k, **values)) for k in keys)
        cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
        prose = ["".join(c["source"]) for c in cells if lang in c["metadata"].get("tags", [])]
        assert len(prose) > 10 and not any(forbidden.search(p) for p in prose)


def test_rank_found_after_correction():
    frame = holdout.differences(pd.concat([
        ranked((900, 180), (600, 60)), ranked((700, 70), (500, 50)).assign(rank="dormant")]))
    frame = frame.merge(view()[["campaign_id", "name", "first_date"]])
    statement = campaign.by_rank(frame)
    assert statement.values["n_found"] == 1 and said(statement).startswith("優良では「夏メール」")
    none = campaign.by_rank(frame[frame["rank"] == "dormant"])
    assert none.key == "campaign.headline.random_no_rank"


def test_one_large_order_makes_no_verdict():
    frame = pd.DataFrame({"name": ["夏メール"], "n": [100], "n_control": [100], "first_date": pd.NaT,
                          "sales_diff_jpy": [500.], "sales_diff_jpy_lo": [20.], "sales_diff_jpy_hi": [900.],
                          "no_largest_jpy": [3.], "no_largest_jpy_lo": [-90.], "no_largest_jpy_hi": [95.]})
    assert campaign.sales(frame).key == "campaign.headline.random_sales_one_order"
    assert campaign.sales(frame.assign(no_largest_jpy_lo=1.)).key == "campaign.headline.random_sales_found"
    assert campaign.sales(frame.assign(sales_diff_jpy_lo=-1.)).key == "campaign.headline.random_sales_unclear"
    assert said(campaign.sales(frame.iloc[:0])).startswith("判断できません")


def test_overview_counts_and_says_where_nothing_was_left_out():
    statement = campaign.overview(view())
    assert {k.id: k.value for k in statement.kpis} == {
        "campaign.n_campaigns": 1, "campaign.n_randomised": 1, "campaign.n_sent": 900,
        "campaign.cost": 9000, "campaign.credited_sales": 500000}
    assert statement.period == "2025-07-01/2025-07-01"
    assert campaign.overview(view("rule")).key == "campaign.headline.overview_no_random"
    unknown = campaign.overview(view().assign(cost_jpy=np.nan, credited_jpy=np.nan))
    assert "campaign.cost" not in {k.id for k in unknown.kpis}
    assert not campaign.overview(view().iloc[:0]).shown
