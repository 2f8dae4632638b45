"""What a new customer costs, by channel: ad cost ÷ new customers in the order ledger.

`monthly` is the only query; every figure of the chapter is a sum over its small rows, so
channels, months and totals always add up.
"""

import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from shindan import schema
from shindan.analyses import intervals
from shindan.engine import as_table, frame

KEYS = ["calendar_month", "acq_channel"]
SUMS = ["media_cost_jpy", "agency_fee_jpy", "cost_jpy", "n_new", "n_unsure", "n_orders", "first_sales_jpy",
        "first_contribution_jpy"]
STATUSES = ("paid", "spend_only", "customers_only", "free", "unknown")
LATE_DAYS = 3  # a record that ends this many days before its month does is not whole


class Window(NamedTuple):
    """Whole calendar months, both days included."""

    start: datetime.date
    end: datetime.date

    @property
    def months(self):
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1

    def __str__(self):
        return f"{self.start}/{self.end}"


def monthly(ad_costs, buyers, purchases, customers, as_of):
    """One row per calendar month × channel with ad cost, purchases or first purchases, up to `as_of`.

    Columns: calendar_month, acq_channel, media_cost_jpy, agency_fee_jpy, cost_jpy (both, without
    tax), n_new (is_new), n_unsure (first in the data, no registration date, too early to be called
    new), n_orders (all orders that came through the channel), first_sales_jpy,
    first_contribution_jpy (null throughout without a contribution rate), recorded (the channel's
    cost of that month is on record, to the month's end).
    A cost of grain "month" belongs to the month of its date.
    """
    costs = _costs(ad_costs, as_of)
    parts = [costs.drop(columns="recorded"), _first_purchases(buyers, customers, as_of), _orders(purchases, as_of)]
    both = pd.concat([part.astype(dict.fromkeys(part.columns.drop(KEYS), float)) for part in parts])
    both["calendar_month"] = [pd.Timestamp(m).date() for m in both["calendar_month"]]
    both = both.groupby(KEYS)[SUMS].sum(min_count=1).reset_index()
    for column in SUMS:
        if both[column].notna().any() or column != "first_contribution_jpy":
            both[column] = both[column].fillna(0).round().astype("int64")
    recorded = {(pd.Timestamp(m).date(), c) for m, c in costs.loc[costs["recorded"], KEYS].itertuples(index=False)}
    both["recorded"] = [key in recorded for key in both[KEYS].itertuples(index=False, name=None)]
    return both


def _costs(ad_costs, as_of):
    c = as_table(ad_costs)
    c = c.filter(c.cost_date <= as_of)
    c = c.mutate(calendar_month=c.cost_date.truncate("M").cast("date"),
                 acq_channel=c.acq_channel.fill_null(schema.UNKNOWN_CHANNEL))
    media, fee = c.media_cost_jpy.fill_null(0).sum(), c.agency_fee_jpy.fill_null(0).sum()
    rows = frame(c.group_by(KEYS).agg(
        media_cost_jpy=media, agency_fee_jpy=fee, cost_jpy=media + fee, last_date=c.cost_date.max(),
        by_month=(c.grain == "month").fill_null(False).any()), by=KEYS)
    month = pd.to_datetime(rows["calendar_month"])
    newest = month == month.groupby(rows["acq_channel"]).transform("max")
    ends = pd.to_datetime(rows.pop("last_date")) >= month + pd.offsets.MonthEnd() - pd.Timedelta(days=LATE_DAYS)
    rows["recorded"] = rows.pop("by_month").astype(bool) | ~newest | ends
    return rows


def _first_purchases(buyers, customers, as_of):
    b = as_table(buyers)
    c = as_table(customers).select("customer_key", "registered_at")
    b = b.filter(b.first_date <= as_of).left_join(c, "customer_key")
    b = b.mutate(calendar_month=b.first_date.truncate("M").cast("date"))
    unsure = ~b.is_new & b.registered_at.isnull()
    return frame(b.group_by(KEYS).agg(
        n_new=b.is_new.cast("int64").sum(), n_unsure=unsure.cast("int64").sum(),
        first_sales_jpy=b.first_revenue_jpy.sum(where=b.is_new),
        first_contribution_jpy=b.first_contribution_jpy.sum(where=b.is_new)), by=KEYS)


def _orders(purchases, as_of):
    p = as_table(purchases)
    p = p.filter(p.purchase_date <= as_of)
    p = p.mutate(calendar_month=p.purchase_date.truncate("M").cast("date"),
                 acq_channel=p.acq_channel.fill_null(schema.UNKNOWN_CHANNEL))
    return frame(p.group_by(KEYS).agg(n_orders=p.n_orders.sum()), by=KEYS)


def window(months, as_of, n_months=None, max_unsure_share=0.05):
    """The latest `n_months` whole months (None: all) for which a CPA can be said, or None.

    From the first to the last month with ad costs on record, not after the last whole month before
    `as_of`, and only after the last month in which more than `max_unsure_share` of the first
    purchases may be those of older customers (the burn-in of buyers.is_new).
    """
    spent = months.loc[months["recorded"] & (months["cost_jpy"] > 0), "calendar_month"]
    if spent.empty:
        return None
    first, last = max(spent.min(), _sure_from(months, max_unsure_share)), spent.max()
    last = min(last, month_of(as_of + datetime.timedelta(days=1), -1))
    if n_months:
        first = max(first, month_of(last, 1 - n_months))
    if first > last:
        return None
    return Window(first, month_of(last, 1) - datetime.timedelta(days=1))


def _sure_from(months, max_unsure_share):
    """The first month after the last one with too many unsure first purchases."""
    m = months.groupby("calendar_month")[["n_new", "n_unsure"]].sum()
    unsure = m.index[m["n_unsure"] > max_unsure_share * (m["n_new"] + m["n_unsure"])]
    return month_of(unsure.max(), 1) if len(unsure) else months["calendar_month"].min()


def month_of(day, later=0):
    """First day of the month of `day`, `later` months on."""
    number = day.year * 12 + day.month - 1 + later
    return datetime.date(number // 12, number % 12 + 1, 1)


def within(months, window):
    """The rows of the window, with counted: whether the row is in any CPA.

    A channel that has cost in the window but none on record in a month (a file that ends early, a
    gap) would look cheap by that month's customers: they, and the cost of a month that is not
    whole, are not counted.
    """
    if window is None:
        return months.iloc[:0].assign(counted=False)
    m = months[(months["calendar_month"] >= window.start) & (months["calendar_month"] <= window.end)]
    spending = set(m.loc[m["cost_jpy"] > 0, "acq_channel"]) - {schema.UNKNOWN_CHANNEL}
    return m.assign(counted=m["recorded"] | ~m["acq_channel"].isin(spending))


def channels(months, window, free_channels=()):
    """One row per channel with ad cost or new customers in the window; rows add up to the totals.

    Columns: acq_channel, status (paid: cost and customers · spend_only · customers_only · free ·
    unknown), cost_jpy, n (new customers), n_missing (of them in months whose cost is not on record:
    in no CPA), missing_months, cpa_jpy with the ends _lo and _hi of its interval (`cost_interval`),
    cpa_min_jpy (all unknown customers were its own), cpa_max_jpy (none was), n_orders, cpo_jpy (cost ÷
    all orders through the channel), first_sales_jpy, roas_rate (first-order sales ÷ cost),
    first_contribution_jpy; counted_jpy, n_counted, spread: what the CPA is made of. A figure without
    customers or without cost is missing, never 0.
    """
    m = within(months, window)
    c = m.groupby("acq_channel")[SUMS].sum(min_count=1)
    counted = m[m["counted"]]
    kept = counted.groupby("acq_channel")[SUMS].sum().reindex(c.index, fill_value=0)
    spread = {channel: dispersion(rows["cost_jpy"], rows["n_new"]) for channel, rows in counted.groupby("acq_channel")}
    c["missing_months"] = (~m["counted"]).groupby(m["acq_channel"]).sum().astype("int64")
    c = c.assign(n=c["n_new"], n_missing=c["n_new"] - kept["n_new"], counted_jpy=kept["cost_jpy"],
                 n_counted=kept["n_new"], spread=[spread.get(channel, 1.0) for channel in c.index],
                 counted_orders=kept["n_orders"], counted_sales=kept["first_sales_jpy"]).reset_index()
    c = c[(c["cost_jpy"] > 0) | (c["n"] > 0)]
    c["status"] = [_status(row, free_channels) for row in c.to_dict("records")]
    return _figures(c)


def _status(row, free_channels):
    if row["acq_channel"] == schema.UNKNOWN_CHANNEL:
        return "unknown"
    if row["cost_jpy"] > 0:
        return "paid" if row["n"] > 0 else "spend_only"
    return "free" if row["acq_channel"] in free_channels else "customers_only"


def _figures(c):
    unknown = c.loc[c["status"] == "unknown", "n"].sum()
    cost = c["counted_jpy"].where(c["status"].isin(["paid", "spend_only"]) & (c["counted_jpy"] > 0))
    c["cpa_jpy"], c["cpa_jpy_lo"], c["cpa_jpy_hi"] = cost_interval(cost, c["n_counted"], c["spread"])
    c["cpa_min_jpy"], c["cpa_max_jpy"] = ratio(cost, c["n_counted"] + unknown), c["cpa_jpy"]
    c["cpo_jpy"] = ratio(cost, c["counted_orders"])
    c["roas_rate"] = ratio(c["counted_sales"].where(c["n_counted"] > 0), cost)
    c["place"] = c["status"].map({status: place for place, status in enumerate(STATUSES)})
    c = c.sort_values(["place", "cost_jpy", "n", "acq_channel"], ascending=[True, False, False, True])
    return c[["acq_channel", "status", "cost_jpy", "n", "n_missing", "missing_months", "cpa_jpy", "cpa_jpy_lo",
              "cpa_jpy_hi", "cpa_min_jpy", "cpa_max_jpy", "n_orders", "cpo_jpy", "first_sales_jpy", "roas_rate",
              "first_contribution_jpy", "counted_jpy", "n_counted", "spread"]].reset_index(drop=True)


def ratio(above, below):
    """above ÷ below, missing where `below` is 0 or either is missing."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def dispersion(cost, n):
    """How much more than Poisson's the months' numbers of new customers vary around their cost; at least 1.

    Mean χ² (one degree of freedom) of neighbouring months at their common CPA, so that a CPA that moves
    slowly, or once, is not taken for chance; 1 with fewer than 4 months of cost.
    """
    cost, n = np.asarray(cost, float), np.asarray(n, float)
    cost, n = cost[cost > 0], n[cost > 0]
    if len(n) < 4:
        return 1.0
    common = (n[1:] + n[:-1]) / (cost[1:] + cost[:-1])
    square = ratio((n[1:] - cost[1:] * common) ** 2, cost[1:] * common) + ratio(
        (n[:-1] - cost[:-1] * common) ** 2, cost[:-1] * common)
    return float(max(1.0, np.nan_to_num(square).mean()))


def cost_interval(cost, n, spread=1.0):
    """(cost ÷ n, low, high): the cost is known, how many came for it is chance.

    Exact Poisson interval of n (Garwood 1936) after both are divided by `spread` (quasi-Poisson).
    """
    cost, n, spread = (np.asarray(x, float) for x in (cost, n, spread))
    events, tail = n / spread, (1 - intervals.LEVEL) / 2
    fewest = spread * stats.chi2.ppf(tail, np.maximum(2 * events, 1e-9)) / 2
    most = spread * stats.chi2.ppf(1 - tail, 2 * events + 2) / 2
    none = np.where(n > 0, 1, np.nan)
    return ratio(cost, n), ratio(cost * none, most), ratio(cost, fewest * none)


def by_month_and_channel(months):
    """The rows of `monthly` with cpa_jpy, cpo_jpy (cost ÷ orders) and roas_rate of first orders."""
    cost = months["cost_jpy"].where(months["recorded"] & (months["cost_jpy"] > 0))
    return months.assign(cpa_jpy=ratio(cost, months["n_new"]), cpo_jpy=ratio(cost, months["n_orders"]),
                         roas_rate=ratio(months["first_sales_jpy"], cost))


def totals(channels, sales_jpy):
    """The window's totals, a dict: cost_jpy, n_new, blended_cpa_jpy (all cost ÷ all new customers) and
    n_blended, paid_cpa_jpy (channels with both cost and customers) and n_paid: without the
    months whose cost is not on record; n_missing; n_unknown, unknown_share, spend_only_jpy,
    n_customers_only, roas_rate (first-order sales of paid channels ÷ all cost; None: no new customer has one), mer_rate
    (`sales_jpy` of everybody ÷ all cost)."""
    paid, unknown = (channels[channels["status"] == s] for s in ("paid", "unknown"))
    cost, n, counted = (int(channels[c].sum()) for c in ("cost_jpy", "n", "n_counted"))

    def only(status, column):
        return int(channels.loc[channels["status"] == status, column].sum())

    return {
        "cost_jpy": cost, "n_new": n, "n_blended": counted, "n_missing": n - counted,
        "blended_cpa_jpy": divide(channels["counted_jpy"].sum(), counted),
        "n_paid": int(paid["n_counted"].sum()),
        "paid_cpa_jpy": divide(paid["counted_jpy"].sum(), paid["n_counted"].sum()),
        "n_unknown": int(unknown["n"].sum()), "unknown_share": divide(unknown["n"].sum(), n),
        "spend_only_jpy": only("spend_only", "cost_jpy"),
        "n_customers_only": only("customers_only", "n"), "n_first_orders": int(paid["n"].sum()),
        "roas_rate": divide(paid["first_sales_jpy"].sum(), cost) if len(paid) else None,
        "mer_rate": divide(sales_jpy, cost),
    }


def divide(above, below):
    """above ÷ below; None where `below` is 0."""
    return float(above) / float(below) if below > 0 else None


def sales(purchases, window):
    """(sales of all customers in the window in yen, number of purchases); no window: none."""
    if window is None:
        return 0, 0
    p = as_table(purchases)
    inside = p.filter((p.purchase_date >= window.start) & (p.purchase_date <= window.end))
    row = inside.agg(yen=inside.revenue_jpy.sum().fill_null(0), n=inside.count()).to_pandas().iloc[0]
    return int(row["yen"]), int(row["n"])


def trend(months, window):
    """One row per calendar month of the window, all channels: cost_jpy, n (new), n_missing (see
    `channels`), cpa_jpy (blended) with _lo and _hi."""
    m = within(months, window)
    t = _by_month(m).rename(columns={"n_new": "n"})
    kept = _by_month(m[m["counted"]]).reindex(t.index, fill_value=0)
    t["n_missing"] = t["n"] - kept["n_new"]
    t["cpa_jpy"], t["cpa_jpy_lo"], t["cpa_jpy_hi"] = cost_interval(kept["cost_jpy"], kept["n_new"])
    return t.assign(counted_jpy=kept["cost_jpy"], n_counted=kept["n_new"]).reset_index()


def _by_month(rows):
    return rows.groupby("calendar_month")[["cost_jpy", "n_new"]].sum()
