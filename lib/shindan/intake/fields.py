"""One canonical field as Ibis expressions: its texts, its typed value, and what makes a cell wrong.

Three steps, each a column of its own so that nothing is computed twice: `texts` picks the cells,
`value` types them, `complaint` names what could not be read.
"""

import ibis

from shindan import dates, money
from shindan.characters import E_NOTATION, half_width, narrow, one_dash

YES = ("1", "true", "TRUE", "True", "yes", "YES", "Yes", "y", "Y", "はい", "有", "有り", "あり", "○", "〇",
       "希望する", "受け取る", "連携済み")
NO = ("0", "false", "FALSE", "False", "no", "NO", "No", "n", "N", "いいえ", "無", "無し", "なし", "×",
      "希望しない", "受け取らない", "未連携")
SEXES = {  # 1 and 2 as ISO 5218 and EC-CUBE have them
    "female": ("female", "f", "woman", "女性", "女", "女子", "婦人", "2"),
    "male": ("male", "m", "man", "男性", "男", "男子", "1"),
    "other": ("other", "unknown", "その他", "不明", "未回答", "無回答", "未設定", "未登録", "回答しない", "答えたくない", "法人", "0", "3", "9"),
}
IDS = ("order_no", "part_of", "customer_id", "subscription_id", "campaign_id", "response_id", "visitor_id",
       "order_id", "sku", "line_id")
KEYS = (*IDS, "coupon_code", "ad_code", "session_id")  # compared between files
CONTACTS = ("phone", "postal_code", "email")
PACKED = r"^(?:=\"(.*)\"|['‘’](.*))$"  # ="0901234" and '0901234: how text is kept from Excel
PERCENT = r" ?[%％]$"
SHARES = ("holdout_rate",)
TAKEN_OFF = ("discount_shop_jpy", "discount_mall_jpy", "points_shop_jpy", "points_mall_jpy")
SCORE = r"^(10|\d)(\.0|[^\d.].*)?$"
NO_ANSWER = (*money.BLANKS, "無回答", "未回答")
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
        f = self.field
        names = (*f.plus, *f.minus) or f.times or f.each
        if names:
            return {f"{self.name}.{i}": self._said(self._cell(table, n)) for i, n in enumerate(names)}
        return {f"{self.name}.0": self._said(self._found(self._text(table)))}

    def _said(self, text):
        """The text of a cell; null where it says nothing, by the field's kind."""
        if self.name == "score":
            return ibis.cases((~text.strip().isin(NO_ANSWER), text))
        if self.field.map or self.field.match or self.name == "status":
            return half_width(text).strip()
        return text if self.kind in ("string", "boolean") else money.clean(text)

    def _cell(self, table, name):
        """One column's text; null where blank. A column that is not there is all blank."""
        if name not in self.columns:
            return ibis.null("string")
        text = table[self.columns[name]].nullif("")
        return ibis.cases((~text.isin(self.preset.blank), text)) if self.preset.blank else text

    def _text(self, table):
        if self.field.value is not None:
            return ibis.literal(str(self.field.value))
        there = [c for c in self.field.there if c in self.columns][:1]
        cells = [self._cell(table, c) for c in (*there, *self.field.from_) if c in self.columns]
        if any(c in self.columns for c in self.field.join):
            joined = [self._cell(table, c).fill_null("") for c in self.field.join]
            cells.append(ibis.literal(" ").join(joined).strip().nullif(""))
        return ibis.coalesce(*cells) if cells else ibis.null("string")

    def _found(self, text):
        return text.re_extract(self.field.find, 1).nullif("") if self.field.find else text

    def prepared(self, table):
        """`table` with what `value` stands on beside the texts: the time stamps of a date field."""
        if self.kind not in ("timestamp", "date"):
            return table
        written = self.place.get("dates", {}).get(self.name, dates.Written())
        return dates.parse(table, f"{self.name}.0", f"{self.name}.stamp", written,
                           self.place["zone"], self.preset.options.get("timezone"))

    def value(self, table):
        """The typed value, from the columns of `texts`."""
        value = self._value(table)
        if self.field.scale is not None:
            value = value * self.field.scale
        if self.field.absolute:
            value = value.abs()
        return ibis.cases((value.notnull(), ibis.greatest(value, 0))) if self.field.only else value

    def _value(self, table):
        if self.field.plus or self.field.minus:
            return self._sum(table)
        if self.field.times:
            return self._product(table)
        text = self.word(table[f"{self.name}.0"])
        if self.name == "sex":
            said = half_width(text).strip().lower()
            return ibis.cases(*((said.isin(words), sex) for sex, words in SEXES.items()))
        if self.name == "score":
            return half_width(text).strip().re_extract(SCORE, 1).try_cast("int64")
        return self._typed(text, table)

    def _sum(self, table):
        """Amounts added and taken off; null where one cannot be read, or the one that all stands on is blank."""
        signs = [1] * len(self.field.plus) + [-1] * len(self.field.minus)
        texts = [table[f"{self.name}.{i}"] for i in range(len(signs))]
        amounts = [money.parse_money(t.fill_null("0"), self.place["currency"], self._decimal) for t in texts]
        total = sum(sign * amount for sign, amount in zip(signs, amounts, strict=True))
        told = texts[:1] if self._stands_on_first else texts
        return ibis.cases((ibis.or_(*(t.notnull() for t in told)), total))

    @property
    def _stands_on_first(self):
        return bool(self.field.plus and (self.field.minus or self.field.rest))

    def word(self, text):
        """The canonical word of a cell, where the field says how words translate."""
        return _mapped(text, self.field) if self.field.map or self.field.match else text

    def _product(self, table):
        """Two numbers multiplied, rounded to the currency's smallest unit; null where one is."""
        first, second = (money.parse_number(table[f"{self.name}.{i}"], self._decimal) for i in (0, 1))
        unit = 10 ** money.MINOR_DIGITS[self.place["currency"]]
        return (first * second * unit).round().cast("int64")

    def _typed(self, text, table):
        if self.kind == "string":
            return self._words(text)
        if self.kind == "boolean":
            return ibis.cases((text.isin(YES), True), (text.isin(NO), False))
        if self.kind in ("timestamp", "date"):
            stamp = table[f"{self.name}.stamp"]
            return stamp.date() if self.kind == "date" else stamp
        if self.name.endswith("_jpy"):
            return money.parse_money(text, self.place["currency"], self._decimal)
        if self.kind == "int64":
            return money.parse_int(text, self._decimal)
        return self._number(text)

    def _number(self, text):
        """A number; a percent sign says hundredths, where the preset has no factor of its own."""
        number = money.parse_number(text.re_replace(PERCENT, ""), self._decimal).cast("float64")
        if self.field.scale is None:
            number = ibis.cases((text.re_search(PERCENT), number / 100), else_=number)
        if self.name in SHARES:
            number = ibis.cases(((number >= 0) & (number < 1), number))
        return number

    @property
    def _decimal(self):
        return self.preset.options.get("decimal", "point")

    def _words(self, text):
        """Text as it is kept: one wave dash and one minus; what is compared, in half width."""
        if self.name in (*IDS, *CONTACTS):
            packed = text.re_search(PACKED)
            text = ibis.cases((packed, text.re_replace(PACKED, r"\1\2")), else_=text)
        if self.name not in KEYS:
            return one_dash(text)
        return half_width(text).strip().re_replace(r"^(\d+)\.0$", r"\1").nullif("")

    def complaint(self, table):
        """Text naming what is wrong with the cell; null where nothing is."""
        texts = [table[c] for c in table.columns if c.rpartition(".")[0] == self.name and c[-1].isdigit()]
        cells = [t.notnull() for t in texts]
        if self.kind in ("timestamp", "date"):
            cells = [c & ~dates.is_stand_in(t, self.name == "birth_date") for c, t in zip(cells, texts, strict=True)]
        cells = cells[:1] if self._stands_on_first else cells
        said = ibis.and_(*cells) if self.field.times else ibis.or_(*cells)
        branches = [(said & table[self.name].isnull(), self._complaint())]
        if self.name == "currency":
            branches.append((table[self.name].strip().upper() != self.place["currency"], "another_currency"))
        if self.name in TAKEN_OFF and not (self.field.absolute or self.field.plus or self.field.minus or self.field.rows):
            branches.append((table[self.name] < 0, "below_zero_where_nothing_is_added"))
        if self.name in IDS:
            branches = [(texts[0].re_search(E_NOTATION), "e_notation"), *branches]
        return ibis.cases(*branches)

    def _complaint(self):
        if self.name == "score":
            return "not_a_score_0_to_10"
        if self.name in SHARES:
            return "not_a_share_0_to_1"
        if self.field.map or self.field.match:
            return "not_mapped"
        if self.name.endswith("_jpy"):
            return "not_an_amount"
        return COMPLAINTS.get(self.kind, "not_a_number")


def _mapped(text, field):
    """The canonical word by a field's `map` or `match`; null for a text it does not know."""
    words = {narrow(k): v for k, v in {**field.map, **field.match}.items()}
    default = words.pop("default", None)
    if field.match:
        patterns = [(text.re_search(k), v) for k, v in field.match.items() if k != "default"]
        known = ibis.cases(*patterns, else_=ibis.null("string"))
    else:
        known = text.substitute(words, else_=ibis.null("string"))
    return ibis.coalesce(known, ibis.cases((text.notnull(), default))) if default else known
