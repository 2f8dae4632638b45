"""Sheets made by hand: titles, headings over several columns, 和暦, △ and 円, 小計 rows, a second sheet."""

import io

import pytest
import xlsxwriter

from shindan import cli, errors
from shindan.intake import recognise, starter

PHONE = [
    ["電話・FAX受注控え"], ["作成: 総務 / 税込"], [],
    ["No", "受付日", "お客様", None, None, "品名", "数量", "金額", None, None, None, "状況"],
    [None, None, "お名前", "電話番号", "メール", None, None, "商品代", "送料", "値引", "ご請求額", None],
    ["T-1", "令和5年4月23日", "見本 一", "090-0000-0001", "a@example.jp", "青汁", 1, "1,058円", "880円", "－", "1,938円", "済"],
    [None, "小計", None, None, None, None, None, "1,058円"],
    ["T-2", "R5.5.9", "見本 二", "090-0000-0002", None, "青汁", 2, "4,644円", "0円", "△500", "4,144円", "済"],
    ["T-3", "R5.5.10", "見本 三", "090-0000-0003", None, "青汁", 1, "2,000円", "0円", "－", "2,000円", "キャンセル"],
    [None, "5月計", None, None, None, None, None, "6,644円"], [None, "合 計", None, None, None, None, None, "7,702円"]]
COSTS = [["令和7年度 広告費一覧"], [], ["年月", "媒体", "広告費(税込)", "備考"], ["令和7年1月", "折込", "330,000円", ""],
         ["令和7年1月", "カタログ", "220,000円", "増刷"], [None, "計", "550,000円", None], ["総計", None, "550,000円", None]]


def workbook(*rows, **sheets):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    for name, table in {"受注控え": rows, **sheets}.items():
        page = book.add_worksheet(name)
        for r, row in enumerate(table):
            page.write_row(r, 0, row)
    book.close()
    return data.getvalue()


@pytest.fixture
def shop(client, monkeypatch):
    monkeypatch.setenv("SHINDAN_CLIENTS", str(client.folder.path.parent))
    client.settings([])
    return client


def test_a_phone_order_sheet_is_guessed_through_its_two_header_rows(shop):
    shop.put("電話受注.xlsx", workbook(*PHONE, メモ=[["担当", "内線"], ["見本", 12]]))
    (source,), _ = starter.suggest(recognise.look(shop.folder))
    assert source["columns"] == {
        "order_no": "No", "ordered_at": "受付日", "status": "状況", "items_jpy": "商品代", "billed_jpy": "ご請求額",
        "shipping_jpy": "送料", "discount_shop_jpy": "値引", "product_name": "品名", "qty": "数量", "email": "メール",
        "phone": "電話番号", "name": "お名前"}
    assert source["status"] == {"済": "valid", "キャンセル": "cancelled"} and source["sheet"] == "受注控え"


def test_it_is_read_as_the_messages_say(shop):
    shop.put("電話受注.xlsx", workbook(*PHONE))
    (source,), _ = starter.suggest(recognise.look(shop.folder))
    with pytest.raises(errors.ShindanError, match="値引き・ポイントが負の数です: 1") as stop:
        shop.conform(source)
    assert "row 8, column `値引`" in stop.value.where
    said = "columns: {discount_shop_jpy: {from: 列名, absolute: true}}"
    assert said in stop.value.mend
    source["columns"]["discount_shop_jpy"] = {"from": "値引", "absolute": True}
    facts = shop.run([source])
    assert facts["bridge"][:2] == [["gross", 8582], ["cancelled", -2000]]
    assert shop.report().loc["電話受注.xlsx", ["rows_used", "rows_skipped", "rows_rejected"]].tolist() == [3, 3, 0]
    orders = shop.table("orders").set_index("order_no")
    assert str(orders.order_date["T-1"])[:10] == "2023-04-23" and orders.discount_shop_jpy["T-2"] == 500


def test_a_cost_table_with_subtotals(shop, ec_cube, line):
    shop.put("order.csv", ec_cube(line(1, 1, 100, 1, total=110, items=110, day="2025-01-05")))
    shop.put("広告費.xlsx", workbook(*COSTS))
    looks = recognise.look(shop.folder)
    sources, remarks = starter.suggest(looks)
    source = next(s for s in sources if s["preset"] == "generic_ad_costs")
    assert source["options"] == {"cost_tax": "included"} and "cost_tax: included" in starter.text(sources, remarks)
    shop.run(sources)
    assert shop.table("ad_costs").media_cost_jpy.tolist() == [200_000, 300_000]
    assert shop.report().loc["広告費.xlsx", ["rows_used", "rows_skipped"]].tolist() == [2, 2]


@pytest.mark.parametrize(("cell", "record"), [
    ("小計", False), ("合　計", False), ("【総計】", False), ("2025年度合計", False), ("Total", False), ("4月 計", False),
    ("体重計", True), ("合計プラン", True), ("計測器", True)])
def test_what_is_a_total_and_what_is_not(shop, cell, record):
    """Only a row without a number and a day of its own; 体重計 is a product, and its row lacks both."""
    shop.put("o.csv", f"order_no,ordered_at,items_jpy,product_name\n1,2024-01-05,1100,{cell}\n,,2200,{cell}\n")
    if record:
        with pytest.raises(errors.ShindanError, match="空欄"):
            shop.conform({"path": "o.csv", "preset": "generic_orders"})
    else:
        (account,) = shop.conform({"path": "o.csv", "preset": "generic_orders"}).accounts
        assert (account.used, account.skipped) == (1, {"total": 1})


def test_several_tools_are_several_shops(shop, ec_cube, line):
    shop.put("order.csv", ec_cube(line(1, 1, 100, 1, total=110, items=110)))
    shop.put("電話受注2025.xlsx", workbook(*PHONE))
    shop.put("shopify.csv", "Name,Email,Financial Status,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n")
    sources, _ = starter.suggest(recognise.look(shop.folder))
    assert {s["path"]: s.get("shop") for s in sources if s["preset"] != "eccube4_customer"} == {
        "order.csv": "eccube4", "電話受注2025.xlsx": "電話受注", "shopify.csv": "shopify"}


def test_a_customer_file_of_its_own_is_enough(shop, ec_cube, line):
    shop.put("order.csv", ec_cube(line(1, 1, 100, 1, total=110, items=110)).replace(
        "メールアドレス".encode("cp932"), "メールアドレス,お名前(姓),お名前(名),TEL,誕生日".encode("cp932"), 1))
    alone, _ = starter.suggest(recognise.look(shop.folder))
    shop.put("customer.csv", "会員ID,メールアドレス,お名前(姓),お名前(名),TEL,登録日,誕生日,性別(名称),都道府県(名称)\n7,a@example.jp,見本,一,090,2024-01-01,,,\n")
    beside, _ = starter.suggest(recognise.look(shop.folder))
    assert [s["preset"] for s in alone] == ["eccube4_order", "eccube4_customer"]
    assert sorted(s["preset"] for s in beside) == ["eccube4_customer", "eccube4_order"]
    assert {s["path"] for s in beside if s["preset"] == "eccube4_customer"} == {"customer.csv"}


def test_an_empty_folder_is_said_to_be_empty(shop, capsys):
    assert cli.main(["check", "shop"]) == errors.INPUT_MISSING
    assert "raw/ にファイルがありません" in capsys.readouterr().err


def test_nothing_far_fetched_is_called_near(shop, capsys):
    shop.put("x.csv", "年月,媒体,合計,備考\n2025-01,折込,1,a\n")
    cli.main(["check", "shop"])
    assert "stores_order" not in capsys.readouterr().out
