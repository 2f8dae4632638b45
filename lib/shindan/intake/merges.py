"""The people of a client: linked, logged, and the doubtful ones listed for a human.

work/identity/ (it stays in the client's folder; hashes and places in files only, nothing personal):

    merges.parquet    one row per link that joined records of one person
    suspects.parquet  one row per record of people who look alike and were not joined
    unmerged.parquet  one row per order: the person it would belong to without any linking
"""

import ibis
import pandas as pd

from shindan import characters, engine
from shindan.intake import contacts, identity, numbered, private
from shindan.intake.contacts import HASHES

SAID = ("email", "name", "kana", "postal_code")  # by which people look alike
MAX_ALIKE = 5           # more people of one name at one place are a building, not a doubt
MOST_SUSPECTS = 1000
SUSPECT = {"rule": "string", "group_no": "int64", "customer_key": "string", "source_file": "string",
           "source_row": "int64"}
LOG = {"customer_key": "string", "left_type": "string", "left_hash": "string",
       "right_type": "string", "right_hash": "string", "rule": "string"}


def people(job, orders, members, kinds=None):
    """(orders, members, ids, facts): rows with customer_key, the ids as a table, what was found.

    orders keep own_key, the person each would be without linking, for `save_unmerged`.
    """
    con, rules = job.con, job.config.identity
    orders, members = (numbered.with_ids(job, t, n, kinds) for t, n in ((orders, "orders"), (members, "members")))
    ids = numbered.ids_of(con, orders, members)
    kind_of_id = numbered.kinds_of(ids)
    records = numbered.records(con, ids, [(orders, True), (members, False)])
    pairs = numbered.pairs_of(records)
    shared = _numbers(ids, ids.id_hash.isin(contacts.shared(orders, rules.shared_orders, rules.shared_names).mail))
    for column in ("email_hash", "alias_hash"):
        pairs[column] = pairs[column].where(~pairs[column].isin(shared), -1)
    apart = _numbers(ids, ibis.or_(*(ids.id_hash.startswith(a) for a in rules.apart))) if rules.apart else ()
    linked = identity.link(pairs, kind_of_id, rules.max_ids, apart)
    found = numbered.people_of(pairs, linked.first)
    ids = numbered.with_keys(con, ids, linked)
    keys = numbered.keys_of(con, records, found, ids)
    orders = numbered.attach(orders.mutate(is_guest=orders.customer_id.isnull()), keys)
    members = numbered.attach(members, keys)
    log, suspects = _log(linked, found, kind_of_id), _suspects(con, orders, members)
    _save(job, "merges", _named_log(log, ids), LOG)
    _save(job, "suspects", ibis.memtable(suspects.head(MOST_SUSPECTS).astype("object"), schema=ibis.schema(SUSPECT)), SUSPECT)
    told = {**identity.facts(kind_of_id, linked.first), **_found(found, log, suspects), "cut": len(linked.cut),
            "shared_addresses": len(shared), **_counted(records.left_join(keys, "mark"))}
    private.keep(job, orders, members)
    personal = (*HASHES, *contacts.PERSONAL, "never")
    orders, members = (engine.keep(con, t.drop(*personal), n) for t, n in ((orders, "named"), (members, "members")))
    return orders, members, ids.select(list(numbered.IDS)), told


def _numbers(ids, condition):
    return ids.filter(condition).id_no.to_pandas().to_numpy("int64")


def save_unmerged(job, orders):
    """work/identity/unmerged.parquet: order_id and the person without linking (own_key)."""
    engine.write(job.con, orders.select("order_id", customer_key="own_key"),
                 job.folder.work / "identity" / "unmerged.parquet", by=["order_id"])


def _log(linked, people, kinds):
    """The links (left, right, weight, customer_no) of people who are more than one record; a phone
    that joins nothing is no link."""
    several = _sizes(people)
    log = linked.tree.assign(customer_no=linked.first[linked.tree.left])
    log = log[log.customer_no.isin(several.index[several > 1])]
    phone = kinds == identity.KINDS.index(contacts.PHONE)
    for _ in range(3):  # reading and name of one phone hang on each other
        ends = pd.concat([log.left, log.right]).value_counts()
        loose = [phone[log[side]] & (log[side].map(ends) == 1) for side in ("left", "right")]
        log = log[~(loose[0] | loose[1])]
    return log.reset_index(drop=True)


def _sizes(people):
    """How many records each person is made of, by customer_no."""
    return people[["own_no", "customer_no"]].drop_duplicates().groupby("customer_no").size()


def _named_log(log, ids):
    """`log` as a table of LOG."""
    shape = dict.fromkeys(("left", "right", "weight", "customer_no"), "int64")
    t = ibis.memtable(log[list(shape)].astype("int64"), schema=ibis.schema(shape))
    for side in ("left", "right"):
        t = t.inner_join(ids.select(**{side: "id_no", f"{side}_type": "id_type", f"{side}_hash": "id_hash"}), side)
    t = t.inner_join(ids.select(customer_no="id_no", customer_key="customer_key"), "customer_no")
    rules = [(t.weight == weight, rule) for rule, weight in identity.WEIGHTS.items()]
    return t.mutate(rule=ibis.cases(*rules)).select(list(LOG))


def _found(people, log, suspects):
    size = _sizes(people)
    bins = pd.cut(size, [0, 1, 2, 3, 5, 10, float("inf")], labels=["1", "2", "3", "4-5", "6-10", "11+"])
    return {
        "people_before": int(size.sum()), "people_merged": int((size > 1).sum()),
        "sizes": [[label, int(n)] for label, n in bins.value_counts(sort=False).items()],
        "links": {rule: int((log.weight == weight).sum()) for rule, weight in identity.WEIGHTS.items()},
        "suspects": {rule: int(n) for rule, n in
                     suspects.groupby("rule").group_no.nunique().sort_index().items()}}


def _counted(records):
    """Rows whose contact may not link anybody, by reason; people who ordered in several shops."""
    never = records.filter(records.never.notnull())
    never = never.group_by("never").agg(n=never.n.sum()).order_by("never").to_pandas()
    ordered = records.filter(records.is_order, records.customer_key.notnull())
    shops = ordered.group_by("customer_key").agg(n=ordered.shop.nunique())
    several = int(shops.filter(shops.n > 1).count().to_pandas())
    return {"never": {why: int(n) for why, n in zip(never.never, never.n, strict=True)},
            "people_in_several_shops": several}


def _suspects(con, orders, members):
    """One row per record of people who look alike: rule, group_no, customer_key, source_file, source_row.

    same_name_and_postcode: name or reading, and post code, are the same. similar_email: the same
    address but for dots and +tags, or the same mailbox name at another domain under one name.
    """
    wanted = ["customer_key", "source_file", "source_row", *SAID]
    rows = engine.keep(con, _first(orders.select(wanted).union(members.select(wanted)), "customer_key", *SAID), "said")
    rows = rows.mutate(email=characters.normalise_email(rows.email), postal_code=characters.normalise_zip(rows.postal_code),
                       name=characters.normalise_name(rows.name), kana=characters.normalise_name(rows.kana))
    mail, code, name, kana = rows.email, rows.postal_code, rows.name, rows.kana
    box = mail.re_extract(r"^([^@+]+)", 1).re_replace(r"[._-]", "")
    box = ibis.cases((box.length() >= 5, box))
    domain = mail.re_replace(r"^.*@", "")
    masked = ibis.or_(*(mail.re_search(p) for p in contacts.MASKED.values())).fill_null(False)
    box = ibis.cases((~masked, box))
    marks = {"same_name_and_postcode": [name + "|" + code, kana + "|" + code],
             "similar_email": [box + "@" + domain, box + "|" + ibis.coalesce(kana, name)]}
    parts = [rows.select("customer_key", "source_file", "source_row", rule=ibis.literal(rule), mark=mark)
             for rule, several in marks.items() for mark in several]
    all_marks = engine.keep(con, _first(
        ibis.union(*parts).filter(ibis._.mark.notnull()), "rule", "mark", "customer_key"), "marks")
    alike = all_marks.group_by("rule", "mark").agg(n=ibis._.count(), first=ibis._.customer_key.min())
    alike = alike.filter(alike.n > 1, alike.n <= MAX_ALIKE)
    found = all_marks.inner_join(alike, ["rule", "mark"])
    place = ibis.row_number().over(group_by=[found.rule, found["first"], found.customer_key],
                                   order_by=[found.source_file, found.source_row])
    found = found.mutate(place=place).filter(ibis._.place == 0).select(
        "rule", "first", "customer_key", "source_file", "source_row").order_by(
            "rule", "first", "customer_key").to_pandas()
    found["group_no"] = found.groupby(["rule", "first"]).ngroup() + 1
    return found[list(SUSPECT)].sort_values(["group_no", "customer_key"], ignore_index=True)


def _first(rows, *by):
    """One row per `by` of the rows of somebody: the first place (source_file, source_row) that says so."""
    rows = rows.filter(rows.customer_key.notnull())
    place = rows.source_file + "\t" + rows.source_row.cast("string").lpad(12, "0")
    return rows.group_by(*by).agg(source_file=rows.source_file.min(), source_row=rows.source_row.argmin(place))


def _save(job, name, table, shape):
    engine.write(job.con, table, job.folder.work / "identity" / f"{name}.parquet", by=list(shape))
