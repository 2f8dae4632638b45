"""docs/formats: a page for every preset, which names the columns the preset needs and is linked from the list."""

import re
from pathlib import Path

import pytest

from shindan.intake import presets

PAGES = Path(__file__).resolve().parents[2] / "docs" / "formats"
HEADS = ("**出し方**", "**足りないもの**", "**お願いするもの**", "**How to export**", "**What it lacks**", "**What to ask for**")
PAGE = {name: page for page in PAGES.glob("*.md") if page.stem != "README"
        for name in re.findall(r"`([a-z0-9_]+)`", page.read_text("utf-8").split("\n\n")[1]) if name in presets.names()}


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_has_a_page_that_names_what_it_needs(name):
    text, preset = PAGE[name].read_text("utf-8"), presets.load(name)
    assert all(head in text for head in HEADS)
    assert PAGE[name].name in (PAGES / "README.md").read_text("utf-8")
    if not name.startswith("generic_"):
        (line,) = [w for w in text.split("\n") if w.startswith(f"- `{name}`: ")] or [""]
        needed = {c for n in preset.needs if n in preset.all_fields for c in preset.all_fields[n].columns}
        assert {c for c in needed if c not in line} == set()


@pytest.mark.parametrize("name", [n for n in presets.names() if presets.load(n).verified is True
                                  and presets.load(n).unverified and not n.startswith("generic_")])
def test_what_nobody_has_seen_for_certain_is_on_the_page(name):
    """A preset with assumptions says on its page how it reads, in both languages."""
    text = PAGE[name].read_text("utf-8")
    assert "**読み方**" in text and "**How it is read**" in text
