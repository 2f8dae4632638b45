"""From executed chapters to deliverables: report, workbook, results, cover note, manifest."""

import json
import shutil

import nbformat

from shindan import (
    __version__,
    config,
    delivery,
    errors,
    history,
    intake,
    lists,
    report,
    text,
    workbook,
)
from shindan.report import brand, commentary, conditions, cover_note, protect
from shindan.run import chapter, chapters, plan, tables
from shindan.seals import PLAN, TABLES, Seals, sha256, whole_code

OUTPUTS = ("report.pdf", "workbook.xlsx", "results.json", "email.md")


def diagnose(client):
    """Every step of `client`, one after another in this process: what make does as far as need be."""
    tables(client)
    plan(client)
    for name in sorted(delivery.every_chapter(), key=lambda name: name == "summary"):
        chapter(client, name)
    return publish(client)


def publish(client):
    """Build report, workbook and manifest of `client`; returns the folder now called `latest`."""
    folder = config.Folder(client).require()
    settings = config.load(folder)
    names = chapters(settings)
    _of_one_run(folder, names)
    results = _results(folder, names)
    before = delivery.stands_on(folder, delivery.every_chapter())
    with delivery.aside(folder) as new:
        pages = _build(folder, settings, results, new)
        delivery.write_manifest(new, _about(folder, results, pages))
        delivery.verify_folder(new)
        lists.keep(folder, settings, new / "lists")  # before the switch: a list without its plan cannot be measured
        latest = delivery.switch(folder, new, results["data"]["as_of"])
    delivery.remember(folder, before)
    return latest


def ready(folder):
    """What the consultant laid beside the data can be used, as far as can be said before the work: exit 11 if not."""
    settings = config.load(folder)
    protect.password(folder, settings)
    brand.logo(_brand(folder, settings))
    for file in _commentary(folder, chapters(settings)).values():
        commentary.cell(file)


def sent(client):
    """The latest delivery's lists have gone out: on record as sent, so that the next run measures by them."""
    folder = config.Folder(client).require()
    print(lists.confirmed(folder, delivery.verify(client)["as_of"]))


def _build(folder, settings, results, new):
    """Every file of the delivery, into `new`; the hash of a protected PDF before its protection."""
    words = text.Text(settings.language, settings.currency)
    secret = protect.password(folder, settings)
    report.build(_notebooks(folder, results), _meta(folder, settings, words, results), new / "report.pdf")
    workbook.write(results, words, new / "workbook.xlsx")
    delivery.write(new / "results.json", results)
    lists.write(folder, settings, new / "lists")
    note = cover_note.write(results, settings, OUTPUTS, words, bool(secret))
    (new / "email.md").write_text(note, "utf-8")
    return _protected(folder, new, secret)


def _of_one_run(folder, names):
    """Chapters of other tables, settings or code than today's never meet in one report."""
    seals = Seals(folder)
    strange = [name for name in (TABLES, PLAN, *names) if not seals.holds(name)]
    if strange:
        raise errors.ShindanError(
            errors.PUBLISH_FAILED, f"These are not of one run: {', '.join(strange)}",
            f"client_data/{folder.client}/work", f"make report CLIENT={folder.client}")


def _results(folder, names):
    results = {}
    for name in names:
        file = folder.results / f"{name}.json"
        if not file.is_file():
            raise errors.ShindanError(errors.CHAPTER_FAILED, f"Chapter {name} has no result",
                                      f"work/results/{name}.json", "run `make report` again")
        results[name] = json.loads(file.read_text("utf-8"))
    if not any(result["kpis"] for result in results.values()):
        raise errors.ShindanError(
            errors.NOTHING_COMPUTED, "No figure could be computed / 計算できる数字がありません",
            f"client_data/{folder.client}/raw", "look at `make check`: which orders were set aside, and why")
    return results


def _commentary(folder, printed):
    """{chapter: file} of what the consultant wrote for the chapters `printed`."""
    return commentary.files(folder, printed, delivery.every_chapter())


def _notebooks(folder, results):
    """The executed chapters in the report's order, each with what the consultant wrote of it."""
    said, notebooks = _commentary(folder, results), []
    for name in results:
        notebooks.append(nbformat.read(folder.notebooks / f"{name}.ipynb", as_version=4))
        if name in said:
            notebooks[-1].cells.append(commentary.cell(said[name]))
    return notebooks


def _protected(folder, new, secret):
    """Put the PDF under its password; the hash of its pages before, or None without a password.

    Protection is random: where the delivery of this day has the same pages under the same password,
    its file is taken again, so that a rerun delivers equal bytes.
    """
    if not secret:
        return None
    pages, pdf = sha256(new / "report.pdf"), new / "report.pdf"
    last = folder.deliverables / "latest"
    if delivery.sound(last).get("pages") == pages and protect.opens(last / "report.pdf", secret):
        shutil.copyfile(last / "report.pdf", pdf)
    else:
        protect.protect(pdf, secret)
    return pages


def _meta(folder, settings, words, results):
    """What the cover and the appendix say of this report, as plain values."""
    facts = intake.facts(folder)
    data = facts["data_start"], facts["as_of"]
    return {
        "title": words("report.title"), "client_name": settings.name,
        "consultant": settings.consultant, "language": settings.language,
        "as_of": facts["as_of"], "period": "/".join(data),
        "basis": conditions.basis(settings, words), "brand": _brand(folder, settings),
        "kpis": [kpi for name, result in results.items() if name != "summary" for kpi in result["kpis"]],
        "notes": conditions.notes(facts, words), "sources": facts["sources"],
        "facts": conditions.conditions(settings, facts, results, words), "currency": settings.currency,
    }


def _brand(folder, settings):
    """The client's accent and logo; the logo is a file of the client's own folder (else exit 11)."""
    logo = settings.brand.get("logo")
    if not logo:
        return dict(settings.brand)
    file, home = (folder.path / logo).resolve(), folder.path.resolve()
    if not file.is_relative_to(home) or not file.is_file():
        raise errors.ShindanError(
            errors.BAD_CONFIG, "client.yaml: there is no such logo / ロゴのファイルがありません",
            f"client_data/{folder.client}/client.yaml, field `brand.logo`",
            "name a file inside the client's folder")
    return {**settings.brand, "logo": str(file)}


def _about(folder, results, pages=None):
    """Every output traceable: hashes of inputs, settings and code, and of the delivery it is compared with.

    `pages`: the hash of a protected PDF before its protection.
    """
    before = history.previous(folder, results["data"]["as_of"])
    return {
        **({"pages": pages} if pages else {}),
        "previous": {"as_of": before.as_of, "results": before.sha256} if before else None,
        "commentary": {name: sha256(file) for name, file in _commentary(folder, results).items()},
        "client": folder.client, "as_of": results["data"]["as_of"], "version": __version__,
        "inputs": {s["file"]: s["sha256"] for s in intake.facts(folder)["sources"]},
        "sent": intake.facts(folder)["sent"].get("files", {}),
        "config": sha256(folder.config_file), "code": whole_code(),
        "chapters": {name: result["run"] for name, result in results.items()},
    }
