"""The chart of the hold-out: what was predicted from the middle on, and what came."""

import matplotlib.pyplot as plt
import pandas as pd

from shindan import style
from shindan import text as words
from shindan.charts.axes import HALO, said_above

NEAR = 0.06  # of the axis: two labels closer than this are moved apart


def holdout(frame, text):
    """Cumulative repeat purchases, actual against predicted. `frame`: predicted.Study.tracking."""
    figure, ax = plt.subplots()
    dates, actual, ahead = frame["week_date"], frame["n_actual"], frame[frame["n_predicted"].notna()]
    top = 1.12 * max(actual.max(), frame["n_predicted"].max(), 1)
    ax.plot(dates, actual, color=style.INK)
    ends = [("actual", actual.iloc[-1], style.INK)]
    if len(ahead):
        middle = ahead["week_date"].iloc[0]
        ax.axvline(middle, color=style.GREY, lw=1, ls=":")
        ax.plot(ahead["week_date"], ahead["n_predicted"], color=style.ACCENT, ls=(0, (4, 2)))
        ax.annotate(text("predicted.chart.from_here"), (middle, top), xytext=(-5, -4), ha="right", va="top",
                    textcoords="offset points", color=style.GREY, bbox=HALO)
        ends.append(("predicted", ahead["n_predicted"].iloc[-1], style.ACCENT))
    _name_ends(ax, dates.iloc[-1], ends, top, text)
    ax.set_ylim(0, top)
    months = pd.date_range(dates.iloc[0], dates.iloc[-1], freq="MS")
    months = months[::-(-len(months) // 6) or 1]
    ax.set_xticks(months, [words.month(month, text.lang) for month in months])
    ax.yaxis.set_major_formatter(lambda value, _: words.number(value))
    said_above(ax, text("predicted.chart.repeats"))
    return figure


def _name_ends(ax, day, ends, top, text):
    """Name each line at its end; labels of lines that end close together move apart."""
    ends = sorted(ends, key=lambda end: end[1])
    close = len(ends) == 2 and ends[1][1] - ends[0][1] < NEAR * top
    for (name, value, color), shift in zip(ends, (-7, 7), strict=False):
        ax.annotate(text(f"predicted.chart.{name}", n=value), (day, value), xytext=(6, shift if close else 0),
                    textcoords="offset points", va="center", color=color, weight="bold", annotation_clip=False)
