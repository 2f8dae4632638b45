"""What an order is worth: amounts filled from its lines, tax put where it belongs, revenue."""

import ibis

from shindan.intake import taxes
from shindan.intake.orders import TOTALS
from shindan.intake.shapes import at

ADDED = {"items_jpy": "products", "shipping_jpy": "shipping", "fee_jpy": "fee"}
CUT = {"discount_shop_jpy": "discount", "points_shop_jpy": "points"}
TAKEN_OFF = ("discount_shop_jpy", "discount_mall_jpy", "points_shop_jpy", "points_mall_jpy")
SMALL = ("shipping_jpy", "fee_jpy", *TAKEN_OFF)


def cut_shipping(o):
    """`o` with a discount on shipping moved from the goods' discounts, of which items hold it too, to shipping.

    Shipping may be told before that discount or after it: whichever adds up to the billed amount.
    """
    over = o.items_jpy - o.rows_jpy
    o = o.mutate(off=ibis.cases(((over > 0) & (over <= o.discount_shop_jpy), over), else_=0))
    o = o.mutate(items_jpy=o.items_jpy - o.off, discount_shop_jpy=o.discount_shop_jpy - o.off)
    high = _known(o) - o.billed_jpy
    before = (o.off > 0) & (high != 0) & ((high == o.off) | (high + o.tax_jpy == o.off))
    return o.mutate(shipping_jpy=ibis.cases((before, o.shipping_jpy - o.off), else_=o.shipping_jpy)).drop("off")


def put_tax(o, shapes, config):
    """`o` with the tax inside its items, tax_on_top (its lines' prices come without it) and tax_bp,
    the rate where a line names none.

    "goods": tax_jpy is inside the goods. "either": tax_jpy is on top where the order only adds up to its billed amount with it, else inside that.
    "standard": the file tells no tax; the standard rate of the shop's country on that day is added.
    """
    without = _known(o)
    only_with = (without != o.billed_jpy) & (without + o.tax_jpy == o.billed_jpy)
    told = at(o, shapes.of(tax="on_top")) | (at(o, shapes.of(tax="either")) & only_with.fill_null(False))
    standard = at(o, shapes.of(tax="standard"))
    rate = taxes.standard(config, o.order_date).fill_null(0)
    items = ibis.cases((told, o.items_jpy + o.tax_jpy.fill_null(0)), (standard, taxes.on_top(o.items_jpy, rate)),
                       else_=o.items_jpy)
    refund = ibis.cases((standard, taxes.on_top(o.refund_jpy, rate)), else_=o.refund_jpy)
    o = o.mutate(tax_on_top=(told | standard).fill_null(False), items_jpy=items, refund_jpy=refund,
                 tax_of_goods=at(o, shapes.of(tax="goods")), tax_inside=at(o, shapes.of(tax="either")) & ~told.fill_null(False))
    return o.mutate(tax_bp=taxes.of_order(config, o, shapes.tell_tax()))


def fill(orders, sums, shapes, basis):
    """`orders` with every amount filled and revenue_jpy.

    What the file does not tell is the sum of the order's lines of that kind. revenue_jpy = items −
    shop discounts − shop points − refund (no refund takes more than the goods), without its tax
    if `basis` is tax_excluded: the order's tax on products, in proportion, floored to the yen.
    revenue_tax_jpy is the consumption tax still inside revenue_jpy (0 on that basis).
    """
    o = orders.left_join(sums, "order_id").drop("order_id_right")
    o = o.mutate(**{c: o[c].fill_null(0) for c in o.columns if c.startswith("sum_")})
    o = o.mutate(items_told=o.items_jpy.notnull() & ~at(o, shapes.option("lines", "incomplete")),
                 **{c: _with_lines(o, c, shapes) for c in TOTALS})
    o = o.mutate(**{c: ibis.coalesce(o[c], o[f"sum_{kind}"].nullif(0)) for c, kind in {**ADDED, **CUT}.items()})
    o = o.mutate(**{c: o[c].fill_null(0) for c in SMALL}, refund_jpy=o.refund_jpy.fill_null(0).abs(),
                 fee_remains=o.fee_jpy.isnull() & at(o, shapes.rests("fee_jpy")))
    # without lines and a total of its own: what remains of the billed amount
    goods_billed = o.billed_jpy - o.shipping_jpy - o.fee_jpy + sum(o[c] for c in TAKEN_OFF)
    o = o.mutate(items_jpy=ibis.coalesce(o.items_jpy, goods_billed, 0))
    o = o.mutate(**_rests(o, shapes))
    o = o.mutate(fee_jpy=_with_remaining_fee(o))
    o = o.mutate(expected_jpy=_parts(o))
    goods = o.items_jpy - o.discount_shop_jpy - o.points_shop_jpy
    net = ibis.greatest(goods - o.refund_jpy, 0)
    refunded = (o.status == "valid") & (o.refund_jpy > 0) & (o.refund_jpy >= goods)
    tax, inside = _tax_in(net, o), basis == "tax_included"
    return o.mutate(
        goods_jpy=goods, net_jpy=net, revenue_jpy=net if inside else net - tax,
        revenue_tax_jpy=tax if inside else ibis.literal(0, "int64"),
        billed_known=o.billed_jpy.notnull(),
        billed_jpy=ibis.coalesce(o.billed_jpy, o.expected_jpy),
        status=ibis.cases((refunded, "returned"), else_=o.status),
        is_zero_yen=o.items_jpy - o.discount_shop_jpy <= 0)


def _known(o):
    """What a bill holds, as far as it is told; null where the items are not."""
    return o.items_jpy + sum(o[c].fill_null(0) for c in ADDED if c != "items_jpy") - sum(o[c].fill_null(0) for c in TAKEN_OFF)


def _parts(o):
    return o.items_jpy + o.shipping_jpy + o.fee_jpy - sum(o[c] for c in TAKEN_OFF)


def _rests(o, shapes):
    """What the billed amount is lower than its parts, for the field that a preset says takes it."""
    rest = ibis.greatest(_parts(o) - o.billed_jpy.fill_null(_parts(o)), 0)
    return {c: ibis.cases((at(o, numbers), o[c] + rest), else_=o[c])
            for c in TAKEN_OFF if (numbers := shapes.rests(c))}


def _with_remaining_fee(o):
    """The fee, where no column tells it what the bill is higher than its parts; below zero it is a mismatch."""
    return ibis.cases((o.fee_remains, o.billed_jpy.fill_null(_parts(o)) - _parts(o)), else_=o.fee_jpy)


def _tax_in(net, o):
    """The tax inside `net`: as in the order's products, else as told, else at the order's rate."""
    told = o.tax_on_top & (o.items_jpy > 0) & o.tax_jpy.notnull()
    return ibis.cases(
        (o.sum_products > 0, net * o.sum_tax // ibis.greatest(o.sum_products, 1)),
        (told, net * o.tax_jpy // ibis.greatest(o.items_jpy, 1)),
        else_=taxes.inside(net, o.tax_bp))


def _with_lines(o, name, shapes):
    """An amount with what the order's lines of a kind add to it or take off."""
    value = o[name]
    for sign, kind, numbers in shapes.line_sums(name):
        value = ibis.cases((at(o, numbers), value.fill_null(0) + sign * o[f"sum_{kind}"]), else_=value)
    return value
