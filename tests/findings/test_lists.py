"""The page on the mailing lists, from counts alone."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import schema, text
from shindan.analyses import intervals, listed
from shindan.findings import lists

AS_OF = datetime.date(2025, 12, 31)


def counts(*rows):
    """Counts by list; a row says what is not zero."""
    plain = dict.fromkeys(schema.DERIVED["list_counts"], 0) | {"usual_rate": 0.1, "detectable_pt": np.nan, "priority": 50}
    found = pd.DataFrame([{**plain, "series": row["list"], **row} for row in rows])
    ends = [c for c in found if c.startswith("n_") and "people" not in c and c not in ("n_late", "n_estimated")]
    return found.assign(n=found[ends].sum(axis=1), n_people_sent=found.n_sent, n_people_control=found.n_control)


def test_a_series_is_one_row_and_every_row_reconciles():
    made = counts({"list": "step_01", "series": "step", "n_sent": 80, "n_control": 20, "n_opted_out": 5, "n_complaint": 1},
                  {"list": "step_03", "series": "step", "n_sent": 60, "n_capped": 7, "n_bought_again": 3},
                  {"list": "rank_premium", "priority": 60, "n_sent": 10, "n_withdrawn": 2, "n_no_address": 4}, {"list": "cart"})
    got = listed.by_series(made)
    assert got.series.tolist() == ["step", "rank_premium"]  # nobody is due for the cart
    assert got.iloc[0][["n", "n_opted_out_all", "n_capped", "n_own", "n_control", "n_sent"]].tolist() == [176, 6, 7, 3, 20, 140]
    assert (got.n == got[[*listed.COLUMNS, "n_control", "n_sent"]].sum(axis=1)).all()
    assert got.detectable_pt[0] == pytest.approx(intervals.detectable_difference(0.1, 140, 20))
    assert np.isnan(got.detectable_pt[1])  # nobody is left out


def test_every_list_is_told_by_its_own_people():
    got = listed.can_tell([0.1, 0.1, 0.02], [900, 9000, 900], [100, 1000, 100])
    assert got[1] < got[0] / 2 and got[2] < got[0]
    assert got.tolist() == pytest.approx([float(listed.can_tell(r, n, m)) for r, n, m in
                                          ((0.1, 900, 100), (0.1, 9000, 1000), (0.02, 900, 100))])


@pytest.mark.parametrize(("rate", "n_sent", "n_control", "told"), [
    (0.1, 900, 100, True), (0.1, 900, 0, False), (0.0, 900, 100, False), (0.1, 4, 1, False)])
def test_what_so_few_can_tell_is_nothing(rate, n_sent, n_control, told):
    assert np.isfinite(listed.can_tell(rate, n_sent, n_control)) == told


def test_the_statement_counts_what_the_table_shows():
    made = counts({"list": "a", "n_sent": 80, "n_control": 20, "n_capped": 100}, {"list": "b", "n_no_consent": 50})
    said = lists.made(listed.by_series(made), made, True, 7, AS_OF)
    assert said.shown and {k.id: k.value for k in said.kpis} == {
        "lists.due": 250, "lists.sent": 80, "lists.control": 20, "lists.stopped_share": 0.6}
    assert said.values["n_lists"] == 1
    words = text.Text("ja")(said.key, **said.values)   # one person may be left out of several lists: messages, not people
    assert "20通" in words and "20人" not in words and "people" not in text.Text("en")(said.key, **said.values)


@pytest.mark.parametrize(("rows", "consent", "key"), [
    ([{"list": "a", "n_no_consent": 50}], False, "lists.withheld.consent"),
    ([{"list": "a"}], True, "lists.withheld.none"), ([{"list": "a", "n_opted_out": 3}], True, "lists.withheld.stopped")])
def test_without_a_list_the_reason_is_said(rows, consent, key):
    made = counts(*rows)
    said = lists.made(listed.by_series(made), made, consent, 7, AS_OF)
    assert not said.shown and said.key == key and text.Text("ja")(said.key, **said.values)
