"""The demo's figures against the truth it was made with (shindan.demo.truth).

The demo's seed is one whose sample lies near its truth, so these tests show that the figures are
the right ones, not that the intervals cover: coverage is tested on simulated worlds beside each
analysis, and on other seeds of the shop below.
"""

import math

import pytest


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


@pytest.mark.parametrize("days", [30, 60, 90, 180, 365])
def test_true_f2_curve_lies_within_the_printed_interval(demo_results, demo_truth, days):
    row = next(r for r in demo_results["repeat"]["tables"]["f2_rate"] if r["window_days"] == days)
    assert row["f2_rate_lo"] <= demo_truth["f2"][days] <= row["f2_rate_hi"]
    assert row["naive_rate"] < row["f2_rate"]


@pytest.mark.parametrize("promised", [3, 0])
def test_true_retention_of_subscriptions_lies_within_the_printed_interval(demo_results, demo_truth, promised):
    found = {row["delivery_no"]: row for row in demo_results["repeat"]["tables"]["subscription"]
             if row["promised_count"] == promised}
    true = demo_truth["subscriptions"][promised]
    assert found[1]["n"] == true["n"]
    for delivery in (2, max(promised, 1) + 1, 6):
        row = found[delivery]
        assert row["stay_rate_lo"] <= true["reaches"][delivery] <= row["stay_rate_hi"], delivery


def test_ranks_exactly(demo_results, demo_truth):
    found = {row["rank"]: row["n"] for row in demo_results["rfm"]["tables"]["ranks"]}
    assert found == demo_truth["ranks"]


def test_lift_of_every_randomised_campaign(demo_results, demo_truth):
    found = {row["campaign_id"]: row for row in demo_results["campaign"]["tables"]["randomised"]}
    random = {k: c for k, c in demo_truth["campaigns"].items() if c["assignment"] == "random"}
    assert set(found) == set(random)
    for campaign, true in random.items():
        row = found[campaign]
        assert (row["n"], row["n_control"]) == (true["n"]["A"], true["n"]["control"])
        assert row["diff_pt_lo"] <= true["lift_pt"] <= row["diff_pt_hi"], campaign
        assert (row["diff_pt_lo"] > 0) == (true["lift_pt"] > 0), campaign


def test_no_comparison_is_printed_of_a_campaign_chosen_by_rule(demo_results, demo_truth):
    rule = {k for k, c in demo_truth["campaigns"].items() if c["assignment"] == "rule"}
    tables = demo_results["campaign"]["tables"]
    for name in ("randomised", "rank_differences"):
        assert not rule & {row["campaign_id"] for row in tables[name]}


def test_true_nps_of_every_wave(demo_results, demo_truth):
    waves = {row["value"]: row for row in demo_results["nps"]["tables"]["compared"] if row["kind"] == "wave"}
    for wave, true in demo_truth["nps"].items():
        row = waves[wave] if wave != "all" else None
        low, high = (row["nps_lo"], row["nps_hi"]) if row else figure(demo_results, "nps.score")["ci"]
        n = row["n"] if row else figure(demo_results, "nps.score")["n"]
        assert n == true["n"] and low <= true["nps"] <= high, wave


def test_ledger_to_the_yen(demo_results, demo_truth):
    bridge = {row["step"]: row["amount_jpy"] for row in demo_results["data"]["tables"]["bridge"]}
    states = {row["status"]: row["n_orders"] for row in demo_results["data"]["tables"]["statuses"]}
    orders = demo_truth["orders"]
    assert states == {"valid": orders["valid"] + orders["sample"], "cancelled": orders["cancelled"],
                      "returned": orders["returned"]}
    assert bridge["revenue"] - bridge["tax"] == demo_truth["revenue_jpy"]
    assert sum(amount for step, amount in bridge.items() if step != "revenue") == bridge["revenue"]
    assert figure(demo_results, "data.valid_orders")["value"] == demo_truth["valid_orders"]
