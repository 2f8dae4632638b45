"""Campaign charts: one row is enough, what says nothing draws no dot, both languages."""

import pandas as pd
import pytest

from shindan import style
from shindan.analyses import campaign as analysis
from shindan.analyses import holdout
from shindan.charts import campaign
from shindan.text import LANGUAGES, Text

RANKED = analysis.with_rates(pd.DataFrame({
    "campaign_id": "k", "assignment": "random", "rank": ["premium", "none"], "n": [900, 20],
    "n_buyers": [180, 2], "revenue_jpy": 1, "contribution_jpy": 1., "n_control": [600, 12],
    "n_control_buyers": [60, 1]})).assign(name="とても長い名前の施策のメールその一二三", first_date=pd.Timestamp("2025-07-01"))
NAMED = RANKED[["name", "first_date"]].iloc[:1]


@pytest.fixture(autouse=True)
def house_style():
    style.apply()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_difference_and_interval_are_written(lang):
    total = holdout.standardised(RANKED).merge(NAMED, how="cross")
    svg = style.to_svg(campaign.differences(total, Text(lang)))
    assert f"{100 * total.diff_pt[0]:+.1f}" in svg and "とても長い名前の施策…" in svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_over_their_months(lang):
    row = {"name": "休眠", "n_months": 4, "n": 5721, "n_control": 635, "bought_rate": 0.4, "control_rate": 0.34, "joint_pt": 0.06,
           "joint_pt_lo": 0.02, "joint_pt_hi": 0.1, "is_found": True}
    few = {**row, "name": "少ない", "joint_pt_lo": None}
    svg = style.to_svg(campaign.pooled(pd.DataFrame([row, few]), Text(lang)))
    assert "休眠" in svg and "+6.0" in svg and "34.0%" in svg and "6,356" in svg and "少ない" not in svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_small_ranks_have_no_dot(lang):
    frame = holdout.differences(RANKED, holdout.standardised(RANKED)).merge(NAMED, how="cross")
    svg = style.to_svg(campaign.rank_differences(frame, Text(lang)))
    assert "n&lt;30" in svg and "+10.0 (n=1,500)" in svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rates_of_few_people_are_hidden(lang):
    svg = style.to_svg(campaign.rule_rates(RANKED.assign(n=[900, 4]), Text(lang)))
    assert "20.0%" in svg and "n&lt;5" in svg


@pytest.mark.parametrize("lang", LANGUAGES)
def test_trends_say_the_difference_only_of_groups_alike(lang):
    frame = pd.DataFrame({"campaign_id": ["k"] * 3 + ["m"] * 3, "name": ["夏メール"] * 3 + ["春メール"] * 3,
                          "period": [-2, -1, 0] * 2, "bought_rate": 0.2, "others_rate": [0.1, 0.2, float("nan")] * 2,
                          "dd_pt": [0.013] * 3 + [0.321] * 3, "is_alike": [True] * 3 + [False] * 3})
    svg = style.to_svg(campaign.trends(frame, Text(lang)))
    assert "+1.3" in svg and "32.1" not in svg and "春メール" in svg
