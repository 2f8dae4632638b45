"""What the pages of customer cards say."""

import datetime

import pandas as pd

from shindan.findings import cards as findings
from shindan.schema import RANKS

AS_OF = datetime.date(2025, 12, 31)
TABLE = pd.DataFrame({"rank": RANKS, "n": [60, 5, 0, 100]})
CARDS = pd.DataFrame({"rank": ["premium"] * 6 + ["dormant"] * 6, "n_purchases": [4, 5, 6, 7, 8, 9] + [1] * 6,
                      "total_jpy": list(range(10_000, 16_000, 1000)) + [980] * 6})


def test_the_range_of_the_chosen():
    said = findings.page("premium", CARDS, TABLE, AS_OF)
    assert said.id == "rfm.cards_premium" and said.key == "cards.headline.page" and said.n == 60
    assert {k: said.values[k] for k in ("cards", "least", "most", "low", "high")} == {
        "cards": 6, "least": 4, "most": 9, "low": 10_000, "high": 15_000}
    assert findings.page("dormant", CARDS, TABLE, AS_OF).key == "cards.headline.page_same"


def test_a_rank_of_few_has_no_cards():
    said = findings.page("semi_premium", CARDS, TABLE, AS_OF)
    assert not said.shown and said.values == {"rank": "semi_premium", "n": 5}
