"""client.yaml: who the client is, which files, which mapping, which thresholds.

Every threshold that a figure depends on is a field here with its default; nothing else in the
library holds one. The folder of a client is described by `Folder`.
"""

import datetime
import os
import re
from pathlib import Path
from typing import Annotated, Literal

import pydantic
import yaml

from shindan import bounds, errors, mailing, money, plain_yaml
from shindan.thresholds import Basket, Cards, Cpm, Pattern, Rfm, Stages, Strict

ROOT = Path(__file__).resolve().parents[2]   # the program's own folder
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PROPOSALS = ("channel_cost", "second_purchase", "measured_campaign", "keep_premium", "wake_dormant",
             "replenish", "cross_sell", "detractors")  # findings/proposals.py says what each is
HORIZON_DAYS = {"net": 365, "general": 730, "durable": 1095}  # ネット通販 / 総合通販 / 耐久財


class Source(Strict):
    """One kind of file in raw/: a glob, the preset that reads it, and what the client overrides."""

    path: str
    preset: str
    shop: str = "main"
    sheet: str | None = None
    columns: dict[str, str | list[str] | dict] = {}  # canonical field -> column(s), or intake/presets.py's words
    status: dict[str, str] = {}                # status text in the file -> canonical status
    values: dict[str, str | int | float | bool] = {}  # canonical field -> constant
    options: dict[str, str] = {}               # what a preset lets a client say (date order, zone…)
    optional: bool = False                     # a file that may be absent

    @pydantic.field_validator("values", mode="before")
    @classmethod
    def _days_are_text(cls, values):
        """YAML makes a date of 2025-12-01; a constant of the file is its text."""
        return {k: str(v) if isinstance(v, datetime.date) else v for k, v in (values or {}).items()}


class Benchmark(Strict):
    """A 基準値: the figure it judges, where it comes from, when."""

    value: float
    better: Literal["higher", "lower"] = "higher"
    source: str
    date: str


class Purchases(Strict):
    """What counts as a purchase."""

    merge_same_day: bool = True
    count_zero_yen: bool = False          # an order of zero yen (a gift, a sample) is a purchase
    burn_in_days: Annotated[int, pydantic.Field(ge=0)] = 365  # see METRICS.md, "new customer"
    data_starts_with_shop: bool = False   # True: the first order in the data is the first ever
    sale_discount: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.05  # セール: this far under the list price
    promised_count: Annotated[int, pydantic.Field(ge=0)] | None = None  # 定期: お約束回数 where no file says it; 0: none


class Money(Strict):
    """From what customers paid to what the shop keeps."""

    basis: Literal["tax_excluded", "tax_included"] = "tax_excluded"
    tax_rate: Annotated[float, pydantic.Field(ge=0, lt=1)] | None = None  # where a file names none; Japan's if JPY
    contribution_rate: Annotated[float, pydantic.Field(gt=0, le=1)] | None = None  # of sales
    target_profit_jpy: int = 0            # a customer, in 限界CPO (client.yaml's amounts: dollars where currency is USD)


class Acquisition(Strict):
    """What a "new customer" is, in CPA and LTV."""

    new_to: Literal["shop", "product"] = "shop"  # product: an old customer's first purchase of a product counts


class WhatIf(Strict):
    """The changes whose worth the LTV chapter reckons."""

    f2_pt: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.01        # more of the new customers buy again
    cpa_share: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.10    # a new customer costs less by this share
    win_back_share: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.05  # of the dormant customers come back


class Campaign(Strict):
    """Campaigns that do not name their own response window."""

    window_days: Annotated[int, pydantic.Field(gt=0)] = 14


class Nps(Strict):
    """How long after an answer purchases are looked at; how many people each wave was sent to."""

    later_days: Annotated[int, pydantic.Field(gt=0)] = 180
    asked: dict[str, Annotated[int, pydantic.Field(gt=0)]] = {}  # wave -> people asked


class Repeat(Strict):
    """お試し: the products that are there to be tried before the real one."""

    trial_words: tuple[str, ...] = ("お試し", "おためし", "トライアル", "trial")  # in a trial product's name


class Identity(Strict):
    """名寄せ: when a contact is nobody's, and when linking stops."""

    own_domains: tuple[str, ...] = ()     # the shop's own mail domains: staff type them for customers
    shared_orders: Annotated[int, pydantic.Field(ge=1)] = 10  # an address on more orders than this ...
    shared_names: Annotated[int, pydantic.Field(ge=1)] = 3    # ... by more names than this links nobody
    max_ids: Annotated[int, pydantic.Field(ge=1)] = 10        # more cart ids and addresses: phones link nobody
    apart: tuple[Annotated[str, pydantic.Field(min_length=8)], ...] = ()  # id hashes that link nobody


class Exclude(Strict):
    """Orders that are no purchases of customers: all conditions must hold, of a condition's words one."""

    as_: Annotated[Literal["staff", "test", "wholesale", "sample", "exchange"], pydantic.Field(alias="as")]
    email: tuple[str, ...] = ()           # an address, or @domain
    name: tuple[str, ...] = ()            # words in the orderer's name
    customer_id: tuple[str, ...] = ()
    rank: tuple[str, ...] = ()            # member_rank of the customer file
    memo: tuple[str, ...] = ()            # words in the order's note
    order_no: tuple[str, ...] = ()        # words in the order's number, e.g. -R
    product: tuple[str, ...] = ()         # words in a product's name
    sku: tuple[str, ...] = ()
    coupon: tuple[str, ...] = ()
    total_at_least_jpy: Annotated[int, pydantic.Field(ge=1)] | None = None  # a floor of 0 would hold for every order
    quantity_at_least: Annotated[int, pydantic.Field(ge=1)] | None = None
    zero_yen: bool | None = None
    same_sku_within_days: Annotated[int, pydantic.Field(ge=0)] | None = None  # after an order of the same person with the same product

    @pydantic.field_validator("*", mode="before")
    @classmethod
    def _one_or_many(cls, value, info):
        many = cls.model_fields[info.field_name].annotation == tuple[str, ...]
        if not many:
            return value
        words = [str(v) for v in (value if isinstance(value, list) else [value])]
        if not all(word.strip() for word in words):
            raise ValueError("a blank word would hold for every order")
        return words

    @pydantic.model_validator(mode="after")
    def _says_something(self):
        if not self.says():
            raise ValueError(f"a rule of `exclude:` as {self.as_} without a condition would take every order")
        return self

    def says(self):
        """The rule's conditions in one line."""
        said = self.model_dump(exclude={"as_"}, exclude_defaults=True)
        return "; ".join(f"{k} {', '.join(v) if isinstance(v, tuple) else v}" for k, v in said.items())


class Proposal(Strict):
    """What the consultant settles on a proposal's card; the rest of the card is computed."""

    aim: str = ""                         # how it fits the client's own aim
    owner: str = ""                       # who does it
    goal: float | None = None             # instead of the computed goal, in the figure's own unit (0.35 = 35 %)
    by: datetime.date | None = None       # instead of the computed day
    cost_jpy: Annotated[int, pydantic.Field(ge=0)] | None = None
    shown: bool = True                    # False: not for this client


class Total(Strict):
    """A figure of the client's own books for a month; more than 0.5 % off stops the report."""

    month: Annotated[str, pydantic.Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    shop: str = "main"
    measure: Literal["gross", "billed", "revenue"]
    jpy: int


class Config(Strict):
    """client.yaml, validated."""

    name: Annotated[str, pydantic.AfterValidator(bounds.somebody)]
    language: Literal["ja", "en"] = "ja"
    as_of: datetime.date | None = None    # default: the last day of the order data
    timezone: Annotated[str, pydantic.AfterValidator(bounds.zone)] = "Asia/Tokyo"
    currency: Literal["JPY", "USD"] = "JPY"
    trade: Literal["net", "general", "durable"] = "net"
    consultant: str = ""
    sources: tuple[Source, ...] = ()      # none yet: `make check` suggests them
    totals: tuple[Total, ...] = ()        # the client's own figures, to agree with
    identity: Identity = Identity()
    exclude: tuple[Exclude, ...] = ()     # staff, test, wholesale, samples, exchanges
    money: Money = Money()
    purchases: Purchases = Purchases()
    rfm: Rfm = Rfm()
    cpm: Cpm = Cpm()
    stages: Stages = Stages()
    pattern: Pattern = Pattern()
    cards: Cards = Cards()
    repeat: Repeat = Repeat()
    basket: Basket = Basket()
    acquisition: Acquisition = Acquisition()
    what_if: WhatIf = WhatIf()
    campaign: Campaign = Campaign()
    nps: Nps = Nps()
    lists: mailing.Lists = mailing.Lists()
    scenarios: dict[str, dict | None] = {}  # what differs from, or adds to, scenarios.yaml
    channels: dict[str, str] = {}         # ad code (or channel text) in the orders -> channel
    free_channels: tuple[str, ...] = ("organic", "referral", "direct", "自然検索", "紹介")
    benchmarks: dict[str, Benchmark] = {}  # KPI id -> 基準値, over the product's own
    aim: str = ""                         # what the client itself wants to reach, in its own words
    proposals: dict[Literal[PROPOSALS], Proposal] = {}
    pdf_password_file: str = ""           # a file (in the client folder, or a full path) that holds the PDF's password
    max_reject_share: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.005
    chapters: tuple[str, ...] = ()        # default: every notebook, in its own order
    brand: Annotated[dict[str, str], pydantic.AfterValidator(bounds.look)] = {}            # logo: file in the client folder · accent: "#rrggbb"

    @pydantic.field_validator("chapters")
    @classmethod
    def _there_are(cls, names):
        known = sorted(f.stem for f in (ROOT / "notebooks").glob("*.ipynb"))
        if unknown := sorted(set(names) - set(known)):
            raise ValueError(f"no such chapter: {', '.join(unknown)}; there are {', '.join(known)}")
        return names

    @property
    def horizon_days(self):
        """The LTV horizon H by trade."""
        return HORIZON_DAYS[self.trade]


class Folder:
    """Where one client's things are; raises exit 10 for a name that is no client."""

    def __init__(self, client, root=None):
        if not isinstance(client, str) or not SLUG.fullmatch(client):
            raise errors.ShindanError(
                errors.BAD_USAGE, "This is not a client name / クライアント名ではありません",
                "CLIENT=", "use a-z 0-9 _ - only, e.g. CLIENT=demo")
        self.client = client
        self.path = clients_root(root) / client

    def require(self):
        """This folder, if it holds a client.yaml."""
        if not self.config_file.is_file():
            raise errors.ShindanError(
                errors.BAD_USAGE, f"No such client / クライアントがありません: {self.client}",
                f"client_data/{self.client}/client.yaml",
                f"run `make new CLIENT={self.client}` or check the spelling")
        return self

    config_file = property(lambda self: self.path / "client.yaml")
    raw = property(lambda self: self.path / "raw")
    work = property(lambda self: self.path / "work")
    tables = property(lambda self: self.work / "tables")
    rejects = property(lambda self: self.work / "rejects")
    planned = property(lambda self: self.path / "planned")  # who each delivered list has: kept by purge
    sent = property(lambda self: self.path / "sent")        # … and has been sent to: what the next run measures by
    results = property(lambda self: self.work / "results")
    notebooks = property(lambda self: self.work / "notebooks")
    lab = property(lambda self: self.path / "lab")
    commentary = property(lambda self: self.path / "commentary")
    deliverables = property(lambda self: self.path / "deliverables")
    key_file = property(lambda self: self.path / "pseudonym.key")


def clients_root(root=None):
    """client_data/: given, or $SHINDAN_CLIENTS, or found upward from here."""
    if root or os.environ.get("SHINDAN_CLIENTS"):
        return Path(root or os.environ["SHINDAN_CLIENTS"]).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "client_data").is_dir():
            return folder / "client_data"
    return here / "client_data"


def load(folder):
    """The Config of a client folder; exit 11 names the field and the line's meaning."""
    file = folder.require().config_file
    where = f"client_data/{folder.client}/client.yaml"
    try:
        tree = _stated(plain_yaml.load(file.read_text("utf-8-sig")))
        wrong = bounds.first_wrong(tree)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: bytes, or a day like 2025-02-30
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml cannot be read{_problem(error)} / 設定ファイルが読めません",
            f"{where}{_line(error)}", "mend the YAML there (indent with spaces, save as UTF-8; days as 2025-12-31)") from None
    if wrong:
        raise errors.ShindanError(errors.BAD_CONFIG, f"client.yaml: {wrong[1]}", f"{where}, field `{wrong[0]}`",
                                  "mend the value")
    try:
        return Config.model_validate(money.in_smallest_units(tree))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "(top)"
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: {first['msg']}", f"{where}, field `{field}`",
            "see templates/client/client.yaml for every field and its meaning") from None


def with_sources(settings, sources):
    """`settings` with other sources (plain dicts, as client.yaml writes them)."""
    return settings.model_copy(update={"sources": tuple(Source.model_validate(s) for s in sources)})


def _stated(tree):
    """The fields with something in them: a heading whose lines are all comments says nothing."""
    return {k: v for k, v in tree.items() if v is not None} if isinstance(tree, dict) else tree or {}


def _problem(error):
    said = getattr(error, "problem", None)
    return f": {said}" if said else ""


def _line(error):
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""
