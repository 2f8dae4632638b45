"""A scenario over its months: more people tell more, and months that differ are said to."""

import numpy as np
import pandas as pd
import pytest

from shindan.analyses import campaign, holdout, scenario_effects


def ranked(months, series="cart", n=(180, 20)):
    """Rows of campaign.by_rank from [(buyers sent, buyers left out) …], a month each."""
    t = pd.DataFrame([{"campaign_id": f"{series}.2025-{m:02d}", "assignment": "random", "rank": "regular", "n": n[0], "n_buyers": a,
                       "n_control": n[1], "n_control_buyers": c, "revenue_jpy": 0, "contribution_jpy": np.nan}
                      for m, (a, c) in enumerate(months, 1)])
    return campaign.with_rates(t)


def effects(*tables):
    t = pd.concat(tables, ignore_index=True)
    total = holdout.standardised(t)
    total = total.assign(name="かご落ち " + total.campaign_id.str[-7:], first_date=pd.to_datetime(total.campaign_id.str[-7:] + "-05"))
    return total, scenario_effects.by_series(t, total)


def test_twelve_months_find_what_no_month_can():
    total, found = effects(ranked([(72, 4)] * 12, n=(360, 40)))
    row = found.iloc[0]
    assert not total.is_found.any() and row.is_found
    assert (row["name"], row.n_months, row.n, row.n_control) == ("かご落ち", 12, 4320, 480)
    assert row.joint_pt == pytest.approx(.1) and row.joint_pt_lo > 0 and row.alike_p > .9
    assert (str(row.first_date)[:10], str(row.last_date)[:10]) == ("2025-01-05", "2025-12-05")


def test_months_are_compared_within_themselves():
    """A month with a high rate and few left out would tip a plain sum of all months (Simpson)."""
    _, found = effects(pd.concat([ranked([(18, 2)]), ranked([(0, 0), (180, 20)], n=(200, 200)).iloc[1:].assign(
        n=200, n_buyers=100, n_control=200, n_control_buyers=100)], ignore_index=True))
    row = found.iloc[0]
    assert abs(row.joint_pt) < 1e-12 and row.bought_rate != pytest.approx(row.control_rate)


def test_months_that_differ_are_said_to():
    _, found = effects(ranked([(90, 20), (10, 20)], n=(200, 200)))
    assert found.alike_p[0] < .001


def test_one_month_other_ids_and_refused_months_do_not_count():
    one = ranked([(36, 2)])
    other = ranked([(36, 2)] * 3, "own").assign(campaign_id=["a", "b", "c"])
    bad = pd.concat([ranked([(36, 2)], "bad"), ranked([(36, 2), (36, 2)], "bad").iloc[1:]], ignore_index=True)
    t = pd.concat([one, other, bad], ignore_index=True)
    total = holdout.standardised(t).assign(name="x", first_date=pd.NaT)
    assert list(scenario_effects.by_series(t, total).series) == ["bad"]
    assert scenario_effects.by_series(t, total.assign(is_refused=total.campaign_id == "bad.2025-01")).empty


def test_the_joint_interval_grows_with_the_scenarios_compared():
    alone = effects(ranked([(36, 2)] * 6))[1]
    beside = effects(ranked([(36, 2)] * 6), *(ranked([(36, 4)] * 6, f"s{i}") for i in range(5)))[1]
    width = [float((t.joint_pt_hi - t.joint_pt_lo)[t.series == "cart"].iloc[0]) for t in (alone, beside)]
    assert width[1] > 1.2 * width[0] and len(beside) == 6
