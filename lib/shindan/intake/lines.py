"""Order lines: amounts with tax, and their sums per order."""

import ibis

from shindan import schema
from shindan.intake import taxes
from shindan.intake.orders import ORDER

GOODS = ("product", "sample", "option")
SUMS = {"products": GOODS, **{t: (t,) for t in ("shipping", "fee", "discount", "points")}}
TELLING = ("line_type", "sku", "product_name", "unit_price_jpy", "line_amount_jpy")


def build(rows, orders, shapes):
    """One row per line of an order (schema order_lines, plus tax_bp, the rate in ten-thousandths).

    `orders` (order_id, shop, order_no, lines_export, tax_on_top, tax_bp) says which export's lines
    count. unit_price_jpy includes tax: a price without tax gets its own, half a yen up, as carts
    do. Where the file names no rate, the order's is taken.
    """
    rows = rows.filter(rows.unused.isnull(), rows.part != "refund", ibis.or_(*(rows[c].notnull() for c in TELLING)))
    keys = orders.select(*ORDER, "order_id", "tax_on_top", export="lines_export", order_bp="tax_bp")
    r = split_cells(rows, shapes).inner_join(keys, [*ORDER, "export"])
    rate = ibis.cases((r.tax_rate > 1, r.tax_rate / 100), else_=r.tax_rate)  # 10, 0.1 and 10 % are one
    bp = ibis.coalesce((rate * taxes.UNIT).round().cast("int64"), r.order_bp)
    r = r.mutate(
        line_no=ibis.row_number().over(group_by=r.order_id, order_by=[r.file_no, r.source_row, r.cell_no]) + 1,
        line_type=r.line_type.fill_null("product"), qty=r.qty.fill_null(1),
        line_discount_jpy=r.line_discount_jpy.fill_null(0), tax_bp=bp,
        without=~ibis.coalesce(r.price_has_tax, ~r.tax_on_top), added=r.price_has_tax.isnull() & r.tax_on_top)
    r = r.mutate(unit_price_jpy=_with_tax(r, "unit_price_jpy", r.without),
                 line_amount_jpy=_with_tax(r, "line_amount_jpy", r.added),
                 line_discount_jpy=_with_tax(r, "line_discount_jpy", r.without))
    amount = ibis.coalesce(r.line_amount_jpy, r.unit_price_jpy * r.qty - r.line_discount_jpy)
    each = ibis.cases((r.qty != 0, ((amount + r.line_discount_jpy) / r.qty).round().cast("int64")))
    return r.mutate(
        line_amount_jpy=amount.fill_null(0), tax_rate=r.tax_bp / float(taxes.UNIT),
        unit_price_jpy=ibis.coalesce(r.unit_price_jpy, each),
        is_subscription=r.is_subscription.fill_null(False),
    ).select(*schema.TABLES["order_lines"], "tax_bp")


def split_cells(rows, shapes):
    """`rows` with cell_no: a row whose cell lists several lines becomes that many rows."""
    rows = rows.mutate(cell_no=ibis.literal(0, "int64"))
    for number, name, separator in shapes.splits():
        mine = rows.filter(rows.source_no == number)
        cells = mine.mutate(cell=mine[name].fill_null("").split(separator)).unnest("cell", offset="place")
        cells = cells.mutate(**{name: cells.cell.strip().nullif("")}, cell_no=cells.place.cast("int64"))
        rows = rows.filter(rows.source_no != number).union(cells.drop("cell", "place").select(rows.columns))
    return rows


def _with_tax(rows, column, where):
    return ibis.cases((where, taxes.on_top(rows[column], rows.tax_bp)), else_=rows[column])


def sums(lines):
    """One row per order: Σ line amounts by kind, and the tax inside its products.

    Columns: order_id, n_pieces, sum_products, sum_shipping, sum_fee, sum_discount, sum_points (the latter
    two as positive amounts), sum_tax. Tax is floored once per order and rate, in integers.
    """
    pieces = lines.qty.abs().sum(where=lines.line_type.isin(GOODS)).fill_null(0)
    by_kind = lines.group_by("order_id").agg(n_pieces=pieces, **{
        f"sum_{name}": lines.line_amount_jpy.sum(where=lines.line_type.isin(types)).fill_null(0)
        for name, types in SUMS.items()})
    by_kind = by_kind.mutate(sum_discount=-by_kind.sum_discount, sum_points=-by_kind.sum_points)
    goods = lines.filter(lines.line_type.isin(GOODS))
    by_rate = goods.group_by("order_id", "tax_bp").agg(amount=goods.line_amount_jpy.sum())
    tax = by_rate.mutate(inside=taxes.inside(by_rate.amount, by_rate.tax_bp)).group_by("order_id").agg(sum_tax=ibis._.inside.sum())
    return by_kind.left_join(tax, "order_id").drop("order_id_right")
