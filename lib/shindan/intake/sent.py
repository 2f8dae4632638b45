"""Earlier lists found back: who was sent to and who was left out, from client_data/<client>/sent/.

    sent/<as_of>/<list>.sent.csv, <list>.control.csv   list, campaign_id, customer_key, arm, rank, send_on
                 lists.json                            whose they are, their digests; the campaigns' names, windows

What stands there was sent, as lists/kept.py put it there. A list that was not is one whose two
files are deleted. People stand under pseudonyms; one who has been linked to others since is found by the
id that named them then.
"""

import json
import re

import ibis
import pandas as pd

from shindan import engine, errors, schema
from shindan.intake import files

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ARMS = ("sent", "control")
A_LIST = "put the file back as it was written; of a list that was not sent, delete both files"
A_FOLDER = "put the day's folder back as it was written; if its lists were not sent, delete the folder"
COLUMNS = {"list": "string", "campaign_id": "string", "customer_key": "string", "arm": "string", "rank": "string",
           "send_on": "date"}


def days(folder, before=None, until=None):
    """The folders of earlier runs, oldest first: of days before `before`, or up to `until`."""
    found = sorted(f for f in folder.sent.glob("*") if f.is_dir() and DAY.fullmatch(f.name))
    return [f for f in found if (before is None or f.name < str(before)) and (until is None or f.name <= str(until))]


def told(folder, day):
    """lists.json of one day's folder; exit 21 where it is not of this client and day."""
    try:
        tree = json.loads((day / "lists.json").read_text("utf-8"))
        whose, campaigns, digests = (tree["client"], tree["as_of"]), tree["campaigns"], tree["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise _wrong(folder, f"{day.name}/lists.json", "is not whole", A_FOLDER) from None
    if whose != (folder.client, day.name):
        raise _wrong(folder, f"{day.name}/lists.json", "is of another client or day", A_FOLDER)
    return {"campaigns": campaigns, "files": digests}


def records(folder, day):
    """The files of one day's folder, as they were written and both arms of a list or none; else exit 21."""
    digests = told(folder, day)["files"]
    found = {f.name: f for arm in ARMS for f in sorted(day.glob(f"*.{arm}.csv"))}
    for name, file in found.items():
        if files.sha256(file) != digests.get(name):
            raise _wrong(folder, f"{day.name}/{name}", "is not what was written")
        other = _other_arm(name)
        if other in digests and other not in found:
            raise _wrong(folder, f"{day.name}/{other}", "is missing beside the list's other file")
    return list(found.values())


def _other_arm(name):
    list_id, arm, _ = name.rsplit(".", 2)
    return f"{list_id}.{ARMS[1 - ARMS.index(arm)]}.csv"


def _wrong(folder, name, how, mend=A_LIST):
    return errors.ShindanError(
        errors.INPUT_INVALID, f"The record of earlier lists {how} / 配信の記録が書かれたままではありません",
        f"client_data/{folder.client}/sent/{name}", mend)


def history(con, folder, as_of, ids):
    """The rows of every day before `as_of`; exit 21 where nobody of them is known any more (another key's)."""
    t = rows(con, folder, days(folder, before=as_of), ids)
    if t is not None and not t.count().to_pandas():
        raise errors.ShindanError(
            errors.INPUT_INVALID, "Nobody of the earlier lists is known any more / 配信の記録の人が1人も見つかりません",
            f"client_data/{folder.client}/sent",
            "put back the pseudonym.key these lists were made with, or delete the folders of sent/")
    return t


def rows(con, folder, found, ids):
    """One row per person x list of the folders `found` (COLUMNS) who is known, or None without any; `ids`: customer_ids."""
    names = [str(f) for day in found for f in records(folder, day)]
    if not names:
        return None
    t = con.read_csv(names, columns={c: k.upper().replace("STRING", "VARCHAR") for c, k in COLUMNS.items()},
                     header=True, auto_detect=False, delim=",", quote='"')
    known = ids.select(named_then=ids.id_hash.substr(0, 16), now="customer_key")
    known = known.group_by("named_then").agg(now=known.now.min())
    t = t.inner_join(known, t.customer_key == known.named_then)
    return engine.keep(con, t.mutate(customer_key=t.now).select(*COLUMNS), "sent_files")


def _earlier(job):
    """The days before this report's that lists were sent on; nobody asks for its day where there are none."""
    return days(job.folder) and days(job.folder, before=_as_of(job))


def mark(job):
    """The earlier lists that tables and plan stand on: as_of and {day/file: sha256}; empty without any."""
    found = _earlier(job)
    digests = {f"{d.name}/{f.name}": files.sha256(f) for d in found for f in sorted(d.iterdir()) if f.is_file()}
    return {"as_of": str(_as_of(job)), "files": digests} if digests else {}


def added(job, table, made):
    """`made` (campaigns or campaign_sends) with the earlier lists; other tables as they are."""
    found = _earlier(job) if table in ("campaigns", "campaign_sends") else []
    if not found:
        return made
    as_of = _as_of(job)
    sends = history(job.con, job.folder, as_of, engine.read(job.con, job.folder.tables, "customer_ids"))
    if sends is None:
        return made
    sends = sends.filter(sends.send_on <= as_of)
    if table == "campaigns":
        return _campaigns(made, sends, [told(job.folder, day) for day in found])
    return _sends(made, sends)


def assumed(job):
    """A note that earlier lists count as sent because nobody said otherwise; [] without any, or with `make sent`."""
    found = _earlier(job) if job.config.lists.assume_sent else []
    lists = sum(name.endswith(".sent.csv") for day in found for name in told(job.folder, day)["files"] if (day / name).exists())
    return [{"id": "lists_assumed_sent", "lists": lists, "first": found[0].name, "last": found[-1].name}] if lists else []


def _campaigns(made, sends, told):
    """A campaign is told by the day that first planned it; one of the client's own name stays theirs."""
    known = {id: row for tree in reversed(told) for id, row in tree["campaigns"].items()}
    shape = schema.of("campaigns")
    ours = pd.DataFrame([{"campaign_id": id, **{c: row.get(c) for c in shape if c != "campaign_id"}}
                         for id, row in known.items()], columns=list(shape))
    ours["start_date"] = pd.to_datetime(ours.start_date).dt.date
    ours = ibis.memtable(ours.astype("object").where(ours.notna(), None), schema=shape)
    return made.union(ours.semi_join(sends, "campaign_id").anti_join(made, "campaign_id")).cast(shape)


def _sends(made, sends):
    """One row per campaign and person: their first assignment, with the delivery a tool has told of it.

    Somebody who was in both arms (two people then, one since) counts in neither.
    """
    who = ["campaign_id", "customer_key"]
    both = sends.group_by(who).agg(n=sends.arm.nunique()).filter(ibis._.n > 1)
    theirs = made.anti_join(sends, who)
    s = sends.anti_join(both, who)
    s = s.mutate(turn=ibis.row_number().over(group_by=[s[c] for c in who], order_by=[s.send_on, s["list"]]))
    s = s.filter(s.turn == 0)
    s = s.left_join(made.select(*who, told="delivery"), who)
    is_control = s.arm == "control"
    ours = s.select(
        *who, arm=ibis.ifelse(is_control, "control", "A"), is_control=is_control,
        assigned_date="send_on", sent_date=ibis.cases((~is_control, s.send_on)),
        delivery=ibis.ifelse(is_control, "not_sent", s.told.fill_null("unknown")))
    return theirs.union(ours.select(theirs.columns)).cast(schema.of("campaign_sends"))


def _as_of(job):
    """The report's day, as the orders decide it."""
    orders = engine.read(job.con, job.folder.tables, "orders")
    valid = orders.filter(orders.status == "valid", ~orders.is_test, ~orders.is_staff)
    last = valid.order_date.max().to_pandas()
    return job.config.as_of or (last.date() if hasattr(last, "date") else last)
