"""Charts of the campaign chapter: finished frames in, matplotlib figures out."""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from shindan import text as words
from shindan.charts.axes import HALO, WHOLE_PERCENT, cut, figures_right, lines_down, percent_axis
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT
from shindan.style import ACCENT, GREY, INK, PALE, RANK_COLORS

POINTS = FuncFormatter(lambda value, _: f"{100 * value:+.3g}" if round(value, 6) else "0")
LONGEST = 16  # characters of a campaign's name beside a chart
MOST_LISTS = 10


def differences(frame, text):
    """One line per randomised campaign: difference in purchase rate with its joint interval."""
    figure, axes = plt.subplots(figsize=(4.3, max(2.5, 0.6 + 0.42 * len(frame))))
    for y, row in enumerate(frame.to_dict("records")):
        _whisker(axes, y, row, "joint_pt", ACCENT if row["is_found"] else GREY, size=9)
        ends = {end: _signed(row[f"joint_pt_{end}"]) for end in ("lo", "hi")}
        label = text("campaign.chart.difference", diff=_signed(row["joint_pt"]), **ends)
        _above(axes, row["joint_pt"], y, label, size=8.5)
    names = [text("campaign.chart.sent_on", name=cut(row["name"], LONGEST), month=row["first_date"],
                  n=row["n"] + row["n_control"]) for row in frame.to_dict("records")]
    lines_down(axes, names)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.xaxis.set_major_formatter(POINTS)
    axes.margins(x=0.2)
    axes.set_xlabel(text("campaign.chart.difference_axis"), color=GREY)
    return figure


def rank_differences(frame, text):
    """One panel per campaign (the first three), one line per rank."""
    campaigns = list(dict.fromkeys(frame["campaign_id"]))[:3]
    ranks = list(dict.fromkeys(frame.sort_values("rank", key=_place)["rank"]))
    figure, panels = plt.subplots(1, len(campaigns), sharey=True, sharex=True, squeeze=False, layout="constrained",
                                  figsize=(0.9 + 1.6 * len(campaigns), 2.5))
    for axes, campaign in zip(panels[0], campaigns, strict=True):
        rows = frame[frame["campaign_id"] == campaign]
        for row in rows.to_dict("records"):
            _rank_row(axes, ranks.index(row["rank"]), row, text)
        axes.set_title(cut(rows["name"].iloc[0], 12), loc="left", fontsize=9, weight="bold")
        axes.axvline(0, color=INK, linewidth=0.8)
        lines_down(axes, [text(f"rank.{rank}") for rank in ranks])
        axes.margins(x=0.2)
        axes.xaxis.set_major_formatter(POINTS)
        axes.tick_params(axis="x", labelsize=8)
    figure.supxlabel(text("campaign.chart.difference_axis"), fontsize=9, color=GREY)
    return figure


def pooled(frame, text):
    """One line per monthly list: difference in purchase rate over its months with its joint interval."""
    frame = frame.dropna(subset=["joint_pt_lo"]).head(MOST_LISTS)
    figure, axes = plt.subplots(figsize=(5.6, 0.9 + 0.3 * len(frame)))
    rows = frame.to_dict("records")
    for y, row in enumerate(rows):
        _whisker(axes, y, row, "joint_pt", ACCENT if row["is_found"] else GREY, size=8)
    lines_down(axes, [text("campaign.chart.over_months", name=cut(row["name"], LONGEST), months=row["n_months"]) for row in rows])
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.xaxis.set_major_formatter(POINTS)
    axes.set_xlabel(text("campaign.chart.difference_axis"), loc="left", color=GREY)
    figures_right(axes, [text(f"campaign.chart.{head}") for head in ("pooled_difference", "sent", "left_out")] + ["n"], [
        (_signed(row["joint_pt"]), words.percent(row["bought_rate"]), words.percent(row["control_rate"]),
         words.number(row["n"] + row["n_control"])) for row in rows])
    return figure


def _rank_row(axes, y, row, text):
    """The difference of one rank, or a grey "n<30" where it says nothing."""
    if words.is_missing(row["joint_pt"]) or min(row["n"], row["n_control"]) < MIN_N_VERDICT:
        axes.annotate(f"n<{MIN_N_VERDICT}", (0, y), (4, 3), textcoords="offset points", color=GREY, fontsize=8)
        return
    _whisker(axes, y, row, "joint_pt", ACCENT if row["is_found"] else GREY, size=7)
    label = text("campaign.chart.rank_difference", diff=_signed(row["joint_pt"]), n=row["n"] + row["n_control"])
    _above(axes, row["joint_pt"], y, label, size=8)


def rule_rates(frame, text):
    """One panel per rank, one line per campaign: share of those addressed who bought."""
    campaigns = list(dict.fromkeys(frame["campaign_id"]))[:6]
    frame = frame[frame["campaign_id"].isin(campaigns)]
    ranks = list(dict.fromkeys(frame.sort_values("rank", key=_place)["rank"]))
    figure, panels = plt.subplots(1, len(ranks), sharey=True, sharex=True, squeeze=False, layout="constrained",
                                  figsize=(5.6, min(3.6, 1.0 + 0.6 * max(len(campaigns), 2))))
    names = frame.drop_duplicates("campaign_id").set_index("campaign_id")["name"]
    for axes, rank in zip(panels[0], ranks, strict=True):
        for row in frame[frame["rank"] == rank].to_dict("records"):
            _rate_row(axes, campaigns.index(row["campaign_id"]), row, text)
        axes.set_title(text(f"rank.{rank}"), loc="left", fontsize=9, weight="bold")
        axes.xaxis.set_major_formatter(WHOLE_PERCENT)
        axes.tick_params(axis="x", labelsize=8)
        lines_down(axes, [cut(names[c], LONGEST) for c in campaigns])
    widest = max(frame.loc[frame["n"] >= MIN_N_SHOWN, "bought_rate_hi"].max(), 0.01)
    panels[0][0].set_xlim(-0.14 * widest, 1.14 * widest)
    figure.supxlabel(text("campaign.chart.rate_axis"), fontsize=9, color=GREY)
    return figure


def _rate_row(axes, y, row, text):
    if row["n"] < MIN_N_SHOWN:
        axes.annotate(f"n<{MIN_N_SHOWN}", (0, y), (4, 3), textcoords="offset points", color=GREY, fontsize=8)
        return
    color = RANK_COLORS.get(row["rank"], GREY) if row["n"] >= MIN_N_VERDICT else PALE
    _whisker(axes, y, row, "bought_rate", color, size=7)
    _above(axes, row["bought_rate"], y, words.percent(row["bought_rate"]), size=7.5,
           color=INK if row["n"] >= MIN_N_VERDICT else GREY)


def trends(frame, text):
    """One panel per campaign (the latest three): share that bought by period, sent to and others."""
    campaigns = list(dict.fromkeys(frame["campaign_id"]))[:3]
    figure, panels = plt.subplots(len(campaigns), 1, sharex=True, squeeze=False, layout="constrained",
                                  figsize=(4.6, 0.6 + 0.95 * len(campaigns)))
    for axes, campaign in zip(panels[:, 0], campaigns, strict=True):
        rows = frame[frame["campaign_id"] == campaign]
        for column, color, key in (("others_rate", GREY, "others"), ("bought_rate", ACCENT, "sent")):
            axes.plot(rows["period"], rows[column], "o-", color=color, markersize=4.5, linewidth=1.6,
                      label=text(f"campaign.chart.{key}"))
        one = rows.iloc[0]
        key = "trend_title" if one["is_alike"] else "trend_unlike"
        title = text(f"campaign.chart.{key}", name=cut(one["name"], LONGEST), dd=words.points(one["dd_pt"], text.lang))
        axes.set_title(title, loc="left", fontsize=8.5, weight="bold")
        axes.axvline(-0.5, color=INK, linewidth=0.9, linestyle=":")
        axes.set_ylim(0, max(1.15 * rows[["bought_rate", "others_rate"]].max().max(), 0.01))
        percent_axis(axes.yaxis, bins=3)
        axes.tick_params(labelsize=8)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside upper right", ncols=2, fontsize=8.5)
    panels[-1][0].set_xticks(sorted(frame["period"].unique()))
    panels[-1][0].set_xlabel(text("campaign.chart.trend_axis"), fontsize=8.5, color=GREY)
    return figure


def _place(ranks):
    order = (*RANK_COLORS, "none")
    return ranks.map({rank: place for place, rank in enumerate(order)})


def _whisker(axes, y, row, column, color, size):
    """A dot with the line of its interval."""
    axes.plot([row[f"{column}_lo"], row[f"{column}_hi"]], [y, y], color=color, linewidth=2, solid_capstyle="butt")
    axes.plot(row[column], y, "o", color=color, markersize=size, markeredgecolor="white")


def _above(axes, x, y, label, size, color=INK):
    """A label over a dot, on white so that no line runs through it."""
    axes.annotate(label, (x, y), (0, size + 2), textcoords="offset points", ha="center", va="center",
                  fontsize=size, color=color, bbox=HALO)


def _signed(value):
    """Percentage points with their sign; the unit stands on the axis."""
    return f"{round(100 * value, 1) + 0:+.1f}"  # + 0: no "-0.0"
