"""The order and customer files of the cart: EC-CUBE 4 exports, CP932, one row per order item."""

import datetime
import itertools

import numpy as np
import pandas as pd
import pyarrow as pa

from shindan.demo import catalogue as cat
from shindan.demo import csvtext as text
from shindan.demo import orders

_ORDER = """注文ID 注文番号 会員ID お名前(姓) お名前(名) お名前(セイ) お名前(メイ) 会社名 郵便番号
都道府県(ID) 都道府県(名称) 住所1 住所2 メールアドレス TEL 性別(ID) 性別(名称) 職業(ID) 職業(名称) 誕生日
ショップ用メモ欄 小計 値引き 送料 税金 合計 支払合計 対応状況(ID) 対応状況(名称) 支払方法(ID) 支払方法(名称)
受注日 入金日 注文詳細ID 商品ID 商品規格ID 商品名 商品コード 規格名1 規格名2 規格分類名1 規格分類名2 価格 個数
税率 税率ルール(ID) 明細区分(ID) 明細区分(名称) 出荷ID 配送先_お名前(姓) 配送先_お名前(名)
配送先_お名前(セイ) 配送先_お名前(メイ) 配送先_会社名 配送先_郵便番号 配送先_都道府県(ID)
配送先_都道府県(名称) 配送先_住所1 配送先_住所2 配送先_TEL 配送業者(ID) 配送業者(名称) お届け時間ID
お届け時間(名称) お届け希望日 送料 発送日 出荷伝票番号 配達用メモ 出荷メール送信日"""
_CUSTOMER = """会員ID お名前(姓) お名前(名) お名前(セイ) お名前(メイ) 会社名 郵便番号 都道府県(ID)
都道府県(名称) 住所1 住所2 メールアドレス TEL 性別(ID) 性別(名称) 職業(ID) 職業(名称) 誕生日 初回購入日
最終購入日 購入回数 ショップ用メモ欄 会員ステータス(ID) 会員ステータス(名称) 登録日 更新日 ポイント"""
ORDER_HEADERS, CUSTOMER_HEADERS = _ORDER.split(), _CUSTOMER.split()

STATUS = {"1": "新規受付", "3": "注文取消し", "5": "発送済み", "6": "入金済み", "9": "返品"}
_JOBS = """公務員 コンサルタント コンピューター関連技術職 コンピューター関連以外の技術職 金融関係 医師 弁護士
総務・人事・事務 営業・販売 研究・開発 広報・宣伝 企画・マーケティング デザイン関係 会社経営・役員
出版・マスコミ関係 学生・フリーター 主婦 その他"""
JOBS = ["", *_JOBS.split()]
KINDS = {1: "商品", 2: "送料", 3: "手数料", 4: "割引", 6: "ポイント"}
PRODUCT, SHIPPING, FEE, DISCOUNT, POINTS = 1, 2, 3, 4, 6
CARRIERS = ("サンプル宅配便", "みほん運輸")
SLOTS = ("", "午前中", "14時～16時", "18時～20時")


def half_years():
    """(name, first day, last day) of each order file; days are counted from START."""
    starts = [datetime.date(year, month, 1) for year in (2023, 2024, 2025, 2026) for month in (1, 7)]
    for first, after in itertools.pairwise(starts[:7]):
        last = after - datetime.timedelta(days=1)
        name = f"order_{first:%Y%m%d}-{last:%Y%m%d}.csv"
        yield name, (first - cat.FIRST_DATE).days, (last - cat.FIRST_DATE).days


def members(c, o):
    """The customers with registered_day and registered_second (day -1: never registered)."""
    own = o[~o.guest].drop_duplicates("customer").set_index("customer").reindex(c.index)
    day, second = own.day.fillna(-1), (own.second.fillna(0) - 180).clip(lower=0)
    only = ~c.index.isin(o.customer) & ~c.guest_first.to_numpy()  # registered, never ordered
    return c.assign(registered_day=day.where(~only, c.first_day).astype(int),
                    registered_second=second.where(~only, 43_200).astype(int))


def order_rows(c, o, lines):
    """The text of every order item of `o` (orders with `id`, in file order), 70 columns."""
    d = _details(o, lines)
    at, who = o.iloc[d.order], c.iloc[o.customer.to_numpy()[d.order]]
    values = _order_values(at, who) | _detail_values(d, at) | _delivery_values(at, who)
    values["送料"] = text.yen(at.shipping)
    seen, columns = set(), []
    for name in ORDER_HEADERS:  # the second 送料 is always blank, as in the field
        columns.append("" if name in seen else values.get(name, ""))
        seen.add(name)
    return text.rows(columns)


def customer_rows(c, o):
    """The text of every member; `o` are the orders up to as_of."""
    m = c[c.registered_day >= 0]
    kept = o[(o.kind == "valid") & ~o.guest]
    first, last = (kept.drop_duplicates("customer", keep=k).set_index("customer").reindex(m.index)
                   for k in ("first", "last"))
    times = kept.groupby("customer").size().reindex(m.index, fill_value=0)
    registered = text.stamps(m.registered_day, m.registered_second)
    gone = _withdrawn(m, last)
    columns = [text.whole(m.number), *_person(m), m.email, m.phone, *_about(m),
               _when(first), _when(last), text.whole(times), "", text.pick(["2", "3"], gone), text.pick(["本会員", "退会"], gone), registered,
               registered, text.whole(times * 36)]
    return text.rows(columns)


def _withdrawn(m, last):
    """Some of those who had not bought for two years have left for good (no draw: no other figure moves)."""
    return ((last.day <= cat.AS_OF - 730) & (m.number % 9 == 0)).to_numpy().astype(int)


def _details(o, lines):
    """One row per order item: products first, then 送料, 手数料, 割引, ポイント."""
    place = pd.Series(np.arange(len(o)), index=o.index)
    products = lines[lines.order.isin(o.index)]
    parts = [products.assign(order=place[products.order].to_numpy(), kind=PRODUCT)]
    for kind, column, sign in ((SHIPPING, "shipping", 1), (FEE, "fee", 1),
                               (DISCOUNT, "discount", -1), (POINTS, "points", -1)):
        amount = o[column].to_numpy()
        row = np.flatnonzero(amount > 0) if kind != SHIPPING else np.arange(len(o))
        parts.append(pd.DataFrame({"order": row, "product": -1, "price": sign * amount[row],
                                   "qty": 1, "kind": kind}))
    d = pd.concat(parts, ignore_index=True).sort_values(["order", "kind"], kind="stable")
    return d.reset_index(drop=True)


def _order_values(o, c):
    member = ~o.guest.to_numpy()
    paid = np.where(o.status.isin(["5", "6", "9"]), o.day, -1)
    return {
        "注文ID": text.whole(o.id), "注文番号": text.whole(o.id),
        "会員ID": text.where(member, text.whole(c.number)),
        **dict(zip(ORDER_HEADERS[3:13], _person(c), strict=True)),
        "メールアドレス": _typed_email(o, c), "TEL": c.phone,
        **dict(zip(ORDER_HEADERS[15:20], _about(c), strict=True)),
        "ショップ用メモ欄": o.code, "小計": text.yen(o["items"]),
        "値引き": text.yen(o.discount + o.points), "税金": text.yen(o.tax),
        "合計": text.yen(o.total), "支払合計": text.yen(o.total),
        "対応状況(ID)": o.status, "対応状況(名称)": o.status.map(STATUS),
        "支払方法(ID)": text.pick([str(i) for i, _ in orders.PAYMENTS.values()], o.payment),
        "支払方法(名称)": text.pick(orders.PAYMENTS, o.payment),
        "受注日": text.stamps(o.day, o.second), "入金日": text.stamps(paid, o.second),
    }


def _detail_values(d, o):
    product = (d.kind == PRODUCT).to_numpy()
    at = d["product"].clip(lower=0)

    def of_product(field, other=""):
        return text.where(product, text.pick([str(getattr(p, field)) for p in cat.PRODUCTS], at), other)

    rate = np.where(d.kind == POINTS, "0", "10").astype(object)
    return {
        "注文詳細ID": text.whole(o.first_item.to_numpy() + d.groupby("order").cumcount()),
        "商品ID": text.where(product, text.whole(at + 1)), "商品規格ID": text.where(product, text.whole(at + 11)),
        "商品名": of_product("name", text.pick(["", "", "送料", "代引手数料", "クーポン割引", "", "ポイント"], d.kind)),
        "商品コード": of_product("code"),
        "規格名1": text.where(product & (at != len(cat.PRODUCTS) - 1).to_numpy(), "容量"),
        "規格分類名1": of_product("variant"), "価格": text.yen(d.price), "個数": text.whole(d.qty),
        "税率": of_product("tax", pa.array(rate)),
        "税率ルール(ID)": text.where(product, "1"), "明細区分(ID)": text.whole(d.kind),
        "明細区分(名称)": text.pick(["", *(KINDS.get(k, "税") for k in range(1, 7))], d.kind),
        "出荷ID": text.whole(o.id),
    }


def _delivery_values(o, c):
    slot = (o.id % len(SLOTS)).to_numpy()
    return {
        **dict(zip(ORDER_HEADERS[49:59], _person(c), strict=True)), "配送先_TEL": c.phone,
        "配送業者(ID)": text.whole(o.id % 2 + 1), "配送業者(名称)": text.pick(CARRIERS, o.id % 2),
        "お届け時間ID": text.where(slot > 0, text.whole(slot)), "お届け時間(名称)": text.pick(SLOTS, slot),
        "発送日": text.stamps(o.shipped, np.full(len(o), 54_000)),
        "出荷伝票番号": text.where(o.shipped >= 0, text.whole(700_000_000_000 + o.id)),
        "出荷メール送信日": text.stamps(o.shipped, np.full(len(o), 61_200)),
    }


def _person(c):
    """お名前(姓) … 住所2."""
    names = [c[k] for k in ("surname", "given", "surname_kana", "given_kana", "company")]
    return [*names, c.postcode, text.whole(c.prefecture_id), c.prefecture,
            c.street, c.building]


def _about(c):
    """性別(ID) … 誕生日 (which the cart writes with its midnight)."""
    born = pd.to_datetime(c.birthday).dt.strftime("%Y-%m-%d 00:00:00").fillna("")
    return [text.whole(c.sex), text.pick(["", "男性", "女性"], c.sex),
            text.where(c.job_id > 0, text.whole(c.job_id)), text.pick(JOBS, c.job_id), pa.array(born)]


def _typed_email(o, c):
    """A guest types the address; some begin with a capital."""
    typed = o.guest.to_numpy() & (o.id % 7 == 0).to_numpy()
    return np.where(typed, c.email.str.capitalize(), c.email)


def _when(o):
    return text.stamps(o.day.fillna(-1), o.second.fillna(0))
