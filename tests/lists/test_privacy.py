"""Names and addresses: written by intake, read by the lists, known to nobody else."""

import ast
import json
from pathlib import Path

import pandas as pd
from tests.lists.conftest import ORDER
from tests.test_floors import room

import shindan
from shindan import schema
from shindan.intake.private import CONTACT

LIB = Path(shindan.__file__).parent
NOTEBOOKS = LIB.parents[1] / "notebooks"


def names(file):
    """Every module imported and every text in a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ([a.name for a in node.names] if isinstance(node, ast.Import)
                        else [f"{node.module}.{a.name}" for a in node.names])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_only_intake_writes_contacts_and_only_lists_read_them():
    knowing = {room(f) for f in LIB.rglob("*.py")
               if any(n in ("contacts.parquet", "private", "intake.private", "shindan.intake.private") or
                      n.startswith("shindan.intake.private.") for n in names(f))}
    assert knowing == {"intake", "lists", "run", "seals"}  # run and seals know the file's name, to see it is whole
    for file in (LIB / "run.py", LIB / "seals.py"):
        assert "read_parquet" not in file.read_text("utf-8") and "contacts" not in file.read_text("utf-8")


def test_no_table_that_a_chapter_can_read_has_a_personal_column():
    columns = {c for table in (schema.TABLES | schema.DERIVED).values() for c in table}
    assert not columns & (set(CONTACT) | {"surname", "address", "tel"}) - {"name"}  # `name`: a campaign's
    assert "name" not in schema.TABLES["customers"] and "name" not in schema.TABLES["orders"]


def test_notebooks_reach_for_nothing_private():
    for file in NOTEBOOKS.glob("*.ipynb"):
        for cell in json.loads(file.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                assert not any(word in source for word in ("private", "contacts.parquet", "contacts_of", "work/", ".folder", "shindan.lists")), file.name


def test_no_analysis_and_no_scenario_touches_a_file_or_a_contact():
    for place in ("analyses", "scenarios", "findings", "charts"):
        for file in (LIB / place).glob("*.py"):
            assert not any(n in CONTACT and n not in ("name", "customer_id") for n in names(file)), file


def test_every_person_is_kept_once_and_the_newest_record_speaks(client):
    c = client()
    header = (*ORDER, "email", "name")
    c.put("orders3.csv", header, [
        ("00900", "3001", "2025/01/05 10:00", 100, "A-1", "青汁", 1, 100, "old@example.jp", "旧姓 花"),
        ("00901", "3001", "2025/06/05 10:00", 100, "A-1", "青汁", 1, 100, "new@example.jp", ""),
        ("00902", "1001", "2025/06/05 10:00", 100, "A-1", "青汁", 1, 100, "typed@example.jp", "注文 名")])
    c.make()
    kept = pd.read_parquet(c.folder.work / "private" / "contacts.parquet")
    assert kept.customer_key.is_unique
    by_id = kept.set_index("customer_id")
    assert by_id.email["3001"] == "new@example.jp" and by_id.name["3001"] == "旧姓 花"
    assert by_id.email["1001"] == "hanako@example.jp"  # the member file as it stands goes before what was typed
