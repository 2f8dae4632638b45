"""A module imports only from floors below its own (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

import shindan

LIB = Path(shindan.__file__).parent
FLOORS = [
    {"bounds", "characters", "plain_yaml"},
    {"errors", "mailing", "schema", "money", "dates", "text", "style", "thresholds"},
    {"config", "engine", "history", "bridge"},
    {"intake", "demo"},
    {"analyses"},
    {"findings", "scenarios"},
    {"charts", "mac", "tables"},
    {"workbook", "lists"},
    {"seals", "chapter", "run", "report", "publish", "delivery"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ONLY_IMPORTER = {"papermill": "run", "nbconvert": "report", "typst": "report", "xlsxwriter": None}
FILES = sorted(f for f in LIB.rglob("*.py") if f != LIB / "__init__.py")


def room(file):
    return file.relative_to(LIB).parts[0].removesuffix(".py")


def imported(file):
    """Dotted names of everything `file` imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(LIB).as_posix())
def test_imports_point_downward(file):
    here = room(file)
    for name in imported(file):
        parts = name.split(".")
        if parts[0] != "shindan" or len(parts) < 2:
            continue
        there = parts[1]
        if there == here or there.startswith("__"):
            continue
        assert there in FLOOR, f"{there} stands on no floor"
        same_top = here in FLOORS[8] and there in FLOORS[8]
        assert FLOOR[there] < FLOOR[here] or same_top, f"{here} must not import {there}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(LIB).as_posix())
def test_runners_have_one_importer(file):
    for name in imported(file):
        top = name.split(".")[0]
        if ONLY_IMPORTER.get(top):
            assert room(file) == ONLY_IMPORTER[top], f"only {ONLY_IMPORTER[top]} imports {top}"


@pytest.mark.parametrize("file", [f for f in FILES if room(f) == "analyses"], ids=lambda f: f.name)
def test_analyses_are_pure(file):
    """No files, no clock, no settings, no charts, no words on floor 4."""
    names = set(imported(file))
    tops = {n.split(".")[0] for n in names}
    assert not tops & {"os", "pathlib", "matplotlib", "seaborn", "yaml", "time", "random"}
    source = file.read_text("utf-8")
    for clock in ("today(", ".now(", "open("):
        assert clock not in source


def test_every_room_has_a_floor():
    assert {room(f) for f in FILES} <= set(FLOOR)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(LIB).as_posix())
def test_modules_are_read_in_one_sitting(file):
    assert len(file.read_text("utf-8").splitlines()) <= 320
