"""What is not printed cannot be worked out from what is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shindan.analyses import disclosure


@pytest.mark.parametrize(("people", "hidden"), [
    ([10, 20, 0], ["", "", ""]), ([4, 20, 10, 0], ["few", "", "cover", ""]),
    ([2, 3, 9], ["few", "few", ""]), ([1, 2, 9, 9], ["few", "few", "cover", ""]), ([4, 0], ["few", ""]), ([], [])])
def test_by_hand(people, hidden):
    assert disclosure.hidden(people).tolist() == hidden


@given(st.lists(st.integers(0, 30), max_size=25))
def test_the_total_less_what_is_printed_is_never_a_few_people(people):
    n, hidden = np.array(people, "int64"), disclosure.hidden(people)
    assert ((n > 0) & (n < 5) == (hidden == "few")).all()
    away = n[hidden != ""]
    others = n[(hidden == "") & (n > 0)]
    assert len(away) == 0 or len(others) == 0 or (len(away) > 1 and away.sum() >= 5)


def test_what_is_recorded_keeps_it_too():
    frame = pd.DataFrame({"n": [4, 20, 30], "sales_jpy": [7, 8, 9]}).assign(hidden=["few", "cover", ""])
    assert disclosure.without_hidden(frame, "sales_jpy").to_dict("list") == {
        "n": [4, 20, 30], "sales_jpy": [None, None, 9]}
