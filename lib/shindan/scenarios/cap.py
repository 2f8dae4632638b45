"""One frequency cap over all scenarios: a rolling window over past and planned messages.

Everybody's candidates are taken in turn: by priority, then due date, then name. One is accepted if no
window of `cap.days` days with it holds more than `cap.sends`, and its day no more than `cap.a_day`.
Who is left out at random holds a place like who is sent to, or the two would not be alike.
"""

import numpy as np


def accepted(candidates, past, cap):
    """True for each candidate that fits (numpy, in the order of `candidates`).

    `candidates`, `past` (pandas): person (0, 1, …), day (whole days, the first planned one is 0; past
    ones are negative, planned ones of earlier lists may not be). Candidates stand in order of turn.
    """
    people = 1 + max((int(t.person.max()) for t in (candidates, past) if len(t)), default=-1)
    reach = cap.days - 1                       # a window reaches this far to either side
    last = max([0, *(int(t.day.max()) for t in (candidates, past) if len(t))])
    used = np.zeros((people, reach + last + 1 + reach), dtype="int16")
    near = past[past.day >= -reach]
    np.add.at(used, (near.person.to_numpy(), near.day.to_numpy() + reach), 1)
    return _in_turn(candidates, used, reach, cap)


def _in_turn(candidates, used, reach, cap):
    person, day = candidates.person.to_numpy(), candidates.day.to_numpy() + reach
    turn = candidates.groupby("person").cumcount().to_numpy()
    ok = np.zeros(len(candidates), dtype=bool)
    for number in range(turn.max() + 1 if len(turn) else 0):
        rows = np.flatnonzero(turn == number)  # one of each person
        fits = _fits(used[person[rows]], day[rows], reach, cap)
        ok[rows] = fits
        used[person[rows[fits]], day[rows[fits]]] += 1
    return ok


def _fits(used, day, reach, cap):
    """Which rows of `used` (people x days) have room on their `day`."""
    upto = np.concatenate([np.zeros((len(used), 1), dtype="int16"), used.cumsum(axis=1, dtype="int16")], axis=1)
    who = np.arange(len(used))
    fits = used[who, day] < cap.a_day
    for end in range(reach + 1):               # every window that holds the day
        fits &= upto[who, day + end + 1] - upto[who, day + end - reach] < cap.sends
    return fits
