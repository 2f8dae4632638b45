"""What every chapter leaves: the contract of work/results/<chapter>.json, on the demo."""

import json
import math
import re
from pathlib import Path

import pytest

from shindan import text

ROOT = Path(__file__).parents[1]
CHAPTERS = {"data", "acquisition", "repeat", "rfm", "basket", "cards", "campaign", "nps", "ltv", "lists", "summary"}
UNITS = {"ratio", "points", "jpy", "days", "count", "score"}


def test_every_chapter_is_complete(demo_results):
    assert set(demo_results) == CHAPTERS
    for name, result in demo_results.items():
        assert result["chapter"] == name and result["client"] == "demo" and result["complete"] is True
        assert result["kpis"], f"{name} has no figure"


def kpis(results):
    return [kpi for name, result in results.items() for kpi in result["kpis"]]


def test_every_figure_has_n_period_and_unit(demo_results):
    for kpi in kpis(demo_results):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?", kpi["period"]), kpi["id"]
        assert isinstance(kpi["n"], int) and kpi["unit"] in UNITS, kpi["id"]
        assert kpi["value"] is None or math.isfinite(kpi["value"])
        if kpi["ci"] and kpi["value"] is not None:
            low, high = kpi["ci"]
            assert low <= kpi["value"] <= high, kpi["id"]
        if kpi["n"] < 30:
            assert kpi["verdict"] is None, kpi["id"]


def test_ids_are_of_their_chapter_and_unique(demo_results):
    for name, result in demo_results.items():
        ids = [kpi["id"] for kpi in result["kpis"]]
        assert len(ids) == len(set(ids))
        if name != "summary":
            assert all(id.startswith(f"{name}.") for id in ids)


def test_no_nan_in_any_table(demo_results):
    json.dumps(demo_results, allow_nan=False)
    assert "NaN" not in json.dumps(demo_results) and "Infinity" not in json.dumps(demo_results)


def test_withheld_pages_say_why(demo_results):
    for result in demo_results.values():
        for gate in result["gates"]:
            assert gate["shown"] or all(gate["why"][lang] for lang in text.LANGUAGES)


def test_metrics_md_has_every_figure_and_no_other(demo_results):
    """METRICS.md names the figures' ids in backticks at the head of an entry: ### `repeat.f2_rate_365`."""
    heads = re.findall(r"^### (.*)$", (ROOT / "METRICS.md").read_text("utf-8"), re.M)
    written = {id for head in heads for id in re.findall(r"`([a-z0-9_.]+)`", head)}
    found = {kpi["id"] for kpi in kpis(demo_results)}
    assert found - written == set(), "figures without an entry"
    assert written - found == set(), "entries without a figure in the demo"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_figure_has_a_label_and_a_definition(demo_results, lang):
    words = text.Text(lang)
    for kpi in kpis(demo_results):
        chapter, name = kpi["id"].split(".", 1)
        assert words.has(f"{chapter}.kpi.{name}"), kpi["id"]
        assert words.has(f"{chapter}.definition.{name}"), kpi["id"]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("chapter", ["rfm", "basket", "cards"])
def test_every_table_and_column_of_the_workbook_has_words(demo_results, chapter, lang):
    words = text.Text(lang)
    for name, rows in demo_results[chapter]["tables"].items():
        assert words.has(f"{chapter}.table.{name}"), name
        for column in {column.removesuffix("_lo").removesuffix("_hi") for row in rows for column in row}:
            assert words.has(f"{chapter}.columns.{column}") or words.has(f"columns.{column}"), (name, column)
