"""Which past months changed since the last run, by how much and why.

Every run with new inputs leaves work/history/<key>.parquet: per order its day, its part of the
sales and its person, pseudonymous. The next run is held against it. `key` is made of the files and
settings, so the same inputs are compared with the same earlier run and say the same again.
"""

import json

import ibis

from shindan import engine
from shindan.intake import fingerprint
from shindan.intake.reconcile import set_aside

KEPT_RUNS = 12
ORDER = {"order_id": "string", "shop": "string", "order_date": "date", "status": "string",
         "counts": "boolean", "revenue_jpy": "int64", "customer_key": "string"}
WHY = ("late_cancel", "late_return", "new_orders", "gone_orders", "newly_counted", "no_longer_counted",
       "amount_changed", "moved", "people")


def against_last(job, orders, as_of, key):
    """What changed in the months before the last run's last day; see `compare`. Leaves this run's state."""
    folder = job.folder.work / "history"
    runs = _runs(folder)
    if not runs or runs[-1]["key"] != key:
        runs = [*runs, {"key": key, "as_of": str(as_of)}]
    now = engine.keep(job.con, state(orders, as_of), "state")
    engine.write(job.con, now, folder / f"{key}.parquet", by=["order_id"])
    fingerprint.save(folder / "runs.json", runs[-KEPT_RUNS:])
    _forget(folder, runs[-KEPT_RUNS:])
    if len(runs) < 2:
        return None
    last = runs[-2]
    before = job.con.read_parquet(str(folder / f"{last['key']}.parquet")).cast(ibis.schema(ORDER))
    return {"last_as_of": last["as_of"], "months": compare(before, now, last["as_of"])}


def state(orders, as_of):
    """One row per order (ORDER); `counts`: it is a purchase in this run's figures."""
    counts = set_aside(orders, as_of).isnull()
    return orders.mutate(counts=counts, revenue_jpy=ibis.cases((counts, orders.revenue_jpy), else_=0)
                         ).select(list(ORDER)).cast(ibis.schema(ORDER))


def compare(before, now, last_as_of):
    """One entry per month and reason that changed: month, why, n_orders, revenue_jpy, customers.

    n_orders: orders concerned; revenue_jpy: what it adds to the month's sales; a last entry per
    month, why "total", holds the month's orders, sales and customers before and after. Only days
    up to `last_as_of`: later ones are new, not restated.
    """
    end = ibis.literal(last_as_of).cast("date")
    b = before.filter(before.order_date <= end).rename({f"{c}_before": c for c in ORDER if c != "order_id"})
    n = now.filter(now.order_date <= end)
    both = b.outer_join(n, "order_id")
    both = both.mutate(why=_why(both), month=ibis.coalesce(both.order_date, both.order_date_before).strftime("%Y-%m"),
                       change=both.revenue_jpy.fill_null(0) - both.revenue_jpy_before.fill_null(0))
    by_why = both.filter(both.why.notnull()).group_by("month", "why").agg(
        n_orders=ibis._.count(), revenue_jpy=ibis._.change.sum()).to_pandas()
    totals = _totals(b, n)
    months = sorted(m for m in totals if totals[m]["before"] != totals[m]["after"])
    place = {w: i for i, w in enumerate(WHY)}
    return [{"month": m, **totals[m], "why": [
        [r.why, int(r.n_orders), int(r.revenue_jpy)] for r in
        sorted(by_why[by_why.month == m].itertuples(), key=lambda r: place[r.why])]} for m in months]


def _why(o):
    """The reason an order is told differently now, else null."""
    was, is_ = o.counts_before.fill_null(False), o.counts.fill_null(False)
    new, gone = o.status_before.isnull(), o.status.isnull()
    return ibis.cases(
        (new & is_, "new_orders"), (gone & was, "gone_orders"), (~was & ~is_, ibis.null("string")),
        (was & (o.status == "cancelled"), "late_cancel"), (was & (o.status == "returned"), "late_return"),
        (was & ~is_, "no_longer_counted"), (~was & is_, "newly_counted"),
        (o.order_date.strftime("%Y-%m") != o.order_date_before.strftime("%Y-%m"), "moved"),
        (o.revenue_jpy != o.revenue_jpy_before, "amount_changed"),
        (o.customer_key != o.customer_key_before, "people"))


def _totals(before, now):
    """{month: {"before": [orders, sales, customers], "after": […]}} of the orders that count."""
    found = {}
    for side, orders, end in (("before", before, "_before"), ("after", now, "")):
        o = orders.filter(orders[f"counts{end}"])
        month = o[f"order_date{end}"].strftime("%Y-%m")
        rows = o.group_by(month=month).agg(
            n=o.count(), yen=o[f"revenue_jpy{end}"].sum(), who=o[f"customer_key{end}"].nunique()).to_pandas()
        for r in rows.itertuples():
            found.setdefault(r.month, {"before": [0, 0, 0], "after": [0, 0, 0]})[side] = [
                int(r.n), int(r.yen), int(r.who)]
    return found


def _runs(folder):
    try:
        runs = json.loads((folder / "runs.json").read_text("utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: history starts again
        return []
    return [r for r in runs if (folder / f"{r['key']}.parquet").is_file()]


def _forget(folder, runs):
    kept = {f"{r['key']}.parquet" for r in runs}
    for file in folder.glob("*.parquet"):
        if file.name not in kept:
            file.unlink()
