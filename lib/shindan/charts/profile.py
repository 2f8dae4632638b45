"""Charts of beginnings and people: finished frames of analyses.profile in, figures out."""

import matplotlib.pyplot as plt
import numpy as np

from shindan import text as words
from shindan.charts.axes import cut, lines_down, percent_axis
from shindan.charts.dots import certain_colors, estimates, furthest
from shindan.findings.profile import CERTAIN
from shindan.style import GREY, INK

NAME_WIDTH = 14


def moments(frame, text):
    """One line a split: F2 of its best and its worst group with intervals; grey where it may be chance."""
    figure, axes = plt.subplots(figsize=(5.6, 0.3 * len(frame) + 0.6))
    places, certain = np.arange(len(frame)), frame["p_holm"] < CERTAIN
    estimates(axes, places - 0.14, frame, "best_rate", certain_colors(certain))
    estimates(axes, places + 0.14, frame, "worst_rate", [GREY] * len(frame))
    right = furthest(frame, "best_rate", "best_rate_hi", "worst_rate_hi")
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        best, worst = (cut(name(row["split"], row[end], text), NAME_WIDTH) for end in ("best", "worst"))
        color = INK if row["p_holm"] < CERTAIN else GREY
        axes.text(1.04 * right, place, text("profile.chart.pair", best=best, best_rate=row["best_rate"],
                  worst=worst, worst_rate=row["worst_rate"]), va="center", fontsize=8.5, color=color)
    lines_down(axes, [text(f"profile.split.{split}") for split in frame["split"]], room=0.6)
    _f2_axis(axes, right, text, 1.75)
    return figure


def _f2_axis(axes, right, text, room):
    axes.set_xlim(0, room * right)
    percent_axis(axes.xaxis)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= 1.02 * right])
    axes.spines["bottom"].set_bounds(0, 1.02 * right)
    axes.set_xlabel(text("profile.chart.f2_365"), loc="left", color=GREY)


def name(column, code, text):
    """A group's code in the reader's words; products and channels are words already."""
    plain = words.DASH if words.is_missing(code) else str(code)
    return text.get(f"{'channel' if column == 'acq_channel' else f'profile.{column}'}.{plain}", plain)


def labelled(frame, text):
    """The frame of moments with split, best and worst as words: for a table people read."""
    ends = {end: [name(row["split"], row[end], text) for row in frame.to_dict("records")] for end in ("best", "worst")}
    return frame.assign(**ends, split=[text(f"profile.split.{split}") for split in frame["split"]])
