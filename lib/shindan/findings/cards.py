"""What the page of customer cards says: which customers these are, and how far apart they are."""

from shindan.findings.model import Kpi, Statement, withheld


def page(cards, ranks, least, as_of):
    """Between what the cards of the best rank lie, and between what those of the last.

    `cards` (analyses.cards), `ranks` from rfm.rank_table, `least` people a rank with cards has.
    """
    n = int(ranks["n"].sum())
    if cards.empty:
        return withheld("cards.page", "cards.withheld.few", n=n, least=least)
    shown = [rank for rank in ranks["rank"] if rank in set(cards["rank"])]
    values = {"n": n, "cards": len(cards), "least": least, "absent": [rank for rank in ranks["rank"] if rank not in shown],
              **_range(cards, shown[0], "best"), **_range(cards, shown[-1], "last")}
    kpi = Kpi("cards.shown", len(cards), "count", n, str(as_of))
    key = "page" if len(shown) > 1 else "one_rank"
    return Statement("cards.page", f"cards.headline.{key}", values, (kpi,), n, str(as_of), cards=False)


def _range(cards, rank, name):
    """The rank and, of its cards, the fewest and most purchases, the lowest and highest sales."""
    own = cards[cards["rank"] == rank]
    return {name: rank, f"{name}_least": int(own["n_purchases"].min()), f"{name}_most": int(own["n_purchases"].max()),
            f"{name}_low": int(own["total_jpy"].min()), f"{name}_high": int(own["total_jpy"].max())}


def left_out(statement):
    """A sentence on the ranks without cards."""
    absent = statement.values.get("absent")
    return {"key": f"cards.method.{'absent' if absent else 'complete'}", "absent": absent,
            "least": statement.values["least"]}
