"""The Makefile's doors: help, and a CLIENT that cannot become a command."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*args, cwd=ROOT, **env):
    import os

    return subprocess.run(["make", "--no-print-directory", *args], cwd=cwd, text=True,
                          capture_output=True, env={**os.environ, **env})


def test_make_alone_prints_help():
    out = make()
    assert out.returncode == 0
    for target in ["help", "report", "check", "lab", "new", "purge", "bench", "test", "lint", "clean"]:
        assert f"make {target} " in out.stdout


@pytest.mark.parametrize("name", [
    "$(shell touch pwned)", "${shell touch pwned}", "a;touch pwned", "`touch pwned`", "a|touch pwned",
    "../x", "a/b", "a b", "-x", "_x", "", " ", "x'y", 'x"y', "a#b", "$$x", "demo$(error x)", "A", "顧客",
    "a\ntouch pwned", "a%b", "~root", "a&touch pwned", "$(eval X:=1)",
])
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_client_names_never_run(tmp_path, name, way):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in ("lib", "templates/report"):
        (tmp_path / folder).mkdir(parents=True)
    out = make("report", f"CLIENT={name}", cwd=tmp_path) if way == "argument" else \
        make("report", cwd=tmp_path, CLIENT=name)
    assert out.returncode != 0
    assert "Error 10" in out.stderr
    assert not list(tmp_path.rglob("pwned"))
