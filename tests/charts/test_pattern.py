"""The chart of early signals: both kinds, one kind, and nobody without the signal."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.analyses import pattern
from shindan.charts import pattern as charts


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def compared(*rows):
    counts = pd.DataFrame(rows, columns=["signal", "value", "n", "n_premium"]).assign(n_later=1)
    return pattern.compare(counts)


BOTH = [("second_90", "yes", 200, 90), ("second_90", "no", 800, 60), ("first_product", "Soap", 300, 60),
        ("first_product", "Gift <1>", 700, 90)]


def test_signals_by_kind_with_ratio_and_n(words):
    svg = style.to_svg(charts.pattern(compared(*BOTH), words))
    assert words("pattern.signal.second_90") in svg and "Soap" in svg
    assert words("pattern.chart.own") in svg and words("pattern.chart.counted") in svg
    assert words("pattern.chart.ratio", ratio=6.0, n=200) in svg.replace("&#215;", "×")


def test_one_kind_only_and_no_ratio(words):
    own = compared(("first_price", "sale", 50, 10), ("first_price", "list", 50, 0))
    assert np.isnan(own.ratio[0])
    svg = style.to_svg(charts.pattern(own, words))
    assert words("pattern.chart.counted") not in svg and text.DASH in svg
    counted = style.to_svg(charts.pattern(compared(*BOTH[:2]), words))
    assert words("pattern.chart.own") not in counted


def test_a_table_for_people(words):
    named = charts.labelled(compared(*BOTH), words)
    assert "value" not in named and words("pattern.signal.first_product", value="Soap") in set(named.signal)
