"""MAP + CONFORM: staged files -> rows of typed canonical fields, each accepted or set aside.

Every row keeps its file and number. `skipped` names why a row is no record (blank, total, header);
`wrong_column` and `reason` say why it is rejected. Rejects never hold what the cell said.
"""

import dataclasses

import ibis

from shindan import dates, errors, schema
from shindan.characters import E_NOTATION, half_width, narrow
from shindan.intake import date_columns, presets, totals
from shindan.intake.fields import FieldReader

NEVER_BLANK = {
    "orders": ("order_no", "ordered_at"),
    "ad_costs": ("cost_date",), "campaigns": ("campaign_id",),
    "campaign_sends": ("campaign_id",), "campaign_responses": ("campaign_id", "event"),
    "campaign_stats": ("campaign_id",), "events": ("event_at", "event"),
    "subscriptions": ("subscription_id",),
}
IF_NEEDED = ("stat_date", "response_id", "line_id")  # never blank where the format has them: a row without may be a sum
ONE_OF = {"customers": ("customer_id", "email", "phone")}  # a row needs one of these
GRAVEST = ("test", "cancelled", "returned", "pending", "valid")
TOTAL = r"(?i)^[(\[【<]?\s*(.{0,10}[年月期度週日分] ?)?((小|中|合|総|累) ?計|計|(sub|grand)?[ -]?total)\s*[)\]】>]?[:：]?$"
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CELLS = {"sku_like_a_date": "like_dates", "phones_cut": "cut_phones"}  # a note -> how many cells of a file it is about
LIKE_A_DATE = rf"^(\d{{1,2}}月\d{{1,2}}日|({MONTHS})-\d{{1,2}}|\d{{1,2}}-({MONTHS})|\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}( 0?0:00(:00)?)?)$"
WHERE = ("source_file", "file_no", "source_row")


@dataclasses.dataclass
class Account:
    """The rows of one file: read = used + skipped + rejected."""

    file: str
    sha256: str
    preset: str
    table: str
    encoding: str
    rows_read: int
    rejected: int
    skipped: dict
    missing: tuple = ()
    notes: list = dataclasses.field(default_factory=list)

    @property
    def used(self):
        return self.rows_read - self.rejected - sum(self.skipped.values())

    def skip(self, why, count):
        """Account for `count` rows that turned out not to be used, and why."""
        if count:
            self.skipped[why] = self.skipped.get(why, 0) + count


def conform(con, staged, preset, place, target):
    """Write the canonical rows of files with the same columns to `target`; returns their Accounts.

    `place` says where the files stand: shop, preset, source_no, zone, currency; and in how many
    buckets their rows are kept, by order number: in folders bucket=0, bucket=1 … below `target`.
    """
    text = con.read_parquet([str(s.path) for s in staged])
    ways, notes = date_columns.look(text, staged[0].columns, preset, place)
    place = {**place, "dates": ways}
    made, buckets = rows(text, staged[0].columns, preset, place), place.get("buckets", 1)
    if buckets == 1:
        con.to_parquet(made, target, compression="zstd")
    else:
        made = made.mutate(bucket=(made.order_no.hash().abs() % buckets).fill_null(0))
        con.to_parquet(made, target, compression="zstd", partition_by="bucket")
    done = con.read_parquet(str(target) if buckets == 1 else f"{target}/*/*.parquet")
    groups = done.group_by("source_file", "skipped", "wrong_column", "reason").agg(
        n=done.count(), first=done.source_row.min(), like_dates=_like_dates(done), cut_phones=_cut_phones(done)).to_pandas()
    _refuse_damaged_ids(groups)
    _refuse_other_layout(groups)
    accounts = [_account(s, groups[groups.source_file == s.file], preset, place) for s in staged]
    if preset.options.get("total"):
        notes += totals.check(done, preset.options["total"], bool(preset.wide))
    notes += [(s.file, note) for s in staged for note in s.notes]
    notes += [(file, {"id": name, "cells": int(n)}) for name, column in CELLS.items()
              for file, n in groups.groupby("source_file")[column].sum().items() if n]
    if _tells_no_status(staged[0].columns, preset):
        notes += [(staged[0].file, {"id": "no_status", "files": len(staged)})]
    for a in accounts:
        a.notes += [{**note, "file": a.file} for file, note in notes if file == a.file]
    return accounts


def _like_dates(done):
    """How many product codes look like days: Excel makes 4月5日 of 4-5."""
    return done.sku.re_search(LIKE_A_DATE).sum().fill_null(0) if "sku" in done.columns else ibis.literal(0)


def _cut_phones(done):
    """How many phone numbers Excel cut (9.01E+10): they tell nobody from another and are not used."""
    return done.phone.re_search(E_NOTATION).sum().fill_null(0) if "phone" in done.columns else ibis.literal(0)


def _account(staged, groups, preset, place):
    skipped = groups[groups.skipped.notnull()].groupby("skipped").n.sum()
    bad = int(groups[groups.reason.notnull()].n.sum())
    return Account(
        staged.file, staged.sha256, place["preset"], preset.table, staged.encoding,
        staged.rows_read, bad + len(staged.ragged), {k: int(v) for k, v in skipped.items()},
        _missing(staged, preset))


def rows(text, columns, preset, place):
    """One row per row of `text`: every field of the preset's table, typed; see the module's head."""
    kinds, given = _fields(preset)
    readers = {n: r for n, f in given.items()
               if (r := FieldReader(n, kinds[n], f, columns, preset, place)).is_there}
    cells = {c: e for r in readers.values() for c, e in r.texts(text).items()}
    picked = text.select(*WHERE, **cells, skipped=_skipped(text, readers, preset))
    for reader in readers.values():
        picked = reader.prepared(picked)
    picked = _with_statuses(picked, readers.get("status"), preset)
    values = {n: readers[n].value(picked).cast(k) if n in readers else ibis.null(k)
              for n, k in kinds.items()}
    typed = picked.mutate(**{**values, **_extra(values, picked, readers, preset, place)})
    # an order's status is judged once the order is whole (orders.check_statuses)
    problems = [(_header(columns, r.field, n), r.complaint(typed)) for n, r in readers.items()
                if (preset.table, n) != ("orders", "status")]
    problems += [(_header(columns, given.get(n), n), ibis.cases((_all_blank(typed, names), "empty")))
                 for names in _never_blank(preset) for n in [next((n for n in names if n in readers), names[0])]]
    judged = typed.mutate(problem=ibis.coalesce(
        *(ibis.literal(f"{header}\t") + reason for header, reason in problems)))
    bad = judged.skipped.isnull() & judged.problem.notnull()
    part = judged.problem.split("\t")
    return judged.mutate(wrong_column=ibis.cases((bad, part[0])), reason=ibis.cases((bad, part[1]))
                         ).drop("problem", *(c for c in picked.columns if "." in c))


def _never_blank(preset):
    """[the fields of which a row needs one]."""
    if preset.totals == "other_file":
        return [("order_no",)]
    alone = [(n,) for n in (*NEVER_BLANK.get(preset.table, ()), *(n for n in IF_NEEDED if n in preset.needs))]
    alone += [("acq_channel",)] if preset.wide else []
    return [*alone, ONE_OF[preset.table]] if preset.table in ONE_OF else alone


def _all_blank(rows, names):
    return ibis.and_(*(rows[n].isnull() for n in names))


def _fields(preset):
    """({field: type} of the table, {field: where it comes from}); lines ride along with orders."""
    kinds = presets.kinds(preset.table)
    if preset.table == "orders":
        kinds = {**kinds, **presets.kinds("order_lines")}
    return kinds, preset.all_fields


def _extra(values, picked, readers, preset, place):
    """Where the row stands, and what a table needs beyond its fields."""
    extra = {"shop": ibis.literal(place["shop"]), "source": ibis.literal(place["preset"]),
             "source_no": ibis.literal(place["source_no"], "int64")}
    if preset.table == "orders":
        extra["status_raw"], extra["status"] = _status(values, picked, readers, preset)
        if "order_no" not in readers:
            extra["order_no"] = picked.file_no.cast("string") + "-" + picked.source_row.cast("string")
    if preset.table == "ad_costs":
        month = ibis.cases((dates.is_month(picked["cost_date.0"]), "month"), else_="day")
        extra["grain"] = ibis.coalesce(values["grain"], month)
    return extra


def _status(values, picked, readers, preset):
    """(text in the file, canonical status or null); a file without a status holds valid orders.

    Of several columns the gravest word holds; a date of cancellation is graver than any word.
    """
    gone = values["cancelled_at"].notnull()
    if "status" not in readers:
        return ibis.null("string"), ibis.cases((gone, "cancelled"), else_="valid")
    texts = _texts_of_status(picked)
    told = [picked[f"status.told.{i}"] for i in range(len(texts))]
    unknown = ibis.or_(*(t.notnull() & s.isnull() for t, s in zip(texts, told, strict=True)))
    gravest = ibis.cases(*((ibis.or_(*((s == word).fill_null(False) for s in told)), word) for word in GRAVEST))
    raw = texts[0] if len(texts) == 1 else ibis.literal(" / ").join([t.fill_null("") for t in texts])
    return raw, ibis.cases((gone, "cancelled"), (~unknown, gravest))


def _with_statuses(picked, reader, preset):
    """`picked` with what each status text means, a column of its own so that it is looked up once."""
    if reader is None or preset.table != "orders":
        return picked
    return picked.mutate(**{f"status.told.{i}": _canonical_status(reader.word(text), preset)
                            for i, text in enumerate(_texts_of_status(picked))})


def _texts_of_status(picked):
    return [picked[c] for c in picked.columns if c.rpartition(".")[0] == "status"]


def _canonical_status(text, preset):
    """What one cell means; null where nobody has said it, or where it is blank and blank says nothing."""
    words = {**{s: s for s in schema.STATUSES}, **preset.status}
    words = {narrow(str(k)).strip(): v for k, v in words.items()}
    other = ibis.literal(words.pop("default", None), "string")
    blank = ibis.literal(words.get(""), "string")
    status = text.substitute(words, else_=ibis.null("string"))
    return ibis.cases((text.isnull(), blank), (status.isnull(), other), else_=status)


def _skipped(text, readers, preset):
    """Why a row is no record: blank, a total, the header again; else null."""
    cells = [c for c in text.columns if c not in WHERE]
    branches = [(ibis.and_(*(text[c] == "" for c in cells)), "blank")] if cells else []
    for name, pattern in preset.skip.items():
        if name in readers:
            cell = readers[name].texts(text)[f"{name}.0"].fill_null("")
            branches.append((half_width(cell).re_search(pattern), "total"))
    branches += _of_totals(text, readers, preset)
    key = next((r.columns[c] for n in preset.needs if (r := readers.get(n))
                for c in r.field.columns if c in r.columns), None)
    if key and not key.isdigit():
        branches += [(_is_moved_header(text, key), "other_header"), (text[key] == key, "header")]
    return ibis.cases(*branches) if branches else ibis.null("string")


def _is_moved_header(text, key):
    """True where two cells or more are the names of other columns: a file of another layout begins there."""
    names = {c: c.partition("#")[0] for c in text.columns if c not in WHERE}
    every = ibis.array(sorted(set(names.values())))  # DuckDB would join a table a column to many values `isin`
    elsewhere = [(every.contains(text[c]) & (text[c] != own)).cast("int64") for c, own in names.items()]
    return ibis.cases((every.contains(text[key]), sum(elsewhere) > 1), else_=False)


def _of_totals(text, readers, preset):
    """A row that says 小計 or 合計 somewhere and has no day or number of its own is no record."""
    keys = [cell for n in NEVER_BLANK.get(preset.table, ()) if n in readers
            for cell in readers[n].texts(text).values()]
    if not keys or preset.totals == "other_file":
        return []
    says = [half_width(text[c]).strip().re_search(TOTAL) for c in text.columns if c not in WHERE]
    nobody = ibis.and_(*(k.isnull() | half_width(k).strip().re_search(TOTAL) for k in keys))
    return [(nobody & ibis.or_(*says), "total")]


def _header(columns, field, name):
    """The column a person finds in the file for this field."""
    return next((columns[c] for c in (field.columns if field else ()) if c in columns), name)


def _missing(staged, preset):
    """Fields of the preset for which the file has no column."""
    return tuple(n for n, f in preset.all_fields.items()
                 if f.columns and not any(c in staged.columns for c in f.columns))


def _tells_no_status(columns, preset):
    """True for order files that cannot say which orders were cancelled: all of theirs count as valid."""
    if preset.table != "orders" or preset.totals == "other_file":
        return False
    told = [preset.fields[n] for n in ("status", "cancelled_at") if n in preset.fields]
    return not any(f.value is not None or any(c in columns for c in f.columns) for f in told)


def _refuse_damaged_ids(groups):
    _refuse(groups[groups.reason == "e_notation"],
            "Numbers were cut by Excel (1.23E+12) in a column of ids / IDが指数表記に壊れています",
            "export the file again and do not open it in Excel before it comes here / "
            "Excelで開かずに、もう一度出力してもらう")


def _refuse_other_layout(groups):
    _refuse(groups[groups.skipped == "other_header"],
            "Another header with other columns stands in the middle of the file / 途中から列の並びが変わっています",
            "cut the file there into two files and put both into raw/ / その行で2つのファイルに分けて、両方を raw/ に置く")


def _refuse(hits, what, mend):
    """Stop (21) at the first of `hits`, groups of rows, if there are any."""
    if len(hits):
        hit = hits.sort_values(["source_file", "first"]).iloc[0]
        column = f", column `{hit['wrong_column']}`" if isinstance(hit["wrong_column"], str) else ""
        raise errors.ShindanError(errors.INPUT_INVALID, what, f"raw/{hit['source_file']}, row {hit['first']}{column}", mend)


def rejects(mapped):
    """One row per rejected row: file, row, column, reason (no cell's content)."""
    return mapped.filter(mapped.reason.notnull()).select(
        file="source_file", row="source_row", column="wrong_column", reason="reason")


def accepted(mapped):
    """The rows that are neither skipped nor rejected."""
    return mapped.filter(mapped.skipped.isnull(), mapped.reason.isnull())
