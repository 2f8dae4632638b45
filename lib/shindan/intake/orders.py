"""Rows of order files -> one row per order: totals told once, statuses, re-exports, revenue."""

import ibis

from shindan import dates, errors, schema
from shindan.intake import presets

TOTALS = ("items_jpy", "discount_shop_jpy", "discount_mall_jpy", "points_shop_jpy",
          "points_mall_jpy", "shipping_jpy", "fee_jpy", "tax_jpy", "billed_jpy", "refund_jpy")
CUT = {"discount_shop_jpy": "discount", "points_shop_jpy": "points"}
ADDED = {"items_jpy": "products", "shipping_jpy": "shipping", "fee_jpy": "fee"}
ORDER = ["shop", "order_no"]


def fold(rows):
    """One row per order and file: each field's first value that is not blank.

    An order's totals stand on each of its rows or on its first; `differs` names the orders that
    repeat a total with two amounts. `replaced`: a newer export holds the order (its update stamp,
    else its file's name, sorts later); the newest export's rows count as a whole.
    """
    told = [*(c for c in presets.kinds("orders") if c != "order_no"), "status_raw", "source", "source_no"]
    per_file = rows.group_by(*ORDER, "source_file", "file_no").agg(
        n_rows=rows.count(),
        source_row=rows.source_row.min(),
        differs=ibis.or_(*((rows[c].max() != rows[c].min()).fill_null(False) for c in TOTALS)),
        **{c: rows[c].argmin(rows.source_row, where=rows[c].notnull()) for c in told})
    newest = ibis.window(group_by=ORDER, order_by=[
        per_file.source_updated_at.desc(nulls_first=False), per_file.file_no.desc()])
    per_file = per_file.mutate(place=ibis.row_number().over(newest))
    return per_file.mutate(
        replaced=per_file.place > 0, order_date=per_file.ordered_at.date(),
        order_id=per_file.shop + ":" + per_file.order_no).drop("place")


def check_statuses(con, folded, sources):
    """Stop at a status text that no one has said the meaning of."""
    unknown = folded.filter(folded.status.isnull())
    found = unknown.group_by("source_no", "status_raw").agg(
        n=unknown.count()).order_by(ibis.desc("n"), "status_raw").limit(10).to_pandas()
    if len(found):
        texts = [f"`{t}` ({n})" if isinstance(t, str) else f"`` (blank, {n})"
                 for t, n in zip(found.status_raw, found.n, strict=True)]
        source = sources[int(found.source_no[0])]
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            f"Order statuses without a meaning / 意味の決まっていない対応状況: {', '.join(texts)}",
            f"raw/{source.path}",
            "say it in client.yaml under this source, e.g. `status: {"
            f"{found.status_raw[0] if isinstance(found.status_raw[0], str) else chr(34) * 2}: valid}}`; "
            f"one of {', '.join(schema.STATUSES)}")


def money(orders, sums, rules, basis):
    """`orders` with every amount filled and revenue_jpy.

    What the file does not tell is the sum of the order's lines of that kind. revenue_jpy = items −
    shop discounts − shop points − refund (no refund takes more than the goods), without its tax
    if `basis` is tax_excluded: the order's tax on products, in proportion, floored to the yen.
    `rules` {(field, "lines" | "less_lines"): {line type: [source numbers]}} come from presets.
    """
    o = orders.left_join(sums, "order_id").drop("order_id_right")
    o = o.mutate(**{c: o[c].fill_null(0) for c in o.columns if c.startswith("sum_")})
    o = o.mutate(**{c: _ruled(o, c, rules) for c in TOTALS})
    o = o.mutate(**{c: ibis.coalesce(o[c], o[f"sum_{kind}"])
                    for c, kind in {**ADDED, **CUT}.items()})
    o = o.mutate(**{c: o[c].fill_null(0) for c in TOTALS if c not in ("tax_jpy", "billed_jpy")})
    o = o.mutate(expected_jpy=o.items_jpy + o.shipping_jpy + o.fee_jpy - o.discount_shop_jpy
                 - o.discount_mall_jpy - o.points_shop_jpy - o.points_mall_jpy)
    goods = o.items_jpy - o.discount_shop_jpy - o.points_shop_jpy
    net = ibis.greatest(goods - o.refund_jpy, 0)
    standard = dates.standard_tax_percent(o.order_date)
    tax = ibis.cases((o.sum_products > 0, net * o.sum_tax // ibis.greatest(o.sum_products, 1)),
                     else_=net * standard // (100 + standard))
    refunded = (o.status == "valid") & (o.refund_jpy > 0) & (o.refund_jpy >= goods)
    return o.mutate(
        goods_jpy=goods, net_jpy=net, revenue_jpy=net - tax if basis == "tax_excluded" else net,
        billed_known=o.billed_jpy.notnull(),
        billed_jpy=ibis.coalesce(o.billed_jpy, o.expected_jpy),
        status=ibis.cases((refunded, "returned"), else_=o.status),
        is_zero_yen=o.items_jpy - o.discount_shop_jpy <= 0)


def rules_of(overlaid):
    """{(field, "lines" | "less_lines"): {line type: [source numbers]}} of the order presets."""
    rules = {}
    for number, preset in overlaid.items():
        for name, field in preset.fields.items():
            for way in ("lines", "less_lines"):
                kind = getattr(field, way)
                if kind:
                    rules.setdefault((name, way), {}).setdefault(kind, []).append(number)
    return rules


def _ruled(o, name, rules):
    value = o[name]
    for way, sign in (("lines", 1), ("less_lines", -1)):
        for kind, numbers in rules.get((name, way), {}).items():
            value = ibis.cases((o.source_no.isin(numbers), value.fill_null(0) + sign * o[f"sum_{kind}"]),
                               else_=value)
    return value


def channel(rows, channels):
    """A row's channel: by its ad code, else its own channel text through `channels`, else unknown."""
    words = {str(k).strip(): v for k, v in channels.items()}
    named = {**{v: v for v in words.values()}, **words}
    none = ibis.null("string")
    if not words:
        return rows.acq_channel.fill_null(schema.UNKNOWN_CHANNEL)
    by_code = rows.ad_code.fill_null("").strip().substitute(words, else_=none)
    by_text = rows.acq_channel.substitute(named, else_=rows.acq_channel)
    return ibis.coalesce(by_code, by_text, ibis.literal(schema.UNKNOWN_CHANNEL))


def flag(o, members, channels):
    """`o` with its channel, type and flags filled: a person's own flags hold for every order."""
    m = members.filter(members.customer_key.notnull())
    own = m.group_by("customer_key").agg(**{
        f"person_{c}": m[f"is_{c}"].fill_null(False).any() for c in ("staff", "test", "wholesale")})
    o = o.left_join(own, "customer_key").drop("customer_key_right")
    wholesale = ibis.cases((o.person_wholesale.fill_null(False), "wholesale"), else_="onetime")
    return o.mutate(
        acq_channel=channel(o, channels), is_gift=o.is_gift.fill_null(False),
        order_type=ibis.coalesce(o.order_type, wholesale),
        is_staff=o.is_staff.fill_null(False) | o.person_staff.fill_null(False),
        is_test=o.is_test.fill_null(False) | o.person_test.fill_null(False) | (o.status == "test"))


def canonical(rows, table):
    """The columns and types of schema.TABLES[table]."""
    return rows.select(list(schema.TABLES[table])).cast(schema.of(table))
