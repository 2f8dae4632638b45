"""Which past months are told otherwise than in the last report the client was given, by how much and why.

Two bridges by shop and month are held against each other, both of the days up to that report's own:
the one it printed, and today's orders judged as of that day. The step that moved is the reason.
"""

import dataclasses
import datetime

import pandas as pd

from shindan import bridge
from shindan.analyses import data
from shindan.engine import as_table

KEY = ["shop", "order_month"]
COUNTS = {"gross": "n_orders", **{reason: f"n_{reason}" for reason in bridge.REASONS}}  # a step's own orders
TOLD = ["n_kept", "revenue_jpy", "n_customers"]  # a month has changed where one of these did
PEOPLE = "people"             # nothing moved but who they are: linked, or taken apart


@dataclasses.dataclass(frozen=True)
class Restated:
    """Held against the report of the day `last`; None: there was no report, or it does not tell its months.

    months: one row per shop and month that changed: shop, order_month, n_before, n_after (orders whose
    sales are analysed), before_jpy, after_jpy, change_jpy, people_before, people_after, why (the step
    that moves most yen). steps: one row per shop, month and step that moved: shop, order_month, why,
    n_orders (more or fewer), change_jpy; a month's steps add up to its change.
    """

    last: datetime.date | None
    months: pd.DataFrame
    steps: pd.DataFrame

    def most(self, count=3):
        """The months that changed most, in order of time: shop, order_month, before_jpy, after_jpy, change_jpy, why."""
        most = self.months.change_jpy.abs().sort_values(ascending=False, kind="stable").index[:count]
        return self.months.loc[sorted(most), [*KEY, "before_jpy", "after_jpy", "change_jpy", "why"]].reset_index(drop=True)


def since(orders, previous):
    """Restated since `previous` (history.Delivery, or None)."""
    told = pd.DataFrame(previous.table("data", "bridge_months") if previous else [])
    if not {*KEY, "is_later", *_figures()} <= set(told.columns):
        return Restated(None, *_compared(data.bridge_months([]), data.bridge_months([])))
    last = datetime.date.fromisoformat(previous.as_of)
    o = as_table(orders).filter(lambda t: t.order_date <= last)
    now = data.bridge_months(bridge.monthly(o, last).to_dict("records"))
    return Restated(last, *_compared(told[~told.is_later], now))


def _compared(before, now):
    before, now = _aligned(before, now)
    changed = (before[TOLD] != now[TOLD]).any(axis=1)
    return _months(before[changed], now[changed]), _steps(now[changed] - before[changed])


def _figures():
    steps = [f"{step}_jpy" for step in bridge.STEPS]
    return [*steps, *COUNTS.values(), "n_kept", "n_customers"]


def _aligned(before, now):
    """Both by shop and month, a month that one does not have is all 0 there."""
    before, now = (t.assign(order_month=pd.to_datetime(t.order_month).dt.date).set_index(KEY)[_figures()]
                   for t in (before, now))
    keys = before.index.union(now.index).sort_values()
    return [t.reindex(keys, fill_value=0).astype("int64") for t in (before, now)]


def _months(before, now):
    change = now - before
    return pd.DataFrame({
        "n_before": before.n_kept, "n_after": now.n_kept, "before_jpy": before.revenue_jpy, "after_jpy": now.revenue_jpy,
        "change_jpy": change.revenue_jpy, "people_before": before.n_customers, "people_after": now.n_customers,
        "why": [_first(row) for _, row in change.iterrows()]}, index=change.index).reset_index()


def _first(row):
    """The step that moves most yen."""
    moved = _moved(row)
    return max(moved, key=lambda step: (abs(step[2]), abs(step[1])))[0]


def _steps(change):
    rows = [(*key, *step) for key, row in change.iterrows() for step in _moved(row)]
    return pd.DataFrame(rows, columns=[*KEY, "why", "n_orders", "change_jpy"])


def _moved(row):
    """[(step, orders more, yen more)] of one month's change; people where no step moved."""
    steps = [(step, row.get(COUNTS.get(step), 0), row[f"{step}_jpy"]) for step in bridge.STEPS if step != "revenue"]
    return [s for s in steps if s[1] or s[2]] or [(PEOPLE, 0, 0)]
