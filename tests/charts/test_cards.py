"""The page of cards: what it writes, and that it stands on one purchase."""

import datetime

import pandas as pd
import pytest

from shindan import style, text
from shindan.analyses import cards as analysis
from shindan.charts import cards as charts

AS_OF = datetime.date(2025, 12, 31)
MONTH = pd.Timestamp(2025, 1, 1)


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def card(name="A-1", rank="premium", **known):
    plain = {"rank": rank, "card": name, "age_band": "40", "sex": "female", "month_of_birth": 5.0, "hour_type": "morning",
             "acq_channel": "web", "first_month": MONTH, "first_product": "Soap <1>", "first_jpy": 5_000,
             "n_purchases": 2, "total_jpy": 12_000, "last_month": MONTH}
    return {**plain, **known}


def drawn(words, cards, months):
    frame = pd.DataFrame(cards, columns=analysis.CARD)
    timeline = pd.DataFrame(months, columns=["card", "purchase_month", "n_purchases", "month_jpy"])
    return style.to_svg(charts.page(charts.lines(frame, timeline, AS_OF), words))


def test_who_and_how_much(words):
    nobody = dict.fromkeys(("age_band", "sex", "month_of_birth", "hour_type", "first_product"))
    svg = drawn(words, [card(), card("D-1", "dormant", **nobody)], [("A-1", MONTH, 2, 12_000), ("D-1", MONTH, 1, 500)])
    assert words("profile.age_band.40") in svg and words("cards.chart.born", month=5) in svg
    assert text.yen(12_000, words.lang) in svg and text.month(MONTH, words.lang) in svg and "Soap &lt;1" in svg
    assert words("rank.premium") in svg and words("rank.dormant") in svg and words("cards.hour_type.morning") in svg
    assert "nan" not in svg.lower() and "None" not in svg and text.DASH in svg


def test_only_a_refund(words):
    assert "A-1" in drawn(words, [card()], [("A-1", MONTH, 1, -500)])
