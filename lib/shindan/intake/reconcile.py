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
    judged = _judged(o, as_of)
    row = judged.agg(**_steps(judged)).to_pandas().iloc[0]
    return [[name, int(row[name])] for name in STEPS]


def monthly(o, as_of):
    """One row per shop and month: shop, month ("2025-03"), n_orders, n_kept, billed, and every step (pandas).

    billed: what the month's valid orders were billed for, shipping and fees included.
    """
    o = _judged(o, as_of).mutate(month=o.order_date.strftime("%Y-%m"))
    paid = (o.status == "valid") & ~o.is_test
    table = o.group_by("shop", "month").agg(
        n_orders=o.count(), n_kept=o.aside.isnull().sum(), billed=o.billed_jpy.sum(where=paid).fill_null(0),
        **_steps(o))
    frame = table.order_by("shop", "month").to_pandas()
    return frame.astype({c: "int64" for c in frame.columns if c not in ("shop", "month")})


def _judged(o, as_of):
    return o.mutate(aside=set_aside(o, as_of), gross=sum(o[c] for c in GROSS))


def _steps(o):
    """{step: Σ yen} of judged orders; each order is set aside whole, the others lose parts."""
    kept = o.aside.isnull()

    def total(column, where=None):
        return column.sum(where=where).fill_null(0)

    return {
        "gross": total(o.gross),
        **{reason: -total(o.gross, o.aside == reason) for reason in REASONS},
        "refund": -total(o.goods_jpy - o.net_jpy, kept),
        "shipping_fee": -total(o.shipping_jpy + o.fee_jpy, kept),
        "points": -total(o.points_shop_jpy, kept),
        "discount": -total(o.discount_shop_jpy, kept),
        "tax": -total(o.net_jpy - o.revenue_jpy, kept),
        "revenue": total(o.revenue_jpy, kept)}


REASONS = ("cancelled", "returned", "pending", "test_staff", "after_as_of", "unnamed", "not_purchase")
STEPS = ("gross", *REASONS, "refund", "shipping_fee", "points", "discount", "tax", "revenue")


def set_aside(o, as_of):
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
    """{orders with a billed total, mismatches, share}: items + shipping + fee − discounts − points.

    A fee below zero is a mismatch too: where a fee is what remains, a wrong amount ends up in it.
    """
    known = o.filter(o.billed_known)
    return _mismatches(known, (known.billed_jpy != known.expected_jpy) | (known.fee_jpy < 0))


def products(o):
    """The same for Σ product lines against the order's items total, to a yen of rounding a piece."""
    known = o.filter(o.sum_products != 0, o.items_told)
    return _mismatches(known, (known.sum_products - known.items_jpy).abs() > known.n_pieces)


def _mismatches(known, wrong):
    row = known.agg(n=known.count(), wrong=wrong.sum().fill_null(0)).to_pandas().iloc[0]
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


def check_lines(found):
    """The same for Σ product lines: a price without its tax, a total read as a line's, lines lost."""
    if found["share"] > MAX_MISMATCH_SHARE:
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            f"In {found['mismatches']} of {found['orders']} orders the product lines do not make up the"
            " items total / 明細の合計が商品合計と合いません",
            "orders, items_jpy; order_lines, line_amount_jpy",
            "check unit_price_jpy, qty and whether prices hold tax (`values: {price_has_tax: no}`); if the"
            " file does not have every line, say `options: {lines: incomplete}`")
