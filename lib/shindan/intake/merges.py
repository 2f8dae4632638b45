"""The people of a client: linked, logged, and the doubtful ones listed for a human.

work/identity/ (it stays in the client's folder; hashes and places in files only, nothing personal):

    merges.parquet    one row per link that joined records of one person
    suspects.parquet  one row per record of people who look alike and were not joined
    unmerged.parquet  one row per order: the person it would belong to without any linking
"""

import ibis
import pandas as pd

from shindan import characters, engine
from shindan.intake import contacts, identity, private
from shindan.intake.contacts import HASHES

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
    orders, members = (_with_ids(job, t, kinds, n) for t, n in ((orders, "orders"), (members, "members")))
    shared = contacts.shared(orders, rules.shared_orders, rules.shared_names).to_pandas().mail
    records = _records(orders, members)
    for column in ("email_hash", "alias_hash"):
        records[column] = records[column].where(~records[column].isin(set(shared)))
    frame, tree, cut = identity.link(records, rules.max_ids, rules.apart)
    records = identity.named(records, frame)
    orders = identity.attach(con, orders.mutate(is_guest=orders.customer_id.isnull()), records, "orders")
    members = identity.attach(con, members, records, "members")
    own = records[["own_key", "customer_key"]].dropna().drop_duplicates().sort_values("own_key")
    log, suspects = _log(tree, own), _suspects(con, orders, members)
    _save(job, "merges", log, LOG)
    _save(job, "suspects", suspects, SUSPECT)
    found = {**identity.facts(frame), **_found(own, log, suspects), "cut": len(cut),
             "shared_addresses": len(shared), **_counted(records)}
    shape = ibis.schema(dict.fromkeys(("id_type", "id_hash", "customer_key", "link_rule"), "string"))
    ids = con.create_table("ids", ibis.memtable(frame, schema=shape), temp=True, overwrite=True)
    private.keep(job, orders, members)
    personal = (*HASHES, *contacts.PERSONAL, "never")
    orders, members = (engine.keep(con, t.drop(*personal), n) for t, n in ((orders, "named"), (members, "members")))
    return orders, members, ids, found


def _with_ids(job, rows, kinds, name):
    rows = contacts.digests(rows, job.key, job.config.identity.own_domains, kinds)
    return engine.keep(job.con, rows.mutate(mark=identity.mark(rows)), f"{name}_with_ids")


def save_unmerged(job, orders):
    """work/identity/unmerged.parquet: order_id and the person without linking (own_key)."""
    engine.write(job.con, orders.select("order_id", customer_key="own_key"),
                 job.folder.work / "identity" / "unmerged.parquet", by=["order_id"])


def _records(orders, members):
    """One row per combination of ids, shop and kind of record: mark, HASHES, never, n (pandas)."""
    wanted = ("mark", "shop", "never", *HASHES)
    both = orders.select(*wanted, is_order=True).union(members.select(*wanted, is_order=False))
    return both.group_by(*wanted, "is_order").agg(n=both.count()).order_by("mark", "shop", "is_order").to_pandas()


def _log(tree, own):
    """The links of people who are more than one record; a phone that joins nothing is no link."""
    size = own.groupby("customer_key").size()
    log = tree[tree.customer_key.isin(size[size > 1].index)]
    for _ in range(3):  # reading and name of one phone hang on each other
        ends = pd.concat([log.left_hash, log.right_hash]).value_counts()
        loose = [(log[f"{side}_type"] == contacts.PHONE) & (log[f"{side}_hash"].map(ends) == 1)
                 for side in ("left", "right")]
        log = log[~(loose[0] | loose[1])]
    return log.reset_index(drop=True)


def _found(own, log, suspects):
    size = own.groupby("customer_key").size()
    bins = pd.cut(size, [0, 1, 2, 3, 5, 10, float("inf")], labels=["1", "2", "3", "4-5", "6-10", "11+"])
    return {
        "people_before": len(own), "people_merged": int((size > 1).sum()),
        "sizes": [[label, int(n)] for label, n in bins.value_counts(sort=False).items()],
        "links": {rule: int((log.rule == rule).sum()) for rule in identity.WEIGHTS},
        "suspects": {rule: int(n) for rule, n in
                     suspects.groupby("rule").group_no.nunique().sort_index().items()}}


def _counted(records):
    """Rows whose contact may not link anybody, by reason; people who ordered in several shops."""
    never = records[records.never.notna()].groupby("never").n.sum().sort_index()
    shops = records[records.is_order & records.customer_key.notna()].groupby("customer_key").shop.nunique()
    return {"never": {why: int(n) for why, n in never.items()},
            "people_in_several_shops": int((shops > 1).sum())}


def _suspects(con, orders, members):
    """One row per record of people who look alike: rule, group_no, customer_key, source_file, source_row.

    same_name_and_postcode: name or reading, and post code, are the same. similar_email: the same
    address but for dots and +tags, or the same mailbox name at another domain under one name.
    """
    wanted = ["customer_key", "source_file", "source_row", *contacts.PERSONAL]
    rows = orders.select(wanted).union(members.select(wanted))
    rows = rows.filter(rows.customer_key.notnull())
    mail = characters.normalise_email(rows.email)
    box = mail.re_extract(r"^([^@+]+)", 1).re_replace(r"[._-]", "")
    box = ibis.cases((box.length() >= 5, box))
    domain = mail.re_replace(r"^.*@", "")
    code = characters.normalise_zip(rows.postal_code)
    name, kana = (characters.normalise_name(rows[c]) for c in ("name", "kana"))
    masked = ibis.or_(*(mail.re_search(p) for p in contacts.MASKED.values())).fill_null(False)
    box = ibis.cases((~masked, box))
    marks = {"same_name_and_postcode": [name + "|" + code, kana + "|" + code],
             "similar_email": [box + "@" + domain, box + "|" + ibis.coalesce(kana, name)]}
    parts = [rows.select("customer_key", "source_file", "source_row", rule=ibis.literal(rule), mark=mark)
             for rule, several in marks.items() for mark in several]
    all_marks = engine.keep(con, ibis.union(*parts).filter(ibis._.mark.notnull()).group_by(
        "rule", "mark", "customer_key").agg(
            source_file=ibis._.source_file.min(),
            source_row=ibis._.source_row.argmin(ibis._.source_file)), "marks")
    alike = all_marks.group_by("rule", "mark").agg(n=ibis._.count(), first=ibis._.customer_key.min())
    alike = alike.filter(alike.n > 1, alike.n <= MAX_ALIKE)
    found = all_marks.inner_join(alike, ["rule", "mark"]).select(
        "rule", "first", "mark", "customer_key", "source_file", "source_row").distinct().order_by(
            "rule", "first", "customer_key").to_pandas()
    found = found.drop_duplicates(["rule", "first", "customer_key"])
    found["group_no"] = found.groupby(["rule", "first"]).ngroup() + 1
    return found[list(SUSPECT)].sort_values(["group_no", "customer_key"], ignore_index=True)


def _save(job, name, frame, shape):
    frame = frame.head(MOST_SUSPECTS) if name == "suspects" else frame
    table = ibis.memtable(frame.astype("object"), schema=ibis.schema(shape))
    engine.write(job.con, table, job.folder.work / "identity" / f"{name}.parquet", by=list(shape))
