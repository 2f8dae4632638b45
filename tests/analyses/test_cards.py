"""The customer cards: chosen by rule, the same every time, and nobody to be told who they are."""

import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import cards

AS_OF = datetime.date(2025, 12, 31)
TRAITS = ("age_band", "sex", "month_of_birth")


def people(n, **columns):
    """(ranked, profiled) of n regular customers with sales 0, 100, 200, …"""
    keys = [f"k{i:03}" for i in range(n)]
    ranked = pd.DataFrame({"customer_key": keys, "rank": columns.pop("rank", "regular")})
    profiled = pd.DataFrame({
        "customer_key": keys, "revenue_jpy": [100 * i for i in range(n)], "first_revenue_jpy": 100,
        "first_date": AS_OF, "last_date": AS_OF, "n_purchases": 1, "first_product": "x", "acq_channel": "web",
        "age_band": "40", "sex": "female", "birth_month": 5, **columns})
    return ranked, profiled


def bought(keys, hours=(9,)):
    return pd.DataFrame([(key, AS_OF, 100, hour) for key in keys for hour in hours],
                        columns=["customer_key", "purchase_date", "revenue_jpy", "order_hour"])


def chosen(ranked, profiled):
    """The cards of a shop as small as can be: every sixth may be one person."""
    return cards.chosen(ranked, profiled, alike=1)


def test_every_card_stands_for_five_people():
    assert engine.frame(cards.chosen(*people(29))).empty and len(engine.frame(cards.chosen(*people(30)))) == 6


def test_the_middle_of_each_sixth():
    found = engine.frame(cards.chosen(*people(60)), by=["card"])
    assert found.card.tolist() == [f"C-{i}" for i in range(1, 7)]
    assert found.customer_key.tolist() == ["k005", "k015", "k025", "k035", "k045", "k055"]
    assert engine.frame(chosen(*people(6)), by=["card"]).customer_key.tolist() == [f"k00{i}" for i in range(6)]
    assert engine.frame(chosen(*people(5))).empty


def test_ties_go_by_the_pseudonym_and_rows_may_come_in_any_order():
    ranked, profiled = people(30, revenue_jpy=500)
    once = engine.frame(chosen(ranked, profiled), by=["card"])
    pd.testing.assert_frame_equal(once, engine.frame(chosen(ranked[::-1], profiled[::-1]), by=["card"]))
    assert once.customer_key.is_monotonic_increasing


def test_letters_by_rank():
    ranked, profiled = people(24, rank=["premium"] * 6 + ["semi_premium"] * 6 + ["regular"] * 6 + ["dormant"] * 6)
    found = engine.frame(chosen(ranked, profiled), by=["card"])
    assert found.groupby("rank").card.agg(lambda c: c.str[0].unique().tolist()).to_dict() == {
        "premium": ["A"], "semi_premium": ["B"], "regular": ["C"], "dormant": ["D"]}


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 80))
def test_always_so_many_different_customers_or_none(n):
    found = engine.frame(chosen(*people(n)))
    assert found.customer_key.nunique() == len(found) == (6 if n >= 6 else 0)


def show(ranked, profiled, hours=(9,)):
    picked = chosen(ranked, profiled)
    return cards.cards(picked, bought(profiled.customer_key, hours), profiled)


def test_no_key_and_no_name_leaves():
    ranked, profiled = people(6)
    picked, purchases = chosen(ranked, profiled), bought(profiled.customer_key)
    shown = cards.cards(picked, purchases, profiled)
    lines = cards.timeline(picked, purchases, AS_OF)
    assert len(shown) == 6 and len(lines) == 6 and list(shown.columns) == cards.CARD
    for frame in (shown, lines):
        assert "customer_key" not in frame and not frame.astype(str).isin(list(profiled.customer_key)).any().any()


def test_what_few_share_is_left_out():
    """Five women of forty born in May stay as they are; a lone month, age or sex is hidden, in that order."""
    all_same = show(*people(6))
    assert all_same[list(TRAITS)].notna().all().all()
    one_month = show(*people(6, birth_month=[5, 5, 5, 5, 5, 6]))
    assert one_month.month_of_birth.isna().tolist() == [False] * 5 + [True] and one_month.age_band.notna().all()
    one_age = show(*people(6, age_band=["40"] * 5 + ["80"]))
    assert one_age.loc[5, list(TRAITS)].isna().tolist() == [True, False, True]
    one_man = show(*people(6, sex=["female"] * 5 + ["male"]))
    assert one_man.loc[5, list(TRAITS)].isna().all()


traits = st.tuples(st.sampled_from(["female", "male"]), st.sampled_from(["30", "40"]), st.integers(1, 3))


@settings(max_examples=6, deadline=None)
@given(st.lists(traits, min_size=6, max_size=40))
def test_every_description_shown_fits_five_buyers_or_more(described):
    sex, age, month = zip(*described, strict=True)
    ranked, profiled = people(len(described), sex=list(sex), age_band=list(age), birth_month=list(month))
    for row in show(ranked, profiled).to_dict("records"):
        alike = [d for d in described if all(
            pd.isna(said) or said == real for said, real in zip((row["sex"], row["age_band"], row["month_of_birth"]), d, strict=True))]
        assert len(alike) >= 5 or all(pd.isna(row[trait]) for trait in TRAITS)


@pytest.mark.parametrize(("hours", "kind"), [
    ((9, 10, 13), "morning"), ((0, 12, 22), "night"), ((9, 21), None), ((0, 0), None), ((None, 9), "morning")])
def test_morning_and_night(hours, kind):
    found = show(*people(6), hours=hours).hour_type
    assert (found == kind).all() if kind else found.isna().all()


def test_days_are_months_and_money_is_rounded():
    """Nothing on a card or a timeline names one order: its day and its amount are not there."""
    day = datetime.date(2025, 3, 17)
    ranked, profiled = people(6, first_date=day, last_date=AS_OF, first_revenue_jpy=[249, 260, 740, 1260, 4_980, -100],
                              revenue_jpy=[499, 1_501, 9_999, 10_400, 12_345, 15_000])
    shown = show(ranked, profiled)
    assert shown.first_jpy.tolist() == [0, 500, 500, 1_500, 5_000, 0]
    assert shown.total_jpy.tolist() == [0, 2_000, 10_000, 10_000, 12_000, 15_000]
    for frame in (shown, cards.timeline(chosen(ranked, profiled), bought(profiled.customer_key), AS_OF)):
        months = [column for column in frame if column.endswith("_month")]
        assert months and all(pd.Timestamp(value).day == 1 for column in months for value in frame[column])
        assert not [column for column in frame if column.endswith(("_date", "_days"))]
        assert all((frame[column] % 500 == 0).all() for column in frame if column.endswith("_jpy"))


def test_a_product_or_channel_of_few_is_left_out():
    shown = show(*people(6, first_product=["x"] * 5 + ["one of its kind"], acq_channel=["a"] * 2 + ["b"] * 4))
    assert shown.first_product.isna().tolist() == [False] * 5 + [True] and shown.acq_channel.isna().all()


def test_the_timeline_adds_up_by_month_and_ends_on_the_report_day():
    ranked, profiled = people(6)
    picked = chosen(ranked, profiled)
    both = pd.concat([bought(profiled.customer_key, hours=(9, 20)), bought(profiled.customer_key).assign(
        purchase_date=datetime.date(2025, 12, 1), revenue_jpy=900)])
    found = cards.timeline(picked, both, AS_OF)
    assert found.n_purchases.tolist() == [3] * 6 and found.month_jpy.tolist() == [1_000] * 6
    earlier = cards.timeline(picked, both, AS_OF - datetime.timedelta(days=1))
    assert earlier.n_purchases.tolist() == [1] * 6 and cards.timeline(picked, both, datetime.date(2025, 11, 30)).empty


def test_without_anybody():
    ranked, profiled = people(6)
    picked = chosen(ranked.iloc[:0], profiled.iloc[:0].astype({"customer_key": "string"}))
    assert cards.cards(picked, bought([]).astype({"customer_key": "string", "order_hour": "Int64"}), profiled).empty
