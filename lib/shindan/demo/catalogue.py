"""The demo shop's fixed facts: what it sells, where it advertises, what it sent to whom.

Days are whole numbers from START (0 = the shop's first day). Amounts are yen without tax.
"""

import datetime
from dataclasses import dataclass

import numpy as np

FIRST_DATE, LAST_DATE = datetime.date(2023, 1, 1), datetime.date(2025, 12, 31)
START = np.datetime64(FIRST_DATE)
AS_OF = (LAST_DATE - FIRST_DATE).days
HORIZON = AS_OF + 365          # simulated on beyond as_of, so that uncensored truth exists
MONTHLY_GROWTH = 0.045         # of new customers
SEASON = (0.95, 0.85, 1.05, 1.0, 1.0, 1.1, 1.05, 0.85, 1.0, 1.0, 1.15, 1.1)  # January…December
SALES = (("03-01", "03-10"), ("06-20", "06-30"), ("09-10", "09-16"), ("11-20", "11-30"))
SALE_PRICE = 0.85              # of the list price
SALE_RUSH = 1.5                # new customers in sale weeks
SALE_LOYALTY = 0.85            # who first bought in a sale comes back less often
GAP_SHAPE, GAP_TAIL = 1.4, 0.9  # days between purchases: Burr XII (Weibull with a gamma frailty)
STAYS = (6.0, 2.0)             # Beta: probability to buy again after the second purchase and later
ORDERS_PER_CUSTOMER = 1.93     # measured: orders in the files (all kinds) a customer of the model


@dataclass(frozen=True)
class Product:
    """One product; `days` scales the gap to the next purchase, `comes_back` is P(a 2nd purchase)."""

    code: str
    name: str
    variant: str
    price: int
    tax: int
    days: int
    comes_back: float
    first_share: float   # of first purchases
    repeat_share: float  # of later purchases


PRODUCTS = (
    Product("TR-01", "お試しセット", "14日分", 980, 8, 45, 0.36, 0.30, 0.00),
    Product("AO-30", "すこやか青汁", "30包", 3600, 8, 62, 0.45, 0.16, 0.22),
    Product("GL-60", "グルコサミン粒", "60日分", 4800, 8, 95, 0.46, 0.12, 0.16),
    Product("NY-30", "乳酸菌サプリ", "30日分", 2980, 8, 60, 0.41, 0.10, 0.14),
    Product("CO-28", "コラーゲンゼリー", "28本", 3200, 8, 70, 0.38, 0.08, 0.12),
    Product("KZ-03", "国産黒酢ドリンク①", "720mL×3本", 3900, 8, 80, 0.36, 0.06, 0.09),
    Product("NJ-90", "髙麗人参エキス", "90粒", 7800, 8, 105, 0.42, 0.04, 0.06),
    Product("CR-50", "うるおい保湿クリーム", "50g", 4200, 10, 90, 0.34, 0.06, 0.10),
    Product("LO-12", "化粧水～しっとり～", "120mL", 2800, 10, 75, 0.32, 0.05, 0.08),
    Product("GF-01", "季節のギフト缶㈱特製", "", 3000, 8, 150, 0.18, 0.03, 0.03),
)


@dataclass(frozen=True)
class Channel:
    """One way customers find the shop; `loyalty` multiplies their product's comes_back."""

    name: str
    codes: tuple[str, ...]
    share: float
    loyalty: float
    cost: int       # a new customer, yen; 0 = free
    file: str = ""  # where its cost is kept: google | meta | excel


CHANNELS = (
    Channel("Google検索広告", ("GGL01", "GGL02"), 0.20, 1.00, 3200, "google"),
    Channel("Meta広告", ("MTA01", "MTA02"), 0.16, 0.85, 4300, "meta"),
    Channel("LINE広告", ("LNA01",), 0.10, 0.90, 3000, "excel"),
    Channel("アフィリエイト", ("AFF01",), 0.13, 0.70, 3600, "excel"),
    Channel("新聞折込チラシ", ("FLY01",), 0.10, 1.15, 5600, "excel"),
    Channel("カタログDM", ("DMC01",), 0.07, 1.20, 4400, "excel"),
    Channel("テレビショッピング", ("TVS01",), 0.07, 1.05, 7800, "excel"),
    Channel("organic", ("SEO01",), 0.12, 1.05, 0),
    Channel("referral", ("REF01",), 0.05, 1.35, 0),
)
UNLISTED_CODE = "OLD07"        # on a few orders; nobody at the shop remembers it
SHARE_BLANK, SHARE_UNLISTED = 0.03, 0.01


@dataclass(frozen=True)
class Campaign:
    """One campaign; `to` names a rule in campaigns.py; `lift` is the true effect in every rank."""

    id: str
    name: str
    channel: str
    objective: str
    sent: str
    to: str
    random: bool = False
    lift: float = 0.0
    days: int = 30
    cost_fixed: int = 20000
    cost_per_send: int = 1

    @property
    def day(self):
        """The day sent, counted from START."""
        return int((np.datetime64(self.sent) - START).astype(int))


CAMPAIGNS = (
    Campaign("C2401", "春のお客様感謝メール", "メール", "リピート促進", "2024-03-05", "recent"),
    Campaign("C2402", "2回目購入クーポン", "メール", "F1→F2", "2024-09-10", "once", random=True),
    Campaign("C2403", "歳末特選カタログ", "DM", "優良育成", "2024-12-03", "big",
             cost_fixed=80000, cost_per_send=120),
    Campaign("C2501", "お久しぶりLINE", "LINE", "休眠復活", "2025-03-04", "asleep", cost_per_send=3),
    Campaign("C2502", "リピーター感謝クーポン", "メール", "リピート促進", "2025-07-01", "twice",
             random=True, lift=0.07),
    Campaign("C2503", "夏の感謝祭メール", "メール", "リピート促進", "2025-08-05", "active"),
    Campaign("C2504", "秋の得意客DM", "DM", "リピート促進", "2025-10-07", "twice",
             random=True, lift=0.08, cost_fixed=60000, cost_per_send=95),
)

# NPS: three kinds of customer, their scores 0-10, and how common they are by purchases so far
WAVES = ("2024-06-03", "2024-12-02", "2025-06-02", "2025-12-01")
SCORES = np.array([
    (0, 0, 0, 0, 0, 2, 3, 10, 25, 25, 35),    # delighted
    (0, 0, 1, 2, 2, 15, 15, 25, 25, 10, 5),   # content
    (6, 3, 6, 10, 10, 25, 20, 10, 7, 2, 1),   # let down
]) / 100
MOODS = np.array([(0.36, 0.44, 0.20), (0.48, 0.39, 0.13), (0.66, 0.28, 0.06)])  # F1, F2-3, F4+
ANSWERS = (0.022, 0.045, 0.075)  # share that answers, by the same three


def days_of(months_days):
    """Every day (from START, up to HORIZON) of the yearly periods ("MM-DD", "MM-DD")."""
    days = START + np.arange(HORIZON + 1)
    text = np.array([str(day)[5:] for day in days])
    return np.any([(text >= first) & (text <= last) for first, last in months_days], axis=0)


def new_customer_density():
    """The expected share of the new customers on each day 0…AS_OF; sums to 1."""
    days = START + np.arange(AS_OF + 1)
    month = days.astype("datetime64[M]").astype(int)
    growth = (1 + MONTHLY_GROWTH) ** (month - month[0])
    rush = np.where(days_of(SALES)[: AS_OF + 1], SALE_RUSH, 1.0)
    density = growth * np.array(SEASON)[month % 12] * rush
    return density / density.sum()
