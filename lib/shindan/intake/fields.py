"""One canonical field of one file as an Ibis expression: its value, and what makes a cell wrong."""

import ibis

from shindan import dates, money
from shindan.characters import half_width

YES = ("1", "true", "TRUE", "True", "yes", "YES", "Yes", "y", "Y", "はい", "有", "有り", "あり", "○", "〇",
       "希望する", "受け取る", "連携済み")
NO = ("0", "false", "FALSE", "False", "no", "NO", "No", "n", "N", "いいえ", "無", "無し", "なし", "×",
      "希望しない", "受け取らない", "未連携")
IDS = ("order_no", "customer_id", "subscription_id", "campaign_id", "response_id", "visitor_id")
E_NOTATION = r"^\d(\.\d+)?E\+\d+$"
SCORE = r"^(\d{1,2})([^\d.].*)?$"
NO_ANSWER = ("", "-", "--", "N/A", "NA", "n/a", "無回答", "未回答")


class Reader:
    """Reads fields of one staged file: `table` its rows as text, `columns` where each name is."""

    def __init__(self, table, columns, preset, zone, currency):
        self.table, self.columns, self.preset = table, columns, preset
        self.zone, self.currency = zone, currency

    def raw(self, field):
        """The field's text; null where blank. A missing column is a column of blanks."""
        if field.value is not None:
            return ibis.literal(str(field.value))
        if field.join:
            cells = [self.cell(c).fill_null("") for c in field.join]
            joined = cells[0]
            for cell in cells[1:]:
                joined = joined + " " + cell
            return joined.strip().nullif("")
        cells = [self.cell(c) for c in field.from_ if c in self.columns]
        if not cells:
            return ibis.null("string")
        return ibis.coalesce(*cells) if len(cells) > 1 else cells[0]

    def cell(self, name):
        """One column's text; null where blank."""
        if name not in self.columns:
            return ibis.null("string")
        text = self.table[self.columns[name]].nullif("")
        return ibis.cases((~text.isin(self.preset.blank), text)) if self.preset.blank else text

    def read(self, name, kind, field):
        """(value, reason): the typed value, and text naming what is wrong with the cell, else null."""
        if field.plus or field.minus:
            return self._sum(field)
        raw = self.raw(field)
        unknown = ibis.null("string")
        if field.map:
            raw, unknown = _mapped(raw, field.map)
        if name == "score":
            return _score(raw)
        value, reason = self._typed(name, kind, raw)
        if field.scale is not None:
            value = value * field.scale
        return value, ibis.coalesce(unknown, reason)

    def _sum(self, field):
        """Amounts added and taken off; null where every one is blank."""
        total, there, wrong = ibis.literal(0, "int64"), [], []
        for sign, names in ((1, field.plus), (-1, field.minus)):
            for name in names:
                raw = self.cell(name)
                amount = money.parse_money(raw, self.currency)
                total = total + sign * amount.fill_null(0)
                there.append(raw.notnull())
                wrong.append(amount.isnull() & ~money.is_blank(raw))
        value = ibis.cases((ibis.or_(*there), total))
        return value, ibis.cases((ibis.or_(*wrong), "not_an_amount"))

    def _typed(self, name, kind, raw):
        order = self.preset.options.get("date_order", "ymd")
        zone = self.preset.options.get("timezone")
        none = ibis.null("string")
        if kind == "string":
            return raw, none
        if kind == "boolean":
            value = ibis.cases((raw.isin(YES), True), (raw.isin(NO), False))
            return value, _wrong(raw, value, "not_yes_or_no")
        if kind in ("timestamp", "date"):
            value = dates.parse_timestamp(raw, order, self.zone, zone)
            reason = ibis.cases((~raw.isin(dates.NEVER), _wrong(raw, value, "not_a_date")))
            return (value.date() if kind == "date" else value), reason
        if name.endswith("_jpy"):
            value = money.parse_money(raw, self.currency)
            return value, _wrong(raw, value, "not_an_amount")
        value = money.parse_int(raw) if kind == "int64" else money.parse_number(raw).cast("float64")
        return value, _wrong(raw, value, "not_a_number")


def _wrong(raw, value, reason):
    """`reason` where a cell says something that could not be read."""
    return ibis.cases((value.isnull() & ~money.is_blank(raw), reason))


def _mapped(raw, words):
    """(canonical word, reason) by a field's `map`; without a default an unknown word is wrong."""
    words = dict(words)
    default = words.pop("default", None)
    known = half_width(raw).substitute(words, else_=ibis.null("string"))
    value = ibis.cases((known.isnull() & raw.notnull(), default), else_=known) if default else known
    return value, ibis.cases((raw.notnull() & value.isnull(), "not_mapped"))


def _score(raw):
    """An answer 0-10 from a cell that starts with it (「10 - 非常に薦めたい」, ９, 9点)."""
    text = half_width(raw).strip()
    number = ibis.cases((text.re_search(SCORE), text.re_extract(SCORE, 1))).try_cast("int64")
    value = ibis.cases((number <= 10, number))
    said = raw.notnull() & ~text.isin(NO_ANSWER)
    return value, ibis.cases((said & value.isnull(), "not_a_score"))
