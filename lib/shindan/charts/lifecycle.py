"""Charts of CPM and of the stages of life: finished frames of analyses.lifecycle in, figures out."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap

from shindan import text as words
from shindan.charts.axes import lines_down, percent_axis
from shindan.charts.rfm import few_hidden, money_hidden
from shindan.findings.model import MIN_N_SHOWN
from shindan.style import ACCENT, GREY, GRID, INK, PALE, RANK_COLORS, SECOND

BLUES = LinearSegmentedColormap.from_list("people", ["#EEF5F9", ACCENT])
AMBERS = LinearSegmentedColormap.from_list("yen", ["#FCF3E8", SECOND])
DARK = 0.6  # a cell this full carries white words
STAGE_COLORS = {"prospect": PALE, "new": RANK_COLORS["semi_premium"], "regular": RANK_COLORS["semi_premium"],
                "premium": ACCENT, "dormant": RANK_COLORS["dormant"], "lost": RANK_COLORS["dormant"]}


def cpm(frame, text):
    """The five groups across, 現役 and 離脱 down: people above, sales of all time below."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.2, 3.7))
    people, hidden = _wide(frame, "n"), _wide(frame, "hidden")
    few = (people > 0) & (people < MIN_N_SHOWN)
    _matrix(top, _wide(frame, "people_share").mask(few), few_hidden(people), BLUES, text("lifecycle.chart.people"))
    yen = money_hidden(_wide(frame, "total_jpy"), people, hidden, text)
    _matrix(bottom, _wide(frame, "total_share").mask((hidden != "") | (people == 0)), yen, AMBERS, text("lifecycle.chart.sales"))
    if (hidden == "cover").any(axis=None):
        bottom.set_xlabel(text("rfm.chart.hidden"), loc="right", fontsize=8, color=GREY)
    for axes in (top, bottom):
        axes.set_yticks(np.arange(2) + 0.5, [text(f"lifecycle.cpm_state.{s}") for s in people.index], rotation=0)
        axes.set_xticks(np.arange(5) + 0.5, [text(f"lifecycle.cpm_class.{c}") for c in people.columns])
    top.tick_params(labelbottom=False)
    figure.tight_layout()
    return figure


def _wide(frame, column):
    order = {name: list(dict.fromkeys(frame[name])) for name in ("cpm_state", "cpm_class")}
    wide = frame.pivot(index="cpm_state", columns="cpm_class", values=column)
    return wide.loc[order["cpm_state"], order["cpm_class"]]


def _matrix(axes, shares, labels, colors, title):
    """Shares as shades, on a square-root scale; the label and the share in every cell."""
    shade = np.sqrt(shares.astype(float).clip(lower=0))
    sns.heatmap(shade, ax=axes, cmap=colors, cbar=False, linewidths=1.2, linecolor="white", vmin=0, vmax=1)
    for y, state in enumerate(shares.index):
        for x, name in enumerate(shares.columns):
            share, label = shares.loc[state, name], labels.loc[state, name]
            said = label if words.is_missing(share) else f"{label}\n{words.percent(share)}"
            color = "white" if shade.loc[state, name] > DARK else INK
            axes.text(x + 0.5, y + 0.5, said, ha="center", va="center", color=color)
    axes.set_title(title, loc="left", fontsize=9, weight="bold")
    axes.set(xlabel="", ylabel="")
    axes.set_facecolor(GRID)
    axes.grid(visible=False)
    axes.tick_params(length=0)


def stages(frame, text):
    """People of each stage, from 見込み to 離反, as bars with number and share."""
    figure, axes = plt.subplots(figsize=(4.6, 3.4))
    places = range(len(frame))
    axes.barh(places, frame["people_share"], height=0.66, color=[STAGE_COLORS[s] for s in frame["stage"]])
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        few = 0 < row["n"] < MIN_N_SHOWN
        said = "n<5" if few else text("lifecycle.chart.bar", n=row["n"], share=row["people_share"])
        axes.annotate(said, (row["people_share"], place),
                      (5, 0), textcoords="offset points", va="center",
                      color=ACCENT if row["stage"] == "premium" else INK)
    lines_down(axes, [text(f"lifecycle.stage.{stage}") for stage in frame["stage"]], room=0.5)
    axes.set_xlim(0, 1.3 * max(0.01, frame["people_share"].max()))
    percent_axis(axes.xaxis)
    axes.set_xlabel(text("lifecycle.chart.stage_share"), loc="left", color=GREY)
    return figure
