"""Writers of mall and back-office formats: orders of shop.py -> {file name: bytes}."""

import csv

from tests.intake.formats.carts import slash
from tests.intake.formats.sheet import write


def rakuten(orders):
    """A row per product and address; -9999 is not settled yet; addresses are masked."""
    words = {"valid": "500", "cancelled": "900", "pending": "800"}
    rows = []
    for o in orders:
        first, second, third = o.person.phone.split("-")
        order = {
            "注文番号": f"123456-{o.at[:10].replace('-', '')}-000000{o.no}", "ステータス": words[o.status],
            "注文日時": slash(o.at), "注文日": slash(o.at)[:10], "注文時間": o.at[11:], "注文種別": 4 if o.subscription else 1,
            "送付先一致フラグ": 1, "商品合計金額": o.items, "消費税合計": -9999, "送料合計": o.shipping, "代引料合計": o.fee,
            "請求金額": o.billed, "合計金額": o.items + o.shipping + o.fee, "ポイント利用額": o.points,
            "クーポン利用総額": o.coupon + o.mall_coupon, "店舗発行クーポン利用額": o.coupon, "決済手数料": o.fee, "注文者負担金合計": 0,
            "楽天発行クーポン利用額": o.mall_coupon, "注文者姓": o.person.surname, "注文者名": o.person.given,
            "注文者姓カナ": o.person.surname_kana, "注文者名カナ": o.person.given_kana, "注文者電話番号1": first,
            "注文者電話番号2": second, "注文者電話番号3": third,
            "注文者メールアドレス": f"abc{o.member}@pc.fw.rakuten.ne.jp", "申込番号": o.subscription,
            "申込お届け回数": o.seq or "", "コメント": '[配送日時指定:]\r\n午前中, "必ず"', "支払方法名": "クレジットカード"}
        rows += [{**order, "送付先ID": 1, "商品明細ID": n, "商品名": x.name, "商品管理番号": x.sku, "単価": x.price,
                  "個数": x.qty, "税込別": 1, "商品税率": f"0.{x.rate:02d}".rstrip("0")} for n, x in enumerate(o.lines, 1)]
    return {"rakuten_20240301.csv": write("rakuten_rpay", rows)}


def rakuten_legacy(orders):
    """Headers that say their own sentinel: 送料(-99999=無効値)."""
    words = {"valid": "処理済", "cancelled": "キャンセル"}
    rows = [{
        "受注番号": o.no, "受注ステータス": words[o.status], "注文日": slash(o.at)[:10], "注文時間": o.at[11:],
        "合計": o.items, "消費税(-99999=無効値)": 0, "送料(-99999=無効値)": o.shipping, "代引料(-99999=無効値)": o.fee or -99999,
        "合計金額(-99999=無効値)": o.items + o.shipping + o.fee, "請求金額(-99999=無効値)": o.billed,
        "メールアドレス": o.person.email, "注文者名字": o.person.surname, "注文者名前": o.person.given, "商品番号": x.sku,
        "商品名": x.name, "単価": x.price, "個数": x.qty,
    } for o in orders for x in o.lines]
    return {"rakuten_old.csv": write("rakuten_legacy", rows)}


def yahoo(orders):
    """Two files, joined on OrderId."""
    words = {"valid": "5", "cancelled": "4", "pending": "3"}
    heads = [{
        "OrderId": f"shop-{o.no}", "Id": f"shop-{o.no}", "OrderTime": slash(o.at), "OrderStatus": words[o.status],
        "BillMailAddress": o.person.email, "BillLastName": o.person.surname, "BillFirstName": o.person.given,
        "BillPhoneNumber": o.person.phone, "ShipCharge": o.shipping, "PayCharge": o.fee, "GiftWrapCharge": 0,
        "Discount": o.coupon, "UsePoint": o.points, "TotalMallCouponDiscount": o.mall_coupon, "Total": o.items,
        "TotalPrice": o.billed,
    } for o in orders]
    items = [{
        "OrderId": f"shop-{o.no}", "LineId": n, "Quantity": x.qty, "ItemId": x.sku, "Title": x.name, "UnitPrice": x.price,
        "LineSubTotal": x.amount, "Id": f"shop-{o.no}",
    } for o in orders for n, x in enumerate(o.lines, 1)]
    return {"yahoo_order.csv": write("yahoo_order", heads), "yahoo_item.csv": write("yahoo_item", items)}


def amazon(orders):
    """Tabs, no quoting: a quotation mark in a name stands as it is. Nobody is named."""
    words = {"valid": "Shipped", "cancelled": "Cancelled", "pending": "Pending"}
    rows = [{
        "amazon-order-id": f"250-0000000-000{o.no}", "purchase-date": o.at.replace(" ", "T") + "+09:00",
        "last-updated-date": o.at.replace(" ", "T") + "+09:00", "order-status": words[o.status],
        "sales-channel": "Amazon.co.jp", "product-name": f'{x.name} 5" サイズ', "sku": x.sku,
        "item-status": words[o.status], "quantity": x.qty, "currency": "JPY", "item-price": f"{x.amount}.0",
        "item-tax": "0.0", "shipping-price": f"{o.shipping}.0" if n == 0 else "",
        "item-promotion-discount": f"{o.coupon}.0" if n == 0 and o.coupon else "",
    } for o in orders for n, x in enumerate(o.lines)]
    return {"amazon_all.txt": write("amazon_all_orders", rows, quoting=csv.QUOTE_NONE, delimiter="\t")}


def amazon_fba(orders):
    """A row per product and shipment: the same order comes back."""
    rows = [{
        "amazon-order-id": f"250-0000000-000{o.no}", "shipment-id": f"S{n}", "shipment-item-id": f"D{o.no}{n}",
        "purchase-date": o.at.replace(" ", "T") + "+09:00", "shipment-date": o.at.replace(" ", "T") + "+09:00",
        "buyer-email": f"xyz{o.member}@marketplace.amazon.co.jp", "sku": x.sku, "product-name": x.name,
        "quantity-shipped": x.qty, "currency": "JPY", "item-price": x.amount,
        "shipping-price": o.shipping if n == 0 else 0, "item-promotion-discount": -o.coupon if n == 0 else 0,
    } for o in orders for n, x in enumerate(o.lines)]
    return {"amazon_fba.txt": write("amazon_fba", rows, quoting=csv.QUOTE_NONE, delimiter="\t")}


def nextengine_hanyo(orders):
    """A row per product; その他費用 below zero is a mall's coupon."""
    rows = [{
        "店舗伝票番号": o.no, "受注日": slash(o.at), "受注名": f"{o.person.surname}{o.person.given}", "顧客コード": o.member,
        "受注名カナ": o.person.surname_kana + o.person.given_kana, "受注電話番号": o.person.phone,
        "受注メールアドレス": o.person.email, "商品計": o.items, "税金": 0, "発送料": o.shipping, "手数料": o.fee,
        "ポイント": o.points, "その他費用": -o.mall_coupon, "合計金額": o.billed, "商品名": x.name, "商品コード": x.sku,
        "商品価格": x.price, "受注数量": x.qty, "消費税率（%）": x.rate, "受注住所１": "東京都",
    } for o in orders for x in o.lines]
    return {"ne_hanyo.csv": write("nextengine_hanyo", rows)}


def nextengine(orders, split_off=()):
    """Slips and their lines; prices without tax; a merged slip lives on as a cancelled one (区分 3).

    `split_off` {slip: the slip it was split off}: its mall's number goes on with -bk-1.
    """
    slips, details = [], []
    for o in orders:
        bare = sum(x.bare * x.qty for x in o.lines)
        slips.append({
            "伝票番号": o.no, "受注番号": f"m-{o.no}", "分割元伝票番号": dict(split_off).get(o.no, 0), "受注日": slash(o.at), "購入者名": o.person.surname + o.person.given,
            "総合計": o.billed, "商品計": bare, "税金": o.items - bare, "発送代": o.shipping, "手数料": o.fee,
            "他費用": -o.mall_coupon, "ポイント数": o.points,
            "受注キャンセル区分": 3 if o.status == "cancelled" else 0, "購入者メールアドレス": o.person.email, "顧客コード": o.member})
        details += [{"伝票番号": o.no, "明細行番号": n, "商品コード": x.sku, "商品名": x.name, "受注数": x.qty, "単価": x.bare,
                     "小計金額": x.bare * x.qty, "キャンセルフラグ": 0} for n, x in enumerate(o.lines, 1)]
        details.append({"伝票番号": o.no, "明細行番号": 99, "商品コード": "X-9", "商品名": "取消した品", "受注数": 1, "単価": 999,
                        "小計金額": 999, "キャンセルフラグ": 1})
    return {"ne_slip.csv": write("nextengine_slip", slips), "ne_detail.csv": write("nextengine_detail", details)}


def aupay(orders):
    """A row per product; a cancelled product stays with its flag."""
    words = {"valid": "完了", "cancelled": "キャンセル", "pending": "発送前入金待ち"}
    rows = [{
        "orderId": o.no, "orderDate": slash(o.at)[:16], "mailAddress": o.person.email,
        "ordererName": f"{o.person.surname}{o.person.given}", "ordererPhoneNumber1": o.person.phone,
        "orderStatus": words[o.status], "cancelStatus": "Y" if o.status == "cancelled" else "N",
        "totalSalePrice": o.items, "postagePrice": o.shipping, "chargePrice": o.fee, "couponTotalPrice": o.coupon,
        "usePoint": o.points, "useAuPointPrice": 0, "requestPrice": o.billed, "orderDetailId": f"{o.no}{n}",
        "itemCode": x.sku, "itemName": x.name, "itemCancelStatus": "N", "itemPrice": x.price, "unit": x.qty,
        "totalItemPrice": x.amount,
    } for o in orders for n, x in enumerate(o.lines)]
    return {"aupay.csv": write("aupay_order", rows)}


def qoo10(orders):
    """注文番号 numbers lines, カート番号 orders; neither e-mail nor member id."""
    rows = [{
        "配送状態": "キャンセル" if o.status == "cancelled" else "配送完了", "注文番号": f"7{o.no}{n}", "カート番号": f"9{o.no}",
        "注文日": slash(o.at), "商品名": x.name, "数量": x.qty, "販売者商品コード": x.sku, "販売価格": x.price,
        "割引額": f"-{o.coupon}" if n == 0 and o.coupon else "0", "購入者名": f"{o.person.surname}{o.person.given}",
        "購入者名(フリガナ)": o.person.surname_kana + o.person.given_kana, "購入者携帯電話番号": f"+81-{o.person.phone[1:]}",
    } for o in orders for n, x in enumerate(o.lines)]
    return {"qoo10.csv": write("qoo10_order", rows)}
