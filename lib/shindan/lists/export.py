"""The plan, joined to names and addresses, as files of the target's kind; lists/manifest.json reconciles them."""

import datetime
import hashlib
import json
import os

import ibis

from shindan import config, engine, errors, intake, scenarios, text
from shindan.analyses import listed
from shindan.lists import cells, files, kept
from shindan.lists.step import contacts_of
from shindan.scenarios import stops

SLOTS = ("morning", "night")


def write(folder, settings, into):
    """Write every list with somebody on it to the new folder `into`; returns the manifest."""
    con = engine.connect(folder.work / "spill")
    try:
        job = _Job(con, folder, settings, into)
        into.mkdir(parents=True)
        told = [_list(job, scenario, row) for scenario, row in job.lists()]
        manifest = {
            "client": folder.client, "as_of": str(job.as_of), "days": [str(d) for d in job.days], "lists": told,
            "cap": settings.lists.cap.model_dump(), "columns": list(settings.lists.columns),
            "consent": {"is_known": job.has_consent, "why": None if job.has_consent else job.words("lists.withheld.consent")},
            "set_aside": _set_aside(job)}
        _write(into / "manifest.json", manifest)
        return manifest
    finally:
        engine.forget(con)


class _Job:
    """One client's plan, contacts and words."""

    def __init__(self, con, folder, settings, into):
        self.con, self.folder, self.settings, self.into = con, folder, settings, into
        self.words = text.Text(settings.language, settings.currency)
        self.as_of = datetime.date.fromisoformat(intake.facts(folder)["as_of"])
        self.days = (self.as_of + datetime.timedelta(1), self.as_of + datetime.timedelta(settings.lists.days))
        self.contacts = contacts_of(con, folder)
        self.plan = con.read_parquet(str(folder.work / "lists" / "plan.parquet"), table_name="plan")
        self.counts = con.read_parquet(str(folder.work / "lists" / "list_counts.parquet"), table_name="counts")
        self.has_consent = listed.has_consent(engine.read(con, folder.tables, "customers"))

    def lists(self):
        """(scenario, its counts) in the catalogue's order."""
        rows = {row["list"]: row for row in self.counts.to_pandas().to_dict("records")}
        return [(s, rows[s.id]) for s in scenarios.load(self.settings) if s.id in rows]

    def name(self, scenario):
        """The list's name in the client's language."""
        return scenario.name or self.words.get(f"scenario.name.{scenario.id}", scenario.id)


def _list(job, scenario, row):
    """Write one list and tell how it came about; what is written must be what was planned."""
    profile = files.PROFILES[scenario.profile]
    stopped = {o: int(row[f"n_{o}"]) for o in stops.STOPS if row[f"n_{o}"]}
    told = {
        "list": scenario.id, "name": job.name(scenario), "priority": scenario.priority, "due": int(row["n"]),
        "stopped": stopped, "control": int(row["n_control"]), "sent": int(row["n_sent"]),
        "late": int(row["n_late"]), "estimated": int(row["n_estimated"]), "holdout_rate": scenario.holdout_rate,
        "usual_rate": _number(row["usual_rate"]), "detectable_pt": _number(row["detectable_pt"]),
        "campaigns": _campaigns(job, scenario), "window_days": scenario.window_days, "kpi": scenario.kpi,
        "mix": scenario.mix.model_dump(), "profile": profile.name, "file": None, "sha256": None, "marked_cells": 0}
    if told["due"] != sum(stopped.values()) + told["control"] + told["sent"]:
        raise _broken(scenario.id, "does not reconcile")
    if told["sent"]:
        file = job.into / scenario.file
        n, told["marked_cells"] = _file(job, scenario, profile, file)
        if n != told["sent"]:
            raise _broken(scenario.id, "has not the people it was planned for")
        told |= {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    return told


def _broken(list, what):
    return errors.ShindanError(errors.PUBLISH_FAILED, f"List {list} {what}", f"lists/{list}", "run `make report` again")


def _number(value):
    return None if text.is_missing(value) else round(float(value), 6)


def _campaigns(job, scenario):
    """{campaign_id: {sent, control}} of one list."""
    p = job.plan.filter(job.plan["list"] == scenario.id, job.plan.outcome.isin(["sent", "control"]))
    n = engine.frame(p.group_by("campaign_id").agg(
        sent=(p.outcome == "sent").sum(), control=(p.outcome == "control").sum()))
    return {row.campaign_id: {"sent": int(row.sent), "control": int(row.control)} for row in n.itertuples()}


def _file(job, scenario, profile, file):
    """(rows written, cells marked as text)."""
    columns = list(job.settings.lists.columns)
    rows = job.plan.filter(job.plan["list"] == scenario.id, job.plan.outcome == "sent")
    rows = rows.inner_join(job.contacts, "customer_key")
    words = {c: ibis.literal(job.name(scenario)) if c == "list" else _words(rows[c], c, job.words) for c in columns}
    ordered = rows.order_by("send_on", "customer_id", "customer_key").select(**words)
    headings = [job.words(f"lists.columns.{c}") for c in columns]
    created = datetime.datetime.combine(job.as_of, datetime.time())
    written = files.write(ordered.to_pyarrow_batches(chunk_size=100_000), headings, profile, file, created)
    os.chmod(file, 0o600)
    return written


def _words(column, name, words):
    """A column as text: codes in the reader's words."""
    if name in ("rank", "send_slot"):
        codes = SLOTS if name == "send_slot" else ("premium", "semi_premium", "regular", "dormant", "none")
        return column.substitute({c: words(f"{'lists.slot' if name == 'send_slot' else 'rank'}.{c}") for c in codes})
    return column.cast("string")


def _set_aside(job):
    """Write the people whose cells no list can carry as they stand, for a human: typed strings in Excel."""
    people = job.plan.filter(job.plan.outcome == "set_aside").select("customer_key", "list").distinct()
    profiles = {s.id: files.PROFILES[s.profile] for s, _ in job.lists()}
    parts = [_wrong_cells(job, people, [i for i, p in profiles.items() if p is profile], profile)
             for profile in dict.fromkeys(profiles.values())]
    rows = [part for found in parts for part in found]
    if not rows:
        return {"n": 0, "file": None}
    rows = ibis.union(*rows).distinct() if len(rows) > 1 else rows[0].distinct()
    rows = rows.mutate(why=rows.why.substitute({w: job.words(f"lists.why.{w}") for w in cells.WHY}),
                       column=rows.column.substitute({c: job.words(f"lists.columns.{c}") for c in cells.CONTACT}))
    file = job.into / "set_aside.xlsx"
    headings = [job.words(f"lists.columns.{c}") for c in ("customer_id", "column", "value", "why", "characters")]
    rows = job.con.create_table("set_aside", rows, temp=True, overwrite=True)
    if not rows.count().to_pandas():
        return {"n": 0, "file": None}
    n, _ = files.write(rows.order_by(rows.columns).to_pyarrow_batches(), headings, files.PROFILES["excel"], file,
                       datetime.datetime.combine(job.as_of, datetime.time()))
    os.chmod(file, 0o600)
    return {"n": n, "file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def _wrong_cells(job, people, lists, profile):
    who = people.filter(people["list"].isin(lists)).select("customer_key").distinct()
    contacts = job.contacts.semi_join(who, "customer_key")
    for column, why in cells.complaints(contacts, job.settings.lists.columns, profile).items():
        wrong = contacts.mutate(why=why).filter(ibis._.why.notnull())
        missing = ibis.cases((wrong.why == "encoding", cells.unencodable(wrong[column])))
        yield wrong.select(customer_id="customer_id", column=ibis.literal(column), value=wrong[column],
                           why="why", characters=missing)


def said(folder):
    """The delivered lists, a line each, and what to do next, as `make lists` prints them."""
    words = text.Text(config.load(folder).language)
    manifest = json.loads((folder.deliverables / "latest" / "lists" / "manifest.json").read_text("utf-8"))
    rows = [words("lists.line", file=told["file"], due=told["due"], stopped=sum(told["stopped"].values()),
                  control=told["control"], sent=told["sent"]) for told in manifest["lists"] if told["file"]]
    if not rows:
        return manifest["consent"]["why"] or words("lists.withheld.none", days=_days(manifest))
    done = not (folder.planned / manifest["as_of"]).is_dir()
    rows.append(words(f"lists.next.{'recorded' if done else 'confirm'}", client=folder.client, as_of=manifest["as_of"]))
    if days := kept.waiting(folder, manifest["as_of"]):
        rows.append(words("lists.next.waiting", client=folder.client, days=", ".join(days)))
    return "\n".join(rows)


def confirmed(folder, as_of):
    """Record the delivered lists as sent (kept.confirm), and say who had them, as `make sent` prints it."""
    found = kept.confirm(folder, as_of)
    rows = [f"  {name:<28} 送信 / sent {arms['sent']:>7,}  対照群 / left out {arms['control']:>5,}" for name, arms in found.items()]
    return "\n".join([*rows, f"client_data/{folder.client}/sent/{as_of}: 送らなかったリストの2つのファイルは消してください / "
                      "of a list that was not sent, delete both files"])


def _days(manifest):
    first, last = (datetime.date.fromisoformat(day) for day in manifest["days"])
    return (last - first).days + 1


def _write(file, tree):
    file.write_text(json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n", "utf-8")
