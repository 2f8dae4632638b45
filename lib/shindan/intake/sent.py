"""Earlier lists found back: who was sent to and who was left out, from client_data/<client>/sent/.

    sent/<as_of>/<list>.sent.csv, <list>.control.csv   list, campaign_id, customer_key, arm, rank, send_on
                 lists.json                            the campaigns' names, windows, planned hold-out

What was written there is taken to have been sent. A list that was not: delete its two files (or the
day's folder), and it never was. People stand under pseudonyms; one who has been linked to others since
is found by the id that named them then.
"""

import hashlib
import json
import re

import ibis
import pandas as pd

from shindan import engine, errors, schema
from shindan.intake import files

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
COLUMNS = {"list": "string", "campaign_id": "string", "customer_key": "string", "arm": "string", "rank": "string",
           "send_on": "date"}


def days(folder, before=None, until=None):
    """The folders of earlier runs, oldest first: of days before `before`, or up to `until`."""
    found = sorted(f for f in folder.sent.glob("*") if f.is_dir() and DAY.fullmatch(f.name))
    return [f for f in found if (before is None or f.name < str(before)) and (until is None or f.name <= str(until))]


def rows(con, folder, found, ids):
    """One row per person x list of the folders `found` (COLUMNS, and as_of), or None; `ids`: customer_ids."""
    names = [str(f) for day in found for arm in ("sent", "control") for f in sorted(day.glob(f"*.{arm}.csv"))]
    if not names:
        return None
    try:
        t = con.read_csv(names, columns={c: k.upper().replace("STRING", "VARCHAR") for c, k in COLUMNS.items()},
                         filename=True, header=True, auto_detect=False, delim=",", quote='"')
        t = engine.keep(con, t, "sent_files")
    except Exception as error:  # the engine's words may quote a row
        raise errors.ShindanError(
            errors.INPUT_INVALID, f"The record of earlier lists cannot be read ({type(error).__name__})",
            f"client_data/{folder.client}/sent", "put the file back as it was written, or delete it") from None
    t = t.mutate(as_of=t.filename.re_extract(r"(\d{4}-\d{2}-\d{2})[\\/][^\\/]*$", 1)).drop("filename")
    known = ids.select(named_then=ids.id_hash.substr(0, 16), now="customer_key")
    known = known.group_by("named_then").agg(now=known.now.min())
    t = t.inner_join(known, t.customer_key == known.named_then).drop("named_then")
    return t.mutate(customer_key=t.now).drop("now")


def mark(job):
    """What the earlier lists are, for the fingerprint of the tables they go into."""
    found = days(job.folder, before=_as_of(job))
    told = [[f"{d.name}/{f.name}", files.sha256(f)] for d in found for f in sorted(d.iterdir()) if f.is_file()]
    return hashlib.sha256(json.dumps([str(_as_of(job)) if told else "", told]).encode()).hexdigest()


def added(job, table, made):
    """`made` (campaigns or campaign_sends) with the earlier lists; other tables as they are."""
    found = days(job.folder, before=_as_of(job)) if table in ("campaigns", "campaign_sends") else []
    if not found:
        return made
    if table == "campaigns":
        return _campaigns(made, found)
    sends = rows(job.con, job.folder, found, engine.read(job.con, job.folder.tables, "customer_ids"))
    return made if sends is None else _sends(made, sends.filter(sends.send_on <= _as_of(job)))


def _campaigns(made, found):
    """A campaign is told by the day that first sent any of it; one of the client's own name stays theirs."""
    told = {}
    for day in found:
        file = day / "lists.json"
        told = {**(json.loads(file.read_text("utf-8"))["campaigns"] if file.is_file() else {}), **told}
    shape = schema.of("campaigns")
    ours = pd.DataFrame([{"campaign_id": id, **{c: row.get(c) for c in shape if c != "campaign_id"}}
                         for id, row in told.items()], columns=list(shape))
    ours["start_date"] = pd.to_datetime(ours.start_date).dt.date
    ours = ibis.memtable(ours.astype("object").where(ours.notna(), None), schema=shape)
    return made.union(ours.anti_join(made, "campaign_id")).cast(shape)


def _sends(made, sends):
    """One row per campaign and person: their first assignment, with the delivery a tool has told of it."""
    first = ibis.row_number().over(
        group_by=[sends.campaign_id, sends.customer_key], order_by=[sends.arm, sends.send_on])
    s = sends.mutate(turn=first).filter(ibis._.turn == 0)
    told = made.select("campaign_id", "customer_key", told="delivery")
    s = s.left_join(told, ["campaign_id", "customer_key"])
    is_control = s.arm == "control"
    ours = s.select(
        "campaign_id", "customer_key", arm=ibis.ifelse(is_control, "control", "A"), is_control=is_control,
        assigned_date="send_on", sent_date=ibis.cases((~is_control, s.send_on)),
        delivery=ibis.ifelse(is_control, "not_sent", s.told.fill_null("unknown")))
    theirs = made.anti_join(ours, ["campaign_id", "customer_key"])
    return theirs.union(ours.select(theirs.columns)).cast(schema.of("campaign_sends"))


def _as_of(job):
    """The report's day, as the orders decide it."""
    orders = engine.read(job.con, job.folder.tables, "orders")
    valid = orders.filter(orders.status == "valid", ~orders.is_test, ~orders.is_staff)
    last = valid.order_date.max().to_pandas()
    return job.config.as_of or (last.date() if hasattr(last, "date") else last)
