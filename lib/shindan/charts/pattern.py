"""The chart of 優良化パターン: a finished frame of analyses.pattern in, a figure out."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from shindan.charts.axes import HALO, cut, lines_down, percent_axis
from shindan.charts.dots import certain_colors, estimates, furthest
from shindan.findings.pattern import CERTAIN, said
from shindan.style import GREY, INK

SHOWN = 5  # of each kind
NAME_WIDTH = 24


def pattern(frame, text):
    """Share 優良 with (dot, interval) and without (tick) each signal; on top what 優良 does not count."""
    known, counted = (_widest(frame[frame["overlaps"] == overlaps]) for overlaps in (False, True))
    rows = pd.concat([part for part in (known, counted) if len(part)], ignore_index=True)
    places = np.arange(len(rows)) + np.where(rows["overlaps"], 1.0 * (len(known) > 0), 0)
    figure, axes = plt.subplots(figsize=(6.6, 0.27 * (places[-1] + 2) + 0.6))
    estimates(axes, places, rows, "premium_rate", certain_colors(rows["p_holm"] < CERTAIN))
    axes.scatter(rows["without_rate"], places, marker="|", s=110, color=INK, linewidth=1.6, zorder=3)
    right = furthest(rows, "premium_rate", "premium_rate_hi", "without_rate")
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        axes.text(1.05 * right, place, text("pattern.chart.ratio", ratio=row["ratio"], n=row["n"]), va="center",
                  fontsize=8.5, color=INK if row["p_holm"] < CERTAIN else GREY)
    lines_down(axes, [""] * len(rows), room=0.9)
    axes.set_yticks(places, [cut(_name(row, text), NAME_WIDTH) for row in rows.to_dict("records")])
    axes.set_ylim(places[-1] + 0.6, -0.9)
    for overlaps, start in ((False, 0), (True, len(known) + (len(known) > 0))):
        if (rows["overlaps"] == overlaps).any():
            axes.text(0, start - 0.72, text(f"pattern.chart.{'counted' if overlaps else 'own'}"), fontsize=8.5,
                      weight="bold", va="center", bbox=HALO, transform=axes.get_yaxis_transform())
    axes.set_xlim(0, 1.42 * right)
    percent_axis(axes.xaxis)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= 1.02 * right])
    axes.set_xlabel(text("pattern.chart.premium_rate"), loc="left", color=GREY)
    return figure


def _widest(frame):
    """The signals with the widest gaps, by gap."""
    return frame.loc[frame["gap_pt"].abs().nlargest(SHOWN).index].sort_values("gap_pt", ascending=False)


def _name(row, text):
    end, values = said(row["signal"], row["value"])
    return text(f"pattern.signal.{end}", **values)


def labelled(frame, text):
    """The frame with each signal and its value as one phrase in `signal`: for a table people read."""
    names = [_name(row, text) for row in frame.to_dict("records")]
    return frame.drop(columns="value").assign(signal=names)
