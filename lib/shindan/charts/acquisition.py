"""Charts of the acquisition chapter."""

import matplotlib.pyplot as plt

from shindan import style
from shindan import text as words
from shindan.charts.axes import HALO, cut, figures_right, lines_down, money_axis, said_above
from shindan.findings.ltv import measure
from shindan.findings.model import MIN_N_SHOWN, MIN_N_VERDICT

LTV = "contribution_ltv_jpy"
NAME_WIDTH = 13  # kanji of a channel's name
VERDICT = {"short": style.WARN, "back": style.ACCENT, "unsure": style.ACCENT}


def cpa_by_channel(frame, text):
    """CPA a channel with the bounds from unknown customers; lines: blended and paid (known).

    `frame`: acquisition.channels rows with columns blended_cpa_jpy and paid_cpa_jpy.
    """
    rows = frame[frame["cpa_min_jpy"].notna()].sort_values("cpa_jpy", na_position="last")
    figure, ax = plt.subplots(figsize=_size(rows))
    for place, row in enumerate(rows.to_dict("records")):
        _bar(ax, place, row, text)
    lines_down(ax, [_channel(row, text) for row in rows.to_dict("records")], room=1.1)
    _reference_lines(ax, frame.iloc[0], text)
    ax.set_xlim(left=0)
    money_axis(ax.xaxis, text)
    ax.set_xlabel(text("acquisition.chart.cpa_axis"), loc="left", color=style.GREY)
    figures_right(ax, (text("acquisition.chart.cpa"), "n"), [
        (words.yen(row["cpa_jpy"], text.lang, text.currency), words.number(row["n"])) for row in rows.to_dict("records")])
    return figure


def _size(rows):
    return 5.2, min(4.4, max(2.0, 0.31 * len(rows) + 0.9))


def _channel(row, text):
    return cut(text.get(f"channel.{row['acq_channel']}", str(row["acq_channel"])), NAME_WIDTH)


def _bar(ax, place, row, text):
    value, low = row["cpa_jpy"], row["cpa_min_jpy"]
    if words.is_missing(value):
        ax.text(0, place, f" {words.DASH} {text('acquisition.chart.no_customers', cost=row['cost_jpy'])}",
                va="center", color=style.GREY, bbox=HALO, zorder=4)  # over the lines of the averages
        return
    ax.barh(place, value, height=0.6, color=style.ACCENT if row["n"] >= MIN_N_VERDICT else style.PALE)
    if low < value:
        ax.plot([low, value], [place, place], color=style.SECOND, lw=3, solid_capstyle="butt")
        ax.plot([low, low], [place - 0.16, place + 0.16], color=style.SECOND, lw=2)


def _reference_lines(ax, row, text):
    """The averages as dashed lines; the lower one is named to its left, the higher one to its right."""
    found = [(row[f"{name}_cpa_jpy"], name) for name in ("blended", "paid")]
    found = sorted(pair for pair in found if not words.is_missing(pair[0]))
    for (value, name), side in zip(found, ("right", "left"), strict=False):
        ax.plot([value, value], [-0.9, ax.get_ylim()[0]], color=style.INK, lw=1, ls=(0, (4, 3)), zorder=3)
        ax.annotate(text(f"acquisition.chart.{name}", cpa=value), (value, -0.72), (-4 if side == "right" else 4, 0),
                    textcoords="offset points", ha=side, va="center", fontsize=8.5)


def earned_back(frame, text):
    """What a customer of each channel brings (dot, line) against what one costs (bar, darker at its end).

    `frame`: returns.economics; channels with both are drawn, best return first. Red: surely falls
    short; grey: too few people, or months of cost missing.
    """
    rows = frame[frame["ltv_cpa_rate"].notna()].sort_values("ltv_cpa_rate", ascending=False)
    figure, ax = plt.subplots(figsize=_size(rows))
    colors = [VERDICT.get(verdict, style.GREY) for verdict in rows["verdict"]]
    for place, (row, color) in enumerate(zip(rows.to_dict("records"), colors, strict=True)):
        ax.barh(place, row["cpa_jpy"], height=0.5, color=style.GRID)
        ax.barh(place, row["cpa_jpy_hi"] - row["cpa_jpy_lo"], left=row["cpa_jpy_lo"], height=0.5, color=style.PALE)
        ax.plot([row[f"{LTV}_lo"], row[f"{LTV}_hi"]], [place, place], color=color, lw=2.5, solid_capstyle="butt")
        ax.plot([row[LTV]], [place], "o", color=color, markersize=8, markeredgecolor="white")
    lines_down(ax, [_channel(row, text) for row in rows.to_dict("records")], room=1.1)
    ax.set_xlim(left=0)
    money_axis(ax.xaxis, text, bins=3)
    ax.set_xlabel(text("acquisition.chart.back_axis"), loc="left", color=style.GREY)
    heads = [text(f"acquisition.chart.{name}") for name in ("cpa", "brings", "rate", "payback")] + ["n"]
    red = [color if color == style.WARN else style.INK for color in colors]
    figures_right(ax, heads, [_figures(row, text) for row in rows.to_dict("records")], red)
    return figure


def _figures(row, text):
    """CPA, LTV, LTV ÷ CPA, payback and n of one channel, as words."""
    cost, brings = (words.yen(row[name], text.lang, text.currency) for name in ("cpa_jpy", LTV))
    never = text.get(f"acquisition.payback.{row['payback']}", "")
    month = never or text("acquisition.chart.back_month", month=row["payback"])
    return cost, brings, words.percent(row["ltv_cpa_rate"], 0), month, words.number(row["n_matured"])


def monthly_trend(frame, text):
    """New customers (bars) above, blended CPA (line, 95 % band) and 限界CPO below, by month.

    `frame`: acquisition.trend with limit_cpo_jpy (missing: no limit is drawn).
    """
    figure, (top, low) = plt.subplots(2, 1, sharex=True, figsize=style.HALF, height_ratios=(2, 3))
    x, limit = range(len(frame)), frame["limit_cpo_jpy"].iloc[0]
    top.bar(x, frame["n"], color=style.PALE, width=0.75)
    said_above(top, text("acquisition.chart.new_customers"))
    low.fill_between(x, frame["cpa_jpy_lo"], frame["cpa_jpy_hi"], color=style.ACCENT, alpha=0.15, lw=0)
    low.plot(x, frame["cpa_jpy"], color=style.ACCENT, marker="o", markersize=3)
    said_above(low, text("acquisition.chart.blended_cpa"))
    highest = frame[["cpa_jpy", "cpa_jpy_hi"]].max().max()
    if not words.is_missing(limit):
        low.axhline(limit, color=style.SECOND, lw=1.3, ls=(0, (4, 3)))
        low.annotate(text("acquisition.chart.limit", limit=limit), (-0.6, limit), xytext=(0, 4), bbox=HALO,
                     textcoords="offset points", color=style.SECOND)
        highest = max(highest, limit)
    low.set_ylim(0, highest * 1.25 if highest > 0 else 1)
    money_axis(low.yaxis, text, bins=4)
    top.yaxis.set_major_formatter(lambda value, _: words.number(value))
    _last(top, frame["n"], words.number)
    _last(low, frame["cpa_jpy"], lambda value: words.yen(value, text.lang, text.currency))
    step = max(1, -(-len(frame) // 5))
    ticks = list(range(len(frame) - 1, -1, -step))[::-1]
    low.set_xticks(ticks, [words.month(frame["calendar_month"].iloc[i], text.lang) for i in ticks])
    low.set_xlim(-0.7, 1.14 * len(frame) + 0.5)
    figure.align_ylabels()
    figure.tight_layout(h_pad=1.2)
    return figure


def doors(frame, text):
    """LTV by ad code (or another door): dots with intervals, and the CPA where costs name the doors.

    `frame`: entrances.best_known with horizon_days.
    """
    rows = frame[frame["n_matured"] >= MIN_N_SHOWN]
    column = f"{measure(rows)}_ltv_jpy"
    rows = rows.sort_values(column, ascending=False)
    figure, ax = plt.subplots(figsize=(4.9, max(2.0, 0.31 * len(rows) + 0.8)))
    for place, row in enumerate(rows.to_dict("records")):
        color = style.ACCENT if row["n_matured"] >= MIN_N_VERDICT else style.PALE
        ax.plot([row[f"{column}_lo"], row[f"{column}_hi"]], [place, place], color=color, lw=2.5, solid_capstyle="butt")
        ax.plot([row[column]], [place], marker="o", color=color, markersize=7)
    lines_down(ax, [_door(row, text) for row in rows.to_dict("records")], room=1.0)
    ax.set_xlim(0, 1.03 * rows[[column, f"{column}_hi"]].max().max() or 1)
    money_axis(ax.xaxis, text, bins=3)
    ax.set_xlabel(text("acquisition.chart.door_axis", days=rows["horizon_days"].iloc[0]), loc="left", color=style.GREY)
    known = {"cpa": "cpa_jpy"} if rows["cpa_jpy"].notna().any() else {}
    columns = known | {"ltv": column}
    figures_right(ax, [*(text(f"acquisition.chart.{name}") for name in columns), "n"], [
        (*(words.yen(row[name], text.lang, text.currency) for name in columns.values()), words.number(row["n_matured"]))
        for row in rows.to_dict("records")])
    return figure


def _door(row, text):
    """The code, and the channel it stands for where it says nothing by itself."""
    if row["kind"] != "ad_code" or words.is_missing(row["acq_channel"]):
        return cut(str(row["door"]), NAME_WIDTH)
    return cut(f"{row['door']} {text.get('channel.' + row['acq_channel'], row['acq_channel'])}", NAME_WIDTH)


def _last(ax, values, read):
    """Write the last value beside its point."""
    if len(values) and not words.is_missing(values.iloc[-1]):
        ax.annotate(read(values.iloc[-1]), (len(values) - 0.5, values.iloc[-1]), xytext=(3, 0),
                    textcoords="offset points", va="center", weight="bold")
