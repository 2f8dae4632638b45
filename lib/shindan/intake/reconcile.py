"""Every row and every yen accounted for: load report, reject limit, 金額ブリッジ, billed totals."""

import ibis
import pandas as pd

from shindan import errors, schema

MAX_MISMATCH_SHARE = 0.02
GROSS = ("items_jpy", "shipping_jpy", "fee_jpy")


def load_report(accounts):
    """One row per file and table (schema load_report), by table and file."""
    rows = [{
        **{k: a[k] for k in ("file", "sha256", "preset", "table", "encoding", "rows_read")},
        "rows_used": a["used"], "rows_rejected": a["rejected"],
        "rows_skipped": sum(a["skipped"].values()),
        "skipped_why": ", ".join(f"{k} {v}" for k, v in sorted(a["skipped"].items())),
    } for a in accounts]
    frame = pd.DataFrame(rows, columns=list(schema.TABLES["load_report"]))
    return frame.sort_values(["table", "file", "preset"], ignore_index=True)


def check_rejects(accounts, rejected, limit, where):
    """Stop if more than `limit` of a file's rows were rejected; names the first of them.

    `rejected` is a table file, row, column, reason.
    """
    for a in accounts:
        if a.rejected > limit * max(a.rows_read, 1):
            mine = rejected.filter(rejected.file == a.file)
            first = mine.order_by("row").limit(1).to_pandas().iloc[0]
            raise errors.ShindanError(
                errors.INPUT_INVALID,
                f"{a.rejected} of {a.rows_read} rows cannot be used (limit {limit:.1%}); the first: "
                f"{first.reason.replace('_', ' ')} / 使えない行が多すぎます",
                f"raw/{a.file}, row {first.row}, column `{first.column}`",
                f"mend the file or its mapping in client.yaml; all rejected rows: {where}")


def bridge(o, as_of):
    """[[step, yen]]: from all orders received to the revenue analysed, exact to the yen.

    `o`: orders with net_jpy and goods_jpy. Each order is set aside once, by the first reason that
    holds: cancelled, returned, pending, test and staff, after as_of, nobody named, other types and
    zero yen. From the rest: refunds, shipping and fees, points, discounts, tax.
    """
    gross = sum(o[c] for c in GROSS)
    aside = _set_aside(o, as_of)
    o = o.mutate(aside=aside, gross=gross)
    kept = o.aside.isnull()

    def total(column, where):
        return column.sum(where=where).fill_null(0)

    steps = {"gross": o.gross.sum().fill_null(0)}
    for reason in REASONS:
        steps[reason] = -total(o.gross, o.aside == reason)
    steps["refund"] = -total(o.goods_jpy - o.net_jpy, kept)
    steps["shipping_fee"] = -total(o.shipping_jpy + o.fee_jpy, kept)
    steps["points"] = -total(o.points_shop_jpy, kept)
    steps["discount"] = -total(o.discount_shop_jpy, kept)
    steps["tax"] = -total(o.net_jpy - o.revenue_jpy, kept)
    steps["revenue"] = total(o.revenue_jpy, kept)
    row = o.agg(**steps).to_pandas().iloc[0]
    return [[name, int(row[name])] for name in steps]


REASONS = ("cancelled", "returned", "pending", "test_staff", "after_as_of", "unnamed", "not_purchase")


def _set_aside(o, as_of):
    """Why an order is no purchase (the rule of analyses.purchases.valid_orders), else null."""
    return ibis.cases(
        (o.is_test | o.is_staff | (o.status == "test"), "test_staff"),
        (o.status == "cancelled", "cancelled"), (o.status == "returned", "returned"),
        (o.status == "pending", "pending"), (o.order_date > as_of, "after_as_of"),
        (o.customer_key.isnull(), "unnamed"),
        (~o.order_type.isin(schema.PURCHASE_TYPES) | o.is_zero_yen, "not_purchase"))


def check_bridge(steps):
    """The steps must add up: a difference is a defect of ours, never of the client's."""
    *parts, (_, revenue) = steps
    difference = sum(yen for _, yen in parts) - revenue
    if difference:
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"金額ブリッジ does not close: {difference} yen", "work/tables/orders",
            "please report this with the name of the preset")


def billed(o):
    """{orders with a billed total, mismatches, share}: items + shipping + fee − discounts − points."""
    known = o.filter(o.billed_known)
    row = known.agg(n=known.count(),
                    wrong=(known.billed_jpy != known.expected_jpy).sum().fill_null(0)).to_pandas().iloc[0]
    n, wrong = int(row.n), int(row.wrong)
    return {"orders": n, "mismatches": wrong, "share": round(wrong / n, 6) if n else 0.0}


def products(o):
    """The same for Σ product lines against the order's items total."""
    known = o.filter(o.sum_products != 0)
    row = known.agg(n=known.count(),
                    wrong=(known.sum_products != known.items_jpy).sum().fill_null(0)).to_pandas().iloc[0]
    n, wrong = int(row.n), int(row.wrong)
    return {"orders": n, "mismatches": wrong, "share": round(wrong / n, 6) if n else 0.0}


def check_billed(found):
    """Stop where more than 2 % of orders do not add up: the mapping of an amount is wrong."""
    if found["share"] > MAX_MISMATCH_SHARE:
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            f"In {found['mismatches']} of {found['orders']} orders items + shipping + fee − discounts"
            " − points is not the billed total / 請求額と内訳が合いません",
            "orders, billed_jpy", "check the amounts' `columns:` of the order source in client.yaml")
