"""A preset says, as data, how one format's columns become canonical fields; a client overrides it.

The vocabulary of a field (presets/*.yaml), the same everywhere:

    ordered_at: 受注日                      the column of that name
    email: [メールアドレス, E-MAIL]          the first of these that is there and not blank
    ordered_at: {join: [注文日, 注文時間]}    cells put together with a space
    fee_jpy: {plus: [合計], minus: [送料]}    a sum of amounts
    order_type: {from: 種別, map: {"4": subscription, default: onetime}}
    tax_rate: {from: 税率, scale: 0.01}      a number times a factor
    platform: {value: google_ads}           a constant
    points_shop_jpy: {lines: points}        the sum of the order's lines of that type
    discount_shop_jpy: {from: 値引き, less_lines: points}   ... taken off

How a cell is read follows from its field's type in shindan.schema. Headers are compared after
NFKC without spaces.
"""

import functools
from importlib import resources
from typing import Literal

import pydantic
import yaml

from shindan import dates, errors, schema

OPTIONS = {
    "date_order": tuple(dates.ORDERS), "header": ("none",), "quote": ("none",),
    "delimiter": ("comma", "tab", "semicolon", "spaces"), "cost_tax": ("included",),
    "encoding": ("utf-8", "utf-16", "cp932", "euc_jp"), "timezone": None,
}
PERSON = {"customer_id": "string", "email": "string"}
# fields a file may give beyond the columns of its canonical table
EXTRA = {
    "orders": PERSON,
    "order_lines": {"price_has_tax": "boolean"},
    "customers": {**PERSON, "birth_date": "date"},
    "campaign_sends": PERSON, "campaign_responses": PERSON, "nps_responses": PERSON,
    "events": PERSON, "subscriptions": PERSON,
}
# columns that no file gives: intake computes them
COMPUTED = {
    "orders": ("order_id", "order_date", "status_raw", "shop", "source", "revenue_jpy", "is_guest",
               "is_zero_yen"),
    "order_lines": ("order_id", "line_no"),
    "customers": ("n_source_ids", "first_order_date"),
}
ALWAYS_COMPUTED = ("customer_key", "source_file", "source_row")


class Field(pydantic.BaseModel):
    """Where a canonical field comes from."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    from_: tuple[str, ...] = pydantic.Field((), alias="from")
    join: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    map: dict[str, str] = {}
    scale: float | None = None
    value: str | int | float | bool | None = None
    lines: str | None = None
    less_lines: str | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _short(cls, data):
        data = {"from": data} if isinstance(data, (str, list, tuple)) else dict(data)
        return {k: (v,) if k in ("from", "join", "plus", "minus") and isinstance(v, str) else v
                for k, v in data.items()}

    @property
    def columns(self):
        """Every column name this field may read."""
        return (*self.from_, *self.join, *self.plus, *self.minus)


class Preset(pydantic.BaseModel):
    """One format."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)
    title: str
    verified: Literal[True, False, "partly"]
    evidence: str
    table: str
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
    given = {**{k: Field(value=v) for k, v in source.values.items()},
             **{k: Field.model_validate(v) for k, v in source.columns.items()}}
    for name, field in given.items():
        if name in kinds(preset.table):
            own[name] = field
        elif preset.table == "orders" and name in kinds("order_lines"):
            line[name] = field
        else:
            known = {**kinds(preset.table), **(kinds("order_lines") if preset.table == "orders" else {})}
            raise _bad(where, f"`{name}` is no field of {preset.table}",
                       "the fields are " + ", ".join(sorted(known)))
    _check_options(source, where)
    needs = dict.fromkeys((*preset.needs, *source.columns))
    return preset.model_copy(update={
        "fields": own, "lines": line, "needs": tuple(needs),
        "status": {**preset.status, **source.status},
        "options": {**preset.options, **source.options}})


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
