"""The charts of beginnings and people."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.charts import profile as charts


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def moments():
    frame = pd.DataFrame({"split": ["acq_channel", "first_price"], "n": 500, "groups": 2, "best": ["organic", "list"],
                          "worst": ["TV", "sale"], "p_holm": [0.001, np.nan], "gap_pt": [0.2, 0.01]})
    return frame.assign(**{f"{end}_rate{tail}": 0.3 for end in ("best", "worst") for tail in ("", "_lo", "_hi")})


def test_moments_name_both_ends(words):
    svg = style.to_svg(charts.moments(moments(), words))
    assert words("channel.organic") in svg and "TV" in svg and words("profile.first_price.sale") in svg


def test_a_table_for_people(words):
    named = charts.labelled(moments(), words)
    assert named.split.tolist() == [words("profile.split.acq_channel"), words("profile.split.first_price")]
    assert named.best.tolist() == [words("channel.organic"), words("profile.first_price.list")]
