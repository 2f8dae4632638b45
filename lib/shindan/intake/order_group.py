"""The first group: orders, their lines, and the people behind them."""

import dataclasses

import ibis

from shindan import engine, errors, schema
from shindan.intake import customers, gather, identity, lines, orders, other_groups, reconcile


def build(job, tables, inputs):
    """Write orders, order_lines, customers, customer_ids, subscriptions.

    Returns {"accounts", "facts", "notes"} for load_report and facts.json.
    """
    con = job.con
    rows, accounts, rejected = gather.table_rows(job, "orders", inputs)
    folded = engine.keep(con, orders.fold(rows), "folded")
    _account(folded, accounts)
    gather.settle(job, "orders", accounts, rejected.union(_differing(rows, folded)))
    kept = folded.filter(~folded.replaced, ~folded.differs)
    orders.check_statuses(con, kept, job.config.sources)
    members, member_accounts, wrong = gather.table_rows(job, "customers", inputs)
    gather.settle(job, "customers", member_accounts, wrong)
    named, members, ids, frame = _people(job, kept, members)
    order_lines = engine.keep(con, lines.build(rows, named), "lines")
    rules = orders.rules_of({i.number: i.preset for i in inputs if i.preset.table == "orders"})
    priced = orders.money(named, lines.sums(order_lines), rules, job.config.money.basis)
    done = engine.keep(con, orders.flag(priced, members, job.config.channels), "done")
    people = customers.build(members, done, ids, job.config.channels)
    gather.write(job, "orders", orders.canonical(done, "orders"), ["order_id"])
    gather.write(job, "order_lines", orders.canonical(order_lines, "order_lines"), ["order_id", "line_no"])
    gather.write(job, "customers", people, ["customer_key"])
    gather.write(job, "customer_ids", ids.mutate(source=ibis.null("string")).select(
        list(schema.TABLES["customer_ids"])), ["id_type", "id_hash"])
    more = other_groups.build(job, ("subscriptions",), inputs)
    return {
        "accounts": [dataclasses.asdict(a) | {"used": a.used} for a in accounts + member_accounts]
        + more["accounts"],
        "facts": _facts(job, done, frame),
        "notes": _notes(done) + more["notes"], "matching": more["matching"],
    }


def _account(folded, accounts):
    """Rows of orders that a newer export holds, or whose totals contradict each other."""
    counts = folded.group_by("source_file", "replaced", "differs").agg(
        n=folded.n_rows.sum()).to_pandas()
    for a in accounts:
        mine = counts[counts.source_file == a.file]
        a.rejected += int(mine[mine.differs].n.sum())
        a.skip("replaced", int(mine[mine.replaced & ~mine.differs].n.sum()))


def _differing(rows, folded):
    """Every row of the orders that repeat a total with two amounts."""
    bad = folded.filter(folded.differs).select("shop", "order_no", "source_file")
    return rows.inner_join(bad, ["shop", "order_no", "source_file"]).select(
        file="source_file", row="source_row", column=ibis.literal("order total"),
        reason=ibis.literal("amounts_differ_within_the_order"))


def _people(job, kept, members):
    """(orders with customer_key, members with customer_key, ids as a table and as a frame)."""
    pairs = [identity.digests(t.select("shop", "customer_id", "email").distinct(), job.key)
             .select("cart_hash", "email_hash") for t in (kept, members)]
    frame = identity.link(pairs[0].union(pairs[1], distinct=True).to_pandas())
    shape = ibis.schema(dict.fromkeys(("id_type", "id_hash", "customer_key", "link_rule"), "string"))
    ids = job.con.create_table("ids", ibis.memtable(frame, schema=shape), temp=True, overwrite=True)
    kept = kept.mutate(is_guest=kept.customer_id.isnull())
    named = engine.keep(job.con, identity.resolve(kept, ids, job.key), "named")
    members = engine.keep(job.con, identity.resolve(members, ids, job.key), "members")
    return named, members, ids, frame


def _facts(job, done, ids):
    days = done.agg(first=done.order_date.min(), last=done.order_date.max()).to_pandas().iloc[0]
    if days["first"] is None or days["first"] != days["first"]:
        raise errors.ShindanError(
            errors.NOTHING_COMPUTED, "No order is left to look at / 使える受注がありません",
            f"client_data/{job.folder.client}/raw/", "see work/rejects/ and the order source's mapping")
    first, last = _day(days["first"]), _day(days["last"])
    as_of = job.config.as_of or last
    if as_of < first:
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: as_of {as_of} is before the first order ({first})",
            f"client_data/{job.folder.client}/client.yaml, field `as_of`", "mend the date or leave it out")
    steps = reconcile.bridge(done, as_of)
    reconcile.check_bridge(steps)
    billed = reconcile.billed(done)
    reconcile.check_billed(billed)
    return {"as_of": str(as_of), "data_start": str(first), "data_end": str(last), "bridge": steps,
            "identity": identity.facts(ids), "billed": billed, "lines": reconcile.products(done)}


def _day(value):
    return value.date() if hasattr(value, "date") else value


def _notes(done):
    """What a reader should know: ad codes without a channel, orders nobody can be named for."""
    unknown = done.filter(done.acq_channel == schema.UNKNOWN_CHANNEL, done.ad_code.notnull())
    codes = unknown.group_by("ad_code").agg(n=unknown.count()).order_by(
        ibis.desc("n"), "ad_code").limit(20).to_pandas()
    notes = [{"id": "unmapped_ad_code", "code": c, "orders": int(n)}
             for c, n in zip(codes.ad_code, codes.n, strict=True)]
    unnamed = int(done.customer_key.isnull().sum().fill_null(0).to_pandas())
    if unnamed:
        notes.append({"id": "orders_without_a_person", "orders": unnamed})
    return notes
