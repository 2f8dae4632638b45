"""The Carpentries' long-term survey of December 2020 (CC BY 4.0) as a client: NPS 47 of 87 answers.

Read where it is present; its answers name nobody, so the orders beside it are two made-up ones.
"""

import json
from pathlib import Path

import pytest

from shindan import config, run

SURVEY = next((file for up in Path(__file__).parents
               if (file := up / "shared" / "data" / "carpentries_2020-12.csv").is_file()), None)
ORDERS = "order,customer,day,amount\n1,a,2020-11-02,1000\n2,b,2020-11-03,1000\n"
SETTINGS = """
name: The Carpentries
language: en
as_of: 2020-12-31
timezone: UTC
chapters: [nps, data]
sources:
  - path: orders.csv
    preset: generic_orders
    columns: {order_no: order, customer_id: customer, ordered_at: day, items_jpy: amount}
  - path: survey.csv
    preset: generic_nps
    columns: {score: recommendation_score, comment: new_topics}
    values: {survey_id: long-term, wave: 2020-12, responded_at: 2020-12-01}
"""


def result(name, survey):
    folder = config.Folder(name)
    folder.raw.mkdir(parents=True)
    (folder.raw / "orders.csv").write_text(ORDERS, "utf-8")
    (folder.raw / "survey.csv").write_text(survey, "utf-8")
    (folder.path / "client.yaml").write_text(SETTINGS, "utf-8")
    run.tables(name)
    run.chapter(name, "nps")
    return json.loads((folder.results / "nps.json").read_text("utf-8"))


def figures(found):
    return {kpi["id"]: kpi for kpi in found["kpis"]}


def test_the_survey_scores_47(clients):
    if not SURVEY:
        pytest.skip("carpentries_2020-12.csv is not here")
    found = result("carpentries", SURVEY.read_text("utf-8"))
    kpis = figures(found)
    assert round(kpis["nps.score"]["value"]) == 47 and kpis["nps.score"]["n"] == 87
    assert kpis["nps.promoters_to_ask"]["n"] == 49 and kpis["nps.detractors_to_call"]["n"] == 8
    assert kpis["nps.promoters_to_ask"]["value"] == 0  # nobody left a name
    assert all(row["n_people"] >= 3 for row in found["tables"]["words"])


def test_a_survey_of_the_same_form(clients):
    """20 promoters, 15 passives, 5 detractors; one word that three people used, one that two did."""
    rows = ["9,learning"] * 3 + ["10,soup"] * 2 + ["10,NA"] * 15 + ["7,NA"] * 15 + ["3,NA"] * 5 + ["NA,learning"]
    found = result("surveyed", "recommendation_score,new_topics\n" + "\n".join(rows) + "\n")
    assert figures(found)["nps.score"]["value"] == pytest.approx(37.5) and figures(found)["nps.n_answers"]["value"] == 40
    assert [(row["group"], row["word"], row["n_people"]) for row in found["tables"]["words"]] == [("promoter", "learning", 3)]
    assert "soup" not in json.dumps(found)
