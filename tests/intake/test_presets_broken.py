"""A quirk of a format, broken: the file is refused, with its name, the row and the reason."""

import dataclasses

import pytest
from tests.intake.formats import carts, malls
from tests.intake.formats.shop import ORDERS

from shindan import config, errors
from shindan.intake import presets

FEW = ORDERS[:4]


def data(form, orders=FEW, file=0):
    return list(form(orders).values())[file]


def replaced(old, new, form, orders=FEW, encoding="cp932", count=1):
    text = data(form, orders).decode(encoding)
    assert old in text
    return text.replace(old, new, count).encode(encoding)


BROKEN = {
    # quirk: (bytes, preset, what the message names: file and row, reason)
    "an amount in words": (replaced("2200.00", "二千", carts.eccube4), "eccube4_order",
                           "row 2, column `小計`", "not an amount"),
    "a total that differs on another row of its order": (
        replaced("1002,1002,2,山﨑,太郎,ヤマザキ,タロウ,,1500001,,,,,taro@example.jp,09011112222,,,,,,,2180.00",
                 "1002,1002,2,山﨑,太郎,ヤマザキ,タロウ,,1500001,,,,,taro@example.jp,09011112222,,,,,,,9180.00", carts.eccube4),
        "eccube4_order", "row 4, column `order total`", "amounts differ within the order"),
    "an order number cut by Excel": (replaced("250-0000000-0001001", "2.5E+14", malls.amazon), "amazon_all_orders",
                                     "row 2, column `amazon-order-id`", "1.23E+12"),
    "a date that is none": (replaced("2024/01/05 10:11:12", "2024/13/45", malls.rakuten), "rakuten_rpay",
                            "row 2, column `注文日時`", "not a date"),
    "no date at all": (replaced("2024-01-05T10:11:12+09:00\t2024", "\t2024", malls.amazon), "amazon_all_orders",
                       "row 2, column `purchase-date`", "empty"),
    "an unescaped quotation mark": (replaced('ギフト: ""はい""', 'ギフト: "はい', carts.shopify, encoding="utf-8"),
                                    "shopify_orders", "a.csv, row", "行に分けられません"),
    "a character no one knows": (data(carts.colorme).replace("石けん".encode("cp932"), b"\x81\xff\xfe"), "colorme_sales",
                                 "raw/a.csv", "文字"),
    "a status nobody explained": (replaced(",500,", ",950,", malls.rakuten), "rakuten_rpay", "raw/a.csv", "950"),
    "a kind of line EC-CUBE does not have": (
        data(carts.eccube4).replace("10,,1,商品".encode("cp932"), "10,,9,商品".encode("cp932"), 1),
        "eccube4_order", "row 2, column `明細区分(ID)`", "not mapped"),
    "a number of pieces that is none": (data(carts.base).replace(b",10%,2,", b",10%,two,", 1), "base_orders",
                                        "row 2, column `数量`", "not a number"),
    "a row cut in two": (data(malls.yahoo, file=0).replace(b"2024/01/05", b'2024/01/05\r\n', 1), "yahoo_order",
                         "row 2, column `(row)`", "wrong number of cells"),
    "a column that is not there": (data(carts.futureshop).replace("処理状況区分".encode("cp932"), b"x", 1),
                                   "futureshop_order", "a.csv, row 1", "status ← 処理状況区分"),
    "the item file in place of the order file": (data(malls.yahoo, file=1), "yahoo_order", "a.csv, row 1", "ordered_at ← OrderTime"),
    "an order file without products in place of one with": (data(carts.eccube2), "eccube3_order", "a.csv, row 1", "sku ← "),
    "amounts that do not add up": (
        "".join(f"{n},2024/01/05,{n}@x.jp,1000,500,9999\r\n" if n else "オーダー番号,オーダー日,メールアドレス,合計,配送料,小計\r\n"
                for n in range(3)).replace("オーダー日", "オーダー日,ステータス").replace("2024/01/05", "2024/01/05,謎").encode("cp932"),
        "stores_order", "raw/a.csv", "謎"),
}


@pytest.mark.parametrize("quirk", BROKEN)
def test_refused_with_file_row_and_reason(client, quirk):
    content, preset, where, reason = BROKEN[quirk]
    client.put("a.csv", content)
    with pytest.raises(errors.ShindanError) as stop:
        client.run([{"path": "a.csv", "preset": preset}])
    said = f"{stop.value.what} {stop.value.where} {stop.value.mend}"
    assert stop.value.code in (errors.INPUT_INVALID, errors.INPUT_MISSING)
    assert "a.csv" in said and where in said and reason in said


@pytest.mark.parametrize("preset", ["makeshop_order", "crossmall_order", "futureshop_tencho"])
def test_a_format_nobody_has_seen_asks_for_its_columns(client, preset):
    client.put("a.csv", "注文番号,日付\n1,2024/01/05\n")
    with pytest.raises(errors.ShindanError, match="nobody has seen which columns") as stop:
        client.run([{"path": "a.csv", "preset": preset}])
    assert stop.value.code == errors.BAD_CONFIG and "columns" in stop.value.mend


def test_makeshop_with_its_columns_named(client):
    client.put("a.csv", "日付,注文時間,注文番号,注文者,処理状況,総額,mail\r\n"
                        "2022/8/10,103309,P1,山田,配送,1100,a@x.jp\r\n2022/8/10,93309,P2,山田,注文キャンセル,2200,a@x.jp\r\n".encode("cp932"))
    client.run([{"path": "a.csv", "preset": "makeshop_order", "columns": {"billed_jpy": "総額", "email": "mail"}}])
    orders = client.table("orders").set_index("order_no")
    assert orders.status.to_dict() == {"P1": "valid", "P2": "cancelled"} and orders.items_jpy["P1"] == 1100
    assert [str(t) for t in orders.ordered_at] == ["2022-08-10 10:33:09", "2022-08-10 09:33:09"]


def test_presets_say_what_they_are():
    for name in presets.names():
        preset = presets.load(name)
        assert preset.title and preset.evidence
        assert preset.verified is True or preset.unverified or preset.table not in ("orders", "customers"), name
        if preset.table == "orders" and not name.startswith("generic"):
            assert {"order_no"} <= set(preset.needs), name


def test_fields_have_one_meaning():
    with pytest.raises(errors.ShindanError, match="columns, `items_jpy`"):
        source = config.Source(path="a", preset="generic_orders", columns={"items_jpy": {"sum": ["a"]}})
        presets.for_source(source)


def test_every_word_of_the_vocabulary_is_used():
    """A word no preset uses is a word nobody needs (client.yaml's own: rest)."""
    used = {name for p in map(presets.load, presets.names()) for f in p.all_fields.values()
            for name in f.model_fields_set}
    words = {f.alias or n for n, f in presets.Field.model_fields.items()} - {"rest"}
    assert {w.rstrip("_") for w in words} <= {u.rstrip("_") for u in used}
    assert dataclasses.is_dataclass(ORDERS[0])
