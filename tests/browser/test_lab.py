"""`make lab` in a real browser: a copy of a chapter opens, runs to its end and shows its figures.

Chromium is driven over its own debugging socket, on loopback; without Chromium this is skipped.
"""

import asyncio
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--remote-debugging-port=0", "--window-size=1400,1000")
SERVER = """
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.IdentityProvider.token = "shindan"
c.LabApp.expose_app_in_browser = True
"""
RUN = """(async () => {
  const app = window.jupyterapp; await app.restored;
  const panel = app.shell.currentWidget; await panel.sessionContext.ready;
  await app.commands.execute('runmenu:run-all');
  const cells = panel.content.model.sharedModel.cells.map(c => c.toJSON());
  return JSON.stringify({cells, images: document.querySelectorAll('.jp-OutputArea img, .jp-OutputArea svg').length});
})()"""
SECONDS = 300
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")


def soon(ask):
    """The first true answer of `ask` within SECONDS."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.5)
    raise AssertionError("it never came")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of `make lab CLIENT=demo`, on a small shop."""
    home = tmp_path_factory.mktemp("lab")
    (home / "demo").mkdir()
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(SERVER)
    shutil.copy(ROOT / "client_data" / "demo" / "client.yaml", home / "demo")
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    environment = {**keep, "SHINDAN_CLIENTS": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"),
                   "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTER_DATA_DIR": str(home / "data")}
    for command in (("demo", "--orders", "1200", "--into", str(home / "demo" / "raw")), ("tables", "demo")):
        subprocess.run([sys.executable, "-m", "shindan.cli", *command], check=True, cwd=ROOT, env=environment)
    with (home / "log").open("w") as log:
        server = subprocess.Popen(["make", "lab", "CLIENT=demo"], cwd=ROOT, env=environment, start_new_session=True,
                                  stdout=log, stderr=log)
    try:
        def told():
            assert server.poll() is None, (home / "log").read_text()
            return next((json.loads(f.read_text()) for f in (home / "runtime").glob("jpserver-*.json")), None)
        said = soon(told)
        assert said["hostname"] == "127.0.0.1" and said["token"] == "shindan"
        yield said["url"], home
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture(scope="module")
def page(lab, tmp_path_factory):
    """The debugging address of a Chromium that has the repeat chapter open in JupyterLab."""
    profile = tmp_path_factory.mktemp("chromium")
    address = f"{lab[0]}lab/tree/repeat.ipynb?token=shindan"
    browser = subprocess.Popen([CHROMIUM, *QUIET, f"--user-data-dir={profile}", address], start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = soon(lambda: (profile / "DevToolsActivePort").exists()
                    and (profile / "DevToolsActivePort").read_text().split()[0])
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
        yield next(p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page")
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait(30)


def evaluate(address, expression):
    """The value of a JavaScript expression (a promise is waited for) in the page."""
    async def ask():
        socket = await websocket_connect(address, max_message_size=1 << 28)
        for number in itertools.count(1):
            await socket.write_message(json.dumps({"id": number, "method": "Runtime.evaluate", "params": {
                "expression": expression, "awaitPromise": True, "returnByValue": True}}))
            answer = json.loads(await socket.read_message())
            assert "exceptionDetails" not in answer["result"], answer
            return answer["result"]["result"].get("value")
    return asyncio.run(asyncio.wait_for(ask(), SECONDS))


def test_a_chapter_runs_and_shows_its_figures(page, lab):
    soon(lambda: evaluate(page, "!!(window.jupyterapp && window.jupyterapp.shell.currentWidget"
                                " && window.jupyterapp.shell.currentWidget.content.model)"))
    found = json.loads(evaluate(page, RUN))
    code = [cell for cell in found["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert all(cell["execution_count"] for cell in code)
    assert not [o for o in outputs if o["output_type"] == "error"]
    drawn = [o for o in outputs if "image/svg+xml" in o.get("data", {})]
    assert len(drawn) >= 3 and found["images"] >= 1
    assert any("F2" in json.dumps(o.get("data", {})) for o in outputs)


def test_the_product_is_as_it_was(lab):
    """What is run in a copy leaves no result and no output in the product's own notebooks."""
    assert not (lab[1] / "demo" / "work" / "results").exists()
    stored = json.loads((ROOT / "notebooks" / "repeat.ipynb").read_text("utf-8"))
    assert not any(cell.get("outputs") for cell in stored["cells"])
