"""NPS charts: drawn from finished frames, empty groups included, both languages."""

import pandas as pd
import pytest

from shindan import style
from shindan.analyses import nps as analysis
from shindan.charts import nps
from shindan.text import LANGUAGES, Text


@pytest.fixture(autouse=True)
def house_style():
    style.apply()



@pytest.mark.parametrize("lang", LANGUAGES)
def test_distribution_shows_groups_and_counts(lang):
    rows = pd.DataFrame({"score": [10] * 60 + [7] * 37 + [3] * 3})
    svg = style.to_svg(nps.distribution(analysis.distribution(rows), Text(lang)))
    assert "60.0%" in svg and ">37<" in svg


def test_nothing_answered_draws_an_empty_chart():
    none = analysis.distribution(pd.DataFrame({"score": pd.Series([], dtype="int64")}))
    assert "<svg" in style.to_svg(nps.distribution(none, Text("ja")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_groups_carry_their_n(lang):
    frame = pd.DataFrame({"kind": ["rank", "wave", "wave"], "value": ["premium", "2025-06", "nps"], "n": [45, 1234, 50],
                          "nps": [-7., 20., 0.], "nps_lo": [-20., 15., -9.], "nps_hi": [9., 25., 9.]})
    svg = style.to_svg(nps.compared(frame, Text(lang)))
    assert all(f">{said}<" in svg for said in (Text(lang)("rank.premium"), Text(lang)("nps.wave.nps"), "45", "2025-06", "1,234", "-7"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_later(lang):
    later = pd.DataFrame({"group": ["promoter", "passive", "detractor"], "n": [100, 4, 0],
                          "bought_rate": [.25, .5, float("nan")], "bought_rate_lo": [.2, .1, float("nan")],
                          "bought_rate_hi": [.3, .9, float("nan")]})
    svg = style.to_svg(nps.later(later, Text(lang)))
    assert "25.0%" in svg and "50.0%" not in svg
