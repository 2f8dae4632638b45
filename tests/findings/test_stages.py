"""The scenario sheet: every stage of life, its people, its list."""

import datetime

import pytest

from shindan import config, scenarios
from shindan.findings import stages
from shindan.scenarios import catalogue
from shindan.text import LANGUAGES, Text, is_missing

AS_OF = datetime.date(2025, 12, 31)
JA = Text("ja")


def chapter(findings=(), **tables):
    return {"kpis": [], "findings": list(findings), "tables": tables}


def lists(**own):
    return scenarios.load(config.Config(name="x", sources=(), scenarios=own))


def test_every_scenario_has_words_and_lists_of_the_catalogue():
    for id, it in stages.catalogue().items():
        assert it["stage"] in stages.STAGES and set(it["lists"]) <= set(catalogue.standard())
        for say in map(Text, LANGUAGES):
            assert all(say.has(f"summary.{kind}.{id}") for kind in ("scenario", "content"))
            assert say.has(f"summary.stage.{it['stage']}")
    assert {it["stage"] for it in stages.catalogue().values()} == set(stages.STAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_scenario_says_when(lang):
    rows = stages.sheet({}, lists(), Text(lang))
    assert len(rows) == len(stages.catalogue()) and rows["n_sent"].isna().all()
    assert rows["trigger"].map(bool).all() and stages.statement(rows, {}, AS_OF).key == "summary.headline.scenarios"


def test_people_lists_and_products_come_from_the_results():
    results = {
        "rfm": chapter(stages=[{"stage": "new", "n": 700}, {"stage": "dormant", "n": 90}]),
        "basket": chapter([{"id": "basket.next", "values": {"next": "青汁"}}]),
        "lists": chapter(all_lists=[{"list": "step_01", "n_sent": 12}, {"list": "step_30", "n_sent": 3},
                                    {"list": "dormant_regular", "n_sent": 80}]),
    }
    rows = stages.sheet(results, lists(), JA).set_index("scenario")
    step = rows.loc["step_mail"]
    assert (step["n_stage"], step["n_sent"], step["product"]) == (700, 15, "青汁")
    assert step["list_file"] == "step_01.csv … step_30.csv" and step["trigger"] == "初回出荷の1〜30日後(7回)"
    assert step["brand_product_offer"] == "80:20:0 → 10:30:60"
    assert rows.loc["dormant", "n_sent"] == 80 and rows.loc["cart", "n_sent"] != rows.loc["cart", "n_sent"]
    statement = stages.statement(rows.reset_index(), results, AS_OF)
    assert statement.values == {"count": 9, "stages": 6, "ready": 3, "n": 95}
    assert all(say(statement.key, **statement.values) for say in map(Text, LANGUAGES))


def test_a_stage_without_people_has_no_row_and_an_empty_list_no_file():
    results = {"rfm": chapter(stages=[{"stage": "prospect", "n": 0}, {"stage": "regular", "n": 9}]),
               "lists": chapter(all_lists=[{"list": "runs_out", "n_sent": 0}, {"list": "cross_sell", "n_sent": 4}])}
    rows = stages.sheet(results, lists(), JA).set_index("scenario")
    assert "cart" not in rows.index and rows.loc["cross_sell", "list_file"] == "cross_sell.csv"
    assert is_missing(rows.loc["replenish", "list_file"]) and rows.loc["replenish", "n_sent"] == 0


def test_files_are_called_what_they_are_written_as():
    found = scenarios.load(config.Config(name="x", sources=(), lists={"profile": "excel"}, scenarios={"cart": {"profile": "cp932"}}))
    results = {"lists": chapter(all_lists=[{"list": "premium_thanks", "n_sent": 2}, {"list": "cart", "n_sent": 1}])}
    rows = stages.sheet(results, found, JA).set_index("scenario")
    assert rows.loc["thanks", "list_file"] == "premium_thanks.xlsx" and rows.loc["cart", "list_file"] == "cart.csv"


def test_the_clients_own_days_and_lists_that_are_off():
    rows = stages.sheet({}, lists(runs_out={"day": -7}, cart={"on": False}), JA).set_index("scenario")
    assert rows.loc["replenish", "trigger"] == "切れる日の7日前" and "cart" not in rows.index
