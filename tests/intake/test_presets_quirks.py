"""Quirks of formats in their good form, beside those every format shares (test_presets_formats)."""

import csv
import io

import pytest
from tests.intake.formats.kinds import FORMATS, told
from tests.intake.formats.shop import ORDERS

from shindan import errors

FEW = ORDERS[:3]


def written(shop, orders=FEW):
    """{file name: text} of a few orders in a format."""
    form = FORMATS[shop]
    return {name: data.decode("utf-8-sig" if shop in ("shopify", "ecforce_line") else "cp932")
            for name, data in form.write([told(o, form.tells) for o in orders]).items()}


def read(client, shop, texts, encoding="cp932", **settings):
    """(orders by number, Priced) of these files."""
    found = client.price(*put(client, shop, texts, encoding), **settings)
    return found.orders.set_index("order_no"), found


def put(client, shop, texts, encoding="cp932"):
    """The files in raw/; their sources."""
    for name, text in texts.items():
        client.put(name, text.encode(encoding))
    return [{"path": file, "preset": preset} for preset, file in FORMATS[shop].presets]


def changed(text, *pairs):
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_what_rakuten_has_not_settled_yet_is_worth_nothing(client):
    """-9999 in the bill, in shipping: the fee is no difference to nothing."""
    (name, text), = written("rakuten", FEW[:1]).items()
    facts = client.run(put(client, "rakuten", {name: changed(text, (",550,", ",-9999,"), (",2750,2750,", ",-9999,-9999,"))}))
    row = client.table("orders").iloc[0]
    assert (row.items_jpy, row.shipping_jpy, row.fee_jpy, row.billed_jpy, row.revenue_jpy) == (2200, 0, 0, 2200, 2000)
    assert dict(facts["bridge"])["shipping_fee"] == 0


def test_the_fee_is_what_is_told_else_what_remains_of_the_bill(client):
    """Rakuten's 107 columns end before its fees; a fee with its shop's share beside it is told in those behind."""
    (name, text), = written("rakuten").items()
    for old, new in (("決済手数料", "a"), (",330,0,", ",-9999,0,"), (",330,0,", ",220,110,"), ("", "")):
        orders, found = read(client, "rakuten", {name: text.replace(old, new)})
        assert orders.fee_jpy.tolist() == [0, 330, 0] and found.facts["billed"]["mismatches"] == 0


def test_rakuten_goods_priced_without_tax_get_the_orders_own(client):
    """税込別 0: 商品合計金額 2,000 comes without the 200 of 消費税合計 that the bill holds."""
    (name, text), = written("rakuten", FEW[:1]).items()
    bare = changed(text, (",2200,-9999,", ",2000,200,"), (",1100,2,,1,", ",1000,2,,0,"))
    orders, found = read(client, "rakuten", {name: bare})
    row = orders.iloc[0]
    assert (row.items_jpy, row.fee_jpy, row.billed_jpy, row.revenue_jpy) == (2200, 0, 2750, 2000)
    assert found.facts["lines"]["mismatches"] == found.facts["billed"]["mismatches"] == 0


def test_eccube_tells_fees_and_shipping_as_lines(client):
    """The first of two columns 送料 is not there, the second is always blank."""
    (name, text), = written("eccube4").items()
    orders, found = read(client, "eccube4", {name: changed(text, ("送料", "x"))})
    assert orders.fee_jpy.tolist() == [0, 330, 0] and orders.shipping_jpy.tolist() == [550, 550, 550]
    assert found.facts["billed"] == {"orders": 3, "mismatches": 0, "share": 0.0}


def test_what_the_older_rakuten_file_calls_invalid_is_no_amount(client):
    (name, text), = written("rakuten_old", FEW[:1]).items()
    orders, _ = read(client, "rakuten_old", {name: changed(text, (",2750,2750,", ",-99999,-99999,"))})
    row = orders.iloc[0]
    assert (row.items_jpy, row.shipping_jpy, row.points_mall_jpy, row.revenue_jpy) == (2200, 550, 0, 2000)


@pytest.mark.parametrize(("shop", "second"), [
    ("rakuten", {"送付先ID": "2", "商品明細ID": "1"}), ("colorme", {"配送先ID": "2", "売上詳細ID": "10030"}),
    ("futureshop", {"お届け先別明細番号": "1"})])
def test_an_order_sent_to_two_addresses_is_one_order(client, shop, second):
    """Its totals stand on the rows of each address; a line's number may begin anew at each."""
    (name, text), = written(shop, [ORDERS[2]]).items()
    rows = list(csv.reader(io.StringIO(text)))
    rows[2] = [second.get(column, cell) for column, cell in zip(rows[0], rows[2], strict=True)]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    orders, found = read(client, shop, {name: out.getvalue()})
    assert orders.items_jpy.tolist() == [2200] and len(found.lines) == 2
    assert found.facts["lines"]["mismatches"] == found.facts["billed"]["mismatches"] == 0


def test_amazon_of_another_account_is_utf8_with_an_offset(client):
    (name, text), = written("amazon", ORDERS[:4]).items()
    text = changed(text, ("2024-01-06T23:59:59+09:00", "2024-01-06T23:59:59+00:00"),
                   ("\t3\tJPY\t3300.0\t0.0", "\t0\tJPY\t\t"))   # a cancelled product has neither pieces nor price
    orders, _ = read(client, "amazon", {name: text}, "utf-8")
    assert str(orders.ordered_at["250-0000000-0001002"]) == "2024-01-07 08:59:59"
    assert (orders.status["250-0000000-0001004"], orders.items_jpy["250-0000000-0001004"]) == ("cancelled", 0)


def test_base_in_utf8_with_days_in_words(client):
    (name, text), = written("base").items()
    (source,) = put(client, "base", {name: text.replace("2024-01-05 10:11:12", "2024年1月5日 10:11")}, "utf-8")
    rows, (account,) = client.conform(source)
    assert str(rows.ordered_at[rows.order_no == "1001"].iloc[0]) == "2024-01-05 10:11:00" and account.encoding == "utf-8"


def files_without_a_status(client, shop, text, **own):
    """How many files each note counts that cancelled orders count as valid."""
    (name,) = written(shop)
    (source,) = put(client, shop, {name: text})
    return [n["files"] for n in client.conform({**source, **own}).notes if n["id"] == "no_status"]


def test_a_file_that_cannot_tell_cancelled_orders_says_so(client):
    (text,) = written("ecforce").values()
    told = ("対応状況", "a"), ("決済状況", "b")
    assert files_without_a_status(client, "ecforce", text) == []
    assert files_without_a_status(client, "ecforce", changed(text, *told)) == []   # a day of cancellation tells them too
    assert files_without_a_status(client, "ecforce", changed(text, *told, ("取消日", "c"))) == [1]
    (text,) = written("ne_hanyo").values()
    assert files_without_a_status(client, "ne_hanyo", text) == [1]
    client.put("ne_2.csv", text.replace("1001", "2001").encode("cp932"))
    assert files_without_a_status(client, "ne_hanyo", text, path="ne_*.csv") == [2]      # one note, however many files
    (text,) = written("amazon_fba").values()
    assert files_without_a_status(client, "amazon_fba", text) == []                # what was shipped was not cancelled


def test_goods_at_the_reduced_rate_with_tax_on_top_keep_the_tax_the_order_tells(client):
    """Next Engine: prices without tax, no rate on a line; 1002 holds one product at 8 % and one at 10 %."""
    orders, found = read(client, "nextengine", written("nextengine"))
    lines = found.lines.set_index("order_id")
    assert orders.items_jpy.to_dict() == {"1001": 2200, "1002": 2180, "1003": 2200}
    assert lines.line_amount_jpy["main:1002"].sum() == 2180 and orders.revenue_jpy["1002"] == 2000
    assert lines.tax_rate["main:1001"] == 0.1 and found.facts["lines"]["mismatches"] == 0


@pytest.mark.parametrize(("shop", "cell", "column"), [
    ("shopify", ",JPY,", "Currency"), ("amazon", "\tJPY\t", "currency"), ("amazon_fba", "\tJPY\t", "currency")])
def test_an_amount_in_another_currency_is_no_yen(client, shop, cell, column):
    (name, text), = written(shop).items()
    (source,) = put(client, shop, {name: text.replace(cell, cell.replace("JPY", "USD"))}, "utf-8")
    with pytest.raises(errors.ShindanError, match=f"raw/{name}, row 2, column `{column}`") as stop:
        client.conform(source)
    assert "another currency / 別の通貨" in stop.value.what
    assert client.conform(source, currency="USD").rows.order_no.nunique() == len(FEW)
