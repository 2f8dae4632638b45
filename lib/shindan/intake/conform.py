"""MAP + CONFORM: one staged file -> rows of typed canonical fields, each accepted or set aside.

Every row keeps its file and number. `skipped` names why a row is no record (blank, total, header);
`wrong_column` and `reason` say why it is rejected. Rejects never hold what the cell said.
"""

import dataclasses

import ibis

from shindan import dates, errors, schema
from shindan.characters import half_width
from shindan.intake import presets
from shindan.intake.fields import E_NOTATION, IDS, Reader

NEVER_BLANK = {
    "orders": ("order_no", "ordered_at"), "customers": ("customer_id",),
    "ad_costs": ("cost_date", "media_cost_jpy"), "campaigns": ("campaign_id",),
    "campaign_sends": ("campaign_id",), "campaign_responses": ("campaign_id", "event"),
    "campaign_stats": ("campaign_id",), "events": ("event_at", "event"),
    "subscriptions": ("subscription_id",),
}


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
    """Write the file's canonical rows to `target`; returns its Account.

    `place` says where the file stands: shop, source_no, file_no, zone, currency.
    """
    text = con.read_parquet(str(staged.path))
    rows = _rows(text, staged, preset, place)
    con.to_parquet(rows, target, compression="zstd")
    rows = con.read_parquet(str(target))
    groups = rows.group_by("skipped", "wrong_column", "reason").agg(
        n=rows.count(), first=rows.source_row.min()).to_pandas()
    _refuse_damaged_ids(groups, staged)
    skipped = groups[groups.skipped.notnull()].groupby("skipped").n.sum()
    bad = groups[groups.reason.notnull()].n.sum()
    return Account(
        staged.file, staged.sha256, place["preset"], preset.table, staged.encoding,
        staged.rows_read, int(bad) + len(staged.ragged), {k: int(v) for k, v in skipped.items()},
        _missing(staged, preset))


def _rows(text, staged, preset, place):
    reader = Reader(text, staged.columns, preset, place["zone"], place["currency"])
    kinds, given = _fields(preset)
    values, problems = {}, []
    for name, kind in kinds.items():
        field = given.get(name)
        if field is None:
            values[name] = ibis.null(kind)
            continue
        value, reason = reader.read(name, kind, field)
        values[name] = value.cast(kind)
        problems.append((_header(staged, field, name), reason))
        if name in IDS:
            damaged = reader.raw(field).fill_null("").re_search(E_NOTATION)
            problems.append((_header(staged, field, name), ibis.cases((damaged, "e_notation"))))
    values.update(_extra(values, reader, preset, place, text))
    for name in NEVER_BLANK.get(preset.table, ()):
        problems.append((_header(staged, given.get(name), name),
                         ibis.cases((values[name].isnull(), "empty"))))
    skipped = _skipped(text, reader, preset, given)
    wrong = [(skipped.isnull() & reason.notnull(), (header, reason)) for header, reason in problems]
    return text.select(
        **values, source_file=ibis.literal(staged.file), source_row=text.source_row,
        skipped=skipped,
        wrong_column=ibis.cases(*((c, ibis.literal(h)) for c, (h, _) in wrong)),
        reason=ibis.cases(*((c, r) for c, (_, r) in wrong)))


def _fields(preset):
    """({field: type} of the table, {field: where it comes from}); lines ride along with orders."""
    kinds, given = presets.kinds(preset.table), dict(preset.fields)
    if preset.table == "orders":
        kinds, given = {**kinds, **presets.kinds("order_lines")}, {**given, **preset.lines}
    return kinds, given


def _extra(values, reader, preset, place, text):
    """Where the row stands, and what a table needs beyond its fields."""
    extra = {"shop": ibis.literal(place["shop"]), "source": ibis.literal(place["preset"]),
             "source_no": ibis.literal(place["source_no"], "int64"),
             "file_no": ibis.literal(place["file_no"], "int64")}
    given = preset.fields
    if preset.table == "orders":
        extra["status_raw"], extra["status"] = _status(reader, preset)
        if not _is_there(reader, given.get("order_no")):
            stem = ibis.literal(f"{place['file_no']}-")
            extra["order_no"] = stem + text.source_row.cast("string")
    if preset.table == "ad_costs":
        written = dates.is_month(reader.raw(given["cost_date"]))
        extra["grain"] = ibis.coalesce(values["grain"], ibis.cases((written, "month"), else_="day"))
    return extra


def _status(reader, preset):
    """(text in the file, canonical status or null); a file without a status holds valid orders."""
    field = preset.fields.get("status")
    if not _is_there(reader, field):
        return ibis.null("string"), ibis.literal("valid")
    raw = reader.raw(field)
    words = {**{s: s for s in schema.STATUSES}, **preset.status}
    folded = {_half(k): v for k, v in words.items()}
    status = half_width(raw).strip().substitute(folded, else_=ibis.null("string"))
    return raw, (status.fill_null(folded[""]) if "" in folded else status)


def _half(text):
    import unicodedata

    return unicodedata.normalize("NFKC", text).strip()


def _is_there(reader, field):
    return field is not None and (
        field.value is not None or any(c in reader.columns for c in field.columns))


def _skipped(text, reader, preset, given):
    """Why a row is no record: blank, a total, the header again; else null."""
    cells = [c for c in text.columns if c != "source_row"]
    totals = [half_width(reader.raw(given[name]).fill_null("")).re_search(pattern)
              for name, pattern in preset.skip.items() if _is_there(reader, given.get(name))]
    again = [text[reader.columns[c]] == reader.columns[c]
             for name in preset.needs if name in given for c in given[name].columns
             if c in reader.columns and not reader.columns[c].isdigit()][:1]
    branches = [(ibis.and_(*(text[c] == "" for c in cells)), "blank")] if cells else []
    branches += [(ibis.or_(*totals), "total")] if totals else []
    branches += [(again[0], "header")] if again else []
    return ibis.cases(*branches) if branches else ibis.null("string")


def _header(staged, field, name):
    """The column a person finds in the file for this field."""
    columns = field.columns if field else ()
    return next((staged.columns[c] for c in columns if c in staged.columns), name)


def _missing(staged, preset):
    """Fields of the preset for which the file has no column."""
    given = {**preset.fields, **preset.lines}
    return tuple(n for n, f in given.items()
                 if f.columns and not any(c in staged.columns for c in f.columns))


def _refuse_damaged_ids(groups, staged):
    damaged = groups[groups.reason == "e_notation"]
    if len(damaged):
        hit = damaged.sort_values("first").iloc[0]
        raise errors.ShindanError(
            errors.INPUT_INVALID,
            "Numbers were cut by Excel (1.23E+12) in a column of ids / IDが指数表記に壊れています",
            f"raw/{staged.file}, row {hit['first']}, column `{hit['wrong_column']}`",
            "export the file again and do not open it in Excel before it comes here")


def rejects(con, mapped):
    """One row per rejected row: file, row, column, reason (no cell's content)."""
    rows = con.read_parquet(str(mapped))
    return rows.filter(rows.reason.notnull()).select(
        file="source_file", row="source_row", column="wrong_column", reason="reason")


def accepted(rows):
    """The rows that are neither skipped nor rejected."""
    return rows.filter(rows.skipped.isnull(), rows.reason.isnull())
