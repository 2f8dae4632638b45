"""A figure with its n, interval, period, benchmark and verdict; a statement that carries figures.

A verdict is ◎○△× against a benchmark; n < 30 is 参考値 (no verdict), n < 5 prints no value.
"""

import dataclasses
import functools
from importlib import resources

import yaml

MIN_N_VERDICT = 30
MIN_N_SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Kpi:
    """One figure. `unit`: ratio · points (a difference of ratios) · jpy · days · count · score.

    `n` is the denominator's count, `period` "YYYY-MM-DD/YYYY-MM-DD" or an as-of date, `before` the
    value in the client's last report.
    """

    id: str
    value: float | None
    unit: str
    n: int
    period: str
    ci: tuple[float, float] | None = None
    benchmark: dict | None = None
    verdict: str | None = None
    before: float | None = None


@dataclasses.dataclass(frozen=True)
class Statement:
    """A page's message: the catalogue key of its action title, the values in it, its figures.

    `verdict`: None takes that of its first judged figure, "" says there is none.
    `yen` is the yearly yen impact (middle, low, high) by which the summary ranks findings.
    shown=False: the page is withheld and `key` says why. cards=False: its figures go to the results,
    the appendix and the workbook, and take no room on the page.
    """

    id: str
    key: str
    values: dict = dataclasses.field(default_factory=dict)
    kpis: tuple[Kpi, ...] = ()
    n: int | None = None
    period: str | None = None
    verdict: str | None = None
    yen: tuple[float, float, float] | None = None
    shown: bool = True
    cards: bool = True


def withheld(id, key, **values):
    """A statement that its page cannot be shown, and why."""
    return Statement(id=id, key=key, values=values, shown=False)


@functools.cache
def standard_benchmarks():
    """The product's own 基準値 by KPI id: value, better, source, date."""
    text = (resources.files("shindan") / "benchmarks.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def judge(kpi, own=None, currency="JPY"):
    """`kpi` with its benchmark (the client's `own`, else the product's) and verdict.

    The product's benchmarks of money are in yen: they judge no other currency.

    ◎ at least 20 % better than the benchmark, ○ at least as good, △ at most 20 % worse, × else.
    """
    mark = (own or {}).get(kpi.id)
    if mark is None and (kpi.unit != "jpy" or currency == "JPY"):
        mark = standard_benchmarks().get(kpi.id)
    if mark is None:
        return kpi
    mark = mark if isinstance(mark, dict) else mark.model_dump()
    verdict = None
    if kpi.value is not None and kpi.n >= MIN_N_VERDICT:
        verdict = _mark(kpi.value, mark["value"], mark.get("better", "higher"))
    return dataclasses.replace(kpi, benchmark=mark, verdict=verdict)


def _mark(value, benchmark, better):
    if better == "lower":
        ratio = benchmark / value if value > 0 else float("inf")
    else:
        ratio = value / benchmark
    ratio = round(ratio, 9)  # 0.08 / 0.10 is 0.8, not a hair under it
    return "◎" if ratio >= 1.2 else "○" if ratio >= 1 else "△" if ratio >= 0.8 else "×"
