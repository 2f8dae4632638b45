"""Charts of the data chapter: finished frames of analyses.data in, matplotlib figures out."""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from shindan import text as words
from shindan.charts.axes import said_above
from shindan.style import ACCENT, GREY, HALF, INK, PALE, WARN

ROOM = 0.34  # of the axis, for the label behind a bar


def bridge(frame, text):
    """The 金額ブリッジ: one bar a step from the orders received down to the revenue analysed."""
    figure, axes = plt.subplots(figsize=(4.9, 0.44 * max(len(frame), 3) + 0.3))
    places = range(len(frame))
    ends = (0, len(frame) - 1)
    colors = [ACCENT if i in ends else WARN for i in places]
    axes.barh(places, frame.to_jpy - frame.from_jpy, left=frame.from_jpy, color=colors, height=0.62)
    for i, row in enumerate(frame.to_dict("records")):
        axes.annotate(words.yen(row["amount_jpy"], text.lang, text.currency),
                      (max(row["from_jpy"], row["to_jpy"]), i), (4, 0), textcoords="offset points",
                      va="center", weight="bold" if i in ends else "normal", color=INK)
    for i in places[:-1]:
        height = frame.to_jpy.iloc[i]
        axes.plot([height, height], [i + 0.31, i + 0.69], color=GREY, linewidth=0.7)
    axes.set_yticks(places, [text(f"data.step.{step}") for step in frame.step])
    axes.invert_yaxis()
    axes.set_xlim(0, max(1, frame.to_jpy.max()) * (1 + ROOM))
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)
    axes.grid(False)
    return figure


def months(frame, text):
    """Valid orders a month; months with days without any order stand out."""
    figure, axes = plt.subplots(figsize=HALF)
    places = range(len(frame))
    colors = [WARN if empty else ACCENT for empty in frame.empty_days]
    axes.bar(places, frame.n_orders, color=colors, width=0.8)
    first = frame.empty_days.gt(0).to_numpy().nonzero()[0]
    if len(first):
        axes.annotate(text("data.chart.empty"), (1, 1), (0, 8), xycoords="axes fraction",
                      textcoords="offset points", color=WARN, ha="right", va="bottom")
    step = max(1, -(-len(frame) // 5))
    axes.set_xticks(places[::step], [words.month(m, text.lang) for m in frame.order_month[::step]])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: words.number(v)))
    said_above(axes, text("data.chart.orders"))
    axes.tick_params(bottom=False)
    axes.spines["bottom"].set_color(PALE)
    return figure
