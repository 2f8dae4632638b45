"""Charts of the repeat chapter: finished frames of analyses.repeat in, matplotlib figures out."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap

from shindan import text as words
from shindan.charts.axes import HALO, cut, figures_right, lines_down, percent_axis, said_above
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.style import ACCENT, GREY, GRID, INK, PALE

MARKED_DAYS = (30, 90, 180, 365)
MONTHS_SHOWN = 15
FLAT = (4.9, 2.35)  # inches: one of two over a third
NAME_WIDTH = 22  # characters of a product's name
BLUES = LinearSegmentedColormap.from_list("shindan", ["#EEF5F9", ACCENT])


def f2_curve(frame, text):
    """The F2 curve with its band, marked days labelled, the naive figure, people at risk below."""
    figure, axes = plt.subplots(figsize=(6.6, 3.1))
    band = frame[frame["f2_rate_lo"].notna() & (frame["day"] > 0)]
    axes.fill_between(band["day"], band["f2_rate_lo"], band["f2_rate_hi"], step="post",
                      color=ACCENT, alpha=0.18, linewidth=0)
    axes.step(frame["day"], frame["f2_rate"], where="post", color=ACCENT)
    axes.step(frame["day"], frame["naive_rate"], where="post", color=GREY, linewidth=1.2, linestyle="--")
    for row in frame[frame["day"].isin(MARKED_DAYS)].to_dict("records"):
        axes.plot(row["day"], row["f2_rate"], "o", color=ACCENT, markersize=5)
        early = row["day"] == MARKED_DAYS[0]  # left of it is the axis
        axes.annotate(words.percent(row["f2_rate"]), (row["day"], row["f2_rate"]), (7, -9) if early else (-3, 8),
                      textcoords="offset points", ha="left" if early else "right", color=ACCENT, weight="bold")
    last = frame.iloc[-1]
    axes.annotate(text("repeat.chart.naive", rate=last["naive_rate"]), (last["day"], last["naive_rate"]),
                  (0, -13), textcoords="offset points", ha="right", va="top", color=GREY)
    said_above(axes, text("repeat.chart.f2_share"))
    axes.set_ylim(0, 1.2 * np.nanmax([0.01, *frame["f2_rate"], *frame["f2_rate_hi"]]))
    percent_axis(axes.yaxis)
    axes.set_xlim(0, max(last["day"], 1) * 1.03)
    _people_below(axes, frame[frame["day"].isin((0, *MARKED_DAYS))], text)
    return figure


def _people_below(axes, marks, text):
    """The tick labels say the day and, in grey under it, how many people were followed that long."""
    axes.set_xticks(marks["day"], [text("repeat.chart.day", day=day) for day in marks["day"]])
    for row in marks.to_dict("records"):
        axes.annotate(words.number(row["n_at_risk"]), (row["day"], 0), (0, -24), color=GREY,
                      xycoords=("data", "axes fraction"), textcoords="offset points", ha="center")
    axes.annotate(text("repeat.chart.at_risk"), (0, 0), (-34, -24), xycoords="axes fraction",
                  textcoords="offset points", ha="right", color=GREY)


def second_days(frame, text):
    """How many repeaters came back in each band of days; the first half and 80 % coloured."""
    figure, axes = plt.subplots(figsize=FLAT)
    before = frame["cumulative_share"].shift(fill_value=0)
    colors = np.select([before < 0.5, before < 0.8], [ACCENT, "#5FA8C8"], PALE)
    bars = axes.bar(range(len(frame)), frame["repeater_share"], color=colors, width=0.9)
    bars[-1].set(facecolor="white", edgecolor=GREY, hatch="////", linewidth=0.6)  # the open band
    for share, key, height in ((0.5, "half", 1), (0.8, "most", 0.9)):
        place = int((frame["cumulative_share"] < share - 1e-12).sum())
        axes.annotate(text(f"repeat.chart.{key}"), (place + 0.6, height), xycoords=("data", "axes fraction"),
                      ha="left", va="top", color=INK, bbox=HALO)
        axes.axvline(place + 0.45, color=GREY, linewidth=0.8, linestyle=":")
    shown = range(0, len(frame), 4)
    axes.set_xticks([i - 0.5 for i in shown], [words.number(frame["from_day"].iloc[i]) for i in shown])
    axes.set_xlabel(text("repeat.chart.second_day"), color=GREY)
    said_above(axes, text("repeat.chart.repeater_share"))
    axes.set_ylim(0, 1.15 * frame["repeater_share"].max())
    percent_axis(axes.yaxis)
    return figure


def funnel(frame, text):
    """One line a step n → n+1: its rate with its interval and number of people."""
    known = frame.dropna(subset="next_rate").reset_index(drop=True)
    figure, axes = plt.subplots(figsize=(4.9, 0.2 * len(known) + 0.55))
    _whiskers(axes, known.index, known, "next_rate")
    grey = known["n"] < MIN_N_VERDICT
    axes.scatter(known["next_rate"], known.index, color=np.where(grey, GREY, ACCENT), s=38, zorder=3)
    lines_down(axes, [text("repeat.chart.step", step=n, following=n + 1) for n in known["purchase_no"]], room=1.0)
    axes.set_xlim(0, 1.03 * np.nanmax([*known["next_rate_hi"], *known["next_rate"], 0.01]))
    percent_axis(axes.xaxis)
    axes.set_xlabel(text("repeat.chart.next_rate"), loc="left", color=GREY)
    figures_right(axes, (text("repeat.chart.rate_of_step"), "n"), [
        (words.percent(row["next_rate"]), words.number(row["n"])) for row in known.to_dict("records")],
        [GREY if small else INK for small in grey])
    return figure


def _whiskers(axes, places, frame, column):
    ends = np.array([frame[column] - frame[f"{column}_lo"], frame[f"{column}_hi"] - frame[column]])
    axes.errorbar(frame[column], places, xerr=np.nan_to_num(ends).clip(0), fmt="none", ecolor=ACCENT, elinewidth=2)


def cohorts(frame, text):
    """Months across, windows down, F2 in percent; months not yet observed say so."""
    months = sorted(frame["cohort_month"].unique())[-MONTHS_SHOWN:]
    frame = frame[frame["cohort_month"].isin(months)]
    rates = frame.pivot(index="window_days", columns="cohort_month", values="f2_rate")
    people = frame.groupby("cohort_month")["n"].first()
    figure, axes = plt.subplots(figsize=FLAT)
    shown = rates.where(np.tile(people >= MIN_N_VERDICT, (len(rates), 1)))
    top = np.nanmax([0.01, *shown.to_numpy().ravel()])
    sns.heatmap(shown, ax=axes, cmap=BLUES, cbar=False, linewidths=0.6, linecolor="white",
                vmin=0, vmax=top)
    axes.set_facecolor(GRID)
    for y, window in enumerate(rates.index):
        for x, month in enumerate(rates.columns):
            value, n = rates.loc[window, month], people[month]
            mark = "…" if value != value else "n<5" if n < MIN_N_SHOWN else f"{100 * value:.0f}"
            pale = mark == "…" or n < MIN_N_VERDICT
            color = GREY if pale else "white" if value > 0.5 * top else INK
            axes.text(x + 0.5, y + 0.5, mark, ha="center", va="center", fontsize=8, color=color)
    axes.set_yticks(np.arange(len(rates)) + 0.5,
                    [text("repeat.chart.within", days=window) for window in rates.index], rotation=0)
    axes.set_xticks(np.arange(len(months)) + 0.5, [_month_mark(m, first=m == months[0]) for m in months],
                    rotation=0, fontsize=8)
    for x, n in enumerate(people):
        axes.text(x + 0.5, -0.12, words.number(n), ha="center", va="bottom", fontsize=7.5, color=GREY,
                  rotation=0 if people.max() < 1000 else 90)
    axes.text(-0.15, -0.12, text("repeat.chart.members"), ha="right", va="bottom", fontsize=8, color=GREY)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)
    axes.text(1, -0.23, text("repeat.chart.observing"), transform=axes.transAxes, ha="right", va="top",
              fontsize=8, color=GREY)
    return figure


def _month_mark(month, first):
    return f"{month.month}\n{month.year}" if first or month.month == 1 else f"{month.month}"


def f2_groups(frame, text):
    """One line per group (first column): F2 with its interval, highest on top."""
    column = frame.columns[0]
    known = frame.dropna(subset="f2_rate")
    known = known[known["n"] >= MIN_N_SHOWN].sort_values("f2_rate", ascending=False)
    figure, axes = plt.subplots(figsize=(4.9, max(1.0, 0.24 * len(known) + 0.6)))
    places = range(len(known))
    _whiskers(axes, places, known, "f2_rate")
    grey = known["n"] < MIN_N_VERDICT
    axes.scatter(known["f2_rate"], places, color=np.where(grey, GREY, ACCENT), s=38, zorder=3)
    lines_down(axes, [_name(column, value, text) for value in known[column]], room=1.0)
    axes.set_xlim(0, 1.03 * np.nanmax([*known["f2_rate_hi"], *known["f2_rate"], 0.01]))
    percent_axis(axes.xaxis)
    axes.set_xlabel(text("repeat.chart.f2_365"), loc="left", color=GREY)
    figures_right(axes, (text("repeat.chart.rate"), "n"), [
        (words.percent(row["f2_rate"]), words.number(row["n"])) for row in known.to_dict("records")],
        [GREY if small else INK for small in grey])
    return figure


def _name(column, value, text):
    prefix = {"acq_channel": "channel", "first_price": "repeat.price"}.get(column)
    name = words.DASH if words.is_missing(value) else str(value)
    name = text.get(f"{prefix}.{name}", name)
    return cut(name, NAME_WIDTH)
