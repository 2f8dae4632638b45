"""From planned to sent: who is on each delivered list and who is left out, under pseudonyms.

    sent/<as_of>/      written with every delivery (the files: intake/sent.py): the next run's history
    planned/<as_of>/   instead, where client.yaml says `lists: {assume_sent: false}`; nothing reads it, and
                       `make sent` moves it to sent/ once the lists have gone out
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

from shindan import engine, errors, intake, scenarios, text
from shindan.intake import files
from shindan.intake.sent import ARMS, COLUMNS, DAY


def keep(folder, settings, lists):
    """Write sent/<as_of>/ (or planned/<as_of>/) anew from the plan behind the delivered folder `lists`, whole or not at all."""
    con = engine.connect(folder.work / "spill")
    as_of = intake.facts(folder)["as_of"]
    home = folder.sent if settings.lists.assume_sent else folder.planned
    home.mkdir(exist_ok=True)
    for leftover in home.glob(".new-*"):
        shutil.rmtree(leftover)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        plan = con.read_parquet(str(folder.work / "lists" / "plan.parquet"), table_name="plan")
        for scenario in scenarios.load(settings):
            for arm in ARMS:
                _arm(con, plan, scenario, arm, new)
        told = {"client": folder.client, "as_of": as_of, "delivered": files.sha256(lists / "manifest.json"),
                "campaigns": _told(plan, settings), "files": {f.name: files.sha256(f) for f in new.glob("*.csv")}}
        (new / "lists.json").write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
        _replace(new, home / as_of)
        if settings.lists.assume_sent:
            shutil.rmtree(folder.planned / as_of, ignore_errors=True)
            _stamp(folder, as_of)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        engine.forget(con)


def confirm(folder, as_of):
    """The lists of the latest delivery (of `as_of`) have gone out: its plan becomes what was sent.

    Returns {list: {arm: people}}. Exit 20: nothing is planned, or not by that delivery; 21: something else
    is on record for the day.
    """
    plan, record = folder.planned / as_of, folder.sent / as_of
    lists = folder.deliverables / "latest" / "lists"
    if not plan.is_dir() and record.is_dir():
        return counted(record)
    try:
        told = json.loads((plan / "lists.json").read_text("utf-8"))
    except (OSError, ValueError):
        told = {}
    if told.get("delivered") != files.sha256(lists / "manifest.json"):
        raise errors.ShindanError(
            errors.INPUT_MISSING, "These lists are not the delivered ones / 納品したリストの計画がありません",
            f"client_data/{folder.client}/planned/{as_of}", f"make lists CLIENT={folder.client}")
    if record.is_dir() and not _alike(plan, record):
        raise errors.ShindanError(
            errors.INPUT_INVALID, "Other lists are already recorded as sent / この日には別のリストが送信済みです",
            f"client_data/{folder.client}/sent/{as_of}",
            "if what stands there was not sent, delete that folder and run this again")
    shutil.rmtree(record, ignore_errors=True)
    folder.sent.mkdir(exist_ok=True)
    plan.rename(record)
    return counted(record)


def waiting(folder, as_of):
    """The days before `as_of` whose lists were planned and never recorded as sent, oldest first."""
    found = sorted(f.name for f in folder.planned.glob("*") if DAY.fullmatch(f.name))
    return [day for day in found if day < as_of and not (folder.sent / day).is_dir()]


def counted(record):
    """{list: {arm: people}} of one day's folder."""
    found = {}
    for file in sorted(record.glob("*.csv")):
        list_id, arm, _ = file.name.rsplit(".", 2)
        with file.open("rb") as lines:
            found.setdefault(list_id, dict.fromkeys(ARMS, 0))[arm] = sum(1 for _ in lines) - 1
    return found


def _alike(one, other):
    return {f.name: files.sha256(f) for f in one.iterdir()} == {f.name: files.sha256(f) for f in other.iterdir()}


def _arm(con, plan, scenario, arm, new):
    rows = plan.filter(plan["list"] == scenario.id, plan.outcome == arm)
    if rows.count().to_pandas():
        rows = rows.mutate(arm=rows.outcome).select(*COLUMNS).order_by("send_on", "customer_key")
        con.to_csv(rows, new / f"{scenario.id}.{arm}.csv")


def _told(plan, settings):
    """{campaign_id: what the campaign chapter is to know of it}."""
    words = text.Text(settings.language)
    first = {}
    for s in scenarios.load(settings):
        first.setdefault(s.series, s)
    assigned = plan.filter(plan.outcome.isin(["sent", "control"]))
    starts = engine.frame(assigned.group_by("campaign_id").agg(start_date=assigned.send_on.min()))
    return {row.campaign_id: _campaign(row, first[row.campaign_id.rpartition(".")[0]], words)
            for row in starts.itertuples()}


def _campaign(row, scenario, words):
    month = row.campaign_id.rpartition(".")[2]
    name = scenario.name or words.get(f"scenario.name.{scenario.series}", scenario.series)
    return {"name": f"{name} {month}", "channel": words("scenario.channel"), "objective": scenario.kpi,
            "start_date": str(row.start_date)[:10], "response_window_days": scenario.window_days,
            "assignment": "random" if scenario.holdout_rate else "rule", "holdout_rate": scenario.holdout_rate}


def _stamp(folder, as_of):
    """As old as the tables: what a run leaves behind does not make that run stale."""
    done = folder.tables / ".done"
    at = done.stat().st_mtime_ns if done.exists() else 0
    for path in (*(folder.sent / as_of).iterdir(), folder.sent / as_of, folder.sent):
        os.utime(path, ns=(at, at))


def _replace(new, home):
    os.chmod(new, 0o700)
    if home.exists():
        shutil.rmtree(home)
    new.rename(home)
