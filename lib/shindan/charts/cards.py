"""The chart of the customer cards: when each customer bought, and for how much."""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np

from shindan import text as words
from shindan.style import ACCENT, GREY, INK, PALE

TRAITS = ("age_band", "sex", "month_of_birth", "hour_type")
LARGEST = 260  # points², the dot of the largest purchase on the page


def timeline(frame, text):
    """One line a customer from the first purchase to the report's day; a dot a purchase, sized by yen."""
    cards = list(dict.fromkeys(frame["card"]))
    figure, axes = plt.subplots(figsize=(6.6, 0.48 * len(cards) + 0.6))
    most, until = max(frame["revenue_jpy"].max(), 1), frame["as_of"].iloc[0]
    for place, card in enumerate(cards):
        own = frame[frame["card"] == card]
        axes.plot([own["purchase_date"].min(), until], [place, place], color=PALE, linewidth=1, zorder=1)
        size = LARGEST * own["revenue_jpy"].clip(lower=0) / most
        axes.scatter(own["purchase_date"], np.full(len(own), place), s=size.clip(lower=8), color=ACCENT,
                     alpha=0.75, linewidth=0, zorder=2)
        axes.annotate(text("cards.chart.total", sales=own["total_jpy"].iloc[0], n=own["n_purchases"].iloc[0]),
                      (1, place), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                      va="center", fontsize=8.5, color=INK)
    axes.set_yticks(range(len(cards)), [_who(frame[frame["card"] == card].iloc[0], text) for card in cards])
    axes.set_ylim(len(cards) - 0.5, -0.6)
    axes.axvline(until, color=GREY, linewidth=0.8, linestyle=":")
    axes.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=8))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y/%m"))
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(text("cards.chart.dots"), loc="left", color=GREY)
    return figure


def _who(row, text):
    """A card's label and what is known of the person; what is not known is left out."""
    known = [_trait(trait, row[trait], text) for trait in TRAITS if not words.is_missing(row[trait])]
    return f"{row['card']}  " + (text("cards.chart.and").join(known) or words.DASH)


def _trait(trait, value, text):
    if trait == "month_of_birth":
        return text("cards.chart.born", month=int(value))
    return text(f"{'cards' if trait == 'hour_type' else 'profile'}.{trait}.{value}")
