"""Charts of the acquisition chapter."""

import matplotlib.pyplot as plt

from shindan import style
from shindan import text as words


def cpa_by_channel(frame, text):
    """CPA a channel with the bounds from unknown customers; lines: blended and paid (known).

    `frame`: acquisition.channels rows with columns blended_cpa_jpy and paid_cpa_jpy.
    """
    rows = frame[frame["cpa_min_jpy"].notna()].sort_values("cpa_jpy", ascending=False, na_position="first")
    figure, ax = plt.subplots(figsize=(6.6, max(2.2, 0.42 * len(rows) + 1.2)))
    widest = rows[["cpa_jpy", "cpa_min_jpy", "blended_cpa_jpy", "paid_cpa_jpy"]].max().max()
    for place, row in enumerate(rows.to_dict("records")):
        _bar(ax, place, row, widest, text)
    for place, name in enumerate(("blended", "paid")):
        _line(ax, frame[f"{name}_cpa_jpy"].iloc[0], text, name, len(rows) - 0.38 + 0.42 * place)
    ax.set_yticks(range(len(rows)), [text.get(f"channel.{c}", str(c)) for c in rows["acq_channel"]])
    ax.set_xlim(0, widest * 1.3 if widest > 0 else 1)
    ax.set_ylim(-0.6, len(rows) + 0.45)
    ax.xaxis.set_major_formatter(lambda value, _: words.yen_read(value, text.lang, text.currency))
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(text("acquisition.chart.cpa_axis"), linespacing=1.6)
    return figure


def _bar(ax, place, row, widest, text):
    value, low = row["cpa_jpy"], row["cpa_min_jpy"]
    if words.is_missing(value):
        ax.annotate(f"{words.DASH} {text('acquisition.chart.no_customers', cost=row['cost_jpy'])}",
                    (0, place), xytext=(4, 0), textcoords="offset points", va="center", color=style.GREY, bbox=_halo())
        return
    ax.barh(place, value, height=0.55, color=style.ACCENT if row["n"] >= 30 else style.PALE)
    if low < value:
        ax.plot([low, value], [place, place], color=style.SECOND, lw=3, solid_capstyle="butt")
        ax.plot([low, low], [place - 0.16, place + 0.16], color=style.SECOND, lw=2)
    label = words.yen(value, text.lang, text.currency)
    ax.annotate(f"{label}  (n={words.number(row['n'])})", (value, place), xytext=(5, 0),
                textcoords="offset points", va="center", bbox=_halo())


def _line(ax, value, text, name, height):
    if words.is_missing(value):
        return
    ax.axvline(value, color=style.INK, lw=1, ls=(0, (4, 3)), zorder=0.5)
    ax.text(value, height, f" {text(f'acquisition.chart.{name}', cpa=value)}", va="center", fontsize=8,
            bbox=_halo())


def _halo():
    return {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}


def monthly_trend(frame, text):
    """New customers (bars) above, blended CPA (line) below, by month. `frame`: acquisition.trend."""
    figure, (top, low) = plt.subplots(2, 1, sharex=True, figsize=(6.6, 3.6))
    x = range(len(frame))
    top.bar(x, frame["n"], color=style.PALE, width=0.75)
    top.set_title(text("acquisition.chart.new_customers"), loc="left")
    low.plot(x, frame["cpa_jpy"], color=style.ACCENT, marker="o", markersize=3)
    low.set_title(text("acquisition.chart.blended_cpa"), loc="left")
    low.set_ylim(0, frame["cpa_jpy"].max() * 1.25 if frame["cpa_jpy"].max() > 0 else 1)
    low.yaxis.set_major_formatter(lambda value, _: words.yen_read(value, text.lang, text.currency))
    top.yaxis.set_major_formatter(lambda value, _: words.number(value))
    _last(top, frame["n"], words.number)
    _last(low, frame["cpa_jpy"], lambda value: words.yen(value, text.lang, text.currency))
    step = max(1, -(-len(frame) // 7))
    ticks = list(range(len(frame) - 1, -1, -step))[::-1]
    low.set_xticks(ticks, [words.month(frame["calendar_month"].iloc[i], text.lang) for i in ticks], fontsize=8)
    low.set_xlim(-0.7, 1.08 * len(frame) + 0.5)
    figure.align_ylabels()
    figure.tight_layout(h_pad=0.8)
    return figure


def _last(ax, values, read):
    """Write the last value beside its point."""
    if len(values) and not words.is_missing(values.iloc[-1]):
        ax.annotate(read(values.iloc[-1]), (len(values) - 0.5, values.iloc[-1]), xytext=(3, 0),
                    textcoords="offset points", va="center", weight="bold", fontsize=8)
