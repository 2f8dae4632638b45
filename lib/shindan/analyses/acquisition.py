"""What a new customer costs, by channel: ad cost ÷ new customers in the order ledger.

`monthly` is the only query; every figure of the chapter is a sum over its small rows, so
channels, months and totals always add up.
"""

import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from shindan import schema
from shindan.analyses import ltv as lifetime
from shindan.engine import as_table, frame

KEYS = ["calendar_month", "acq_channel"]
SUMS = ["media_cost_jpy", "agency_fee_jpy", "cost_jpy", "n_new", "n_unsure", "first_sales_jpy",
        "first_contribution_jpy"]
STATUSES = ("paid", "spend_only", "customers_only", "free", "unknown")


class Window(NamedTuple):
    """Whole calendar months, both days included."""

    start: datetime.date
    end: datetime.date

    @property
    def months(self):
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1

    def __str__(self):
        return f"{self.start}/{self.end}"


def monthly(ad_costs, buyers, customers, as_of):
    """One row per calendar month × channel with ad cost or first purchases, up to `as_of`.

    Columns: calendar_month, acq_channel, media_cost_jpy, agency_fee_jpy, cost_jpy (both, without
    tax), n_new (is_new), n_unsure (first in the data, no registration date, too early to be called
    new), first_sales_jpy, first_contribution_jpy (null throughout without a contribution rate).
    A cost of grain "month" belongs to the month of its date.
    """
    parts = [_costs(ad_costs, as_of), _first_purchases(buyers, customers, as_of)]
    both = pd.concat([part.astype(dict.fromkeys(part.columns.drop(KEYS), float)) for part in parts])
    both["calendar_month"] = [pd.Timestamp(m).date() for m in both["calendar_month"]]
    both = both.groupby(KEYS)[SUMS].sum(min_count=1).reset_index()
    for column in SUMS:
        if both[column].notna().any() or column != "first_contribution_jpy":
            both[column] = both[column].fillna(0).round().astype("int64")
    return both


def _costs(ad_costs, as_of):
    c = as_table(ad_costs)
    c = c.filter(c.cost_date <= as_of)
    c = c.mutate(calendar_month=c.cost_date.truncate("M").cast("date"),
                 acq_channel=c.acq_channel.fill_null(schema.UNKNOWN_CHANNEL))
    media, fee = c.media_cost_jpy.fill_null(0).sum(), c.agency_fee_jpy.fill_null(0).sum()
    return frame(c.group_by(KEYS).agg(media_cost_jpy=media, agency_fee_jpy=fee, cost_jpy=media + fee), by=KEYS)


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


def window(months, as_of, n_months=None, max_unsure_share=0.05):
    """The latest `n_months` whole months (None: all) for which a CPA can be said, or None.

    From the first to the last month with ad costs, not after the last whole month before `as_of`,
    and only after the last month in which more than `max_unsure_share` of the first purchases may
    be those of older customers (the burn-in of buyers.is_new).
    """
    spent = months.loc[months["cost_jpy"] > 0, "calendar_month"]
    if spent.empty:
        return None
    first, last = max(spent.min(), _sure_from(months, max_unsure_share)), spent.max()
    last = min(last, _month_of(as_of + datetime.timedelta(days=1), -1))
    if n_months:
        first = max(first, _month_of(last, 1 - n_months))
    if first > last:
        return None
    return Window(first, _month_of(last, 1) - datetime.timedelta(days=1))


def _sure_from(months, max_unsure_share):
    """The first month after the last one with too many unsure first purchases."""
    m = months.groupby("calendar_month")[["n_new", "n_unsure"]].sum()
    unsure = m.index[m["n_unsure"] > max_unsure_share * (m["n_new"] + m["n_unsure"])]
    return _month_of(unsure.max(), 1) if len(unsure) else months["calendar_month"].min()


def _month_of(day, later=0):
    """First day of the month of `day`, `later` months on."""
    number = day.year * 12 + day.month - 1 + later
    return datetime.date(number // 12, number % 12 + 1, 1)


def _within(months, window):
    if window is None:
        return months.iloc[:0]
    return months[(months["calendar_month"] >= window.start) & (months["calendar_month"] <= window.end)]


def channels(months, window, free_channels=()):
    """One row per channel with ad cost or new customers in the window; rows add up to the totals.

    Columns: acq_channel, status (paid: cost and customers · spend_only · customers_only · free ·
    unknown), cost_jpy, n (new customers), cpa_jpy, cpa_min_jpy (all unknown customers were its
    own), cpa_max_jpy (none was), first_sales_jpy, roas_rate (first-order sales ÷ cost),
    first_contribution_jpy. A figure without customers or without cost is missing, never 0.
    """
    c = _within(months, window).groupby("acq_channel", sort=True)[SUMS].sum(min_count=1).reset_index()
    c = c.rename(columns={"n_new": "n"})
    c = c[(c["cost_jpy"] > 0) | (c["n"] > 0)]
    c["status"] = [_status(row, free_channels) for row in c.to_dict("records")]
    unknown = c.loc[c["status"] == "unknown", "n"].sum()
    cost = c["cost_jpy"].where(c["status"].isin(["paid", "spend_only"]))
    c["cpa_jpy"] = _ratio(cost, c["n"])
    c["cpa_min_jpy"], c["cpa_max_jpy"] = _ratio(cost, c["n"] + unknown), c["cpa_jpy"]
    c["roas_rate"] = _ratio(c["first_sales_jpy"].where(c["n"] > 0), cost)
    c["place"] = c["status"].map({status: place for place, status in enumerate(STATUSES)})
    c = c.sort_values(["place", "cost_jpy", "n", "acq_channel"], ascending=[True, False, False, True])
    return c[["acq_channel", "status", "cost_jpy", "n", "cpa_jpy", "cpa_min_jpy", "cpa_max_jpy",
              "first_sales_jpy", "roas_rate", "first_contribution_jpy"]].reset_index(drop=True)


def _status(row, free_channels):
    if row["acq_channel"] == schema.UNKNOWN_CHANNEL:
        return "unknown"
    if row["cost_jpy"] > 0:
        return "paid" if row["n"] > 0 else "spend_only"
    return "free" if row["acq_channel"] in free_channels else "customers_only"


def _ratio(above, below):
    """above ÷ below, missing where `below` is 0 or either is missing."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def totals(channels, sales_jpy):
    """The window's totals, a dict: cost_jpy, n_new, blended_cpa_jpy (all cost ÷ all new),
    paid_cpa_jpy (channels with both cost and customers), n_paid, n_unknown, unknown_share,
    spend_only_jpy, n_customers_only, roas_rate (first-order sales of paid channels ÷ all cost),
    mer_rate (`sales_jpy` of everybody ÷ all cost)."""
    paid, unknown = (channels[channels["status"] == s] for s in ("paid", "unknown"))
    cost, n = int(channels["cost_jpy"].sum()), int(channels["n"].sum())

    def only(status, column):
        return int(channels.loc[channels["status"] == status, column].sum())

    return {
        "cost_jpy": cost, "n_new": n, "blended_cpa_jpy": divide(cost, n),
        "n_paid": int(paid["n"].sum()),
        "paid_cpa_jpy": divide(paid["cost_jpy"].sum(), paid["n"].sum()),
        "n_unknown": int(unknown["n"].sum()), "unknown_share": divide(unknown["n"].sum(), n),
        "spend_only_jpy": only("spend_only", "cost_jpy"),
        "n_customers_only": only("customers_only", "n"),
        "roas_rate": divide(paid["first_sales_jpy"].sum(), cost),
        "mer_rate": divide(sales_jpy, cost),
    }


def divide(above, below):
    """above ÷ below; None where `below` is 0."""
    return float(above) / float(below) if below > 0 else None


def sales(purchases, window):
    """Sales of all customers in the window (None: no window, no sales), yen."""
    if window is None:
        return 0
    p = as_table(purchases)
    inside = p.filter((p.purchase_date >= window.start) & (p.purchase_date <= window.end))
    return int(inside.revenue_jpy.sum().fill_null(0).to_pandas())


def trend(months, window):
    """One row per calendar month of the window, all channels: cost_jpy, n (new), cpa_jpy (blended)."""
    t = _within(months, window).groupby("calendar_month")[["cost_jpy", "n_new"]].sum()
    t = t.rename(columns={"n_new": "n"}).reset_index()
    t["cpa_jpy"] = _ratio(t["cost_jpy"], t["n"])
    return t


def economics(channels, by_channel, curves, target_profit_jpy=0, min_n=5):
    """One row per row of `channels`, with what its customers bring (matured, acquired earlier).

    `by_channel`: ltv.ltv(values, ["acq_channel"]); `curves`: ltv.curve(..., by=["acq_channel"]).
    Columns: acq_channel, cost_jpy, n, cpa_jpy, roas_rate, n_matured, contribution_ltv_jpy with _lo
    and _hi, limit_cpo_jpy (限界CPO: LTV − target profit), ltv_cpa_rate (LTV ÷ CPA), payback (month of life,
    "never" within H, or missing without a CPA or with fewer than `min_n` matured customers).
    """
    worth = by_channel.rename(columns={"n": "n_matured"}).query("n_matured >= @min_n")
    worth = worth[["acq_channel", "n_matured", "contribution_ltv_jpy", "contribution_ltv_jpy_lo",
                   "contribution_ltv_jpy_hi"]]
    e = channels[["acq_channel", "cost_jpy", "n", "cpa_jpy", "roas_rate"]]
    e = e.merge(worth, on="acq_channel", how="left")
    e["limit_cpo_jpy"] = e["contribution_ltv_jpy"] - target_profit_jpy
    e["ltv_cpa_rate"] = _ratio(e["contribution_ltv_jpy"], e["cpa_jpy"])
    e["payback"] = pd.Series([_payback(row, curves) for row in e.to_dict("records")], dtype=object)
    return e


def _payback(row, curves):
    if np.isnan(row["cpa_jpy"]) or np.isnan(row["contribution_ltv_jpy"]):
        return None
    running = curves.loc[curves["acq_channel"] == row["acq_channel"], "contribution_ltv_jpy"]
    return lifetime.payback(running, row["cpa_jpy"]) or "never"
