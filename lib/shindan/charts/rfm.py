"""Charts of the RFM chapter: finished frames of analyses.rfm in, matplotlib figures out."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap

from shindan import text as words
from shindan.charts.axes import percent_axis, said_above
from shindan.findings.model import MIN_N_SHOWN
from shindan.style import ACCENT, GREY, HALF, INK, PALE, RANK_COLORS, SECOND

BLUES = LinearSegmentedColormap.from_list("people", ["#EEF5F9", ACCENT])
AMBERS = LinearSegmentedColormap.from_list("yen", ["#FCF3E8", SECOND])
ROOM, SLIVER = 0.06, 0.01  # a narrower part of a bar has no room for words; none over it either
LETTER = 0.019  # the room of one Latin letter; a Japanese one takes two


def rank_bars(frame, text):
    """People and sales of the four ranks, as two bars of 100 %."""
    figure, axes = plt.subplots(figsize=(6.6, 1.6))
    rows = (("sales_share", "sales"), ("people_share", "people"))
    for place, (column, _) in enumerate(rows):
        shares = [0.0 if words.is_missing(share) else max(share, 0.0) for share in frame[column]]
        lefts = np.cumsum([0.0, *shares[:-1]])
        axes.barh([place] * len(shares), shares, left=lefts, height=0.56, linewidth=0,
                  color=[RANK_COLORS[rank] for rank in frame["rank"]])
        _name_parts(axes, place, list(zip(frame["rank"], lefts, shares, strict=True)), text)
    axes.set_yticks(range(2), [text(f"rfm.chart.{name}") for _, name in rows])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.35, 1.75)
    percent_axis(axes.xaxis)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    return figure


def _name_parts(axes, place, parts, text):
    """Name and share inside a part where they fit, else over the bar in one line; nothing on a sliver."""
    over = []
    for rank, left, share in parts:
        name, percent = text(f"rank.{rank}"), words.percent(share)
        if share >= max(ROOM, LETTER * sum(2 if letter > "\u2e80" else 1 for letter in name)):
            color = "white" if rank in ("premium", "dormant") else INK
            axes.text(left + share / 2, place, f"{name}\n{percent}", ha="center", va="center", color=color)
        elif share >= SLIVER:
            over.append((left, f"{name} {percent}"))
    if over:
        axes.text(over[0][0], place + 0.31, " · ".join(said for _, said in over), ha="left", va="bottom", fontsize=8.5)


def rf_heat(frame, text):
    """Recency down, frequency across: people on the left, sales of the window on the right."""
    figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(6.6, 3.1))
    wide = frame.pivot(index="r_score", columns="f_score").sort_index(ascending=False)
    people, sales, hidden = wide["n"], wide["sales_jpy"], wide["hidden"]
    _heat(left, people, few_hidden(people), BLUES, text("rfm.chart.grid_people"))
    _heat(right, sales.mask(hidden != ""), money_hidden(sales, people, hidden, text), AMBERS, text("rfm.chart.grid_sales"))
    if (hidden == "cover").any(axis=None):
        right.annotate(text("rfm.chart.hidden"), (1, 0), (0, -44), xycoords="axes fraction", textcoords="offset points",
                       ha="right", va="top", fontsize=8, color=GREY)
    for axes in (left, right):
        axes.set_xticks(np.arange(5) + 0.5, [_times(frame, f, text) for f in wide["n"].columns], fontsize=8.5)
        axes.set_xlabel(text("rfm.chart.frequency"), color=GREY)
    left.set_yticks(np.arange(5) + 0.5, [_days(frame, r, text) for r in wide.index], rotation=0, fontsize=8.5)
    left.annotate(text("rfm.chart.recency"), (0, 1), (-4, 3), xycoords="axes fraction", textcoords="offset points",
                  ha="right", va="bottom", fontsize=8.5, color=GREY)
    figure.tight_layout()
    return figure


def few_hidden(people):
    """Counts of people as words; 1 to 4 print as n<5."""
    return people.map(words.number).mask((people > 0) & (people < MIN_N_SHOWN), "n<5")


def money_hidden(money, people, hidden, text):
    """Amounts as words; those of a few people, and those hidden to keep them (disclosure.hidden), are not said."""
    said = money.map(lambda value: words.yen_read(value, text.lang, text.currency))
    return said.mask(hidden == "few", "n<5").mask(hidden == "cover", "※").mask(people == 0, words.DASH)


def _heat(axes, values, labels, colors, title):
    """A heat map with its own words in the cells, on a square-root scale (a few cells are huge)."""
    shade = np.sqrt(values.astype(float).clip(lower=0).fillna(0))
    sns.heatmap(shade, ax=axes, cmap=colors, cbar=False, annot=labels.to_numpy(), fmt="",
                annot_kws={"fontsize": 8.5, "color": INK}, linewidths=0.8, linecolor="white", vmin=0)
    for said, value in zip(axes.texts, shade.to_numpy().ravel(), strict=True):
        said.set_color("white" if value > 0.8 * shade.to_numpy().max() else INK)
    axes.set_title(title, loc="left", fontsize=9, weight="bold")
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)


def _days(frame, score, text):
    return _limit(frame, "r_score", score, "recency_max_days", text)


def _times(frame, score, text):
    return _limit(frame, "f_score", score, "frequency_min", text)


def _limit(frame, score_column, score, column, text):
    """The label of a score: its own limit; the lowest score is what lies beyond its neighbour's."""
    limits = frame.groupby(score_column)[column].first()
    own, beyond = limits[score], limits.get(score + 1)
    if not words.is_missing(own):
        return text(f"rfm.chart.{column}", score=score, limit=own)
    if score == 1 and not words.is_missing(beyond):
        return text(f"rfm.chart.{column}_beyond", score=score, limit=beyond)
    return text(f"rfm.chart.{column}", score=score, limit=None)


def transition(frame, text):
    """Rank on an earlier day down, rank now across: people and share of the row; 1 to 4 people print as n<5.

    One matrix a day of `since`, the latest first under the other.
    """
    days = list(dict.fromkeys(frame["since"]))
    figure, panels = plt.subplots(len(days), 1, figsize=HALF if len(days) == 1 else (5.4, 4.6), squeeze=False)
    for axes, day in zip(panels.ravel(), days, strict=True):
        _matrix(axes, frame[frame["since"] == day], text, " " if len(days) > 1 else "\n")
        axes.annotate(text("rfm.chart.before", day=day), (0, 1), (-4, 5), xycoords="axes fraction",
                      textcoords="offset points", ha="right", va="bottom", fontsize=8.5, color=GREY)
    panels[0, 0].set_xlabel(text("rfm.chart.now"), color=GREY)
    panels[0, 0].xaxis.set_label_position("top")
    for axes in panels[1:, 0]:
        axes.tick_params(labeltop=False)
    figure.tight_layout()
    return figure


def _matrix(axes, frame, text, between):
    """Shares as shades; share and people in every cell, `between` them a space or a new line."""
    order, ranks = (list(dict.fromkeys(frame[name])) for name in ("rank_before", "rank_now"))
    people, share = (frame.pivot(index="rank_before", columns="rank_now", values=name).loc[order, ranks].astype(float)
                     for name in ("n", "people_share"))
    total = people.sum(axis=1)
    sns.heatmap(share.where(total >= MIN_N_SHOWN), ax=axes, cmap=BLUES, cbar=False, vmin=0, vmax=1,
                linewidths=1.5, linecolor="white")
    for y, before in enumerate(order):
        small = total[before] < MIN_N_SHOWN
        for x, now in enumerate(ranks):
            color = "white" if not small and share.loc[before, now] > 0.55 else INK
            said = _moved(people.loc[before, now], share.loc[before, now], small, text).replace("\n", between)
            axes.text(x + 0.5, y + 0.5, said, ha="center", va="center", color=color, fontsize=9 if between == "\n" else 8.5,
                      weight="bold" if before == now else "normal")
    axes.set_xticks(np.arange(len(ranks)) + 0.5, [text(f"rank.{rank}") for rank in ranks])
    axes.set_yticks(np.arange(len(order)) + 0.5, rotation=0, labels=[
        text("rfm.chart.row", rank=text(f"rank.{rank}"), n=total[rank]) for rank in order])
    axes.set(xlabel="", ylabel="")
    axes.xaxis.tick_top()
    axes.tick_params(length=0)


def _moved(n, share, small, text):
    """Share and people of a cell; of a handful that there are some."""
    if 0 < n < MIN_N_SHOWN:
        return "n<5"
    return text("rfm.chart.cell", rate=words.DASH if small else words.percent(share), n=n)


def pareto(frame, text):
    """Sales share of each tenth of the buyers, best first, and the share up to it."""
    figure, axes = plt.subplots(figsize=(4.3, 2.9))
    places = np.arange(len(frame))
    colors = [ACCENT if place == 0 else PALE for place in places]
    axes.bar(places, frame["sales_share"], color=colors, width=0.72)
    axes.plot(places, frame["cumulative_share"], color=GREY, marker="o", markersize=3.5, linewidth=1.2)
    for place, row in enumerate(frame.to_dict("records")):
        _above(axes, place, row["sales_share"], ACCENT if place == 0 else INK)
        if place:
            _above(axes, place, row["cumulative_share"], GREY)
    axes.annotate(text("rfm.chart.cumulative"), (places[-1], 1.0), (0, -12), textcoords="offset points",
                  ha="right", va="top", color=GREY)
    axes.set_xticks(places, [words.number(decile) for decile in frame["decile"]])
    axes.set_xlabel(text("rfm.chart.buyers_by_sales"), color=GREY)
    said_above(axes, text("rfm.chart.sales_share"))
    axes.set_ylim(0, 1.1)
    percent_axis(axes.yaxis)
    return figure


def _above(axes, place, share, color):
    axes.annotate(words.percent(share, 0), (place, share), (0, 5), textcoords="offset points",
                  ha="center", color=color, fontsize=8)
