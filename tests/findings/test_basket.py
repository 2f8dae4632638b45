"""What the basket pages say, and when they say nothing."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest

from shindan import text
from shindan.findings import basket as findings

AS_OF = datetime.date(2025, 12, 31)
PERIOD = "2023-01-01/2025-12-31"


def said(statement):
    """The sentence in both languages; every KPI named and defined."""
    for lang in text.LANGUAGES:
        words = text.Text(lang)
        for kpi in statement.kpis:
            chapter, name = kpi.id.split(".")
            assert words.has(f"{chapter}.kpi.{name}") and words.has(f"{chapter}.definition.{name}"), kpi.id
        assert len(words(statement.key, **statement.values)) <= 160
    return [text.Text(lang)(statement.key, **statement.values) for lang in text.LANGUAGES]


def withheld(statement):
    assert not statement.shown and statement.kpis == ()
    return said(statement)


def kpi(statement, name):
    return next(k for k in statement.kpis if k.id == f"basket.{name}")


# -- best sellers and 併売 -----------------------------------------------------------------------
def totals(n=900, orders=1000, several=200):
    return pd.DataFrame({"n": [n], "n_orders": [orders], "n_products": [12], "n_several": [several],
                         "sales_jpy": [1_000_000], "sale_sales_jpy": [150_000]})


BEST = pd.DataFrame({"product": ["X", "Y", "Z", "W"], "sales_share": [0.4, 0.2, 0.1, 0.05], "yoy_rate": [1.2, 0.9, np.nan, 1]})


def test_best_sellers():
    statement = findings.best_sellers(totals(), BEST, AS_OF)
    ja, en = said(statement)
    assert "70.0%" in ja and "120.0%" in ja and "X" in en
    assert kpi(statement, "sale_price_share").value == 0.15 and kpi(statement, "products_sold").value == 12
    assert statement.period == "2025-01-01/2025-12-31"


def test_without_a_year_before_nothing_is_compared():
    ja, _ = said(findings.best_sellers(totals(), BEST.assign(yoy_rate=np.nan), AS_OF))
    assert "前年" not in ja and text.DASH not in ja


def test_one_product():
    ja, en = said(findings.best_sellers(totals(), BEST.head(1), AS_OF))
    assert "だけ" in ja and "only" in en


def test_no_lines_say_why():
    ja, en = withheld(findings.best_sellers(totals(0, 0, 0), BEST.head(0), AS_OF))
    assert "明細" in ja and "lines" in en


def together(n, p_value=0.5):
    return pd.DataFrame({"product": ["X", "V"], "with_product": ["Y", "W"], "n_together": [n, n - 1],
                         "times": [1.1, 2.5], "p_value": [0.5, p_value]})


def test_together_judges_no_pair_of_a_few_orders():
    assert "120件" in said(findings.together(totals(), together(120), AS_OF))[0]
    assert "判断できません" in said(findings.together(totals(), together(29), AS_OF))[0]
    assert findings.together(totals(), together(29, 0.001), AS_OF).key == "basket.headline.together_few"
    withheld(findings.together(totals(several=4), together(4), AS_OF))
    withheld(findings.together(totals(), together(9).head(0), AS_OF))


def test_together_names_a_pair_as_special_only_if_it_is_for_certain():
    common = findings.together(totals(), together(120), AS_OF)
    assert common.key == "basket.headline.together" and common.values["product"] == "X" and "倍" not in said(common)[0]
    special = findings.together(totals(), together(120, 0.001), AS_OF)
    ja, _ = said(special)
    assert "「V」" in ja and "2.5倍" in ja and "119件" in ja
    rarer = findings.together(totals(), together(120).assign(times=0.4, p_value=0.001), AS_OF)
    assert rarer.key == "basket.headline.together"


def test_advice_follows_what_is_certain():
    """A pair, a next product or a first product is recommended only where it differs for certain."""
    known = [findings.together(totals(), together(120, 0.001), AS_OF), findings.next_product(SECOND, pairs(), 180, PERIOD),
             findings.first_products(firsts(), 365, PERIOD), findings.replenish(LASTS, DUE, 365, PERIOD)]
    assert [note["key"].split(".")[-1] for note in findings.advice(*known)] == ["together", "next", "better", "replenish"]
    worse = findings.first_products(firsts(certain=[True, False, False]), 365, PERIOD)
    assert [note["key"] for note in findings.advice(worse)] == ["basket.advice.worse"]
    unsure = [findings.together(totals(), together(120), AS_OF), findings.next_product(SECOND, pairs(p_value=0.9), 180, PERIOD),
              findings.first_products(firsts(certain=False), 365, PERIOD), findings.together(totals(), together(9), AS_OF),
              findings.replenish(LASTS.head(0), DUE.head(0), 365, PERIOD)]
    assert list(findings.advice(*unsure)) == []
    for note in findings.advice(*known, worse):
        assert all(text.Text(lang)(**note) for lang in text.LANGUAGES)


def test_what_shares_an_order_is_never_called_next():
    for lang, word in (("ja", "次"), ("en", "next")):
        for section in ("headline", "withheld", "table", "definition", "kpi"):
            for key in text.keys(lang):
                if re.fullmatch(rf"basket\.{section}\.(together|several)\w*", key):
                    assert word not in text.Text(lang).get(key, "").lower(), key


# -- next ----------------------------------------------------------------------------------------
SECOND = pd.DataFrame({"n": [500], "second_rate": [0.2], "second_rate_lo": [0.17], "second_rate_hi": [0.24]})


def pairs(**columns):
    frame = pd.DataFrame({"sku": ["a", "b"], "product": ["A", "B"], "next_sku": ["b", "a"], "next_product": ["B", "A"],
                          "n": [200, 300], "n_next": [60, 90], "next_rate": [0.3, 0.3], "next_rate_lo": [0.24, 0.25],
                          "next_rate_hi": [0.37, 0.35], "base_rate": [0.15, 0.29], "n_base": [700, 600], "times": [2.0, 1.03],
                          "p_value": [0.001, 0.9]})
    return frame.assign(**columns)


def test_next_names_the_pair_that_is_certain():
    statement = findings.next_product(SECOND, pairs(), 180, PERIOD)
    ja, en = said(statement)
    assert "「A」" in ja and "30.0%" in ja and "2.0倍" in ja and "2.0 times" in en
    assert kpi(statement, "next_rate").ci == (0.24, 0.37) and kpi(statement, "next_base_rate").value == 0.15
    assert (kpi(statement, "next_rate").n, kpi(statement, "next_base_rate").n) == (200, 700)  # each its own denominator


def test_next_claims_nothing_that_is_not_certain():
    ja, en = said(findings.next_product(SECOND, pairs(p_value=[0.06, 0.9]), 180, PERIOD))
    assert "判断できません" in ja and "cannot be judged" in en and "倍" not in ja
    rarer = findings.next_product(SECOND, pairs(times=[0.5, 1.0]), 180, PERIOD)
    assert rarer.key == "basket.headline.next_same"  # certain, but less often than others


def test_next_is_withheld_for_few():
    withheld(findings.next_product(SECOND.assign(n=4), pairs(), 180, PERIOD))
    withheld(findings.next_product(SECOND, pairs(n=29), 180, PERIOD))
    withheld(findings.next_product(SECOND, pairs(n_next=4), 180, PERIOD))
    withheld(findings.next_product(SECOND, pairs().head(0), 180, PERIOD))


# -- replenishment -------------------------------------------------------------------------------
LASTS = pd.DataFrame({"sku": ["a", "b", "c"], "product": ["A", "B", "C"], "n_ended": [50, 80, 29], "half_days": [40.0, 60, 30],
                      "quarter_days": [20.0, 30, 10], "most_days": [80.0, 90, 50], "again_rate": [0.3, 0.4, 0.9]})
DUE = pd.DataFrame({"sku": ["a", "b", "c"], "n_people": [100, 200, 300], "n_7": [1, 2, 30], "n_30": [4, 8, 99]})


def test_replenish_speaks_of_the_product_bought_again_most():
    statement = findings.replenish(LASTS, DUE, 365, PERIOD)
    ja, _ = said(statement)
    assert "「B」" in ja and "60日" in ja and "のべ12人" in ja  # C has too few gaps to give dates
    assert kpi(statement, "runs_out_week").value == 3 and kpi(statement, "runs_out_week").n == 300


def test_replenish_is_withheld_where_nobody_buys_again():
    ja, _ = withheld(findings.replenish(LASTS.assign(n_ended=[29, 5, 0]), DUE, 365, PERIOD))
    assert "29件" in ja
    withheld(findings.replenish(LASTS.assign(half_days=np.nan), DUE, 365, PERIOD))
    withheld(findings.replenish(LASTS.head(0), DUE.head(0), 365, PERIOD))


# -- freshness -----------------------------------------------------------------------------------
def rates(n=1000, first=(0.32, 0.16, 0.08), loyal=0.24):
    days = (0, 90, 180)
    frame = pd.DataFrame({"purchase_no": [1, 1, 1, 3, 3, 3], "silent_days": days * 2, "n": n,
                          "return_rate": [*first, 0.8, 0.5, loyal]})
    return frame.assign(return_rate_lo=frame["return_rate"] - 0.01, return_rate_hi=frame["return_rate"] + 0.01)


def test_freshness_says_how_far_it_falls():
    statement = findings.freshness(rates(), 365, PERIOD)
    ja, _ = said(statement)
    assert "32.0%" in ja and "180日たつと8.0%" in ja
    assert [k.id for k in statement.kpis] == [f"basket.return_rate_{x}" for x in ("0", "90", "180", "180_loyal")]


def test_freshness_of_a_young_shop_says_less():
    nan = np.nan
    assert "90日" in said(findings.freshness(rates(first=(0.32, 0.16, nan)), 365, PERIOD))[0]
    withheld(findings.freshness(rates(first=(0.32, nan, nan), loyal=nan), 365, PERIOD))  # a curve of one day is an empty chart
    assert "参考値" in said(findings.freshness(rates(n=29), 365, PERIOD))[0]
    withheld(findings.freshness(rates(first=(nan, nan, nan)), 365, PERIOD))
    withheld(findings.freshness(rates(n=4), 365, PERIOD))
    assert "2回目" in withheld(findings.freshness(rates(first=(0.0, 0.0, 0.0)), 365, PERIOD))[0]
    withheld(findings.freshness(rates().head(0), 365, PERIOD))


# -- first products ------------------------------------------------------------------------------
def firsts(**columns):
    frame = pd.DataFrame({"product": ["A", "B", "C"], "n": [400, 300, 20], "f2_rate": [0.3, 0.4, 0.9],
                          "f2_rate_lo": 0.25, "f2_rate_hi": 0.95, "base_rate": [0.4, 0.3, 0.3],
                          "certain": [False, True, False], "n_ltv": [200, 150, 10],
                          "contribution_ltv_jpy": [4000.0, 6000, 9000], "contribution_ltv_jpy_lo": 3000.0,
                          "contribution_ltv_jpy_hi": 9999.0, "sales_ltv_jpy": [8000.0, 12000, 18000],
                          "sales_ltv_jpy_lo": 6000.0, "sales_ltv_jpy_hi": 19999.0})
    return frame.assign(**columns)


def test_a_better_first_product():
    statement = findings.first_products(firsts(), 365, PERIOD)
    ja, _ = said(statement)
    assert "「B」" in ja and "40.0%" in ja and "貢献LTVは6,000円" in ja
    assert kpi(statement, "first_others_f2").n == 400


def test_a_worse_first_product_where_none_is_better():
    ja, _ = said(findings.first_products(firsts(certain=[True, False, False]), 365, PERIOD))
    assert "「A」" in ja and "少ない" in ja


def test_no_claim_without_certainty_and_no_ltv_of_a_few():
    ja, en = said(findings.first_products(firsts(certain=False), 365, PERIOD))
    assert "判断できません" in ja and "cannot be judged" in en
    few = findings.first_products(firsts(n_ltv=[200, 29, 10]), 365, PERIOD)
    assert few.key == "basket.headline.first_better" and len(few.kpis) == 2


def test_without_a_contribution_rate_it_is_sales():
    ja, _ = said(findings.first_products(firsts(contribution_ltv_jpy=np.nan), 365, PERIOD))
    assert "売上LTVは12,000円" in ja


def test_one_first_product_is_no_comparison():
    withheld(findings.first_products(firsts(n=[400, 29, 20]), 365, PERIOD))
    withheld(findings.first_products(firsts().head(0), 365, PERIOD))
    withheld(findings.first_products(firsts(f2_rate=0.0, certain=False), 365, PERIOD))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_word_of_an_effect(lang):
    """Nothing here was assigned at random: METHODS' words for effects do not appear."""
    forbidden = {"ja": "効果|増分|リフト|押し上げ", "en": r"effect|incremental|\blift|uplift"}[lang]
    words = text.Text(lang)
    for key in text.keys(lang):
        if key.startswith("basket."):
            assert not re.search(forbidden, words.get(key, ""), re.IGNORECASE), key
