"""Stage and conform every file of one table; set rejected rows aside and keep them within bounds."""

import ibis
import pandas as pd

from shindan import engine, errors, schema
from shindan.intake import conform, presets, read, reconcile, staging, wide, zones

ROW = {"shop": "string", "source": "string", "source_no": "int64", "file_no": "int64",
       "source_file": "string", "source_row": "int64", "skipped": "string",
       "wrong_column": "string", "reason": "string"}


BUCKET_BYTES = 256 * 2**20


def table_rows(job, table, inputs):
    """(accepted rows of `table` as one Ibis table, accounts of its files, rejected rows)."""
    targets, accounts, ragged = _mapped(job, table, inputs, 1)
    if not targets:
        return conform.accepted(_empty(table)), [], _rejected([])
    rows = job.con.read_parquet([str(t) for t in targets])
    return conform.accepted(rows), accounts, conform.rejects(rows).union(_rejected(ragged))


def order_rows(job, inputs):
    """The same for order files, their accepted rows in buckets: [table], accounts, rejected rows.

    All rows of an order fall into one bucket, so that each can be worked on by itself: the memory
    that takes follows the bucket, not the client.
    """
    size = sum(path.stat().st_size for i in inputs if i.preset.table == "orders" for path, _ in i.files)
    buckets = 1 + size // BUCKET_BYTES
    targets, accounts, ragged = _mapped(job, "orders", inputs, buckets)
    if not targets:
        return [conform.accepted(_empty("orders"))], [], _rejected([])
    parts = [[f for t in targets for f in _files(t, n, buckets)] for n in range(buckets)]
    tables = [job.con.read_parquet([str(f) for f in files]) for files in parts if files]
    rejected = [conform.rejects(t) for t in tables]
    return [conform.accepted(t) for t in tables], accounts, ibis.union(*rejected, _rejected(ragged))


def _files(target, bucket, buckets):
    return [target] if buckets == 1 else sorted(target.glob(f"bucket={bucket}/*.parquet"))


def _mapped(job, table, inputs, buckets):
    """(Parquet files or folders of conformed rows, accounts, rows with too few or many cells)."""
    targets, accounts, ragged, number, seen, numbers = [], [], [], 0, {}, {}
    for i in (i for i in inputs if i.preset.table == table):
        staged = []
        for path, sha in i.files:
            # costs of two sheets are of one age: neither replaces the other
            file_no = numbers.setdefault(path, number) if table == "ad_costs" else number
            staged.append(_stage(job, i, (path, sha), number, file_no))
            _refuse_copy(job, i, staged[-1], seen)
            ragged += [(staged[-1].file, n, "(row)", "wrong_number_of_cells") for n in staged[-1].ragged]
            number += 1
        place = {"shop": i.source.shop, "preset": i.source.preset, "source_no": i.number,
                 "zone": job.config.timezone, "currency": job.config.currency, "buckets": buckets}
        for preset, alike in _together(job, i, staged):
            targets.append(job.stage / f"{table}-{len(targets):05d}.rows")
            accounts += conform.conform(job.con, alike, preset, place, targets[-1])
            for file in alike:
                file.path.unlink()
    return targets, accounts, ragged


def _refuse_copy(job, i, staged, seen):
    """Stop at a second file of just the same bytes: its costs, answers or orders would count twice."""
    first = seen.setdefault((staged.sha256, i.source.sheet if i.by_sheet else None), staged.file) if staged.rows_read else staged.file
    if first != staged.file:
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"Two files are the same: `{first}` and `{staged.file}` / 同じ内容のファイルが2つあります",
            f"client_data/{job.folder.client}/raw/{staged.file}", "take one of them out of raw/ / 片方を raw/ から外す")


def _stage(job, i, file, number, file_no):
    path, sha = file
    job.stage.mkdir(parents=True, exist_ok=True)
    target = job.stage / f"{i.preset.table}-{number:05d}.text"
    reader = wide if i.preset.wide else read
    return reader.stage(job.folder, path, i.preset, i.source, staging.Target(target, file_no, sha, i.name(job.folder, path)))


def _together(job, i, staged):
    """[(preset, files)]: files are conformed together if their columns and their times are told alike."""
    groups = {}
    for file, (path, _) in zip(staged, i.files, strict=True):
        preset = zones.put(i.preset, path, f"client_data/{job.folder.client}/raw/{file.file}")
        alike = tuple(sorted(file.columns.items())), preset.options.get("timezone")
        groups.setdefault(alike, (preset, []))[1].append(file)
    return groups.values()


def _empty(table):
    kinds = presets.kinds(table)
    if table == "orders":
        kinds = {**kinds, "status_raw": "string", **presets.kinds("order_lines")}
    return ibis.memtable(ibis.schema({**kinds, **ROW}).to_pyarrow().empty_table())


def _rejected(rows):
    shape = ibis.schema({"file": "string", "row": "int64", "column": "string", "reason": "string"})
    return ibis.memtable(pd.DataFrame(rows, columns=list(shape)), schema=shape)


def settle(job, table, accounts, rejected):
    """Write work/rejects/<table>.csv (only if there are any) and hold each file to the limit."""
    file = job.folder.rejects / f"{table}.csv"
    file.unlink(missing_ok=True)
    if any(a.rejected for a in accounts):
        file.parent.mkdir(parents=True, exist_ok=True)
        rejected = job.con.create_table(f"rejected_{table}", rejected, temp=True, overwrite=True)
        job.con.to_csv(rejected.order_by("file", "row"), file)
        where = f"client_data/{job.folder.client}/work/rejects/{table}.csv"
        reconcile.check_rejects(accounts, rejected, job.config.max_reject_share, where)


def write(job, table, rows, by):
    """One canonical table to work/tables."""
    assert list(rows.columns) == list(schema.TABLES[table])
    engine.write(job.con, rows, job.folder.tables / f"{table}.parquet", by)
