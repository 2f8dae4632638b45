"""One canonical field as Ibis expressions: its texts, its typed value, and what makes a cell wrong.

Three steps, each a column of its own so that nothing is computed twice: `texts` picks the cells,
`value` types them, `complaint` names what could not be read.
"""

import ibis

from shindan import dates, money
from shindan.characters import half_width

YES = ("1", "true", "TRUE", "True", "yes", "YES", "Yes", "y", "Y", "はい", "有", "有り", "あり", "○", "〇",
       "希望する", "受け取る", "連携済み")
NO = ("0", "false", "FALSE", "False", "no", "NO", "No", "n", "N", "いいえ", "無", "無し", "なし", "×",
      "希望しない", "受け取らない", "未連携")
IDS = ("order_no", "customer_id", "subscription_id", "campaign_id", "response_id", "visitor_id")
E_NOTATION = r"^\d(\.\d+)?[eE]\+\d+$"
SCORE = r"^(10|\d)([^\d.].*)?$"
NO_ANSWER = (*money.BLANKS, "n/a", "無回答", "未回答")
COMPLAINTS = {"boolean": "not_yes_or_no", "timestamp": "not_a_date", "date": "not_a_date",
              "string": "not_mapped"}


class FieldReader:
    """Reads one field of one kind of file. `columns`: {name in the preset: column of the text}."""

    def __init__(self, name, kind, field, columns, preset, place):
        self.name, self.kind, self.field = name, kind, field
        self.columns, self.preset, self.place = columns, preset, place

    @property
    def is_there(self):
        """True if the file has a column for the field, or the field is a constant."""
        return self.field.value is not None or any(c in self.columns for c in self.field.columns)

    def texts(self, table):
        """{column: expression}: the cells the value is made of; null where blank."""
        if self.field.plus or self.field.minus:
            names = (*self.field.plus, *self.field.minus)
            return {f"{self.name}.{i}": self._cell(table, n) for i, n in enumerate(names)}
        return {f"{self.name}.0": self._text(table)}

    def _cell(self, table, name):
        """One column's text; null where blank. A column that is not there is all blank."""
        if name not in self.columns:
            return ibis.null("string")
        text = table[self.columns[name]].nullif("")
        return ibis.cases((~text.isin(self.preset.blank), text)) if self.preset.blank else text

    def _text(self, table):
        if self.field.value is not None:
            return ibis.literal(str(self.field.value))
        if self.field.join:
            cells = [self._cell(table, c).fill_null("") for c in self.field.join]
            return ibis.literal(" ").join(cells).strip().nullif("")
        cells = [self._cell(table, c) for c in self.field.from_ if c in self.columns]
        return ibis.coalesce(*cells) if cells else ibis.null("string")

    def value(self, table):
        """The typed value, from the columns of `texts`."""
        if self.field.plus or self.field.minus:
            return self._sum(table)
        text = table[f"{self.name}.0"]
        if self.field.map:
            text = _mapped(text, self.field.map)
        if self.name == "score":
            return half_width(text).strip().re_extract(SCORE, 1).try_cast("int64")
        value = self._typed(text)
        return value if self.field.scale is None else value * self.field.scale

    def _sum(self, table):
        """Amounts added and taken off; null where all are blank or one cannot be read."""
        signs = [1] * len(self.field.plus) + [-1] * len(self.field.minus)
        texts = [table[f"{self.name}.{i}"] for i in range(len(signs))]
        amounts = [money.parse_money(t.fill_null("0"), self.place["currency"]) for t in texts]
        total = sum(sign * amount for sign, amount in zip(signs, amounts, strict=True))
        return ibis.cases((ibis.or_(*(t.notnull() for t in texts)), total))

    def _typed(self, text):
        if self.kind == "string":
            return text
        if self.kind == "boolean":
            return ibis.cases((text.isin(YES), True), (text.isin(NO), False))
        if self.kind in ("timestamp", "date"):
            order = self.preset.options.get("date_order", "ymd")
            zone, source_zone = self.place["zone"], self.preset.options.get("timezone")
            value = dates.parse_timestamp(text, order, zone, source_zone)
            return value.date() if self.kind == "date" else value
        if self.name.endswith("_jpy"):
            return money.parse_money(text, self.place["currency"])
        if self.kind == "int64":
            return money.parse_int(text)
        return money.parse_number(text).cast("float64")

    def complaint(self, table):
        """Text naming what is wrong with the cell; null where nothing is."""
        texts = [table[c] for c in table.columns if c.rpartition(".")[0] == self.name]
        blanks = NO_ANSWER if self.name == "score" else self._blanks()
        said = ibis.or_(*(t.notnull() & ~t.isin(blanks) for t in texts))
        branches = [(said & table[self.name].isnull(), self._complaint())]
        if self.name in IDS:
            branches = [(texts[0].re_search(E_NOTATION), "e_notation"), *branches]
        return ibis.cases(*branches)

    def _blanks(self):
        if self.kind in ("string", "boolean"):
            return ("",)
        return (*money.BLANKS, *dates.NEVER) if self.kind in ("timestamp", "date") else money.BLANKS

    def _complaint(self):
        if self.name == "score":
            return "not_a_score_0_to_10"
        if self.field.map:
            return "not_mapped"
        if self.name.endswith("_jpy"):
            return "not_an_amount"
        return COMPLAINTS.get(self.kind, "not_a_number")


def _mapped(text, words):
    """The canonical word by a field's `map`; null for a word it does not know."""
    words = dict(words)
    default = words.pop("default", None)
    known = half_width(text).substitute(words, else_=ibis.null("string"))
    return ibis.coalesce(known, ibis.cases((text.notnull(), default))) if default else known
