"""A small client with awkward people, from files in raw/ to lists on disk."""

import csv
import datetime
import io
import shutil

import pandas as pd
import pytest
import yaml

from shindan import config, lists, run
from shindan.scenarios import catalogue

AS_OF = datetime.date(2025, 12, 31)
SOURCES = [{"path": "orders*.csv", "preset": "generic_orders", "values": {"status": "valid"}},
           {"path": "customers.csv", "preset": "generic_customers"}]
PEOPLE = [  # customer_id, email, name, phone, postal_code, mail_optin
    ("1001", "hanako@example.jp", "山田 花子", "090-0000-0001", "000-0001", "1"),
    ("1002", "taro@example.jp", "髙橋 太郎①", "9000000002", "0000002", "1"),      # CP932 has these
    ("1003", "yoshi@example.jp", "𠮷野 次郎", "09000000003", "0000003", "1"),      # CP932 does not have 𠮷
    ("1004", "=cmd|'/c calc'!A1@example.jp", "式 一子", "", "", "1"),
    ("1005", "+plus@example.jp", "式 二子", "", "", "1"),
    ("-1006", "minus@example.jp", "式 三子", "", "", "1"),
    ("1007", "no@example.jp", "拒否 四郎", "", "", "0"),
    ("1008", "", "住所 無子", "", "", "1"),
    ("0009", "zero@example.jp", "零 五郎", "", "", "1"),
]


def rows(header, rows):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def orders(people, ago=100, product="青汁", start=0, as_of=AS_OF):
    """One order each, all of one product."""
    day = as_of - datetime.timedelta(days=ago)
    return [(f"{start + i:05d}", p, f"{day:%Y/%m/%d} 10:00", 3300, "A-1", product, 1, 3300) for i, p in enumerate(people)]


def only(**scenarios):
    """`scenarios:` of client.yaml with nothing else turned on."""
    return {**{id: {"on": False} for id in catalogue.standard()}, **scenarios}


MEMBERS = ("customer_id", "email", "name", "phone", "postal_code", "mail_optin")
ORDER = ("order_no", "customer_id", "ordered_at", "billed_jpy", "sku", "product_name", "qty", "unit_price_jpy")
ONLY = only(rank_regular={"holdout_rate": 0.5})


def deliver_to_forty(client, order_file):
    """One list of 40 people, half of them left out, delivered; their orders are in `order_file`."""
    client.fill(scenarios=ONLY)
    people = [f"3{i:03d}" for i in range(40)]
    client.put(order_file, ORDER, orders(people, 50, start=5000))
    client.put("customers.csv", MEMBERS, [(p, f"p{p}@example.jp", "", "", "", "1") for p in people])
    client.make().deliver()


class Client:
    """One client folder; `make` runs intake and the plan, `write` the files."""

    def __init__(self, root, name="awkward"):
        self.folder = config.Folder(name, root)
        self.folder.raw.mkdir(parents=True, exist_ok=True)

    def fill(self, **settings):
        """client.yaml with these settings, and the files of PEOPLE."""
        self.settings(**settings)
        self.put("orders.csv", ORDER, orders([p[0] for p in PEOPLE]))
        self.put("customers.csv", MEMBERS, PEOPLE)
        return self

    def settings(self, **own):
        tree = {"name": "試験", "as_of": AS_OF, "sources": SOURCES, "purchases": {"data_starts_with_shop": True},
                "lists": {"holdout_rate": 0, "assume_sent": False}, "scenarios": only(rank_regular={}), **own}
        self.folder.config_file.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")

    def put(self, name, header, lines):
        (self.folder.raw / name).write_text(rows(header, lines), "utf-8")

    def table(self, name):
        """A table of work/tables as pandas."""
        return pd.read_parquet(self.folder.tables / f"{name}.parquet")

    def tables(self):
        run.tables(self.folder.client)
        return self

    def make(self):
        self.tables()
        run.plan(self.folder.client)
        return self

    def deliver(self):
        """The lists as a delivery has them, and their plan in planned/."""
        home = self.folder.deliverables / "latest" / "lists"
        shutil.rmtree(home, ignore_errors=True)
        lists.keep(self.folder, config.load(self.folder), self.write(home))
        return self

    def write(self, into):
        lists.write(self.folder, config.load(self.folder), into)
        return into


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """make(client) in a folder of its own -> the folder, to be copied; it starts as a copy of `before`."""
    def made(make, before=None):
        root = tmp_path_factory.mktemp("made")
        if before:
            shutil.copytree(before, root, dirs_exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SHINDAN_CLIENTS", str(root))
            make(Client(root))
        return root
    return made


@pytest.fixture
def copy_of(tmp_path, monkeypatch):
    """A test's own copy of a client that was made once: only what the test changes is made again."""
    def copied(root):
        monkeypatch.setenv("SHINDAN_CLIENTS", str(tmp_path))
        shutil.copytree(root, tmp_path, dirs_exist_ok=True)
        return Client(tmp_path)
    return copied


@pytest.fixture(scope="session")
def tables_of_people(made_once):
    return made_once(lambda c: c.fill().tables())


@pytest.fixture
def client(copy_of, tables_of_people):
    return lambda **settings: copy_of(tables_of_people).fill(**settings)
