"""Order files -> canonical orders: EC-CUBE 4's pseudo-lines, re-exports, statuses, tax, shops."""

import pytest

from shindan import errors

EC = {"path": "order*.csv", "preset": "eccube4_order"}


def test_pseudo_lines_become_parts_of_the_order(client, ec_cube, line):
    # 2 x 1,000 + tax 10 % = 2,200; 送料 550; 代引 330; クーポン 100 and points 50 (値引き 150)
    same = {"total": 2930, "items": 2200, "cut": 150, "ship": 550}
    client.put("order.csv", ec_cube(
        line(1, 1, 1000, 2, **same), line(1, 2, 550, 1, **same), line(1, 3, 330, 1, **same),
        line(1, 4, -100, 1, **same), line(1, 6, -50, 1, **same, rate=0)))
    found = client.price(EC)
    order = found.orders.iloc[0]
    assert (order.items_jpy, order.shipping_jpy, order.fee_jpy) == (2200, 550, 330)
    assert (order.discount_shop_jpy, order.points_shop_jpy) == (100, 50)
    assert order.billed_jpy == 2930
    assert order.revenue_jpy == 2050 - 2050 * 200 // 2200  # tax of the goods, in proportion, floored
    assert found.facts["billed"] == {"orders": 1, "mismatches": 0, "share": 0.0}
    lines = found.lines
    assert list(lines.line_type) == ["product", "shipping", "fee", "discount", "points"]
    assert list(lines.line_amount_jpy) == [2200, 550, 330, -100, -50]


def test_two_tax_rates_and_tax_included(client, ec_cube, line):
    # 8 %: 1,080 (80 tax); 10 %: 1,100 (100 tax)
    same = {"total": 2180, "items": 2180}
    client.put("order.csv", ec_cube(line(1, 1, 1000, 1, rate=8, **same), line(1, 1, 1000, 1, **same)))
    kept = ["revenue_jpy", "revenue_tax_jpy"]
    assert client.price(EC).orders[kept].values.tolist() == [[2180 - 180, 0]]
    assert client.price(EC, money={"basis": "tax_included"}).orders[kept].values.tolist() == [[2180, 180]]
    dollars = client.price(EC, money={"basis": "tax_included"}, currency="USD")
    assert dollars.orders.revenue_tax_jpy[0] == 18000  # the file's own rates hold in dollars (cents) too


def test_the_newest_export_holds_the_whole_order(client, ec_cube, line):
    old = [line(1, 1, 1000, 1, total=2200, items=2200, status="新規受付"),
           line(1, 1, 1000, 1, total=2200, items=2200, status="新規受付", sku="B-2")]
    client.put("order_20240101.csv", ec_cube(*old, line(2, 1, 500, 1, total=550, items=550)))
    client.put("order_20240201.csv", ec_cube(line(1, 1, 1000, 1, total=1100, items=1100)))
    client.run([EC])
    orders = client.table("orders").set_index("order_no")
    assert orders.items_jpy.to_dict() == {"1": 1100, "2": 550}
    assert len(client.table("order_lines")) == 2
    report = client.report().loc["order_20240101.csv"]
    assert (report.rows_read, report.rows_used, report.rows_skipped) == (3, 1, 2)
    assert report.skipped_why == "replaced 2"


def test_an_unknown_status_stops_and_says_how_to_map_it(client, ec_cube, line):
    """Pitfall 4."""
    client.put("order.csv", ec_cube(line(1, 1, 100, 1, total=110, items=110),
                                    line(2, 1, 100, 1, total=110, items=110, status="謎の状態")))
    with pytest.raises(errors.ShindanError, match="謎の状態") as stop:
        client.price(EC)
    assert stop.value.code == errors.INPUT_INVALID and "status: {謎の状態: valid}" in stop.value.mend
    assert stop.value.where == "raw/order.csv, row 3, column `対応状況(名称) / 対応状況(ID)`"
    assert client.price({**EC, "status": {"謎の状態": "pending"}}).orders.status.tolist() == ["valid", "pending"]


def test_a_note_in_the_column_of_ad_codes_goes_nowhere(client):
    cells = ["GGL01", "山田 花子", "a@example.jp", "tel 090-1234-5678", "20240105_LP2"]
    client.put("o.csv", "order_no,ordered_at,items_jpy,ad_code\n"
               + "".join(f"{n},2024-01-05,1100,{c}\n" for n, c in enumerate(cells)))
    facts = client.run([{"path": "o.csv", "preset": "generic_orders"}])
    assert client.table("orders").ad_code.dropna().tolist() == ["GGL01", "20240105_LP2"]
    assert {"id": "no_ad_code", "orders": 3} in facts["notes"]


@pytest.mark.parametrize(("column", "cells"), [
    ("氏名", ["山田花子"]), ("連絡", ["a.b@example.jp"]), ("連絡", ["090-1234-5678"]), ("担当", ["山田 花子"]),
    ("担当", ["山田様"]), ("届け先", ["東京都千代田区"]), ("連絡", ["早めに届けてほしいと奥様からお電話がありました"]),
    ("担当", [f"客{chr(0x4e00 + n)}" for n in range(40)]), ("memo", ["fragile"])])
def test_a_column_named_by_mistake_is_not_printed(client, column, cells):
    rows = "".join(f"{n},2024-01-05,1100,{c}\n" for n, c in enumerate(cells, start=1))
    client.put("o.csv", f"order_no,ordered_at,items_jpy,{column}\n{rows}")
    with pytest.raises(errors.ShindanError, match=f"{len(cells)} different text") as stop:
        client.price({"path": "o.csv", "preset": "generic_orders", "columns": {"status": column}})
    assert not any(cell in str(stop.value) for cell in cells)
    assert f"row 2, column `{column}`" in stop.value.where


def test_bridge_closes_to_the_yen(client, ec_cube, line):
    rows = [line(n, 1, price, 1, total=int(price * 1.1), items=int(price * 1.1), status=s, member=str(n),
                 mail=f"{n}@example.jp")
            for n, (price, s) in enumerate([(1000, "発送済み"), (2000, "注文取消し"), (3000, "返品"), (10, "新規受付")])]
    client.put("order.csv", ec_cube(*rows))
    steps = dict(client.run([EC])["bridge"])
    assert steps["gross"] == 1100 + 2200 + 3300 + 11
    assert (steps["cancelled"], steps["returned"]) == (-2200, -3300)
    assert sum(v for k, v in steps.items() if k != "revenue") == steps["revenue"]
    orders = client.table("orders")
    assert steps["revenue"] == orders[orders.status == "valid"].revenue_jpy.sum() == 1000 + 10


def test_an_order_that_contradicts_itself_is_set_aside(client, ec_cube, line):
    """Pitfall 3."""
    good = [line(n, 1, 100, 1, total=110, items=110) for n in range(2, 400)]
    client.put("order.csv", ec_cube(
        line(1, 1, 100, 1, total=110, items=110), line(1, 2, 0, 1, total=999, items=110), *good))
    found = client.price(EC, max_reject_share=0.01)
    assert found.accounts[0].rejected == 2
    assert "1" not in set(found.orders.order_no)
    rejects = (client.folder.rejects / "orders.csv").read_text()
    assert "amounts_differ_within_the_order" in rejects


def test_wrong_amounts_stop_the_run(client):
    rows = "\n".join(f"{n},2024-01-05,1000,500,9999,c{n}" for n in range(50))
    client.put("o.csv", "no,day,items,ship,total,who\n" + rows)
    source = {"path": "o.csv", "preset": "generic_orders", "columns": {
        "order_no": "no", "ordered_at": "day", "items_jpy": "items", "shipping_jpy": "ship",
        "billed_jpy": "total", "customer_id": "who"}}
    with pytest.raises(errors.ShindanError, match="50 of 50"):
        client.price(source)


def test_the_same_number_in_two_shops_is_two_orders(client):
    for shop in ("a", "b"):
        client.put(f"{shop}.csv", f"order_no,ordered_at,items_jpy,email\n1,2024-01-05,100,{shop}@x.jp\n")
    found = client.price(*({"path": f"{s}.csv", "preset": "generic_orders", "shop": s} for s in ("a", "b")))
    assert list(found.orders.order_id) == ["a:1", "b:1"]


def test_refunds_zero_yen_and_unknown_codes(client):
    """Pitfall 5 and 7."""
    client.put("o.csv", "order_no,ordered_at,items_jpy,refund_jpy,customer_id,ad_code\n"
                        "1,2024-01-05,1100,550,a,X1\n2,2024-01-05,1100,1100,b,X1\n3,2024-01-05,0,,c,Y9\n")
    facts = client.run([{"path": "o.csv", "preset": "generic_orders"}], channels={"X1": "折込"})
    orders = client.table("orders").set_index("order_no")
    assert orders.revenue_jpy.to_dict() == {"1": 500, "2": 0, "3": 0}
    assert orders.status.to_dict() == {"1": "valid", "2": "returned", "3": "valid"}
    assert orders.is_zero_yen.to_dict() == {"1": False, "2": False, "3": True}
    assert orders.acq_channel.to_dict() == {"1": "折込", "2": "折込", "3": "unknown"}
    assert facts["notes"] == [{"id": "unmapped_ad_code", "code": "Y9", "orders": 1}, {"id": "no_status", "files": 1, "file": "o.csv"}]
    assert dict(facts["bridge"])["refund"] == -550


def test_statutory_tax_where_the_file_names_no_rate(client):
    """Pitfall 9."""
    client.put("o.csv", "order_no,ordered_at,items_jpy,customer_id\n"
                        "1,2014-03-31,1050,a\n2,2019-09-30,1080,a\n3,2019-10-01,1100,a\n")
    assert list(client.price({"path": "o.csv", "preset": "generic_orders"}).orders.revenue_jpy) == [1000, 1000, 1000]
