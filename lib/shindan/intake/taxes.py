"""Which tax rate holds where a file names none: Japan's for a shop in Japan, else only what is told.

Rates are in ten-thousandths (1000 is 10 %), amounts in the currency's smallest unit.
"""

import ibis

from shindan import dates, errors

UNIT = 10_000
JAPAN = ("Asia/Tokyo", "Japan")


def standard(config, day):
    """The rate of client.yaml (money.tax_rate), else Japan's on that day if the shop is there, else null."""
    if config.money.tax_rate is not None:
        return ibis.literal(round(config.money.tax_rate * UNIT), "int64")
    if config.currency == "JPY" and config.timezone in JAPAN:
        return dates.standard_tax_percent(day) * 100
    return ibis.null("int64")


def of_order(config, o):
    """The rate for an order's lines without one of their own; 0 where nobody has told any.

    The tax an order tells on top of its items is its own (goods at 8 % among others), unless the
    standard rate makes the same yen. So is the tax inside what was billed; in Japan without that of
    shipping and fees, which stand at the standard rate, where less is told than that rate makes (a
    cart told nothing of taxes writes 0).
    """
    rate = standard(config, o.order_date)
    if config.currency == "JPY" and config.timezone in JAPAN:
        extra = o.shipping_jpy.fill_null(0) + o.fee_jpy.fill_null(0)
        within = o.tax_jpy - inside(extra, rate)
        on_goods = ibis.cases((o.tax_on_top, o.tax_jpy), (o.tax_inside & (within > 0), within))
        bare = ibis.cases((o.tax_on_top, o.items_jpy), else_=o.billed_jpy - extra) - on_goods
        differs = (on_goods >= 0) & (bare > 0) & ((on_goods * UNIT - bare * rate).abs() > UNIT)
        differs = differs & (o.tax_on_top | (on_goods * UNIT < bare * rate))
        return ibis.cases((differs.fill_null(False), (on_goods * UNIT / bare).round().cast("int64")), else_=rate)
    billed = ibis.coalesce(o.billed_jpy, o.items_jpy + o.shipping_jpy.fill_null(0) + o.fee_jpy.fill_null(0))
    before = ibis.cases((o.tax_on_top, o.items_jpy), else_=billed) - o.tax_jpy
    own = ibis.cases(((o.tax_jpy >= 0) & (before > 0), (o.tax_jpy * UNIT / before).round().cast("int64")))
    return ibis.coalesce(own, rate, ibis.literal(0, "int64"))


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
