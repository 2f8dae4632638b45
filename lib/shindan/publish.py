"""From executed chapters to deliverables: built aside, verified, then switched to in one step.

deliverables/<as_of> and deliverables/latest are links; what they point to is never changed once
it is there, so a failure at any moment leaves the last good delivery as it was.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import nbformat

from shindan import __version__, config, errors, history, intake, report, text, workbook
from shindan.report import commentary, conditions, cover_note, protect
from shindan.run import ROOT, chapters

OUTPUTS = ("report.pdf", "workbook.xlsx", "results.json", "email.md")


def publish(client):
    """Build report, workbook and manifest of `client`; returns the folder now called `latest`."""
    folder = config.Folder(client).require()
    settings = config.load(folder)
    words = text.Text(settings.language, settings.currency)
    results = _results(folder, chapters(settings))
    secret = protect.password(folder, settings)
    folder.deliverables.mkdir(parents=True, exist_ok=True)
    for leftover in folder.deliverables.glob(".new-*"):
        shutil.rmtree(leftover)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.deliverables))
    try:
        report.build(_notebooks(folder, results), _meta(folder, settings, words, results), new / "report.pdf")
        workbook.write(results, words, new / "workbook.xlsx")
        _write(new / "results.json", results)
        note = cover_note.write(results, settings, OUTPUTS, words, bool(secret))
        (new / "email.md").write_text(note, "utf-8")
        manifest = _manifest(folder, results, new, _protected(folder, new, secret))
        _write(new / "manifest.json", manifest)
        verify_folder(new)
        return _switch(folder, new, results["data"]["as_of"])
    finally:
        shutil.rmtree(new, ignore_errors=True)


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


def _notebooks(folder, results):
    """The executed chapters in the report's order, each with what the consultant wrote of it."""
    said, notebooks = commentary.files(folder, results), []
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
    pages, pdf = _sha256(new / "report.pdf"), new / "report.pdf"
    last = folder.deliverables / "latest"
    manifest = json.loads((last / "manifest.json").read_text("utf-8")) if (last / "manifest.json").is_file() else {}
    if manifest.get("pages") == pages and protect.opens(last / "report.pdf", secret):
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


def _manifest(folder, results, new, pages=None):
    """Every output traceable: hashes of inputs, settings, code and of what was made of them.

    `pages`: the hash of a protected PDF before its protection.
    """
    before = history.previous(folder, results["data"]["as_of"])
    return {
        **({"pages": pages} if pages else {}),
        "previous": {"as_of": before.as_of, "results": before.sha256} if before else None,
        "commentary": {name: _sha256(file) for name, file in commentary.files(folder, results).items()},
        "client": folder.client, "as_of": results["data"]["as_of"], "version": __version__,
        "inputs": {s["file"]: s["sha256"] for s in intake.facts(folder)["sources"]},
        "config": _sha256(folder.config_file), "code": code_digest(),
        "chapters": {name: result["run"] for name, result in results.items()},
        "outputs": {name: _sha256(new / name) for name in OUTPUTS},
    }


def code_digest():
    """One hash over every file that can change a figure or a page."""
    digest = hashlib.sha256()
    for top in ("lib", "notebooks", "templates", "requirements"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in (".py", ".yaml", ".ipynb", ".j2", ".typ", ".json", ".txt"):
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def _switch(folder, new, as_of):
    """Make `new` the delivery of its day and the latest one; each link turns in one step."""
    versions = folder.deliverables / ".versions"
    versions.mkdir(exist_ok=True)
    home = versions / f"{as_of}-{_sha256(new / 'manifest.json')[:12]}"
    if home.exists():
        shutil.rmtree(home) if not _sound(home) else None
    if not home.exists():
        new.rename(home)
    _link(folder.deliverables / as_of, f".versions/{home.name}")
    _link(folder.deliverables / "latest", as_of)
    kept = {os.readlink(link) for link in folder.deliverables.iterdir() if link.is_symlink()}
    for old in versions.iterdir():
        if f".versions/{old.name}" not in kept:
            shutil.rmtree(old)
    return folder.deliverables / "latest"


def _sound(home):
    try:
        verify_folder(home)
        return True
    except errors.ShindanError:
        return False


def _link(link, target):
    if link.exists() and not link.is_symlink():
        raise errors.ShindanError(errors.PUBLISH_FAILED, f"{link.name} is in the way",
                                  f"deliverables/{link.name}", "move it elsewhere")
    part = link.with_name(f".{link.name}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    os.replace(part, link)


def verify(client):
    """Check the latest delivery of `client` against its manifest (exit 70 if anything differs)."""
    latest = config.Folder(client).require().deliverables / "latest"
    if not (latest / "manifest.json").is_file():
        raise errors.ShindanError(errors.INPUT_MISSING, "Nothing has been delivered yet",
                                  f"client_data/{client}/deliverables/latest", f"make report CLIENT={client}")
    return verify_folder(latest)


def verify_folder(path):
    """Check a delivery: every output is there, whole and as the manifest says."""
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["outputs"].items():
        file = path / name
        if not file.is_file() or not file.stat().st_size or _sha256(file) != digest:
            raise errors.ShindanError(errors.PUBLISH_FAILED, f"{name} is not what was made",
                                      f"deliverables/{name}", "run `make report` again")
    return manifest


def _write(file, tree):
    file.write_text(json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def _sha256(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
