"""A preset says, as data, how one format's columns become canonical fields; a client overrides it.

**The file** (top level of presets/*.yaml):

    grain: line | order        what one row is (order files have no lines, or several in one cell)
    totals: every_row          an order's own values stand on each of its rows and must agree
            first_row          ... on its first row only; a part without it is set aside
            other_file         ... in another file of the shop: this one holds the lines, by order_no
    tax: included              amounts hold their tax
         goods                 amounts hold their tax; tax_jpy is that of the goods alone
         on_top                tax_jpy comes on top of the items
         either                ... where only that makes the order add up to what was billed
         standard              no tax is told: the standard rate (intake/taxes.py) comes on top of the items
    again: replace             of an order that stands in two files the newest holds the whole
           add                 each holds a part (shipments): lines add up, one of an id as the newest file has it
    wide: months               a cross-tab of months and media: a row for each cell, 月 媒体 金額 単位 (intake/crosstab.py)
    refunds: negative_rows     a row with negative items is a refund of the order of its number
    needs: [order_no, …]       without a column for each of these a file is not this format
    skip: {order_no: ^合計}     rows that are no record
    blank: ["-9999"]           cells that say nothing
    status: {発送済み: valid}    the file's words (NFKC); `default` stands for all the others
    options: {quote: none}     how the file is read, see OPTIONS
    verified: yes | partly | no   with `evidence` and, what nobody has seen for certain, `unverified`
    quirks: [currency in the header, …]   what is its own; a file with each of them broken is refused (tests)
    hints: {cost_date: ask for the report by day}   how to mend a file without that needed column

**A field**, the same everywhere; names are the columns of shindan.schema:

    ordered_at: 受注日                        the column of that name
    email: [メールアドレス, E-MAIL]            the first of these that is there and not blank
    cost_date: {there: [日, レポート開始日]}    the first of these that is there, blank or not
    ordered_at: {join: [注文日, 注文時間]}      cells put together with a space (after `from`, if both)
    status: {each: [対応状況, 決済状況]}        every one has a say; the gravest word holds
    fee_jpy: {plus: [合計], minus: [送料]}      a sum of amounts; nothing where 合計 is blank
    line_amount_jpy: {times: [単価, 個数]}      a product
    discount_mall_jpy: {minus: [その他費用], only: positive}   below zero nothing is told
    discount_shop_jpy: {from: 割引, absolute: yes}            written with either sign
    shipping_jpy: {from: shipping-price, rows: sum}           told per row: the order's is the sum
    points_shop_jpy: {lines: points}          the sum of the order's lines of that type
    discount_shop_jpy: {from: 値引き, less_lines: points}     ... taken off
    discount_shop_jpy: {rest: yes}            what the billed amount is lower than all other parts
    fee_jpy: {plus: [手数料], rest: yes}       where that is blank, what the bill is higher than them
    order_type: {from: 種別, map: {"4": subscription, default: onetime}}
    line_type: {from: 商品名, match: {"^送料": shipping, default: product}}   by pattern
    utm_source: {from: 備考, find: "utm_source=(\\w+)"}        the part in brackets
    sku: {from: 購入商品, split: ","}          several lines in one cell
    tax_rate: {from: 税率, scale: 0.01}        a number times a factor
    platform: {value: google_ads}             a constant

Beside the schema's columns a file may give those of EXTRA: who the person is, when an order was
cancelled, a line's own id (a repeated line with an id is dropped, without one kept), the currency
of its amounts (a row in another one than the client's is rejected), part_of, the number of the order
that a slip was split off (they are one order again), rows_jpy, the goods' own sum: what items and
discounts hold beyond it was taken off shipping.
"""

import functools
from importlib import resources
from typing import Literal

import pydantic
import yaml

from shindan import dates, errors, schema

OPTIONS = {
    "date_order": dates.ORDERS, "date_system": tuple(dates.SYSTEMS), "decimal": ("point", "comma"),
    "header": ("none",), "header_row": None, "header_rows": None, "quote": ("none",),
    "comment": None,          # lines that begin with it are no rows, e.g. "#"
    "ends": ("blank",),       # the table ends at the first blank line or comment; another may follow
    "total": None,            # the field whose Σ a dropped total row is held against
    "delimiter": ("comma", "tab", "semicolon", "pipe", "spaces"), "cost_tax": ("included",),
    "encoding": ("utf-8", "utf-16", "cp932", "euc_jp"), "timezone": None,  # of times that name no zone; "told": as the file's own header says
    "totals": ("every_row", "first_row", "other_file"),
    "tax": ("included", "goods", "on_top", "either", "standard"), "refunds": ("negative_rows",),
    "first_month": None,      # of a cross-tab whose months name no year: "2024-04"
    "id_kind": None, "fee_included": None, "fee_added": None,
    "lines": ("incomplete",),  # Σ lines is not held against the order's items
}
SHAPE = ("totals", "tax", "refunds")  # what an option of client.yaml may change in the preset itself
PERSON = dict.fromkeys(("customer_id", "email", "phone", "name", "kana", "postal_code"), "string")
# fields a file may give beyond the columns of its canonical table
EXTRA = {
    "orders": {**PERSON, "cancelled_at": "timestamp", "memo": "string", "currency": "string", "part_of": "string",
               "rows_jpy": "int64"},
    "order_lines": {"price_has_tax": "boolean", "line_id": "string", "is_cancelled": "boolean"},
    "customers": {**PERSON, "birth_date": "date"},
    "campaign_sends": PERSON, "campaign_responses": PERSON,
    "nps_responses": {**PERSON, "is_test": "boolean", "is_complete": "boolean"},
    "ad_costs": {"cost_end": "date", "currency": "string", "label": "string"}, "campaign_stats": {"stat_date": "date"},
    "site_visits": {"first_touch": "string"},
    "events": PERSON, "subscriptions": PERSON,
}
# columns that no file gives: intake computes them
COMPUTED = {
    "orders": ("order_id", "order_date", "status_raw", "shop", "source", "revenue_jpy", "is_guest",
               "is_zero_yen"),
    "order_lines": ("order_id", "line_no"),
    "customers": ("n_source_ids", "first_order_date"),
    "site_visits": ("from_date", "to_date", "is_first_touch"),
}
ALWAYS_COMPUTED = ("customer_key", "source_file", "source_row")
LISTS = ("from", "there", "join", "each", "plus", "minus", "times")


class Field(pydantic.BaseModel):
    """Where a canonical field comes from."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    from_: tuple[str, ...] = pydantic.Field((), alias="from")
    there: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    only: Literal["positive"] | None = None
    absolute: bool = False
    rows: Literal["sum"] | None = None
    map: dict[str, str] = {}
    match: dict[str, str] = {}
    find: str | None = None
    split: str | None = None
    scale: float | None = None
    value: str | int | float | bool | None = None
    lines: str | None = None
    less_lines: str | None = None
    rest: bool = False

    @pydantic.model_validator(mode="before")
    @classmethod
    def _short(cls, data):
        data = {"from": data} if isinstance(data, (str, list, tuple)) else dict(data)
        data = {k: (v,) if k in LISTS and isinstance(v, str) else v for k, v in data.items()}
        for words in data.keys() & {"map", "match"}:  # YAML reads `1: yes` as numbers and truths
            data[words] = {_word(k): _word(v) for k, v in dict(data[words]).items()}
        return data

    @property
    def columns(self):
        """Every column name this field may read."""
        return (*self.from_, *self.there, *self.join, *self.each, *self.plus, *self.minus, *self.times)


def _word(value):
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


class Preset(pydantic.BaseModel):
    """One format."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    title: str
    verified: Literal[True, False, "partly"]
    evidence: str
    unverified: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    hints: dict[str, str] = {}
    table: str
    grain: Literal["line", "order"] = "line"
    totals: Literal["every_row", "first_row", "other_file"] = "every_row"
    tax: Literal["included", "goods", "on_top", "either", "standard"] = "included"
    again: Literal["replace", "add"] = "replace"
    refunds: Literal["negative_rows"] | None = None
    wide: Literal["months"] | None = None
    needs: tuple[str, ...] = ()
    skip: dict[str, str] = {}
    blank: tuple[str, ...] = ()
    fields: dict[str, Field] = {}
    lines: dict[str, Field] = {}
    status: dict[str, str] = {}
    options: dict[str, str] = {}

    @pydantic.field_validator("fields", "lines", mode="before")
    @classmethod
    def _named(cls, data):
        return {name: name for name in data} if isinstance(data, list) else data

    @pydantic.model_validator(mode="after")
    def _known(self):
        for name in self.fields:
            if name not in kinds(self.table):
                raise ValueError(f"`{name}` is no field of {self.table}")
        for name in self.lines:
            if name not in kinds("order_lines"):
                raise ValueError(f"`{name}` is no field of order_lines")
        return self

    @property
    def all_fields(self):
        """The fields of a row: the table's own and, beside orders, their lines'."""
        return {**self.fields, **self.lines}


def kinds(table):
    """The fields a file may give for `table` -> their types."""
    computed = (*ALWAYS_COMPUTED, *COMPUTED.get(table, ()))
    own = {k: v for k, v in schema.TABLES[table].items() if k not in computed}
    return {**own, **EXTRA.get(table, {})}


def names():
    """Every preset there is."""
    folder = resources.files("shindan") / "presets"
    return sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml"))


@functools.cache
def load(name):
    """The preset of that name as it stands in presets/<name>.yaml."""
    file = resources.files("shindan") / "presets" / f"{name}.yaml"
    return Preset.model_validate(yaml.safe_load(file.read_text("utf-8")))


def for_source(source, where="client.yaml"):
    """The preset of a source with the client's columns, constants, statuses and options laid over."""
    if source.preset not in names():
        raise _bad(where, f"there is no preset `{source.preset}`", "one of " + ", ".join(names()))
    preset = load(source.preset)
    own, line = dict(preset.fields), dict(preset.lines)
    for name, field in _given(source, where).items():
        if name in kinds(preset.table):
            own[name] = field
        elif preset.table == "orders" and name in kinds("order_lines"):
            line[name] = field
        else:
            known = {**kinds(preset.table), **(kinds("order_lines") if preset.table == "orders" else {})}
            raise _bad(where, f"`{name}` is no field of {preset.table}",
                       "the fields are " + ", ".join(sorted(known)))
    _check_options(source, where)
    unsaid = [n for n in preset.needs if n not in own and n not in line]
    if unsaid:
        raise _bad(where, f"{preset.title}: nobody has seen which columns hold {', '.join(unsaid)}",
                   f"say it under this source, e.g. `columns: {{{unsaid[0]}: its column's name}}`")
    needs = dict.fromkeys((*preset.needs, *source.columns))
    return preset.model_copy(update={
        "fields": own, "lines": line, "needs": tuple(needs),
        "status": {**preset.status, **source.status},
        **{k: v for k, v in source.options.items() if k in SHAPE},
        "options": {**preset.options, **source.options}})


def _given(source, where):
    """{field: Field} that client.yaml says."""
    given = {k: Field(value=v) for k, v in source.values.items()}
    for name, words in source.columns.items():
        try:
            given[name] = Field.model_validate(words)
        except pydantic.ValidationError as error:
            raise _bad(where, f"columns, `{name}`: {error.errors()[0]['msg']}",
                       "a column's name, a list of names, or the words of docs/formats") from None
    return given


def _check_options(source, where):
    for name, value in source.options.items():
        if name not in OPTIONS:
            raise _bad(where, f"there is no option `{name}`", "one of " + ", ".join(OPTIONS))
        if OPTIONS[name] and value not in OPTIONS[name]:
            raise _bad(where, f"option `{name}`: {value}", "one of " + ", ".join(OPTIONS[name]))
    for text, status in source.status.items():
        if status not in schema.STATUSES:
            raise _bad(where, f"status `{text}`: {status}", "one of " + ", ".join(schema.STATUSES))


def _bad(where, what, mend):
    return errors.ShindanError(errors.BAD_CONFIG, f"client.yaml: {what}", where, mend)
