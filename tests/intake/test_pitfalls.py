"""One test per known way in which client files go wrong: reading, values, characters, workbooks.

The numbers are those of the list of pitfalls the reader was built against; what belongs to orders
as a whole (re-exports, refunds, staff) or to people is tested with those modules.
"""

import csv
import io
import unicodedata
import zipfile

import ibis
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import characters, engine, errors
from shindan.intake import excel, files, read, sheet_marks
from shindan.intake.identity import digest

HEADER = "注文番号,注文日,商品計,会員ID,商品名,備考"
NAMES = {"order_no": "注文番号", "ordered_at": "注文日", "items_jpy": "商品計", "customer_id": "会員ID",
         "product_name": "商品名"}
SHOP = {"path": "o.*", "preset": "generic_orders", "columns": NAMES}


def table(*rows, header=HEADER, newline="\n"):
    return newline.join([header, *rows]) + newline


def row(no="1", day="2024-01-05", yen="100", who="a", what="青汁", memo=""):
    return f"{no},{day},{yen},{who},{what},{memo}"


def refused(client, source=SHOP, code=errors.INPUT_INVALID, **more):
    with pytest.raises(errors.ShindanError) as stop:
        client.conform({**source, **more})
    assert stop.value.code == code
    return str(stop.value)


def workbook(rows, make=lambda book, page: None, sheet="受注"):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet(sheet)
    for r, cells in enumerate(rows):
        for c, cell in enumerate(cells):
            page.write(r, c, cell)
    make(book, page)
    book.close()
    return data.getvalue()


@pytest.fixture(scope="module")
def con():
    return engine.connect()


@pytest.fixture
def compared(con):
    """Cells under one of the rules of shindan.characters."""
    def compared(cells, rule):
        frame = ibis.memtable(pd.DataFrame({"c": list(cells)}, dtype="object"), schema={"c": "string"})
        got = con.execute(frame.mutate(v=rule(frame.c)))
        by_cell = dict(zip(got.c, got.v, strict=True))
        return [None if pd.isna(by_cell[c]) else by_cell[c] for c in cells]
    return compared


def notes(found, name):
    return [n for n in found if n["id"] == name]


# 12, 14-16: contacts and names as they are compared

def test_pitfall_12_addresses(compared):
    cells = {"A@Example.JP ": "a@example.jp", "mailto:a@example.jp": "a@example.jp", "a@example.jp..": "a@example.jp",
             "太郎 <a@example.jp>": "a@example.jp", "ａ＠ｅｘａｍｐｌｅ．ｊｐ": "a@example.jp",
             "a.b+c@gmail.com": "a.b+c@gmail.com", "none": None, "": None}
    assert dict(zip(cells, compared(cells, characters.normalise_email), strict=True)) == cells


def test_pitfall_14_kana_widths_and_kanji_forms(compared):
    same = [["ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ　ハナコ", "やまだはなこ", "ヤマダハナコ"], ["髙﨑", "高崎"], ["𠮷田", "吉田"],
            ["渡邊", "渡邉", "渡辺"], ["齋藤", "齊藤", "斎藤", "斉藤"], ["ｻﾄｰ", "サトー", "サト−", "さとー"],
            ["Ｓｍｉｔｈ", "smith", "SMITH"]]
    for names in same:
        assert len(set(compared(names, characters.normalise_name))) == 1, names
    assert compared(["", "　"], characters.normalise_name) == [None, None]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text("ｱｶﾞﾊﾟヤマダやまだ山髙﨑邊ａＢc １−ー－・ 　", min_size=1, max_size=6), min_size=1, max_size=30))
def test_pitfall_14_the_engine_agrees_with_the_rule(con, names):
    frame = ibis.memtable(pd.DataFrame({"c": names}, dtype="object"), schema={"c": "string"})
    got = con.execute(frame.mutate(v=characters.normalise_name(frame.c)))
    for name, key in zip(got.c, got.v, strict=True):
        bare = "".join(ch for ch in name if not ch.isspace())
        assert (characters.name_key(bare) or None) == (None if pd.isna(key) else key)


def test_pitfall_15_every_hyphen(compared):
    hyphens = "-－−ー―‐"
    assert compared([f"03{h}1234{h}5678" for h in hyphens], characters.normalise_phone) == ["0312345678"] * 6
    assert compared([f"150{h}0001" for h in hyphens], characters.normalise_zip) == ["1500001"] * 6
    assert unicodedata.normalize("NFKC", "−ー") == "−ー"  # why NFKC alone would not do


def test_pitfall_16_phones_and_post_codes_from_excel(compared):
    phones = {"9012345678": "09012345678", "312345678": "0312345678", "'09012345678": "09012345678",
              '="09012345678"': "09012345678", "+81 90-1234-5678": "09012345678", "+81(0)3-1234-5678": "0312345678",
              "819012345678": "09012345678", "090-1234-5678 (自宅)": "09012345678", "９０１２３４５６７８": "09012345678",
              "9012345678.0": "09012345678", "03-1234-5678 内線12": "0312345678", "1.23E+12": None, "": None}
    assert dict(zip(phones, compared(phones, characters.normalise_phone), strict=True)) == phones
    codes = {"〒150-0001": "1500001", "600001": "0600001", "10001": "0010001", "1.5E+06": None, "123": None}
    assert dict(zip(codes, compared(codes, characters.normalise_zip), strict=True)) == codes


# 17, 18: ids and codes

@pytest.mark.parametrize("field", ["注文番号", "会員ID"])
def test_pitfall_17_exponents_in_a_column_of_ids(client, field):
    bad = row(no="5.80293E+13") if field == "注文番号" else row(no="2", who="5.80293E+13")
    client.put("o.csv", table(row(), bad))
    assert f"raw/o.csv, row 3, column `{field}`" in refused(client)


def test_pitfall_17_ids_are_text(client):
    client.put("o.csv", table(row(no="007", who="'0012"), row(no="008", who='="0012"'), row(no="9", who="12.0"),
                              row(no="10", who="12")))
    client.run([SHOP])
    orders = client.table("orders").set_index("order_no")
    assert sorted(orders.index) == ["007", "008", "10", "9"]
    assert orders.customer_key["007"] == orders.customer_key["008"] != orders.customer_key["9"]
    assert orders.customer_key["9"] == orders.customer_key["10"]
    key = client.folder.key_file.read_text().strip()
    ids = set(client.table("customer_ids").id_hash)
    assert {digest(key, "cart_id", "main:0012"), digest(key, "cart_id", "main:12")} <= ids


def test_pitfall_18_only_date_columns_are_dates(client):
    """Columns that a reader with types of its own would take for days, a number and a time."""
    source = {**SHOP, "columns": {**NAMES, "sku": "備考", "customer_id": "会員ID"}}
    client.put("o.csv", table(row(what="2024/1/5", who="45021", memo="4月5日"), row(no="2", what="2024/1/6", who="45022", memo="Apr-05"),
                              row(no="3", what="2024/1/7", who="045022", memo="A-4-5"), row(no="4", what="4-5", who="45021", memo="4-5")))
    found = client.conform(source)
    assert list(found.rows.product_name) == ["2024/1/5", "2024/1/6", "2024/1/7", "4-5"]
    assert list(found.rows.sku) == ["4月5日", "Apr-05", "A-4-5", "4-5"]
    assert found.rows.customer_id.nunique() == 3
    assert notes(found.notes, "sku_like_a_date") == [{"id": "sku_like_a_date", "cells": 2, "file": "o.csv"}]


# 19-22: dates

def days(client, *cells, **options):
    client.put("o.csv", table(*(row(no=str(i), day=f'"{c}"') for i, c in enumerate(cells, 1))))
    return [str(t) for t in client.conform({**SHOP, "options": options}).rows.ordered_at]


def test_pitfall_19_a_column_of_many_shapes(client):
    assert days(client, "2024/1/5", "令和6年1月5日", "R6.1.5", "平成36年1月5日", "２０２４年１月５日", "20240105",
                "Jan 5, 2024", "2024.01.05", "2024/1/4 24:00", "2024-01-04T15:00:00Z", "2024/1/5(金)",
                ) == ["2024-01-05 00:00:00"] * 11


def test_pitfall_19_day_and_month_come_from_the_whole_column(client):
    assert days(client, "1/5/2024", "1/31/2024") == ["2024-01-05 00:00:00", "2024-01-31 00:00:00"]
    assert days(client, "1/5/2024", "31/1/2024") == ["2024-05-01 00:00:00", "2024-01-31 00:00:00"]
    assert days(client, "99/12/31", "24/01/05") == ["1999-12-31 00:00:00", "2024-01-05 00:00:00"]


@pytest.mark.parametrize("cells", [("1/5/2024", "2/6/2024"), ("24/01/05", "24/02/06"), ("13/1/2024", "1/13/2024")])
def test_pitfall_19_an_open_order_is_refused_until_it_is_said(client, cells):
    client.put("o.csv", table(*(row(no=c, day=c) for c in cells)))
    message = refused(client)
    assert "column `注文日`" in message and "date_order" in message
    if cells[0] == "1/5/2024":
        said = client.conform({**SHOP, "options": {"date_order": "dmy"}})
        assert [str(d.date()) for d in said.rows.ordered_at] == ["2024-05-01", "2024-06-02"]


def test_pitfall_19_serial_numbers_only_if_the_whole_column_is(client):
    assert days(client, "45296", "45296.4243") == ["2024-01-05 00:00:00", "2024-01-05 10:11:00"]
    assert days(client, "43834", date_system="1904") == ["2024-01-05 00:00:00"]
    client.put("o.csv", table(row(day="45296"), row(no="2", day="2024/1/5")))
    assert "not a date" in refused(client)


def test_pitfall_20_stand_ins_are_no_dates_and_are_counted(client):
    client.put("o.csv", table(row(), row(no="2"), row(no="3")))
    client.put("c.csv", "会員番号,登録日,誕生日\na,1970-01-01 09:00,1970-01-01\nb,9999/12/31,1900/01/00\nc,0000-00-00,S60.1.2\n")
    facts = client.run([SHOP, {"path": "c.csv", "preset": "generic_customers", "columns": {
        "customer_id": "会員番号", "registered_at": "登録日", "birth_date": "誕生日"}}])
    assert {n["column"]: n["cells"] for n in notes(facts["notes"], "no_real_date")} == {"登録日": 3, "誕生日": 1}
    people = client.table("customers")
    assert people.registered_at.isna().all() and set(people.birth_year.dropna()) == {1970, 1985}
    client.put("o.csv", table(row(), row(no="2", day="1900/01/00")))
    assert "row 3, column `注文日`" in refused(client)  # an order without a date is no order


def test_pitfall_21_zones_before_days(client):
    assert days(client, "2024-01-31T15:00:00+00:00", "2024-01-31 23:30:00 +0400") == [
        "2024-02-01 00:00:00", "2024-02-01 04:30:00"]
    assert days(client, "2024-01-31 15:00:00", timezone="UTC") == ["2024-02-01 00:00:00"]


def test_pitfall_22_days_beside_times(client):
    assert days(client, "2024-01-05", "2024-01-05 10:11") == ["2024-01-05 00:00:00", "2024-01-05 10:11:00"]


# 23-28: characters and rows

def test_pitfall_23_cp932_and_what_it_cannot_hold(client):
    client.put("o.csv", table(row(what="①㈱№髙﨑～"), row(no="2", what="青?汁"), row(no="3", what="〓田さん"),
                              row(no="4", what="what?")).encode("cp932"))
    found = client.conform(SHOP)
    assert found.rows.product_name[0] == "①㈱№髙﨑～"
    assert notes(found.notes, "lost_characters") == [{"id": "lost_characters", "cells": 2, "file": "o.csv"}]


def test_pitfall_24_wave_dash_and_minus_meet(client, compared):
    client.put("o1.csv", table(row(what="青汁～大－袋")).encode("cp932"))
    client.put("o2.csv", table(row(no="2", what="青汁〜大−袋")))
    assert list(client.conform({**SHOP, "path": "o?.csv"}).rows.product_name) == ["青汁～大－袋"] * 2
    assert len(set(compared(["A～－", "A〜−", "A~-", "Ａ～－"], characters.half_width))) == 1
    assert characters.narrow("A〜−") == "A~-"


def test_pitfall_24_codes_and_status_words_in_any_width(client):
    """Pitfall 40."""
    client.put("o.csv", "order_no,ordered_at,items_jpy,status,ad_code,sku\n１,2024-01-05,100,済−～,ＡＤ−１,Ａ−１\n")
    client.run([{"path": "o.csv", "preset": "generic_orders", "status": {"済－〜": "valid"}}], channels={"AD-1": "検索"})
    order = client.table("orders").iloc[0]
    assert (order.order_no, order.status, order.acq_channel) == ("1", "valid", "検索")
    assert client.table("order_lines").sku[0] == "A-1"


@pytest.mark.parametrize("wrong", ["cp1252", "cp932"])
@pytest.mark.parametrize("header_too", [True, False])
def test_pitfall_25_garbled_text_is_refused(client, wrong, header_too):
    def garble(text):
        return text.encode("utf-8").decode(wrong, errors="ignore")

    rows = [row(no=str(n), what=garble("シャンプーの定期便です") if n % 9 == 0 else "青汁") for n in range(50)]
    header = ",".join(garble(h) for h in HEADER.split(",")) if header_too else HEADER
    client.put("o.csv", table(*rows, header=header))
    assert "garbled" in refused(client)


def test_pitfall_26_byte_order_marks(client):
    part = "\ufeff" + table(row(), row(no="2"))
    client.put("o.csv", (part + part.replace("\n1,", "\n3,").replace("\n2,", "\n4,")).encode())
    found = client.conform(SHOP)
    assert list(found.rows.order_no) == ["1", "2", "3", "4"]
    assert found.accounts[0].skipped == {"header": 1}
    client.put("o.csv", part + "\ufeff" + row(no="5") + "\n")   # a part without a header of its own
    assert list(client.conform(SHOP).rows.order_no) == ["1", "2", "5"]
    client.put("o.csv", ("\ufeff\ufeff" + table('"1",2024-01-05,100,a,x,', header='"注文番号",注文日,商品計,会員ID,商品名,備考')).encode())
    assert list(client.conform(SHOP).rows.order_no) == ["1"]


def test_pitfall_27_short_and_long_rows(client):
    good = [row(no=str(n)) for n in range(10, 400)]
    client.put("o.csv", table("1,2024-01-05,100,a,青汁", "2,2024-01-05", row(no="3") + ",x,y", *good, "合計,,39100"))
    client.run([{**SHOP, "path": "o.csv"}], max_reject_share=0.01)
    report = client.report().loc["o.csv"]
    # the first lacks a column nobody needs; the total row is a total however short it is
    assert (report.rows_read, report.rows_used, report.rows_rejected, report.skipped_why) == (394, 391, 2, "total 1")
    rejects = (client.folder.rejects / "orders.csv").read_text()
    assert "o.csv,3,(row)" in rejects and "o.csv,4,(row)" in rejects
    assert dict(client.table("orders").set_index("order_no").source_row)["10"] == 5
    client.put("o.csv", table(row(), row(no="2") + ",x"))
    assert "raw/o.csv, row 3" in refused(client)


def test_pitfall_27_bare_quotation_marks(client):
    source = {**SHOP, "options": {"quote": "none", "delimiter": "tab"}}
    client.put("o.txt", table(row(what='5" x "A'), row(no="2", what='"B')).replace(",", "\t"))
    assert list(client.conform(source).rows.product_name) == ['5" x "A', '"B']


@pytest.mark.parametrize("lines", [
    ['2,2024-01-05,100,a,"x', "3,2024-01-05,100,a,y,"],                # never closed
    ['2,2024-01-05,100,a,"x', '3,2024-01-05,100,a,"y",'],              # closed in the middle of the next row
    ['2,2024-01-05,100,a,"x', '3,2024-01-05,100,a,"y",', '4,2024-01-05,100,a,"x', '5,2024-01-05,100,a,"y",']])
def test_pitfall_27_an_open_quotation_mark_swallows_nothing(client, lines):
    client.put("o.csv", table(row(), *lines, row(no="9")))
    assert "raw/o.csv, row 3" in refused(client)


def test_pitfall_27_marks_that_swallow_nothing_are_characters(client):
    client.put("o.csv", table(row(what='5" x'), row(no="2", what='"至急"です'), row(no="3", what='"a\nb"')))
    found = client.conform(SHOP)
    assert found.accounts[0].used == len(found.rows) == 3


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_pitfall_28_line_breaks_in_cells(client, newline):
    client.put("o.csv", table(row(what=f'"青{newline}汁"'), row(no="2", what='"a,""b"""'), newline=newline))
    found, rows = client.stage(SHOP)
    assert found.rows_read == 2 and list(rows["商品名"]) == [f"青{newline}汁", 'a,"b"']


def test_pitfall_28_line_breaks_at_the_edge_of_a_block(client, monkeypatch):
    monkeypatch.setattr(read, "BLOCK_BYTES", 300)
    client.put("o.csv", table(*(row(no=str(n), what='"青\n汁\n粉"') for n in range(200))))
    found, rows = client.stage(SHOP)
    assert (found.rows_read, found.ragged) == (200, ()) and set(rows["商品名"]) == {"青\n汁\n粉"}


# 29-31: headers, totals, workbooks

def test_pitfall_29_lines_above_the_header(client):
    above = ["受注一覧"] + ["期間,2024年"] * 11
    client.put("o.csv", "\n".join([*above, table(row())]))
    assert list(client.conform(SHOP).rows.source_row) == [14]


def test_pitfall_29_the_nearest_header_is_named(client):
    # most of the needs stand in row 2: that is the header, and what it lacks is said
    client.put("o.csv", "x,y\n" + table("1,100,a,x", header="注文番号,商品計,会員ID,商品名"))
    message = refused(client)
    assert "o.csv, row 2" in message and "注文日" in message


def test_pitfall_29_a_header_row_that_is_told(client):
    client.put("o.csv", "注文番号,注文日,商品計,会員ID,商品名\n" + table(row()))
    assert list(client.conform({**SHOP, "options": {"header_row": "2"}}).rows.source_row) == [3]


def test_pitfall_29_several_header_rows(client):
    client.put("o.csv", 'Q1,Q2,Q3,Q4\n注文番号,注文日,商品計,会員ID\n"{""ImportId"":1}",x,y,z\n1,2024-01-05,100,a\n')
    columns = {"order_no": "Q1", "ordered_at": "注文日", "items_jpy": "Q3", "customer_id": "会員ID"}
    source = {"path": "o.csv", "preset": "generic_orders", "columns": columns, "options": {"header_rows": "3"}}
    assert list(client.conform(source).rows.source_row) == [4]


def test_pitfall_29_comments_and_several_tables(client):
    client.put("o.csv", "# 期間\n# 2024\n\n" + table(row(), row(no="2")) + "\n# 次の表\n" + "国,数\n日本,5\n米国,6\n")
    found = client.conform({**SHOP, "options": {"comment": "#", "ends": "blank"}})
    assert list(found.rows.order_no) == ["1", "2"]
    assert notes(found.notes, "rows_behind_the_table")[0]["rows"] == 3  # comments and blank lines are none


def test_pitfall_30_totals_are_dropped_and_held_against_the_rows(client):
    client.put("o.csv", table(row(), row(no="2", yen="250"), row(no="小計", day="", yen="100"), row(no="合計", day="", yen="350")))
    found = client.conform({**SHOP, "options": {"total": "items_jpy"}})
    assert found.accounts[0].skipped == {"total": 2}
    assert notes(found.notes, "total_agrees")[0]["found"] == 350
    client.put("o.csv", table(row(), row(no="合計", day="", yen="350")))
    (note,) = notes(client.conform({**SHOP, "options": {"total": "items_jpy"}}).notes, "total_differs")
    assert (note["told"], note["found"]) == (350, 100)


BOOK = [HEADER.split(","), [1, "2024-01-05", 100, 12.0, "青汁"], [2, "2024-01-05", 0.5, 12, "青汁"]]


def test_pitfall_31_numbers_in_workbooks(client):
    client.put("o.xlsx", workbook(BOOK))
    orders = client.conform(SHOP).rows
    assert list(orders.items_jpy) == [100, 1] and list(orders.order_no) == ["1", "2"]
    assert orders.customer_id.nunique() == 1
    assert [excel.text(c) for c in (12.0, 0.00001, 1.5, True, None, 1.2345678901234568e18)] == [
        "12", "0.00001", "1.5", "TRUE", "", "1.2345678901234568e+18"]


def test_pitfall_31_hidden_and_merged_cells_count_and_are_noted(client):
    def hide(book, page):
        page.set_row(2, None, None, {"hidden": True})
        page.merge_range(3, 4, 4, 4, "x")
        book.add_worksheet("表紙").activate()
        page.hide()

    client.put("o.xlsx", workbook([*BOOK, [3, "2024-01-05", 100, 12], [4, "2024-01-05", 100, 12]], hide))
    found = client.conform(SHOP)
    assert len(found.rows) == 4
    assert [notes(found.notes, n)[0].get("cells") for n in ("hidden_rows", "merged_cells", "hidden_sheet")] == [1, 1, None]


def test_pitfall_31_formulas(client):
    def formula(value, cell="C4"):
        return workbook(BOOK, lambda book, page: page.write_formula(cell, "=1+1", None, value))

    client.put("o.xlsx", formula(""))
    message = refused(client)
    assert "sheet `受注`, cell C4" in message
    client.put("o.xlsx", formula("", "H4"))  # nobody reads that column
    assert len(client.conform(SHOP).rows) == 2
    client.put("o.xlsx", workbook([*BOOK, [3, "2024-01-05", "", 5]], lambda b, p: p.write_formula("C4", "=1+1", None, 200)))
    assert list(client.conform(SHOP).rows.items_jpy) == [100, 1, 200]


def test_pitfall_31_error_cells_are_noted(client):
    client.put("o.xlsx", workbook([*BOOK, [3, "2024-01-05", "", 5]],
                                  lambda b, p: p.write_formula("E4", "=1/0", None, "#DIV/0!")))
    assert notes(client.conform(SHOP).notes, "error_cells")[0]["cells"] == 1


def test_pitfall_31_what_is_no_workbook_says_so(client):
    encrypted = files.OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    client.put("o.xlsx", encrypted)
    assert "password" in refused(client, code=errors.INPUT_MISSING)
    client.put("o.xlsx", files.OLE + b"\0" * 600)
    assert "cannot be opened" in refused(client, code=errors.INPUT_MISSING)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as box:
        box.writestr("order.csv", table(row()))
    client.put("o.xlsx", data.getvalue())
    assert "zip" in refused(client, code=errors.INPUT_MISSING)
    client.put("o.xlsx", "<html><table><tr><td>1</td></tr></table></html>")
    assert "web page" in refused(client, code=errors.INPUT_MISSING)


def test_pitfall_31_limits(client, monkeypatch):
    client.put("o.xlsx", workbook(BOOK))
    monkeypatch.setattr(excel, "MAX_CELLS", 5)
    assert "too large" in refused(client, code=errors.INPUT_OVER_LIMIT)
    monkeypatch.setattr(files, "SMALL", 10)
    monkeypatch.setattr(files, "MAX_RATIO", 1)
    assert "times its size" in refused(client, code=errors.INPUT_OVER_LIMIT)


def test_pitfall_31_blocks_of_a_large_sheet_are_all_seen(client, monkeypatch):
    rows = [[n, "2024-01-05", 100, 12, "青汁"] for n in range(300)]
    client.put("o.xlsx", workbook([BOOK[0], *rows], lambda b, p: [p.set_row(n, None, None, {"hidden": True}) for n in range(1, 301)]))
    monkeypatch.setattr(sheet_marks, "BLOCK", 997)
    assert notes(client.conform(SHOP).notes, "hidden_rows")[0]["cells"] == 300


# 32: numbers

def test_pitfall_32_amounts_or_a_reason(client):
    client.put("o.csv", table(row(yen='"¥1,980"'), row(no="2", yen="△1980"), row(no="3", yen="１９８０円"), row(no="4", yen=" --"),
                              row(no="5", yen="N/A")))
    client.run([SHOP])
    assert list(client.table("orders").sort_values("order_no").items_jpy) == [1980, -1980, 1980, 0, 0]
    client.put("o.csv", table(row(), row(no="2", yen='"1,98"')))
    assert "not an amount" in refused(client)


def test_pitfall_32_decimal_commas_where_the_source_says_so(client):
    client.put("o.csv", table(row(yen='"1.980,00"')))
    refused(client)
    assert list(client.conform({**SHOP, "options": {"decimal": "comma"}}).rows.items_jpy) == [1980]


# what must hold for any file

CELL = st.text("青汁～①aB1 　\"',\n;", max_size=8)


@settings(max_examples=12, deadline=None)
@given(data=st.lists(st.tuples(st.integers(0, 99999), CELL, st.dates(pd.Timestamp("2000-01-01").date())),
                     min_size=1, max_size=25), cut=st.integers(0, 25), order=st.permutations(range(6)),
       newline=st.sampled_from(["\n", "\r\n"]), encoding=st.sampled_from(["utf-8", "cp932", "utf-16"]),
       turned=st.booleans())
def test_layout_never_changes_what_is_read(another_client, data, cut, order, newline, encoding, turned):
    def write(client, rows, names, name, **how):
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [names[i] for i in how["order"]], lineterminator=how["newline"])
        writer.writeheader()
        writer.writerows(rows)
        client.put(name, out.getvalue().encode(how["encoding"]))

    names = HEADER.split(",")
    rows = [dict(zip(names, [str(n), f"{day:%Y/%m/%d}", f"{n:,}", "a", what, "x"], strict=True))
            for n, (_, what, day) in enumerate(data)]
    read = []
    for parts, how in (([rows], {"order": range(6), "newline": "\n", "encoding": "utf-8"}),
                       ([p for p in (rows[:cut], rows[cut:]) if p],
                        {"order": order, "newline": newline, "encoding": encoding})):
        client = another_client()
        for i, part in enumerate(parts):
            write(client, part[::-1] if turned and how["newline"] == newline else part, names, f"o{i}.csv", **how)
        staged = [client.stage({**SHOP, "path": f"o{i}.csv"}) for i in range(len(parts))]
        assert sum(found.rows_read for found, _ in staged) == len(rows)
        frame = pd.concat([frame for _, frame in staged])
        read.append(frame.sort_values("注文番号", ignore_index=True)[list(NAMES.values())])
    pd.testing.assert_frame_equal(*read)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([row(), "", "a,b", row() + ",x,y", "合計,,9", HEADER, row(what='"a\nb"'), ",,,,,"]), max_size=25))
def test_every_row_is_accounted_for(another_client, lines):
    client = another_client()
    client.put("o.csv", table(*lines))
    found, rows = client.stage(SHOP)
    assert found.rows_read == len(lines) == len(rows) + len(found.ragged)
    assert sorted([*rows.source_row, *found.ragged]) == list(range(2, len(lines) + 2))
