"""client.yaml: what is wrong is named with its field, and nothing else is guessed."""

from pathlib import Path

import pytest

from shindan import config, errors

GOOD = "name: 試験\nsources: []\n"


def folder(tmp_path, text):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "client.yaml").write_text(text, "utf-8")
    return config.Folder("x", tmp_path)


def test_defaults(tmp_path):
    settings = config.load(folder(tmp_path, GOOD))
    assert settings.rfm.recency_days == (30, 90, 180, 365)
    assert settings.horizon_days == 365 and settings.money.contribution_rate is None


def test_the_template_for_new_clients_is_valid(tmp_path):
    template = Path(__file__).parents[1] / "templates" / "client" / "client.yaml"
    settings = config.load(folder(tmp_path, template.read_text("utf-8")))
    assert settings.rfm == config.Rfm() and settings.sources == ()


@pytest.mark.parametrize(("text", "field"), [
    (GOOD + "colour: red\n", "colour"),
    (GOOD + "rfm: {recency_days: [90, 30, 180, 365]}\n", "rfm"),
    (GOOD + "rfm: {ranks: [{rank: premium}]}\n", "rfm"),
    (GOOD + "money: {contribution_rate: 45}\n", "money.contribution_rate"),
    ("sources: []\n", "name"),
    ("", "name"),
])
def test_the_wrong_field_is_named(tmp_path, text, field):
    with pytest.raises(errors.ShindanError) as caught:
        config.load(folder(tmp_path, text))
    assert caught.value.code == errors.BAD_CONFIG
    assert f"`{field}`" in caught.value.where


def test_broken_yaml_names_the_line(tmp_path):
    with pytest.raises(errors.ShindanError) as caught:
        config.load(folder(tmp_path, "name: x\n  sources: [\n"))
    assert caught.value.code == errors.BAD_CONFIG and "line" in caught.value.where


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-x", "_template", "a b", "x\n", "ｘ", None])
def test_names_that_are_no_clients(tmp_path, name):
    with pytest.raises(errors.ShindanError) as caught:
        config.Folder(name, tmp_path)
    assert caught.value.code == errors.BAD_USAGE


def test_an_unknown_client(tmp_path):
    with pytest.raises(errors.ShindanError) as caught:
        config.load(config.Folder("nobody", tmp_path))
    assert caught.value.code == errors.BAD_USAGE and "client_data/nobody/client.yaml" in caught.value.where
