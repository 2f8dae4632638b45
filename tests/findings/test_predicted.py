"""The page of predicted LTV: the prediction beside what was observed, or one reason a closed gate."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import style
from shindan.analyses.predicted import Study, holdout_error
from shindan.charts import predicted as charts
from shindan.findings import predicted as findings
from shindan.text import LANGUAGES, Text

PERIOD = "2023-01-01/2025-12-31"
GATES = [("subscription", "subscription", 0.0, 0.0), ("history", "history", 800, 365), ("repeaters", "repeaters", 900, 300),
         ("correlation", "correlation", 0.1, 0.3), ("purchase_fit", "purchase_fit", np.nan, np.nan),
         ("value_fit", "value_fit", np.nan, np.nan), ("holdout", "holdout", -0.04, 0.15)]
WHYS = [("subscription", "subscription", 0.123, 0.0), ("history", "history", 200, 365),
        ("repeaters", "repeaters", 12, 300), ("correlation", "correlation", 0.41, 0.3),
        ("purchase_fit", "purchase_fit_not_converged", np.nan, np.nan),
        ("purchase_fit", "purchase_fit_at_bound", np.nan, np.nan),
        ("value_fit", "value_fit_not_converged", np.nan, np.nan), ("value_fit", "value_fit_at_bound", np.nan, np.nan),
        ("value_fit", "value_fit_no_mean", np.nan, np.nan), ("holdout", "holdout", -0.21, 0.15),
        ("holdout", "holdout_unfit", np.nan, 0.15)]


def checks(rows=GATES, passed=True):
    return pd.DataFrame(rows, columns=["gate", "why", "value", "limit"]).assign(passed=passed)


def row(contribution=4000.0, n=2000):
    out = {"n": n}
    for name, value in (("contribution", contribution), ("sales", 10_000.0)):
        for end, factor in (("", 1), ("_lo", 0.9), ("_hi", 1.1)):
            out[f"{name}_ltv_jpy{end}"] = factor * value
    return pd.DataFrame([out])


def say(statement, lang="ja"):
    return Text(lang)(statement.key, **statement.values)


def test_the_prediction_beside_what_was_observed():
    (statement,) = findings.pages(checks(), row(), row(contribution=3900.0), 365, PERIOD)
    assert say(statement) == "予測では、新規1人は365日で4,000円の貢献利益を生む(実績は3,900円)"
    value, error = statement.kpis
    assert (value.id, value.value, value.ci, value.n) == ("ltv.predicted_ltv", 4000, (3600, 4400), 2000)
    assert (error.id, error.value, error.unit) == ("ltv.predicted_error", -0.04, "ratio")


def test_without_a_rate_it_is_sales_and_says_so():
    (statement,) = findings.pages(checks(), row(np.nan), row(np.nan), 730, PERIOD)
    assert "売上LTV" in say(statement) and statement.values["ltv"] == 10_000


@pytest.mark.parametrize("observed", [row().iloc[:0], row(n=29)])
def test_what_nobody_has_seen_yet_is_not_compared(observed):
    (statement,) = findings.pages(checks(), row(), observed, 365, PERIOD)
    assert "観測中" in say(statement) and "observed" not in statement.values


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", WHYS, ids=lambda why: why[1])
def test_every_closed_gate_has_its_own_reason(why, lang):
    (statement,) = findings.pages(checks([why], passed=False), row().iloc[:0], row(), 365, PERIOD)
    assert not statement.shown and statement.id == f"ltv.predicted_{why[0]}"
    said = say(statement, lang)
    assert {"subscription": "12.3%", "history": "200", "repeaters": "12", "correlation": "0.41",
            "holdout": "-21.0%"}.get(why[1], "LTV") in said and "nan" not in said and "—" not in said


def test_several_closed_gates_are_several_reasons():
    both = checks().assign(passed=lambda c: ~c["gate"].isin(["correlation", "holdout"]))
    ids = [s.id for s in findings.pages(both, row().iloc[:0], row(), 365, PERIOD)]
    assert ids == ["ltv.predicted_correlation", "ltv.predicted_holdout"]


WEEKS = pd.DataFrame({"week_date": [datetime.date(2025, 1, 1) + datetime.timedelta(days=7 * k) for k in range(5)],
                      "n_actual": [0, 400, 900, 1300, 1700], "n_predicted": [np.nan, np.nan, 900, 1320.4, 1690.6]})


def drawn(frame, lang="ja"):
    style.apply()
    return style.to_svg(charts.holdout(frame, Text(lang)))


def test_the_chart_names_both_ends():
    assert "実績 1,700" in drawn(WEEKS) and "予測 1,691" in drawn(WEEKS) and "ここから予測" in drawn(WEEKS)
    assert "予測 " not in drawn(WEEKS.assign(n_predicted=np.nan))
    assert holdout_error(WEEKS) == pytest.approx(790.6 / 800 - 1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_row_is_enough(lang):
    for place in range(len(WEEKS)):
        assert "<svg" in drawn(WEEKS.iloc[[place]].reset_index(drop=True), lang)


def test_a_study_is_passed_only_with_fits():
    assert not Study(checks(), None, pd.DataFrame()).passed
