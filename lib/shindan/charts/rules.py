"""How ranks and scores are decided, as tables of words: finished frames of analyses.rfm in."""

import pandas as pd

from shindan import text as words

CUTS = (("recency", "recency_max_days", "days"), ("frequency", "frequency_min", "times"),
        ("monetary", "monetary_min_jpy", "yen"))


def ranks(frame, text):
    """One row per rank of rfm.rank_rules: rank, rule in words."""
    return pd.DataFrame({"rank": frame["rank"], "rule": [_rule(row, text) for row in frame.to_dict("records")]})


def _rule(row, text):
    asked = {"purchases": row["min_purchases"], "sales": row["min_sales_jpy"]}
    asked = {name: value for name, value in asked.items() if not words.is_missing(value)}
    if row["rank"] != "dormant" and not asked:
        return text("rfm.rule.regular")
    what = text(f"rfm.rule.{'both' if len(asked) == 2 else next(iter(asked))}", times=row["min_purchases"],
                sales=row["min_sales_jpy"]) if asked else ""
    return text(f"rfm.rule.{row['rank']}", what=what, days=row["window_days"], recency=row["min_recency_days"])


def scores(frame, text):
    """One row each for R, F and M: score_name, and what every score asks for, best first."""
    limits = frame.set_index("score")
    rows = [{"score_name": text(f"rfm.cut.{name}"),
             **{f"score_{score}": _cut(limits[column], score, unit, text) for score in limits.index}}
            for name, column, unit in CUTS]
    return pd.DataFrame(rows)


def _cut(limits, score, unit, text):
    """A score's own limit; the lowest score is what lies beyond its neighbour's."""
    own, beyond = limits[score], limits.get(score + 1)
    if not words.is_missing(own):
        return text(f"rfm.cut.{unit}", limit=own)
    if score == 1 and not words.is_missing(beyond):
        return text(f"rfm.cut.{unit}_beyond", limit=beyond)
    return words.DASH
