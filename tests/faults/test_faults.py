"""What a failure leaves: the last delivery byte for byte, and a folder that the next run puts right."""

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import time

import pytest

STEPS = ("tables", "lists", "chapter repeat", "chapter summary", "report")


def test_nothing_to_do_is_nothing_done(shop):
    before = shop.delivered()
    assert shop.run()[0] == 0  # the folder has moved: the files are looked at once more
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    code, out, _ = shop.run()
    assert code == 0 and "✓" not in out and shop.delivered() == before
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used < 1


def test_killed_at_every_step(shop):
    """Each kill leaves the delivery; each next run begins without cleaning; the last one delivers."""
    before = shop.delivered()
    shop.new_order()
    for step in STEPS:
        assert shop.kill(step) == -signal.SIGKILL
        assert shop.delivered() == before, step
    code, _, err = shop.run()
    assert code == 0, err
    assert shop.delivered() != before and shop.run("verify", shop.name)[0] == 0
    assert not list((shop.path / "deliverables").glob(".new-*"))
    other = shop.path.parent / "again" / "demo"
    shutil.copytree(shop.path, other, symlinks=True, ignore=lambda d, names: {"work", "deliverables"} & set(names))
    clean = type(shop)(other.parent)
    assert clean.run()[0] == 0
    same = set(clean.delivered()) & set(shop.delivered()) - {"manifest.json"}
    assert {n: clean.delivered()[n] for n in same} == {n: shop.delivered()[n] for n in same}


def test_months_are_held_against_the_last_report_of_an_earlier_day(shop):
    """After a purge as before it, byte for byte; files mended on the same day are held against that report too."""
    results, settings = shop.path / "deliverables" / "latest" / "results.json", shop.path / "client.yaml"
    settings.write_text(settings.read_text("utf-8").replace("as_of: 2025-12-31", "as_of: 2026-01-31"), "utf-8")
    file = sorted((shop.path / "raw").glob("order_*.csv"))[-1]
    whole = file.read_bytes()
    head, *lines = whole.splitlines(keepends=True)
    lost = lines[0].split(b",")[0]
    file.write_bytes(head + b"".join(line for line in lines if line.split(b",")[0] != lost))

    def run():
        assert shop.run()[0] == 0
        told = json.loads(results.read_text("utf-8"))["data"]
        return [(r["n_after"] - r["n_before"], r["why"]) for r in told["tables"]["restated"]], shop.delivered()

    restated, delivered = run()
    assert restated == [(-1, "gross")]
    assert shop.run("purge", shop.name)[0] == 0 and run() == (restated, delivered)
    file.write_bytes(whole)
    assert run()[0] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(shop, number):
    before = shop.delivered()
    shop.new_order()
    process = shop.until("tables")
    time.sleep(0.7)
    os.kill(process.pid, number) if number == signal.SIGTERM else os.killpg(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "[130]" in err
    assert shop.delivered() == before


def test_everything_damaged_heals(shop):
    """By hand, by a bad disk, by half a copy: the next run gives the same bytes again."""
    before, work, latest = shop.delivered(), shop.path / "work", shop.path / "deliverables" / "latest"
    (work / "tables" / "orders.parquet").write_bytes(b"PAR1 no more")
    (work / "tables" / "buyers.parquet").unlink()
    (work / "tables" / "facts.json").write_bytes(b"\x80\xff{")
    (work / "intake.json").write_text("[")
    (work / "results" / "repeat.json").write_text('{"complete": true}')
    (work / "results" / "ltv.json").unlink()
    (work / "notebooks" / "nps.ipynb").write_text("")
    (work / "seals" / "rfm.json").write_text("null")
    (latest / "report.pdf").write_bytes((latest / "report.pdf").read_bytes()[:-100])
    (latest / "manifest.json").write_text("{")
    assert shop.run("verify", shop.name)[0] == 70
    code, _, err = shop.run()
    assert code == 0, err
    assert shop.delivered() == before and shop.run("verify", shop.name)[0] == 0


@pytest.mark.parametrize("name", ["report.pdf", "results.json", "manifest.json"])
def test_a_damaged_delivery_alone_heals(shop, name):
    before, file = shop.delivered(), shop.path / "deliverables" / "latest" / name
    file.write_bytes(file.read_bytes() + b" ")
    code, out, _ = shop.run()
    assert code == 0 and "chapter" not in out
    assert shop.delivered() == before


def test_chapters_of_two_runs_never_meet(shop):
    before = shop.delivered()
    shop.new_order()
    assert shop.run("tables", shop.name)[0] == 0
    code, _, err = shop.run("publish", shop.name)
    assert code == 70 and "repeat" in err and shop.delivered() == before


def test_the_same_client_twice(shop):
    shop.new_order()
    first = shop.until("tables")
    for command in (("report", "demo"), ("publish", "demo"), ("tables", "demo"), ("purge", "demo")):
        start = time.monotonic()
        code, _, err = shop.run(*command)
        assert code == 40 and "[40]" in err and time.monotonic() - start < 20
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()


def test_two_clients_at_once(shop):
    second = type(shop)(shop.root, "second")
    shutil.copytree(shop.path, second.path, symlinks=True,
                    ignore=lambda d, names: {"work", "deliverables", "sent"} & set(names))
    shop.new_order()
    both = [client.start() for client in (shop, second)]
    for process in both:
        _, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    for client in (shop, second):
        results = json.loads((client.path / "deliverables" / "latest" / "results.json").read_text("utf-8"))
        assert {r["client"] for r in results.values()} == {client.name}
    assert shop.delivered()["results.json"] != second.delivered()["results.json"]


def test_another_clients_work_is_not_taken(shop):
    """A folder copied to start a new client: nothing of the old one is published under the new name."""
    second = type(shop)(shop.root, "second")
    shutil.copytree(shop.path, second.path, symlinks=True)
    code, _, err = second.run()
    assert code == 21 and "second/sent/2025-12-31" in err  # lists sent to another client's customers are no history of this one
    shutil.rmtree(second.path / "sent")
    code, _, err = second.run()
    assert code == 0, err
    results = json.loads((second.path / "deliverables" / "latest" / "results.json").read_text("utf-8"))
    assert {r["client"] for r in results.values()} == {"second"}


def test_no_order_counts(shop):
    before = shop.delivered()
    settings = shop.path / "client.yaml"
    settings.write_text(settings.read_text("utf-8") + "\nexclude:\n  - {as: test, total_at_least_jpy: 1}\n", "utf-8")
    code, _, err = shop.run()
    assert code == 30 and "[30]" in err and shop.delivered() == before


def test_the_key_of_the_pseudonyms_changes_no_figure(shop):
    """Another machine makes another key: no chapter says anything else, but for who is drawn.

    Drawn by the key are who is left out of a list (and what the summary counts of lists) and, of
    customers with equal sales, whose card is shown.
    """
    drawn, file = {"lists", "summary", "cards"}, shop.path / "deliverables" / "latest" / "results.json"
    before = json.loads(file.read_text("utf-8"))
    shutil.rmtree(shop.path / "work")
    (shop.path / "pseudonym.key").write_text("another-secret-of-another-machine\n")
    code, _, err = shop.run()
    assert code == 0, err
    after = json.loads(file.read_text("utf-8"))
    assert set(after) == set(before) and len(set(after) - drawn) >= 8
    for name in set(after) - drawn:
        assert after[name] == before[name], name
    assert {k["id"]: k["value"] for k in after["cards"]["kpis"]} == {k["id"]: k["value"] for k in before["cards"]["kpis"]}


@pytest.fixture
def disk(tmp_path):
    """A mount of our own that `tight` fills and `open` enlarges."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", place]).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk(made, disk):
    shutil.copytree(made.path, disk / "demo", symlinks=True)
    shop = type(made)(disk)
    before = shop.delivered()
    shop.new_order()
    used = shutil.disk_usage(disk).used // 1024
    subprocess.run(["mount", "-o", f"remount,size={used + 600}k", disk], check=True)
    code, _, err = shop.run()
    assert code == 50 and "[50]" in err, err
    assert shop.delivered() == before
    subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
    code, _, err = shop.run()
    assert code == 0, err


def test_deliverables_that_cannot_be_written(made, disk):
    shutil.copytree(made.path / "deliverables", disk / "deliverables", symlinks=True)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    root = disk.parent / "clients"
    shutil.copytree(made.path, root / "demo", symlinks=True, ignore=lambda d, names: {"deliverables"} & set(names))
    (root / "demo" / "deliverables").symlink_to(disk / "deliverables")
    shop = type(made)(root)
    before = shop.delivered()
    (shop.path / "commentary").mkdir()
    (shop.path / "commentary" / "repeat.md").write_text("所見", "utf-8")
    code, _, err = shop.run()
    assert code == 70 and "deliverables" in err, err
    assert shop.delivered() == before


def test_a_lock_that_is_held(shop):
    with open(shop.path / ".lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert shop.run("check", "demo")[0] == 40
    assert shop.run("verify", "demo")[0] == 0
