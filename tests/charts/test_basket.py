"""The basket charts: what they write, and that small frames do not break them."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.charts import basket as charts


@pytest.fixture(params=text.LANGUAGES)
def draw(request):
    """Draw a frame and give back the SVG's text."""
    style.apply()
    return lambda chart, frame: style.to_svg(chart(frame, text.Text(request.param)))


PAIRS = pd.DataFrame({"product": ["あ" * 30, "soap"], "next_product": ["soap", "tea"], "n": [900, 12],
                      "next_rate": [0.24, 0.1], "next_rate_lo": [0.2, 0.05], "next_rate_hi": [0.28, 0.2],
                      "base_rate": [0.09, np.nan]})


def test_next_products_write_the_rate_and_what_others_do(draw):
    svg = draw(charts.next_products, PAIRS)
    assert "…あああ" in svg and "あ" * 10 not in svg and "→ soap" in svg and "24.0%" in svg and "9.0%" in svg and "900" in svg
    draw(charts.next_products, PAIRS.tail(1))
    assert "tea" in draw(charts.next_products, PAIRS.tail(1).assign(product=None))


LASTS = pd.DataFrame({"product": ["A", "B", "C", "D"], "n_ended": [300, 9, 4, 0], "quarter_days": [20.0, 30, 1, np.nan],
                      "half_days": [47.0, 60, 33, np.nan], "most_days": [97.0, 90, 99, np.nan], "n_30": [285.0, np.nan, 3, np.nan]})


def test_days_per_unit_leave_out_a_handful(draw):
    svg = draw(charts.days_per_unit, LASTS)
    assert "47" in svg and "60" in svg and ">285<" in svg and ">C<" not in svg and ">D<" not in svg
    draw(charts.days_per_unit, LASTS.head(1))


def rates(bands=(1, 2, 3)):
    days = np.array([0, 90, 180, 270, 365])
    parts = [pd.DataFrame({"purchase_no": band, "silent_days": days, "n": 4321 - days - band,
                           "return_rate": 0.25 * band * np.exp(-days / 200)}) for band in bands]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(return_rate_lo=0.9 * frame["return_rate"], return_rate_hi=1.1 * frame["return_rate"])


def test_freshness_names_its_curves_and_who_was_silent(draw):
    svg = draw(charts.freshness, rates())
    assert all(n in svg for n in ("4,320", "4,138", "3,953"))


def test_a_curve_without_room_beside_it_is_named_by_its_colour_alone(draw):
    svg = draw(charts.freshness, rates().assign(return_rate=lambda f: 0.5 + 0.05 * f["purchase_no"] - f["silent_days"] / 1000))
    words = [text.Text(lang)("basket.chart.band_2") for lang in text.LANGUAGES]
    assert not any(said in svg for said in words)
    assert any(text.Text(lang)("basket.chart.band_3") in svg for lang in text.LANGUAGES)


def test_freshness_of_one_curve_one_day_and_gaps(draw):
    draw(charts.freshness, rates((1,)))
    draw(charts.freshness, rates().iloc[:1])
    frame = rates()
    frame.loc[frame["silent_days"] > 90, ["return_rate", "return_rate_lo", "return_rate_hi"]] = np.nan
    draw(charts.freshness, frame)
    draw(charts.freshness, rates().assign(n=12))  # too few to draw


def firsts(n_ltv):
    frame = pd.DataFrame({"product": ["A", "B"], "n_ltv": n_ltv, "contribution_ltv_jpy": [4000.0, 6000.0],
                          "sales_ltv_jpy": [8000.0, 12000.0], "f2_rate": [0.31, 0.42], "certain": [False, True]})
    for name in ("contribution_ltv_jpy", "sales_ltv_jpy"):
        frame[f"{name}_lo"], frame[f"{name}_hi"] = 0.8 * frame[name], 1.2 * frame[name]
    return frame


def test_first_products_write_contribution_or_sales(draw):
    svg = draw(charts.first_products, firsts([200, 20]))
    assert "4,000" in svg and "42.0%" in svg and svg.index(">B<") < svg.index(">A<")
    assert "12,000" in draw(charts.first_products, firsts([200, 20]).assign(contribution_ltv_jpy=np.nan))


def test_first_products_of_a_handful_are_hidden(draw):
    assert ">B<" not in draw(charts.first_products, firsts([200, 4]))
    draw(charts.first_products, firsts([4, 4]))


def test_names_of_short_curves_stay_off_the_axis(draw):
    short = rates().assign(silent_days=lambda f: f["silent_days"] / 365 * 60)
    words = [text.Text(lang)(f"basket.chart.band_{band}") for lang in text.LANGUAGES for band in (1, 2, 3)]
    svg = draw(charts.freshness, short)
    assert not any(f">{said}<" in svg for said in words)
