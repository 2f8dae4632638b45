"""What the client's own books say, and what the data covers: totals by shop and month, months, gaps."""

import datetime

import pandas as pd

from shindan import errors

MAX_DIFFERENCE = 0.005
LEAST_GAP_DAYS = 7


def totals(months, wanted, where="client.yaml"):
    """One entry per total of client.yaml: shop, month, measure, theirs_jpy, ours_jpy, difference_jpy, share.

    `months` as bridge.monthly gives them. Raises 21 if one is more than 0.5 % off: the figures
    of a report must be those of the client's books, or somebody must know why not.
    """
    ours = {(r.shop, r.month): r for r in
            months.groupby(["shop", "month"], as_index=False).sum(numeric_only=True).itertuples()}
    found = []
    for total in wanted:
        row = ours.get((total.shop, total.month))
        amount = int(getattr(row, total.measure)) if row else 0
        difference = amount - total.jpy
        found.append({"shop": total.shop, "month": total.month, "measure": total.measure,
                      "theirs_jpy": total.jpy, "ours_jpy": amount, "difference_jpy": difference,
                      "share": round(difference / total.jpy, 6) if total.jpy else (1.0 if amount else 0.0)})
    off = [t for t in found if abs(t["share"]) > MAX_DIFFERENCE]
    if off:
        raise _disagree(off, where)
    return found


def _disagree(off, where):
    t = off[0]
    more = f" (and {len(off) - 1} more)" if len(off) > 1 else ""
    return errors.ShindanError(
        errors.INPUT_INVALID,
        f"The files do not agree with the client's own total / 御社の集計と合いません: shop {t['shop']}, "
        f"{t['month']}, {t['measure']}: theirs {t['theirs_jpy']:,}, files {t['ours_jpy']:,}, "
        f"difference {t['difference_jpy']:+,} ({t['share']:+.2%}){more}",
        f"{where}, field `totals`",
        "look for missing or doubled files of that month, and whether their total counts cancelled "
        "orders, tax and shipping the same way (measure: gross, billed, revenue)")


def coverage(orders):
    """One entry per shop: shop, first, last, months, orders, gaps [[first day, last day, days]].

    A gap is a week or more without an order of any status. `orders` (shop, order_date).
    """
    days = orders.group_by("shop", "order_date").agg(n=orders.count()).order_by("shop", "order_date").to_pandas()
    return [_shop(shop, mine) for shop, mine in days.groupby("shop", sort=True)]


def _shop(shop, days):
    on = pd.to_datetime(days.order_date).reset_index(drop=True)
    after = on.diff().dt.days - 1
    day = datetime.timedelta(days=1)
    gaps = [[str((on[i - 1] + day).date()), str((on[i] - day).date()), int(after[i])]
            for i in after.index[after >= LEAST_GAP_DAYS]]
    return {"shop": shop, "first": str(on.iloc[0].date()), "last": str(on.iloc[-1].date()),
            "months": int(on.dt.to_period("M").nunique()), "orders": int(days.n.sum()), "gaps": gaps}
