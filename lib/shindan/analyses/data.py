"""What the report stands on: rows read, the bridge from orders to revenue, months, gaps, statuses."""

import datetime

import ibis
import pandas as pd

from shindan import bridge as bridging
from shindan.analyses.purchases import valid_orders
from shindan.engine import as_table, days_between, frame, whole_sum

MONTHLY = ("n_orders", "n_kept", "n_customers", *(f"n_{reason}" for reason in bridging.REASONS), "billed", *bridging.STEPS)
STATUS_ORDER = ("valid", "cancelled", "returned", "pending", "test")


def loads(load_report):
    """One row per table: n_files and rows n_read = n_used + n_skipped + n_rejected."""
    r = as_table(load_report)
    by_table = r.group_by("table").agg(
        n_files=r.count().cast("int64"),
        **{f"n_{c}": r[f"rows_{c}"].sum().cast("int64") for c in ("read", "used", "skipped", "rejected")})
    return frame(by_table, by=["table"]).rename(columns={"table": "table_name"})


def files(load_report):
    """One row per file: table_name, file, encoding, n_read, n_used, n_skipped, n_rejected, skipped_why."""
    r = as_table(load_report)
    return frame(r.select(
        "file", "encoding", table_name="table", n_read="rows_read", n_used="rows_used",
        n_skipped="rows_skipped", n_rejected="rows_rejected", skipped_why="skipped_why"),
        by=["table_name", "file"])


def bridge(steps):
    """One row per step of the 金額ブリッジ that moves yen: step, amount_jpy, from_jpy, to_jpy.

    `steps` [[step, yen]] as intake found them: the first is where it starts, the last where it
    ends; from_jpy and to_jpy are the ends of the step's bar.
    """
    rows, height = [], 0
    for place, (step, amount) in enumerate(steps):
        ends = place in (0, len(steps) - 1)
        start, height = (0, amount) if ends else (height, height + amount)
        if ends or amount:
            rows.append((step, amount, start, height))
    return pd.DataFrame(rows, columns=["step", "amount_jpy", "from_jpy", "to_jpy"])


def months(orders, as_of):
    """One row per month from the first order to `as_of`: order_month, n_orders, revenue_jpy, empty_days.

    n_orders and revenue_jpy are those of valid orders; empty_days are days of the month, within
    the data, without any order.
    """
    o = as_table(orders).filter(lambda t: t.order_date <= as_of)
    seen = frame(o.select("order_date").distinct(), by=["order_date"])
    if seen.empty:
        return pd.DataFrame(columns=["order_month", "n_orders", "revenue_jpy", "empty_days"])
    v = valid_orders(o, as_of)
    v = v.mutate(order_month=v.order_date.truncate("M").cast("date"))
    sold = frame(v.group_by("order_month").agg(
        n_orders=v.count(), revenue_jpy=v.revenue_jpy.sum()), by=["order_month"])
    days = pd.DataFrame({"day": pd.date_range(seen.order_date.min(), as_of)})
    days["order_month"] = days.day.dt.to_period("M").dt.to_timestamp().dt.date
    days["empty_days"] = ~days.day.dt.date.isin(set(pd.to_datetime(seen.order_date).dt.date))
    empty = days.groupby("order_month", as_index=False).empty_days.sum()
    sold["order_month"] = pd.to_datetime(sold.order_month).dt.date
    out = empty.merge(sold, on="order_month", how="left").fillna({"n_orders": 0, "revenue_jpy": 0})
    return out[["order_month", "n_orders", "revenue_jpy", "empty_days"]].astype(
        {"n_orders": "int64", "revenue_jpy": "int64", "empty_days": "int64"})


def gaps(orders, as_of, least_days=7):
    """One row per stretch of at least `least_days` days without any order: from_date, to_date, gap_days.

    Longest first. A stretch that reaches `as_of` counts: the export may end early.
    """
    o = as_table(orders).filter(lambda t: t.order_date <= as_of)
    seen = frame(o.select("order_date").distinct(), by=["order_date"]).order_date
    seen = pd.to_datetime(seen)
    after = seen.shift(-1).fillna(pd.Timestamp(as_of) + pd.Timedelta(days=1))
    found = pd.DataFrame({
        "from_date": (seen + pd.Timedelta(days=1)).dt.date,
        "to_date": (after - pd.Timedelta(days=1)).dt.date,
        "gap_days": (after - seen).dt.days - 1})
    found = found[found.gap_days >= least_days]
    return found.sort_values(["gap_days", "from_date"], ascending=[False, True], ignore_index=True)


def statuses(orders):
    """One row per status met: status, n_orders, order_share, gross_jpy (items + shipping + fee)."""
    o = as_table(orders)
    found = frame(o.group_by("status").agg(
        n_orders=o.count(), gross_jpy=(o.items_jpy + o.shipping_jpy + o.fee_jpy).sum()), by=["status"])
    found.insert(2, "order_share", found.n_orders / found.n_orders.sum())
    place = found.status.map({s: i for i, s in enumerate(STATUS_ORDER)})
    return found.loc[place.sort_values().index].reset_index(drop=True)


def people(identity):
    """One row per count of the linking (名寄せ): link, n_people; `identity` as intake found it."""
    wanted = ("cart_ids", "emails", "people_with_several_cart_ids", "people_without_cart_id", "people")
    return pd.DataFrame([(k, identity[k]) for k in wanted], columns=["link", "n_people"])


def references(matching):
    """One row per other table that names people: table_name, n_rows, n_unmatched, matched_rate."""
    rows = [(m["table"], m["rows"], m["unmatched"], 1 - m["unmatched"] / m["rows"])
            for m in matching if m["rows"]]
    return pd.DataFrame(rows, columns=["table_name", "n_rows", "n_unmatched", "matched_rate"])


def unmapped_codes(notes):
    """One row per ad code without a channel in client.yaml: ad_code, n_orders; most orders first."""
    rows = [(n["code"], n["orders"]) for n in notes if n["id"] == "unmapped_ad_code"]
    return pd.DataFrame(rows, columns=["ad_code", "n_orders"])


def merging(before, after, as_of, horizon_days=365):
    """Two rows, before and after linking: what 名寄せ does to the count of people, F2 and LTV.

    `before` and `after` are purchases, `before` with each record's own person. Columns: linking
    ("before", "after"), n_people (buyers), n (first seen at least `horizon_days` before `as_of`),
    f2_rate (of these, a second purchase within the horizon), ltv_jpy (their mean sales within it).
    Everybody counts whose first purchase in the data is old enough, new customers or not.
    """
    rows = [("before", *repeat(before, as_of, horizon_days)), ("after", *repeat(after, as_of, horizon_days))]
    return pd.DataFrame(rows, columns=["linking", "n_people", "n", "f2_rate", "ltv_jpy"])


def occasions(orders, as_of, rules):
    """One row per person and day with a purchase: customer_key, purchase_date, revenue_jpy."""
    o = valid_orders(orders, as_of, rules)
    return o.group_by("customer_key", purchase_date="order_date").agg(revenue_jpy=whole_sum(o.revenue_jpy))


def repeat(purchases, as_of, horizon_days=365):
    """(people, those seen long enough, their F2 rate and mean sales within the horizon); see `merging`."""
    p = as_table(purchases).filter(lambda t: t.purchase_date <= as_of)
    first = p.group_by("customer_key").agg(first_date=p.purchase_date.min())
    p = p.inner_join(first, "customer_key")
    p = p.mutate(day=days_between(p.purchase_date, p.first_date))
    people = p.group_by("customer_key", "first_date").agg(
        n_within=(p.day < horizon_days).sum(), sales=p.revenue_jpy.sum(where=p.day < horizon_days))
    old = days_between(ibis.literal(as_of), people.first_date) >= horizon_days
    row = frame(people.agg(people=people.count(), n=old.sum().fill_null(0),
                           again=(old & (people.n_within > 1)).sum().fill_null(0),
                           sales=people.sales.sum(where=old).fill_null(0))).iloc[0]
    n = int(row.n)
    return int(row.people), n, row.again / n if n else float("nan"), row.sales / n if n else float("nan")


def sizes(identity):
    """One row per size of a person: n_records (as a label), n_people; `identity` as intake found it."""
    return pd.DataFrame(identity["sizes"], columns=["n_records", "n_people"])


def linked(identity):
    """One row per rule that joined records and per reason that a contact did not: link, n_people."""
    rows = [*identity["links"].items(), *identity["never"].items(), *identity["suspects"].items()]
    return pd.DataFrame(rows, columns=["link", "n_people"])


def excluded(told):
    """One row per rule of client.yaml's `exclude`: rule, kind, says, n_orders."""
    rows = [(t["rule"], t["as"], t["says"], t["orders"]) for t in told]
    return pd.DataFrame(rows, columns=["rule", "kind", "says", "n_orders"])


def bridge_months(rows):
    """One row per shop and month of the 金額ブリッジ (bridge.monthly): shop, order_month, is_later,
    counts n_*, yen *_jpy."""
    columns = {name: name if name.startswith("n_") else f"{name}_jpy" for name in MONTHLY}
    return pd.DataFrame([{"shop": r["shop"], "order_month": _month(r["month"]), "is_later": r["is_later"],
                          **{column: r[name] for name, column in columns.items()}} for r in rows],
                        columns=["shop", "order_month", "is_later", *columns.values()])


def totals(found):
    """One row per total of the client's own: shop, order_month, measure, theirs_jpy, ours_jpy,
    difference_jpy, difference_rate."""
    rows = [(t["shop"], _month(t["month"]), t["measure"], t["theirs_jpy"], t["ours_jpy"],
             t["difference_jpy"], t["share"]) for t in found]
    return pd.DataFrame(rows, columns=["shop", "order_month", "measure", "theirs_jpy", "ours_jpy",
                                       "difference_jpy", "difference_rate"])


def most_different(totals, count=6):
    """The rows of `totals` that differ most, in order of time: one row per total."""
    most = totals["difference_rate"].abs().sort_values(ascending=False, kind="stable").index[:count]
    return totals.loc[sorted(most)].reset_index(drop=True)


def coverage(found):
    """One row per shop: shop, from_date, to_date, n_months, n_orders, n_gaps (a week or more), gap_days (longest)."""
    day = datetime.date.fromisoformat
    rows = [(c["shop"], day(c["first"]), day(c["last"]), c["months"], c["orders"], len(c["gaps"]),
             max((g[2] for g in c["gaps"]), default=0)) for c in found]
    return pd.DataFrame(rows, columns=["shop", "from_date", "to_date", "n_months", "n_orders", "n_gaps", "gap_days"])


def _month(text):
    return datetime.date.fromisoformat(f"{text}-01")
