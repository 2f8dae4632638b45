"""Estimates as dots with their intervals, one a line: what several charts draw."""

import numpy as np

from shindan.style import ACCENT, GREY


def estimates(axes, places, frame, column, colors):
    """A dot at `column` and a line from `<column>_lo` to `<column>_hi`, each row in its own colour."""
    for place, color, row in zip(places, colors, frame.to_dict("records"), strict=True):
        ends = np.nan_to_num([row[column] - row[f"{column}_lo"], row[f"{column}_hi"] - row[column]]).clip(0)
        axes.errorbar(row[column], place, xerr=[[ends[0]], [ends[1]]], fmt="o", color=color,
                      markersize=6.5, elinewidth=2)


def certain_colors(certain):
    """The accent where something can be said, grey where it cannot."""
    return [ACCENT if known else GREY for known in certain]


def furthest(frame, *columns):
    """The largest value of these columns that is known; a hair over zero if none is."""
    return np.nanmax([0.01, *frame[list(columns)].to_numpy(float).ravel()])
