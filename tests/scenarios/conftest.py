"""A shop at the canonical level, made by a few lines of test."""

import datetime
import functools

import ibis
import numpy as np
import pandas as pd
import pytest

from shindan import engine, mailing, scenarios, schema
from shindan.analyses import purchases

AS_OF = datetime.date(2025, 12, 31)
KEY = "0123456789abcdef" * 4
BLANK = {"order_type": "onetime", "is_staff": False, "is_test": False, "is_zero_yen": False, "status": "valid",
         "acq_channel": "organic", "revenue_jpy": 3000}


def day(ago, as_of=AS_OF):
    """The date so many days before `as_of`."""
    return as_of - datetime.timedelta(days=int(ago))


class Shop:
    """Rows of canonical tables; what a test does not say is plain: a member who agreed to mail."""

    def __init__(self, as_of=AS_OF):
        self.as_of, self.rows = as_of, {name: [] for name in schema.TABLES}

    def person(self, key, **said):
        self.rows["customers"].append({"customer_key": key, "mail_optin": True, "is_staff": False, "is_test": False,
                                       "is_wholesale": False, "is_withdrawn": False, **said})
        return self

    def order(self, key, ago, sku="A", shipped=None, hour=10, **said):
        """An order `ago` days before as_of of one product, shipped `shipped` days ago (None: not told)."""
        id = f"o{len(self.rows['orders']):05d}"
        on = day(ago, self.as_of)
        self.rows["orders"].append({
            **BLANK, "order_id": id, "customer_key": key, "order_date": on,
            "ordered_at": datetime.datetime.combine(on, datetime.time(hour)),
            "shipped_date": None if shipped is None else day(shipped, self.as_of), **said})
        self.rows["order_lines"].append({
            "order_id": id, "line_no": 1, "line_type": "product", "sku": sku, "product_name": f"Product {sku}",
            "qty": 1, "unit_price_jpy": 3000, "line_amount_jpy": 3000, "line_discount_jpy": 0})
        return self

    def add(self, table, **row):
        self.rows[table].append(row)
        return self

    def tables(self):
        found = {name: typed(name, rows) for name, rows in self.rows.items()}
        p = purchases.purchases(found["orders"], found["order_lines"], self.as_of)
        con = engine.connect()
        p = con.create_table("purchases", p, temp=True)
        start = min([row["order_date"] for row in self.rows["orders"]], default=self.as_of)
        b = purchases.buyers(p, found["customers"], start, 0)
        return con, {**found, "purchases": p, "buyers": con.create_table("buyers", b, temp=True)}

    def known(self, earlier=None, drawn=None, **lists):
        con, tables = self.tables()
        moved = {name: con.create_table(f"t_{name}", t, temp=True) for name, t in tables.items()
                 if name not in ("purchases", "buyers")}
        earlier, drawn = (None if t is None else con.create_table(n, ibis.memtable(t, schema=EARLIER), temp=True)
                          for n, t in (("earlier", earlier), ("drawn", drawn)))
        return scenarios.Known({**tables, **moved}, self.as_of, mailing.Lists(**lists), earlier=earlier, drawn=drawn,
                               keep=functools.partial(engine.keep, con))


EARLIER = ibis.schema({"list": "string", "campaign_id": "string", "customer_key": "string", "arm": "string",
                       "rank": "string", "send_on": "date", "as_of": "string"})


def typed(name, rows):
    shape = schema.of(name)
    frame = pd.DataFrame(rows, columns=list(shape)).astype("object")
    return ibis.memtable(frame.where(frame.notna(), None), schema=shape)


def scenario(who, **said):
    return mailing.Scenario(**{"id": "it", "who": who, "mix": {"brand": 100}, "holdout_rate": 0, "profile": "generic",
                               **said})


def rows(table):
    """A due or planned table as pandas, dates as dates."""
    frame = table.order_by("customer_key").to_pandas()
    for column in ("base_date", "due_date", "send_on", "since"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column]).dt.date
    return frame


@pytest.fixture
def shop():
    return Shop()


def lively(seed, people=300):
    """A shop of all sorts of people: two years of orders, opt-outs, bounces, returns, carts, answers."""
    rng = np.random.default_rng(seed)
    shop = Shop()
    for number in range(people):
        key = f"c{number:04d}"
        shop.person(key, mail_optin=[True, True, True, False, None][rng.integers(5)],
                    is_withdrawn=bool(rng.random() < 0.03), birth_month=int(rng.integers(1, 13)),
                    is_staff=bool(rng.random() < 0.01))
        ago = int(rng.integers(0, 40) if rng.random() < 0.5 else rng.integers(0, 800))
        while ago >= 0:
            lead = int(rng.integers(0, 4))
            returned = rng.random() < 0.04
            shop.order(key, ago, "ABCDEF"[rng.integers(6)], ago - lead if ago >= lead and rng.random() < 0.8 else None,
                       int(rng.integers(24)), status="returned" if returned else "valid",
                       order_type="subscription" if rng.random() < 0.05 else "onetime")
            ago = ago - int(rng.integers(5, 250)) if rng.random() < 0.6 else -1
        if rng.random() < 0.1:
            shop.add("events", event_at=datetime.datetime.combine(day(rng.integers(0, 10)), datetime.time(9)),
                     event="add_to_cart", customer_key=key, sku="B", visitor_id=key)
        if rng.random() < 0.1:
            shop.add("nps_responses", response_id=key, customer_key=key, score=int(rng.integers(0, 11)),
                     responded_at=datetime.datetime.combine(day(rng.integers(0, 40)), datetime.time(9)))
        for n in range(rng.integers(0, 3)):
            on = day(rng.integers(0, 12))
            shop.add("campaign_sends", campaign_id=f"past{n}", customer_key=key, arm="A", is_control=False,
                     assigned_date=on, sent_date=on,
                     delivery="bounced" if rng.random() < 0.05 else "delivered")
        if rng.random() < 0.03:
            shop.add("campaign_responses", campaign_id="past0", customer_key=key, event_date=day(3), count=1,
                     event=["unsubscribe", "complaint"][rng.integers(2)])
    return shop
