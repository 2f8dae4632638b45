"""What the pages on CPM and stages say, and when they say less."""

import datetime

import pandas as pd

from shindan import text
from shindan.analyses import lifecycle
from shindan.findings import lifecycle as findings

AS_OF = datetime.date(2025, 12, 31)


def cpm(away_first=40, premium=10, rest=50, sales=1000):
    frame = pd.DataFrame([(s, c) for s in lifecycle.STATES for c in lifecycle.CLASSES], columns=["cpm_state", "cpm_class"])
    frame["n"], frame["total_jpy"] = 0, 0
    for row, n, jpy in ((5, away_first, 0), (4, premium, sales), (0, rest, 3 * sales)):
        frame.loc[row, ["n", "total_jpy"]] = [n, jpy]
    frame["people_share"] = frame["n"] / frame["n"].sum()
    return frame.assign(total_share=frame["total_jpy"] / max(frame["total_jpy"].sum(), 1))


def test_cpm_names_those_who_left_and_those_who_stay():
    said = findings.cpm(cpm(), lifecycle.Cpm(), AS_OF)
    assert said.key == "lifecycle.headline.cpm" and said.n == 100
    assert (said.values["first_away"], said.values["premium_sales"], said.values["active"]) == (0.4, 0.25, 0.6)
    assert [kpi.value for kpi in said.kpis] == [0.6, 0.4, 0.1]
    assert findings.cpm(cpm(premium=0), lifecycle.Cpm(), AS_OF).key == "lifecycle.headline.cpm_no_premium"


def test_what_a_handful_has_spent_is_not_said():
    said = findings.cpm(cpm(premium=4), lifecycle.Cpm(), AS_OF)
    assert said.key == "lifecycle.headline.cpm_few_premium" and said.values["premium_sales"] is None


def test_whom_there_is_time_for():
    advice = findings.in_time(cpm(rest=50), lifecycle.Cpm(away_days=99))
    assert (advice["first"], advice["young"], advice["away_days"]) == (50, 0, 99)
    nobody = findings.in_time(cpm(rest=0), lifecycle.Cpm(away_days=99))
    for advised, key in ((advice, "in_time"), (nobody, "too_late")):
        assert advised["key"] == f"lifecycle.advice.{key}"
        assert all(text.Text(lang)(**advised) for lang in text.LANGUAGES)


def test_cpm_of_few():
    assert findings.cpm(cpm(3, 2, 5), lifecycle.Cpm(), AS_OF).key == "lifecycle.headline.cpm_small"
    assert not findings.cpm(cpm(1, 1, 2), lifecycle.Cpm(), AS_OF).shown


def stages(*people):
    return pd.DataFrame({"stage": lifecycle.STAGES, "n": people})


def test_stages():
    said = findings.stages(stages(10, 30, 20, 10, 20, 10), AS_OF)
    assert said.key == "lifecycle.headline.stages"
    assert (said.values["prospect_n"], said.values["gone"], said.values["new"]) == (10, 0.3, 0.3)
    assert findings.stages(stages(1, 3, 2, 1, 2, 1), AS_OF).key == "lifecycle.headline.stages_small"
    assert not findings.stages(stages(1, 1, 1, 0, 0, 1), AS_OF).shown
