"""From purchase days to orders, lines and money, as the cart keeps them.

On top of the purchases of the model come what a real order book also holds: a second order on the
same day, cancelled and returned orders, samples of zero yen.
"""

import numpy as np
import pandas as pd

from shindan.demo import catalogue as cat

FREE_SHIPPING, SHIPPING, COD_FEE = 5000, 550, 330
COUPON = 500
PAYMENTS = {"クレジットカード": (5, 0.56), "後払い": (6, 0.16), "代金引換": (4, 0.14),
            "PayPay": (7, 0.10), "銀行振込": (3, 0.04)}
COD = list(PAYMENTS).index("代金引換")
HOURS = np.array([2, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 6, 6, 5, 5, 5, 5, 5, 6, 7, 9, 10, 8, 4.0])


def make(c, purchases, rng):
    """(orders, lines) of one block, in the order of time. Days may lie beyond AS_OF."""
    o = pd.concat([_valid(purchases, rng), _others(c, purchases, rng)], ignore_index=True)
    o = o.sort_values(["day", "second", "customer"], kind="stable", ignore_index=True)
    o["guest"] = _guest(c, o)
    o["code"] = _code_on_order(c, o, rng)
    o["payment"] = rng.choice(len(PAYMENTS), size=len(o), p=[p for _, p in PAYMENTS.values()])
    lines = _lines(c, o, rng)
    return o.assign(**_money(o, lines, rng)), lines


def _valid(purchases, rng):
    """One row per order that counts; some purchase days hold a second order, later that day."""
    o = purchases.assign(kind="valid", second=_seconds(len(purchases), rng))
    double = o[rng.random(len(o)) < 0.015]
    later = rng.integers(600, 12_000, size=len(double))
    return pd.concat([o, double.assign(second=(double.second + later).clip(upper=86_399))])


def _others(c, purchases, rng):
    """Cancelled, returned and sample orders: never a purchase, mostly of people who also buy."""
    known = purchases[purchases.day <= cat.AS_OF]
    chance = rng.random(len(known))
    extra = known[chance < 0.035].assign(no=2, campaign="")
    kind = np.select([chance < 0.019, chance < 0.030], ["cancelled", "returned"], "sample")
    extra["kind"] = kind[chance < 0.035]
    extra["day"] += rng.integers(-3, 40, size=len(extra))
    never = c.index[~c.buys & (rng.random(len(c)) < 0.5)]
    alone = pd.DataFrame({"customer": never, "day": c.first_day[never], "no": 1, "campaign": "",
                          "kind": np.where(never % 2, "cancelled", "sample")})
    extra = pd.concat([extra, alone], ignore_index=True)
    latest = np.where(extra.kind == "returned", cat.AS_OF - 7, cat.AS_OF)  # out and back again
    extra["day"] = np.minimum(extra.day.clip(lower=0), latest)
    return extra.assign(second=_seconds(len(extra), rng))


def _seconds(n, rng):
    hour = rng.choice(24, size=n, p=HOURS / HOURS.sum())
    return hour * 3600 + rng.integers(0, 3600, size=n)


def _guest(c, o):
    """Whether this order was placed without logging in."""
    first, always = c.guest_first.to_numpy()[o.customer], c.guest_always.to_numpy()[o.customer]
    return always | (first & (o.day <= c.first_day.to_numpy()[o.customer]).to_numpy())


def _code_on_order(c, o, rng):
    """The first purchase day carries how the customer was found; later orders seldom a code."""
    listed = np.array([code for ch in cat.CHANNELS for code in ch.codes], dtype=object)
    other = np.where(rng.random(len(o)) < 0.15, rng.choice(listed, size=len(o)), "")
    is_first = (o.day <= c.first_day.to_numpy()[o.customer]).to_numpy()
    return np.where(is_first, c.code.to_numpy()[o.customer], other)


def _lines(c, o, rng):
    """One row per product line: order (row of o), product, price (ex tax), qty."""
    main = _main_product(c, o, rng)
    two = (rng.random(len(o)) < 0.22) & (o.kind != "sample").to_numpy()
    extra = _popular(two.sum(), rng)
    order = np.concatenate([np.arange(len(o)), np.flatnonzero(two)])
    lines = pd.DataFrame({"order": order, "product": np.concatenate([main, extra])})
    lines = lines.drop_duplicates().sort_values("order", kind="stable", ignore_index=True)
    price = np.array([p.price for p in cat.PRODUCTS])[lines["product"]]
    at = o.iloc[lines.order]
    on_sale = cat.days_of(cat.SALES)[at.day] & (lines["product"] != 0).to_numpy()
    price = np.where(on_sale, (price * cat.SALE_PRICE / 10).round().astype(int) * 10, price)
    sample = (at.kind == "sample").to_numpy()
    qty = rng.choice([1, 2, 3], size=len(lines), p=[0.82, 0.14, 0.04])
    lines["price"] = np.where(sample, 0, price)
    lines["qty"] = np.where(sample | (lines["product"] == 0), 1, qty)
    return lines


def _main_product(c, o, rng):
    own = c["product"].to_numpy()[o.customer]
    usual = np.where(own == 0, 1, own)  # after the trial set, the product it tries
    other = _popular(len(o), rng)
    later = np.where(rng.random(len(o)) < 0.6, usual, other)
    return np.where(o.no == 1, own, later)


def _popular(n, rng):
    share = np.array([p.repeat_share for p in cat.PRODUCTS])
    return rng.choice(len(share), size=n, p=share / share.sum())


def _money(o, lines, rng):
    """Per order, whole yen. Prices are without tax on the line and with tax in the totals."""
    n = len(o)
    rate = np.array([p.tax for p in cat.PRODUCTS])[lines["product"]]
    unit_tax = (lines.price * rate + 50) // 100
    items = _per_order(lines, (lines.price + unit_tax) * lines.qty, n)
    items_tax = _per_order(lines, unit_tax * lines.qty, n)
    paid = items > 0
    shipping = np.where(paid & (items < FREE_SHIPPING), SHIPPING, 0)
    fee = np.where(paid & (o.payment == COD), COD_FEE, 0)
    offered = (o.campaign != "").to_numpy() | (rng.random(n) < 0.05)
    discount = np.where(offered & (items > 2000), COUPON, 0)
    uses = (rng.random(n) < 0.10) & (o.no > 1).to_numpy() & ~o.guest.to_numpy() & (items > 2000)
    points = np.where(uses, rng.integers(1, 9, size=n) * 50, 0)
    tax = items_tax + _included(shipping) + _included(fee) - _included(discount)
    return {
        "items": items, "shipping": shipping, "fee": fee, "discount": discount, "points": points,
        "tax": tax, "total": items + shipping + fee - discount - points,
        "revenue": items - discount - points,
        "revenue_ex_tax": items - items_tax - discount + _included(discount) - points,
    }


def _per_order(lines, amount, n):
    return np.bincount(lines.order, weights=amount, minlength=n).astype(np.int64)


def _included(amount):
    """The 10 % tax inside an amount."""
    return (amount * 10 + 55) // 110
