"""The step before the report: who is due, stopped, left out, sent -> work/lists/ (pseudonyms only).

    plan.parquet         one row per person x list: the audit; it says of everybody suppressed why
    list_counts.parquet  one row per list: all that the report may know of them
"""

import datetime
import functools

import ibis

from shindan import engine, intake, scenarios, schema
from shindan.analyses import rfm
from shindan.intake import private, sent
from shindan.lists import cells
from shindan.lists.files import PROFILES
from shindan.scenarios import planned

TABLES = ("purchases", "buyers", "customers", "orders", "order_lines", "events", "nps_responses", "subscriptions",
          "campaign_sends", "campaign_responses")


def make(folder, settings):
    """Write work/lists/ of a client whose tables are made; returns the folder."""
    con = engine.connect(folder.work / "spill")
    try:
        catalogue = scenarios.load(settings, f"client_data/{folder.client}/client.yaml")
        known = known_of(con, folder, settings)
        contacts = contacts_of(con, folder)
        reachable = {name: cells.reachable(contacts, settings.lists.columns, p) for name, p in PROFILES.items()}
        plan = scenarios.plan(known, catalogue, intake.ensure_key(folder), reachable)
        counts = planned.counts(plan, catalogue, known)
        home = folder.work / "lists"
        engine.write(con, plan, home / "plan.parquet", by=["list", "send_on", "customer_key"])
        engine.write(con, ibis.memtable(counts[list(schema.DERIVED['list_counts'])]).cast(schema.of("list_counts")), home / "list_counts.parquet",
                     by=["priority", "list"])
        return home
    finally:
        engine.forget(con)


def known_of(con, folder, settings):
    """What the scenarios look at, of a client's tables as they lie on disk."""
    as_of = datetime.date.fromisoformat(intake.facts(folder)["as_of"])
    ids = engine.read(con, folder.tables, "customer_ids")
    earlier = sent.history(con, folder, as_of, ids)
    drawn = sent.rows(con, folder, sent.days(folder, until=as_of), ids)  # today's own plan among them
    return scenarios.Known(
        {name: engine.read(con, folder.tables, name) for name in TABLES}, as_of, settings.lists, rfm.cuts(settings.rfm),
        settings.basket, settings.purchases, earlier, drawn, functools.partial(engine.keep, con))


def contacts_of(con, folder):
    """One row per person: how to reach them (intake/private.py), and how many have that address."""
    return cells.with_people(con.read_parquet(str(private.file_of(folder)), table_name="contacts"))
