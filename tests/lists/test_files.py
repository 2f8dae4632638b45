"""The files themselves, byte by byte: what a mail tool or Excel loads."""

import csv
import io
import json

import pandas as pd
from python_calamine import CalamineWorkbook
from tests.lists.conftest import ORDER, PEOPLE, only, orders

from shindan.intake.private import CONTACT


def read(file, encoding):
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(encoding))))


def ids(rows):
    return {row["会員ID"] for row in rows}


def aside(folder):
    head, *rows = sheet(folder / "set_aside.xlsx")
    return [dict(zip(head, row, strict=True)) for row in rows]


def sheet(file):
    return CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()


def test_generic_is_utf8_with_a_mark_and_every_cell_is_text(client, tmp_path):
    out = client().make().write(tmp_path / "out")
    raw = (out / "rank_regular.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == raw.count(b"\n")
    rows = read(out / "rank_regular.csv", "utf-8-sig")
    assert ids(rows) == {"1001", "1002", "1003", "0009"}
    assert '"0009"' in raw.decode("utf-8-sig") and rows[0]["ランク"] == "一般" and rows[0]["送信日"] == "2026-01-06"
    assert next(r for r in rows if r["会員ID"] == "1003")["氏名"] == "𠮷野 次郎"


def test_what_a_spreadsheet_would_run_is_set_aside_whole(client, tmp_path):
    out = client().make().write(tmp_path / "out")
    for file in out.glob("*.csv"):
        text = file.read_text("utf-8-sig")
        assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in "=+-@" and cell]
        assert "cmd" not in text and "plus@" not in text and "minus@" not in text
    found = {(row["会員ID"], row["項目"], row["元の値"]) for row in aside(out)}
    assert found == {("1004", "メールアドレス", "=cmd|'/c calc'!A1@example.jp"), ("1005", "メールアドレス", "+plus@example.jp"),
                     ("-1006", "会員ID", "-1006")}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    regular = next(told for told in manifest["lists"] if told["list"] == "rank_regular")
    assert regular["stopped"] == {"opted_out": 1, "no_address": 1, "set_aside": 3} and regular["sent"] == 4
    assert manifest["set_aside"]["n"] == 3


def test_cp932_lists_what_it_cannot_write_and_never_writes_a_question_mark(client, tmp_path):
    out = client(lists={"profile": "cp932", "holdout_rate": 0}).make().write(tmp_path / "out")
    raw = (out / "rank_regular.csv").read_bytes()
    assert b"?" not in raw
    rows = read(out / "rank_regular.csv", "cp932")
    assert ids(rows) == {"1001", "1002", "0009"} and {"髙橋 太郎①"} <= {r["氏名"] for r in rows}
    wrong = [row for row in aside(out) if row["会員ID"] == "1003"]
    assert [(w["項目"], w["元の値"], w["使えない文字"]) for w in wrong] == [("氏名", "𠮷野 次郎", "𠮷")]


def test_excel_holds_typed_strings_and_needs_nobody_set_aside_for_a_formula(client, tmp_path):
    own = {"profile": "excel", "holdout_rate": 0,
           "columns": ["customer_id", "email", "name", "phone", "postal_code", "send_on"]}
    out = client(lists=own).make().write(tmp_path / "out")
    rows = sheet(out / "rank_regular.xlsx")[1:]
    assert all(isinstance(cell, str) for row in rows for cell in row)
    by_id = {row[0]: row for row in rows}
    assert by_id["-1006"][1] == "minus@example.jp" and by_id["1005"][1] == "+plus@example.jp"
    assert by_id["1002"][3] == "09000000002" and by_id["1001"][4] == "0000001" and "0009" in by_id
    assert not (out / "set_aside.xlsx").exists()


def test_only_allowed_columns_and_any_of_them(client, tmp_path):
    out = client(lists={"columns": ["email"], "holdout_rate": 0}).make().write(tmp_path / "out")
    text = (out / "rank_regular.csv").read_text("utf-8-sig")
    assert text.splitlines()[0] == '"メールアドレス"' and "山田" not in text and "1001" not in text
    assert "minus@example.jp" in text  # the id that would be set aside is not in the file


def test_a_product_like_a_formula_is_marked_as_text_and_counted(client, tmp_path):
    c = client(scenarios=only(cross_sell={}))
    c.put("orders2.csv", ORDER, orders(["2001", "2002"], 20, "-5歳クリーム", 500))
    lines = (c.folder.raw / "orders2.csv").read_text("utf-8").replace("A-1", "=B-1")
    (c.folder.raw / "orders2.csv").write_text(lines, "utf-8")
    out = c.make().write(tmp_path / "out")
    rows = read(out / "cross_sell.csv", "utf-8-sig")
    assert {r["商品名"] for r in rows} == {"'-5歳クリーム"} and {r["商品コード"] for r in rows} == {"'=B-1"}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert next(t for t in manifest["lists"] if t["list"] == "cross_sell")["marked_cells"] == 2 * len(rows)


def test_words_cp932_does_not_have_end_no_run_and_are_counted(client, tmp_path):
    c = client(lists={"profile": "cp932", "holdout_rate": 0}, scenarios=only(rank_regular={"name": "春☕〜花見"}))
    out = c.make().write(tmp_path / "out")
    rows = read(out / "rank_regular.csv", "cp932")
    assert {r["リスト"] for r in rows} == {"春〓～花見"}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert next(t for t in manifest["lists"] if t["list"] == "rank_regular")["marked_cells"] == len(rows)


def test_an_address_of_several_people_is_nobodys_until_somebody_says_whose(client, tmp_path):
    """An address typed for everybody who orders by phone links nobody: it would get a mail for each of them."""
    c = client(identity={"shared_orders": 1, "shared_names": 1})
    header = (*ORDER, "email", "name")
    c.put("orders.csv", header, [(*row, "Shop@example.jp", f"客 {i}") for i, row in enumerate(orders(["501", "502", "503"]))])
    c.put("customers.csv", ("customer_id", "email", "mail_optin"),
          [("501", "", "1"), ("502", "", "1"), ("503", "alone@example.jp", "1")])
    out = c.make().write(tmp_path / "out")
    assert ids(read(out / "rank_regular.csv", "utf-8-sig")) == {"503"}
    assert {(w["会員ID"], w["元の値"].lower()) for w in aside(out)} == {("501", "shop@example.jp"), ("502", "shop@example.jp")}


def test_a_full_width_formula_is_set_aside_too(client, tmp_path):
    c = client()
    c.put("customers.csv", ("customer_id", "email", "name", "mail_optin"), [("1001", "a@example.jp", "＝１＋１", "1"), ("1002", "b@example.jp", "乙", "1")])
    assert ids(read(c.make().write(tmp_path / "out") / "rank_regular.csv", "utf-8-sig")) == {"1002"}


def test_equal_inputs_give_equal_bytes(client, tmp_path):
    c = client(lists={"holdout_rate": 0.3}).make()
    one, two = c.write(tmp_path / "one"), c.make().write(tmp_path / "two")
    names = sorted(f.name for f in one.iterdir())
    assert names == sorted(f.name for f in two.iterdir()) and "set_aside.xlsx" in names
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


def test_without_a_consent_column_no_list_is_written_and_the_reason_is_said(client, tmp_path):
    c = client()
    c.put("customers.csv", ("customer_id", "email", "name"), [p[:3] for p in PEOPLE])
    out = c.make().write(tmp_path / "out")
    assert {f.name for f in out.iterdir()} == {"manifest.json"}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["consent"]["is_known"] is False and "許可" in manifest["consent"]["why"]
    assert all(told["sent"] == 0 and told["stopped"].get("no_consent") == told["due"] for told in manifest["lists"] if told["due"])


def test_what_stays_holds_pseudonyms_only(client):
    c = client(lists={"holdout_rate": 0.3, "assume_sent": False}).make().deliver()
    kept = [pd.read_parquet(f) for f in (c.folder.work / "lists").glob("*.parquet")]
    kept += [pd.read_csv(f) for f in c.folder.planned.rglob("*.csv")]
    assert len(kept) == 4
    for frame in kept:
        assert not set(frame.columns) & set(CONTACT)
        cells = {str(cell) for column in frame for cell in frame[column]}
        assert not {cell for cell in cells if "@" in cell or "山田" in cell} and not cells & {p[0] for p in PEOPLE}
    assert (c.folder.work / "private" / "contacts.parquet").stat().st_mode & 0o077 == 0
