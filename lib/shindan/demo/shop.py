"""The demo shop's customers and when they buy: the model whose truth is known.

A customer buys a second time with probability `stays_first`; the gap to the next purchase is Burr
XII with scale `gap_scale`: P(gap <= t) = 1 - (1 + (t/scale)^k)^-r for whole days t. One `frailty`
a customer makes gaps of one person alike and the shop's customers heavy-tailed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shindan.demo import catalogue as cat
from shindan.demo import people

BLOCK = 10_000  # customers simulated at a time: bounded memory at any size


@dataclass(frozen=True)
class Plan:
    """How big the shop is. Customers are numbered by the day they came; blocks follow that order."""

    orders: int
    seed: int

    @property
    def customers(self):
        return max(1, round(self.orders / cat.ORDERS_PER_CUSTOMER))

    def blocks(self):
        """(block number, its customers' numbers from 1) one after another."""
        for block, first in enumerate(range(0, self.customers, BLOCK)):
            yield block, np.arange(first, min(first + BLOCK, self.customers)) + 1

    def random(self, *stage):
        """A generator of its own for each block or file: equal seed, equal bytes."""
        return np.random.default_rng([self.seed, *stage])


def customers(numbers, plan, rng):
    """One row per customer: who, how found, what first, how loyal (the truth of the model)."""
    n = len(numbers)
    c = pd.DataFrame({"number": numbers, "first_day": first_days(numbers, plan, rng)})
    c["buys"] = rng.random(n) > 0.04            # the others only register, cancel or take a sample
    c["channel"] = _pick(rng, n, [ch.share for ch in cat.CHANNELS])
    c["code"] = _codes(c.channel.to_numpy(), rng)
    c["product"] = _pick(rng, n, [p.first_share for p in cat.PRODUCTS])
    c = c.assign(**_loyalty(c, rng), **_identity(c, rng))
    c["optin"] = rng.random(n) < 0.86
    return c


def first_days(numbers, plan, rng):
    """The day each customer first comes: one draw in each equal slice of the growth curve."""
    slice_ = (numbers - 1 + rng.random(len(numbers))) / plan.customers
    return np.searchsorted(np.cumsum(cat.new_customer_density()), slice_).clip(0, cat.AS_OF)


def observed_channel(c):
    """The channel a correct reading of the files gives each customer."""
    channel = np.array([ch.name for ch in cat.CHANNELS], dtype=object)[c.channel]
    return np.where(c.code.isin(["", cat.UNLISTED_CODE]), "unknown", channel)


def second_purchase(c, days):
    """Per customer: the model's probability of a second purchase within `days` of the first."""
    gone = (1 + (days / c.gap_scale) ** cat.GAP_SHAPE) ** -cat.GAP_TAIL
    return c.stays_first * (1 - gone)


def purchase_days(c, rng):
    """One row per customer x purchase day up to HORIZON: columns customer (row of c), day."""
    who = np.flatnonzero(c.buys)
    day, stays = c.first_day.to_numpy()[who], c.stays_first.to_numpy()[who]
    later, frailty, scale = (c[k].to_numpy() for k in ("stays_later", "frailty", "gap_scale"))
    found = [(who, day)]
    while len(who):
        again = rng.random(len(who)) < stays
        who, day = who[again], day[again]
        gap = scale[who] * (rng.exponential(size=len(who)) / frailty[who]) ** (1 / cat.GAP_SHAPE)
        day = day + np.ceil(gap.clip(0.5, 10_000)).astype(int)
        who, day = who[day <= cat.HORIZON], day[day <= cat.HORIZON]
        found.append((who, day))
        stays = later[who]
    customer, days = (np.concatenate(part) for part in zip(*found, strict=True))
    return numbered(pd.DataFrame({"customer": customer, "day": days, "campaign": ""}))


def numbered(purchases):
    """The same purchases in order, with `no` counting each customer's from 1."""
    p = purchases.sort_values(["customer", "day"], kind="stable", ignore_index=True)
    return p.assign(no=p.groupby("customer").cumcount() + 1)


def _loyalty(c, rng):
    n = len(c)
    product = np.array([(p.comes_back, p.days) for p in cat.PRODUCTS])[c["product"]]
    in_sale = cat.days_of(cat.SALES)[c.first_day]
    channel = np.array([ch.loyalty for ch in cat.CHANNELS])[c.channel]
    return {
        "stays_first": product[:, 0] * channel * np.where(in_sale, cat.SALE_LOYALTY, 1.0),
        "stays_later": rng.beta(*cat.STAYS, size=n),
        "frailty": rng.gamma(cat.GAP_TAIL, size=n).clip(1e-9),
        "gap_scale": product[:, 1],
    }


def _identity(c, rng):
    n, number = len(c), c.number.to_numpy()
    name = people.names(number)
    guest = rng.random(n) < 0.12
    born = np.datetime64("1938-01-01") + (rng.beta(3, 2.5, size=n) * 24_000).astype(int)
    return {
        **name, **people.addresses(number, rng),
        "phone": people.phones(number), "email": people.emails(number, name["romaji"]),
        "guest_first": guest, "guest_always": guest & (rng.random(n) < 0.45),
        "birthday": np.where(rng.random(n) < 0.12, np.datetime64("NaT"), born),
        "job_id": rng.integers(0, 19, size=n),
        "company": np.where(rng.random(n) < 0.01, "㈱みほん商事", ""),
    }


def _codes(channel, rng):
    """The ad code on the first order: one of the channel's, sometimes blank or unlisted."""
    first = np.array([ch.codes[0] for ch in cat.CHANNELS], dtype=object)[channel]
    last = np.array([ch.codes[-1] for ch in cat.CHANNELS], dtype=object)[channel]
    code = np.where(rng.random(len(channel)) < 0.6, first, last)
    lost = rng.random(len(channel))
    code[lost < cat.SHARE_BLANK + cat.SHARE_UNLISTED] = cat.UNLISTED_CODE
    code[lost < cat.SHARE_BLANK] = ""
    return code


def _pick(rng, n, shares):
    shares = np.array(shares, dtype=float)
    return rng.choice(len(shares), size=n, p=shares / shares.sum())
