"""The charts of CPM and stages: what they write."""

import pandas as pd
import pytest

from shindan import style, text
from shindan.analyses import disclosure, lifecycle
from shindan.charts import lifecycle as charts


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def cpm(n, total):
    frame = pd.DataFrame([(s, c) for s in lifecycle.STATES for c in lifecycle.CLASSES], columns=["cpm_state", "cpm_class"])
    frame["n"], frame["total_jpy"] = n, total
    shares = (frame["n"] / frame["n"].sum(), frame["total_jpy"] / frame["total_jpy"].sum())
    return frame.assign(people_share=shares[0], total_share=shares[1], hidden=disclosure.hidden(frame["n"]))


def test_cpm_prints_people_and_money_but_not_the_money_of_a_handful(words):
    svg = style.to_svg(charts.cpm(cpm([1234, 4, 0, 30, 30, 50, 50, 50, 50, 50], [5_000_000, 777, 0, *[10_000] * 7]), words))
    assert ">1,234<" in svg and svg.count("n&lt;5<") == 2 and ">777" not in svg and text.DASH in svg
    assert all(words(f"lifecycle.cpm_class.{c}") in svg for c in lifecycle.CLASSES)


def test_cpm_of_nobody(words):
    assert words("lifecycle.cpm_state.away") in style.to_svg(charts.cpm(cpm(0, 0), words))


def test_stages_name_all_six(words):
    frame = pd.DataFrame({"stage": lifecycle.STAGES, "n": [10, 20, 30, 40, 4, 0], "people_share": [0.1, 0.2, 0.3, 0.4, 0, 0]})
    svg = style.to_svg(charts.stages(frame, words))
    assert "40.0%" in svg and "n&lt;5" in svg and all(words(f"lifecycle.stage.{stage}") in svg for stage in lifecycle.STAGES)


def test_no_share_beyond_the_whole_stands_on_the_axis(words):
    n = [0, 4, 6, 990, 0, 0]
    frame = pd.DataFrame({"stage": lifecycle.STAGES, "n": n, "people_share": [each / 1000 for each in n]})
    svg = style.to_svg(charts.stages(frame, words))
    assert ">100%<" in svg and ">120%<" not in svg
