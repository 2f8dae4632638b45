"""Writers of cart formats: orders of shop.py -> {file name: bytes}."""

import csv

from tests.intake.formats.sheet import write

EC_STATUS = {"valid": ("5", "発送済み"), "cancelled": ("3", "注文取消し"), "returned": ("9", "返品"),
             "pending": ("7", "決済処理中")}
EC2_STATUS = {"valid": "発送済み", "cancelled": "キャンセル", "pending": "入金待ち"}


def slash(at):
    """2024-01-05 10:11:12 -> 2024/01/05 10:11:12."""
    return at.replace("-", "/")


def member(o):
    return "" if o.guest else str(o.member)


def eccube4(orders):
    """A row per order item, with pseudo-rows; 価格 without tax for products only; the second 送料 is blank."""
    rows = []
    for o in orders:
        p, (code, words) = o.person, EC_STATUS[o.status]
        order = {
            "注文ID": o.no, "注文番号": o.no, "会員ID": member(o), "お名前(姓)": p.surname, "お名前(名)": p.given,
            "お名前(セイ)": p.surname_kana, "お名前(メイ)": p.given_kana, "郵便番号": p.postcode.replace("-", ""),
            "メールアドレス": p.email, "TEL": p.phone.replace("-", ""), "小計": f"{o.items}.00",
            "値引き": f"{o.coupon + o.points}.00", "送料": f"{o.shipping}.00", "税金": "0.00",
            "合計": f"{o.billed}.00", "支払合計": f"{o.billed}.00", "対応状況(ID)": code, "対応状況(名称)": words,
            "支払方法(名称)": "クレジットカード", "受注日": o.at}
        items = [(1, "商品", x.name, x.sku, x.bare, x.qty, x.rate) for x in o.lines]
        extra = [(2, "送料", o.shipping), (3, "手数料", o.fee), (4, "割引", -o.coupon), (6, "ポイント", -o.points)]
        items += [(kind, name, name, "", price, 1, 0 if kind == 6 else 10) for kind, name, price in extra if price]
        for n, (kind, words, name, sku, price, qty, rate) in enumerate(items):
            rows.append({**order, "注文詳細ID": f"{o.no}{n}", "商品名": name, "商品コード": sku, "価格": f"{price}.00",
                         "個数": qty, "税率": rate, "明細区分(ID)": kind, "明細区分(名称)": words})
    return {"order_20240301000000.csv": write("eccube4_order", rows, newline="\n")}


def eccube3(orders):
    """A row per product; fees stand nowhere but in 合計."""
    rows = [{
        "注文ID": o.no, "会員ID": member(o), "お名前(姓)": o.person.surname, "お名前(名)": o.person.given,
        "メールアドレス": o.person.email, **dict(zip(("TEL1", "TEL2", "TEL3"), o.person.phone.split("-"), strict=True)),
        "小計": o.items, "値引き": o.coupon, "送料": o.shipping, "合計": o.billed, "支払合計": o.billed,
        "対応状況(名称)": EC2_STATUS[o.status], "受注日": o.at, "注文詳細ID": f"{o.no}{n}", "商品名": x.name,
        "商品コード": x.sku, "価格": x.bare, "個数": x.qty, "税率": x.rate,
    } for o in orders for n, x in enumerate(o.lines)]
    return {"ec3.csv": write("eccube3_order", rows, newline="\n")}


def eccube2(orders):
    """A row per order; no products."""
    rows = [{
        "注文番号": o.no, "会員ID": member(o), "お名前(姓)": o.person.surname, "お名前(名)": o.person.given,
        "お名前(フリガナ・姓)": o.person.surname_kana, "お名前(フリガナ名)": o.person.given_kana,
        "メールアドレス": o.person.email,
        **dict(zip(("電話番号1", "電話番号2", "電話番号3"), o.person.phone.split("-"), strict=True)),
        "小計": o.items, "値引き": o.coupon, "送料": o.shipping, "手数料": o.fee, "使用ポイント": o.points,
        "合計": o.billed + o.points, "お支払い合計": o.billed, "対応状況": EC2_STATUS[o.status], "注文日時": o.at,
    } for o in orders]
    return {"ec2.csv": write("eccube2_order", rows)}


def shopify(orders, taxes_on_top=False, shipping_cut=0, cut_is_told="before"):
    """Order values on the first row only; notes hold newlines; an offset on every time.

    A code took `shipping_cut` off shipping; Shipping is what it was before that, or after.
    """
    gross = shipping_cut if cut_is_told == "before" else 0
    money = {"valid": "paid", "cancelled": "voided", "returned": "refunded", "pending": "pending"}
    rows = []
    for o in orders:
        tax = sum(x.amount - x.bare * x.qty for x in o.lines) if taxes_on_top else 0
        for n, x in enumerate(o.lines):
            price = x.bare if taxes_on_top else x.price
            row = {"Name": f"#{o.no}", "Email": o.person.email, "Created at": f"{o.at} +0900",
                   "Lineitem quantity": x.qty, "Lineitem name": x.name, "Lineitem price": f"{price}",
                   "Lineitem sku": x.sku, "Lineitem discount": "0", "Vendor": "みほん", "Phone": o.person.phone}
            if n == 0:
                row |= {"Financial Status": "partially_refunded" if o.refund else money[o.status], "Currency": "JPY",
                        "Paid at": f"{o.at} +0900", "Subtotal": o.items - tax - o.coupon, "Shipping": o.shipping + gross,
                        "Taxes": tax, "Total": o.billed, "Discount Code": "SPRING" if o.coupon else "",
                        "Discount Amount": o.coupon + shipping_cut, "Billing Name": f"{o.person.surname} {o.person.given}",
                        "Billing Zip": f"'{o.person.postcode}", "Refunded Amount": o.refund,
                        "Note Attributes": 'UTM source: google\nUTM medium: cpc\nギフト: "はい"',
                        "Cancelled at": f"{o.at} +0900" if o.status == "cancelled" else "", "Id": f"55{o.no}",
                        "Source": "subscription_contract_checkout_one" if o.subscription else "web"}
            rows.append(row)
    return {"orders_export_1.csv": write("shopify_orders", rows, "utf-8", "\n")}


def woocommerce(orders):
    """A row per order without tax and shipping; a refund is a row of its own, below zero."""
    words = {"valid": "completed", "cancelled": "cancelled", "pending": "on-hold"}
    rows = []
    for o in orders:
        net = (o.items - o.coupon) * 10 // 11
        same = {"Order #": o.no, "Customer": f"{o.person.given} {o.person.surname}", "Customer type": "new"}
        rows.append({**same, "Date": o.at, "Status": words[o.status], "Net Sales": f"{net}.00",
                     "N. Revenue (formatted)": f"&#165;{net}", "Items sold": sum(x.qty for x in o.lines),
                     "Product(s)": ", ".join(f"{x.qty}× {x.name}" for x in o.lines), "Attribution": "Organic: Google"})
        if o.refund:
            rows.append({**same, "Date": o.at.replace("12:", "13:"), "Status": "refunded",
                         "Net Sales": f"-{o.refund * 10 // 11}.00"})
    return {"wc-orders-report-export.csv": write("woocommerce_analytics", rows, "utf-8-sig", "\n")}


def colorme(orders):
    """A row per product and address; days only; 発送状態 stands twice."""
    rows = [{
        "売上ID": o.no, "受注日": slash(o.at)[:10], "PC・携帯区分": "PC", "購入者 顧客ID": member(o),
        "購入者 名前": f"{o.person.surname} {o.person.given}", "購入者 メールアドレス": o.person.email,
        "購入者 電話番号": o.person.phone, "商品の合計金額(税込)": o.items,
        "消費税(商品合計に対する)": o.tax, "送料合計": o.shipping, "決済手数料": o.fee,
        "ショップポイントによる割引金額": o.points, "外部ポイントによる割引金額": 0, "割引名称": "クーポン" if o.coupon else "",
        "割引金額": o.coupon, "総合計金額": o.billed, "発送状態": "キャンセル" if o.status == "cancelled" else "発送済み",
        "配送先ID": 1, "発送状態#2": "", "売上詳細ID": f"{o.no}{n}", "購入商品 型番": x.sku, "購入商品 商品名": x.name,
        "購入商品 販売価格(消費税込)": x.price, "購入商品 販売個数": x.qty, "購入商品 小計": x.amount,
    } for o in orders for n, x in enumerate(o.lines)]
    return {"sales_all.csv": write("colorme_sales", rows, newline="\n")}


def base(orders):
    """A row per product; an option is a row of its own; the order's total repeats."""
    rows = []
    for o in orders:
        order = {
            "注文ID": o.no, "注文日時": o.at, "氏(請求先)": o.person.surname, "名(請求先)": o.person.given,
            "電話番号(請求先)": o.person.phone, "メールアドレス(請求先)": o.person.email, "合計金額": o.billed,
            "送料": o.shipping, "代引き手数料": o.fee, "発送状況": "キャンセル" if o.status == "cancelled" else "発送済み",
            "購入元": "BASE", "調整金額": 0}
        for x in o.lines:
            rows.append({**order, "商品名": x.name, "価格": x.price, "税率": f"{x.rate}%", "数量": x.qty, "商品ID": x.sku})
            rows.append({**order, "商品名": "商品オプション「ギフト」", "バリエーション": "なし", "価格": 0, "数量": x.qty})
    return {"base.csv": write("base_orders", rows)}


def stores(orders):
    """Every cell quoted; the order's total repeats."""
    words = {"valid": "発送済み", "cancelled": "キャンセル", "pending": "入金待ち"}
    rows = [{
        "オーダー番号": f"100000{o.no}", "ステータス": words[o.status], "オーダー日": slash(o.at)[:10], "アイテム名": x.name,
        "個数": x.qty, "小計": x.amount, "配送料": o.shipping, "合計": o.billed, "内消費税": o.tax + o.shipping * 10 // 110, "氏(購入者)": o.person.surname,
        "名(購入者)": o.person.given, "電話番号(購入者)": o.person.phone, "メールアドレス": o.person.email,
    } for o in orders for x in o.lines]
    return {"stores.csv": write("stores_order", rows, quoting=csv.QUOTE_ALL)}


def _ecforce(o):
    work = {"valid": "配送完了", "cancelled": "キャンセル", "returned": "返品", "pending": "注文確定"}
    pay = {"valid": "売上完了", "cancelled": "取消完了", "returned": "売上完了", "pending": "与信保留"}
    return {
        "受注ID": f"4{o.no}", "受注番号": f"bdbfaf{o.no}", "顧客番号": f"c{o.member}", "メールアドレス": o.person.email,
        "購入URL": "lp_01", "定期受注番号": o.subscription, "小計": o.items, "支払い合計": 0 if o.no == "1001" else o.billed,
        "受注日": slash(o.at)[:16], "広告URLグループ名": "ナハト", "定期回数": o.seq or "", "送料": o.shipping,
        "手数料": o.fee, "割引": f"-{o.coupon}" if o.coupon else "0", "利用ポイント": o.points, "合計": o.billed,
        "対応状況": work[o.status], "決済状況": pay[o.status],
        "取消日": slash(o.at)[:10] if o.status == "cancelled" else ""}


def ecforce_order(orders):
    """A row per order; its product codes in one cell."""
    rows = [{**_ecforce(o), "購入商品（商品コード）": ",".join(x.sku for x in o.lines)} for o in orders]
    return {"ecforce.csv": write("ecforce_order", rows)}


def ecforce_line(orders):
    """A row per product; 小計 repeats."""
    rows = [{**_ecforce(o), "購入商品（商品コード）": x.sku, "購入商品（商品名）": x.name, "購入商品（単価）": x.price,
             "購入商品（個数）": x.qty} for o in orders for x in o.lines]
    return {"ecforce_line.csv": write("ecforce_line", rows, "utf-8-sig")}


def futureshop(orders):
    """A row per product and address; 総合計金額 is before, 請求合計金額 behind discounts."""
    words = {"valid": "処理済", "cancelled": "キャンセル", "returned": "返品"}
    rows = [{
        "受注コード": o.no, "注文日時": slash(o.at), "請求合計金額": o.billed, "総合計金額": o.items + o.shipping + o.fee,
        "商品合計金額": o.items, "送料": o.shipping, "決済手数料": o.fee, "処理状況区分": words[o.status],
        "会員ID": member(o), "氏名（姓）": o.person.surname, "氏名（名）": o.person.given,
        "フリガナ（姓）": o.person.surname_kana, "フリガナ（名）": o.person.given_kana,
        "メールアドレス（メイン）": o.person.email, "電話番号（メイン）": o.person.phone, "商品番号": x.sku, "商品名": x.name,
        "販売単価": x.price, "購入数量": x.qty, "ポイント利用額": o.points, "割引合計金額(商品)": o.coupon,
        "お届け先住所１": "渋谷区",
    } for o in orders for x in o.lines]
    return {"futureshop.csv": write("futureshop_order", rows)}
