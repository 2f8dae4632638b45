"""Charts of subscriptions and trials: finished frames of analyses.subscription and analyses.trial in, figures out."""

import matplotlib.pyplot as plt
import numpy as np

from shindan import text as words
from shindan.charts.axes import percent_axis, said_above
from shindan.findings.model import MIN_N_VERDICT
from shindan.style import ACCENT, GREY, HALF, INK, SECOND, THIRD

COLORS = (ACCENT, SECOND, THIRD)
MARKED_DAYS = (0, 30, 90, 180, 365)


def retention(frame, text):
    """One line a promised count: the share that got each delivery; a ring on the first one free to refuse."""
    figure, axes = plt.subplots(figsize=HALF)
    groups = [group.dropna(subset="stay_rate") for _, group in frame.groupby("promised_count", dropna=False)]
    groups = sorted((g for g in groups if len(g)), key=lambda g: -g["n"].iloc[0])
    large = [g for g in groups if g["n"].iloc[0] >= MIN_N_VERDICT][: len(COLORS)] or groups[:1]
    for color, group in zip(COLORS, large, strict=False):
        axes.fill_between(group["delivery_no"], group["stay_rate_lo"], group["stay_rate_hi"], color=color, alpha=0.15, linewidth=0)
        axes.plot(group["delivery_no"], group["stay_rate"], color=color, marker="o", markersize=3.5)
        _ring(axes, group, color, above=group is large[0])
    _delivery_axis(axes, large, text)
    said_above(axes, text("subscription.chart.stay"))
    axes.set_ylim(0, 1.06)
    percent_axis(axes.yaxis)
    return figure


def _ring(axes, group, color, above):
    promised = group["promised_count"].iloc[0]
    first = group[group["delivery_no"] == max(promised, 1) + 1] if promised == promised else group.iloc[:0]
    for row in first.to_dict("records"):
        axes.plot(row["delivery_no"], row["stay_rate"], "o", markersize=11, markerfacecolor="none", color=color, markeredgewidth=1.6)
        axes.annotate(words.percent(row["stay_rate"]), (row["delivery_no"], row["stay_rate"]), (8, 7) if above else (-2, -19),
                      textcoords="offset points", ha="left" if above else "center", color=color, weight="bold")


def _delivery_axis(axes, groups, text):
    """Deliveries along the axis, and under each how many contracts of a group were followed to it."""
    shown = sorted({int(n) for group in groups for n in group["delivery_no"]})
    marked = [n for n in shown if n == 1 or n % (2 if len(shown) > 8 else 1) == 0]
    axes.set_xticks(marked, [text("subscription.chart.delivery", n=n) for n in marked])
    axes.set_xlim(0.6, max(shown) + 0.5)
    for line, (color, group) in enumerate(zip(COLORS, groups, strict=False)):
        at_risk = group.set_index("delivery_no")["n_at_risk"]
        _row_below(axes, line, color, group_name(group["promised_count"].iloc[0], text),
                   [(n, at_risk[n]) for n in marked if n in at_risk.index])


def _row_below(axes, line, color, name, counted):
    """One line of people under the axis, in the colour of its curve."""
    drop = -27 - 12 * line
    for place, people in counted:
        axes.annotate(words.number(people), (place, 0), (0, drop), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="center", color=color, fontsize=8)
    axes.annotate(name, (0, 0), (-20, drop), xycoords="axes fraction", textcoords="offset points", ha="right", color=color, fontsize=8)


def group_name(promised, text):
    """A promised count in words."""
    if words.is_missing(promised):
        return text("subscription.promise.unknown")
    return text("subscription.promise.known", n=int(promised)) if promised > 1 else text("subscription.promise.none")


def trial(frame, text):
    """The share of those who began with a trial that went on, by day; people followed below."""
    figure, axes = plt.subplots(figsize=HALF)
    steps = [step for step in ("main", "subscription") if (frame["step"] == step).any()]
    last = frame["day"].max()
    marked = [day for day in MARKED_DAYS if day <= last]
    for line, (color, step) in enumerate(zip(COLORS, steps, strict=False)):
        curve = frame[frame["step"] == step]
        axes.fill_between(curve["day"], curve["step_rate_lo"], curve["step_rate_hi"], step="post", color=color, alpha=0.15, linewidth=0)
        axes.step(curve["day"], curve["step_rate"], where="post", color=color)
        end = curve.iloc[-1]
        axes.annotate(text(f"subscription.chart.{step}", rate=end["step_rate"]), (end["day"], end["step_rate_hi"]), (0, 5),
                      textcoords="offset points", ha="right", color=color, weight="bold")
        of_day = curve.set_index("day")["n_at_risk"]
        _row_below(axes, line, color, text(f"subscription.chart.{step}_followed"), [(day, of_day[day]) for day in marked])
    axes.set_xticks(marked, [text("repeat.chart.day", day=day) for day in marked])
    axes.set_xlim(0, max(last, 1) * 1.03)
    axes.set_ylim(0, 1.25 * np.nanmax([0.02, *frame["step_rate_hi"]]))
    said_above(axes, text("subscription.chart.went_on"))
    percent_axis(axes.yaxis)
    axes.tick_params(colors=INK)
    axes.spines["left"].set_color(GREY)
    return figure
