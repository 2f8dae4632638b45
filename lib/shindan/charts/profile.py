"""Charts of beginnings and people: finished frames of analyses.profile in, figures out."""

import matplotlib.pyplot as plt
import numpy as np

from shindan import text as words
from shindan.charts.axes import cut, lines_down, percent_axis
from shindan.charts.dots import certain_colors, estimates, furthest
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.findings.profile import CERTAIN
from shindan.style import GREY, INK

NAME_WIDTH = 14
ORDERS = {"hour_band": ("morning", "daytime", "evening")}  # others by their own code


def moments(frame, text):
    """One line a split: F2 of its best and its worst group with intervals; grey where it may be chance."""
    figure, axes = plt.subplots(figsize=(6.6, 0.46 * len(frame) + 0.7))
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


def groups(frame, text):
    """One line per group (first column), in its natural order: F2 with its interval and n."""
    column = frame.columns[0]
    known = frame[frame["f2_rate"].notna() & (frame["n"] >= MIN_N_SHOWN)]
    order = {code: place for place, code in enumerate(ORDERS.get(column, sorted(known[column])))}
    known = known.sort_values(column, key=lambda codes: codes.map(order))
    figure, axes = plt.subplots(figsize=(4.9, 0.32 * len(known) + 0.7))
    places, enough = np.arange(len(known)), known["n"] >= MIN_N_VERDICT
    estimates(axes, places, known, "f2_rate", certain_colors(enough))
    right = furthest(known, "f2_rate", "f2_rate_hi")
    for place, row in zip(places, known.to_dict("records"), strict=True):
        axes.text(1.05 * right, place, text("profile.chart.rate_n", rate=row["f2_rate"], n=row["n"]), va="center",
                  fontsize=8.5, color=INK if row["n"] >= MIN_N_VERDICT else GREY)
    lines_down(axes, [name(column, code, text) for code in known[column]], room=0.6)
    _f2_axis(axes, right, text, 1.5)
    return figure


def _f2_axis(axes, right, text, room):
    axes.set_xlim(0, room * right)
    percent_axis(axes.xaxis)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= 1.02 * right])
    axes.set_xlabel(text("profile.chart.f2_365"), loc="left", color=GREY)


def name(column, code, text):
    """A group's code in the reader's words; products and channels are words already."""
    plain = words.DASH if words.is_missing(code) else str(code)
    return text.get(f"{'channel' if column == 'acq_channel' else f'profile.{column}'}.{plain}", plain)


def labelled(frame, text):
    """The frame of moments with split, best and worst as words: for a table people read."""
    ends = {end: [name(row["split"], row[end], text) for row in frame.to_dict("records")] for end in ("best", "worst")}
    return frame.assign(**ends, split=[text(f"profile.split.{split}") for split in frame["split"]])
