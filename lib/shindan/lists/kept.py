"""What the next run finds: who is sent to and who is left out, under pseudonyms, in sent/<as_of>/."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from shindan import engine, intake, scenarios, text
from shindan.intake.sent import COLUMNS


def keep(folder, settings):
    """Write sent/<as_of>/ anew from the plan, whole or not at all (see intake/sent.py)."""
    con = engine.connect(folder.work / "spill")
    as_of = intake.facts(folder)["as_of"]
    folder.sent.mkdir(exist_ok=True)
    for leftover in folder.sent.glob(".new-*"):
        shutil.rmtree(leftover)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.sent))
    try:
        plan = con.read_parquet(str(folder.work / "lists" / "plan.parquet"), table_name="plan")
        told = _told(plan, settings)
        for scenario in scenarios.load(settings):
            for arm in ("sent", "control"):
                _arm(con, plan, scenario, arm, new)
        (new / "lists.json").write_text(json.dumps({"as_of": as_of, "campaigns": told}, ensure_ascii=False,
                                                   indent=1, sort_keys=True) + "\n", "utf-8")
        _replace(new, folder.sent / as_of)
        _stamp(folder, as_of)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        engine.forget(con)


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


def _replace(new, home):
    os.chmod(new, 0o700)
    if home.exists():
        shutil.rmtree(home)
    new.rename(home)


def _stamp(folder, as_of):
    """As old as the tables: what a run leaves behind does not make that run stale."""
    done = folder.tables / ".done"
    at = done.stat().st_mtime_ns if done.exists() else 0
    for path in (*(folder.sent / as_of).iterdir(), folder.sent / as_of, folder.sent):
        os.utime(path, ns=(at, at))
