"""CDNOW as a real client: the published figures come out of an ordinary client.yaml.

Fader, Hardie & Lee (2005), "Counting your customers the easy way", and the Kaplan–Meier figures of
its log; the data is in the PyPI package `lifetimes`.
"""

import importlib.util
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from shindan import config, publish

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cdnow(clients):
    """The client's folder after the whole diagnosis."""
    folder = config.Folder("cdnow")
    folder.raw.mkdir(parents=True)
    package = Path(importlib.util.find_spec("lifetimes").origin).parent
    shutil.copy(package / "datasets" / "CDNOW_sample.txt", folder.raw)
    shutil.copy(HERE / "cdnow" / "client.yaml", folder.path)
    publish.diagnose("cdnow")
    return folder


@pytest.fixture(scope="module")
def results(cdnow):
    return json.loads((cdnow.deliverables / "latest" / "results.json").read_text("utf-8"))


def test_every_order_and_customer(cdnow):
    orders = pd.read_parquet(cdnow.tables / "orders.parquet")
    assert len(orders) == 6_919 and orders.customer_key.nunique() == 2_357


def test_money_is_in_cents(cdnow):
    raw = [line.split() for line in (cdnow.raw / "CDNOW_sample.txt").read_text().splitlines()]
    cents = sum(int(line[4].replace(".", "")) for line in raw if line)
    assert pd.read_parquet(cdnow.tables / "orders.parquet").revenue_jpy.sum() == cents


def test_kaplan_meier_of_the_second_purchase(results):
    """Whole log at 30 / 90 / 365 days: .1740 / .2915 / .4557, no median (printed to .0001)."""
    found = {row["window_days"]: row["f2_rate"] for row in results["repeat"]["tables"]["f2_rate"]}
    for days, published in {30: 0.1740, 90: 0.2915, 365: 0.4557}.items():
        assert found[days] == pytest.approx(published, abs=1e-4)


def test_histogram_of_repeat_days(cdnow):
    """x = 0..7+ in 1997-01-01 … 09-30: 1411, 439, 214, 100, 62, 38, 29, 64 (paper, table 1)."""
    purchases = pd.read_parquet(cdnow.tables / "purchases.parquet")
    early = purchases[purchases.purchase_date <= pd.Timestamp("1997-09-30").date()]
    repeats = early.groupby("customer_key").size() - 1
    counts = repeats.clip(upper=7).value_counts().sort_index()
    assert counts.tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert repeats.sum() == 2_457


def test_predicted_ltv_passes_its_gates(results):
    """Fitted on all 78 weeks; the first half predicts the second within 15 %. (The published parameters, fitted
    on 39 weeks, are in tests/analyses/test_predicted.py.)"""
    ltv = results["ltv"]
    assert {gate["id"]: gate["shown"] for gate in ltv["gates"]}["ltv.predicted"]
    assert all(gate["passed"] for gate in ltv["tables"]["predicted_gates"]) and len(ltv["tables"]["predicted_gates"]) == 7
    found = {kpi["id"]: kpi for kpi in ltv["kpis"]}
    assert abs(found["ltv.predicted_error"]["value"]) <= 0.15
    low, high = found["ltv.predicted_ltv"]["ci"]
    seen_low, seen_high = found["ltv.yearly_ltv"]["ci"]
    assert low < seen_high and seen_low < high and found["ltv.predicted_ltv"]["n"] == 2357


def test_what_the_client_does_not_have_is_withheld_with_a_reason(results):
    for chapter in ("acquisition", "campaign", "nps"):
        assert results[chapter]["gates"], chapter
        for gate in results[chapter]["gates"]:
            assert not gate["shown"] and gate["why"]["en"], gate["id"]


def test_the_report_is_in_english_dollars(cdnow):
    import pypdfium2

    pdf = pypdfium2.PdfDocument(cdnow.deliverables / "latest" / "report.pdf")
    text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    assert "$" in text and "¥" not in text and "円" not in text
    assert "nan" not in text.lower().split() and "inf" not in text.lower().split()
