"""The demo client, diagnosed once for all tests that look at whole results."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parents[1]
DEMO = ("tests/golden/", "tests/clients/", "tests/report/test_demo_pdf.py", "tests/test_pipeline.py", "tests/test_results.py",
        "tests/test_truth.py")   # they need the whole demo, or the folder it stands in


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
def demo_results(clients, demo_truth):
    """The demo's published results, {chapter: result}: made as the consultant makes them."""
    if not (ROOT / ".venv" / ".ready").exists():
        pytest.skip("runs under make")
    (clients / "demo" / ".made").touch()
    made = make_report(clients)
    assert made.returncode == 0, made.stderr
    return json.loads((clients / "demo" / "deliverables" / "latest" / "results.json").read_text("utf-8"))


def make_report(root, client="demo"):
    """`make report` of a client in `root`, as if it were typed."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    return subprocess.run(["make", "report", f"CLIENT={client}"], cwd=ROOT, text=True, capture_output=True,
                          env={**clean, "SHINDAN_CLIENTS": str(root)})


class ByFile(LoadFileScheduling):
    """A file's tests run on one core, and all that look at the demo on the same one: what they share is made once."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return "demo" if file.startswith(DEMO) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log) if config.option.dist == "loadfile" else None
