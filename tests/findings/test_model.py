"""Verdicts: against a benchmark, and only with enough people."""

import pytest

from shindan.config import Benchmark
from shindan.findings import Kpi, judge


def kpi(value, n=100, id="repeat.f2_rate_365"):
    return Kpi(id, value, "ratio", n, "2025-12-31")


@pytest.mark.parametrize(("value", "mark"), [
    (0.121, "◎"), (0.12, "◎"), (0.10, "○"), (0.099, "△"), (0.08, "△"), (0.079, "×"), (0.0, "×")])
def test_marks_against_ten_percent(value, mark):
    assert judge(kpi(value)).verdict == mark


def test_fewer_than_thirty_get_no_verdict():
    judged = judge(kpi(0.5, n=29))
    assert judged.verdict is None and judged.benchmark["value"] == 0.10


def test_no_benchmark_no_verdict():
    assert judge(kpi(0.5, id="repeat.other")).benchmark is None


def test_the_clients_own_benchmark_wins():
    own = {"repeat.f2_rate_365": Benchmark(value=0.5, source="own", date="2025-01")}
    assert judge(kpi(0.45), own).verdict == "△"


@pytest.mark.parametrize(("value", "mark"), [(5000, "◎"), (6000, "○"), (7000, "△"), (9000, "×"), (0, "◎")])
def test_lower_can_be_better(value, mark):
    own = {"x.cpa": Benchmark(value=6000, better="lower", source="own", date="2025-01")}
    assert judge(kpi(value, id="x.cpa"), own).verdict == mark


def test_yen_judge_no_dollars():
    worth = Kpi("ltv.yearly_ltv", 5000, "jpy", 100, "2025-12-31")
    assert judge(worth).verdict == "×"
    assert judge(worth, currency="USD").benchmark is None
