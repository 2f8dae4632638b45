"""The timeline of the cards: what it writes, and that it stands on one purchase."""

import datetime

import pandas as pd
import pytest

from shindan import style, text
from shindan.charts import cards as charts

AS_OF = datetime.date(2025, 12, 31)


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def lines(*rows):
    frame = pd.DataFrame(rows, columns=["card", "purchase_date", "revenue_jpy", "age_band", "month_of_birth"])
    total = frame.groupby("card")["revenue_jpy"].transform("sum")
    return frame.assign(sex="female", hour_type=None, total_jpy=total, n_purchases=frame.groupby("card")["card"].transform("size"),
                        as_of=AS_OF)


def test_who_and_how_much(words):
    day = datetime.date(2025, 1, 5)
    svg = style.to_svg(charts.timeline(lines(("A-1", day, 5000, "40", 5.0), ("A-1", AS_OF, 7000, "40", 5.0),
                                             ("A-2", day, 100, None, None)), words))
    assert words("profile.age_band.40") in svg and words("cards.chart.born", month=5) in svg
    assert text.yen(12_000, words.lang) in svg and "nan" not in svg.lower() and "None" not in svg


def test_one_purchase_today_and_a_refund(words):
    assert "A-1" in style.to_svg(charts.timeline(lines(("A-1", AS_OF, -300, None, None)), words))
