"""Japan's tax is for shops in Japan; elsewhere only what a file or client.yaml tells is taken off."""

import datetime
import types

import ibis
import pandas as pd
import pytest

from shindan import errors
from shindan.intake import taxes

GENERIC = {"path": "o.csv", "preset": "generic_orders"}
HEAD = "order_no,ordered_at,items_jpy,customer_id"
DOLLARS = {"currency": "USD", "timezone": "America/New_York"}


def revenue(client, text, source=GENERIC, **settings):
    return priced(client, text, source, **settings).orders.revenue_jpy.tolist()


def priced(client, text, source=GENERIC, **settings):
    client.put("o.csv", text)
    return client.price(source, **settings)


def test_no_tax_is_taken_from_dollars_unless_somebody_says_so(client):
    text = HEAD + "\n1,2024-01-05,110.00,a\n"
    assert revenue(client, text, **DOLLARS) == [11000]
    assert revenue(client, text, **DOLLARS, money={"tax_rate": 0.1}) == [10000]
    assert revenue(client, text, timezone="Asia/Singapore") == [110]     # yen, but not in Japan
    assert revenue(client, text) == [100]
    assert revenue(client, text, money={"tax_rate": 0.0}) == [110]
    assert revenue(client, text, money={"tax_rate": 0.089, "basis": "tax_excluded"}) == [102]  # 110 - 8.99, floored


def test_the_tax_an_order_tells_is_its_own(client):
    inside = HEAD + ",tax_jpy,billed_jpy,sku,qty,unit_price_jpy\n1,2024-01-05,120.00,a,20.00,120.00,x,2,60.00\n"
    assert revenue(client, inside, **DOLLARS) == [10000]
    on_top = {**GENERIC, "options": {"tax": "on_top"}}
    above = HEAD + ",tax_jpy,billed_jpy,sku,qty,unit_price_jpy\n1,2024-01-05,100.00,a,8.88,108.88,x,2,50.00\n"
    found = priced(client, above, on_top, **DOLLARS)
    assert found.orders.revenue_jpy.tolist() == [10000]
    line = found.lines.iloc[0]
    assert (line.line_amount_jpy, round(line.tax_rate, 4)) == (10888, 0.0888)


def test_costs_that_hold_their_tax(client):
    client.put("o.csv", HEAD + "\n1,2024-01-05,1100,a\n")
    client.put("c.csv", "cost_date,media_cost_jpy,acq_channel\n2019-09-01,1080,x\n2024-01-01,1100,x\n")
    costs = {"path": "c.csv", "preset": "generic_ad_costs", "options": {"cost_tax": "included"}}
    client.run([GENERIC, costs])
    assert client.table("ad_costs").media_cost_jpy.tolist() == [1000, 1000]  # 8 % until 2019-09
    with pytest.raises(errors.ShindanError, match="at which rate") as stop:
        client.run([GENERIC, costs], **DOLLARS)
    assert stop.value.code == errors.BAD_CONFIG
    client.run([GENERIC, costs], **DOLLARS, money={"tax_rate": 0.2})
    assert client.table("ad_costs").media_cost_jpy.tolist() == [90000, 91667]


def test_the_tax_told_inside_a_bill_is_that_of_its_goods(client):
    """Food at 8 % with shipping at 10 %; a cart that was told nothing of taxes writes 0."""
    either = {**GENERIC, "options": {"tax": "either"}}
    text = HEAD + ",tax_jpy,shipping_jpy,billed_jpy\n"
    food, plain, untold = "1,2024-01-05,1080,a,130,550,1630\n", "2,2024-01-05,1100,b,150,550,1650\n", "3,2024-01-05,1100,c,0,550,1650\n"
    assert revenue(client, text + food + plain + untold, either) == [1000, 1000, 1000]
    assert revenue(client, text + "1,2024-01-05,1100,a,900,0,1100\n", either) == [1000]    # more than any rate
    lines = text.strip() + ",sku,qty,unit_price_jpy\n" + food.strip() + ",x,2,540\n"
    found = priced(client, lines, either)
    assert (found.orders.revenue_jpy.tolist(), found.lines.tax_rate.tolist()) == ([1000], [0.08])


FOOD, MIXED, GOODS = (5400, 400, 800), (5480, 480, 876), (5500, 500, 1000)  # items, the tax in them, its rate
IN_JAPAN = types.SimpleNamespace(currency="JPY", timezone="Asia/Tokyo", money=types.SimpleNamespace(tax_rate=None))


def rates(*orders, of="bill", day=datetime.date(2024, 1, 5)):
    """The rates found for orders (items, cut, shipping, tax) of one source."""
    rows = pd.DataFrame(orders, columns=["items_jpy", "discount_shop_jpy", "shipping_jpy", "tax_jpy"])
    rows = rows.assign(billed_jpy=rows.items_jpy - rows.discount_shop_jpy + rows.shipping_jpy, fee_jpy=0, points_shop_jpy=0,
                       source_no=0, order_date=day, tax_on_top=False, tax_inside=of == "bill", tax_of_goods=of == "goods")
    found = ibis.memtable(rows)
    return found.mutate(bp=taxes.of_order(IN_JAPAN, found)).to_pandas().bp.tolist()


@pytest.mark.parametrize("taxed", [50, 0])
def test_shipping_is_taxed_or_not_by_the_shops_setting(taxed):
    """550 of shipping hold 50 of tax, or are left out; 10 % of goods are not taken for less because of it."""
    told = [(items, 0, 550, tax + taxed) for items, tax, _ in (FOOD, MIXED, GOODS)]
    assert rates(*told) == [800, 960, 1000]
    assert rates(*told[2:]) == [1000] and rates(*told[:1]) == [800]
    assert rates((5500, 0, 550, 0), (5500, 0, 550, 900)) == [1000, 1000]     # told nothing; more than any rate


def test_a_source_says_together_of_what_its_taxes_are():
    """460 of 470 are the goods'; alone, 470 would be nearer 10 % of them. Two yen more are a cart's rounding."""
    assert rates((5460, 0, 110, 470), (5500, 0, 550, 550)) == [920, 1000]
    assert rates((5500, 0, 550, 502)) == [1000]


@pytest.mark.parametrize("late", [True, False])
def test_the_tax_of_goods_is_of_those_before_or_after_discounts(late):
    """Color Me's 消費税(商品合計に対する), whatever shipping costs."""
    told = [(items, items // 10, 550, tax - (tax // 10 if late else 0)) for items, tax, _ in (FOOD, MIXED, GOODS)]
    assert rates(*told, of="goods") == [800, 960, 1000]
    assert rates((1085, 0, 0, 80), of="goods") == [800]                        # 80.37, floored
    assert rates((1085, 0, 0, 80), of="goods", day=datetime.date(2015, 1, 5)) == [800]
