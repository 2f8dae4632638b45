"""The page of customer cards: who each customer is, how they began, and when they bought."""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from shindan import text as words
from shindan.charts.axes import cut
from shindan.style import GREY, GRID, INK, PALE, RANK_COLORS

PAGE = (10.6, 4.6)  # inches: the whole width of a page
LARGEST = 130  # points², the dot of the month with the largest sales on the page
GAP = 0.55  # rows between two ranks
LEFT, RIGHT = 0.53, 0.865  # the timeline's part of the width
# name of a column, where its words stand (share of the width), how they are set
COLUMNS = (("card", 0.092, "left"), ("person", 0.127, "left"), ("born", 0.2, "left"), ("hour", 0.25, "left"),
           ("first", 0.302, "left"), ("product", 0.363, "left"), ("first_jpy", 0.518, "right"),
           ("times", 0.905, "right"), ("total", 0.995, "right"))
PRODUCT_WIDTH = 10


def page(frame, text):
    """One line a customer: traits and beginning on the left, a dot a month with purchases, totals on the right.

    `frame`: rows of `lines` (cards and their months).
    """
    people = frame.drop_duplicates("card").reset_index(drop=True)
    heights = _heights(people["rank"])
    figure = plt.figure(figsize=PAGE)
    axes = figure.add_axes([LEFT, 0.075, RIGHT - LEFT, 0.875])
    for place, person in zip(heights, people.to_dict("records"), strict=True):
        own = frame[frame["card"] == person["card"]]
        _line(axes, own, place, RANK_COLORS[person["rank"]], frame["month_jpy"].max())
        _words(axes, person, place, text)
    for rank, places in pd.Series(heights).groupby(people["rank"].to_numpy(), sort=False):
        _rank(axes, rank, places, text)
    _finish(axes, frame["as_of"].iloc[0], heights, text)
    return figure


def _heights(ranks):
    """Where each line stands: a gap before every new rank."""
    return np.arange(len(ranks)) + GAP * (ranks != ranks.shift()).cumsum().sub(1).to_numpy()


def _line(axes, own, place, color, most):
    months = own["purchase_month"] + pd.Timedelta(days=14)  # the month's middle: the day is not told
    axes.plot([months.min(), own["as_of"].iloc[0]], [place, place], color=PALE, linewidth=0.8, zorder=1)
    size = LARGEST * own["month_jpy"].clip(lower=0) / max(most, 1)
    axes.scatter(months, np.full(len(own), place), s=size.clip(lower=6), color=color, linewidth=0, alpha=0.9, zorder=2)


def _words(axes, person, place, text):
    said = {
        "card": person["card"], "born": _known("cards.chart.born", person["month_of_birth"], text),
        "person": _traits(person, text), "hour": _coded("cards.hour_type", person["hour_type"], text),
        "first": words.month(person["first_month"], text.lang),
        "product": words.DASH if words.is_missing(person["first_product"]) else cut(person["first_product"], PRODUCT_WIDTH),
        "first_jpy": words.yen(person["first_jpy"], text.lang, text.currency),
        "times": words.number(person["n_bought"]), "total": words.yen(person["total_jpy"], text.lang, text.currency),
    }
    for name, place_x, side in COLUMNS:
        _put(axes, said[name], place_x, place, side, INK)


def _known(key, value, text):
    return words.DASH if words.is_missing(value) else text(key, month=int(value))


def _coded(prefix, value, text):
    return words.DASH if words.is_missing(value) else text(f"{prefix}.{value}")


def _traits(person, text):
    known = [text(f"profile.{trait}.{person[trait]}") for trait in ("age_band", "sex") if not words.is_missing(person[trait])]
    return " ".join(known) or words.DASH


def _put(axes, said, across, down, side, color, **more):
    """Words at a share of the figure's width, level with a line."""
    inside = (across - LEFT) / (RIGHT - LEFT)
    axes.text(inside, down, said, transform=axes.get_yaxis_transform(), ha=side, va="center", clip_on=False,
              color=color, **{"fontsize": 8, **more})


def _rank(axes, rank, places, text):
    """The rank's name beside its lines, and a rule over them."""
    _put(axes, text(f"rank.{rank}"), 0.0, places.min(), "left", RANK_COLORS[rank] if rank != "regular" else GREY,
         fontsize=8, weight="bold")
    ends = [(edge - LEFT) / (RIGHT - LEFT) for edge in (0, 1)]
    axes.plot(ends, [places.min() - 0.5 - GAP / 2] * 2, transform=axes.get_yaxis_transform(), color=GRID,
              linewidth=0.8, clip_on=False)


def _finish(axes, until, heights, text):
    top = -1.15
    for name, across, side in COLUMNS:
        _put(axes, text("cards.chart." + {"born": "born_head"}.get(name, name)), across, top, side, GREY)
    axes.set_ylim(heights[-1] + 0.6, -0.75)
    axes.axvline(until, color=GREY, linewidth=0.8, linestyle=":")
    axes.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=7))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y/%m"))
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(text("cards.chart.dots"), loc="right", color=GREY, fontsize=8)


def lines(cards, timeline, as_of):
    """What `page` draws: every month of every card, and the report's day."""
    named = cards.rename(columns={"n_purchases": "n_bought"})
    return named.merge(timeline.drop(columns="n_purchases"), on="card").assign(as_of=pd.Timestamp(as_of)).astype(
        {"purchase_month": "datetime64[ns]"})
