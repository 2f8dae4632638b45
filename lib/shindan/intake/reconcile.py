"""Every row and every yen accounted for: load report, reject limit, what must add up."""

import ibis
import pandas as pd

from shindan import errors, schema
from shindan.intake import reasons

MAX_MISMATCH_SHARE = 0.02
MOST_KINDS = 5


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
    """Stop if more than `limit` of a file's rows were rejected; names the first of them, and how many of each kind.

    `rejected` is a table file, row, column, reason.
    """
    for a in accounts:
        if a.rejected > limit * max(a.rows_read, 1):
            mine = rejected.filter(rejected.file == a.file)
            first = mine.order_by("row").limit(1).to_pandas().iloc[0]
            kinds = mine.group_by("column", "reason").agg(n=mine.count()).order_by(
                ibis.desc("n"), "column", "reason").limit(MOST_KINDS).to_pandas()
            told = [f"`{k.column}` {reasons.said(k.reason)}: {k.n:,}" for k in kinds.itertuples()]
            raise errors.ShindanError(
                errors.INPUT_INVALID,
                f"{a.rejected:,} of {a.rows_read:,} rows cannot be used (limit {limit:.1%}) / 使えない行が多すぎます"
                + "".join(f"\n  {line}" for line in told),
                f"raw/{a.file}, row {first.row}, column `{first.column}`",
                f"{reasons.mend(first.reason)}\n  all of them / 使えない行の一覧: {where}")


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
    return _mismatches(*_billed(o))


def products(o):
    """The same for Σ product lines against the order's items total, to a yen of rounding a piece."""
    return _mismatches(*_products(o))


def _billed(o):
    """(the orders that can be judged, which of them do not add up)."""
    known = o.filter(o.billed_known)
    return known, (known.billed_jpy != known.expected_jpy) | (known.fee_jpy < 0)


def _products(o):
    known = o.filter(o.sum_products != 0, o.items_told)
    return known, (known.sum_products - known.items_jpy).abs() > known.n_pieces


def _mismatches(known, wrong):
    row = known.agg(n=known.count(), wrong=wrong.sum().fill_null(0)).to_pandas().iloc[0]
    n, wrong = int(row.n), int(row.wrong)
    return {"orders": n, "mismatches": wrong, "share": round(wrong / n, 6) if n else 0.0}


def _first(known, wrong):
    """Where the first order that does not add up begins: raw/file, row."""
    row = known.filter(wrong).order_by("source_file", "source_row").limit(1).to_pandas().iloc[0]
    return f"raw/{row.source_file}, row {row.source_row}"


def check_billed(found, o):
    """Stop where more than 2 % of orders do not add up: the mapping of an amount is wrong."""
    if found["share"] > MAX_MISMATCH_SHARE:
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            f"In {found['mismatches']} of {found['orders']} orders items + shipping + fee − discounts"
            " − points is not the billed total / 請求額と内訳が合いません(商品計+送料+手数料−値引き−ポイント)",
            f"{_first(*_billed(o))}, the order that begins there / その行から始まる受注",
            "check the amounts' `columns:` of the order source in client.yaml / "
            "client.yaml の columns: で、商品計・送料・手数料・値引き・ポイント・請求額の列を確かめる")


def check_lines(found, o):
    """The same for Σ product lines: a price without its tax, a total read as a line's, lines lost."""
    if found["share"] > MAX_MISMATCH_SHARE:
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            f"In {found['mismatches']} of {found['orders']} orders the product lines do not make up the"
            " items total / 明細の合計が商品合計と合いません",
            f"{_first(*_products(o))}, the order that begins there / その行から始まる受注",
            "check unit_price_jpy, qty and whether prices hold tax (`values: {price_has_tax: no}`); if the"
            " file does not have every line, say `options: {lines: incomplete}` / 単価・数量の列と、単価が"
            "税込か税抜かを確かめる。明細が揃わないファイルなら options: {lines: incomplete} と書く")
