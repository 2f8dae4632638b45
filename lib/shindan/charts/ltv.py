"""Charts of the LTV chapter. All read contribution, or sales where no contribution rate is known."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from shindan import style
from shindan import text as words
from shindan.charts.axes import cut, figures_right, lines_down, money_axis, said_above
from shindan.findings.ltv import measure

NAME_WIDTH = 14  # kanji of a channel's name


def running(frame, text):
    """Running LTV a customer by month of life, the CPA line, and the month that pays it back.

    `frame`: ltv.curve with columns cpa_jpy and payback (the month, or missing).
    """
    figure, ax = plt.subplots(figsize=(4.9, 3.0))
    basis = measure(frame)
    months, value = frame["month_of_life"], frame[f"{basis}_ltv_jpy"]
    ax.plot(months, value, color=style.ACCENT, marker="o", markersize=3.5)
    cpa, month = frame["cpa_jpy"].iloc[0], frame["payback"].iloc[0]
    if basis == "contribution" and not words.is_missing(cpa):
        ax.axhline(cpa, color=style.SECOND, lw=1.3, ls=(0, (4, 3)))
        ax.annotate(text("ltv.chart.cpa", cpa=cpa), (months.iloc[-1], cpa), ha="right", color=style.SECOND,
                    xytext=(0, 4 if value.iloc[-1] < cpa else -13), textcoords="offset points")
        _mark_payback(ax, month, months, value, text)
    ax.annotate(words.yen(value.iloc[-1], text.lang, text.currency), (months.iloc[-1], value.iloc[-1]),
                xytext=(6, 0), textcoords="offset points", va="center", weight="bold", color=style.ACCENT)
    top = max(value.max(), cpa if not words.is_missing(cpa) and basis == "contribution" else 0)
    ax.set_ylim(0, top * 1.15 if top > 0 else 1)
    ax.set_xlim(0.5, months.iloc[-1] * 1.12)
    step = 1 if len(months) <= 12 else 3
    ax.set_xticks([m for m in months if m % step == 0 or m == 1])
    ax.set_xlabel(text("ltv.chart.month_of_life"), color=style.GREY)
    said_above(ax, text(f"ltv.chart.{basis}"))
    money_axis(ax.yaxis, text)
    return figure


def _mark_payback(ax, month, months, value, text):
    found = value[months == month]
    if found.empty:
        return
    height = found.iloc[0]
    ax.plot([month, month], [0, height], color=style.GREY, lw=1, ls=":")
    ax.plot([month], [height], marker="o", markersize=8, markerfacecolor="white",
            markeredgecolor=style.SECOND, markeredgewidth=2)
    ax.annotate(text("ltv.chart.payback", month=month), (month, 0), xytext=(5, 6),
                textcoords="offset points", color=style.INK)


def by_channel(frame, text):
    """LTV(H) by channel with 95 % intervals. `frame`: ltv.ltv(values, ["acq_channel"])."""
    column = f"{measure(frame)}_ltv_jpy"
    rows = frame[frame["n"] >= 5].sort_values(column, ascending=False)
    figure, ax = plt.subplots(figsize=(4.9, max(2.0, 0.31 * len(rows) + 0.8)))
    for place, row in enumerate(rows.to_dict("records")):
        color = style.ACCENT if row["n"] >= 30 else style.PALE
        ax.plot([row[f"{column}_lo"], row[f"{column}_hi"]], [place, place], color=color, lw=2.5, solid_capstyle="butt")
        ax.plot([row[column]], [place], marker="o", color=color, markersize=7)
    lines_down(ax, [cut(text.get(f"channel.{c}", str(c)), NAME_WIDTH) for c in rows["acq_channel"]], room=1.0)
    ax.set_xlim(0, 1.03 * rows[[column, f"{column}_hi"]].max().max() or 1)
    money_axis(ax.xaxis, text, bins=4)
    ax.set_xlabel(text(f"ltv.chart.mean_{measure(frame)}"), loc="left", color=style.GREY)
    figures_right(ax, ("LTV", "n"), [
        (words.yen(row[column], text.lang, text.currency), words.number(row["n"])) for row in rows.to_dict("records")])
    return figure


def cohort_grid(frame, text, last=12):
    """Cohorts (rows) × months of life (columns); cells not yet whole are grey and say 観測中.

    `frame`: ltv.cohorts; the `last` cohorts are drawn. Darker = larger within its column.
    """
    basis = measure(frame)
    cohorts, months = sorted(frame["cohort_month"].unique())[-last:], sorted(frame["month_of_life"].unique())
    frame = frame[frame["cohort_month"].isin(cohorts)]
    figure, ax = plt.subplots(figsize=(4.9, max(1.6, 0.29 * len(cohorts) + 0.5)))
    for cell in frame.to_dict("records"):
        x, y = months.index(cell["month_of_life"]), cohorts.index(cell["cohort_month"])
        value = cell[f"{basis}_ltv_jpy"]
        column = frame.loc[frame["month_of_life"] == cell["month_of_life"], f"{basis}_ltv_jpy"]
        _cell(ax, x, y, _words(value, cell, text), _shade(value, column) if cell["n"] >= 30 else None)
    sizes = frame.groupby("cohort_month")["n"].first()
    ax.set_yticks(range(len(cohorts)), [f"{_quarter(c, text)}  n={words.number(sizes[c])}" for c in cohorts])
    ax.set_xticks(range(len(months)), [text("ltv.chart.month", month=m) for m in months])
    ax.xaxis.tick_top()
    ax.set_xlim(-0.5, len(months) - 0.5)
    ax.set_ylim(len(cohorts) - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return figure


def _cell(ax, x, y, said, shade):
    whole = shade is not None
    ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=style.ACCENT if whole else style.GRID,
                           alpha=shade if whole else 0.6, linewidth=0))
    ax.text(x, y, said, ha="center", va="center", fontsize=8, color=style.INK if whole else style.GREY)


def _words(value, cell, text):
    if not cell["observed"]:
        return text("ltv.chart.observing")
    return "n<5" if cell["n"] < 5 else words.yen(value, text.lang, text.currency)


def _shade(value, column):
    """0.1 … 0.5 by place within the column; None where nothing is known."""
    if words.is_missing(value):
        return None
    low, high = column.min(), column.max()
    return 0.1 + 0.4 * ((value - low) / (high - low) if high > low else 0.5)


def _quarter(month, text):
    return text("ltv.chart.quarter", year=month.year, quarter=(month.month + 2) // 3)


def gains(frame, text):
    """What each change would be worth a year, with its interval. `frame`: whatif.levers."""
    rows = frame[frame["n"] >= 30].to_dict("records")
    figure, ax = plt.subplots(figsize=(5.2, 0.5 * len(rows) + 0.9))
    for place, row in enumerate(rows):
        ax.barh(place, row["gain_jpy"], height=0.5, color=style.ACCENT)
        ax.plot([row["gain_jpy_lo"], row["gain_jpy_hi"]], [place, place], color=style.INK, lw=1.5)
    lines_down(ax, [text(f"ltv.chart.lever_{row['lever']}", change=row["change_share"]) for row in rows], room=1.0)
    ends = [row[f"gain_jpy{end}"] for row in rows for end in ("", "_lo", "_hi")]
    ax.set_xlim(min(0, *ends), 1.03 * max(ends) if max(ends) > 0 else 1)
    money_axis(ax.xaxis, text, bins=2)
    ax.set_xlabel(text("ltv.chart.gain_axis"), loc="left", color=style.GREY)
    figures_right(ax, [text(f"ltv.chart.{name}") for name in ("made_of", "gain")], [
        (text(f"ltv.chart.made_of_{row['lever']}", base=row["n_base"], more=row["n_more"], each=row["each_jpy"]),
         text("ltv.chart.gain_ci", gain=row["gain_jpy"], low=row["gain_jpy_lo"], high=row["gain_jpy_hi"])) for row in rows])
    return figure
