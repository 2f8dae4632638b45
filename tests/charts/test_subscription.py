"""The charts of subscriptions and trials: what they write, and that small frames do not break them."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.charts import subscription as charts


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def group(promised, n, rates):
    rates = np.array(rates, float)
    return pd.DataFrame({"promised_count": promised, "delivery_no": range(1, len(rates) + 1), "stay_rate": rates,
                         "stay_rate_lo": rates - 0.05, "stay_rate_hi": rates, "n": n, "n_at_risk": 1000 + n})


def test_the_first_delivery_free_to_refuse_is_marked_with_its_share(words):
    svg = style.to_svg(charts.retention(pd.concat([group(3, 400, [1, 0.98, 0.95, 0.613]), group(0, 90, [1, 0.771, 0.6])]), words))
    assert "61.3%" in svg and "77.1%" in svg and "98.0%" not in svg
    assert words("subscription.promise.known", n=3) in svg and words("subscription.promise.none") in svg
    assert "1,400" in svg and "1,090" in svg  # contracts followed, under the axis


def test_an_unknown_promise_has_no_mark_and_few_contracts_no_line_beside_many(words):
    svg = style.to_svg(charts.retention(pd.concat([group(np.nan, 400, [1, 0.9]), group(2, 20, [1, 0.8, 0.7])]), words))
    assert words("subscription.promise.unknown") in svg and words("subscription.promise.known", n=2) not in svg
    assert "%" in style.to_svg(charts.retention(group(3, 8, [1]), words))


def curve(step, until=365):
    days = np.arange(until + 1)
    return pd.DataFrame({"step": step, "day": days, "step_rate": days / 1000, "step_rate_lo": days / 1200,
                         "step_rate_hi": days / 900, "n": 500, "n_at_risk": 1500 - days})


def test_the_ways_on_from_the_trial_with_people_followed(words):
    svg = style.to_svg(charts.trial(pd.concat([curve("main"), curve("subscription")]), words))
    assert words("subscription.chart.main", rate=0.365) in svg and words("subscription.chart.subscription", rate=0.365) in svg
    assert "1,135" in svg and "1,410" in svg
    young = style.to_svg(charts.trial(curve("main", 0).assign(step_rate_hi=np.nan), words))
    assert words("subscription.chart.subscription_followed") not in young
