"""Whose money a map must not show: cells of a few people, and what would let a reader work them out."""

import numpy as np

LEAST = 5
FEW, COVER, SHOWN = "few", "cover", ""


def hidden(people, least=LEAST):
    """Per cell of a map whose total a reader may know: FEW (1 … least − 1 people), COVER or SHOWN.

    The total less what is printed is what is hidden. So where that is a single cell, or cells of
    fewer than `least` people together, the smallest of the other cells are hidden with it (COVER).
    Empty cells stay as they are: nobody is in them. Equal counts: the first in order.
    """
    n = np.asarray(people, "int64")
    out = np.where((n > 0) & (n < least), FEW, SHOWN).astype(object)
    for place in np.argsort(n, kind="stable"):
        covered = n[out != SHOWN]
        if len(covered) == 0 or len(covered) > 1 and covered.sum() >= least:
            break
        if n[place] >= least:
            out[place] = COVER
    return out


def without_hidden(frame, *money):
    """The frame for people: `money` missing where it is hidden, and no column of that name."""
    shown = frame["hidden"] == SHOWN
    out = frame.drop(columns="hidden")
    return out.assign(**{column: out[column].astype(object).where(shown, None) for column in money})
