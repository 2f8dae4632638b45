"""Intake: the only place that knows a client's files.  read -> map -> conform -> reconcile.

`run` writes every canonical table of shindan.schema to work/tables, rejected rows to work/rejects
and what it found to work/tables/facts.json (its days also to days.json, on which every chapter stands). Tables are made in groups; a group whose files,
settings and code are unchanged is left as it is, time stamps included.
"""

import collections
import dataclasses
import json
import shutil

from shindan import engine, errors, schema
from shindan.intake import (
    files,
    fingerprint,
    order_group,
    other_groups,
    presets,
    reconcile,
    sent,
)
from shindan.intake.identity import ensure_key

__all__ = ["ensure_key", "facts", "run"]

MEMORY_MB = 1536  # of the engine: a file of any size is read in this much (beside Python's own)
GROUPS = {  # group -> the tables it reads and writes
    "orders": ("orders", "order_lines", "customers", "customer_ids", "subscriptions"),
    "ad_costs": ("ad_costs",),
    "campaigns": ("campaigns", "campaign_sends", "campaign_responses", "campaign_stats"),
    "nps": ("nps_responses",),
    "events": ("events",),
    "site_visits": ("site_visits",),
}


@dataclasses.dataclass(frozen=True)
class Input:
    """One source of client.yaml: its number, its preset with the client's overrides, its files."""

    number: int
    source: object
    preset: presets.Preset
    files: tuple            # (path, sha256)
    by_sheet: bool = False  # another source reads another sheet of these files

    def name(self, folder, path):
        """What a file is called in messages and tables: with its sheet, where several of its sheets are read."""
        return files.name(folder, path) + (f" [{self.source.sheet}]" if self.by_sheet else "")


@dataclasses.dataclass(frozen=True)
class Job:
    """What every group works with."""

    folder: object
    config: object
    key: str
    con: object
    stage: object


def run(folder, cfg):
    """Every file the client's settings name -> canonical tables, rejects, facts.

    Raises ShindanError 11 (mapping), 20 (file missing, unreadable or changing), 21 (invalid), 22 (too large),
    30 (no order).
    """
    before = {file: files.stamp(file) for file in files.there(folder)}
    try:
        _run(folder, cfg, before)
    except OSError:
        files.refuse_changed(folder, before)
        raise


def _run(folder, cfg, before):
    key = ensure_key(folder)
    inputs = _inputs(folder, cfg)
    stage = folder.work / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    job = Job(folder, cfg, key, engine.connect(folder.work / "spill", MEMORY_MB), stage)
    state = _load(folder.work / "intake.json") or {}
    try:
        for group, tables in GROUPS.items():
            mine = [i for i in inputs if i.preset.table in tables]
            mark = fingerprint.of(job, group, mine)
            if not fingerprint.holds(folder, state.get(group), mark, tables):
                make = order_group if group == "orders" else other_groups
                state[group] = make.build(job, tables, mine)
                state[group] |= {"fingerprint": mark, "made": fingerprint.made(folder, tables)}
                fingerprint.save(folder.work / "intake.json", state)
        files.refuse_changed(folder, {path: before.get(path) for i in inputs for path, _ in i.files})
        _summarise(job, state)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        engine.forget(job.con)


def facts(folder):
    """What the last run found: as_of, data_start, data_end, bridge, sources, identity, notes."""
    return _load(folder.tables / "facts.json")


def _inputs(folder, cfg):
    found = []
    for number, source in enumerate(cfg.sources):
        where = f"client_data/{folder.client}/client.yaml, sources, `{source.path}`"
        preset = presets.for_source(source, where)
        paths = files.matching(folder, source)
        found.append(Input(number, source, preset, tuple((p, files.sha256(p)) for p in paths)))
    found = _by_sheet(folder, found)
    if not files.there(folder):
        raise errors.ShindanError(
            errors.INPUT_MISSING, "There is no file in raw/ yet / raw/ にファイルがありません",
            f"client_data/{folder.client}/raw/", "put the client's files there as received, then run the same command")
    if not any(i.preset.table == "orders" for i in found):
        raise errors.ShindanError(
            errors.BAD_CONFIG, "client.yaml: no source gives orders / 受注データがありません",
            f"client_data/{folder.client}/client.yaml, field `sources`",
            "`make check` writes client.yaml.suggested: copy what is right under `sources:`; orders need an order preset, "
            "e.g. eccube4_order or generic_orders")
    return found


def _by_sheet(folder, inputs):
    """`inputs`, those marked that read one sheet of a workbook of which others read another."""
    _refuse_twice(folder, inputs)
    readers = collections.Counter((i.preset.table, path) for i in inputs for path, _ in i.files)
    return [dataclasses.replace(i, by_sheet=any(readers[i.preset.table, path] > 1 for path, _ in i.files)) for i in inputs]


def _refuse_twice(folder, inputs):
    """A sheet is read once for a table: two sources that both mean it would count its rows twice."""
    readers = {}
    for i in inputs:
        for path, _ in i.files:
            readers.setdefault((i.preset.table, path), []).append(i.source)
    for (_, path), several in readers.items():
        sheets = {s.sheet for s in several}
        if len(several) > 1 and (None in sheets or len(sheets) < len(several)):
            raise errors.ShindanError(
                errors.BAD_CONFIG,
                f"client.yaml: two sources read this file: `{several[0].path}` and `{several[1].path}`",
                f"client_data/{folder.client}/raw/{files.name(folder, path)}",
                "make their `path:` mean different files, or name a `sheet:` of its own in each / "
                "path: を分けるか、読むシートをそれぞれの sheet: に書く")


def _summarise(job, state):
    """load_report and facts.json, from what the groups left."""
    accounts = [a for group in GROUPS for a in state[group]["accounts"]]
    report = reconcile.load_report(accounts)
    table = engine.as_table(report).cast(schema.of("load_report")) if len(report) else engine.empty("load_report")
    engine.write(job.con, table, job.folder.tables / "load_report.parquet",
                            by=["table", "file", "preset"])
    found = {
        **state["orders"]["facts"],
        "sources": [{k: a[k] for k in ("file", "sha256", "preset", "table", "encoding", "rows_read",
                                       "used", "rejected", "skipped", "missing")} for a in accounts],
        "notes": [n for group in GROUPS for n in state[group]["notes"]]
        + [n for a in accounts for n in a["notes"]],
        "matching": [m for group in GROUPS for m in state[group]["matching"]],
        "sent": sent.mark(job),
    }
    fingerprint.save(job.folder.tables / "facts.json", found)
    fingerprint.save(job.folder.tables / "days.json", {k: found[k] for k in ("as_of", "data_start", "data_end")})


def _load(file):
    """What was saved in `file`, or None: it is not there or damaged."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
