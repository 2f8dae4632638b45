"""Order files -> priced orders and their lines, one bucket of order numbers after the other."""

import dataclasses

import ibis
import pandas as pd

from shindan import engine, errors
from shindan.intake import amounts, gather, lines, orders, slips
from shindan.intake.orders import ORDER, PART
from shindan.intake.shapes import Shapes

USED, LIST = "used", ["source_file", "label"]
SIGNED_OFF = ("source_file", "file_no", "source_row", "source_no", "skipped", "wrong_column", "reason",
              "part", "unused", "bucket", "source_updated_at")


@dataclasses.dataclass(frozen=True)
class Made:
    """What became of the rows: priced orders (with their people still unnamed), their lines, the
    rejected rows, how many rows of each file were what, and how many orders are of which kind."""

    orders: object
    lines: object
    rejected: object
    labels: object       # pandas: source_file, label, n
    counts: dict
    renumbered: object   # pandas: order numbers of two orders, see orders.renumbered
    n_slips: int = 0     # how many slips were put to the order they were split off
    n_late: int = 0      # how many of them stand in a newer file than it


def make(job, inputs):
    """(Made, accounts of the order files)."""
    shapes = Shapes({i.number: i.preset for i in inputs if i.preset.table == "orders"})
    buckets, accounts, rejected = gather.order_rows(job, inputs)
    parts = [_bucket(job, rows, shapes) for rows in buckets]
    priced = _together(job.con, [p.orders for p in parts], "all_priced")
    order_lines, n_slips, n_late = _together(job.con, [p.lines for p in parts], "all_lines"), 0, 0
    if "part_of" in shapes.given():
        priced, order_lines, n_slips, n_late = slips.together(job.con, priced, order_lines)
    made = Made(
        orders=priced, lines=order_lines, n_slips=n_slips, n_late=n_late,
        rejected=ibis.union(rejected, *(p.rejected for p in parts)),
        labels=pd.concat([p.labels for p in parts]).groupby(LIST, as_index=False).n.sum(),
        counts={k: sum(p.counts[k] for p in parts) - (n_slips if k == "orders" else 0) for k in parts[0].counts},
        renumbered=pd.concat([p.renumbered for p in parts]))
    _account(made.labels, accounts)
    _refuse_renumbered(made, job)
    return made, accounts


def _together(con, tables, name):
    """The buckets as one stored table: sorting many branches at once takes more than the engine has."""
    return engine.keep(con, ibis.union(*tables), name) if len(tables) > 1 else tables[0]


def _bucket(job, rows, shapes):
    con = job.con
    rows = engine.keep(con, orders.sort_out(rows, shapes), "sorted_rows")
    folded = engine.keep(con, orders.fold(rows, shapes), "folded")
    folded = _with_identical(rows, folded, shapes)
    renumbered = orders.renumbered(folded).to_pandas()
    kept = orders.join_files(folded.filter(~folded.replaced, folded.wrong.isnull()), rows, shapes)
    kept = amounts.cut_shipping(orders.add_refunds(kept, rows, shapes))
    kept = engine.keep(con, amounts.put_tax(kept, shapes, job.config), "kept")
    order_lines = engine.keep(con, lines.build(rows, kept, shapes), "lines")
    priced = amounts.fill(kept, lines.sums(order_lines), shapes, job.config.money.basis)
    labelled = _labelled(rows, folded, kept)
    labels = labelled.group_by(LIST).agg(n=labelled.count()).to_pandas()
    return Made(engine.keep(con, priced, "priced"), order_lines,
                _rejected(rows, folded), labels, _counts(folded, order_lines, shapes), renumbered)


def _refuse_renumbered(made, job):
    """Stop where many order numbers are two orders' (else it is a note): the older ones would be lost."""
    n = len(made.renumbered)
    if n <= job.config.max_reject_share * made.counts["orders"]:
        return
    first = made.renumbered.sort_values(["file", "row"]).iloc[0]
    raise errors.ShindanError(
        errors.INPUT_INVALID,
        f"{n:,} order numbers stand for orders of different days in two files / 同じ受注番号が別の日の受注に使われています",
        f"raw/{first.file}, row {first.row}, and raw/{first.other_file}, row {first.other_row}",
        "files of different shops: give each source its own `shop:`; numbers that begin anew: "
        "`columns: {order_no: {join: [the day's column, the number's column]}}` / "
        "店が違うなら shop: を分ける。番号が振り直されているなら、日付の列とつないで番号にする")


def _with_identical(rows, folded, shapes):
    """`folded` with identical: an older export that says just what the newest says."""
    if not int(folded.replaced.sum().fill_null(0).to_pandas()):
        return folded.mutate(identical=ibis.literal(False))
    joined = folded.left_join(_identical(rows, folded, shapes), PART)
    return joined.drop(*(c for c in joined.columns if c.endswith("_right")))


def _identical(rows, folded, shapes):
    """One row per older export of an order that says just what the newest says: PART, identical."""
    several = folded.filter(folded.replaced).select(*ORDER).distinct()
    rows = rows.filter(rows.part == "head").semi_join(several, ORDER)
    said = [rows[c].cast("string").fill_null("") for c in rows.columns
            if c in shapes.given() | {"status_raw"} and c not in SIGNED_OFF]
    text = ibis.literal("\t").join(said)
    signed = rows.group_by(*PART).agg(sign=(text.hash() % 2**40).sum(), n_rows=rows.count())
    newest = folded.filter(~folded.replaced).select(*ORDER, newest="export")
    both = signed.inner_join(newest, ORDER)
    both = both.drop(*(c for c in both.columns if c.endswith("_right")))
    last = both.filter(both.export == both.newest).select(*ORDER, last_sign="sign", last_rows="n_rows")
    older = both.filter(both.export != both.newest).inner_join(last, ORDER)
    same = (older.sign == older.last_sign) & (older.n_rows == older.last_rows)
    return older.filter(same).select(*PART, identical=ibis.literal(True))


def _labelled(rows, folded, kept):
    """`rows` with label: used, or why not."""
    of_file = folded.select(*PART, "replaced", "wrong", "identical")
    of_order = kept.select(*ORDER, "lines_export")
    r = rows.left_join(of_file, PART)
    r = r.drop(*(c for c in r.columns if c.endswith("_right")))
    r = r.left_join(of_order, ORDER)
    return r.mutate(label=ibis.cases(
        (r.wrong.notnull(), "rejected"),
        (r.identical.fill_null(False), "identical"),
        (r.replaced.fill_null(False), "replaced"),
        ((r.part == "lines") & r.lines_export.isnull(), "line_without_order"),
        ((r.part == "refund") & r.lines_export.isnull(), "refund_without_order"),
        ((r.part == "lines") & (r.lines_export != r.export), "replaced"),
        (r.unused.notnull(), r.unused), else_=USED))


def _rejected(rows, folded):
    """Every row of the orders that cannot be used as they stand."""
    bad = folded.filter(folded.wrong.notnull()).select(*PART, "wrong")
    column = ibis.cases((bad.wrong == "days_differ_within_the_order", "order date"), else_="order total")
    return rows.inner_join(bad.mutate(column=column), PART).select(
        file="source_file", row="source_row", column="column", reason="wrong")


def _counts(folded, order_lines, shapes):
    """How many orders there are, older exports of them, and orders with lines quite alike."""
    row = folded.agg(
        orders=(~folded.replaced).sum().fill_null(0), replaced=folded.replaced.sum().fill_null(0),
        identical=(folded.replaced & folded.identical.fill_null(False)).sum().fill_null(0),
    ).to_pandas().iloc[0]
    return {**{k: int(v) for k, v in row.items()}, "alike": _alike(order_lines, shapes)}


def _alike(order_lines, shapes):
    """Orders with two lines that are the same in everything, where lines have no id of their own."""
    if "line_id" in shapes.given():
        return 0
    goods = order_lines.filter(order_lines.line_type == "product")
    same = goods.group_by("order_id", "sku", "product_name", "variant", "qty", "unit_price_jpy").agg(n=goods.count())
    return int(same.filter(same.n > 1).order_id.nunique().to_pandas())


def _account(labels, accounts):
    """Put what became of the rows into the accounts of their files."""
    for a in accounts:
        for row in labels[labels.source_file == a.file].itertuples():
            if row.label == "rejected":
                a.rejected += int(row.n)
            elif row.label != USED:
                a.skip(row.label, int(row.n))


def notes(made):
    """What a reader should know of rows that found no order, and of lines that may be counted twice."""
    n = made.labels.groupby("label").n.sum()
    found = [{"id": label, "rows": int(n[label])} for label in
             ("line_without_order", "refund_without_order", "line_twice") if n.get(label)]
    if len(made.renumbered):
        found.append({"id": "order_days_changed", "orders": len(made.renumbered)})
    found += [{"id": "slips_together", "slips": made.n_slips}] if made.n_slips else []
    found += [{"id": "slips_late", "slips": made.n_late}] if made.n_late else []
    alike = made.counts["alike"]
    return found + ([{"id": "lines_alike", "orders": alike}] if alike else [])
