"""The data chapter's pages on people, changed months and the client's own totals."""

import datetime

import pandas as pd

from shindan import engine, text
from shindan.analyses import data
from shindan.findings import data as findings

D = datetime.date
AS_OF = D(2025, 3, 1)


def purchases(*rows):
    return pd.DataFrame(rows, columns=["customer_key", "purchase_date", "revenue_jpy"])


BEFORE = purchases(("a", D(2024, 1, 1), 100), ("b", D(2024, 6, 1), 200), ("c", D(2024, 2, 1), 300),
                   ("c", D(2025, 2, 15), 50), ("d", D(2024, 9, 1), 900))


def test_merging_two_records_makes_one_repeater():
    after = BEFORE.assign(customer_key=BEFORE.customer_key.replace({"b": "a"}))
    effect = data.merging(BEFORE, after, AS_OF).set_index("linking")
    # before: a and c are a year old, nobody came back within 365 days; b's own year is not over
    assert effect.loc["before"].tolist() == [4, 2, 0.0, 200.0]
    assert effect.loc["after"].tolist() == [3, 2, 0.5, 300.0]


def test_merging_of_nobody():
    effect = data.merging(engine.empty("purchases"), engine.empty("purchases"), AS_OF)
    assert effect.n.tolist() == [0, 0] and effect.f2_rate.isna().all()


IDENTITY = {"suspects": {"similar_email": 2}, "links": {"same_row": 3}, "never": {"dummy_email": 4}, "sizes": [["1", 3], ["2", 1]]}


def said(statement):
    return [text.Text(lang)(statement.key, **statement.values) for lang in text.LANGUAGES]


def test_the_page_says_the_difference_or_why_not():
    effect = pd.DataFrame([("before", 110, 100, 0.20, 5000.0), ("after", 100, 95, 0.25, 5500.0)],
                          columns=["linking", "n_people", "n", "f2_rate", "ltv_jpy"])
    page = findings.merging(effect, IDENTITY, "p")
    assert page.shown and page.values["merged"] == 10 and all("25.0%" in s for s in said(page))
    same = effect.assign(n_people=100)
    assert findings.merging(same, IDENTITY, "p").key == "data.withheld.nothing_merged"
    assert not findings.merging(effect.assign(n=2), IDENTITY, "p").shown
    assert data.sizes(IDENTITY).n_people.tolist() == [3, 1]
    assert data.linked(IDENTITY).link.tolist() == ["same_row", "dummy_email", "similar_email"]


def test_totals_coverage_and_months():
    totals = data.totals([{"shop": "main", "month": "2024-01", "measure": "billed", "theirs_jpy": 1000, "ours_jpy": 998,
                           "difference_jpy": -2, "share": -0.002}])
    page = findings.totals(totals, "p")
    assert page.values == {"n": 1, "worst": 0.002} and all("0.2%" in s for s in said(page))
    assert not findings.totals(data.totals([]), "p").shown
    covered = data.coverage([{"shop": "main", "first": "2024-01-05", "last": "2024-02-20", "months": 2, "orders": 4,
                              "gaps": [["2024-01-06", "2024-01-19", 14]]}])
    assert covered.loc[0, ["n_gaps", "gap_days"]].tolist() == [1, 14]
    months = data.bridge_months([{"shop": "main", "month": "2024-01", "is_later": False, **{name: n for n, name in enumerate(data.MONTHLY)}}])
    assert months.columns.tolist()[:4] == ["shop", "order_month", "is_later", "n_orders"] and months.shape == (1, 3 + len(data.MONTHLY))
    assert months.loc[0, "revenue_jpy"] == len(data.MONTHLY) - 1
    assert data.bridge_months([]).columns.tolist() == months.columns.tolist()
