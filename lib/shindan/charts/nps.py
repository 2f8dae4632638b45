"""Charts of the NPS chapter: finished frames in, matplotlib figures out."""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from shindan import text as words
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.style import ACCENT, GREY, INK, PALE, RANK_COLORS, WARN

COLORS = {"promoter": ACCENT, "passive": PALE, "detractor": WARN}
SPANS = {"detractor": (0, 6), "passive": (7, 8), "promoter": (9, 10)}
PERCENT = FuncFormatter(lambda value, _: words.percent(value, 0))
LONGEST = 14


def distribution(frame, text):
    """Answers by score 0–10; above them the share of each group."""
    figure, axes = plt.subplots()
    axes.bar(frame["score"], frame["answer_share"], color=[COLORS[g] for g in frame["group"]], width=0.78)
    top = frame["answer_share"].max() if frame["n"].sum() else 1
    for row in frame.to_dict("records"):
        if row["n"]:
            axes.annotate(words.number(row["n"]), (row["score"], row["answer_share"]), (0, 3),
                          textcoords="offset points", ha="center", fontsize=8)
    shares = frame.groupby("group")["answer_share"].sum()
    for group, (first, last) in SPANS.items():
        color = GREY if group == "passive" else COLORS[group]
        axes.plot([first - 0.39, last + 0.39], [1.2 * top] * 2, color=color, linewidth=2)
        axes.annotate(text(f"nps.chart.{group}", share=shares[group]), ((first + last) / 2, 1.2 * top), (0, 4),
                      textcoords="offset points", ha="center", va="bottom", color=color, weight="bold")
    axes.set_xticks(range(11))
    axes.set_ylim(0, 1.46 * top)
    axes.yaxis.set_major_formatter(PERCENT)
    axes.set_xlabel(text("nps.chart.score_axis"))
    axes.set_ylabel(text("nps.chart.answer_share"))
    return figure


def compared(frame, text):
    """One panel per kind (wave, rank …), one line per group: NPS with its interval."""
    kinds = list(dict.fromkeys(frame["kind"]))
    rows = max((frame["kind"] == kind).sum() for kind in kinds)
    figure, panels = plt.subplots(1, len(kinds), sharex=True, squeeze=False, figsize=(6.6, 1.0 + 0.44 * max(rows, 4)))
    for axes, kind in zip(panels[0], kinds, strict=True):
        part = frame[frame["kind"] == kind].to_dict("records")
        for y, row in enumerate(part):
            axes.plot([row["nps_lo"], row["nps_hi"]], [y, y], color=ACCENT, linewidth=2, solid_capstyle="butt")
            axes.plot(row["nps"], y, "o", color=ACCENT, markersize=8, markeredgecolor="white")
            axes.annotate(f"{row['nps']:+.0f}", (row["nps"], y), (0, 11), textcoords="offset points", fontsize=8.5,
                          ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})
        axes.set_yticks(range(len(part)), [_group(row, text) for row in part])
        axes.set_title(text(f"nps.chart.{kind}"), loc="left", fontsize=9, weight="bold")
        axes.axvline(0, color=GREY, linewidth=0.8)
        _lines(axes, rows)
    figure.supxlabel(text("nps.chart.nps_axis"), fontsize=9)
    figure.tight_layout()
    return figure


def _group(row, text):
    """The group's name in the reader's words, with its n."""
    prefix = {"rank": "rank", "acq_channel": "channel"}.get(row["kind"])
    name = text.get(f"{prefix}.{row['value']}", row["value"]) if prefix else row["value"]
    name = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return text("nps.chart.group", name=name, n=row["n"])


def later(frame, text):
    """Share of each group that bought after its answer, with intervals."""
    figure, axes = plt.subplots(figsize=(6.6, 2.5))
    for y, row in enumerate(frame.to_dict("records")):
        if row["n"] < MIN_N_SHOWN:
            axes.annotate(f"n<{MIN_N_SHOWN}", (0, y), (4, 0), textcoords="offset points", color=GREY)
            continue
        color = GREY if row["group"] == "passive" or row["n"] < MIN_N_VERDICT else COLORS[row["group"]]
        axes.plot([row["bought_rate_lo"], row["bought_rate_hi"]], [y, y], color=color, linewidth=2.5, solid_capstyle="butt")
        axes.plot(row["bought_rate"], y, "o", color=color, markersize=10, markeredgecolor="white")
        axes.annotate(words.percent(row["bought_rate"]), (row["bought_rate"], y), (0, 9),
                      textcoords="offset points", ha="center", weight="bold")
    axes.set_yticks(range(len(frame)), [
        text("nps.chart.group", name=text(f"nps.group.{row['group']}"), n=row["n"]) for row in frame.to_dict("records")])
    axes.xaxis.set_major_formatter(PERCENT)
    axes.set_xlabel(text("nps.chart.later_axis"))
    _lines(axes, len(frame))
    axes.set_xlim(left=0)
    return figure


def respondents(frame, text):
    """Share of each rank among all customers (hollow) and among those who answered (full)."""
    figure, axes = plt.subplots(figsize=(6.6, 2.7))
    for y, row in enumerate(frame.to_dict("records")):
        color = RANK_COLORS[row["rank"]]
        ends = row["customer_share"], row["respondent_share"]
        axes.plot(ends, [y, y], color=PALE, linewidth=3, zorder=1)
        axes.plot(ends[0], y, "o", markerfacecolor="white", markeredgecolor=GREY, markersize=9, markeredgewidth=1.5)
        axes.plot(ends[1], y, "o", color=color, markersize=10, markeredgecolor=INK, markeredgewidth=0.5)
        right = ends[1] >= ends[0]
        _beside(axes, ends[1], y, words.percent(ends[1]), right, INK, "bold")
        _beside(axes, ends[0], y, words.percent(ends[0]), not right, GREY, "normal")
    first = frame.iloc[0]
    for column, key, color in (("respondent_share", "respondents", INK), ("customer_share", "customers", GREY)):
        side = (first[column] >= first["customer_share" if column == "respondent_share" else "respondent_share"])
        axes.annotate(text(f"nps.chart.{key}"), (first[column], 0), (0, 11), textcoords="offset points",
                      ha="left" if side else "right", fontsize=8, color=color)
    axes.set_yticks(range(len(frame)), [text(f"rank.{rank}") for rank in frame["rank"]])
    axes.xaxis.set_major_formatter(PERCENT)
    axes.margins(x=0.14)
    axes.set_xlabel(text("nps.chart.share_axis"))
    _lines(axes, len(frame))
    return figure


def _beside(axes, x, y, label, right, color, weight):
    axes.annotate(label, (x, y), (8 if right else -8, 0), textcoords="offset points", va="center",
                  ha="left" if right else "right", color=color, weight=weight, fontsize=8.5)


def _lines(axes, rows):
    """Horizontal rows, first at the top; a light vertical grid."""
    axes.set_ylim(rows - 0.5, -0.75)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
