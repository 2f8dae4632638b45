"""Run the steps of a diagnosis: tables, then one notebook a chapter. The only importer of papermill."""

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from pathlib import Path

from shindan import __version__, config, engine, errors, history, intake, lists, scenarios
from shindan.analyses import purchases
from shindan.config import ROOT
from shindan.seals import PLAN, TABLES, Seals, code

NOTEBOOKS = ROOT / "notebooks"
START_SECONDS, CELL_SECONDS = 600, 3600  # a kernel that takes longer to start, a cell to run, is given up


def tables(client):
    """Files in raw/ -> every canonical and derived table; unchanged ones keep their time stamp."""
    folder = config.Folder(client).require()
    begun, seals = time.time_ns(), Seals(folder)
    read = seals.digests([folder.config_file])
    settings = config.load(folder)
    scenarios.load(settings, f"client_data/{client}/client.yaml")  # a mistake there is said before the work
    seals.open(TABLES)
    intake.run(folder, settings)
    _derive(folder, settings)
    seals.seal(TABLES, read, _made(folder))
    done = folder.tables / ".done"
    done.touch()
    os.utime(done, ns=(begun, begun))  # a file that came while we read is newer
    return folder


def _made(folder):
    """The files of the tables step."""
    places = (folder.tables, folder.rejects, *(folder.work / name for name in ("identity", "private")))
    return [folder.work / "intake.json",
            *(f for place in places for f in place.glob("*.*") if not f.name.startswith("."))]


def _derive(folder, settings):
    """purchases and buyers, from the canonical tables."""
    facts = intake.facts(folder)
    con = engine.connect(folder.work / "spill")
    as_of = _date(facts["as_of"])
    occasions = engine.keep(con, purchases.purchases(
        engine.read(con, folder.tables, "orders"), engine.read(con, folder.tables, "order_lines"),
        as_of, settings.money.contribution_rate, settings.purchases,
        engine.read(con, folder.tables, "subscriptions")), "purchases")
    if not occasions.count().to_pandas():
        raise errors.ShindanError(
            errors.NOTHING_COMPUTED, "No order is a purchase / 購入として数えられる受注がありません",
            f"client_data/{folder.client}/raw", "look at `make check`: which orders were set aside, and why")
    people = purchases.buyers(
        occasions, engine.read(con, folder.tables, "customers"), _date(facts["data_start"]),
        settings.purchases.burn_in_days, settings.purchases.data_starts_with_shop)
    engine.write(con, occasions, folder.tables / "purchases.parquet",
                 by=["customer_key", "purchase_no"])
    engine.write(con, people, folder.tables / "buyers.parquet", by=["customer_key"])


def plan(client):
    """Tables -> who gets which list: work/lists/, counts for the report and the audit."""
    folder = config.Folder(client).require()
    settings, seals = config.load(folder), Seals(folder)
    seals.open(PLAN)
    read = seals.digests([folder.config_file, *_made(folder)])
    home = lists.make(folder, settings)
    seals.seal(PLAN, read, home.glob("*.parquet"))
    (home / ".done").touch()


def _date(value):
    import datetime

    return datetime.date.fromisoformat(value)


def chapters(settings):
    """The chapters in the report's order: the client's own list, else each notebook's `order`.

    The summary and the data stay in every report: what a list leaves out stands first and last.
    """
    import nbformat

    order = {f.stem: nbformat.read(f, as_version=4).metadata["shindan"]["order"]
             for f in NOTEBOOKS.glob("*.ipynb")}
    unknown = set(settings.chapters) - set(order)
    if unknown:
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: no such chapter: {', '.join(sorted(unknown))}",
            "client.yaml, field `chapters`", "one of " + ", ".join(sorted(order)))
    own = list(dict.fromkeys(settings.chapters)) or sorted(order, key=order.get)
    return ["summary"] * ("summary" not in own) + own + ["data"] * ("data" not in own)


def chapter(client, name):
    """Execute one chapter's notebook; it counts only when its result says so."""
    folder = config.Folder(client).require()
    config.load(folder)
    source = NOTEBOOKS / f"{name}.ipynb"
    if not source.is_file():
        raise errors.ShindanError(errors.BAD_USAGE, f"No such chapter: {name}", "notebooks/",
                                  "one of " + ", ".join(sorted(f.stem for f in NOTEBOOKS.glob("*.ipynb"))))
    _check_parameters(source)
    seals, token = Seals(folder), _token(folder, source)
    seals.open(name)
    before = seals.digests([source, folder.config_file, *_made(folder), *folder.results.glob("*.json"),
                            *(folder.work / "lists").glob("*.parquet"),
                            *folder.deliverables.glob("[0-9]*/results.json")])
    target, result = folder.notebooks / source.name, folder.results / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.part.ipynb")
    found = _execute(source, part, {"client": client, "run": token}, folder)
    _check_result(found, client, name, token)
    _put(result, found)
    part.replace(target)
    seals.seal(name, _read(before, found, source), [target, result])


def _put(file, found):
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(file)


def _read(before, found, source):
    """Of all that was there before the run, what this chapter stands on."""
    own = {"client.yaml", "work/tables/days.json", f"@program/notebooks/{source.name}",
           *found["reads"]}
    return {name: before.get(name) for name in sorted(own)}


def workbench(client):
    """Copies of the notebooks to explore in, set to this client: client_data/<client>/lab/.

    The product's own notebooks stay without outputs; what somebody changed in a copy is kept.
    """
    import papermill

    folder = config.Folder(client).require()
    if not (folder.tables / "days.json").is_file():
        raise errors.ShindanError(
            errors.INPUT_MISSING, "There are no tables to explore yet / まだ見る表がありません",
            f"client_data/{client}/work/tables", f"make report CLIENT={client} first")
    for source in sorted(NOTEBOOKS.glob("*.ipynb")):
        copy = folder.lab / source.name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            papermill.execute_notebook(source, copy, parameters={"client": client}, prepare_only=True,
                                       progress_bar=False)
    return folder.lab


def _token(folder, source):
    """What this run was asked: equal settings, notebook and code give an equal token on any machine.

    It says nothing of the tables, which hold pseudonyms of this machine's key: seals do. Chapters
    are also held against the delivery before.
    """
    digest = hashlib.sha256(f"{__version__} {folder.client} {source.stem} {code()}".encode())
    for file in (source, folder.config_file):
        digest.update(file.read_bytes())
    before = history.previous(folder, intake.facts(folder)["as_of"])
    digest.update(before.sha256.encode() if before else b"")
    return digest.hexdigest()[:12]


def _check_parameters(source):
    """papermill only warns when a notebook has no `parameters` cell; here it is an error."""
    import nbformat

    cells = nbformat.read(source, as_version=4).cells
    tagged = [c.source for c in cells if "parameters" in c.metadata.get("tags", [])]
    names = set(re.findall(r"^(\w+) *=", "\n".join(tagged), re.M))
    if len(tagged) != 1 or names != {"client", "run"}:
        raise errors.ShindanError(
            errors.CHAPTER_FAILED, f"{source.name} needs one `parameters` cell with client and run",
            f"notebooks/{source.name}", "tag the cell `parameters`")


def _execute(source, target, parameters, folder):
    """Run `source` in a kernel of its own; returns the result it left, or {}."""
    import papermill
    from traitlets.config import Config

    log = folder.work / "logs" / f"{source.stem}.log"
    with tempfile.TemporaryDirectory(prefix="shindan-") as runtime, _words_into(log), \
            _told(source, folder, log), _environment(_kernel_environment(folder, runtime)):
        sockets = {"transport": "ipc", "ip": f"{runtime}/kernel"}  # no port, however local
        papermill.execute_notebook(
            source, target, parameters=parameters, kernel_name="python3", cwd=str(ROOT),
            progress_bar=False, log_output=False, request_save_on_cell_execute=False,
            start_timeout=START_SECONDS, execution_timeout=CELL_SECONDS,
            shutdown_kernel="immediate", config=Config({"KernelManager": sockets}))
        left = Path(runtime) / f"{source.stem}.json"
        return json.loads(left.read_text("utf-8")) if left.is_file() else {}


@contextlib.contextmanager
def _told(source, folder, log):
    """What goes wrong in a notebook, as one of errors' codes; its traceback goes to the log."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    where, mend = f"notebooks/{source.name}", f"see client_data/{folder.client}/work/logs/{log.name}"
    try:
        yield
    except PapermillExecutionError as error:
        with log.open("a", encoding="utf-8") as out:
            out.write("\n".join(error.traceback))
        if error.ename == "ShindanError":
            raise errors.said(error.evalue) from None
        raise errors.ShindanError(
            errors.code_of(error.ename, error.evalue), f"Chapter {source.stem} failed: {error.ename}",
            f"{where}, code cell {error.exec_count}",
            f"{mend}, or open the notebook with `make lab CLIENT={folder.client}`") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise errors.ShindanError(
            errors.RESOURCES, f"Chapter {source.stem} was ended: {type(error).__name__}", where,
            f"memory or time ran out: close other programs and run again; {mend}") from None


@contextlib.contextmanager
def _environment(variables):
    """A kernel inherits our environment: `variables` are in it for so long."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _words_into(log):
    """What the kernel prints goes to the client's own log: it may quote a customer's row."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.dup(2)
    with log.open("w", encoding="utf-8") as out:
        os.dup2(out.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _kernel_environment(folder, runtime):
    """Nothing of the user's own Jupyter, zone or locale reaches a figure."""
    import sys

    return {
        "SHINDAN_CLIENTS": str(folder.path.parent), "SHINDAN_RESULTS": runtime, "JUPYTER_RUNTIME_DIR": runtime,
        "IPYTHONDIR": f"{runtime}/ipython", "MPLCONFIGDIR": f"{sys.prefix}/var/matplotlib",
        "MPLBACKEND": "agg", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _check_result(found, client, name, token):
    if (found.get("client"), found.get("chapter"), found.get("run")) != (client, name, token) \
            or not found.get("complete"):
        raise errors.ShindanError(
            errors.CHAPTER_FAILED, f"Chapter {name} ended without its result",
            f"notebooks/{name}.ipynb", "its last cell must be `c.done()`")
