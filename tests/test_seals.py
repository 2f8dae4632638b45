"""A step counts as done only while its seal holds: what is damaged, missing or of another client is dropped."""

import json
import os

import pytest

from shindan import config, seals


@pytest.fixture
def sealed(tmp_path, monkeypatch):
    """A client with one table and one chapter, as the steps leave them."""
    monkeypatch.setenv("SHINDAN_CLIENTS", str(tmp_path))
    return _client("small")


def _client(name):
    folder = config.Folder(name)
    for file, text in {"client.yaml": "name: x", "work/tables/orders.parquet": "rows", "work/tables/.done": "",
                       "work/notebooks/repeat.ipynb": "{}", "work/results/repeat.json": "{}"}.items():
        (folder.path / file).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / file).write_text(text)
    table, own = folder.tables / "orders.parquet", seals.Seals(folder)
    own.seal("tables", own.digests([folder.config_file]), [table])
    own.seal("repeat", own.digests([table, folder.config_file]),
             [folder.notebooks / "repeat.ipynb", folder.results / "repeat.json"])
    return folder


def healed(folder):
    seals.Seals(folder).heal(["repeat"])
    names = ("tables/orders.parquet", "tables/.done", "notebooks/repeat.ipynb", "results/repeat.json")
    return [name for name in names if (folder.work / name).exists()]


WHOLE = ["tables/orders.parquet", "tables/.done", "notebooks/repeat.ipynb", "results/repeat.json"]


def test_what_holds_stays(sealed):
    assert healed(sealed) == WHOLE and healed(sealed) == WHOLE


def test_a_damaged_table_goes_and_with_it_what_stands_on_it(sealed):
    (sealed.tables / "orders.parquet").write_text("ROWS")
    assert healed(sealed) == []


def test_damage_under_an_unchanged_time_is_seen(sealed):
    file = sealed.results / "repeat.json"
    before = os.stat(file)
    file.write_text("[]")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert healed(sealed) == ["tables/orders.parquet", "tables/.done"]


@pytest.mark.parametrize("name", ["notebooks/repeat.ipynb", "results/repeat.json", "seals/repeat.json"])
def test_half_a_chapter_is_none(sealed, name):
    (sealed.work / name).unlink()
    assert healed(sealed) == ["tables/orders.parquet", "tables/.done"]


def test_other_settings_of_an_older_time_are_seen(sealed):
    sealed.config_file.write_text("name: y")
    os.utime(sealed.config_file, (0, 0))
    assert healed(sealed) == ["tables/orders.parquet"]


def test_a_folder_in_a_files_place_goes(sealed):
    table = sealed.tables / "orders.parquet"
    table.unlink()
    (table / "inside").mkdir(parents=True)
    assert healed(sealed) == []


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"client": "small"}', "\x00\xff"])
def test_a_damaged_seal_vouches_for_nothing(sealed, damage):
    (sealed.work / "seals" / "repeat.json").write_text(damage)
    assert healed(sealed) == ["tables/orders.parquet", "tables/.done"]


def test_a_chapter_of_another_client_is_none(sealed):
    other = _client("other")
    for name in ("notebooks/repeat.ipynb", "results/repeat.json", "seals/repeat.json"):
        os.replace(other.work / name, sealed.work / name)
    assert healed(sealed) == ["tables/orders.parquet", "tables/.done"]


def test_results_of_a_chapter_that_is_no_more_go(sealed):
    (sealed.results / "gone.json").write_text("{}")
    assert healed(sealed) == WHOLE and not (sealed.results / "gone.json").exists()


def test_what_killed_runs_left_goes_and_what_is_in_use_stays(sealed):
    spill = sealed.work / "spill"
    for name in (f"{os.getpid()}-mine", "999999999-gone", "nobody"):
        (spill / name).mkdir(parents=True)
    (sealed.results / "repeat.part").write_text("half")
    assert healed(sealed) == WHOLE
    assert [f.name for f in spill.iterdir()] == [f"{os.getpid()}-mine"]
    assert not (sealed.results / "repeat.part").exists()


def test_a_file_that_was_not_touched_is_not_read_again(sealed, monkeypatch):
    monkeypatch.setattr(seals, "sha256", lambda file: pytest.fail(f"{file.name} was read")
                        if file.suffix in (".parquet", ".json", ".ipynb") else "-")
    own = seals.Seals(sealed)
    assert own.made("tables") and own.made("repeat")


def test_a_seal_names_no_place_of_the_machine(sealed):
    for seal in (sealed.work / "seals").iterdir():
        assert str(sealed.path.parent) not in json.dumps(json.loads(seal.read_text()))
