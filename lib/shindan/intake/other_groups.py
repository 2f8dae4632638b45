"""The other groups: costs, campaigns, answers, events, subscriptions."""

import dataclasses

from shindan import engine
from shindan.intake import gather, identity, others, presets


def build(job, tables, inputs):
    """Write each of `tables`; returns {"accounts", "notes"}."""
    accounts, notes = [], []
    settings = {
        "channels": job.config.channels,
        "cost_tax_included": [i.number for i in inputs if i.preset.options.get("cost_tax") == "included"],
    }
    for table in tables:
        if not any(i.preset.table == table for i in inputs):
            gather.write(job, table, engine.empty(table), others.SORTED_BY[table])
            continue
        rows, found, rejected = gather.table_rows(job, table, inputs)
        gather.settle(job, table, found, rejected)
        if "customer_id" in presets.kinds(table):
            ids = engine.read(job.con, job.folder.tables, "customer_ids")
            rows = engine.keep(job.con, identity.resolve(rows, ids, job.key), f"rows_{table}")
            notes += _unmatched(table, rows)
        gather.write(job, table, others.build(table, rows, settings), others.SORTED_BY[table])
        accounts += [dataclasses.asdict(a) | {"used": a.used} for a in found]
    return {"accounts": accounts, "notes": notes}


def _unmatched(table, rows):
    """How many rows name nobody we know."""
    count = rows.agg(n=rows.count(), lost=rows.customer_key.isnull().sum().fill_null(0)).to_pandas()
    n, lost = int(count.n[0]), int(count.lost[0])
    return [{"id": "unmatched_people", "table": table, "rows": n, "unmatched": lost}] if lost else []
