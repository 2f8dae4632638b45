"""MAP + CONFORM: staged files -> rows of typed canonical fields, each accepted or set aside.

Every row keeps its file and number. `skipped` names why a row is no record (blank, total, header);
`wrong_column` and `reason` say why it is rejected. Rejects never hold what the cell said.
"""

import dataclasses
import unicodedata

import ibis

from shindan import dates, errors, schema
from shindan.characters import half_width
from shindan.intake import presets
from shindan.intake.fields import FieldReader

NEVER_BLANK = {
    "orders": ("order_no", "ordered_at"), "customers": ("customer_id",),
    "ad_costs": ("cost_date",), "campaigns": ("campaign_id",),
    "campaign_sends": ("campaign_id",), "campaign_responses": ("campaign_id", "event"),
    "campaign_stats": ("campaign_id",), "events": ("event_at", "event"),
    "subscriptions": ("subscription_id",),
}
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

    @property
    def used(self):
        return self.rows_read - self.rejected - sum(self.skipped.values())

    def skip(self, why, count):
        """Account for `count` rows that turned out not to be used, and why."""
        if count:
            self.skipped[why] = self.skipped.get(why, 0) + count


def conform(con, staged, preset, place, target):
    """Write the canonical rows of files with the same columns to `target`; returns their Accounts.

    `place` says where the files stand: shop, preset, source_no, zone, currency.
    """
    text = con.read_parquet([str(s.path) for s in staged])
    con.to_parquet(rows(text, staged[0].columns, preset, place), target, compression="zstd")
    done = con.read_parquet(str(target))
    groups = done.group_by("source_file", "skipped", "wrong_column", "reason").agg(
        n=done.count(), first=done.source_row.min()).to_pandas()
    _refuse_damaged_ids(groups)
    return [_account(s, groups[groups.source_file == s.file], preset, place) for s in staged]


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
    values = {n: readers[n].value(picked).cast(k) if n in readers else ibis.null(k)
              for n, k in kinds.items()}
    typed = picked.mutate(**{**values, **_extra(values, picked, readers, preset, place)})
    # an order's status is judged once the order is whole (orders.check_statuses)
    problems = [(_header(columns, r.field, n), r.complaint(typed)) for n, r in readers.items()
                if (preset.table, n) != ("orders", "status")]
    problems += [(_header(columns, given.get(n), n), ibis.cases((typed[n].isnull(), "empty")))
                 for n in NEVER_BLANK.get(preset.table, ())]
    judged = typed.mutate(problem=ibis.coalesce(
        *(ibis.literal(f"{header}\t") + reason for header, reason in problems)))
    bad = judged.skipped.isnull() & judged.problem.notnull()
    part = judged.problem.split("\t")
    return judged.mutate(wrong_column=ibis.cases((bad, part[0])), reason=ibis.cases((bad, part[1]))
                         ).drop("problem", *cells)


def _fields(preset):
    """({field: type} of the table, {field: where it comes from}); lines ride along with orders."""
    kinds, given = presets.kinds(preset.table), dict(preset.fields)
    if preset.table == "orders":
        kinds, given = {**kinds, **presets.kinds("order_lines")}, {**given, **preset.lines}
    return kinds, given


def _extra(values, picked, readers, preset, place):
    """Where the row stands, and what a table needs beyond its fields."""
    extra = {"shop": ibis.literal(place["shop"]), "source": ibis.literal(place["preset"]),
             "source_no": ibis.literal(place["source_no"], "int64")}
    if preset.table == "orders":
        extra["status_raw"], extra["status"] = _status(picked, readers.get("status"), preset)
        if "order_no" not in readers:
            extra["order_no"] = picked.file_no.cast("string") + "-" + picked.source_row.cast("string")
    if preset.table == "ad_costs":
        month = ibis.cases((dates.is_month(picked["cost_date.0"]), "month"), else_="day")
        extra["grain"] = ibis.coalesce(values["grain"], month)
    return extra


def _status(picked, reader, preset):
    """(text in the file, canonical status or null); a file without a status holds valid orders."""
    if reader is None:
        return ibis.null("string"), ibis.literal("valid")
    raw = picked["status.0"]
    words = {**{s: s for s in schema.STATUSES}, **preset.status}
    words = {unicodedata.normalize("NFKC", k).strip(): v for k, v in words.items()}
    status = half_width(raw).strip().substitute(words, else_=ibis.null("string"))
    return raw, (status.fill_null(words[""]) if "" in words else status)


def _skipped(text, readers, preset):
    """Why a row is no record: blank, a total, the header again; else null."""
    cells = [c for c in text.columns if c not in WHERE]
    branches = [(ibis.and_(*(text[c] == "" for c in cells)), "blank")] if cells else []
    for name, pattern in preset.skip.items():
        if name in readers:
            cell = readers[name].texts(text)[f"{name}.0"].fill_null("")
            branches.append((half_width(cell).re_search(pattern), "total"))
    key = next((r.columns[c] for n in preset.needs if (r := readers.get(n))
                for c in r.field.columns if c in r.columns), None)
    if key and not key.isdigit():
        branches.append((text[key] == key, "header"))
    return ibis.cases(*branches) if branches else ibis.null("string")


def _header(columns, field, name):
    """The column a person finds in the file for this field."""
    return next((columns[c] for c in (field.columns if field else ()) if c in columns), name)


def _missing(staged, preset):
    """Fields of the preset for which the file has no column."""
    given = {**preset.fields, **preset.lines}
    return tuple(n for n, f in given.items()
                 if f.columns and not any(c in staged.columns for c in f.columns))


def _refuse_damaged_ids(groups):
    damaged = groups[groups.reason == "e_notation"]
    if len(damaged):
        hit = damaged.sort_values(["source_file", "first"]).iloc[0]
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            "Numbers were cut by Excel (1.23E+12) in a column of ids / IDが指数表記に壊れています",
            f"raw/{hit['source_file']}, row {hit['first']}, column `{hit['wrong_column']}`",
            "export the file again and do not open it in Excel before it comes here")


def rejects(mapped):
    """One row per rejected row: file, row, column, reason (no cell's content)."""
    return mapped.filter(mapped.reason.notnull()).select(
        file="source_file", row="source_row", column="wrong_column", reason="reason")


def accepted(mapped):
    """The rows that are neither skipped nor rejected."""
    return mapped.filter(mapped.skipped.isnull(), mapped.reason.isnull())
