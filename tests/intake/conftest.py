"""A client folder made of a few typed files, and the tables that intake makes of it."""

import typing

import ibis
import pandas as pd
import pytest
import yaml

from shindan import config, engine, intake
from shindan.intake import (
    contacts,
    files,
    gather,
    merges,
    order_group,
    presets,
    read,
    staging,
    visits,
)
from shindan.intake.identity import ensure_key

EC_HEADER = ("注文ID,注文番号,会員ID,メールアドレス,小計,値引き,送料,税金,合計,支払合計,対応状況(ID),"
             "対応状況(名称),受注日,注文詳細ID,商品名,商品コード,価格,個数,税率,明細区分(ID),送料,発送日")


class Conformed(typing.NamedTuple):
    """Typed rows in the order of the files, and the account of each file."""

    rows: pd.DataFrame
    accounts: list

    @property
    def notes(self):
        return [note for account in self.accounts for note in account.notes]


class Priced(typing.NamedTuple):
    """Orders and their lines as intake values them, before anybody is named; accounts of the files, facts."""

    orders: pd.DataFrame
    lines: pd.DataFrame
    accounts: list
    facts: dict


class Client:
    """One client in a temporary folder."""

    def __init__(self, root):
        self.root = root
        self.folder = config.Folder("shop", root=root)
        self.folder.raw.mkdir(parents=True)

    def put(self, name, data):
        """A file in raw/: bytes as they are, text as UTF-8."""
        file = self.folder.raw / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return file

    def settings(self, sources, **more):
        """client.yaml with these sources."""
        tree = {"name": "shop", "sources": sources, **more}
        self.folder.config_file.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
        return config.load(self.folder)

    def run(self, sources, **more):
        """Intake of these sources; returns facts."""
        intake.run(self.folder, self.settings(sources, **more))
        return intake.facts(self.folder)

    def stage(self, source):
        """The first step alone: (what was found, the rows of text) of a source's only file."""
        cfg = self.settings([source]).sources[0]
        (file,) = files.matching(self.folder, cfg)
        target = staging.Target(self.root / "stage.parquet", 0, files.sha256(file))
        found = read.stage(self.folder, file, presets.for_source(cfg), cfg, target)
        return found, pd.read_parquet(target.path)

    def conform(self, source, con=None, **more):
        """The first two steps of a source's files, a quarter of the time of all: Conformed; stops as intake does."""
        job, inputs = self._job([source], con, more)
        table = inputs[0].preset.table
        rows, accounts, rejected = gather.table_rows(job, table, inputs)
        gather.settle(job, table, accounts, rejected)
        if table == "site_visits":
            rows = visits.build(rows, {files.name(self.folder, f): f for f, _ in inputs[0].files}, "raw")
        by = [c for c in ("file_no", "source_row") if c in rows.columns]
        return Conformed(rows.order_by(by).to_pandas(), accounts)

    def price(self, *sources, **more):
        """The steps as far as priced orders, half the time of all: Priced; stops as intake does."""
        job, inputs = self._job(sources, None, more)
        made, accounts, sums = order_group.priced(job, inputs)
        orders, lines = (t.to_pandas().sort_values(by, ignore_index=True) for t, by in (
            (made.orders, ["order_id"]), (made.lines, ["order_id", "line_no"])))
        return Priced(orders, lines, accounts, {**sums, "exports": made.counts})

    def name(self, orders, **identity):
        """The step that finds people in `orders` (pandas: order_no and contacts), alone: (rows with customer_key, facts)."""
        job = intake.Job(self.folder, self.settings([], identity=identity), ensure_key(self.folder), engine.connect(), None)
        none, numbers = dict.fromkeys(contacts.PERSONAL), range(2, len(orders) + 2)
        rows = pd.DataFrame({**none, **orders, "order_id": "main:" + orders.order_no, "shop": "main", "source": "generic_orders", "source_no": 0,
                             "source_file": "o.csv", "source_row": numbers, "file_no": 0, "ordered_at": pd.Timestamp("2024-01-05")})
        people = rows.iloc[:0].assign(registered_at=pd.Timestamp("2024-01-05"), is_withdrawn=False)
        kinds = dict.fromkeys(contacts.PERSONAL, "string")
        orders, people = (ibis.memtable(t).cast({c: k for c, k in kinds.items() if c in t}) for t in (rows, people))
        named, _, _, told = merges.people(job, orders, people)
        return named.to_pandas().sort_values("source_row", ignore_index=True), told

    def _job(self, sources, con, more):
        job = intake.Job(self.folder, self.settings(list(sources), **more), "key", con or engine.connect(), self.root / "stage")
        return job, [intake.Input(n, s, presets.for_source(s), tuple((f, files.sha256(f)) for f in files.matching(self.folder, s)))
                     for n, s in enumerate(job.config.sources)]

    def table(self, name):
        """A canonical table as pandas."""
        return pd.read_parquet(self.folder.tables / f"{name}.parquet")

    def report(self):
        """The load report by file."""
        return self.table("load_report").set_index("file")


@pytest.fixture
def client(tmp_path):
    return Client(tmp_path / "client_data")


@pytest.fixture(scope="session")
def another_client(tmp_path_factory):
    """Another client in a folder of its own, as often as it is called."""
    return lambda: Client(tmp_path_factory.mktemp("client") / "client_data")


@pytest.fixture(scope="module")
def kept_client(tmp_path_factory):
    """One client for a whole module: what did not change is not made again."""
    return Client(tmp_path_factory.mktemp("kept") / "client_data")


@pytest.fixture
def ec_cube():
    """Lines of an EC-CUBE 4 order file -> its bytes in CP932, as the cart writes it."""
    def write(*rows, encoding="cp932", newline="\n"):
        return (newline.join([EC_HEADER, *rows]) + newline).encode(encoding)
    return write


def ec_line(order, kind, price, qty, *, total, items, cut=0, ship=0, status="発送済み", day="2024-01-05",
            member="7", mail="a@example.jp", rate=10, sku="A-1", hour="10:11:12"):
    """One line of EC-CUBE 4; kind 1 product, 2 shipping, 3 fee, 4 discount, 6 points."""
    code = {"新規受付": 1, "注文取消し": 3, "発送済み": 5, "返品": 9}.get(status, 4)
    return (f"{order},{order},{member},{mail},{items},{cut},{ship},0,{total},{total},{code},{status},"
            f"\"{day} {hour}\",{order}{kind},品,{sku},{price},{qty},{rate},{kind},,")


@pytest.fixture
def line():
    return ec_line
