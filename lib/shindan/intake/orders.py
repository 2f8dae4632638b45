"""Rows of order files -> one row per order: totals told once, statuses, re-exports, flags."""

import ibis

from shindan import errors, schema
from shindan.intake import presets, quotable
from shindan.intake.shapes import at

TOTALS = ("items_jpy", "discount_shop_jpy", "discount_mall_jpy", "points_shop_jpy",
          "points_mall_jpy", "shipping_jpy", "fee_jpy", "tax_jpy", "billed_jpy", "refund_jpy")
ORDER = ["shop", "order_no"]
PART = [*ORDER, "export"]  # the file that holds an order whole, or all files of the shop that add up


def sort_out(rows, shapes):
    """`rows` with `export`, `part`: head (tells of an order), lines (joins one) or refund, and `unused`.

    A row that repeats another line of its order and file, its id too, is unused: "line_twice"; so
    is a line that was cancelled, and where files add up the older of a line that stands in two.
    Lines alike without an id are kept: one may buy the same twice.
    """
    rows = rows.mutate(export=ibis.cases((at(rows, shapes.of(again="add")), -1), else_=rows.file_no))
    refund = at(rows, shapes.of(refunds="negative_rows")) & (rows.items_jpy < 0)
    part = ibis.cases((at(rows, shapes.of(totals="other_file")), "lines"),
                      (refund.fill_null(False), "refund"), else_="head")
    branches = []
    if "line_id" in shapes.given():
        said = [n for n in presets.kinds("order_lines") if n in shapes.given()]
        same = ibis.row_number().over(group_by=[*PART, "file_no", *said], order_by="source_row")
        branches.append((rows.line_id.notnull() & (same > 0), "line_twice"))
    if shapes.of(again="add"):
        last = rows.file_no.max().over(group_by=[*PART, "line_id", "sku"])
        branches.append(((rows.export < 0) & rows.line_id.notnull() & (rows.file_no < last), "replaced"))
    if "is_cancelled" in shapes.given():
        whole = (rows.status == "cancelled").fill_null(False)  # such an order keeps what it was worth
        branches.append((rows.is_cancelled.fill_null(False) & ~whole, "line_cancelled"))
    return rows.mutate(part=part, unused=ibis.cases(*branches) if branches else ibis.null("string"))


def fold(rows, shapes):
    """One row per order and export, from head rows: each field's first value that is not blank.

    Amounts told per row are summed. `wrong` says why an order cannot be used: it repeats a total
    with two amounts, or its first row, which alone tells them, is not there. `replaced`: a newer
    export holds the order (its update stamp, else its file's name, sorts later); the newest
    export's rows count as a whole.
    """
    heads = rows.filter(rows.part == "head")
    given = shapes.given() - {"order_no"}
    kinds = {**presets.kinds("orders"), "status_raw": "string", "source": "string", "source_no": "int64"}
    told = [c for c in kinds if c in given or c in ("status", "status_raw", "source", "source_no")]
    amounts = [c for c in (*TOTALS, "rows_jpy") if c in given]
    place = heads.file_no * 2**40 + heads.source_row
    first = {c: heads[c].argmin(place, where=heads[c].notnull()) for c in (*told, "source_file", "source_row")}
    for c in amounts:
        if numbers := shapes.summed(c):
            parts = heads[c].sum(where=heads.unused.isnull() & at(heads, numbers)).cast(kinds[c])
            first[c] = ibis.cases((heads.source_no.min().isin(numbers), parts), else_=first[c])
    repeated = [_repeated(heads, c, shapes) for c in amounts]
    differs = [(r.max() != r.min()).fill_null(False) for r in repeated]
    per_file = heads.group_by(*PART).agg(
        n_rows=heads.count(), file_no=heads.file_no.max(),
        first_day=heads.ordered_at.min().date(), last_day=heads.ordered_at.max().date(),
        differs=ibis.or_(*differs) if differs else ibis.literal(False), **first)
    blank = {c: ibis.null(k) for c, k in kinds.items() if c not in told and c != "order_no"}
    per_file = per_file.mutate(**blank)
    headless = at(per_file, shapes.of(totals="first_row")) & per_file.billed_jpy.isnull() & per_file.items_jpy.isnull()
    newest = ibis.window(group_by=ORDER, order_by=[headless,
        per_file.source_updated_at.desc(nulls_first=False), per_file.file_no.desc()])
    wrong = ibis.cases((headless, "first_row_of_the_order_missing"),
                       (_apart(per_file.first_day, per_file.last_day), "days_differ_within_the_order"),
                       (per_file.differs, "amounts_differ_within_the_order"))
    per_file = per_file.mutate(wrong=wrong).mutate(place=ibis.row_number().over(newest))
    return per_file.mutate(
        replaced=per_file.place > 0, order_date=per_file.ordered_at.date(),
        order_id=per_file.shop + ":" + per_file.order_no).drop("place", "differs", "first_day", "last_day")


def _apart(first, last):
    """True for two days that cannot be one order's, as shops and malls write it (a night between at most)."""
    return last.delta(first, unit="day") > 1


def renumbered(folded):
    """One row per order number that files give to orders of different days: shop, order_no, and where each stands.

    A newer export replaces an older one of the same order; two orders of one number must not meet.
    """
    days = folded.group_by(*ORDER).agg(
        first=folded.order_date.min(), last=folded.order_date.max(),
        file=folded.source_file.argmin(folded.order_date), row=folded.source_row.argmin(folded.order_date),
        other_file=folded.source_file.argmax(folded.order_date), other_row=folded.source_row.argmax(folded.order_date))
    return days.filter(_apart(days.first, days.last)).drop("first", "last")


def _repeated(rows, name, shapes):
    """An amount where it is repeated on the order's rows; null where rows add up to it."""
    numbers = shapes.summed(name)
    return ibis.cases((~at(rows, numbers), rows[name])) if numbers else rows[name]


def join_files(folded, rows, shapes):
    """`folded` with lines_export: the newest file with lines of the order, else the order's own."""
    own = folded.mutate(lines_export=folded.export)
    if not shapes.of(totals="other_file"):
        return own
    lines = rows.filter(rows.part == "lines")
    newest = lines.group_by(*ORDER).agg(found=lines.export.argmax(lines.file_no))
    own = own.left_join(newest, ORDER)
    return own.mutate(lines_export=own.found.fill_null(own.export)).drop(
        "found", *(c for c in own.columns if c.endswith("_right")))


def add_refunds(folded, rows, shapes):
    """`folded` with the refunds that stand on rows of their own; one told by two exports counts once."""
    if not shapes.of(refunds="negative_rows"):
        return folded
    refunds = rows.filter(rows.part == "refund").select(*ORDER, "ordered_at", "items_jpy").distinct()
    total = refunds.group_by(*ORDER).agg(on_rows=-refunds.items_jpy.sum().cast("int64"))
    o = folded.left_join(total, ORDER)
    told = o.refund_jpy.fill_null(0) + o.on_rows.fill_null(0)
    return o.mutate(refund_jpy=ibis.cases((o.on_rows.notnull(), told), else_=o.refund_jpy)).drop(
        "on_rows", *(c for c in o.columns if c.endswith("_right")))


def check_statuses(folded, inputs):
    """Stop at a status text that no one has said the meaning of, in the first source that has one."""
    unknown = folded.filter(folded.status.isnull())
    first = unknown.order_by("source_no", "source_file", "source_row").limit(1).to_pandas()
    if not len(first):
        return
    (source,) = (i for i in inputs if i.number == int(first.source_no[0]))
    mine = unknown.filter(unknown.source_no == source.number)
    counts = mine.group_by("status_raw").agg(n=mine.count()).order_by(ibis.desc("n"), "status_raw").to_pandas()
    counts = {t if isinstance(t, str) else "": int(n) for t, n in zip(counts.status_raw, counts.n, strict=True)}
    column = " / ".join(source.preset.fields["status"].columns)
    said, example = _said(counts, column)
    raise errors.ShindanError(
        errors.INPUT_INVALID, f"Order statuses without a meaning / 意味の決まっていない対応状況: {said}",
        f"raw/{first.source_file[0]}, row {first.source_row[0]}, column `{column}`",
        f"say it in client.yaml under the source `{source.source.path}`, e.g. `status: {{{example}: valid}}`; "
        f"one of {', '.join(schema.STATUSES)} / client.yaml のその source に、有効(valid)・取消(cancelled)・"
        "返品(returned)・未確定(pending)のどれかを書く")


def _said(counts, column):
    """(the texts with their counts, one of them): what may be personal is counted, not quoted."""
    quoted = quotable.words(counts, column)
    said = [f"`{t}` ({counts[t]})" for t in quoted]
    said += [f"`` (blank, {counts['']})"] if "" in counts else []
    hidden = [t for t in counts if t and t not in quoted]
    said += [f"{len(hidden)} different text(s), not quoted here; is this the column of the status?"] if hidden else []
    return ", ".join(said), quoted[0] if quoted else "…" if hidden else '""'


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
    """`o` with its channel, type and flags filled: a person's own flags hold for every order.

    An ad code that looks like somebody's address, number or name is none, and hidden_code.
    """
    hidden = o.ad_code.strip().re_search(quotable.NO_CODE).fill_null(False)
    o = o.mutate(hidden_code=hidden, ad_code=ibis.cases((~hidden, o.ad_code)))
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
