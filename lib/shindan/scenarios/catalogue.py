"""The scenarios of a client: scenarios.yaml, with what client.yaml changes or adds."""

import functools
from importlib import resources

import pydantic
import yaml

from shindan import errors, mailing


def load(settings, where="client.yaml"):
    """The scenarios that are on, those that go first before others (by priority, then name).

    `settings`: a Config. Raises exit 11 naming the scenario and its field.
    """
    trees = {**standard(), **{id: {**standard().get(id, {}), **(own or {})} for id, own in settings.scenarios.items()}}
    found = [_scenario(id, tree, settings.lists, where) for id, tree in trees.items()]
    _series_agree(found, where)
    if not any(s.on for s in found):
        raise errors.ShindanError(errors.BAD_CONFIG, "client.yaml: every scenario is turned off",
                                  f"{where}, field `scenarios`", "leave one on, e.g. rank_premium")
    return tuple(sorted((s for s in found if s.on), key=lambda s: (s.priority, s.id)))


def files(settings):
    """{list: the name of its file} of every list that is on."""
    return {s.id: s.file for s in load(settings)}


@functools.cache
def standard():
    """The product's own catalogue as plain values, by id."""
    return yaml.safe_load((resources.files("shindan") / "scenarios.yaml").read_text("utf-8"))


def _scenario(id, tree, lists, where):
    try:
        made = mailing.Scenario.model_validate({"id": id, **tree})
    except (pydantic.ValidationError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, pydantic.ValidationError) else {"loc": (), "msg": str(error)}
        field = ".".join(str(part) for part in first["loc"])
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: {first['msg']}", f"{where}, field `scenarios.{id}.{field}`",
            "see lib/shindan/scenarios.yaml for every scenario and its fields") from None
    given = {c: getattr(lists, c) for c in ("holdout_rate", "profile") if getattr(made, c) is None}
    return made.model_copy(update=given)


def _series_agree(scenarios, where):
    """Lists of one series are measured as one: who is left out and for how long must be one answer."""
    first = {}
    for s in (s for s in scenarios if s.on):
        other = first.setdefault(s.series, s)
        if (s.holdout_rate, s.window_days, s.is_dated) != (other.holdout_rate, other.window_days, other.is_dated):
            raise errors.ShindanError(
                errors.BAD_CONFIG, f"client.yaml: `{s.id}` and `{other.id}` are one series with two answers",
                f"{where}, field `scenarios.{s.id}`", "give both the same holdout_rate and window_days")
