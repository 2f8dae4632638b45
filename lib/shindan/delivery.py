"""Deliveries: built aside, verified, then switched to in one step; and whether the latest is whole.

deliverables/<as_of> and deliverables/latest are links; what they point to is never changed once
it is there, so a failure at any moment leaves the last good delivery as it was.
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile

from shindan import config, errors
from shindan.seals import PLAN, TABLES, Seals, sha256, whole_code

MANIFEST = "manifest.json"
STEP = "delivery"
PASSWORD_VARIABLE = "SHINDAN_PDF_PASSWORD_FILE"


@contextlib.contextmanager
def aside(folder):
    """A new folder beside the deliveries to build one in; it is gone again unless `switch` took it."""
    try:
        folder.deliverables.mkdir(parents=True, exist_ok=True)
        for leftover in folder.deliverables.glob(".new-*"):
            shutil.rmtree(leftover)
        new = config.Path(tempfile.mkdtemp(prefix=".new-", dir=folder.deliverables))
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise errors.ShindanError(
            errors.PUBLISH_FAILED, "deliverables/ cannot be written / 納品フォルダに書けません",
            f"client_data/{folder.client}/deliverables", "allow writing there and run again") from None
    new.chmod(0o755)
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_manifest(new, about):
    """manifest.json of the delivery in `new`: `about` it, and the digest of every file."""
    outputs = {f.relative_to(new).as_posix(): sha256(f) for f in sorted(new.rglob("*")) if f.is_file()}
    write(new / MANIFEST, {**about, "outputs": outputs})


def write(file, tree):
    file.write_text(json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def switch(folder, new, as_of):
    """Make `new` the delivery of its day and the latest one; each link turns in one step."""
    versions = folder.deliverables / ".versions"
    versions.mkdir(exist_ok=True)
    home = _home(versions, f"{as_of}-{sha256(new / MANIFEST)[:12]}")
    if not home.exists():
        new.rename(home)
    _link(folder.deliverables / as_of, f".versions/{home.name}")
    _link(folder.deliverables / "latest", as_of)
    kept = {os.readlink(link) for link in folder.deliverables.iterdir() if link.is_symlink()}
    for old in versions.iterdir():
        if f".versions/{old.name}" not in kept:
            shutil.rmtree(old, ignore_errors=True)
    return folder.deliverables / "latest"


def _home(versions, name):
    """Where a delivery goes: a sound one of the same manifest is kept, beside a damaged one it is new."""
    turn = 1
    while True:
        home = versions / (name if turn == 1 else f"{name}-{turn}")
        if not home.exists() or sound(home):
            return home
        turn += 1


def sound(home):
    """The manifest of the delivery in `home`, or {} where it is not what was made."""
    try:
        return verify_folder(home)
    except errors.ShindanError:
        return {}


def _link(link, target):
    if link.exists() and not link.is_symlink():
        raise errors.ShindanError(errors.PUBLISH_FAILED, f"{link.name} is in the way",
                                  f"deliverables/{link.name}", "move it elsewhere")
    part = link.with_name(f".{link.name}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    os.replace(part, link)


# -- is it whole? -------------------------------------------------------------------------------
def verify(client):
    """Check the latest delivery of `client` against its manifest (exit 70 if anything differs)."""
    latest = config.Folder(client).require().deliverables / "latest"
    if not latest.is_dir():
        raise errors.ShindanError(errors.INPUT_MISSING, "Nothing has been delivered yet",
                                  f"client_data/{client}/deliverables/latest", f"make report CLIENT={client}")
    manifest = verify_folder(latest)
    if manifest["client"] != client:
        raise _differs("manifest.json", "is another client's")
    return manifest


def verify_folder(path):
    """Check a delivery: every output is there, whole and as the manifest says. Returns the manifest."""
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        outputs = dict(manifest["outputs"])
        complete = {"report.pdf", "results.json"} <= set(outputs) and {"client", "as_of", "code"} <= set(manifest)
    except (OSError, ValueError, KeyError, TypeError):
        raise _differs(MANIFEST) from None
    home = path.resolve()
    named = home.parent.name != ".versions" or f"-{sha256(path / MANIFEST)[:12]}" in home.name
    if not complete or not named:
        raise _differs(MANIFEST)
    for name, digest in outputs.items():
        file = path / name
        if not file.is_file() or not file.stat().st_size or sha256(file) != digest:
            raise _differs(name)
    return manifest


def _differs(name, how="is not what was made"):
    return errors.ShindanError(errors.PUBLISH_FAILED, f"{name} {how}", f"deliverables/latest/{name}",
                               "run `make report` again: it is made anew")


# -- is it of today's files? ------------------------------------------------------------------------
def stands_on(folder, chapters):
    """{name: sha256} of all that a delivery is made of: tables, chapters, settings, what is laid beside them."""
    seals = Seals(folder)
    beside = [f for f in folder.path.rglob("*") if f.is_file() and not _elsewhere(folder, f)]
    return {"program": whole_code(), "password": _password_file(folder), **seals.of_all([TABLES, PLAN, *chapters]),
            **seals.digests(beside)}


def every_chapter():
    """The chapters there are: one per notebook."""
    return sorted(f.stem for f in (config.ROOT / "notebooks").glob("*.ipynb"))


def password_file(folder, settings):
    """The file that holds the PDF's password, None where there is none: $SHINDAN_PDF_PASSWORD_FILE before client.yaml."""
    named = os.environ.get(PASSWORD_VARIABLE) or settings.pdf_password_file
    return folder.path / config.Path(named).expanduser() if named else None


def _password_file(folder):
    """Which file holds the PDF's password, and when it was written: never what it says."""
    file = password_file(folder, config.load(folder))
    return f"{file} {os.stat(file).st_mtime_ns}" if file and file.is_file() else str(file)


def _elsewhere(folder, file):
    top = file.relative_to(folder.path).parts[0]
    return top in ("raw", "work", "deliverables", "lab", "planned", "sent") or top.startswith(".") or top.endswith(".suggested")


def remember(folder, stands):
    """Say what the latest delivery stands on (work/seals/delivery.json)."""
    home = (folder.deliverables / "latest").resolve()
    Seals(folder).seal(STEP, stands, [home / MANIFEST])


def holds(folder, chapters):
    """True if the latest delivery is whole and would be the same if it was made now."""
    try:
        verify(folder.client)
    except errors.ShindanError:
        return False
    seals, manifest = Seals(folder), (folder.deliverables / "latest").resolve() / MANIFEST
    return seals.read(STEP) == stands_on(folder, chapters) and seals.made(STEP) \
        and list(seals.of_all([STEP])) == [manifest.relative_to(folder.path).as_posix()]
