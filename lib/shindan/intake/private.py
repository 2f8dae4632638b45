"""How to reach people, kept once, in a place of its own: work/private/contacts.parquet.

Read by the lists and by nothing else: no table, no analysis and no notebook holds a name or an address
(tests/lists/test_privacy.py). One row per person; of several records the newest speaks, cell by cell:
the member file as it stands, then orders from the last back.
"""

import os

import ibis

from shindan import characters, engine

CONTACT = ("customer_id", "email", "name", "kana", "phone", "postal_code")


def keep(job, orders, members):
    """Write the contacts of everybody named in `orders` and `members` (personal columns and customer_key)."""
    rows = _records(members, members.registered_at, 1).union(_records(orders, orders.ordered_at, 0))
    rows = rows.filter(rows.customer_key.notnull())
    newest = ibis.window(group_by=rows.customer_key, order_by=[
        rows.is_member.desc(), rows.at.desc(nulls_first=False), rows.file_no.desc(), rows.source_row.desc()])
    rows = rows.mutate(place=ibis.row_number().over(newest))
    one = rows.group_by("customer_key").agg(**{c: rows[c].argmin(rows.place, where=rows[c].notnull()) for c in CONTACT})
    file = file_of(job.folder)
    engine.write(job.con, one, file, by=["customer_key"])
    os.chmod(file, 0o600)


def file_of(folder):
    """Where the contacts of a client are."""
    return folder.work / "private" / "contacts.parquet"


def _records(rows, at, is_member):
    """One row per record; addresses that are nobody's, or masked by a mall, are none."""
    own = rows.never.fill_null("dummy_phone") == "dummy_phone"
    mail = ibis.cases((own & rows.alias_hash.isnull(), rows.email.strip().nullif("")))
    number = {c: rows[c] if c in rows.columns else ibis.literal(0) for c in ("file_no", "source_row")}
    return rows.select(
        "customer_key", is_member=ibis.literal(is_member), at=at, email=mail,
        customer_id=rows.customer_id.strip().nullif(""), name=rows.name.strip().nullif(""),
        kana=rows.kana.strip().nullif(""), phone=characters.normalise_phone(rows.phone).nullif(""),
        postal_code=characters.normalise_zip(rows.postal_code), **number)
