"""Words and number formats: what a shop owner reads."""

import datetime
import math

import pytest

from shindan import text


@pytest.mark.parametrize(("value", "ja", "en"), [
    (1234567, "123万円", "¥1.2M"), (99999, "99,999円", "¥99,999"), (250000000, "2.50億円", "¥250.0M"),
    (0, "0円", "¥0"), (-5, "-5円", "-¥5"), (None, "—", "—"), (math.nan, "—", "—"), (math.inf, "—", "—"),
])
def test_yen_as_people_read_it(value, ja, en):
    assert text.yen_read(value, "ja") == ja
    assert text.yen_read(value, "en") == en


def test_cents_of_another_currency():
    assert text.yen(123456, "en", "USD") == "$1,234.56"


def test_percent_and_points_have_no_negative_zero():
    assert text.percent(-0.00001) == "0.0%"
    assert text.points(-0.00001) == "+0.0ポイント"
    assert text.points(0.0121, "en") == "+1.2 pt"


def test_periods_and_dates():
    assert text.period("2023-01-01/2025-12-31") == "2023年1月1日〜2025年12月31日"
    assert text.period("2025-12-31") == "2025年12月31日時点"
    assert text.month(datetime.date(2025, 3, 1), "en") == "2025-03"


def test_both_languages_say_the_same_things():
    assert text.keys("ja") == text.keys("en")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_sentence_names_known_formats(lang):
    """A template that cannot be filled is a broken page: missing values print as a dash."""
    words = text.Text(lang)

    class Anything(dict):
        def __missing__(self, key):
            return None

    for key in text.keys(lang):
        template = text._catalogue(lang)[key]
        assert words._formatter.vformat(template, (), Anything())


def test_english_pages_hold_no_japanese():
    kana = [key for key in text.keys("en") if any("぀" <= ch <= "ヿ" for ch in text._catalogue("en")[key])]
    assert kana == []


@pytest.mark.parametrize("value, before, unit, said", [
    (0.32, 0.31, "ratio", "+1.0ポイント"), (3600, 3700, "jpy", "-100円"), (12.66, 12.66, "score", "±0.0"), (7, 5, "count", "+2"),
    (0.32, None, "ratio", None), (None, 0.3, "ratio", None), (50, 54, "days", "-4日"),
])
def test_how_far_a_figure_moved(value, before, unit, said):
    assert text.change(value, before, unit) == said


def test_a_title_cuts_a_name_and_nothing_else_does():
    long = "薬用美白オールインワンジェル大容量サイズ詰め替え用3個セット"
    say = text.Text("ja")
    values = {"first": long, "share": 0.3, "yoy": 1.2, "top": 3, "top_share": 0.5, "products": 9}
    assert f"「{long[:15]}…{long[-8:]}」" in say("basket.headline.best_sellers", **values)
    assert long in say("columns.range", first=long, last="b")


def test_of_many_codes_the_first_are_named_and_all_counted():
    some, many = ["email", "line"], ["email", "line", "dm", "sms"]
    say = text._Formatter("en", "JPY")
    assert say.format_field(some, "channel").count(",") == 1 and "in all" not in say.format_field(some, "channel")
    assert say.format_field(many, "channel").endswith(" and others (4 in all)")
    assert text._Formatter("ja", "JPY").format_field(many, "channel").endswith("ほか計4件")


def test_one_day_is_no_days():
    assert [text.days(n, "en") for n in (1, 3, None)] == ["1 day", "3 days", "—"]
    assert text.days(1) == "1日" and text.Text("en")("scenario.when.cart", day=1) == "1 day after the cart"


def test_a_clients_page_says_nothing_of_the_consultants_files():
    printed = ("headline", "withheld", "kpi", "definition", "alt", "chart", "columns", "table")
    for lang in text.LANGUAGES:
        assert not [key for key, words in text._catalogue(lang).items()
                    if "client.yaml" in words and key.split(".")[1] in printed]
