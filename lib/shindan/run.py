"""Run the steps of a diagnosis: tables, then one notebook a chapter. The only importer of papermill."""

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from shindan import __version__, config, engine, errors, history, intake
from shindan.analyses import purchases

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def tables(client):
    """Files in raw/ -> every canonical and derived table; unchanged ones keep their time stamp."""
    folder = config.Folder(client).require()
    settings = config.load(folder)
    intake.run(folder, settings)
    _derive(folder, settings)
    return folder


def _derive(folder, settings):
    """purchases and buyers, from the canonical tables."""
    facts = intake.facts(folder)
    con = engine.connect(folder.work / "spill")
    as_of = _date(facts["as_of"])
    occasions = engine.keep(con, purchases.purchases(
        engine.read(con, folder.tables, "orders"), engine.read(con, folder.tables, "order_lines"),
        as_of, settings.money.contribution_rate, settings.purchases,
        engine.read(con, folder.tables, "subscriptions")), "purchases")
    people = purchases.buyers(
        occasions, engine.read(con, folder.tables, "customers"), _date(facts["data_start"]),
        settings.purchases.burn_in_days, settings.purchases.data_starts_with_shop)
    engine.write(con, occasions, folder.tables / "purchases.parquet",
                 by=["customer_key", "purchase_no"])
    engine.write(con, people, folder.tables / "buyers.parquet", by=["customer_key"])


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
    source = NOTEBOOKS / f"{name}.ipynb"
    if not source.is_file():
        raise errors.ShindanError(errors.BAD_USAGE, f"No such chapter: {name}", "notebooks/",
                                  "one of " + ", ".join(sorted(f.stem for f in NOTEBOOKS.glob("*.ipynb"))))
    _check_parameters(source)
    token = _token(folder, source)
    result = folder.results / f"{name}.json"
    result.unlink(missing_ok=True)
    target = folder.notebooks / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.part.ipynb")
    _execute(source, part, {"client": client, "run": token}, folder)
    _check_result(result, client, name, token)
    part.replace(target)


def workbench(client):
    """Copies of the notebooks to explore in, set to this client: client_data/<client>/lab/.

    The product's own notebooks stay without outputs; what somebody changed in a copy is kept.
    """
    import papermill

    folder = config.Folder(client).require()
    for source in sorted(NOTEBOOKS.glob("*.ipynb")):
        copy = folder.lab / source.name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            papermill.execute_notebook(source, copy, parameters={"client": client}, prepare_only=True,
                                       progress_bar=False)
    return folder.lab


def _token(folder, source):
    """What this run stands on: equal inputs, settings and code give an equal token."""
    digest = hashlib.sha256(f"{__version__} {folder.client} {source.stem}".encode())
    files = [source, folder.config_file, *sorted(folder.tables.glob("*.parquet"))]
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
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
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    log = folder.work / "logs" / f"{source.stem}.log"
    with tempfile.TemporaryDirectory(prefix="shindan-") as runtime, _words_into(log):
        os.environ.update(_kernel_environment(folder, runtime))
        sockets = {"transport": "ipc", "ip": f"{runtime}/kernel"}  # no port, however local
        try:
            papermill.execute_notebook(
                source, target, parameters=parameters, kernel_name="python3", cwd=str(ROOT),
                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
                shutdown_kernel="immediate", config=Config({"KernelManager": sockets}))
        except PapermillExecutionError as error:
            with log.open("a", encoding="utf-8") as out:
                out.write("\n".join(error.traceback))
            raise errors.ShindanError(
                errors.CHAPTER_FAILED, f"Chapter {source.stem} failed: {error.ename}",
                f"notebooks/{source.name}, code cell {error.exec_count}",
                f"see client_data/{folder.client}/work/logs/{log.name}, or open the notebook "
                f"with `make lab CLIENT={folder.client}`") from None


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
        "SHINDAN_CLIENTS": str(folder.path.parent), "JUPYTER_RUNTIME_DIR": runtime,
        "IPYTHONDIR": f"{runtime}/ipython", "MPLCONFIGDIR": f"{sys.prefix}/var/matplotlib",
        "MPLBACKEND": "agg", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _check_result(file, client, name, token):
    import json

    found = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if (found.get("client"), found.get("chapter"), found.get("run")) != (client, name, token) \
            or not found.get("complete"):
        raise errors.ShindanError(
            errors.CHAPTER_FAILED, f"Chapter {name} ended without its result",
            f"notebooks/{name}.ipynb", "its last cell must be `c.done()`")


