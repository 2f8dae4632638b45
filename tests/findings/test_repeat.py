"""What the repeat chapter says, and when it says nothing."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import config, text
from shindan.findings import repeat as findings

AS_OF, START, PERIOD = datetime.date(2025, 12, 31), datetime.date(2023, 1, 1), "2023-01-01/2025-12-31"


def rates(values, n):
    """An f2_rate frame from the rates at 30, 60, 90, 180, 365 days."""
    values = np.array(values, float)
    return pd.DataFrame({
        "window_days": [30, 60, 90, 180, 365], "f2_rate": values, "f2_rate_lo": values - 0.02,
        "f2_rate_hi": values + 0.02, "naive_rate": 0.8 * np.nan_to_num(values), "n": n,
        "n_repeated": 5, "n_at_risk": 50, "n_followed": [n, n, n, n, n - 4]})


RISING = [0.02, 0.04, 0.05, 0.07, 0.12]


@pytest.mark.parametrize(("last", "key", "verdict"), [
    (0.12, "f2_above", "◎"), (0.11, "f2_above", "○"), (0.09, "f2_below", "△"), (0.07, "f2_below", "×")])
def test_f2_is_judged_against_the_benchmark(last, key, verdict):
    said = findings.f2(rates([*RISING[:4], last], 500), PERIOD)
    assert said.key == f"repeat.headline.{key}" and said.values["verdict"] == verdict
    assert [k.id for k in said.kpis] == [
        "repeat.f2_rate_30", "repeat.f2_rate_90", "repeat.f2_rate_180", "repeat.f2_rate_365",
        "repeat.naive_rate_365"]
    assert said.values["naive"] == pytest.approx(0.8 * last)


def test_f2_against_the_clients_own_benchmark():
    own = {"repeat.f2_rate_365": config.Benchmark(value=0.3, source="own", date="2025-01")}
    assert findings.f2(rates(RISING, 500), PERIOD, own).key == "repeat.headline.f2_below"


def test_f2_of_a_few_people_is_not_judged_and_of_fewer_not_shown():
    small = findings.f2(rates(RISING, 29), PERIOD)
    assert small.key == "repeat.headline.f2_small" and "verdict" not in small.values
    assert not findings.f2(rates(RISING, 4), PERIOD).shown
    assert not findings.f2(rates([np.nan] * 5, 500), PERIOD).shown


def test_f2_that_has_not_reached_a_year_says_how_far_it_reaches():
    said = findings.f2(rates([0.02, 0.04, 0.05, np.nan, np.nan], 500), PERIOD)
    assert said.key == "repeat.headline.f2_short" and said.values["days"] == 90
    assert said.kpis[3].value is None and said.kpis[3].ci is None


def year(n, rate):
    return pd.DataFrame([{"n": n, "yearly_repeat_rate": rate, "yearly_repeat_rate_lo": rate - 0.1,
                          "yearly_repeat_rate_hi": rate + 0.1, "repeater_rate": 0.5,
                          "repeater_rate_lo": 0.4, "repeater_rate_hi": 0.6}])


def test_yearly_rate_needs_a_year_of_data():
    assert findings.yearly(year(100, 0.7), AS_OF, START).key == "repeat.headline.yearly_above"
    assert findings.yearly(year(100, 0.5), AS_OF, START).key == "repeat.headline.yearly_below"
    assert findings.yearly(year(20, 0.5), AS_OF, START).key == "repeat.headline.yearly_small"
    assert findings.yearly(year(100, 0.7), AS_OF, datetime.date(2025, 1, 1)).shown
    assert not findings.yearly(year(100, 0.7), AS_OF, datetime.date(2025, 1, 2)).shown
    assert findings.yearly(year(100, 0.7), AS_OF, START).period == "2025-01-01/2025-12-31"


def reached(n):
    return pd.DataFrame({"repeater_share": [0.5, 0.8], "reached_days": [53, 120], "n": n})


@pytest.mark.parametrize(("n", "median", "key"), [
    (500, 138, "second_days_median"), (500, None, "second_days"), (20, None, "second_days_small")])
def test_days_of_repeaters_are_said_to_be_conditional(n, median, key):
    said = findings.second_days(reached(n), median, PERIOD)
    assert said.key == f"repeat.headline.{key}"
    sentence = text.Text("ja")(said.key, **said.values)
    assert "戻ってきた人だけ" in sentence or "参考値" in sentence
    assert not findings.second_days(reached(4), median, PERIOD).shown


def steps(next_rates, n=(500, 200, 100, 60)):
    values = np.array(next_rates, float)
    return pd.DataFrame({"purchase_no": [1, 2, 3, 4], "next_rate": values, "next_rate_lo": values - 0.05,
                         "next_rate_hi": values + 0.05, "n": n, "n_next": 10, "n_at_risk": 20})


def test_funnel_names_the_narrowest_step():
    said = findings.funnel(steps([0.3, 0.5, 0.6, 0.7]), PERIOD)
    assert (said.values["step"], said.values["last_rate"]) == (1, 0.7)
    assert [k.id for k in said.kpis] == ["repeat.f3_rate_365", "repeat.f4_rate_365", "repeat.f5_rate_365"]
    assert findings.funnel(steps([0.6, 0.5, np.nan, np.nan]), PERIOD).key == "repeat.headline.funnel_last"
    assert not findings.funnel(steps([0.3, np.nan, np.nan, np.nan]), PERIOD).shown
    assert findings.funnel(steps([0.3, 0.5, 0.1, 0.7], (500, 200, 29, 20)), PERIOD).values["step"] == 1


def months(before, now, count=12, n=300):
    values = [before] * (count // 2) + [now] * (count - count // 2)
    return pd.DataFrame({"cohort_month": pd.date_range("2024-01-01", periods=count, freq="MS"),
                         "window_days": 90, "observed": True, "f2_rate": values, "n": n})


@pytest.mark.parametrize(("before", "now", "key"), [
    (0.2, 0.3, "cohorts_up"), (0.3, 0.2, "cohorts_down"), (0.2, 0.21, "cohorts_same")])
def test_months_are_compared_with_an_interval(before, now, key):
    said = findings.cohorts(months(before, now))
    assert said.key == f"repeat.headline.{key}"
    assert said.kpis[0].value == pytest.approx(now - before, abs=0.005)
    assert said.kpis[0].period == "2024-01-01/2024-12-31"


def test_months_of_the_burn_in_are_not_compared_with_months_of_everybody():
    """Before `whole_from` the new customers are members only: a jump there is one of who is counted."""
    jump = months(0.2, 0.3, count=18)  # from October 2024 on higher
    assert findings.cohorts(jump, datetime.date(2024, 1, 1)).key == "repeat.headline.cohorts_up"
    assert not findings.cohorts(jump, datetime.date(2024, 10, 1)).shown
    longer = months(0.2, 0.3, count=24)
    after = findings.cohorts(longer, datetime.date(2025, 1, 1))
    assert after.key == "repeat.headline.cohorts_same" and after.period == "2025-01-01/2025-12-31"
    assert not findings.cohorts(longer, datetime.date(2025, 1, 2)).shown


def test_months_not_observed_are_not_compared():
    assert not findings.cohorts(months(0.2, 0.3, count=11)).shown
    waiting = months(0.2, 0.3)
    waiting.loc[11, ["observed", "f2_rate"]] = [False, np.nan]
    assert not findings.cohorts(waiting).shown


def groups(column, values, n):
    values = np.array(values, float)
    return pd.DataFrame({column: ["list", "sale", "c"][: len(values)], "f2_rate": values,
                         "f2_rate_lo": values - 0.03, "f2_rate_hi": values + 0.03, "n": n})


def test_groups_are_said_to_differ_only_when_they_do():
    products = groups("first_product", [0.2, 0.4, 0.9], [100, 60, 10])
    said = findings.by_product(products, 0.01, PERIOD)
    assert said.key == "repeat.headline.by_product"
    assert (said.values["best"], said.values["high"]) == ("sale", 0.4)  # ten people make no best product
    assert findings.by_product(products, 0.2, PERIOD).key == "repeat.headline.by_product_same"
    assert findings.by_product(products, np.nan, PERIOD).key == "repeat.headline.by_product_same"  # not tested
    assert not findings.by_product(products.iloc[:1], 0.01, PERIOD).shown


def test_sale_and_list_price_with_the_interval_of_their_difference():
    said = findings.by_price(groups("first_price", [0.4, 0.3], [500, 500]), 0.01, PERIOD)
    gap = said.kpis[-1]
    assert said.key == "repeat.headline.by_price" and gap.value == pytest.approx(-0.1)
    assert gap.ci == pytest.approx((-0.1 - np.hypot(0.03, 0.03), -0.1 + np.hypot(0.03, 0.03)))
    chance = findings.by_price(groups("first_price", [0.4, 0.3], [500, 500]), 0.06, PERIOD)
    assert chance.key == "repeat.headline.by_price_same"
    assert "判断できません" in text.Text("ja")(chance.key, **chance.values)
    assert not findings.by_price(groups("first_price", [0.3], [500]), 0.01, PERIOD).shown


def test_a_group_in_which_nobody_came_back_does_not_make_the_difference_certain():
    nobody = groups("first_price", [0.4, 0.0], [500, 30]).assign(f2_rate_lo=[0.37, 0], f2_rate_hi=[0.43, 0.1135])
    low, high = findings.by_price(nobody, 0.01, PERIOD).kpis[-1].ci
    assert low == pytest.approx(-0.4 - 0.03) and high == pytest.approx(-0.4 + np.hypot(0.1135, 0.03))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_advice_follows_from_what_the_page_shows(lang):
    say = text.Text(lang)
    f2 = findings.f2(rates(RISING, 500), PERIOD)
    note, = findings.advice(f2)
    assert note["young"] == 4 and "12.0%" in say(**note)
    whole = rates(RISING, 500).assign(n_followed=500)
    assert not list(findings.advice(findings.f2(whole, PERIOD)))  # nobody is young: the plain count is as good
    when = findings.second_days(reached(500), None, PERIOD)
    notes = list(findings.advice(when, findings.funnel(steps([0.6, 0.5, np.nan, np.nan]), PERIOD)))
    assert "120" in say(**notes[0]) and notes[1]["step"] == 2 and say(**notes[1])
    assert not list(findings.advice(findings.second_days(reached(20), None, PERIOD), findings.f2(rates(RISING, 20), PERIOD)))
    assert not list(findings.advice(findings.second_days(reached(4), None, PERIOD)))


def test_where_most_subscribe_and_nobody_knows_the_promise_no_rate_is_judged():
    said = findings.f2(rates(RISING, 500), PERIOD)
    assert findings.decided(said, 0.5) is said and findings.decided(said, np.nan) is said
    dark = findings.decided(said, 0.9)
    assert not dark.shown and dark.id == "repeat.f2" and "90.0%" in text.Text("ja")(dark.key, **dark.values)
    few = findings.f2(rates(RISING, 4), PERIOD)
    assert findings.decided(few, 0.9) is few
