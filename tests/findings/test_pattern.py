"""What is said of early signals: never of those that 優良 counts itself, never of chance."""

import pandas as pd
import pytest

from shindan import text
from shindan.analyses import pattern
from shindan.findings import pattern as findings

PERIOD, EARLY = "2023-01-01/2025-12-31", pattern.Early()


def overall(n=1000, premium=150):
    return pd.DataFrame({"n": [n], "n_premium": [premium], "premium_rate": [premium / n],
                         "premium_rate_lo": [0.12], "premium_rate_hi": [0.18]})


def compared(*rows):
    """(signal, value, overlaps, gap, p after Holm) with a rate of 15 % without."""
    frame = pd.DataFrame(rows, columns=["signal", "value", "overlaps", "gap_pt", "p_holm"])
    frame = frame.assign(n=100, n_without=900, without_rate=0.15, premium_rate=0.15 + frame["gap_pt"])
    for name in ("gap_pt", "later_gap_pt"):
        frame = frame.assign(**{name: frame["gap_pt"], f"{name}_lo": frame["gap_pt"] - 0.02, f"{name}_hi": frame["gap_pt"] + 0.02})
    return frame.assign(ratio=frame["premium_rate"] / 0.15)


SECOND = ("second_90", "yes", True, 0.5, 1e-9)
WORSE = ("first_product", "Gift", False, -0.1, 0.001)
BETTER = ("acq_channel", "referral", False, 0.06, 0.01)
CHANCE = ("hour_band", "morning", False, 0.05, 0.2)


def test_the_signal_of_the_title_is_certain_and_no_part_of_the_definition():
    said = findings.pattern(compared(SECOND, BETTER, CHANCE, WORSE), overall(), EARLY, PERIOD)
    assert said.key == "pattern.headline.acq_channel" and said.values["value"] == "referral"
    assert (said.values["tested"], said.values["found"]) == (3, 2)
    assert [kpi.id for kpi in said.kpis] == [
        "rfm.premium_rate_12m", "rfm.pattern_found", "rfm.pattern_best_gap", "rfm.early_second_later_gap"]
    assert said.kpis[2].value == pytest.approx(0.06) and said.kpis[3].value == 0.5


def test_for_want_of_a_good_signal_the_worst_is_named():
    said = findings.pattern(compared(SECOND, CHANCE, WORSE), overall(), EARLY, PERIOD)
    assert said.key == "pattern.headline.first_product" and said.values["ratio"] == pytest.approx(1 / 3)


def test_chance_is_not_named():
    said = findings.pattern(compared(SECOND, CHANCE), overall(), EARLY, PERIOD)
    assert said.key == "pattern.headline.none" and said.kpis[1].value == 0


def test_advice_follows_the_finding():
    for rows, key in (((SECOND, CHANCE), "none"), ((BETTER,), "found")):
        said = findings.pattern(compared(*rows), overall(), EARLY, PERIOD)
        assert findings.advice(said)["key"] == f"pattern.advice.{key}"


def test_reasons_to_say_nothing():
    assert findings.pattern(compared(), overall(), EARLY, PERIOD).key == "pattern.withheld.short"
    assert not findings.pattern(compared(SECOND), overall(29, 5), EARLY, PERIOD).shown
    assert findings.pattern(compared(SECOND), overall(100, 0), EARLY, PERIOD).key == "pattern.withheld.no_premium"


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("signal", "value"), [
    (signal, only or value) for signal, only in pattern.SIGNALS.items()
    for value in {"amount_band": ("0-2999", "10000-"), "hour_band": ("morning", "daytime", "evening"),
                  }.get(signal, ("x",))])
def test_every_signal_has_words(lang, signal, value):
    words = text.Text(lang)
    end, values = findings.said(signal, value)
    assert words(f"pattern.signal.{end}", **values)
    if signal not in pattern.COUNTED:
        filled = words(f"pattern.headline.{end}", **values, outcome_days=365, with_it=0.2, without=0.1,
                       tested=9, found=2)
        assert "20.0%" in filled and "10.0%" in filled and "9" in filled


@pytest.mark.parametrize("chapter", ["pattern", "profile", "cards", "lifecycle"])
@pytest.mark.parametrize(("lang", "forbidden"), [
    ("ja", ("効果", "増分", "リフト", "押し上げ")), ("en", ("effect", "incremental", "lift", "uplift"))])
def test_no_word_of_cause(chapter, lang, forbidden):
    said = [text._catalogue(lang)[key] for key in text.keys(lang) if key.startswith(f"{chapter}.")]
    assert said and not [words for words in said for word in forbidden if word in words.lower()]
