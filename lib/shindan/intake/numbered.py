"""Rows with ids <-> the numbers that identity.link works with; the digests stay in the engine.

A shop of a million people has several million digests: as texts in Python they take more memory
than the machine has, as numbers next to none.
"""

import ibis
import numpy as np
import pandas as pd

from shindan import engine
from shindan.intake import contacts, identity
from shindan.intake.contacts import HASHES

IDS = {"id_type": "string", "id_hash": "string", "customer_key": "string", "link_rule": "string"}


def with_ids(job, rows, name, kinds=None):
    """`rows` with the columns of HASHES, never, and mark: equal where all ids of two rows are."""
    rows = contacts.digests(rows, job.key, job.config.identity.own_domains, kinds)
    text = ibis.literal("|").join([rows[c].fill_null("") for c in HASHES])
    return engine.keep(job.con, rows.mutate(mark=text.hexdigest("md5")), f"{name}_with_ids")


def ids_of(con, *tables):
    """One row per id of the `tables`: id_no (from 0, in the order in which ids name people), kind, id_hash."""
    parts = [t.filter(t[c].notnull()).select(
        kind=ibis.literal(identity.KINDS.index(kind), "int8"), id_hash=t[c]) for t in tables for c, kind in HASHES.items()]
    ids = ibis.union(*parts).distinct()
    place = ibis.row_number().over(order_by=[ids.kind, ids.id_hash])
    return engine.keep(con, ids.mutate(id_no=place), "ids")


def kinds_of(ids):
    """Of each id, by number, the place of its type in identity.KINDS (numpy)."""
    counts = ids.group_by("kind").agg(n=ids.count()).order_by("kind").to_pandas()
    return np.repeat(counts.kind.to_numpy("int8"), counts.n.to_numpy("int64"))


def records(con, ids, tables):
    """One row per combination of ids, shop and kind of record: record_no, mark, shop, never, is_order, n,
    and the numbers of its ids under the names of HASHES (-1: none).

    `tables` [(rows with ids, whether they are orders)].
    """
    same = ("mark", "shop", "never", "is_order")
    both = ibis.union(*(t.select("mark", "shop", "never", *HASHES, is_order=ibis.literal(flag)) for t, flag in tables))
    r = both.group_by(*same, *HASHES).agg(n=both.count())  # equal marks have equal ids
    r = engine.keep(con, r.mutate(record_no=ibis.row_number().over(
        order_by=[r.mark, r.shop, r.never, r.is_order])), "records")
    known = long(r, "record_no").inner_join(ids, "id_hash")
    numbers = known.group_by("record_no").agg(**{
        c: known.id_no.max(where=known.place == i) for i, c in enumerate(HASHES)})
    r = r.select("record_no", *same, "n").left_join(numbers, "record_no").drop("record_no_right")
    return engine.keep(con, r.mutate(**{c: r[c].fill_null(-1) for c in HASHES}), "numbered_records")


def long(rows, key):
    """One row per id on a row: `key`, place (of the id's column in HASHES), id_hash."""
    return ibis.union(*(rows.filter(rows[c].notnull()).select(key, place=ibis.literal(i, "int64"), id_hash=rows[c])
                        for i, c in enumerate(HASHES)))


def pairs_of(records):
    """The numbers of `records` (pandas), by record_no."""
    return records.select("record_no", *HASHES).order_by("record_no").to_pandas()


def with_keys(con, ids, linked):
    """`ids` with customer_key, id_type and link_rule."""
    made = pd.DataFrame({"id_no": np.arange(len(linked.first)), "first_no": linked.first, "weight": linked.weight})
    made = ibis.memtable(made, schema=ibis.schema({"id_no": "int64", "first_no": "int64", "weight": "int64"}))
    names = ids.select(first_no="id_no", customer_key=ids.id_hash.substr(0, identity.KEY_LENGTH))
    i = ids.inner_join(made, "id_no").inner_join(names, "first_no")
    rules = [(i.weight == weight, rule) for rule, weight in identity.WEIGHTS.items()]
    kinds = [(i.kind == place, kind) for place, kind in enumerate(identity.KINDS)]
    return engine.keep(con, i.select(
        "id_no", "id_hash", "customer_key", id_type=ibis.cases(*kinds), link_rule=ibis.cases(*rules, else_="alone")),
        "ids_with_keys")


def people_of(pairs, first):
    """`pairs` as record_no, own_no (its first id), customer_no (that id's person); only rows with an id (pandas)."""
    numbers = pairs[list(HASHES)].to_numpy("int64")
    there = numbers >= 0
    own = numbers[np.arange(len(numbers)), there.argmax(axis=1)]
    known = there.any(axis=1)
    return pd.DataFrame({"record_no": pairs.record_no.to_numpy()[known], "own_no": own[known],
                         "customer_no": first[own[known]]})


def attach(rows, keys):
    """`rows` with customer_key and whatever else `keys` (mark, …; one row a mark) says."""
    return rows.left_join(keys, "mark").drop("mark", "mark_right")


def keys_of(con, records, people, ids):
    """One row per mark: mark, customer_key, own_key (the person the row would be without any linking)."""
    p = ibis.memtable(people, schema=ibis.schema(dict.fromkeys(("record_no", "own_no", "customer_no"), "int64")))
    p = p.inner_join(records.select("record_no", "mark"), "record_no")
    p = p.group_by("mark").agg(own_no=p.own_no.min())
    named = p.inner_join(ids.select(own_no="id_no", own_hash="id_hash", customer_key="customer_key"), "own_no")
    return engine.keep(con, named.select(
        "mark", "customer_key", own_key=named.own_hash.substr(0, identity.KEY_LENGTH)), "keys")


def resolve(job, rows, ids, strangers=False):
    """(`rows` with customer_key and is_stranger instead of their personal columns, ids).

    `ids` (id_hash, customer_key) of everybody known. `strangers`: whoever is not among them gets a
    key of their own, and `ids` comes back with theirs. Somebody held out of a campaign who never
    orders must be there to be counted as not having bought.
    """
    rows = with_ids(job, rows, "others")
    pairs = engine.keep(job.con, rows.select("mark", *HASHES).distinct(), "pairs")
    keys = _named(pairs, ids).mutate(is_stranger=ibis.literal(False))
    if strangers:
        others = pairs.anti_join(keys, "mark")
        own = _alone(job, others)
        keys = keys.union(_named(others, own).mutate(is_stranger=ibis.literal(True)))
        ids = ids.union(own)
    rows = attach(rows, engine.keep(job.con, keys, "named"))
    return rows.drop(*HASHES, *contacts.PERSONAL, "never"), ids


def _named(pairs, ids):
    """One row per mark that somebody is known by: customer_key by cart id, else address, else phone and name."""
    known = long(pairs, "mark").inner_join(ids, "id_hash")
    return known.group_by("mark").agg(customer_key=known.customer_key.argmin(known.place))


def _alone(job, pairs):
    """The ids of people nobody knows, linked among themselves: id_hash, customer_key."""
    pairs = engine.keep(job.con, pairs.mutate(
        shop=ibis.literal(""), never=ibis.null("string")), "strangers")
    ids = ids_of(job.con, pairs)
    numbers = pairs_of(records(job.con, ids, [(pairs, False)]))
    return with_keys(job.con, ids, identity.link(numbers, kinds_of(ids))).select("id_hash", "customer_key")
