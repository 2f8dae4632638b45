"""What the page of customer cards says."""

import datetime

import pandas as pd
import pytest

from shindan import text
from shindan.findings import cards as findings
from shindan.schema import RANKS

AS_OF = datetime.date(2025, 12, 31)
TABLE = pd.DataFrame({"rank": RANKS, "n": [60, 5, 0, 100]})
CARDS = pd.DataFrame({"rank": ["premium"] * 6 + ["dormant"] * 6, "n_purchases": [4, 5, 6, 7, 8, 9] + [1] * 6,
                      "total_jpy": list(range(10_000, 16_000, 1000)) + [1_000] * 6})


def test_the_range_of_the_chosen():
    said = findings.page(CARDS, TABLE, 30, AS_OF)
    assert said.id == "cards.page" and said.key == "cards.headline.page" and said.n == 165
    assert {k: said.values[f"best_{k}"] for k in ("least", "most", "low", "high")} == {
        "least": 4, "most": 9, "low": 10_000, "high": 15_000}
    assert (said.values["best"], said.values["last"], said.values["last_most"]) == ("premium", "dormant", 1)
    assert [(kpi.id, kpi.value, kpi.n) for kpi in said.kpis] == [("cards.shown", 12, 165)]
    assert findings.page(CARDS[6:], TABLE, 30, AS_OF).key == "cards.headline.one_rank"
    assert all(text.Text(lang)(said.key, **said.values) for lang in text.LANGUAGES)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_ranks_of_few_are_named(lang):
    said = findings.left_out(findings.page(CARDS, TABLE, 30, AS_OF))
    assert said["absent"] == ["semi_premium", "regular"]
    words = text.Text(lang)
    assert words("rank.semi_premium") in words(**said)
    every = CARDS.assign(rank=[*RANKS, *RANKS, *RANKS])
    assert findings.left_out(findings.page(every, TABLE, 30, AS_OF))["key"] == "cards.method.complete"


def test_nobody_has_a_card():
    said = findings.page(CARDS[:0], TABLE, 30, AS_OF)
    assert not said.shown and said.values == {"n": 165, "least": 30}
