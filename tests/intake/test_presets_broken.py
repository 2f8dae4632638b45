"""A quirk of a format, broken: the file is refused, with its name, the row and the reason."""

import dataclasses
import inspect
import re

import pytest
from tests.intake import test_presets_customers as members
from tests.intake.formats import carts, malls
from tests.intake.formats.kinds import FORMATS, told
from tests.intake.formats.shop import ORDERS

from shindan import config, errors
from shindan.intake import presets, reasons
from shindan.intake.fields import COMPLAINTS, FieldReader

FEW = ORDERS[:4]


def data(form, orders=FEW, file=0):
    return list(form(orders).values())[file]


def replaced(old, new, form, orders=FEW, encoding="cp932", count=1):
    text = data(form, orders).decode(encoding)
    assert old in text
    return text.replace(old, new, count).encode(encoding)


def told_by(shop, orders=FEW):
    """Orders as far as a format tells of them."""
    return [told(o, FORMATS[shop].tells) for o in orders]


ON_ITS_FIRST_ROW = "その行から始まる受注"   # of an order whose amounts do not add up
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
    "a fee that is not the one billed": (replaced(",330.00,1,10,,3,", ",430.00,1,10,,3,", carts.eccube4), "eccube4_order", "row 4", "請求額と内訳"),
    "fees and points that cannot be told from products": (
        replaced("明細区分(ID)", "x", carts.eccube4), "eccube4_order", ON_ITS_FIRST_ROW, "請求額と内訳"),
    "prices with tax where they come without": (replaced(",1000,2,10,", ",1100,2,10,", carts.eccube3, told_by("eccube3")),
                                                "eccube3_order", "row 2", "明細の合計"),
    "a bill that is not its parts": (replaced(",2960,2960,", ",2960,2961,", carts.eccube2, told_by("eccube2")), "eccube2_order", "row 3", "請求額と内訳"),
    "an order without its first row": (
        b"\n".join(rows[n] for rows in [data(carts.shopify, told_by("shopify", ORDERS[:3])).split(b"\n")] for n in (0, -2, -1)),
        "shopify_orders", "row 2, column `order total`", "最初の行がありません"),
    "an order that lost its last row": (
        data(carts.shopify, told_by("shopify", ORDERS[:3])).rsplit(b"#1003", 1)[0], "shopify_orders", ON_ITS_FIRST_ROW, "明細の合計"),
    "dollars among yen": (replaced(",JPY,", ",USD,", carts.shopify, told_by("shopify"), "utf-8"), "shopify_orders",
                          "row 2, column `Currency`", "別の通貨"),
    "an amount dressed for a web page": (replaced("2000.00", "&#165;2000", carts.woocommerce, told_by("woocommerce"), "utf-8-sig"),
                                         "woocommerce_analytics", "row 2, column `Net Sales`", "not an amount"),
    "a translated header": (data(carts.woocommerce, told_by("woocommerce")).replace(b"Net Sales", "純売上".encode()),
                            "woocommerce_analytics", "a.csv, row 1", "items_jpy ← Net Sales"),
    "a total that its parts do not make": (replaced(",2750,", ",2700,", carts.colorme, told_by("colorme")), "colorme_sales",
                                           "row 2", "請求額と内訳"),
    "a tax in words": (replaced(",2200,200,", ",2200,内税,", carts.colorme, told_by("colorme")), "colorme_sales",
                       "row 2, column `消費税(商品合計に対する)`", "not an amount"),
    "half of a status": (replaced("売上完了", "謎の状態", carts.ecforce_order), "ecforce_order", "row 2", "配送完了 / 謎の状態"),
    "a subtotal that differs within an order": (
        data(carts.ecforce_line).replace(b",2180,", b",1180,", 1),
        "ecforce_line", "row 3, column `order total`", "金額が違います"),
    "a bill before discounts in place of the one behind them": (
        data(carts.futureshop).replace("請求合計金額".encode("cp932"), b"x", 1).replace("総合計金額".encode("cp932"), "請求合計金額".encode("cp932"), 1),
        "futureshop_order", "row 3", "請求額と内訳"),
    "a coupon Rakuten pays, without its column": (
        replaced("楽天発行クーポン利用額", "x", malls.rakuten, told_by("rakuten", ORDERS[11:12])), "rakuten_rpay", "row 2", "請求額と内訳"),
    "a fee beside the one Rakuten billed": (
        replaced(",330,0,", ",330,110,", malls.rakuten, told_by("rakuten"), count=2), "rakuten_rpay", "row 3", "請求額と内訳"),
    "an older status nobody explained": (replaced("処理済", "保留中", malls.rakuten_legacy, told_by("rakuten_old")), "rakuten_legacy",
                                         "row 2", "保留中"),
    "an order merged into another": (replaced(",5,", ",8,", malls.yahoo), "yahoo_order", "row 2", "`8`"),
    "a shipment cut by Excel": (replaced("D10010", "1.23E+12", malls.amazon_fba, told_by("amazon_fba")), "amazon_fba",
                                "row 2, column `shipment-item-id`", "1.23E+12"),
    "pieces in words": (replaced("\t2\tJPY", "\ttwo\tJPY", malls.amazon_fba, told_by("amazon_fba")), "amazon_fba",
                        "row 2, column `quantity-shipped`", "not a number"),
    "a total that is not the goods and the rest": (replaced(",2750,", ",2570,", malls.nextengine_hanyo, told_by("ne_hanyo")),
                                                   "nextengine_hanyo", "row 2", "請求額と内訳"),
    "a slip without its kind of cancellation": (
        data(malls.nextengine).replace("受注キャンセル区分".encode("cp932"), b"x", 1), "nextengine_slip", "a.csv, row 1", "受注キャンセル区分"),
    "a slip's origin cut by Excel": (
        data(lambda o: malls.nextengine(o, {"1002": "1.0E+05"}), told_by("nextengine")), "nextengine_slip", "row 3, column `分割元伝票番号`", "1.23E+12"),
    "a mall's own word for a status": (replaced("完了", "出荷済", malls.aupay), "aupay_order", "row 2", "出荷済"),
    "a price that is none": (replaced(",1100,", ",千百,", malls.qoo10, told_by("qoo10")), "qoo10_order", "row 2, column `販売価格`", "not an amount"),
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
    assert JAPANESE.search(stop.value.what) and JAPANESE.search(stop.value.mend)


JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]{3}")
ITEMS = data(malls.yahoo, file=1)
SECOND = {
    # quirk of the second file of two: ({file: (bytes, preset)}, where, reason)
    "lines that lost a row": (
        {"o.csv": (data(malls.yahoo), "yahoo_order"), "i.csv": (b"\r\n".join(ITEMS.split(b"\r\n")[:3]) + b"\r\n", "yahoo_item")},
        "raw/o.csv, row 3", "請求額と内訳"),
    "a price in words": (
        {"o.csv": (data(malls.yahoo), "yahoo_order"), "i.csv": (ITEMS.replace(b",1100,", b",eleven,", 1), "yahoo_item")},
        "raw/i.csv, row 2, column `UnitPrice`", "金額として"),
    "a line's flag left out": (
        {"o.csv": (data(malls.nextengine, told_by("nextengine")), "nextengine_slip"),
         "i.csv": (data(malls.nextengine, told_by("nextengine"), file=1).replace("キャンセルフラグ".encode("cp932"), b"x", 1), "nextengine_detail")},
        "raw/o.csv, row 2", "明細の合計"),
    "a birthday of 31 February": (
        {"o.csv": (data(carts.eccube4), "eccube4_order"), "i.csv": (members.eccube4().replace(b"1980-03-04", b"1980-02-31", 1), "eccube4_customer")},
        "raw/i.csv, row 2, column `誕生日`", "日付として"),
    "a word for a count": (
        {"o.csv": (data(carts.eccube2, told_by("eccube2")), "eccube2_order"),
         "i.csv": (members.eccube2().replace(b",2,", b",two,", 1), "eccube2_customer")}, "raw/i.csv, row 2, column `購入回数`", "数として"),
    "a customer number cut by Excel": (
        {"o.csv": (data(carts.shopify, told_by("shopify")), "shopify_orders"), "i.csv": (members.shopify().replace(b"'551", b"5.5E+12", 1), "shopify_customers")},
        "raw/i.csv, row 2, column `Customer ID`", "指数表記"),
}


@pytest.mark.parametrize("quirk", SECOND)
def test_a_second_file_is_refused_with_file_row_and_reason(client, quirk):
    files, where, reason = SECOND[quirk]
    for name, (content, _) in files.items():
        client.put(name, content)
    with pytest.raises(errors.ShindanError) as stop:
        client.run([{"path": name, "preset": preset} for name, (_, preset) in files.items()])
    assert where in stop.value.where and reason in stop.value.what and JAPANESE.search(stop.value.mend)


def test_every_verified_preset_of_orders_and_people_has_a_broken_file():
    """Ads, mail and surveys have theirs in the files of their own."""
    broken = {preset for _, preset, *_ in BROKEN.values()} | {p for files, *_ in SECOND.values() for _, p in files.values()}
    verified = {n for n in presets.names() if presets.load(n).verified is True and presets.load(n).table in ("orders", "customers")}
    assert {n for n in verified if not n.startswith("generic_")} - broken == {"mailchimp_audience"}


def test_every_reason_has_its_words():
    used = set(re.findall(r'"([a-z_0-9]+)"', " ".join(inspect.getsource(f) for f in (FieldReader.complaint, FieldReader._complaint))))
    used = {w for w in used | set(COMPLAINTS.values()) if "_" in w} - {"e_notation", "birth_date", "_jpy"}  # e_notation stops the run
    assert used <= set(reasons.REASONS)


@pytest.mark.parametrize("preset", ["makeshop_order", "crossmall_order", "futureshop_tencho"])
def test_a_format_nobody_has_seen_asks_for_its_columns(client, preset):
    client.put("a.csv", "注文番号,日付\n1,2024/01/05\n")
    with pytest.raises(errors.ShindanError, match="nobody has seen which columns") as stop:
        client.run([{"path": "a.csv", "preset": preset}])
    assert stop.value.code == errors.BAD_CONFIG and "columns" in stop.value.mend


def test_makeshop_with_its_columns_named(client):
    client.put("a.csv", "日付,注文時間,注文番号,注文者,処理状況,総額,mail\r\n"
                        "2022/8/10,103309,P1,山田,配送,1100,a@x.jp\r\n2022/8/10,93309,P2,山田,注文キャンセル,2200,a@x.jp\r\n".encode("cp932"))
    source = {"path": "a.csv", "preset": "makeshop_order", "columns": {"billed_jpy": "総額", "email": "mail"}}
    orders = client.price(source).orders.set_index("order_no")
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
