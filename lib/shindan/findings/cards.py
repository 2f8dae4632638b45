"""What the pages of customer cards say: which customers these are, and what they have bought."""

from shindan.findings.model import Statement, withheld


def page(rank, cards, ranks, as_of):
    """One page a rank: from how many the cards were chosen, and how far apart they are.

    `cards` of all ranks (analyses.cards), `ranks` from rfm.rank_table.
    """
    n = int(ranks.set_index("rank")["n"][rank])
    shown = cards[cards["rank"] == rank]
    if shown.empty:
        return withheld(f"rfm.cards_{rank}", "cards.withheld.few", rank=rank, n=n)
    values = {"rank": rank, "n": n, "cards": len(shown),
              "least": int(shown["n_purchases"].min()), "most": int(shown["n_purchases"].max()),
              "low": int(shown["total_jpy"].min()), "high": int(shown["total_jpy"].max())}
    key = "page" if values["least"] < values["most"] else "page_same"
    return Statement(f"rfm.cards_{rank}", f"cards.headline.{key}", values, (), n, str(as_of))
