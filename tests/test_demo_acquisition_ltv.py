"""Acquisition and LTV on the demo, against the truth the demo was made with."""

import math

import pytest

pytestmark = pytest.mark.xdist_group("demo")


def figure(results, id):
    chapter = id.split(".")[0]
    return next(kpi for kpi in results[chapter]["kpis"] if kpi["id"] == id)


def test_cost_customers_and_cpa_of_every_channel_exactly(demo_results, demo_truth):
    found = {row["acq_channel"]: row for row in demo_results["acquisition"]["tables"]["ledger"]}
    assert set(found) == set(demo_truth["channels"])
    for channel, true in demo_truth["channels"].items():
        row = found[channel]
        assert (row["cost_jpy"], row["n"]) == (true["cost_jpy"], true["new_customers"]), channel
        if true["cpa_jpy"] is None:
            assert row["cpa_jpy"] is None
        else:
            assert math.isclose(row["cpa_jpy"], true["cpa_jpy"])


def test_every_month_of_every_channel_exactly(demo_results, demo_truth):
    found = {(row["calendar_month"][:7], row["acq_channel"]): (row["cost_jpy"], row["n_new"])
             for row in demo_results["acquisition"]["tables"]["monthly"]}
    true = {(str(m["month"]), str(m["channel"])): (m["cost_jpy"], m["new_customers"])
            for m in demo_truth["months"]}
    assert found == true


def test_headline_year_from_the_true_months(demo_results, demo_truth):
    year = [m for m in demo_truth["months"] if m["month"] >= "2025-01"]
    cost, new = (sum(m[key] for m in year) for key in ("cost_jpy", "new_customers"))
    assert math.isclose(figure(demo_results, "acquisition.blended_cpa")["value"], cost / new)
    assert figure(demo_results, "acquisition.new_customers")["value"] == new


def test_true_ltv_lies_within_the_printed_interval(demo_results, demo_truth):
    """The truth is simulated beyond as_of for everybody; the report sees only whole first years."""
    low, high = figure(demo_results, "ltv.yearly_ltv")["ci"]
    assert low <= demo_truth["ltv_sales_365_ex_tax_jpy"] <= high
    rate = 0.45  # client_data/demo/client.yaml
    low, high = figure(demo_results, "ltv.contribution_ltv")["ci"]
    assert low <= rate * demo_truth["ltv_sales_365_ex_tax_jpy"] <= high


def test_chapters_speak_of_the_same_cpa(demo_results):
    said = next(f for f in demo_results["ltv"]["findings"] if f["id"] == "ltv.worth")["values"]
    assert said["cpa"] == figure(demo_results, "acquisition.blended_cpa")["value"]


def test_summary_repeats_the_chapters_and_adds_no_figure(demo_results):
    others = {kpi["id"]: kpi for name, result in demo_results.items() if name != "summary"
              for kpi in result["kpis"]}
    assert len(demo_results["summary"]["kpis"]) >= 6
    for kpi in demo_results["summary"]["kpis"]:
        assert kpi == others[kpi["id"]]
    titles = {f["text"]["ja"] for name, result in demo_results.items() if name != "summary"
              for f in result["findings"]}
    rows = demo_results["summary"]["tables"]["findings"]
    assert len(rows) == 5 and {row["finding"] for row in rows} <= titles
