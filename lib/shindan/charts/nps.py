"""Charts of the NPS chapter: finished frames in, matplotlib figures out."""

import matplotlib.pyplot as plt

from shindan import text as words
from shindan.charts.axes import WHOLE_PERCENT, cut, figures_right, lines_down, said_above
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.style import ACCENT, GREY, PALE, WARN

COLORS = {"promoter": ACCENT, "passive": PALE, "detractor": WARN}
SPANS = {"detractor": (0, 6), "passive": (7, 8), "promoter": (9, 10)}
LONGEST = 14


def distribution(frame, text):
    """Answers by score 0–10; above them the share of each group."""
    figure, axes = plt.subplots(figsize=(4.9, 3.2))
    axes.bar(frame["score"], frame["answer_share"], color=[COLORS[g] for g in frame["group"]], width=0.78)
    top = frame["answer_share"].max() if frame["n"].sum() else 1
    for row in frame.to_dict("records"):
        if row["n"]:
            axes.annotate(words.number(row["n"]), (row["score"], row["answer_share"]), (0, 3),
                          textcoords="offset points", ha="center")
    shares = frame.groupby("group")["answer_share"].sum()
    for group, (first, last) in SPANS.items():
        color = GREY if group == "passive" else COLORS[group]
        axes.plot([first - 0.39, last + 0.39], [1.2 * top] * 2, color=color, linewidth=2)
        axes.annotate(text(f"nps.chart.{group}", share=shares[group]), ((first + last) / 2, 1.2 * top), (0, 4),
                      textcoords="offset points", ha="center", va="bottom", color=color, weight="bold")
    axes.set_xticks(range(11))
    axes.set_ylim(0, 1.46 * top)
    axes.yaxis.set_major_formatter(WHOLE_PERCENT)
    axes.set_xlabel(text("nps.chart.score_axis"), color=GREY)
    said_above(axes, text("nps.chart.answer_share"))
    return figure


def compared(frame, text):
    """One panel per kind (wave, rank …), one line per group: NPS with its interval."""
    kinds = list(dict.fromkeys(frame["kind"]))
    rows = [(frame["kind"] == kind).sum() for kind in kinds]
    figure, panels = plt.subplots(len(kinds), 1, sharex=True, squeeze=False, figsize=(4.9, 0.5 + 0.165 * sum(n + 1.7 for n in rows)),
                                  height_ratios=[n + 1.7 for n in rows])
    figure.subplots_adjust(hspace=0.14)
    for axes, kind in zip(panels[:, 0], kinds, strict=True):
        part = frame[frame["kind"] == kind].to_dict("records")
        for y, row in enumerate(part):
            axes.plot([row["nps_lo"], row["nps_hi"]], [y, y], color=ACCENT, linewidth=2, solid_capstyle="butt")
            axes.plot(row["nps"], y, "o", color=ACCENT, markersize=7, markeredgecolor="white")
        lines_down(axes, [_group(row, text) for row in part], room=1.2)
        axes.axvline(0, ymax=len(part) / (len(part) + 0.7), color=GREY, linewidth=0.8)
        axes.annotate(text(f"nps.chart.{kind}"), (0, -1.2), (-4, 0), xycoords=("axes fraction", "data"), ha="right",
                      textcoords="offset points", va="center", weight="bold", annotation_clip=False)
        figures_right(axes, ("NPS", "n"), [(_signed(row["nps"]), words.number(row["n"])) for row in part])
        axes.tick_params(axis="x", length=0)
        axes.spines["bottom"].set_visible(axes is panels[-1, 0])
    panels[-1, 0].set_xlabel(text("nps.chart.nps_axis"), loc="left", color=GREY)
    return figure


def _signed(score):
    return f"{round(score):+d}" if round(score) else "0"


def _group(row, text):
    """The group's name in the reader's words."""
    prefix = {"rank": "rank", "acq_channel": "channel", "f_count": "nps.f_count", "wave": "nps.wave"}.get(row["kind"])
    name = text.get(f"{prefix}.{row['value']}", row["value"]) if prefix else row["value"]
    return cut(name, LONGEST)


def later(frame, text):
    """Share of each group that bought after its answer, with intervals."""
    figure, axes = plt.subplots(figsize=(4.6, 2.4))
    for y, row in enumerate(frame.to_dict("records")):
        if row["n"] < MIN_N_SHOWN:
            axes.annotate(f"n<{MIN_N_SHOWN}", (0, y), (4, 0), textcoords="offset points", color=GREY)
            continue
        color = GREY if row["group"] == "passive" or row["n"] < MIN_N_VERDICT else COLORS[row["group"]]
        axes.plot([row["bought_rate_lo"], row["bought_rate_hi"]], [y, y], color=color, linewidth=2.5, solid_capstyle="butt")
        axes.plot(row["bought_rate"], y, "o", color=color, markersize=10, markeredgecolor="white")
        axes.annotate(words.percent(row["bought_rate"]), (row["bought_rate"], y), (0, 9),
                      textcoords="offset points", ha="center", weight="bold")
    lines_down(axes, [text("nps.chart.group", name=text(f"nps.group.{row['group']}"), n=row["n"])
                      for row in frame.to_dict("records")])
    axes.xaxis.set_major_formatter(WHOLE_PERCENT)
    axes.set_xlabel(text("nps.chart.later_axis"), color=GREY)
    axes.set_xlim(left=0)
    return figure
