"""The demo client, diagnosed once for all tests that look at whole results."""

import json
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def clients(tmp_path_factory):
    """A client_data/ of the tests' own; the real one is never touched."""
    root = tmp_path_factory.mktemp("clients")
    before = os.environ.get("SHINDAN_CLIENTS")
    os.environ["SHINDAN_CLIENTS"] = str(root)
    yield root
    os.environ.pop("SHINDAN_CLIENTS") if before is None else os.environ.update(SHINDAN_CLIENTS=before)


@pytest.fixture(scope="session")
def demo_truth(clients):
    """The demo's raw files are written; what is known of the shop by construction."""
    from shindan import demo

    (clients / "demo").mkdir()
    shutil.copy(ROOT / "client_data" / "demo" / "client.yaml", clients / "demo")
    return demo.write(clients / "demo" / "raw")


@pytest.fixture(scope="session")
def demo_tables(clients, demo_truth):
    """work/tables of the demo."""
    from shindan import run

    return run.tables("demo").tables


@pytest.fixture(scope="session")
def demo_results(clients, demo_tables):
    """The demo's published results: {chapter: result}."""
    from shindan import config, publish, run

    run.plan("demo")
    names = publish.chapters(config.load(config.Folder("demo")))
    for name in sorted(names, key=lambda n: n == "summary"):
        run.chapter("demo", name)
    latest = publish.publish("demo")
    return json.loads((latest / "results.json").read_text("utf-8"))
