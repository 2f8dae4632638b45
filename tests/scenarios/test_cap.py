"""The cap by itself, against one that tries every person and day by hand."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import mailing
from shindan.scenarios import cap

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=30)
before = st.lists(st.tuples(st.integers(0, 3), st.integers(-12, 3)), max_size=12)
caps = st.builds(mailing.Cap, sends=st.integers(1, 4), days=st.integers(1, 9), a_day=st.integers(1, 3))


def frame(rows):
    return pd.DataFrame(rows, columns=["person", "day"]).astype("int64")


def by_hand(candidates, past, rules):
    taken, ok = [tuple(row) for row in past], []
    for person, on in candidates:
        days = [d for p, d in taken if p == person] + [on]
        windows = [sum(first <= d < first + rules.days for d in days) for first in range(on - rules.days + 1, on + 1)]
        ok.append(max(windows) <= rules.sends and days.count(on) <= rules.a_day)
        if ok[-1]:
            taken.append((person, on))
    return ok


@given(rows, before, caps)
@settings(max_examples=300, deadline=None)
def test_like_by_hand(candidates, past, rules):
    assert cap.accepted(frame(candidates), frame(past), rules).tolist() == by_hand(candidates, past, rules)


def test_steps_of_the_first_week_fit_under_the_default():
    assert cap.accepted(frame([(0, 0), (0, 2), (0, 4), (0, 6)]), frame([]), mailing.Cap()).all()
    assert cap.accepted(frame([(0, 0), (0, 2), (0, 4), (0, 6)]), frame([(0, -1)]), mailing.Cap()).tolist() == [
        True, True, True, True]  # day -1 and day 6 are in no window of seven days
    assert not cap.accepted(frame([(0, 0), (0, 2), (0, 4), (0, 5)]), frame([(0, -1)]), mailing.Cap())[3]


def test_a_million_people_in_moments():
    people = np.repeat(np.arange(1_000_000), 2)
    candidates = pd.DataFrame({"person": people, "day": np.tile([0, 0], 1_000_000)})
    ok = cap.accepted(candidates, frame([]), mailing.Cap())
    assert ok.sum() == 1_000_000
