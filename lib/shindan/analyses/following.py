"""What is bought next after what: always on another day, always by people observed long enough.

The customers of A are compared with those who started another product at the same stage (first,
second, later purchase), for who is on a third purchase buys more of everything. A person who started
several products counts once with each.
"""

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import intervals
from shindan.analyses.basket import CERTAIN, RULES
from shindan.engine import as_table, days_between, frame

STAGES = 3  # first, second, third or later purchase


def replenishable(items, as_of, products, rules=RULES):
    """One row per product: sku, product, n (buyers observed `rules.window_days` since their first
    purchase of it), n_again (who bought it on a later day), again_share, replenishable."""
    i = as_table(items)
    i = i.filter(i.sku.isin(list(products)))
    person = i.group_by("sku", "customer_key").agg(
        product=i.product_name.max(), first=i.order_date.min(), last=i.order_date.max())
    person = person.filter(days_between(ibis.literal(as_of), person.first) >= rules.window_days)
    out = frame(person.group_by("sku").agg(
        product=person.product.max(), n=person.count(),
        n_again=(person.last > person.first).sum().fill_null(0).cast("int64")), by=["sku"])
    out["again_share"] = intervals.rate(out["n_again"], out["n"])
    out["replenishable"] = out["again_share"] >= rules.replenishable_share
    return out


def starts(items, buyers, as_of, products, window_days=180):
    """One row per new customer x product: their first purchase of it, observed `window_days`, lazy.

    Columns: customer_key, sku, product_name, first_date, stage (0, 1, 2: it was their first, second,
    third or later purchase). New customers only: of others neither the first purchase of a product
    nor what they own is known.
    """
    i = _of_new(items, buyers)
    nth = ibis.dense_rank().over(group_by=i.customer_key, order_by=i.order_date)
    i = i.mutate(stage=ibis.least(nth, STAGES - 1).cast("int64")).filter(ibis._.sku.isin(list(products)))
    first = i.group_by("customer_key", "sku").agg(
        product_name=i.product_name.max(), first_date=i.order_date.min(), stage=i.stage.min())
    return first.filter(days_between(ibis.literal(as_of), first.first_date) >= window_days)


def _of_new(items, buyers):
    new = as_table(buyers)
    return as_table(items).semi_join(new.filter(new.is_new), "customer_key")


def next_products(items, buyers, as_of, products, rules=RULES):
    """One row per ordered pair of `products` A, B: who bought B later, on another day.

    Columns: sku, product (A), next_sku, next_product (B), n (new customers whose first A was observed
    `rules.window_days`; without those who owned B by then, unless B is replenishable), n_next (who
    bought B within the window after that day), next_rate (confidence, n_next ÷ n), next_rate_lo,
    next_rate_hi (Wilson), base_rate (the same rate of customers who started another product at the
    same stage: first, second, later purchase; weighted to A's stages), n_base (how many those are), times (next_rate ÷ base_rate; _lo,
    _hi on the log scale, both sides' spread), support_share (n_next ÷ all new customers observed that
    long; Wilson), p_value (Cochran–Mantel–Haenszel
    over the stages, Holm over all pairs with `rules.min_n` people), replenishable (B).
    """
    begun = starts(items, buyers, as_of, products, rules.window_days)
    size = frame(begun.group_by("sku", "stage").agg(n=begun.count(), product=begun.product_name.max()),
                 by=["sku", "stage"])
    people = int(begun.customer_key.nunique().to_pandas())
    again = replenishable(items, as_of, products, rules)
    runs_out = again.set_index("sku")["replenishable"]
    names = size.groupby("sku")["product"].max()
    skus = [sku for sku in products if sku in names.index]
    n, k = _counts(size, frame(_later(items, begun, rules.window_days)), skus, runs_out)
    out = pd.DataFrame({"sku": np.repeat(skus, len(skus)), "next_sku": np.tile(skus, len(skus))}, dtype=object)
    out = out.assign(**_compared(n, k)).astype({"n": "int64", "n_next": "int64", "n_base": "int64"})
    out["next_rate"] = intervals.rate(out["n_next"], out["n"])
    out["next_rate_lo"], out["next_rate_hi"] = intervals.wilson(out["n_next"], out["n"])
    out["support_share"] = intervals.rate(out["n_next"], people)
    out["support_share_lo"], out["support_share_hi"] = intervals.wilson(out["n_next"], people)
    out["product"], out["next_product"] = out["sku"].map(names), out["next_sku"].map(names)
    out["replenishable"] = out["next_sku"].map(runs_out).fillna(False).astype(bool)
    out = out[out["sku"] != out["next_sku"]].reset_index(drop=True)
    out["p_value"] = intervals.holm(out["p_value"].where(out["n"] >= rules.min_n))
    return out[["sku", "product", "next_sku", "next_product", "n", "n_next", "next_rate", "next_rate_lo",
                "next_rate_hi", "base_rate", "n_base", "times", "times_lo", "times_hi", "support_share", "support_share_lo",
                "support_share_hi", "p_value", "replenishable"]]


def _later(items, starts, window_days):
    """One row per A x stage x B: how many owned B by then, bought it in time, both."""
    i = as_table(items)
    day = i.select("customer_key", "order_date", next_sku="sku").semi_join(
        starts.select(next_sku="sku").distinct(), "next_sku")
    both = starts.inner_join(day, "customer_key").filter(ibis._.sku != ibis._.next_sku)
    gap = days_between(both.order_date, both.first_date)
    person = both.group_by("customer_key", "sku", "stage", "next_sku").agg(
        owned=(gap <= 0).any(), bought=((gap > 0) & (gap <= window_days)).any())
    return person.group_by("sku", "stage", "next_sku").agg(
        **{name: count.sum().fill_null(0).cast("int64") for name, count in {
            "n_owned": person.owned, "n_bought": person.bought,
            "n_both": person.owned & person.bought}.items()})


def _counts(size, later, skus, runs_out):
    """(people, people who bought B in time) as arrays A x B x stage; nobody for A = B."""
    place = pd.Index(skus)

    def cube(table, column, *axes):
        out = np.zeros((len(skus), *([len(skus)] * (len(axes) - 1)), STAGES))
        where = [place.get_indexer(table[axis]) for axis in axes]
        out[(*where, table["stage"].to_numpy(int))] = table[column]
        return out

    owned, bought, both = (cube(later, f"n_{name}", "sku", "next_sku") for name in ("owned", "bought", "both"))
    keep = runs_out.reindex(skus).fillna(False).to_numpy(bool)[None, :, None]
    n = cube(size, "n", "sku")[:, None, :] - np.where(keep, 0, owned)
    other = ~np.eye(len(skus), dtype=bool)[:, :, None]
    return n * other, (bought - np.where(keep, 0, both)) * other


def _compared(n, k):
    """A against the customers of all other products at the same stage, flat over A x B."""
    n0, k0 = n.sum(axis=0) - n, k.sum(axis=0) - k
    both = np.where((n > 0) & (n0 > 0), 1.0, 0.0)
    expected, seen = (both * n * intervals.rate(k0, n0)), both * k
    total, happened = both * (n + n0), both * (k + k0)
    surprise = (seen - intervals.rate(n * happened, total)).sum(axis=2, where=both > 0)
    spread = intervals.rate(n * n0 * happened * (total - happened), total**2 * np.maximum(total - 1, 1))
    spread = spread.sum(axis=2, where=both > 0)
    expected = np.nansum(expected, axis=2)
    times, reach = intervals.rate(seen.sum(axis=2), expected), _reach(both * n, seen, both * n0, both * k0)
    flat = {
        "n": n.sum(axis=2), "n_next": k.sum(axis=2),
        "base_rate": intervals.rate(expected, (both * n).sum(axis=2)),
        "n_base": (both * n0).sum(axis=2), "times": times, "times_lo": times / reach, "times_hi": times * reach,
        "p_value": stats.chi2.sf(intervals.rate(surprise**2, spread), 1),
    }
    return {name: values.ravel() for name, values in flat.items()}


def _reach(n, k, n0, k0):
    """The factor by which a ratio seen ÷ expected may be off either way: both sides' binomial spread, on the log scale."""
    p0 = intervals.rate(k0, n0)
    own = np.nansum(k * (1 - intervals.rate(k, n)), axis=2)
    others = np.nansum(n**2 * p0 * (1 - p0) / np.maximum(n0, 1), axis=2)
    expected = np.nansum(n * p0, axis=2)
    return np.exp(intervals.Z * np.sqrt(intervals.rate(own, k.sum(axis=2) ** 2) + intervals.rate(others, expected**2)))


def second_product(items, buyers, as_of, window_days=180):
    """One row: n (new customers observed `window_days`), n_second (who bought, on another day within
    them, a product they had not bought the first day), second_rate, second_rate_lo, second_rate_hi."""
    i = _of_new(items, buyers)
    first = i.group_by("customer_key").agg(first_date=i.order_date.min())
    first = first.filter(days_between(ibis.literal(as_of), first.first_date) >= window_days)
    product = i.group_by("customer_key", "sku").agg(begun=i.order_date.min())
    both = first.inner_join(product, "customer_key")
    gap = days_between(both.begun, both.first_date)
    person = both.group_by("customer_key").agg(second=((gap > 0) & (gap <= window_days)).any())
    out = frame(person.agg(n=person.count(), n_second=person.second.sum().fill_null(0).cast("int64")))
    out["second_rate"] = intervals.rate(out["n_second"], out["n"])
    out["second_rate_lo"], out["second_rate_hi"] = intervals.wilson(out["n_second"], out["n"])
    return out


def next_best(items, pairs, min_n=30):
    """One row per customer with something to offer next, lazy: never a product bought before.

    Of what follows (`pairs` of next_products, `min_n` people) the products of the customer's last
    day, the one with the highest rate. Columns: customer_key, sku (of the last day), next_sku, next_product,
    next_rate. What runs out and is bought again is replenish.runs_out's business.
    """
    known = pairs[(pairs["n"] >= min_n) & (pairs["n_next"] > 0)]
    known = ibis.memtable(known[["sku", "next_sku", "next_product", "next_rate"]].astype(
        {"sku": "string", "next_sku": "string", "next_product": "string", "next_rate": "float64"}))
    i = as_table(items)
    last = i.group_by("customer_key").agg(order_date=i.order_date.max())
    held = i.semi_join(last, ["customer_key", "order_date"]).select("customer_key", "sku").distinct()
    offer = held.inner_join(known, "sku").anti_join(
        i.select("customer_key", next_sku="sku"), ["customer_key", "next_sku"])
    place = ibis.row_number().over(
        group_by=offer.customer_key, order_by=[offer.next_rate.desc(), offer.next_sku, offer.sku])
    return offer.mutate(place=place).filter(ibis._.place == 0).drop("place").select(
        "customer_key", "sku", "next_sku", "next_product", "next_rate")


def one_each(pairs, most=9, min_n=30):
    """The pairs to show, one per product A (those with most people): what is bought next for certain
    more often than by others before what is bought most often. Columns of next_products."""
    known = pairs[(pairs["n"] >= min_n) & (pairs["n_next"] > 0)]
    certain = (known["p_value"] < CERTAIN) & (known["times"] > 1)
    ranked = known.assign(certain=certain).sort_values(
        ["certain", "next_rate", "next_sku"], ascending=[False, False, True])
    best = ranked.drop_duplicates("sku").drop(columns="certain")
    largest = best.sort_values(["n", "sku"], ascending=[False, True]).head(most)
    return largest.sort_values(["next_rate", "sku"], ascending=[False, True], ignore_index=True)
