"""What the RFM chapter says, and when it says nothing."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan.analyses import rfm
from shindan.findings import rfm as findings
from shindan.schema import RANKS

AS_OF, BEFORE = datetime.date(2025, 12, 31), datetime.date(2024, 12, 31)
START = datetime.date(2024, 1, 2)  # 365 days up to BEFORE, both ends counted


def table(people, sales):
    people, sales = np.array(people), np.array(sales)
    with np.errstate(invalid="ignore"):
        return pd.DataFrame({"rank": RANKS, "n": people, "people_share": people / people.sum(),
                             "sales_jpy": sales, "sales_share": sales / sales.sum()})


def test_ranks_name_the_premium_share():
    said = findings.ranks(table([10, 20, 30, 40], [600, 300, 100, 0]), 60, AS_OF)
    assert said.key == "rfm.headline.ranks" and said.n == 100
    assert [kpi.n for kpi in said.kpis] == [100, 60, 100]  # the sales are those of the window's buyers
    assert (said.values["people"], said.values["sales"], said.values["dormant"]) == (0.1, 0.6, 0.4)
    assert said.period == "2025-01-01/2025-12-31"


def test_ranks_of_few_or_idle_customers():
    assert findings.ranks(table([0, 20, 30, 40], [0, 3, 1, 0]), 50, AS_OF).key == "rfm.headline.ranks_no_premium"
    idle = findings.ranks(table([0, 0, 0, 40], [0, 0, 0, 0]), 0, AS_OF)
    assert idle.key == "rfm.headline.ranks_no_premium" and idle.kpis[1].value is None
    assert findings.ranks(table([1, 2, 3, 4], [6, 3, 1, 0]), 6, AS_OF).key == "rfm.headline.ranks_small"
    assert not findings.ranks(table([1, 1, 1, 1], [6, 3, 1, 0]), 3, AS_OF).shown


def test_what_a_handful_of_premium_customers_spent_is_not_said():
    said = findings.ranks(table([4, 20, 30, 40], [600, 300, 100, 0]), 54, AS_OF)
    assert said.key == "rfm.headline.ranks_few_premium" and said.kpis[1].value is None
    assert findings.ranks(table([5, 20, 30, 40], [600, 300, 100, 0]), 54, AS_OF).kpis[1].value == 0.6


@pytest.mark.parametrize(("people", "near", "key"), [
    ([1, 2, 3, 4], 2, "near"), ([1, 2, 3, 4], 0, "semi"), ([1, 2, 3, 4], None, "semi"), ([1, 0, 3, 4], None, "beginners")])
def test_whom_to_address_first(people, near, key):
    assert findings.near_premium(table(people, [1, 1, 1, 1]), near)["key"] == f"rfm.advice.{key}"


def test_whom_to_address_on_the_map():
    frame = grid(90, 5000)
    frame.loc[4, "n"], frame.loc[9, "n"], frame.loc[12, "n"], frame.loc[17, "n"], frame.loc[22, "n"] = 7, 8, 3, 4, 99
    found = {note["key"]: note["people"] for note in findings.to_address(frame)}
    assert found == {"rfm.advice.new": 15, "rfm.advice.fading": 7}  # R5F1 and R4F1; R3F3 and R2F3; R1F3 is too late
    assert list(findings.to_address(frame, "quantile")) == []
    assert list(findings.to_address(grid(90, 5000))) == []  # nobody to address, no note


def grid(people, sales):
    """A 25-row grid with everybody in two cells."""
    frame = pd.DataFrame([(r, f) for r in rfm.SCORES for f in rfm.SCORES], columns=["r_score", "f_score"])
    frame["recency_max_days"] = frame.r_score.map({5: 30, 4: 90, 3: 180, 2: 365})
    frame["frequency_min"] = frame.f_score.map({5: 10, 4: 5, 3: 3, 2: 2})
    frame["n"], frame["sales_jpy"] = 0, 0
    frame.loc[24, ["n", "sales_jpy"]] = [people, 0]
    frame.loc[0, ["n", "sales_jpy"]] = [10, sales]
    return frame


def test_grid_says_where_people_and_sales_are():
    said = findings.grid(grid(90, 5000), AS_OF)
    assert said.key == "rfm.headline.grid" and said.values["crowd_share"] == 0.9
    assert (said.values["crowd_r"], said.values["money_f"], said.values["money_share"]) == (1, 5, 1)
    assert (said.values["days"], said.values["recent_people"], said.values["recent_sales"]) == (90, 0.1, 1)
    unknown = findings.grid(grid(90, 5000).assign(recency_max_days=np.nan), AS_OF)
    assert unknown.key == "rfm.headline.grid_places" and unknown.values["days"] is None
    assert not findings.grid(grid(90, 0), AS_OF).shown
    assert not findings.grid(grid(10, 5000), AS_OF).shown


def moves(kept, lost, since=BEFORE):
    rows = [(before, now, 0) for before in (*RANKS, rfm.NOT_YET) for now in RANKS]
    frame = pd.DataFrame(rows, columns=["rank_before", "rank_now", "n"])
    frame.loc[0, "n"], frame.loc[3, "n"] = kept, lost
    total = frame.groupby("rank_before")["n"].transform("sum")
    return frame.assign(people_share=frame["n"] / total.where(total > 0), since=since)


def test_transition_follows_the_premium_customers():
    said = findings.transition(moves(40, 10), AS_OF, BEFORE, START)
    assert said.key == "rfm.headline.transition" and (said.values["kept"], said.values["lost"]) == (0.8, 0.2)
    # Wilson 40/50, by hand: (p + z²/2n ± z·sqrt(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    assert said.kpis[0].ci == pytest.approx((0.6696, 0.8876), abs=5e-4)
    assert findings.transition(moves(9, 1), AS_OF, BEFORE, START).key == "rfm.headline.transition_small"
    assert not findings.transition(moves(3, 1), AS_OF, BEFORE, START).shown


def test_transition_needs_a_full_window_a_year_ago():
    said = findings.transition(moves(40, 10)[:0], AS_OF, BEFORE, START + datetime.timedelta(days=1))
    assert not said.shown and said.key == "rfm.withheld.transition_short"


def test_since_the_last_report():
    last = datetime.date(2025, 6, 30)
    frame = moves(40, 10, last)
    frame.loc[(frame.rank_before == rfm.NOT_YET) & (frame.rank_now == "premium"), "n"] = 5
    said = findings.since_last(frame, AS_OF, last, START)
    assert said.key == "rfm.headline.since_last" and said.n == 55
    assert {k: said.values[k] for k in ("n", "kept", "fell", "rose", "now")} == {
        "n": 50, "kept": 40, "fell": 10, "rose": 5, "now": 45}
    assert findings.since_last(frame, AS_OF, None, START).key == "rfm.withheld.no_last"
    assert findings.since_last(frame[:0], AS_OF, last, START).key == "rfm.withheld.last_short"


def tenths(n):
    share = np.array([0.4, 0.2, *[0.05] * 8])
    return pd.DataFrame({"decile": range(1, 11), "n": n, "sales_jpy": (share * 1000).astype(int),
                         "sales_share": share, "cumulative_share": share.cumsum(),
                         "sales_per_person_jpy": 10.0})


def test_deciles():
    said = findings.deciles(tenths(10), AS_OF)
    assert said.values["top"] == 0.4 and said.values["third"] == pytest.approx(0.65)
    assert not findings.deciles(tenths(2), AS_OF).shown


def test_the_rules_page_names_the_mode():
    assert findings.rules(rfm.Cuts(), AS_OF).key == "rfm.headline.rules_fixed"
    assert findings.rules(rfm.Cuts(mode="quantile"), AS_OF).key == "rfm.headline.rules_quantile"
