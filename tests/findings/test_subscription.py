"""What is said of subscriptions and trials, and when nothing is."""

import numpy as np
import pandas as pd
import pytest

from shindan import text
from shindan.findings import subscription as findings

PERIOD = "2023-01-01/2025-12-31"


def retention(n=400, rates=(1, 0.9, 0.8, 0.6, 0.5, 0.45, 0.4), promised=3):
    rates = np.array(rates, float)
    return pd.DataFrame({"promised_count": promised, "delivery_no": range(1, len(rates) + 1), "stay_rate": rates,
                         "stay_rate_lo": rates - 0.1, "stay_rate_hi": rates + 0.1, "n": n, "n_at_risk": n, "n_left": 1})


def free(n, kept, got):
    share, stay = (got / k if k else np.nan for k in (n, kept))
    return pd.DataFrame([{"promised_count": np.nan, "n": n, "free_rate": share, "free_rate_lo": share, "free_rate_hi": share,
                          "n_kept": kept, "stay_rate": stay, "stay_rate_lo": stay, "stay_rate_hi": stay}])


@pytest.mark.parametrize(("table", "key"), [
    (free(300, 250, 150), "stays"), (free(29, 25, 15), "stays_small"), (free(40, 20, 10), "stays_small"),
    (free(0, 0, 0), "plain"), (free(4, 4, 2), "plain")])
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_delivery_free_to_refuse_is_the_retention_point(lang, table, key):
    said = findings.stays(table, retention(), PERIOD)
    assert said.key == f"subscription.headline.{key}" and text.Text(lang)(said.key, **said.values)
    assert [k.id for k in said.kpis] == (["repeat.subscription_free_rate", "repeat.subscription_stay_rate"] if "stays" in key else [])
    assert [k.n for k in said.kpis] == ([table.n[0], table.n_kept[0]] if "stays" in key else [])


def test_without_a_known_promise_the_sixth_delivery_is_named_or_the_last_known():
    none = free(0, 0, 0)
    assert findings.stays(none, retention(promised=np.nan), PERIOD).values["rate"] == 0.45
    assert findings.stays(none, retention(rates=(1, 0.9, np.nan)), PERIOD).values["delivery"] == 2
    assert findings.stays(none, retention(n=20), PERIOD).key == "subscription.headline.plain_small"
    assert not findings.stays(none, retention(rates=(1, np.nan)), PERIOD).shown
    assert not findings.stays(none, retention(n=4), PERIOD).shown
    assert not findings.stays(none, retention().iloc[:0], PERIOD).shown


def rates(main, subscription=None, n=300):
    rows = [{"step": step, "window_days": days, "step_rate": rate, "step_rate_lo": rate - 0.1, "step_rate_hi": rate + 0.1, "n": n}
            for step, values in (("main", main), ("subscription", subscription)) if values is not None
            for days, rate in zip((90, 365), values, strict=True)]
    return pd.DataFrame(rows, columns=["step", "window_days", "step_rate", "step_rate_lo", "step_rate_hi", "n"])


@pytest.mark.parametrize(("frame", "key", "ids"), [
    (rates((0.3, 0.4)), "trial", ["main_rate_90", "main_rate_365"]),
    (rates((0.3, 0.4), (0.1, 0.2)), "trial_both", ["main_rate_90", "main_rate_365", "subscription_rate_365"]),
    (rates((0.3, np.nan)), "trial", ["main_rate_90"]), (rates((0.3, 0.4), n=29), "trial_small", ["main_rate_90", "main_rate_365"])])
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_trial_to_main_product(lang, frame, key, ids):
    said = findings.goes_on(frame, PERIOD)
    assert said.key == f"subscription.headline.{key}" and text.Text(lang)(said.key, **said.values)
    assert [k.id for k in said.kpis] == [f"repeat.trial_{id}" for id in ids]


def test_nobody_began_with_a_trial():
    assert not findings.goes_on(rates(None), PERIOD).shown
    assert not findings.goes_on(rates((0.3, 0.4), n=4), PERIOD).shown
    assert not findings.goes_on(rates((np.nan, np.nan)), PERIOD).shown


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_advice_goes_where_most_are_lost(lang):
    say, trial = text.Text(lang), rates((0.3, 0.4))
    late = findings.stays(free(300, 290, 150), retention(), PERIOD)
    early = findings.stays(free(300, 150, 140), retention(), PERIOD)
    notes = list(findings.advice(late, findings.goes_on(trial, PERIOD), trial))
    assert [n["key"].rsplit(".")[-1] for n in notes] == ["free", "trial"] and notes[1]["share"] == pytest.approx(0.75)
    assert all(say(**note) for note in notes)
    note, = findings.advice(early, findings.goes_on(rates(None), PERIOD), rates(None))
    assert note["key"].endswith(".first") and note["lost"] == pytest.approx(0.5) and say(**note)
    small = findings.stays(free(20, 10, 5), retention(), PERIOD)
    assert not list(findings.advice(small, findings.goes_on(rates((0.3, 0.4), n=20), PERIOD), trial))
    assert say(**findings.where(True)) != say(**findings.where(False))
