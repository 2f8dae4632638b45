"""A small shop with a delivery, run as a consultant runs it: `shindan report` in a process of its own."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would what it starts
STEP_SECONDS = 600


class Client:
    """One client's folder and what can happen to it."""

    def __init__(self, root, name="demo"):
        self.root, self.name, self.path = root, name, root / name

    def start(self, *command):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "SHINDAN_"))}
        return subprocess.Popen(
            [sys.executable, "-m", "shindan.cli", *(command or ("report", self.name))], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env={**environment, "SHINDAN_CLIENTS": str(self.root)})

    def run(self, *command):
        """(exit code, stdout, stderr) of `shindan …`, of a report if nothing is said."""
        process = self.start(*command)
        out, err = process.communicate(timeout=STEP_SECONDS)
        return process.returncode, out, err

    def until(self, words):
        """A report that has come to the line `words`."""
        process = self.start()
        for line in process.stdout:
            if line.startswith(f"  … {words}"):
                return process
        process.wait()
        raise AssertionError(f"{words} never began: {process.stderr.read()}")

    def kill(self, words, number=signal.SIGKILL):
        """A report that is sent a signal, with all its steps, while `words` is going on."""
        process = self.until(words)
        time.sleep(0.7)
        os.killpg(process.pid, number)
        process.communicate(timeout=STEP_SECONDS)
        return process.returncode

    def delivered(self):
        latest = self.path / "deliverables" / "latest"
        return {f.relative_to(latest).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
                for f in sorted(latest.rglob("*")) if f.is_file()}

    def new_order(self):
        """The client sends one order more: everything is to be made anew."""
        file = sorted((self.path / "raw").glob("order_*.csv"))[-1]
        lines = file.read_bytes().splitlines(keepends=True)
        lines.append(lines[-1].replace(lines[-1].split(b",")[0], b"99000001", 1))
        (self.path / "raw" / "order_more.csv").write_bytes(b"".join([lines[0], lines[-1]]))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The shop after its first report."""
    client = Client(tmp_path_factory.mktemp("faults"))
    client.path.mkdir()
    shutil.copy(ROOT / "client_data" / "demo" / "client.yaml", client.path)
    assert client.run("demo", "--orders", "1200", "--into", str(client.path / "raw"))[0] == 0
    code, _, err = client.run()
    assert code == 0, err
    return client


@pytest.fixture
def shop(made, tmp_path):
    """A copy of it, as if the folder had been moved to another machine."""
    shutil.copytree(made.path, tmp_path / "demo", symlinks=True)
    return Client(tmp_path)
