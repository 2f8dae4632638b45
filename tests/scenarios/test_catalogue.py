"""scenarios.yaml and what client.yaml may change of it."""

import re
from pathlib import Path

import pytest

from shindan import config, errors, scenarios, text
from shindan.scenarios import catalogue

ROOT = Path(__file__).parents[2]


def settings(**own):
    return config.Config(name="x", sources=(), **own)


def test_a_scenario_is_changed_turned_off_or_added():
    own = {"step_01": {"on": False}, "cart": {"day": 3, "catch_up_days": 2},
           "tea": {"who": "rank", "rank": "premium", "name": "茶会", "mix": {"brand": 100}}}
    made = {s.id: s for s in scenarios.load(settings(scenarios=own, lists={"profile": "cp932", "holdout_rate": 0.05}))}
    assert "step_01" not in made and made["cart"].day == 3 and made["cart"].priority == 20
    assert made["tea"].name == "茶会" and made["tea"].profile == "cp932" and made["tea"].holdout_rate == 0.05
    assert made["detractor"].holdout_rate == 0


@pytest.mark.parametrize(("own", "field"), [
    ({"cart": {"dya": 3}}, "scenarios.cart.dya"), ({"cart": {"mix": {"brand": 50}}}, "scenarios.cart.mix"),
    ({"new": {"who": "rank", "mix": {"brand": 100}}}, "scenarios.new"), ({"x": {"who": "everybody", "mix": {"brand": 100}}}, "scenarios.x.who"),
    ({"step_03": {"holdout_rate": 0.2}}, "scenarios.step_"), ({"rank_premium": {"day": -1}}, "scenarios.rank_premium"),
    (dict.fromkeys(catalogue.standard(), {"on": False}), "field `scenarios`"), ({"X Y": {"who": "sale", "mix": {"brand": 100}}}, "scenarios.X Y.id"),
    ({"set_aside": {"who": "sale", "mix": {"brand": 100}}}, "scenarios.set_aside"), ({"con": {"who": "sale", "mix": {"brand": 100}}}, "scenarios.con"),
    ({"cart": {"name": "改\n行"}}, "scenarios.cart.name"), ({"cart": {"campaign": "../x.y"}}, "scenarios.cart.campaign")])
def test_a_mistake_is_named(own, field):
    with pytest.raises(errors.ShindanError) as stop:
        scenarios.load(settings(scenarios=own))
    assert stop.value.code == errors.BAD_CONFIG and field in str(stop.value)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_scenario_has_its_words(lang):
    words = text.Text(lang)
    for s in scenarios.load(settings()):
        assert words.has(f"scenario.name.{s.id}") and words.has(f"scenario.who.{s.who}")
        assert words.has(f"scenario.name.{s.series}")
        assert words.has(f"scenario.when.{s.who if s.is_dated else 'planned'}")


def test_every_scenario_moves_a_figure_of_the_report():
    written = set(re.findall(r"`([a-z0-9_]+\.[a-z0-9_]+)`", (ROOT / "METRICS.md").read_text("utf-8")))
    assert {s.kpi for s in scenarios.load(settings())} <= written


def test_files_are_named_after_scenarios_that_are_ascii():
    assert all(re.fullmatch(r"[a-z0-9_]+", id) for id in catalogue.standard())
