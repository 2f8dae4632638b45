"""List price and sale: a rise is no old sale, a lasting cut no sale at all, a dip is one."""

import datetime

import ibis
import pandas as pd

from shindan import engine, schema
from shindan.analyses import prices, purchases

START = datetime.date(2024, 1, 1)
AS_OF = datetime.date(2025, 12, 31)


def sold(prices_by_day, sku="A", subscription=None):
    """(lines, orders): one order a (day from START, unit price)."""
    lines = pd.DataFrame([
        {**dict.fromkeys(schema.TABLES["order_lines"]), "order_id": f"{sku}{i:03}{subscription}", "line_no": 1,
         "line_type": "product", "sku": sku, "unit_price_jpy": price, "line_amount_jpy": price,
         "line_discount_jpy": 0, "qty": 1, "is_subscription": subscription}
        for i, (_, price) in enumerate(prices_by_day)])
    orders = pd.DataFrame({"order_id": lines["order_id"],
                           "order_date": [START + datetime.timedelta(days=day) for day, _ in prices_by_day]})
    return lines, orders


def sales(lines, orders, as_of=AS_OF):
    """Whether each order was at a sale, in the order of `lines`."""
    table = ibis.memtable(lines, schema=schema.of("order_lines"))
    found = engine.frame(purchases.sale_orders(table, orders, as_of, 0.05)).set_index("order_id")["is_sale"]
    return found[lines["order_id"]].tolist()


def steady(price, first, last):
    return [(day, price) for day in range(first, last, 10)]


def test_a_price_rise_is_no_old_sale():
    """3,000 yen for a year, then 3,600: nobody before the rise bought at a sale."""
    assert not any(sales(*sold(steady(3000, 0, 365) + steady(3600, 365, 700))))


def test_a_lasting_cut_is_the_new_list_price():
    assert not any(sales(*sold(steady(3600, 0, 300) + steady(3000, 300, 700))))


def test_a_dip_is_a_sale():
    assert sales(*sold([*steady(3000, 0, 300), (300, 2550), (305, 2550), *steady(3000, 310, 700)])) == (
        [False] * 30 + [True] * 2 + [False] * 39)


def test_a_sale_still_running_is_one():
    """Whether the price comes back cannot be seen yet: what was paid before decides."""
    running = [*steady(3000, 500, 700), (720, 2550), (725, 2550)]
    assert sales(*sold(running)) == [False] * 20 + [True] * 2


def test_a_subscriptions_price_is_a_price_of_its_own():
    once, contract = sold(steady(3000, 0, 700)), sold(steady(2700, 5, 700), subscription=True)
    both = [pd.concat(pair, ignore_index=True) for pair in zip(once, contract, strict=True)]
    assert not any(sales(*both))


def test_products_without_a_code_go_by_their_name():
    lines, orders = sold([*steady(3000, 0, 300), (301, 2000), *steady(3000, 310, 700)])
    lines["sku"], lines["product_name"] = None, "青汁"
    assert sum(sales(lines, orders)) == 1


def test_only_orders_that_count_make_a_list_price():
    """A test order at 99,999 yen is none of `orders`."""
    lines, orders = sold([*steady(3000, 0, 300), (150, 99_999), (156, 99_999)])
    orders = orders[orders.index < 30]
    found = engine.frame(prices.with_list_price(ibis.memtable(lines, schema=schema.of("order_lines")), orders, AS_OF))
    assert found["list_price_jpy"].max() == 3000
