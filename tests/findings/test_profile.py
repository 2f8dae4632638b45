"""What is said of beginnings and people."""

import numpy as np
import pandas as pd
import pytest

from shindan import text
from shindan.analyses import profile
from shindan.findings import profile as findings

PERIOD = "2023-01-01/2025-12-31"


def moments(*rows):
    """(split, best rate, worst rate, p after Holm)."""
    frame = pd.DataFrame(rows, columns=["split", "best_rate", "worst_rate", "p_holm"])
    for end in ("best", "worst"):
        rate = frame[f"{end}_rate"]
        frame = frame.assign(**{end: end, f"{end}_n": 100, f"{end}_rate_lo": rate - 0.03, f"{end}_rate_hi": rate + 0.04})
    return frame.assign(n=500, groups=3, gap_pt=frame["best_rate"] - frame["worst_rate"])


def test_the_widest_certain_split_is_named():
    said = findings.moments(moments(("age_band", 0.5, 0.2, 0.3), ("acq_channel", 0.4, 0.2, 0.01), ("sex", 0.3, 0.2, 0.04)), PERIOD)
    assert said.key == "profile.headline.moments.acq_channel"
    assert (said.values["tested"], said.values["found"]) == (3, 2)
    # MOVER by hand: .20 − √(.03² + .04²) and .20 + √(.04² + .03²)
    assert said.kpis[1].ci == pytest.approx((0.15, 0.25)) and said.kpis[1].n == 200


def test_chance_is_not_named():
    assert findings.moments(moments(("age_band", 0.5, 0.2, 0.3)), PERIOD).key == "profile.headline.moments.none"
    assert findings.moments(moments(("age_band", 0.5, 0.2, np.nan)), PERIOD).key == "profile.headline.moments.none"
    assert not findings.moments(moments(), PERIOD).shown


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("split", profile.SPLITS)
def test_every_split_has_words(lang, split):
    said = findings.moments(moments((split, 0.4, 0.2, 0.01)), PERIOD)
    assert "40.0%" in text.Text(lang)(said.key, **said.values) and text.Text(lang).has(f"profile.split.{split}")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_advice_follows_from_what_was_found(lang):
    """Nobody is singled out without a certain difference; a page that is withheld advises nothing."""
    say = text.Text(lang)
    none = list(findings.advice(findings.moments(moments(("sex", 0.5, 0.2, 0.3)), PERIOD)))
    assert [note["key"] for note in none] == ["profile.advice.none"]
    for split, key in (("first_product", "first_product"), ("acq_channel", "acq_channel"), ("hour_band", "other")):
        note, = findings.advice(findings.moments(moments((split, 0.5, 0.2, 0.01)), PERIOD))
        assert note["key"] == f"profile.advice.{key}" and say(**note)
    assert not list(findings.advice(findings.moments(moments(), PERIOD)))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_could_not_be_compared_is_said(lang):
    notes = list(findings.left_out(moments(("sex", 0.5, 0.2, 0.3)), profile.SPLITS))
    assert [note["key"] for note in notes] == [f"profile.left_out.{s}" for s in profile.SPLITS if s != "sex"]
    assert all(text.Text(lang)(**note) for note in notes)
