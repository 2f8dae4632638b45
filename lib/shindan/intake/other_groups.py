"""The other groups: costs, campaigns, answers, events, subscriptions."""

import dataclasses

from shindan import engine
from shindan.intake import costs, gather, numbered, others, presets, sent

STRANGERS = ("campaign_sends",)  # who is in one of these is somebody, ordered or not


def build(job, tables, inputs):
    """Write each of `tables`; returns {"accounts", "notes", "matching"}.

    "matching": per table that names people, its rows and how many name nobody we know.
    """
    accounts, matching, notes, ids = [], [], [], None
    settings = {
        "config": job.config, "costs": costs.settings(inputs),
        "files": {i.name(job.folder, path): path for i in inputs for path, _ in i.files},
        "where": f"client_data/{job.folder.client}/raw",
    }
    for table in tables:
        if not any(i.preset.table == table for i in inputs):
            gather.write(job, table, sent.added(job, table, engine.empty(table)), others.SORTED_BY[table])
            continue
        rows, found, rejected = gather.table_rows(job, table, inputs)
        gather.settle(job, table, found, rejected)
        names_people = "customer_id" in presets.kinds(table)
        if names_people:
            ids = _everybody(job) if ids is None else ids
            rows, ids = numbered.resolve(job, rows, ids, strangers=table in STRANGERS)
        rows = engine.keep(job.con, rows.mutate(unused=others.unused(table, rows)), f"rows_{table}")
        if names_people:
            matching.append(_matched(table, rows))
        used = _used(rows, found)
        notes += costs.notes(used) if table == "ad_costs" else []
        made = others.build(table, used, settings)
        gather.write(job, table, sent.added(job, table, made), others.SORTED_BY[table])
        accounts += [dataclasses.asdict(a) | {"used": a.used} for a in found]
    notes += sent.assumed(job) if "campaigns" in tables else []
    notes += [{"id": "unmatched_people", **m} for m in matching if m["unmatched"]]
    return {"accounts": accounts, "notes": notes, "matching": matching}


def _everybody(job):
    """The ids of everybody who ordered or is in a customer file."""
    return engine.read(job.con, job.folder.tables, "customer_ids").select("id_hash", "customer_key")


def _matched(table, rows):
    """How many rows name nobody who ordered or is in a customer file."""
    lost = rows.customer_key.isnull() | rows.is_stranger.fill_null(True)
    counts = rows.agg(n=rows.count(), lost=lost.sum().fill_null(0)).to_pandas()
    return {"table": table, "rows": int(counts.n[0]), "unmatched": int(counts.lost[0])}


def _used(rows, accounts):
    """The rows that are used; the others are accounted for."""
    left = rows.filter(rows.unused.notnull())
    counts = left.group_by("source_file", "unused").agg(n=left.count()).to_pandas()
    for a in accounts:
        for row in counts[counts.source_file == a.file].itertuples():
            a.skip(row.unused, int(row.n))
    return rows.filter(rows.unused.isnull())
