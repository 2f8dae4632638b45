"""Re-exports and overlaps, repeated lines, refunds on rows of their own, files that are joined."""

import dataclasses

import ibis
import pandas as pd
import pytest
from tests.intake.formats import carts, malls
from tests.intake.formats.kinds import FORMATS, told
from tests.intake.formats.shop import ORDERS

from shindan import errors
from shindan.intake import amounts, making

EC = {"path": "order*.csv", "preset": "eccube4_order"}
GENERIC = {"path": "o*.csv", "preset": "generic_orders"}
HEAD = "order_no,ordered_at,items_jpy,customer_id,sku,qty,unit_price_jpy,line_id\n"


def write(form, orders):
    return next(iter(form(orders).values()))


def test_new_replaced_and_identical_exports_are_counted(client, ec_cube, line):
    """Pitfall 1."""
    old = [line(n, 1, 100, 1, total=110, items=110) for n in (1, 2, 3)]
    client.put("order_1.csv", ec_cube(*old))
    client.put("order_2.csv", ec_cube(old[0], line(2, 1, 200, 1, total=220, items=220),
                                      line(4, 1, 100, 1, total=110, items=110)))
    found = client.price(EC)
    assert found.facts["exports"] == {"orders": 4, "replaced": 2, "identical": 1, "alike": 0}
    assert found.accounts[0].skipped == {"identical": 1, "replaced": 1}
    assert found.orders.set_index("order_no").items_jpy.to_dict() == {"1": 110, "2": 220, "3": 110, "4": 110}


def _fba(*rows):
    """Amazon's shipments: the header, then these rows of the small shop's order 1002 (two products)."""
    return "\r\n".join([*rows, ""]).encode("cp932")


def test_shipments_of_one_order_in_two_months_add_up(client):
    """The second month's file has the second shipment and, overlapping, the first once more with its piece corrected."""
    head, first, second = write(malls.amazon_fba, [told(ORDERS[1], FORMATS["amazon_fba"].tells)]).decode("cp932").splitlines()
    source = {"path": "fba_*.txt", "preset": "amazon_fba"}
    client.put("fba_01.txt", _fba(head, first.replace("\t1080\t", "\t1000\t")))
    client.put("fba_02.txt", _fba(head, first, second))
    client.run([source])
    order, = client.table("orders").to_dict("records")
    assert (order["items_jpy"], order["shipping_jpy"], order["discount_shop_jpy"], order["billed_jpy"]) == (2180, 550, 100, 2630)
    assert client.table("order_lines").line_amount_jpy.tolist() == [1080, 1100]
    assert client.report().skipped_why.to_dict() == {"fba_01.txt": "replaced 1", "fba_02.txt": ""}
    client.put("fba_02.txt", _fba(head, second))
    found = client.price(source)
    assert found.orders.items_jpy.tolist() == [2100] and found.facts["exports"]["orders"] == 1
    each = [{"path": f"fba_0{n}.txt", "preset": "amazon_fba"} for n in (1, 2)]    # as make check names them beside other lists
    assert client.price(*each).orders.items_jpy.tolist() == [2100]
    client.put("fba_02.txt", _fba(head, second.replace("D10021", "")))
    with pytest.raises(errors.ShindanError, match="cannot be used") as stop:   # without its id nobody sees it twice
        client.conform(source)
    assert "raw/fba_02.txt, row 2, column `shipment-item-id`" in stop.value.where


def test_an_order_twice_in_one_file_is_told_once_and_its_lines_too(client, ec_cube, line):
    same = [line(1, 1, 100, 1, total=110, items=110)]
    client.put("order.csv", ec_cube(*same, *same))
    facts = client.run([EC])
    assert client.table("orders").items_jpy.tolist() == [110] and len(client.table("order_lines")) == 1
    assert client.report().skipped_why["order.csv"] == "line_twice 1"
    assert {"id": "line_twice", "rows": 1} in facts["notes"]


def test_lines_alike_without_an_id_are_kept_and_told(client):
    """Pitfall 2."""
    client.put("o.csv", HEAD + "1,2024-01-05,2200,7,a,1,1100,\n" * 2)
    found = client.price(GENERIC)
    assert len(found.lines) == 2 and found.facts["lines"]["mismatches"] == 0
    client.put("o.csv", HEAD.replace(",line_id", "") + "1,2024-01-05,2200,7,a,1,1100\n" * 2)
    facts = client.run([GENERIC])
    assert len(client.table("order_lines")) == 2
    assert {"id": "lines_alike", "orders": 1} in facts["notes"]


def test_a_torn_shopify_order_is_set_aside_and_the_whole_one_stays(client):
    whole = write(carts.shopify, [told(o, FORMATS["shopify"].tells) for o in ORDERS[:3]]).decode()
    body = whole.split("\n")
    torn = whole[:whole.index("#1002")] + next(r for r in reversed(body) if r.startswith("#1003")) + "\n"
    client.put("orders_1.csv", whole)
    client.put("orders_2.csv", torn)   # the second half of a file cut in the middle of an order
    orders = client.price({"path": "orders_*.csv", "preset": "shopify_orders"}, max_reject_share=0.99).orders.set_index("order_no")
    assert orders.items_jpy["#1003"] == 2200 and len(orders) == 3
    rejects = (client.folder.rejects / "orders.csv").read_text()
    assert "orders_2.csv,3,order total,first_row_of_the_order_missing" in rejects


def test_taxes_on_top_of_shopify_prices_come_inside(client):
    orders = [o for o in ORDERS if o.no in ("1001", "1002", "1011")]
    client.put("o.csv", write(lambda x: carts.shopify(x, taxes_on_top=True), [o for o in orders if not o.fee]))
    found = client.price({"path": "o.csv", "preset": "shopify_orders"})
    by_no = found.orders.set_index("order_no")
    assert by_no.items_jpy.to_dict() == {"#1001": 2200, "#1011": 2200}
    assert by_no.revenue_jpy.to_dict() == {"#1001": 2000, "#1011": 1000}
    assert found.lines.line_amount_jpy.tolist() == [2200, 2200]
    assert found.facts["lines"]["mismatches"] == found.facts["billed"]["mismatches"] == 0


def test_a_discount_on_shopify_shipping_is_none_on_goods(client):
    """Discount Amount holds it; Shipping is told before it or after it, with taxes inside or on top."""
    ways = {f"{told}{top}": {"cut_is_told": told, "taxes_on_top": top} for told in ("before", "after") for top in (False, True)}
    few = [dataclasses.replace(o, shipping=shipping, fee=0, refund=0) for o in (ORDERS[0], ORDERS[1], ORDERS[12]) for shipping in (0, 110)]
    few = [dataclasses.replace(o, no=str(n)) for n, o in enumerate(few)]
    for shop, way in ways.items():
        client.put(f"{shop}.csv", write(lambda x, way=way: carts.shopify(x, shipping_cut=550, **way), few))
    found = client.price(*({"path": f"{shop}.csv", "preset": "shopify_orders", "shop": shop} for shop in ways))
    for o, (_, same) in zip(few, found.orders.groupby("order_no"), strict=True):
        assert {(r.items_jpy, r.discount_shop_jpy, r.shipping_jpy, r.billed_jpy) for r in same.itertuples()} == {
            (o.items, o.coupon, o.shipping, o.billed)}
    assert found.facts["billed"]["mismatches"] == found.facts["lines"]["mismatches"] == 0


@pytest.mark.parametrize(("told", "found"), [
    # items, of rows, discount, shipping, tax, billed -> items, discount, shipping
    ((6600, 6050, 550, 0, 550, 6050), (6050, 0, 0)),         # a tax inside of just the discount's yen
    ((6600, 6050, 550, 550, 550, 6050), (6050, 0, 0)),
    ((6600, 6050, 550, 1100, 605, 7205), (6050, 0, 550)),    # on top of 6,050 and 550
    ((2200, 1100, 100, 550, 0, 2650), (2200, 100, 550)),     # a lost row is no discount
    ((2200, 2200, 0, 550, 0, 2750), (2200, 0, 550)),
    ((2200, None, 100, 550, 0, 2650), (2200, 100, 550)),
    ((2750, 2200, 550, 550, 0, 2300), (2200, 0, 550))])      # a bill that is neither: left for the check of bills
def test_what_is_taken_for_a_discount_on_shipping(told, found):
    names = ["items_jpy", "rows_jpy", "discount_shop_jpy", "shipping_jpy", "tax_jpy", "billed_jpy"]
    nothing = dict.fromkeys(("fee_jpy", "discount_mall_jpy", "points_shop_jpy", "points_mall_jpy"))
    one = ibis.memtable([{**dict(zip(names, told, strict=True)), **nothing}],
                        schema=dict.fromkeys([*names, *nothing], "int64"))
    row = amounts.cut_shipping(one).to_pandas().iloc[0]
    assert (row.items_jpy, row.discount_shop_jpy, row.shipping_jpy) == found


@pytest.mark.parametrize("left", ["", "Net Sales"])
def test_woocommerce_of_a_japanese_site_translates_its_header(client, left):
    """Words of the plug-in's own translation; the statuses stay, and a name nobody translated."""
    words = {"Order #": "注文番号", "Date": "日付", "Net Sales": "純売上高", "Status": "ステータス", "Customer": "お客様",
             "Customer type": "顧客タイプ", "Product(s)": "商品", "Items sold": "販売済み商品", "Coupon(s)": "クーポン",
             "Attribution": "属性"}
    head, _, rest = write(carts.woocommerce, [o for o in ORDERS if o.no in ("1001", "1011")]).decode("utf-8-sig").partition("\n")
    source = {"path": "wc.csv", "preset": "woocommerce_analytics"}
    client.put("wc.csv", (head + "\n" + rest).encode("utf-8-sig"))
    plain = client.price(source).orders
    head = ",".join(words.get(c, c) if c != left else c for c in head.split(","))
    client.put("wc.csv", (head + "\n" + rest).encode("utf-8-sig"))
    pd.testing.assert_frame_equal(client.price(source).orders, plain)


def test_refunds_find_their_order_in_another_file_once(client):
    """Pitfall 6."""
    rows = write(carts.woocommerce, [o for o in ORDERS if o.no in ("1001", "1011")]).decode("utf-8-sig")
    head, *body = rows.rstrip("\n").split("\n")
    refund = next(r for r in body if "refunded" in r)
    rest = [r for r in body if r is not refund]
    client.put("wc_1.csv", "\n".join([head, *rest, ""]))
    client.put("wc_2.csv", "\n".join([head, refund, refund.replace("1011", "9999"), ""]))
    client.put("wc_3.csv", "\n".join([head, refund, ""]))
    facts = client.run([{"path": "wc_*.csv", "preset": "woocommerce_analytics"}])
    orders = client.table("orders").set_index("order_no")
    assert orders.refund_jpy.to_dict() == {"1001": 0, "1011": 1100}
    assert {"id": "refund_without_order", "rows": 1} in facts["notes"]
    assert client.report().skipped_why["wc_2.csv"] == "refund_without_order 1"


def test_joined_files_and_lines_without_an_order(client):
    files = malls.yahoo(ORDERS[:2])
    client.put("y_order.csv", files["yahoo_order.csv"])
    client.put("y_item_1.csv", files["yahoo_item.csv"])
    client.put("y_item_2.csv", malls.yahoo([*ORDERS[1:3]])["yahoo_item.csv"])  # 1002 again, 1003 has no order
    facts = client.run([{"path": "y_order.csv", "preset": "yahoo_order"}, {"path": "y_item*.csv", "preset": "yahoo_item"}])
    assert client.table("orders").items_jpy.tolist() == [2200, 2180]
    assert len(client.table("order_lines")) == 3
    report = client.report().skipped_why
    assert report["y_item_1.csv"] == "replaced 2" and report["y_item_2.csv"] == "line_without_order 2"
    assert {"id": "line_without_order", "rows": 2} in facts["notes"]


def test_without_the_item_file_items_are_what_remains_of_the_bill(client):
    client.put("y_order.csv", malls.yahoo(ORDERS[:2])["yahoo_order.csv"])
    assert client.price({"path": "y_order.csv", "preset": "yahoo_order"}).orders.items_jpy.tolist() == [2200, 2180]


def test_a_status_of_two_columns_takes_the_graver_one(client):
    text = write(carts.ecforce_order, ORDERS[:2]).decode("cp932").replace("売上完了", "与信審査エラー", 1)
    client.put("e.csv", text.encode("cp932"))
    row = client.price({"path": "e.csv", "preset": "ecforce_order"}).orders.iloc[0]
    assert (row.status, row.status_raw) == ("cancelled", "配送完了 / 与信審査エラー")
    client.put("e.csv", text.replace("与信審査エラー", "謎").encode("cp932"))
    with pytest.raises(errors.ShindanError, match="配送完了 / 謎"):
        client.price({"path": "e.csv", "preset": "ecforce_order"})


def test_a_coupon_that_is_not_told_is_what_remains(client):
    orders = [o for o in ORDERS if o.status == "valid"]
    client.put("b.csv", write(carts.base, orders))
    source = {"path": "b.csv", "preset": "base_orders"}
    with pytest.raises(errors.ShindanError, match="請求額と内訳が合いません"):
        client.price(source)
    priced = client.price({**source, "columns": {"discount_shop_jpy": {"rest": True}}})
    found = priced.orders.set_index("order_no").discount_shop_jpy
    assert found["1002"] == 100 and found["1013"] == 280 and found["1001"] == 0


def test_lines_that_do_not_make_up_the_items_stop_the_run(client):
    client.put("o.csv", HEAD + "".join(f"{n},2024-01-05,1000,7,a,1,1100,\n" for n in range(20)))
    with pytest.raises(errors.ShindanError, match="20 of 20"):
        client.price(GENERIC)
    found = client.price({**GENERIC, "options": {"lines": "incomplete"}})
    assert found.facts["lines"] == {"orders": 0, "mismatches": 0, "share": 0.0}


def _slips(client, orders, split_off=()):
    """These orders as Next Engine's two lists in raw/; their sources."""
    for file, data in malls.nextengine([told(o, FORMATS["nextengine"].tells) for o in orders], split_off).items():
        client.put(file, data)
    return [{"path": file, "preset": preset} for preset, file in FORMATS["nextengine"].presets]


def _split(order, *more):
    """An order as Next Engine splits it: a slip a product; shipping, fee and coupon stay with the first."""
    first, *rest = order.lines
    return [dataclasses.replace(order, lines=(first,)), *(dataclasses.replace(
        order, no=no, lines=(x,), shipping=0, fee=0, coupon=0, mall_coupon=0, points=0) for no, x in zip(more, rest, strict=True))]


def test_an_order_split_into_slips_is_one_order(client):
    """Three products on three slips, the third split off the second; a slip whose first one is not there stays."""
    whole = dataclasses.replace(ORDERS[1], coupon=0, lines=(*ORDERS[1].lines, ORDERS[0].lines[0]))
    others = [ORDERS[0], ORDERS[10]]
    one = client.price(*_slips(client, [whole, *others]))
    parts = [*_split(whole, "2002", "2003"), *others]
    facts = client.run(_slips(client, parts, {"2002": "1002", "2003": "2002", "1011": "999"}))
    orders, lines = client.table("orders"), client.table("order_lines")
    told_of = ["order_id", "status", "ordered_at", "is_zero_yen", *(c for c in orders.columns if c.endswith("_jpy"))]
    pd.testing.assert_frame_equal(one.orders[told_of], orders[told_of], check_dtype=False)
    seen = ["order_id", "line_no", "sku", "qty"]   # a slip of one product tells that product's own tax
    pd.testing.assert_frame_equal(one.lines[seen], lines[seen], check_dtype=False)
    assert {"id": "slips_together", "slips": 2} in facts["notes"] and facts["billed"]["mismatches"] == 0
    assert facts["exports"]["orders"] == orders.customer_key.count() == 3


@pytest.mark.parametrize("whole_again", [True, False])
def test_slips_beside_an_order_exported_before_its_split_are_told(client, whole_again):
    """The first file tells the whole order; only if the second holds all of its slips does nothing count twice."""
    whole = dataclasses.replace(ORDERS[1], coupon=0)
    first, second = _split(whole, "2002")
    sources = [{**s, "path": f"0?_{s['path']}"} for s in _slips(client, [whole])]
    for s in sources:
        (client.folder.raw / s["path"][3:]).rename(client.folder.raw / f"01_{s['path'][3:]}")
    _slips(client, [first, second] if whole_again else [second], {"2002": "1002"})
    for s in sources:
        (client.folder.raw / s["path"][3:]).rename(client.folder.raw / f"02_{s['path'][3:]}")
    job, inputs = client._job(sources, None, {})
    made, _ = making.make(job, inputs)
    assert (made.n_slips, made.n_late) == (1, 0 if whole_again else 1)
    assert ({"id": "slips_late", "slips": 1} in making.notes(made)) is not whole_again


def test_a_cancelled_slip_of_an_order_stays_apart(client):
    whole = dataclasses.replace(ORDERS[1], coupon=0)
    first, second = _split(whole, "2002")
    found = client.price(*_slips(client, [first, dataclasses.replace(second, status="cancelled")], {"2002": "1002"}))
    assert found.orders.set_index("order_no").status.to_dict() == {"1002": "valid", "2002": "cancelled"}
    assert found.orders.items_jpy.tolist() == [first.items, second.items] and len(found.lines) == 2
