"""make report as the consultant runs it, on a small shop: what reruns, what a failure leaves."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import make_report as report

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def shop(tmp_path_factory, clients, demo_results):
    """A copy of the demo as `make report` made it from its files."""
    root = tmp_path_factory.mktemp("pipeline")
    shutil.copytree(clients / "demo", root / "demo", symlinks=True)
    before = delivered(root / "demo")
    assert report(root).returncode == 0 and delivered(root / "demo") == before
    return root / "demo"


def delivered(shop):
    latest = shop / "deliverables" / "latest"
    files = (f for f in latest.rglob("*") if f.is_file())
    return {f.relative_to(latest).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def ran(out):
    return [line.split()[1:3] for line in out.stdout.splitlines() if line.startswith("  ✓")]


def test_the_delivery_is_there(shop):
    assert {"report.pdf", "workbook.xlsx", "results.json", "manifest.json"} <= set(delivered(shop))
    assert (shop / "deliverables" / "latest" / "report.pdf").read_bytes().startswith(b"%PDF")
    assert zipfile.is_zipfile(shop / "deliverables" / "latest" / "workbook.xlsx")


def test_the_graph_knows_what_every_chapter_reads(shop):
    """A chapter that reads a table the Makefile does not name would not run again when it changes."""
    graph = subprocess.run(["make", "-pnq", "steps", "CLIENT=demo"], cwd=ROOT, text=True, capture_output=True,
                           env={**os.environ, "SHINDAN_CLIENTS": str(shop.parent)}).stdout
    for result in sorted((shop / "work" / "results").glob("*.json")):
        line = re.search(rf"^\S*/notebooks/{result.stem}\.ipynb: (.*)$", graph, re.M).group(1)
        known = set(line.replace("/notebooks/", "/results/").replace(".ipynb", ".json").split())
        reads = [n for n in json.loads(result.read_text("utf-8"))["reads"] if n.startswith(("work/tables", "work/results"))]
        assert reads and {str(shop / name) for name in reads} <= known, result.stem


def test_nothing_reruns_when_nothing_changed(shop):
    assert ran(report(shop.parent)) == []


def test_every_list_is_delivered_whole_and_recorded(shop):
    names = delivered(shop)
    told = json.loads((shop / "deliverables" / "latest" / "lists" / "manifest.json").read_text("utf-8"))
    assert {f"lists/{t['file']}" for t in told["lists"] if t["file"]} <= set(names)
    for t in told["lists"]:
        assert t["due"] == sum(t["stopped"].values()) + t["control"] + t["sent"]
        if t["file"]:
            assert names[f"lists/{t['file']}"] == t["sha256"]
            lines = (shop / "deliverables" / "latest" / "lists" / t["file"]).read_text("utf-8-sig").splitlines()
            assert len(lines) == t["sent"] + 1
            record = shop / "sent" / told["as_of"] / f"{t['list']}.sent.csv"
            assert len(record.read_text("utf-8").splitlines()) == t["sent"] + 1


def test_lists_are_on_record_as_sent_or_taken_back_and_nothing_is_delivered_anew(shop):
    before, env = delivered(shop), {**os.environ, "SHINDAN_CLIENTS": str(shop.parent)}
    told = subprocess.run([sys.executable, "-m", "shindan.cli", "sent", shop.name], env=env, capture_output=True, text=True)
    assert told.returncode == 0 and "rank_regular" in told.stdout
    assert not (shop / "planned").exists() and len(list((shop / "sent").iterdir())) == 1
    assert ran(report(shop.parent)) == []
    for record in (shop / "sent").glob("*/rank_regular.*.csv"):
        record.unlink()
    assert {step for step, _ in ran(report(shop.parent))} == {"tables"}
    assert delivered(shop) == before and ran(report(shop.parent)) == []


def test_a_newer_survey_reruns_only_what_depends_on_it(shop):
    before = delivered(shop)
    extra = shop / "raw" / "nps_2025-12.xlsx"
    shutil.copy(shop / "raw" / "nps_2025-06.xlsx", extra)
    with zipfile.ZipFile(extra, "a") as book:
        book.comment = b"a file of its own"  # two files of the same bytes are refused
    out = report(shop.parent)
    assert out.returncode == 0, out.stderr
    chapters = {name for step, name in ran(out) if step == "chapter"}
    assert {"nps", "data", "summary"} <= chapters and not chapters & {"repeat", "rfm", "ltv", "acquisition", "campaign"}
    assert delivered(shop)["report.pdf"] != before["report.pdf"]


def test_a_failure_leaves_the_last_delivery_as_it_was(shop):
    before = delivered(shop)
    orders = shop / "raw" / "order_20230101-20230630.csv"
    whole = orders.read_bytes()
    try:
        orders.write_bytes(b"\xff\xfe broken")
        out = report(shop.parent)
        assert out.returncode != 0 and "order_20230101-20230630.csv" in out.stderr
        assert delivered(shop) == before
    finally:
        orders.write_bytes(whole)
    assert report(shop.parent).returncode == 0
    assert delivered(shop)["report.pdf"] == before["report.pdf"]


def test_verify_sees_a_changed_delivery(shop, monkeypatch):
    from shindan import cli, errors

    monkeypatch.setenv("SHINDAN_CLIENTS", str(shop.parent))
    assert cli.main(["verify", "demo"]) == errors.OK
    pdf = shop / "deliverables" / "latest" / "report.pdf"
    whole = pdf.read_bytes()
    try:
        pdf.write_bytes(whole + b" ")
        assert cli.main(["verify", "demo"]) == errors.PUBLISH_FAILED
    finally:
        pdf.write_bytes(whole)
