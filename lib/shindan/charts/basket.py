"""Charts of the basket chapter: finished frames of analyses.basket, following, replenish and freshness
in, matplotlib figures out."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from shindan import text as words
from shindan.charts.axes import (
    cut,
    figures_right,
    lines_down,
    money_axis,
    percent_axis,
    said_above,
)
from shindan.findings.ltv import measure
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.style import ACCENT, GREY, INK, PALE, SECOND

PART = 5.2  # inches: the width of one of two figures side by side
NAME_WIDTH = 11  # characters of a product's name
NAME_ROOM = 0.12  # of the scale: a name needs it
MARKED_DAYS = (0, 90, 180, 270, 365)
BANDS = {1: ACCENT, 2: SECOND, 3: INK}


def next_products(frame, text):
    """One line per pair A → B: the rate with its interval, and the rate after other products as a tick."""
    figure, axes = _rows(frame, 0.36)
    places = range(len(frame))
    _interval(axes, frame, "next_rate", places)
    axes.scatter(frame["base_rate"], places, marker="|", s=170, linewidths=2.2, color=SECOND, zorder=2)
    axes.scatter(frame["next_rate"], places, s=38, color=_shade(frame, ACCENT), zorder=3)
    lines_down(axes, [text("basket.chart.then", first=cut(row["product"], NAME_WIDTH),
                           following=cut(row["next_product"], NAME_WIDTH)) for row in frame.to_dict("records")],
               room=1.0)
    axes.set_xlim(0, 1.05 * np.nanmax([0.01, *frame["next_rate_hi"], *frame["base_rate"]]))
    percent_axis(axes.xaxis)
    axes.set_xlabel(text("basket.chart.next"), loc="left", color=GREY)
    heads = [text(f"basket.chart.{head}") for head in ("rate", "base")] + ["n"]
    figures_right(axes, heads, [
        (words.percent(row["next_rate"]), words.percent(row["base_rate"]), words.number(row["n"]))
        for row in frame.to_dict("records")], _shade(frame, INK))
    return figure


def days_per_unit(frame, text):
    """One line per product: from the day a quarter, through the half, to three quarters bought again; and how
    many people run out in the next 30 days."""
    known = frame.dropna(subset="half_days")
    known = known[known["n_ended"] >= MIN_N_SHOWN].sort_values("half_days")
    few = _shade(known.assign(n=known["n_ended"]), ACCENT)
    figure, axes = _rows(known, 0.27)
    places = range(len(known))
    axes.hlines(places, known["quarter_days"], known["most_days"], color=few, linewidth=6, alpha=0.25)
    axes.scatter(known["half_days"], places, s=44, color=few, zorder=3)
    lines_down(axes, [cut(name, NAME_WIDTH) for name in known["product"]], room=1.0)
    axes.set_xlim(0, 1.05 * max([1, *known["most_days"]]))
    axes.set_xlabel(text("basket.chart.days"), loc="left", color=GREY)
    figures_right(axes, [text(f"basket.chart.{head}") for head in ("half", "ended", "due")], [
        (text("basket.chart.day", day=row["half_days"]), words.number(row["n_ended"]), words.number(row["n_30"]))
        for row in known.to_dict("records")], _shade(known.assign(n=known["n_ended"]), INK))
    return figure


def freshness(frame, text):
    """One curve per number of purchases over the days of silence; how many were silent that long below."""
    figure, axes = plt.subplots(figsize=(PART, 2.5))
    known = frame.dropna(subset="return_rate")
    known = known[known["n"] >= MIN_N_VERDICT]
    for band, rows in known.groupby("purchase_no"):
        axes.fill_between(rows["silent_days"], rows["return_rate_lo"], rows["return_rate_hi"],
                          color=BANDS[band], alpha=0.15, linewidth=0)
        axes.plot(rows["silent_days"], rows["return_rate"], color=BANDS[band])
    _name_curves(axes, known, text)
    said_above(axes, text("basket.chart.return"))
    axes.set_ylim(0, min(1.05, 1.2 * np.nanmax([0.01, *known["return_rate"], *known["return_rate_hi"]])))
    percent_axis(axes.yaxis)
    axes.set_xlim(0, max([1, *known["silent_days"]]) * 1.02)
    _silent_below(axes, frame, text)
    return figure


def _name_curves(axes, frame, text):
    """Each curve's name where most is free over or under it; none where nothing is: the colours stand below too.

    Curves fall: a name over one begins at its day, a name under one ends there.
    """
    curves = frame.pivot(index="silent_days", columns="purchase_no", values="return_rate")
    for band, heights in curves.items():
        free = _free_beside(curves.drop(columns=band), heights)
        free = free[(free.index >= MARKED_DAYS[-1] * 0.2) & (free.index < MARKED_DAYS[-1] * 0.7)].stack()
        if not free.max() >= NAME_ROOM:
            continue
        day, side = free.idxmax()
        over = side == "over"
        axes.annotate(text(f"basket.chart.band_{band}"), (day, heights[day]), (6, 6) if over else (-2, -9),
                      textcoords="offset points", ha="left" if over else "right", va="bottom" if over else "top",
                      color=BANDS[band], weight="bold")


def _free_beside(others, heights):
    """How far the next curve (or the end of the scale) is over and under one, a day each."""
    apart = others.sub(heights, axis=0)
    over, under = apart.where(apart > 0).min(axis=1), -apart.where(apart <= 0).max(axis=1)
    return pd.DataFrame({"over": over.fillna(1 - heights), "under": under.fillna(heights)})[heights.notna()]


def _silent_below(axes, frame, text):
    """The days, and under them how many people of each kind were silent that long."""
    shown = [day for day in MARKED_DAYS if (frame["silent_days"] == day).any()]
    axes.set_xticks(shown, [words.number(day) for day in shown])
    axes.set_xlabel(text("basket.chart.silent"), color=GREY, labelpad=3)
    for line, band in enumerate(sorted(frame["purchase_no"].unique())):
        people = frame[frame["purchase_no"] == band].set_index("silent_days")["n"]
        below = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "fontsize": 8}
        for day in shown:
            axes.annotate(words.number(people.get(day)), (day, 0), (0, -46 - 13 * line), ha="center",
                          color=BANDS[band], **below)
        axes.annotate(text(f"basket.chart.at_risk_{band}"), (0, 0), (-26, -46 - 13 * line), ha="right",
                      color=BANDS[band], **{**below, "xycoords": "axes fraction"})


def first_products(frame, text):
    """One line per first product: LTV a customer with its interval, the highest on top; F2 in colour where
    it differs for certain from all others'."""
    column = f"{measure(frame)}_ltv_jpy"
    known = frame[frame[column].notna() & (frame["n_ltv"] >= MIN_N_SHOWN)].sort_values(column, ascending=False)
    known = known.assign(n=known["n_ltv"])
    figure, axes = _rows(known, 0.36)
    places = range(len(known))
    _interval(axes, known, column, places)
    axes.scatter(known[column], places, s=38, color=_shade(known, ACCENT), zorder=3)
    lines_down(axes, [cut(name, NAME_WIDTH) for name in known["product"]], room=1.0)
    axes.set_xlim(0, 1.05 * np.nanmax([1, *known[f"{column}_hi"], *known[column]]))
    money_axis(axes.xaxis, text, bins=4)
    axes.set_xlabel(text(f"basket.chart.ltv_{measure(frame)}"), loc="left", color=GREY)
    figures_right(axes, [text("basket.chart.mean"), text("basket.chart.f2"), "n"], [
        (words.yen(row[column], text.lang, text.currency), words.percent(row["f2_rate"]), words.number(row["n"]))
        for row in known.to_dict("records")], [ACCENT if sure else shade for sure, shade in zip(
            known["certain"], _shade(known, INK), strict=True)])
    return figure


def _rows(frame, height):
    """A figure `height` inches high a row."""
    return plt.subplots(figsize=(PART, max(1.1, height * len(frame) + 0.7)))


def _interval(axes, frame, column, places):
    ends = np.array([frame[column] - frame[f"{column}_lo"], frame[f"{column}_hi"] - frame[column]], float)
    axes.errorbar(frame[column], places, xerr=np.nan_to_num(ends).clip(0), fmt="none", ecolor=PALE,
                  elinewidth=5, zorder=1)


def _shade(frame, color):
    return [GREY if n < MIN_N_VERDICT else color for n in frame["n"]]
