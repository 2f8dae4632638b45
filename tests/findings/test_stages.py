"""The scenario sheet: every stage of life, its people, its list."""

import datetime

from shindan.findings import stages
from shindan.text import LANGUAGES, Text

AS_OF = datetime.date(2025, 12, 31)


def chapter(findings=(), **tables):
    return {"kpis": [], "findings": list(findings), "tables": tables}


def test_every_scenario_has_words_and_parts_of_a_hundred():
    for id, it in stages.catalogue().items():
        assert it["stage"] in stages.STAGES and sum(it["mix"]) == 100 and it["lists"]
        for say in map(Text, LANGUAGES):
            assert all(say.has(f"summary.{kind}.{id}") for kind in ("scenario", "trigger", "content"))
            assert say.has(f"summary.stage.{it['stage']}")
    assert {it["stage"] for it in stages.catalogue().values()} == set(stages.STAGES)


def test_people_lists_and_products_come_from_the_results():
    results = {
        "rfm": chapter(stages=[{"stage": "new", "n": 700}, {"stage": "dormant", "n": 90}]),
        "basket": chapter([{"id": "basket.next", "values": {"next": "青汁"}}]),
        "lists": chapter(all_lists=[{"list": "step_01", "n_sent": 12}, {"list": "step_30", "n_sent": 3},
                                {"list": "dormant_regular", "n_sent": 80}]),
    }
    rows = stages.sheet(results).set_index("scenario")
    step = rows.loc["step_mail"]
    assert (step["n_stage"], step["n_sent"], step["product"]) == (700, 15, "青汁")
    assert step["list_file"] == "step_01.csv … step_30.csv" and step["brand_product_offer"] == "40 : 40 : 20"
    assert rows.loc["dormant", "n_sent"] == 80 and rows.loc["cart", "n_sent"] != rows.loc["cart", "n_sent"]
    statement = stages.statement(rows.reset_index(), results, AS_OF)
    assert statement.values == {"count": 9, "stages": 6, "ready": 3, "n": 95}
    assert all(say(statement.key, **statement.values) for say in map(Text, LANGUAGES))


def test_without_lists_the_sheet_still_stands():
    rows = stages.sheet({})
    assert len(rows) == len(stages.catalogue()) and rows["n_sent"].isna().all()
    assert stages.statement(rows, {}, AS_OF).key == "summary.headline.scenarios"
