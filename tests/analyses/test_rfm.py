"""Scores by value, ranks that partition the customers, and the tables made of them."""

import dataclasses
import datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import config, engine, thresholds
from shindan.analyses import rfm
from shindan.schema import RANKS

AS_OF = datetime.date(2025, 12, 31)
QUANTILE = rfm.Cuts(mode="quantile")


def bought(people):
    """Purchases from {customer: [(days before AS_OF, yen), …]}."""
    rows = [(key, AS_OF - datetime.timedelta(days=ago), yen)
            for key, list_ in people.items() for ago, yen in list_]
    return pd.DataFrame(rows, columns=["customer_key", "purchase_date", "revenue_jpy"]).astype(
        {"revenue_jpy": "int64"})


def ranked(people, rules=rfm.Cuts(), as_of=AS_OF):  # noqa: B008 - frozen
    return engine.frame(rfm.rank_as_of(bought(people), as_of, rules), by=["customer_key"]).set_index(
        "customer_key")


# frequencies 1 six times, 2, 2, 3, 10, all bought today
O4 = {f"c{i:02}": [(day, 1000) for day in range(f)] for i, f in enumerate([1] * 6 + [2, 2, 3, 10])}


@pytest.mark.parametrize("rules", [rfm.Cuts(), QUANTILE], ids=["fixed", "quantile"])
def test_o4_equal_customers_share_a_score_and_order_does_not_matter(rules):
    """O4 of the methods: where rank(method="first") would give equal customers scores 1 to 4."""
    once = ranked(O4, rules)
    assert once.f_score[:6].nunique() == 1 and once.f_score["c06"] == once.f_score["c07"]
    shuffled = dict(sorted(O4.items(), key=lambda item: item[0][::-1]))
    pd.testing.assert_frame_equal(once, ranked(shuffled, rules))


def test_o4_fixed_scores():
    assert ranked(O4).f_score.tolist() == [1] * 6 + [2, 2, 3, 5]


def test_o4_quantile_scores_count_the_fifths_strictly_below():
    assert ranked(O4, QUANTILE).f_score.tolist() == [1] * 6 + [4, 4, 5, 5]


@pytest.mark.parametrize(("ago", "score"), [
    (0, 5), (30, 5), (31, 4), (90, 4), (91, 3), (180, 3), (181, 2), (365, 2), (366, 1), (900, 1)])
def test_recency_cut_points(ago, score):
    assert ranked({"a": [(ago, 1000)]}).r_score["a"] == score


@pytest.mark.parametrize(("yen", "score"), [
    (0, 1), (4999, 1), (5000, 2), (9999, 2), (10000, 3), (30000, 4), (49999, 4), (50000, 5), (-300, 1)])
def test_monetary_cut_points(yen, score):
    assert ranked({"a": [(10, yen)]}).m_score["a"] == score


@pytest.mark.parametrize(("days_ago", "rank"), [
    ([364], "regular"), ([365], "dormant"), ([10], "regular"), ([10, 20], "semi_premium"),
    ([10, 400], "regular"), ([10, 20, 30], "semi_premium"), ([10, 20, 30, 364], "premium"),
    ([10, 20, 30, 365], "semi_premium"), ([365, 366, 367, 368], "dormant")])
def test_ranks(days_ago, rank):
    assert ranked({"a": [(ago, 1000) for ago in days_ago]})["rank"]["a"] == rank


def test_dormant_overrides_the_other_rules():
    rules = rfm.Cuts(window_days=730)
    a = ranked({"a": [(370 + i, 1000) for i in range(9)]}, rules).loc["a"]
    assert (a["frequency"], a["rank"]) == (9, "dormant")


def test_a_rank_may_ask_for_sales_and_refunds_leave_nobody_without_one():
    rules = rfm.Cuts(ranks=(rfm.RankRule("premium", 2, 20000), rfm.RankRule("regular")))
    people = {"a": [(1, 10000), (2, 10000)], "b": [(1, 10000), (2, 9999)], "c": [(1, -500)]}
    assert ranked(people, rules)["rank"].tolist() == ["premium", "regular", "regular"]


def test_window_holds_its_last_day_and_sums():
    a = ranked({"a": [(0, 100), (364, 10), (365, 1)]}).loc["a"]
    assert (a.recency_days, a.frequency, a.monetary_jpy) == (0, 2, 110)


def test_rank_on_a_day_uses_only_purchases_before_it():
    people = bought({"a": [(10, 1000), (0, 1000)]})
    on_the_day = engine.frame(rfm.rank_on(people, AS_OF)).iloc[0]
    assert (on_the_day.frequency, on_the_day["rank"]) == (1, "regular")
    after = engine.frame(rfm.rank_on(people, AS_OF + datetime.timedelta(days=1))).iloc[0]
    assert (after.frequency, after["rank"], after.recency_days) == (2, "semi_premium", 0)
    assert engine.frame(rfm.rank_on(people, AS_OF - datetime.timedelta(days=10))).empty


def test_settings_fill_the_cuts_and_the_defaults_are_the_settings():
    assert rfm.cuts(config.Rfm()) == rfm.Cuts()
    own = config.Rfm(window_days=730, ranks=(thresholds.RankRule(rank="premium", min_sales_jpy=9),
                                             thresholds.RankRule(rank="regular")))
    assert rfm.cuts(own).ranks[0] == rfm.RankRule("premium", 0, 9)
    assert {f.name for f in dataclasses.fields(rfm.Cuts)} == set(config.Rfm.model_fields)


SHOP = {
    "a": [(5, 9000), (40, 8000), (90, 7000), (200, 6000)],         # premium
    "b": [(10, 3000), (100, 3000)],                                # semi-premium
    "c": [(20, 1000)], "d": [(300, 2000), (500, 9000)],            # regular
    "e": [(365, 5000)], "f": [(1000, 400)], "g": [(700, 100)],     # dormant
}


def test_rank_table_reconciles_with_the_customers():
    table = rfm.rank_table(rfm.rank_as_of(bought(SHOP), AS_OF)).set_index("rank")
    assert table.index.tolist() == list(RANKS)
    assert table.n.tolist() == [1, 1, 2, 3]
    assert table.sales_jpy.tolist() == [30000, 6000, 3000, 0]
    assert table.people_share.sum() == pytest.approx(1) and table.sales_share.sum() == pytest.approx(1)
    assert table.order_value_jpy["premium"] == 7500 and np.isnan(table.order_value_jpy["dormant"])
    assert table.purchases_per_person.tolist() == [4, 2, 1, 0]
    assert table.median_recency_days.tolist() == [5, 10, 20, 700]


def test_grid_holds_everybody_and_reads_its_limits():
    now = rfm.rank_as_of(bought(SHOP), AS_OF)
    grid = rfm.rf_grid(now, rfm.cut_points(now))
    assert len(grid) == 25 and grid.n.sum() == 7 and grid.sales_jpy.sum() == 39000
    best = grid.set_index(["r_score", "f_score"]).loc[(5, 3)]
    assert (best.n, best.sales_jpy, best.recency_max_days, best.frequency_min) == (1, 30000, 30, 3)


def test_cut_points_are_printed_in_both_modes():
    fixed = rfm.cut_points(rfm.rank_as_of(bought(SHOP), AS_OF)).set_index("score")
    assert fixed.frequency_min.tolist()[:4] == [10, 5, 3, 2] and np.isnan(fixed.frequency_min[1])
    assert fixed.recency_max_days.tolist()[:4] == [30, 90, 180, 365]
    now = rfm.rank_as_of(bought(SHOP), AS_OF, QUANTILE)
    found = rfm.cut_points(now, QUANTILE).set_index("score")
    assert found.recency_max_days.tolist() == [5, 10, 300, 365, 1000]
    assert found.frequency_min[5] == 4 and np.isnan(found.frequency_min[2])  # ties leave a score empty


def test_rules_are_printed_in_the_order_they_apply():
    rules = rfm.rank_rules()
    assert rules["rank"].tolist() == ["premium", "semi_premium", "regular", "dormant"]
    assert rules.min_purchases.tolist()[:2] == [4, 2] and rules.min_recency_days.iloc[-1] == 365


@pytest.mark.parametrize(("day", "before"), [
    ((2025, 12, 31), (2024, 12, 31)), ((2024, 2, 29), (2023, 2, 28)), ((2025, 2, 28), (2024, 2, 28))])
def test_the_same_day_a_year_before(day, before):
    assert rfm.year_before(datetime.date(*day)) == datetime.date(*before)


def test_transition_loses_nobody():
    then = rfm.rank_as_of(bought(SHOP), rfm.year_before(AS_OF))
    now = rfm.rank_as_of(bought(SHOP), AS_OF)
    moves = rfm.transition(then, now)
    assert len(moves) == 20 and moves.n.sum() == 7
    from_, to = moves.groupby("rank_before").n.sum(), moves.groupby("rank_now").n.sum()
    assert from_["not_yet"] == 3 and from_["dormant"] == 1 and from_["regular"] == 3
    assert to[list(RANKS)].tolist() == [1, 1, 2, 3]
    shares = moves.groupby("rank_before").people_share.sum(min_count=1).dropna()
    assert shares.tolist() == pytest.approx([1] * len(shares))


def test_the_table_of_moves_adds_up_both_ways():
    """Rows are everybody's rank then, columns everybody's rank now: both as rank_as_of says on its own."""
    before, day = datetime.date(2025, 6, 30), AS_OF
    then, now = (rfm.rank_as_of(bought(SHOP), on) for on in (before, day))
    wide = rfm.moves(rfm.transition(then, now)).set_index("rank_before")
    counts = [engine.frame(r)["rank"].value_counts().reindex(RANKS, fill_value=0) for r in (then, now)]
    assert wide.n[list(RANKS)].tolist() == counts[0].tolist()
    assert wide.loc["total", list(RANKS)].tolist() == counts[1].tolist()
    assert wide.n["total"] == len(SHOP) and (wide[list(RANKS)].sum(axis=1) == wide.n).all()


def test_only_days_with_a_whole_window_are_compared():
    """The ranks of a day look window_days back: 365 days up to 2024-12-31 begin on 2024-01-02."""
    purchases, start, year = bought(SHOP), datetime.date(2024, 1, 2), datetime.date(2024, 12, 31)
    now = rfm.rank_as_of(purchases, AS_OF)
    assert rfm.can_rank(year, start) and not rfm.can_rank(year, start + datetime.timedelta(days=1))
    found = rfm.transitions(purchases, now, [year, None, datetime.date(2025, 6, 30), year], start)
    assert found.since.value_counts().to_dict() == {year: 20, datetime.date(2025, 6, 30): 20}
    pd.testing.assert_frame_equal(found[found.since == year].drop(columns="since").reset_index(drop=True),
                                  rfm.transition(rfm.rank_as_of(purchases, year), now))
    assert rfm.without(found, year).empty and len(rfm.without(found, start)) == 40
    none = rfm.transitions(purchases, now, [start, None], start)
    assert none.empty and rfm.moves(none).n.tolist() == [0] * 6


def test_who_is_one_purchase_short_of_premium():
    people = SHOP | {"h": [(5, 1), (6, 1), (7, 1)], "asleep": [(380 + i, 1) for i in range(3)]}
    now = rfm.rank_as_of(bought(people), AS_OF)
    assert rfm.one_short(now) == 1 and rfm.window_buyers(now) == 5
    assert rfm.one_short(now, rfm.Cuts(ranks=(rfm.RankRule("premium", 3, 9), rfm.RankRule("regular")))) is None


def test_deciles_do_not_depend_on_who_stands_first_among_equals():
    people = {f"c{i:02}": [(1, 1000)] for i in range(25)} | {"z": [(1, 75000)], "gone": [(500, 10**6)]}
    tenths = rfm.deciles(rfm.rank_as_of(bought(people), AS_OF))
    assert tenths.n.sum() == 26 and tenths.sales_jpy.sum() == 100000  # "gone" bought before the window
    assert tenths.n[0] == 3 and tenths.sales_jpy[0] == 77000
    assert tenths.cumulative_share.iloc[-1] == pytest.approx(1)
    assert tenths.sales_share.is_monotonic_decreasing or tenths.n.nunique() > 1


def test_empty_tables_give_empty_answers():
    now = rfm.rank_as_of(engine.empty("purchases"), AS_OF)
    assert rfm.rank_table(now).n.tolist() == [0, 0, 0, 0]
    assert rfm.rf_grid(now, rfm.cut_points(now)).n.sum() == 0
    assert rfm.transition(now, now).n.sum() == 0
    assert len(rfm.deciles(now)) == 0
    assert engine.frame(rfm.rank_as_of(engine.empty("purchases"), AS_OF, QUANTILE)).empty


shops = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 900), st.integers(-2000, 60000)), min_size=1, max_size=6,
             unique_by=lambda p: p[0]),
    min_size=1, max_size=25)


@settings(max_examples=25, deadline=None)
@given(shops, st.sampled_from(["fixed", "quantile"]), st.randoms(use_true_random=False))
def test_for_any_shop(people, mode, random):
    rules = rfm.Cuts(mode=mode)
    once = ranked(people, rules)
    assert sorted(once.index) == sorted(people)                       # everybody, once
    assert once["rank"].isin(RANKS).all()
    assert (once["rank"] == "dormant").equals(once.recency_days >= 365)
    for value, score in (("recency_days", "r_score"), ("frequency", "f_score"), ("monetary_jpy", "m_score")):
        assert once[score].between(1, 5).all()
        assert (once.groupby(value)[score].nunique() == 1).all()      # equal values, equal scores
        by_value = once.sort_values(value)[score]
        assert by_value.is_monotonic_decreasing if value == "recency_days" else by_value.is_monotonic_increasing
    order = random.sample(list(people.items()), len(people))
    pd.testing.assert_frame_equal(once, ranked(dict(order), rules))   # the order of rows does not matter


def test_row_level_results_stay_lazy():
    assert isinstance(rfm.rank_as_of(bought(SHOP), AS_OF), ibis.Table)
