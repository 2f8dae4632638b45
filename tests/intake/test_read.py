"""Any file -> rows of text: encodings, delimiters, headers, ragged rows, workbooks, limits."""

import io

import pytest
import xlsxwriter

from shindan import errors
from shindan.intake import files

SHOP = {"path": "o.*", "preset": "generic_orders", "columns": {
    "order_no": "注文番号", "ordered_at": "注文日", "items_jpy": "商品計", "customer_id": "会員ID",
    "product_name": "商品名"}}
HEADER = "注文番号,注文日,商品計,会員ID,商品名"
ROW = "1,2024-01-05,\"1,100\",007,\"①髙﨑～の\n青汁\""


@pytest.mark.parametrize(("encoding", "recorded"), [
    ("cp932", "cp932"), ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"),
    ("utf-16-le", "utf-16-le")])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_are_told_apart(client, encoding, recorded, newline):
    text = newline.join([HEADER, ROW.replace("\n", newline), ""])
    client.put("o.csv", text.encode(encoding))
    found, rows = client.stage(SHOP)
    assert (found.encoding, found.rows_read) == (recorded, 1)
    assert rows["商品名"][0] == "①髙﨑～の" + newline + "青汁"
    assert rows["会員ID"][0] == "007"


def test_euc_jp_is_recognised_by_its_header(client):
    client.put("o.csv", f"{HEADER}\n1,2024-01-05,100,007,青汁\n".encode("euc_jp"))
    found, rows = client.stage(SHOP)
    assert (found.encoding, rows["商品名"][0]) == ("euc_jp", "青汁")


def test_one_bad_byte_far_down_turns_to_the_next_encoding(client):
    text = "\n".join([HEADER, *[f"{n},2024-01-05,100,{n},青汁" for n in range(60_000)]])
    client.put("o.csv", text.encode("utf-8") + b"\n1,2024-01-05,100,1,\xff\n")
    with pytest.raises(errors.ShindanError) as stop:
        client.stage(SHOP)
    assert stop.value.code in (errors.INPUT_MISSING, errors.INPUT_INVALID)


def test_unreadable_characters_are_refused(client):
    client.put("o.csv", HEADER.encode("cp932") + b"\n1,2024-01-05,100,007,\x81\xff\xff\n")
    with pytest.raises(errors.ShindanError) as stop:
        client.stage(SHOP)
    assert stop.value.code == errors.INPUT_MISSING and "raw/o.csv" in stop.value.where


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_delimiters(client, delimiter):
    client.put("o.csv", delimiter.join(HEADER.split(",")) + "\n" + delimiter.join(
        ["1", "2024/1/5", "1,100", "007", "青汁"]) + "\n")
    assert client.stage(SHOP)[1]["商品計"][0] == "1,100"


def test_preamble_totals_blank_lines_and_a_second_header(client):
    client.put("o.csv", f"受注一覧\n期間,2024年\n\n{HEADER}\n1,2024-01-05,100,a,青汁\n\n"
                        f"{HEADER}\n2,2024-01-06,200,b,青汁\n合計,,300,,\n")
    rows, (account,) = client.conform(SHOP)
    assert (account.rows_read, account.used) == (5, 2)
    assert account.skipped == {"blank": 1, "header": 1, "total": 1}
    assert list(rows.source_row) == [5, 8]  # as a spreadsheet numbers them


def test_ragged_rows_are_named(client):
    rows = "".join(f"{n},2024-01-05,100,c{n},x\n" for n in range(2, 300))
    client.put("o.csv", f"{HEADER}\n1,2024-01-05,100,a,b,c,d\n{rows}short,row\n")
    assert client.conform(SHOP, max_reject_share=0.01).accounts[0].rejected == 2
    rejects = (client.folder.rejects / "orders.csv").read_text()
    assert "o.csv,2,(row),wrong_number_of_cells" in rejects and "o.csv,301,(row)" in rejects


def test_too_many_rejects_stop_with_file_row_and_column(client):
    client.put("o.csv", f"{HEADER}\n1,2024-01-05,100,a,x\n2,someday,100,secret@person.jp,x\n")
    with pytest.raises(errors.ShindanError) as stop:
        client.conform(SHOP)
    message = str(stop.value)
    assert stop.value.code == errors.INPUT_INVALID
    assert "raw/o.csv, row 3, column `注文日`" in message and "not a date" in message
    assert "someday" not in message and "secret" not in message


def test_missing_columns_are_listed(client):
    client.put("o.csv", "注文番号,日付,会員ID\n1,2024-01-05,a\n")
    with pytest.raises(errors.ShindanError) as stop:
        client.stage(SHOP)
    assert stop.value.code == errors.INPUT_INVALID
    assert "注文日" in stop.value.what and "注文番号, 日付, 会員ID" in stop.value.what


def test_a_row_of_data_is_never_printed_as_a_header(client):
    client.put("o.csv", "1,2024-01-05,taro@example.jp\n2,2024-01-05,hana@example.jp\n")
    with pytest.raises(errors.ShindanError) as stop:
        client.stage(SHOP)
    assert "example" not in str(stop.value)


def test_a_missing_file(client):
    with pytest.raises(errors.ShindanError, match="o\\.") as stop:
        client.run([SHOP])
    assert stop.value.code == errors.INPUT_MISSING


def test_brackets_in_a_file_name_are_literal(client):
    client.put("a1.csv", "x\n")
    client.put("a[1].csv", "order_no,ordered_at,items_jpy\n1,2024-01-05,100\n")
    found, _ = client.stage({"path": "a[1].csv", "preset": "generic_orders"})
    assert found.file == "a[1].csv"


def test_a_file_without_a_header(client):
    client.put("o.csv", "007,2024-01-05,100\n008,2024-01-06,200\n")
    orders = client.conform({"path": "o.csv", "preset": "generic_orders", "options": {"header": "none"},
                             "columns": {"customer_id": "1", "ordered_at": "2", "items_jpy": "3"}}).rows
    assert list(orders.items_jpy) == [100, 200] and list(orders.source_row) == [1, 2]


def test_duplicate_headers_keep_the_first(client, ec_cube, line):
    client.put("order.csv", ec_cube(line(1, 1, 1000, 1, total=1650, items=1100, ship=550)))
    found, rows = client.stage({"path": "order.csv", "preset": "eccube4_order"})
    assert rows[found.columns["送料"]][0] == "550"  # the second 送料 is always blank


def workbook(rows, sheet="Sheet1", more=()):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"default_date_format": "yyyy-mm-dd"})
    for name in more:
        book.add_worksheet(name).write(0, 0, "memo")
    page = book.add_worksheet(sheet)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            page.write(r, c, cell)
    book.close()
    return data.getvalue()


def test_workbooks(client):
    import datetime

    client.put("o.xlsx", workbook([
        ["受注一覧"], HEADER.split(","), [1, datetime.date(2024, 1, 5), 1100, "007", "青汁"],
        [2, "2024年1月6日", "￥2,200", "008", "青汁"], ["合計", "", 3300, "", ""]],
        "受注", more=["表紙"]))
    orders = client.conform(SHOP).rows
    assert list(orders.items_jpy) == [1100, 2200] and list(orders.source_row) == [3, 4]
    assert [str(d.date()) for d in orders.ordered_at] == ["2024-01-05", "2024-01-06"]
    with pytest.raises(errors.ShindanError, match="受注, *|表紙"):
        client.conform({**SHOP, "sheet": "無い"})


def test_a_workbook_over_the_limit(client, monkeypatch):
    monkeypatch.setattr(files, "MAX_EXCEL_BYTES", 10)
    client.put("o.xlsx", workbook([HEADER.split(",")]))
    with pytest.raises(errors.ShindanError) as stop:
        client.run([SHOP])
    assert stop.value.code == errors.INPUT_OVER_LIMIT


def test_ids_cut_by_excel_are_refused(client):
    client.put("o.csv", f"{HEADER}\n1,2024-01-05,100,a,x\n5.80293E+13,2024-01-05,100,b,x\n")
    with pytest.raises(errors.ShindanError, match="row 3, column `注文番号`") as stop:
        client.run([SHOP])
    assert stop.value.code == errors.INPUT_INVALID


@pytest.mark.parametrize(("change", "field"), [
    ({"preset": "nosuch"}, "nosuch"), ({"columns": {"ordered_on": "x"}}, "ordered_on"),
    ({"options": {"date_order": "ydm"}}, "date_order"), ({"status": {"x": "fine"}}, "fine")])
def test_a_mapping_that_means_nothing(client, change, field):
    client.put("o.csv", HEADER)
    with pytest.raises(errors.ShindanError, match=field) as stop:
        client.run([{**SHOP, **change}])
    assert stop.value.code == errors.BAD_CONFIG


def test_an_unclosed_quotation_mark_swallows_nothing(client):
    client.put("o.csv", f'{HEADER}\n1,2024-01-05,100,a,5" x\n')
    assert client.stage(SHOP)[0].rows_read == 1  # a bare mark inside a cell is a character
    client.put("o.csv", f'{HEADER}\n1,2024-01-05,100,a,x\n2,2024-01-05,100,a,"x\n3,2024-01-05,100,a,y\n')
    with pytest.raises(errors.ShindanError, match="row 3") as stop:
        client.stage(SHOP)
    assert stop.value.code == errors.INPUT_INVALID
