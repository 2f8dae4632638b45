"""What a change would be worth a year, and how large a change a target would need; all from what was observed.

Each lever stands alone and says what it takes for granted (METRICS.md); none is a forecast.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.analyses.acquisition import cost_interval, dispersion
from shindan.engine import as_table, days_between, frame

COLUMNS = ["lever", "change_share", "n_base", "n_more", "each_jpy", "gain_jpy", "gain_jpy_lo", "gain_jpy_hi", "n"]


def levers(second, cheaper, back):
    """One row per lever that can be reckoned: f2, cpa, win_back (the arguments: rows of the functions below).

    Columns: lever, change_share, n_base (people it starts from), n_more (customers more), each_jpy (worth of
    one of them), gain_jpy a year with _lo and _hi, n (people behind each_jpy).
    """
    rows = [row for row in (second, cheaper, back) if row]
    return pd.DataFrame(rows, columns=COLUMNS)


def second_purchase(gap, n_new, change):
    """`change` more of a year's new customers buy a 2nd time: × the observed gap in LTV(H) (Welch).

    An upper reading: those who came back by themselves differ from those who are brought to it.
    `gap`: ltv.second_purchase_gap.
    """
    if gap.empty or np.isnan(gap["gap_jpy"].iloc[0]):
        return None
    row = gap.iloc[0]
    more = n_new * change
    return dict(zip(COLUMNS, ("f2", change, n_new, more, row["gap_jpy"], *(
        more * row[f"gap_jpy{end}"] for end in ("", "_lo", "_hi")), int(row["n"])), strict=True))


def cheaper_customers(by_month, months, change):
    """As many new customers for `change` less each: the cost saved in a year.

    The interval is that of how many will come (quasi-Poisson). `by_month`: acquisition.trend of the
    window of so many `months`.
    """
    cost, n = by_month["counted_jpy"].sum(), by_month["n_counted"].sum()
    if not cost > 0 or not n > 0:
        return None
    value, low, high = cost_interval(cost, n, dispersion(by_month["counted_jpy"], by_month["n_counted"]))
    saved = change * float(cost) * 12 / months
    ends = saved, saved * float(value / high), saved * float(value / low)
    return dict(zip(COLUMNS, ("cpa", change, round(float(n) * 12 / months), 0, change * float(value), *ends, int(n)), strict=True))


def win_back(buyers, purchases, as_of, dormant_days, change):
    """`change` of the dormant customers buy once more: × the contribution of a purchase after so long a
    silence, as seen so far (Student's t). Automatic deliveries are no return."""
    b, p = as_table(buyers), as_table(purchases)
    asleep = int(b.filter(days_between(ibis.literal(as_of), b.last_date) >= dormant_days).count().to_pandas())
    p = p.filter(p.previous_date.notnull(), ~p.is_automatic.fill_null(False), p.contribution_jpy.notnull())
    p = p.filter(days_between(p.purchase_date, p.previous_date) >= dormant_days)
    amount = p.contribution_jpy
    sums = frame(p.agg(n=p.count(), total=amount.sum().fill_null(0),
                       squares=(amount * amount).cast("decimal(38, 0)").sum().fill_null(0))).astype(float).iloc[0]
    if not asleep or sums["n"] < 2:
        return None
    each, low, high = (float(x) for x in intervals.mean_ci(sums["total"], sums["squares"], sums["n"]))
    more = asleep * change
    return dict(zip(COLUMNS, ("win_back", change, asleep, more, each, more * each, more * low, more * high,
                              int(sums["n"])), strict=True))


def f2_for(target_jpy, gap):
    """The F2 rate at which LTV(H) would be `target_jpy`, the with and without staying as they are; may exceed 1."""
    row = gap.iloc[0]
    return float((target_jpy - row["without_jpy"]) / row["gap_jpy"]) if row["gap_jpy"] > 0 else None
