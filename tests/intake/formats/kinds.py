"""Every format: how it is written, which presets read it, what of an order it can tell."""

import dataclasses

from tests.intake.formats import carts, malls
from tests.intake.formats.shop import ORDERS


@dataclasses.dataclass(frozen=True)
class Format:
    """How a format is written, which presets read it, and what of an order it can tell."""

    write: object
    presets: tuple                   # (preset, file), several where files are joined
    tells: str                       # shipping fee coupon mall points refund returned pending subscription
    number: str = "{}"
    points: str = "points_shop_jpy"
    lines: str = "amounts"           # amounts | codes | names | none
    rates: bool = False              # the file names tax rates
    people: bool = True
    only: object = None


def _whole_at_ten_percent(o):
    return o.items % 11 == 0


FORMATS = {
    "eccube4": Format(carts.eccube4, (("eccube4_order", "order_*.csv"),),
                      "shipping fee coupon points returned pending", rates=True),
    "eccube3": Format(carts.eccube3, (("eccube3_order", "ec3.csv"),), "shipping fee coupon pending", rates=True),
    "eccube2": Format(carts.eccube2, (("eccube2_order", "ec2.csv"),),
                      "shipping fee coupon points pending", lines="none"),
    "shopify": Format(carts.shopify, (("shopify_orders", "orders_export_1.csv"),),
                      "shipping coupon refund returned pending subscription", "#{}"),
    "woocommerce": Format(carts.woocommerce, (("woocommerce_analytics", "wc-orders-report-export.csv"),),
                          "refund pending", lines="none", people=False, only=_whole_at_ten_percent),
    "colorme": Format(carts.colorme, (("colorme_sales", "sales_all.csv"),), "shipping fee coupon points", rates=True),
    "base": Format(carts.base, (("base_orders", "base.csv"),), "shipping fee", rates=True),
    "stores": Format(carts.stores, (("stores_order", "stores.csv"),), "shipping pending", "100000{}", lines="names", rates=True),
    "ecforce": Format(carts.ecforce_order, (("ecforce_order", "ecforce.csv"),),
                      "shipping fee coupon points returned pending subscription", "bdbfaf{}", lines="codes"),
    "ecforce_line": Format(carts.ecforce_line, (("ecforce_line", "ecforce_line.csv"),),
                           "shipping fee coupon points returned pending subscription", "bdbfaf{}"),
    "futureshop": Format(carts.futureshop, (("futureshop_order", "futureshop.csv"),),
                         "shipping fee coupon points returned"),
    "rakuten": Format(malls.rakuten, (("rakuten_rpay", "rakuten_20240301.csv"),),
                      "shipping fee coupon mall points pending subscription", "123456-{day}-000000{}",
                      points="points_mall_jpy", rates=True),
    "rakuten_old": Format(malls.rakuten_legacy, (("rakuten_legacy", "rakuten_old.csv"),),
                          "shipping fee points", points="points_mall_jpy"),
    "yahoo": Format(malls.yahoo, (("yahoo_order", "yahoo_order.csv"), ("yahoo_item", "yahoo_item.csv")),
                    "shipping fee coupon mall points pending", "shop-{}", points="points_mall_jpy"),
    "amazon": Format(malls.amazon, (("amazon_all_orders", "amazon_all.txt"),), "shipping coupon pending",
                     "250-0000000-000{}", people=False),
    "amazon_fba": Format(malls.amazon_fba, (("amazon_fba", "amazon_fba.txt"),), "shipping coupon",
                         "250-0000000-000{}", only=lambda o: o.status == "valid"),
    "ne_hanyo": Format(malls.nextengine_hanyo, (("nextengine_hanyo", "ne_hanyo.csv"),),
                       "shipping fee points mall", rates=True, only=lambda o: o.status == "valid"),
    "nextengine": Format(malls.nextengine, (("nextengine_slip", "ne_slip.csv"), ("nextengine_detail", "ne_detail.csv")),
                         "shipping fee points mall", only=_whole_at_ten_percent),
    "aupay": Format(malls.aupay, (("aupay_order", "aupay.csv"),), "shipping fee coupon points pending",
                    points="points_mall_jpy"),
    "qoo10": Format(malls.qoo10, (("qoo10_order", "qoo10.csv"),), "coupon", "9{}"),
}


def told(order, tells):
    """What is left of an order in a format that tells only this."""
    parts = {"shipping": ("shipping", 0), "fee": ("fee", 0), "coupon": ("coupon", 0), "mall": ("mall_coupon", 0),
             "points": ("points", 0), "refund": ("refund", 0)}
    lost = {field: none for part, (field, none) in parts.items() if part not in tells.split()}
    if order.status in ("returned", "pending") and order.status not in tells.split():
        lost["status"] = "valid"
    if "subscription" not in tells.split():
        lost |= {"subscription": "", "seq": 0}
    return dataclasses.replace(order, **lost)


def orders_of(form):
    return [told(o, form.tells) for o in ORDERS if not form.only or form.only(o)]


def number(form, order):
    return form.number.format(order.no, day=order.at[:10].replace("-", ""))


def file_of(shop, orders=None):
    """The bytes of a format's first file."""
    form = FORMATS[shop]
    return next(iter(form.write(orders or orders_of(form)).values()))
