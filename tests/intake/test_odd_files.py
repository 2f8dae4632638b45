"""Files as they really arrive: torn, joined, empty, on their way, of no kind. Read right or refused in words."""

import gzip
import unicodedata

import pytest

from shindan import cli, errors, intake
from shindan.intake import read

HEAD = "order_no,ordered_at,items_jpy,customer_id,name\n"
ROW = "101,2024-02-01,2200,7,山田\n"
SOURCE = {"path": "*", "preset": "generic_orders"}


@pytest.fixture
def shop(client):
    client.put("good.csv", HEAD + "".join(f"{n},2024-01-{n % 28 + 1:02},1100,{n},見本\n" for n in range(1, 30)))
    return client


def refused(shop, code, *words, whole=False):
    with pytest.raises(errors.ShindanError) as stop:
        shop.run([SOURCE]) if whole else shop.price(SOURCE)
    assert stop.value.code == code, str(stop.value)
    for said in words:
        assert said in str(stop.value), str(stop.value)


@pytest.mark.parametrize(("name", "data", "code", "words"), [
    ("z.csv", b"", 20, ("空のファイル", "raw/z.csv")),
    ("z.pdf", b"%PDF-1.7\n\xe2\xe3" + bytes(900), 20, ("PDF", "表のファイルではありません")),
    ("z.png", b"\x89PNG\r\n\x1a\n" + bytes(900), 20, ("画像",)),
    ("z.csv.gz", gzip.compress((HEAD + ROW).encode()), 20, ("圧縮ファイル",)),
    ("z.csv", (HEAD + ROW).encode() + bytes(4096), 21, ("row 3", "セルの数が見出しと合いません")),
    ("z.csv", (HEAD + ROW).encode() + "102,2024-02-02,3300,8,漢字\n".encode("cp932"), 20, ("文字コードが途中で", "line 2")),
    ("z.csv", (HEAD + ROW).encode("cp932") + "102,2024-02-02,3300,8,漢字\n".encode(), 20, ("文字コードが途中で", "line 3")),
    ("z.csv", HEAD + ROW + "order_no,items_jpy,ordered_at,customer_id,name\n102,3300,2024-02-02,8,a\n", 21,
     ("途中から列の並び", "raw/z.csv, row 3")),
    ("z.csv", HEAD + "101,13/02/2024,2200,7,a\n102,02/14/2024,2200,7,a\n", 21,
     ("行によって違います", "raw/z.csv, row 2 and raw/z.csv, row 3", "cut the file")),
    ("z.csv", HEAD + "101,2024-02-01,2200,7,a\n102,03/04/2024,2200,7,a\n", 21, ("決められません", "raw/z.csv, row 3", "date_order")),
    ("z.csv", HEAD + "101,9999-12-31,2200,7,a\n", 21, ("空欄です(9999-12-31", "raw/z.csv, row 2")),
    ("z.csv", "order_no,ordered_at,items_jpy,customer_id,sku,qty,unit_price_jpy\n101,2024-02-01,2200,7,A,-2,1100\n", 21,
     ("明細の合計が商品合計と合いません", "raw/z.csv, row 2"))])
def test_refused_with_file_place_reason_and_what_to_do(shop, name, data, code, words):
    shop.put(name, data)
    refused(shop, code, *words)


@pytest.mark.parametrize("data", [
    HEAD + ROW + HEAD + "102,2024-02-02,3300,8,鈴木\n", "\ufeff" + HEAD + ROW + "\ufeff" + HEAD + "102,2024-02-02,3300,8,鈴木\n",
    (HEAD + ROW + "102,2024-02-02,3300,8,鈴木\n").replace("\n", "\r"), (HEAD + ROW + "102,2024-02-02,3300,8,鈴木\n").replace(",", "|"),
    "sep=,\n" + HEAD + ROW + "102,2024-02-02,3300,8,鈴木\n", HEAD + ROW + f"102,2024-02-02,3300,8,{'あ' * 1_700_000}\n",
    HEAD.strip() + "".join(f",c{n}" for n in range(2000)) + "\n" + "".join(r + ",1" * 2000 + "\n" for r in (
        "101,2024-02-01,2200,7,a", "102,2024-02-02,3300,8,b"))])
def test_read_right(shop, data):
    shop.put("z.csv", data)
    rows = shop.conform(SOURCE).rows
    assert rows[rows.source_file == "z.csv"].items_jpy.tolist() == [2200, 3300]


def test_swapped_columns_behind_a_second_header_are_no_silent_wrong_number(shop):
    shop.put("z.csv", "order_no,ordered_at,items_jpy,shipping_jpy,customer_id\n101,2024-02-01,2200,500,7\n"
             "order_no,ordered_at,shipping_jpy,items_jpy,customer_id\n102,2024-02-02,500,3300,8\n")
    refused(shop, errors.INPUT_INVALID, "途中から列の並び", "row 3")


def test_half_width_kana_is_not_taken_for_utf8(shop):
    """ﾃｨ and the like are two bytes that UTF-8 knows as well."""
    shop.put("z.csv", (HEAD + "".join(f"{n},2024-02-01,100,7,ﾃｱ ﾐﾎﾝ 縺ゃ堰\n" for n in range(100, 400))).encode("cp932"))
    account = shop.conform(SOURCE).accounts[-1]
    assert (account.file, account.encoding, account.used) == ("z.csv", "cp932", 300)


def test_what_systems_lay_beside_is_no_file_of_the_clients(shop):
    for name in ("._z.csv", "~$z.xlsx", "Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX/z.csv"):
        shop.put(name, b"\0\5\26\7")
    assert [a.file for a in shop.conform(SOURCE).accounts] == ["good.csv"]


def test_names_with_marks_of_their_own_are_one_name(shop):
    shop.put(unicodedata.normalize("NFD", "受注データ_ガギグ.csv"), HEAD + ROW)
    assert [a.file for a in shop.conform(SOURCE | {"path": "受注データ_*.csv"}).accounts] == ["受注データ_ガギグ.csv"]


def test_links_that_lead_out_or_nowhere(shop, tmp_path):
    (tmp_path / "secret.csv").write_text(HEAD + ROW, "utf-8")
    link = shop.folder.raw / "l.csv"
    link.symlink_to(tmp_path / "secret.csv")
    refused(shop, errors.INPUT_MISSING, "フォルダの外", "raw/l.csv")
    link.unlink()
    link.symlink_to(shop.folder.raw / "none.csv")
    refused(shop, errors.INPUT_MISSING, "リンク先のファイルがありません", "raw/l.csv")


def changing(monkeypatch, how):
    """A file is written to, or taken away, while it is read."""
    real = read.stage

    def stage(folder, file, *rest):
        if file.name == "z.csv":
            how(file)
        return real(folder, file, *rest)

    monkeypatch.setattr(read, "stage", stage)


@pytest.mark.parametrize(("how", "said"), [
    (lambda file: file.write_bytes(file.read_bytes() + b"103,2024-02-03,1,9,x\n"), "読んでいる間に変わりました"),
    (lambda file: file.unlink(missing_ok=True), "読んでいる間に無くなりました")])
def test_a_file_that_grows_or_vanishes(shop, monkeypatch, how, said):
    shop.put("z.csv", HEAD + ROW)
    changing(monkeypatch, how)
    refused(shop, errors.INPUT_MISSING, said, "raw/z.csv", whole=True)
    assert intake.facts(shop.folder) is None


def test_the_run_after_it_reads_the_whole_file(shop, monkeypatch):
    shop.put("z.csv", HEAD + ROW)
    changing(monkeypatch, lambda file: file.write_bytes(file.read_bytes() + b"103,2024-02-03,1,9,x\n"))
    refused(shop, errors.INPUT_MISSING, whole=True)
    monkeypatch.undo()
    shop.run([SOURCE])
    assert shop.report().loc["z.csv", "rows_used"] == 2


def test_orders_below_zero_and_an_order_like_no_other_are_pointed_out(shop):
    shop.put("z.csv", HEAD + "".join(f"{n},2024-02-01,1100,7,a\n" for n in range(100, 200))
             + "300,2024-02-01,-2200,7,a\n301,2024-02-01,990000000,7,a\n")
    notes = {n["id"]: n for n in shop.run([SOURCE])["notes"]}
    assert notes["orders_below_zero"]["orders"] == 1
    assert (notes["giant_order"]["file"], notes["giant_order"]["row"]) == ("z.csv", 103)


def test_what_splits_people_and_products_without_a_word_is_pointed_out(shop):
    """One shop's orders under two names, codes in two cases, phones cut by Excel, members of no shop."""
    lines = "order_no,ordered_at,items_jpy,customer_id,name,phone,sku,qty,unit_price_jpy\n101,2024-02-01,2200,7,a,9.01E+10,{},1,2200\n"
    shop.put("a.csv", lines.format("HK-1") + "102,2024-02-01,1100,7,a,,A,1,1100\n")
    shop.put("b.csv", lines.format("hk-1") + "102,2024-02-01,3300,7,a,,A,1,3300\n")
    shop.put("c.csv", "会員,sex\n7,男\n")
    notes = shop.run([SOURCE | {"path": "a.csv", "shop": "本店"}, SOURCE | {"path": "b.csv", "shop": "支店"},
                      {"path": "c.csv", "preset": "generic_customers", "columns": {"customer_id": "会員"}}])["notes"]
    told = {n.pop("id"): n for n in notes if n.get("file") != "b.csv"}
    assert told["orders_in_two_shops"] == {"first": "支店", "second": "本店", "orders": 1}
    assert told["skus_in_two_cases"] == {"n": 1, "first": "HK-1", "second": "hk-1"}
    assert told["phones_cut"] == {"cells": 1, "file": "a.csv"}
    assert told["members_of_another_shop"] == {"file": "c.csv", "shop": "main", "shops": "支店、本店"}


def test_the_check_never_shows_a_traceback(shop, monkeypatch, capsys):
    """Whatever bytes come: an exit code of ours, and words."""
    monkeypatch.setenv("SHINDAN_CLIENTS", str(shop.folder.path.parent))
    shop.settings([SOURCE])
    for seed in range(6):
        shop.put("z.csv", bytes((i * (seed * 37 + 11) + i // 7) % 256 for i in range(3000)))
        assert cli.main(["check", "shop"]) in (errors.OK, errors.INPUT_MISSING, errors.INPUT_INVALID)
        assert "Traceback" not in capsys.readouterr().err
