"""The command's contract: each failure has its exit code and says what, where and how to mend it."""

import datetime
import fcntl

import pytest

from shindan import cli, config, errors

YAML = """
name: 小さな店
as_of: 2025-12-31
sources:
  - path: orders.csv
    preset: generic_orders
    columns: {order_no: 番号, customer_id: 会員, ordered_at: 日時, items_jpy: 商品計, billed_jpy: 合計, status: 状態}
    status: {完了: valid, 取消: cancelled}
"""


def rows(count=60):
    start = datetime.date(2025, 1, 1)
    for i in range(count):
        day = start + datetime.timedelta(days=5 * i)
        yield f"{i},{i % 40},{day} 10:00:00,{1000 + i},{1000 + i},完了"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A client of 40 customers whose files the tests break one by one."""
    monkeypatch.setenv("SHINDAN_CLIENTS", str(tmp_path))
    folder = config.Folder("small")
    folder.raw.mkdir(parents=True)
    folder.config_file.write_text(YAML, "utf-8")
    write(folder, list(rows()))
    return folder


def write(folder, lines, header="番号,会員,日時,商品計,合計,状態"):
    (folder.raw / "orders.csv").write_bytes("\n".join([header, *lines, ""]).encode("cp932"))


def check(capsys, folder="small"):
    code = cli.main(["check", folder])
    return code, capsys.readouterr()


def test_a_good_file_passes(shop, capsys):
    code, said = check(capsys)
    assert code == errors.OK
    assert "60" in said.out


def test_wrong_client_name(shop, capsys):
    for name in ("smal", "../small", "SMALL"):
        code, said = check(capsys, name)
        assert code == errors.BAD_USAGE and "mend" in said.err


def test_wrong_command(capsys):
    assert cli.main(["reprot", "small"]) == errors.BAD_USAGE


def test_wrong_setting(shop, capsys):
    shop.config_file.write_text(YAML + "colour: red\n", "utf-8")
    code, said = check(capsys)
    assert code == errors.BAD_CONFIG and "colour" in said.err


def test_missing_file(shop, capsys):
    (shop.raw / "orders.csv").unlink()
    code, said = check(capsys)
    assert code == errors.INPUT_MISSING and "orders.csv" in said.err and "mend" in said.err


def test_missing_column(shop, capsys):
    write(shop, list(rows()), header="番号,会員,日付,商品計,合計,状態")
    code, said = check(capsys)
    assert code == errors.INPUT_INVALID and "日時" in said.err and "orders.csv" in said.err


@pytest.mark.parametrize(("broken", "column"), [
    ("7,7,2025-13-45,1000,1000,完了", "日時"), ("7,7,2025-03-01,せんえん,1000,完了", "商品計"),
])
def test_broken_row(shop, capsys, broken, column):
    lines = list(rows())
    lines[7] = broken
    write(shop, lines)
    code, said = check(capsys)
    assert code == errors.INPUT_INVALID
    assert "orders.csv" in said.err and "9" in said.err and column in said.err and "mend" in said.err
    assert "せんえん" not in said.err and "2025-13-45" not in said.err


def test_no_order_is_a_purchase(shop, capsys):
    write(shop, [row.replace("完了", "取消") for row in rows()])
    assert cli.main(["tables", "small"]) == errors.NOTHING_COMPUTED
    assert "mend" in capsys.readouterr().err and not (shop.tables / ".done").exists()


def test_nothing_to_explore_yet(shop, capsys):
    code = cli.main(["workbench", "small"])
    assert code == errors.INPUT_MISSING and "make report CLIENT=small" in capsys.readouterr().err
    assert not shop.lab.exists()


def test_unmapped_status(shop, capsys):
    write(shop, [*rows(), "99,1,2025-03-01,1000,1000,謎の状態"])
    code, said = check(capsys)
    assert code == errors.INPUT_INVALID and "謎の状態" in said.err and "client.yaml" in said.err


def test_bytes_of_no_encoding(shop, capsys):
    (shop.raw / "orders.csv").write_bytes(b"\x80\xff\xfe\x00" * 50)
    code, said = check(capsys)
    assert code in (errors.INPUT_MISSING, errors.INPUT_INVALID) and "orders.csv" in said.err


def test_two_at_once(shop, capsys):
    with open(shop.path / ".lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, said = check(capsys)
    assert code == errors.LOCKED and "small" in said.err


def test_an_unexpected_fault_shows_no_data(shop, capsys, monkeypatch):
    from shindan import intake

    def fault(*_):
        raise ValueError("山田太郎 090-0000-0000")

    monkeypatch.setattr(intake, "run", fault)
    code, said = check(capsys)
    assert code == errors.CHAPTER_FAILED and "ValueError" in said.err and "山田" not in said.err


def test_new_and_purge(shop, capsys):
    assert cli.main(["new", "fresh"]) == errors.OK
    assert config.load(config.Folder("fresh")).name
    assert cli.main(["new", "fresh"]) == errors.BAD_USAGE
    (shop.work / "tables").mkdir(parents=True, exist_ok=True)
    assert cli.main(["purge", "small"]) == errors.OK
    assert not shop.work.exists() and (shop.raw / "orders.csv").exists()
