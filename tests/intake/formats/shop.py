"""The small shop behind the fixtures: thirteen orders, hand-made, every yen on the page."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Line:
    """A product: `price` of one with tax, `rate` of tax in percent."""

    sku: str
    name: str
    price: int
    qty: int
    rate: int = 10

    @property
    def amount(self):
        return self.price * self.qty

    @property
    def bare(self):
        """The price of one without tax."""
        return self.price * 100 // (100 + self.rate)


@dataclasses.dataclass(frozen=True)
class Order:
    """Amounts with tax, as the customer saw them."""

    no: str
    at: str
    member: int
    lines: tuple
    shipping: int = 550
    fee: int = 0
    coupon: int = 0          # the shop's
    mall_coupon: int = 0
    points: int = 0
    status: str = "valid"
    refund: int = 0
    subscription: str = ""
    seq: int = 0
    guest: bool = False
    who: object = None       # a Person beside those of PEOPLE

    @property
    def items(self):
        return sum(line.amount for line in self.lines)

    @property
    def tax(self):
        """The tax inside the items, floored once per rate."""
        rates = {line.rate for line in self.lines}
        return sum(sum(x.amount for x in self.lines if x.rate == rate) * rate // (100 + rate) for rate in rates)

    @property
    def billed(self):
        return self.items + self.shipping + self.fee - self.coupon - self.mall_coupon - self.points

    @property
    def person(self):
        return self.who or PEOPLE[self.member]


@dataclasses.dataclass(frozen=True)
class Person:
    """All invented."""

    surname: str
    given: str
    surname_kana: str
    given_kana: str
    email: str
    phone: str
    postcode: str = "150-0001"


PEOPLE = {
    1: Person("髙橋", "花子", "タカハシ", "ハナコ", "hanako@example.jp", "03-1111-2221"),
    2: Person("山﨑", "太郎", "ヤマザキ", "タロウ", "taro@example.jp", "090-1111-2222"),
    3: Person("佐藤", "次郎", "サトウ", "ジロウ", "jiro@example.jp", "080-1111-2223"),
    4: Person("鈴木", "三郎", "スズキ", "サブロウ", "saburo@example.jp", "090-1111-2224"),
    5: Person("田中", "四郎", "タナカ", "シロウ", "shiro@example.jp", "090-1111-2225"),
}
SOAP = ("A-1", "石けん①")
TEA = ("B-2", "お茶～緑～")


def _line(product, price, qty, rate=10):
    return Line(*product, price, qty, rate)


ORDERS = (
    Order("1001", "2024-01-05 10:11:12", 1, (_line(SOAP, 1100, 2),)),                       # 2,200 + 550
    Order("1002", "2024-01-06 23:59:59", 2, (_line(TEA, 1080, 1, 8), _line(SOAP, 1100, 1)), fee=330, coupon=100),
    Order("1003", "2024-01-07 00:00:01", 1, (_line(SOAP, 1100, 1), _line(SOAP, 1100, 1)), guest=True),
    Order("1004", "2024-01-08 12:00:00", 3, (_line(SOAP, 1100, 3),), status="cancelled"),
    Order("1005", "2024-01-09 12:00:00", 3, (_line(SOAP, 1100, 1),), status="returned"),
    Order("1006", "2024-01-10 12:00:00", 4, (_line(SOAP, 5500, 1),), shipping=0, points=200),
    Order("1007", "2024-01-11 12:00:00", 4, (_line(SOAP, 1100, 1),), status="pending"),
    Order("1008", "2024-01-12 12:00:00", 5, (_line(("S-0", "お試し"), 0, 1),), shipping=0),   # zero yen
    Order("1009", "2024-01-13 12:00:00", 5, (_line(TEA, 3240, 1, 8),), subscription="T77", seq=1),
    Order("1010", "2024-02-13 12:00:00", 5, (_line(TEA, 3240, 1, 8),), subscription="T77", seq=2),
    Order("1011", "2024-02-14 12:00:00", 2, (_line(SOAP, 1100, 2),), refund=1100),
    Order("1012", "2024-02-15 12:00:00", 2, (_line(SOAP, 2200, 1),), mall_coupon=150),
    Order("1013", "2024-02-16 12:00:00", 1, (_line(SOAP, 1100, 1), _line(TEA, 540, 2, 8)), shipping=0, coupon=280),
)
# analysed sales without tax, by hand: goods − coupon − the shop's points − refund, less its tax, floored
REVENUE = {
    "1001": 2000,   # 2,200 less 200
    "1002": 1909,   # 2,180 − 100 = 2,080; of 2,180 180 are tax (80 at 8 %, 100 at 10 %): less 171
    "1003": 2000, "1004": 3000, "1005": 1000,
    "1006": 4819,   # 5,500 − 200 = 5,300; of 5,500 500 are tax: less 481
    "1007": 1000, "1008": 0,
    "1009": 3000,   # 3,240 at 8 %
    "1010": 3000,
    "1011": 1000,   # 2,200 − 1,100, less 100
    "1012": 2000,
    "1013": 1744,   # 2,180 − 280 = 1,900; of 2,180 180 are tax: less 156
}


def revenue(order, points_are_the_shops=True, rates=True, priced=True):
    """The same rule for an order of which a format tells less; without rates all is at 10 %."""
    net = max(order.items - order.coupon - points_are_the_shops * order.points - order.refund, 0)
    if not priced and not rates:
        return net - net * 10 // 110
    tax = order.tax if rates else order.items * 10 // 110
    return net - (net * tax // order.items if order.items else 0)
