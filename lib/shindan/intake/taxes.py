"""Which tax rate holds where a file names none: Japan's for a shop in Japan, else only what is told.

Rates are in ten-thousandths (1000 is 10 %), amounts in the currency's smallest unit.
"""

import ibis

from shindan import dates, errors

UNIT = 10_000
REDUCED = 800
ROUNDING = 3  # yen: carts round the tax of each line
JAPAN = ("Asia/Tokyo", "Japan")


def standard(config, day):
    """The rate of client.yaml (money.tax_rate), else Japan's on that day if the shop is there, else null."""
    if config.money.tax_rate is not None:
        return ibis.literal(round(config.money.tax_rate * UNIT), "int64")
    if config.currency == "JPY" and config.timezone in JAPAN:
        return dates.standard_tax_percent(day) * 100
    return ibis.null("int64")


def of_order(config, o, told=True):
    """The rate for an order's lines without one of their own; 0 where nobody has told any.

    `told`: some file tells a tax beside amounts that simply hold theirs.

    The tax an order tells on top of its items, inside its goods or inside its bill is its own: goods at
    8 % among others. In Japan that is held against the country's rates first, see `_in_japan`.
    """
    rate = standard(config, o.order_date)
    if config.currency == "JPY" and config.timezone in JAPAN:
        return _in_japan(o, rate) if told else rate
    billed = ibis.coalesce(o.billed_jpy, o.items_jpy + o.shipping_jpy.fill_null(0) + o.fee_jpy.fill_null(0))
    before = ibis.cases((o.tax_on_top | o.tax_of_goods, o.items_jpy), else_=billed) - o.tax_jpy
    own = ibis.cases(((o.tax_jpy >= 0) & (before > 0), (o.tax_jpy * UNIT / before).round().cast("int64")))
    return ibis.coalesce(own, rate, ibis.literal(0, "int64"))


def _in_japan(o, rate):
    """The standard rate, or what the tax an order tells is of its goods: the reduced rate, or a mean of both.

    The standard rate stays where it makes the same yen, and inside an amount where more than that is
    told, which is no tax of Japan, or nothing (a cart told nothing of taxes writes 0).
    """
    goods, tax = _told(o, rate)
    bare = goods - tax
    differs = (tax >= 0) & (bare > 0) & ~_makes(tax, bare, rate) & (o.tax_on_top | (tax * UNIT < bare * rate))
    own = ibis.cases((_makes(tax, bare, REDUCED), REDUCED), else_=(tax * UNIT / bare).round().cast("int64"))
    return ibis.cases((differs.fill_null(False), own), else_=rate)


def _makes(tax, bare, rate):
    """True where `rate` makes the same yen of goods without their tax."""
    return (tax * UNIT - bare * rate).abs() <= UNIT


def _told(o, rate):
    """(an order's goods with their tax, the tax inside them), null where no tax is told.

    Files do not say whether the tax in a bill holds that of shipping and fees (at the standard rate), nor
    whether the tax of goods is of those before discounts. The first is taken, unless over all orders of
    the source the second comes nearer to Japan's rates: it is one setting of the shop.
    """
    extra = o.shipping_jpy.fill_null(0) + o.fee_jpy.fill_null(0)
    cut = o.items_jpy - o.discount_shop_jpy.fill_null(0) - o.points_shop_jpy.fill_null(0)
    within = o.tax_jpy - inside(extra, rate)
    goods = ibis.cases((o.tax_on_top | o.tax_of_goods, o.items_jpy), else_=o.billed_jpy - extra)
    tax = ibis.cases((o.tax_on_top, o.tax_jpy), (o.tax_of_goods, o.tax_jpy), (o.tax_inside, within))
    other = ibis.cases((o.tax_of_goods, cut), else_=goods)
    second = _far(o, other, o.tax_jpy, rate) < _far(o, goods, tax, rate)
    second = second.fill_null(False) & (o.tax_of_goods | o.tax_inside)
    goods, tax = ibis.cases((second, other), else_=goods), ibis.cases((second, o.tax_jpy), else_=tax)
    return goods, ibis.cases((o.tax_on_top | (tax > 0), tax))


def _far(o, goods, tax, rate):
    """Σ over a source's orders: the yen between the tax told and what Japan's rates make of its goods, all of it
    where no mean of them makes it."""
    low, high = inside(goods, ibis.least(rate, REDUCED)), inside(goods, rate)
    lawful = (tax >= low - ROUNDING) & (tax <= high + ROUNDING)
    off = ibis.cases((lawful, ibis.least((tax - low).abs(), (tax - high).abs())), else_=o.tax_jpy)
    return off.sum(where=o.tax_jpy > 0).over(group_by=o.source_no)


def inside(amount, rate):
    """The tax in an amount that holds it, floored."""
    return amount * rate // (UNIT + rate)


def on_top(amount, rate):
    """An amount without its tax -> with it, half up."""
    return amount + (amount * rate / UNIT).round().cast("int64")


def of_costs(config, day, where):
    """The rate inside costs that hold their tax; exit 11 where nobody has told it."""
    rate = standard(config, day)
    if config.money.tax_rate is None and not (config.currency == "JPY" and config.timezone in JAPAN):
        raise errors.ShindanError(
            errors.BAD_CONFIG, "client.yaml: costs hold their tax (cost_tax: included), but at which rate?",
            where, "say it: `money: {tax_rate: 0.2}`")
    return rate
