"""A demo client with a known truth: a Japanese mail-order shop, written as the files it would send.

    from shindan import demo
    truth = demo.write(Path("client_data/demo/raw"))          # the default shop, 36 months
    truth = demo.write(folder, orders=1_000_000, seed=7)      # the same shop, larger
    truth = demo.truth(orders=5_000)                          # only the truth, no files

All people, addresses and numbers are made up. Equal size and seed give equal bytes.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from shindan.demo import campaigns, shop, subscriptions, survey
from shindan.demo import orders as order_book
from shindan.demo.files import Files
from shindan.demo.known import Truth

# The default seed was picked: a shop whose sample lies near its truth everywhere, so that the demo
# report reads as the model intends. Whether methods recover the truth is for other seeds to show.
SEED = 11
ORDERS = 18_500  # about 9,200 buyers and 45,000 rows in the order files


@dataclass(frozen=True)
class Block:
    """Some of the shop's customers and all they did, also beyond as_of.

    `customer` in every frame is the row of `customers`; `order` in `lines` the row of `orders`;
    days count from the shop's first day.
    """

    customers: pd.DataFrame
    purchases: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    sends: pd.DataFrame
    responses: pd.DataFrame
    answers: pd.DataFrame
    contracts: pd.DataFrame


def write(folder_raw, orders=ORDERS, seed=SEED):
    """Write the raw files of a shop with about `orders` orders; returns its truth (see `truth`)."""
    plan = shop.Plan(orders, seed)
    known = Truth(plan)
    with Files(Path(folder_raw), plan) as files:
        for number, block in blocks(plan):
            known.add(block)
            files.add(block, plan.random(number, 1))
        files.finish()
    return known.result()


def truth(orders=ORDERS, seed=SEED):
    """What a correct diagnostic finds in that shop, as a plain dict.

    customers, purchases (person x day), orders by kind,
        revenue_jpy (items less coupons and points, tax included), revenue_ex_tax_jpy
    channels: {name: cost_jpy, new_customers, cpa_jpy}; cpa_blended_jpy, cpa_paid_jpy,
        unknown_share; months: the same by month
    f2: {days: probability} of the model's own curve, averaged over the customers; f2_by_channel,
        f2_by_product; f2_naive: repeaters ÷ all to date
    ranks: {rank: customers} at as_of by the default rules
    campaigns: {id: assignment, lift_pt (0..1; the same in every rank; zero for rule campaigns),
        n and bought (within the window) by arm}
    nps: {wave or "all": nps of the distribution the answers were drawn from, n}
    subscriptions: contracts by promised count, and the model's probability that one gets each
        delivery ("reaches": {delivery: probability})
    ltv_sales_365_jpy: mean sales of the first 365 days over all customers, uncensored
        (simulated beyond as_of); ltv_sales_365_ex_tax_jpy without tax
    """
    plan = shop.Plan(orders, seed)
    known = Truth(plan)
    for _, block in blocks(plan):
        known.add(block)
    return known.result()


def blocks(plan):
    """(number, Block) one after another: memory stays that of one block at any size."""
    for number, customers in plan.blocks():
        rng = plan.random(number, 0)
        c = shop.customers(customers, plan, rng)
        p, sends, responses = campaigns.run(c, shop.purchase_days(c, rng), rng)
        o, lines = order_book.make(c, p, rng)
        answers = survey.asked(c, p, plan, rng)
        terms = subscriptions.contracts(c, plan.random(number, subscriptions.STAGE))
        yield number, Block(c, p, o, lines, sends, responses, answers, terms)
