"""優良化パターン: no look-ahead, honest comparisons, and no finding where there is none."""

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import config, engine
from shindan.analyses import pattern, profile, rfm
from shindan.findings import pattern as findings

AS_OF = datetime.date(2025, 12, 31)
FIRST = datetime.date(2024, 6, 1)


def shop(people, **traits):
    """(purchases, lines, profiled buyers) of {customer: [days after FIRST, 0 first]}; 1,000 yen each."""
    rows = [(key, FIRST + datetime.timedelta(days=day), no, f"{key}{no}", 1000)
            for key, days in people.items() for no, day in enumerate(sorted(days), 1)]
    purchases = pd.DataFrame(rows, columns=["customer_key", "purchase_date", "purchase_no", "order_id", "revenue_jpy"])
    purchases = purchases.astype({"revenue_jpy": "int64", "purchase_no": "int64"}).assign(is_automatic=False)
    lines = pd.DataFrame({"order_id": purchases.order_id, "line_type": "product", "sku": "A"})
    buyers = pd.DataFrame({
        "customer_key": list(people), "first_date": FIRST, "is_new": True, "first_revenue_jpy": 1000,
        "first_product": "x", "acq_channel": None, "first_price": "list", "first_kind": "onetime",
        "hour_band": "morning", "mail_optin": "yes", **traits}).astype({"acq_channel": "string"})
    return purchases, lines, buyers


def people(histories, as_of=AS_OF, rules=rfm.Cuts(), **traits):  # noqa: B008 - frozen
    return engine.frame(pattern.people(*shop(histories, **traits), as_of, rules)).set_index("customer_key")


def test_premium_after_twelve_months_by_purchases_before_that_day():
    histories = {"four": [0, 10, 20, 30], "three": [0, 10, 20], "just": [0, 10, 20, 364], "late": [0, 10, 20, 365],
                 "at_the_end": [0, 364, 364, 364], "next_year": [0] + [370] * 9}
    assert people(histories).premium[list(histories)].tolist() == [True, False, True, False, True, False]


def test_only_customers_observed_for_twelve_months():
    last = FIRST + datetime.timedelta(days=365)
    assert len(people({"a": [0]}, as_of=last)) == 1
    assert people({"a": [0]}, as_of=last - datetime.timedelta(days=1)).empty
    assert people({"a": [0], "b": [0]}, is_new=[True, False]).index.tolist() == ["a"]


def test_what_comes_later_changes_no_signal_and_no_outcome():
    early = people({"a": [0, 20, 90], "b": [0]})
    late = people({"a": [0, 20, 90, 365, 380, 400, 410], "b": [0, 365, 366, 367, 368]})
    pd.testing.assert_frame_equal(early, late)


def test_the_signals_of_the_first_days():
    found = people({"a": [0, 30, 90], "b": [0, 31, 91], "c": [0, 61], "d": [0, 200]})
    assert found.second_30.tolist() == ["yes", "no", "no", "no"]
    assert found.second_60.tolist() == ["yes", "yes", "no", "no"]
    assert found.second_90.tolist() == ["yes", "yes", "yes", "no"]
    assert found.three_purchases.tolist() == ["yes", "no", "no", "no"]
    assert found.later.tolist() == [False, True, False, True]


def test_deliveries_that_come_by_themselves_are_no_second_purchase():
    purchases, lines, buyers = shop({"a": [0, 30, 60, 90, 120], "b": [0, 30, 95]})
    purchases["is_automatic"] = purchases.purchase_no > 1
    found = engine.frame(pattern.people(purchases, lines, buyers, AS_OF)).set_index("customer_key")
    assert (found.second_90 == "no").all() and not found.later.any()
    assert found.premium.tolist() == [True, False] and found.three_purchases.tolist() == ["yes", "no"]  # ranks count them


def test_two_products_in_the_first_days_only():
    purchases, lines, buyers = shop({"a": [0, 20], "b": [0, 120], "c": [0]})
    lines["sku"] = ["A", "B", "A", "B", "A"]
    gift = pd.DataFrame({"order_id": ["c1"], "line_type": ["sample"], "sku": ["B"]})
    found = engine.frame(pattern.people(purchases, pd.concat([lines, gift]), buyers, AS_OF))
    assert found.two_products.tolist() == ["yes", "no", "no"]


def test_bands_of_the_first_amount():
    bands = {0: "0-2999", 2999: "0-2999", 3000: "3000-4999", 9999: "5000-9999", 10000: "10000-", -5: "0-2999"}
    found = people({f"c{i}": [0] for i in range(6)}, first_revenue_jpy=list(bands)).amount_band
    assert found.sort_index().tolist() == list(bands.values())


days = st.lists(st.integers(1, 700), max_size=7).map(lambda later: [0, *later])


@settings(max_examples=5, deadline=None)
@given(st.lists(days, min_size=1, max_size=6), st.sampled_from([
    rfm.Cuts(), rfm.Cuts(window_days=180), rfm.Cuts(dormant_days=120),
    rfm.Cuts(ranks=(rfm.RankRule("premium", 2, 3000), rfm.RankRule("regular")))]))
def test_premium_is_the_rank_on_everybodys_own_day(histories, rules):
    """The moved calendar gives what rfm.rank_on says on the real day, first purchase + 365."""
    named = {f"c{i}": history for i, history in enumerate(histories)}
    on = FIRST + datetime.timedelta(days=365)
    ranks = engine.frame(rfm.rank_on(shop(named)[0], on, rules)).set_index("customer_key")["rank"]
    found = people(named, as_of=datetime.date(2027, 1, 1), rules=rules)
    assert found.premium.tolist() == (ranks.sort_index() == "premium").tolist()


def test_settings_fill_what_is_early_and_the_defaults_are_the_settings():
    assert pattern.early(config.Pattern()) == pattern.Early()
    assert {f.name for f in dataclasses.fields(pattern.Early)} == set(config.Pattern.model_fields)
    for wrong in ({"days": 365}, {"amount_jpy": [5, 3]}, {"amount_jpy": []}, {"min_n": 4}):
        with pytest.raises(ValueError):
            config.Pattern(**wrong)


def counted(rows):
    return pd.DataFrame(rows, columns=["signal", "value", "n", "n_premium", "n_later"])


def test_with_and_without_by_hand():
    """56/70 against 48/80: Newcombe's own example, [.0524, .3339] (Newcombe 1998, row a)."""
    found = pattern.compare(counted([("mail_optin", "no", 80, 48, 8), ("mail_optin", "yes", 70, 56, 35)]))
    row = found.iloc[0]
    assert len(found) == 1 and (row.value, row.n, row.n_without) == ("yes", 70, 80)
    assert (row.premium_rate, row.without_rate, row.ratio) == pytest.approx((0.8, 0.6, 4 / 3))
    assert (row.gap_pt_lo, row.gap_pt_hi) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert (row.later_rate, row.later_without_rate) == pytest.approx((0.5, 0.1))
    assert row.p_holm == row.p_value


def test_fishers_tea_is_the_p_value():
    """Fisher's lady: 3 of 4 against 1 of 4 gives p = .4857 (The Design of Experiments, 1935)."""
    found = pattern.compare(counted([("first_price", "sale", 4, 3, 0), ("first_price", "list", 4, 1, 0)]), min_n=4)
    assert found.p_value[0] == pytest.approx(0.4857, abs=5e-5)


def test_both_sides_need_people_and_only_the_largest_values_are_tested():
    rows = [("first_product", f"p{i}", 30 + i, 3, 3) for i in range(12)]
    assert set(pattern.compare(counted(rows)).value) == {f"p{i}" for i in range(2, 12)}
    assert pattern.compare(counted([("mail_optin", "yes", 500, 9, 9), ("mail_optin", "no", 29, 9, 9)])).empty
    assert pattern.compare(counted([("mail_optin", "yes", 29, 9, 9), ("mail_optin", "no", 500, 9, 9)])).empty


def test_nobody_premium_without_the_signal_gives_no_ratio():
    found = pattern.compare(counted([("hour_band", "morning", 50, 5, 5), ("hour_band", "evening", 50, 0, 0)]))
    assert np.isnan(found.set_index("value").ratio["morning"]) and found.p_value.notna().all()


def test_signals_that_premium_counts_are_marked():
    rows = counted([(s, v, 50, 5, 5) for s in ("second_30", "first_kind", "amount_band", "first_price")
                    for v in ("yes", "subscription", "0-2999", "sale", "other")])
    marked = pattern.compare(rows).drop_duplicates("signal").set_index("signal").overlaps
    assert marked.to_dict() == {"second_30": True, "first_kind": True, "amount_band": False, "first_price": False}
    money = rfm.Cuts(ranks=(rfm.RankRule("premium", 0, 50_000), rfm.RankRule("regular")))
    assert pattern.compare(rows, money).set_index("signal").overlaps["amount_band"].all()


def test_unknown_values_are_on_neither_side():
    histories = {f"c{i}": [0] for i in range(6)}
    optin = ["yes", "yes", "no", None, None, None]
    counts = pattern.counts(pattern.people(*shop(histories, mail_optin=optin), AS_OF))
    found = counts[counts.signal == "mail_optin"].set_index("value").n
    assert found.to_dict() == {"no": 1, "yes": 2}
    assert "acq_channel" not in set(counts.signal)


def test_counts_do_not_know_the_order_of_rows():
    histories = {f"c{i}": [0, *range(10, 10 + 20 * (i % 5), 20)] for i in range(20)}
    purchases, lines, buyers = shop(histories)
    once = pattern.counts(pattern.people(purchases, lines, buyers, AS_OF))
    again = pattern.counts(pattern.people(purchases[::-1], lines[::-1], buyers[::-1], AS_OF))
    pd.testing.assert_frame_equal(once, again)
    assert once[once.signal == "second_30"].n.sum() == 20


def test_without_anybody():
    empty = profile.with_profile(engine.empty("buyers"), engine.empty("customers"), AS_OF)
    nobody = pattern.people(engine.empty("purchases"), engine.empty("order_lines"), empty, AS_OF)
    found = pattern.compare(pattern.counts(nobody))
    assert found.empty and list(found.columns) == pattern.COMPARED
    assert pattern.overall(nobody).n[0] == 0 and pattern.overall(nobody).premium_rate.isna().all()


def null_shop(rng, n=600):
    """Counts of a shop where how people begin says nothing of them.

    People differ in how often they buy, so a second purchase early goes with 優良 as it must (優良
    counts it); product, channel, hour, price and amount are drawn apart from that.
    """
    often = rng.gamma(0.6, 2.2, n)
    early, late = rng.poisson(often * 90 / 365), rng.poisson(often * 275 / 365)
    values = {
        "second_90": np.where(early > 0, "yes", "no"), "three_purchases": np.where(early > 1, "yes", "no"),
        "first_product": rng.choice([f"p{i}" for i in range(6)], n), "acq_channel": rng.choice(list("abcd"), n),
        "hour_band": rng.choice(["morning", "daytime", "evening"], n),
        "first_price": rng.choice(["sale", "list"], n), "amount_band": rng.choice(["0-2999", "3000-"], n)}
    long = pd.concat([pd.DataFrame({"signal": name, "value": value, "n": 1, "n_premium": early + late >= 3, "n_later": late > 0})
                      for name, value in values.items()])
    return long.groupby(["signal", "value"], as_index=False).sum()


def test_null_shops_name_a_signal_in_five_percent_at_most():
    """Holm keeps the chance of naming any signal in a shop without one at 5 % (Holm 1979); uncorrected it is far more."""
    rng = np.random.default_rng(2024)
    found = [pattern.compare(null_shop(rng)) for _ in range(300)]
    overall = pd.DataFrame({"n": [600], "n_premium": [90], "premium_rate": 0.15, "premium_rate_lo": 0.1, "premium_rate_hi": 0.2})
    said = [findings.pattern(f, overall, pattern.Early(), "2023-01-01/2025-12-31").key for f in found]
    own = [f[~f.overlaps] for f in found]
    assert np.mean([key != "pattern.headline.none" for key in said]) <= 0.05
    assert np.mean([(f.p_value < 0.05).any() for f in own]) > 0.25
    assert np.mean([(f[f.overlaps].p_holm < 0.05).all() for f in found]) > 0.9  # what is there is found
    gaps = pd.concat(own)
    assert ((gaps.gap_pt_lo <= 0) & (gaps.gap_pt_hi >= 0)).mean() >= 0.93
