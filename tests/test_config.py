"""client.yaml: what is wrong is named with its field, and nothing else is guessed."""

from pathlib import Path

import pytest

from shindan import config, errors, scenarios

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


def test_amounts_are_written_in_the_currency_not_in_its_cents(tmp_path):
    text = GOOD + ("currency: {}\nmoney: {{target_profit_jpy: 12}}\nrfm: {{monetary_jpy: [50, 99.5, 300, 500]}}\n"
                   "totals: [{{month: 2025-01, measure: billed, jpy: 1000}}]\ncpm: {{sales_jpy: 700, young_days: 80}}\n")
    dollars = config.load(folder(tmp_path, text.format("USD")))
    assert (dollars.money.target_profit_jpy, dollars.totals[0].jpy, dollars.cpm.sales_jpy) == (1200, 100_000, 70_000)
    assert dollars.rfm.monetary_jpy == (5000, 9950, 30_000, 50_000) and dollars.cpm.young_days == 80
    (tmp_path / "x" / "client.yaml").write_text(text.format("JPY").replace("99.5", "99"), "utf-8")
    yen = config.load(config.Folder("x", tmp_path))
    assert (yen.money.target_profit_jpy, yen.totals[0].jpy, yen.rfm.monetary_jpy[1]) == (12, 1000, 99)
    assert config.Rfm().monetary_jpy == dollars.rfm.monetary_jpy[:1] + (10_000, 30_000, 50_000)


@pytest.mark.parametrize(("text", "field"), [
    (GOOD + "colour: red\n", "colour"),
    (GOOD + "rfm: {recency_days: [90, 30, 180, 365]}\n", "rfm"),
    (GOOD + "rfm: {ranks: [{rank: premium}]}\n", "rfm"),
    (GOOD + "money: {contribution_rate: 45}\n", "money.contribution_rate"),
    ("sources: []\n", "name"),
    (GOOD + "timezone: Mars/Olympus\n", "timezone"),
    (GOOD + "chapters: [repeat, repat]\n", "chapters"),
    (GOOD + "brand: {accent: blue}\n", "brand"),
    (GOOD + "brand: {colour: '#112233'}\n", "brand"),
    (GOOD + "as_of: 0025-12-31\n", "as_of"),
    (GOOD + "purchases: {burn_in_days: 99999999999}\n", "purchases.burn_in_days"),
    (GOOD + "rfm: {recency_days: [30, 90, 180, 99999999]}\n", "rfm.recency_days.3"),
    (GOOD + "money: {target_profit_jpy: 1000000000000000000000}\n", "money.target_profit_jpy"),
    (GOOD + "money: {contribution_rate: .nan}\n", "money.contribution_rate"),
    (GOOD + "benchmarks: {repeat.f2_rate_365: {value: .inf, source: x, date: 2025-01}}\n",
     "benchmarks.repeat.f2_rate_365.value"),
    ("", "name"),
])
def test_the_wrong_field_is_named(tmp_path, text, field):
    with pytest.raises(errors.ShindanError) as caught:
        config.load(folder(tmp_path, text))
    assert caught.value.code == errors.BAD_CONFIG
    assert f"`{field}`" in caught.value.where


@pytest.mark.parametrize("text", [
    "as_of: 2025-02-30\n", "a: &a [*a]\n", "name: \xff\n".encode("latin-1"), "- name\n", "1: 2\n", "'x", "name: [\n",
])
def test_what_is_no_settings_file_is_a_wrong_setting(tmp_path, text):
    wrong = folder(tmp_path, GOOD)
    wrong.config_file.write_bytes(text if isinstance(text, bytes) else (GOOD + text).encode())
    with pytest.raises(errors.ShindanError) as caught:
        config.load(wrong)
    assert caught.value.code == errors.BAD_CONFIG


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


SOURCES = "name: x\nsources:\n  - path: a.csv\n    preset: generic_orders\n"


def test_words_are_words(tmp_path):
    """A column called No is no `false`, a code with zeros in front no octal number, `on` is a field's name."""
    found = config.load(folder(tmp_path, SOURCES + "    columns: {order_no: No, status: Y}\n    status: {1: valid, 02: cancelled}\n"
                     "channels: {0012: 折込, on: 検索}\nexclude: [{as: test, sku: [0077, No]}]\n"
                     "scenarios: {sale: {on: false}}\nnps: {asked: {2025-06: 1200}}\n"))
    (source,) = found.sources
    assert dict(source.columns) == {"order_no": "No", "status": "Y"} and dict(source.status) == {"1": "valid", "02": "cancelled"}
    assert found.channels == {"0012": "折込", "on": "検索"} and found.exclude[0].sku == ("0077", "No")
    assert "sale" not in [s.id for s in scenarios.load(found)] and found.nps.asked == {"2025-06": 1200}


def test_a_field_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(errors.ShindanError) as stop:
        config.load(folder(tmp_path, "name: x\nsources: []\n" + SOURCES.partition("\n")[2]))
    assert stop.value.code == errors.BAD_CONFIG and "`sources` stands twice, first in line 2" in stop.value.what
    assert stop.value.where.endswith("line 3")


def test_a_client_without_sources_yet(tmp_path):
    assert config.load(folder(tmp_path, "name: x\nsources:\n#  - path: a.csv\n")).sources == ()
