"""The first group: orders, their lines, and the people behind them."""

import dataclasses
import datetime

import ibis

from shindan import bridge, engine, errors, schema
from shindan.intake import (
    agreement,
    customers,
    days,
    excluded,
    gather,
    identity,
    making,
    merges,
    orders,
    other_groups,
    presets,
    reconcile,
)

FEWEST_ORDERS, GIANT_SHARE = 100, 0.2   # one of so many orders is not so large a part of all
LATE_DAYS = 7   # a shop is quiet that long; after more, the export may have ended early


def build(job, tables, inputs):
    """Write orders, order_lines, customers, customer_ids, subscriptions.

    Returns {"accounts", "facts", "notes"} for load_report and facts.json.
    """
    made, accounts, sums = priced(job, inputs)
    members, member_accounts, wrong = gather.table_rows(job, "customers", inputs)
    gather.settle(job, "customers", member_accounts, wrong)
    rules = job.config.exclude
    named, members, ids, found = merges.people(
        job, excluded.mark(made.orders, rules), members, identity.kinds(inputs))
    order_lines = excluded.samples(made.lines, rules)
    done, hits = excluded.apply(orders.flag(named, members, job.config.channels), order_lines, members, rules)
    done = engine.keep(job.con, done, "done")
    told = excluded.told(job, hits, rules)
    merges.save_unmerged(job, done)
    people = customers.build(members, done, ids, job.config.channels)
    gather.write(job, "orders", orders.canonical(done, "orders"), ["order_id"])
    gather.write(job, "order_lines", orders.canonical(order_lines, "order_lines"), ["order_id", "line_no"])
    gather.write(job, "customers", people, ["customer_key"])
    gather.write(job, "customer_ids", ids.mutate(source=ibis.null("string")).select(
        list(schema.TABLES["customer_ids"])), ["id_type", "id_hash"])
    more = other_groups.build(job, ("subscriptions",), inputs)
    facts = {**_facts(job, done, found), **sums}
    return {
        "accounts": [dataclasses.asdict(a) | {"used": a.used} for a in accounts + member_accounts]
        + more["accounts"],
        "facts": {**facts, "exports": made.counts, "excluded": told},
        "notes": _notes(job, done, facts) + _cases(order_lines) + _members(job.config.sources) + making.notes(made) + excluded.notes(told) + more["notes"], "matching": more["matching"],
    }


def priced(job, inputs):
    """(Made, accounts, facts): the order files as priced orders, before anybody is named; stops where they cannot be right."""
    made, accounts = making.make(job, inputs)
    gather.settle(job, "orders", accounts, made.rejected)
    orders.check_statuses(made.orders, inputs)
    sums = {"billed": reconcile.billed(made.orders), "lines": reconcile.products(made.orders)}
    reconcile.check_billed(sums["billed"], made.orders)
    reconcile.check_lines(sums["lines"], made.orders)
    return made, accounts, sums


def _facts(job, done, people):
    first, last = days.span(done, job.config.as_of, f"client_data/{job.folder.client}/raw/")
    as_of = job.config.as_of or last
    if as_of < first:
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: as_of {as_of} is before the first order ({first})",
            f"client_data/{job.folder.client}/client.yaml, field `as_of`", "mend the date or leave it out")
    steps = bridge.steps(done, as_of)
    reconcile.check_bridge(steps)
    months = bridge.monthly(done, as_of)
    agreed = agreement.totals(months, job.config.totals, f"client_data/{job.folder.client}/client.yaml")
    return {"as_of": str(as_of), "data_start": str(first), "data_end": str(last), "bridge": steps,
            "bridge_months": months.to_dict("records"), "totals": agreed,
            "coverage": agreement.coverage(done),
            "identity": people}


def _notes(job, done, facts):
    """What a reader should know: orders without a channel or a person, odd days and amounts, a late as_of."""
    notes = _channels(job, done)
    late = datetime.date.fromisoformat(facts["as_of"]) - datetime.date.fromisoformat(facts["data_end"])
    if late.days > LATE_DAYS:
        notes.append({"id": "as_of_after_data", "as_of": facts["as_of"], "last": facts["data_end"], "days": late.days})
    notes += [{"id": "many_orders_on_one_day", "day": str(day), "orders": n} for day, n in days.spikes(done)]
    unnamed = int(done.customer_key.isnull().sum().fill_null(0).to_pandas())
    if unnamed:
        notes.append({"id": "orders_without_a_person", "orders": unnamed})
    below = int((done.items_jpy < 0).sum().fill_null(0).to_pandas())
    return notes + ([{"id": "orders_below_zero", "orders": below}] if below else []) + _giant(done) + _in_two_shops(done)


def _channels(job, done):
    """Ad codes that mean no channel, or that are none; costs that no order can be held against."""
    unknown = done.filter(done.acq_channel == schema.UNKNOWN_CHANNEL, done.ad_code.notnull())
    codes = unknown.group_by("ad_code").agg(n=unknown.count()).order_by(
        ibis.desc("n"), "ad_code").limit(20).to_pandas()
    notes = [{"id": "unmapped_ad_code", "code": c, "orders": int(n)}
             for c, n in zip(codes.ad_code, codes.n, strict=True)]
    costs = any(presets.load(source.preset).table == "ad_costs" for source in job.config.sources)
    if costs and not notes and not done.filter(done.acq_channel != schema.UNKNOWN_CHANNEL).count().to_pandas():
        notes.append({"id": "no_channel"})
    hidden = int(done.hidden_code.sum().fill_null(0).to_pandas())
    return notes + ([{"id": "no_ad_code", "orders": hidden}] if hidden else [])


def _giant(done):
    """An order that is a large part of all sales by itself: a mistyped amount, or wholesale."""
    valid = done.filter(done.status == "valid")
    row = valid.agg(n=valid.count(), total=valid.items_jpy.sum(), most=valid.items_jpy.max(),
                    file=valid.source_file.argmax(valid.items_jpy), row=valid.source_row.argmax(valid.items_jpy)).to_pandas().iloc[0]
    if row.n < FEWEST_ORDERS or row.most <= GIANT_SHARE * row.total:
        return []
    return [{"id": "giant_order", "file": row.file, "row": int(row.row), "share": round(row.most / row.total, 4)}]


def _in_two_shops(done):
    """Orders of the same number, day and bill under two shops: one shop's exports under two names, counted twice."""
    told = done.mutate(number=done.order_id.substr(done.shop.length() + 1))
    same = told.group_by("number", "order_date", "billed_jpy").agg(first=told.shop.min(), second=told.shop.max())
    pairs = same.filter(same["first"] != same["second"]).group_by("first", "second").agg(
        orders=ibis._.count()).order_by(ibis.desc("orders"), "first", "second").to_pandas()
    return [{"id": "orders_in_two_shops", **pair} for pair in pairs.to_dict("records")]


def _cases(lines):
    """Product codes that differ by upper and lower case alone: 楽天 writes its own in small letters."""
    codes = lines.group_by(code=lines.sku.upper()).agg(first=lines.sku.min(), second=lines.sku.max())
    apart = codes.filter(codes["first"] != codes["second"]).order_by("code").to_pandas()
    return [{"id": "skus_in_two_cases", "n": len(apart), "first": apart["first"][0], "second": apart["second"][0]}] if len(apart) else []


def _members(sources):
    """Customer files whose member ids are of a shop without orders: the ids meet none of the orders'."""
    shops = sorted({s.shop for s in sources if presets.load(s.preset).table == "orders"})
    return [{"id": "members_of_another_shop", "file": s.path, "shop": s.shop, "shops": "、".join(shops)} for s in sources
            if presets.load(s.preset).table == "customers" and "customer_id" in s.columns and s.shop not in shops]
