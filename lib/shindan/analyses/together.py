"""併売: which products share an order, and which more often than their popularity explains.

Most orders hold one product, so "orders with both ÷ what independence gives" is below one for nearly
every pair and says nothing. Here the expectation keeps each product's number of pairings and lets
partners be chosen by popularity: expected pairs m(A, B) = a(A) x a(B), A and B different, fitted to
every product's own total (quasi-independence, by iterative scaling). That is what orders filled at
random give. It counts people, each pair once: who orders the same two every month is one person who
likes both. It says what shares a parcel, nothing about what is bought later.
"""

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import intervals
from shindan.engine import as_table, days_between

LEAST_EXPECTED = 5  # pairs expected less often are not tested
COLUMNS = ["sku", "product", "with_sku", "with_product", "n_together", "n_people", "support_share", "support_share_lo",
           "support_share_hi", "together_rate", "together_rate_lo", "together_rate_hi", "n", "expected", "times",
           "times_lo", "times_hi", "p_value"]


def pairs(items, as_of, products, days=365):
    """One row per pair of `products` in one order in the `days` up to `as_of`, most orders first.

    Columns: sku, product (the one with fewer orders), with_sku, with_product, n_together, support_share
    (orders with both ÷ all orders with product lines), together_rate (÷ orders with `product`), both with
    _lo, _hi (Wilson), n (orders with `product`), n_people (who had both in one order), expected (people, if
    partners were chosen by popularity), times (n_people ÷ expected; _lo, _hi: Poisson, exact), p_value (Poisson, two-sided,
    Holm over the pairs expected LEAST_EXPECTED times or more; missing for the others).
    """
    i = as_table(items)
    i = i.filter(days_between(ibis.literal(as_of), i.order_date) < days)
    orders = int(i.order_id.nunique().to_pandas())
    return compare(_counted(i.filter(i.sku.isin(list(products)))), orders)


def compare(counts, orders):
    """The counted pairs (sku, with_sku, n_together, n, n_people) of `orders` orders with what popularity explains."""
    out = counts.copy()
    for name, n in (("support_share", orders), ("together_rate", out["n"])):
        out[name] = intervals.rate(out["n_together"], n)
        out[f"{name}_lo"], out[f"{name}_hi"] = intervals.wilson(out["n_together"], n)
    out["expected"] = _by_popularity(out)
    seen, expected = out["n_people"].to_numpy(float), out["expected"].to_numpy(float)
    out["times"] = intervals.rate(seen, expected)
    out["times_lo"], out["times_hi"] = (intervals.rate(end, expected) for end in _poisson(seen))
    tested = np.where(expected >= LEAST_EXPECTED, _p_value(seen, expected), np.nan)
    return out.assign(p_value=intervals.holm(tested)).reindex(columns=COLUMNS)


def _counted(items):
    """The pairs with their orders; of each the product with fewer orders first."""
    size = items.group_by("sku").agg(product=items.product_name.max(), n=items.count())
    one = items.select("order_id", "sku", "customer_key")
    both = one.inner_join(one.select("order_id", with_sku="sku"), "order_id")
    both = both.group_by("sku", "with_sku").agg(n_together=both.count(), n_people=both.customer_key.nunique())
    named = both.inner_join(size, "sku").inner_join(
        size.select(with_sku="sku", with_product="product", with_n="n"), "with_sku")
    rarer = (named.n < named.with_n) | ((named.n == named.with_n) & (named.sku < named.with_sku))
    return named.filter(rarer).order_by(ibis.desc("n_together"), "sku", "with_sku").to_pandas()


def _by_popularity(pairs, rounds=500):
    """Expected people of each pair: a(A) x a(B) with every product's total as seen."""
    names = pd.Index(sorted({*pairs["sku"], *pairs["with_sku"]}))
    a, b = names.get_indexer(pairs["sku"]), names.get_indexer(pairs["with_sku"])
    seen = np.zeros((len(names), len(names)))
    seen[a, b] = seen[b, a] = pairs["n_people"]
    total, apart = seen.sum(axis=1), 1 - np.eye(len(names))
    weight = np.sqrt(total)
    for _ in range(rounds):
        fitted = weight * (apart @ weight)
        if np.allclose(fitted, total, rtol=1e-9, atol=0):
            break
        weight = weight * np.sqrt(intervals.rate(total, fitted))
    return (weight[a] * weight[b]) if len(names) else np.zeros(0)


def _poisson(seen):
    """Exact 95 % interval of a count (Garwood 1936)."""
    tail = (1 - intervals.LEVEL) / 2
    low = np.where(seen > 0, stats.chi2.ppf(tail, 2 * np.maximum(seen, 1)) / 2, 0)
    return low, stats.chi2.ppf(1 - tail, 2 * (seen + 1)) / 2


def _p_value(seen, expected):
    upper, lower = stats.poisson.sf(seen - 1, expected), stats.poisson.cdf(seen, expected)
    return np.minimum(1, 2 * np.minimum(upper, lower))
