"""What a group of tables stands on, so that unchanged groups are left untouched."""

import functools
import hashlib
import json
from importlib import resources

from shindan import __version__
from shindan.intake import files, sent

PEOPLE = ("campaigns", "nps", "events")  # groups that refer to people
SETTINGS = {
    "orders": ("as_of", "timezone", "currency", "max_reject_share", "channels", "exclude", "identity",
               "totals"),
    "ad_costs": ("timezone", "currency", "max_reject_share", "channels"),
}


def of(job, group, inputs):
    """The fingerprint of a group: its files, its settings, its people, the code."""
    stands_on = {"code": _code(), "inputs": _inputs(job, group, inputs)}
    if group in PEOPLE:
        stands_on["people"] = files.sha256(job.folder.tables / "customer_ids.parquet")
    if group == "campaigns":
        stands_on["sent"] = sent.mark(job)
    return hashlib.sha256(json.dumps(stands_on, sort_keys=True).encode()).hexdigest()


def _inputs(job, group, inputs):
    """The fingerprint of what a client gave for a group: files and settings."""
    names = SETTINGS.get(group, ("timezone", "currency", "max_reject_share", "identity"))
    given = {
        "version": __version__, "key": hashlib.sha256(job.key.encode()).hexdigest(),
        "settings": {n: str(getattr(job.config, n)) for n in names},
        "basis": job.config.money.basis if group == "orders" else "",
        "tax": str(job.config.money.tax_rate) if group in ("orders", "ad_costs") else "",
        "sources": [i.source.model_dump(mode="json") for i in inputs],
        "files": [[files.name(job.folder, path), sha] for i in inputs for path, sha in i.files],
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


@functools.cache
def _code():
    """The hash of the code and presets that read files."""
    package = resources.files("shindan")
    digest = hashlib.sha256()
    folders = [(package / "intake", ".py"), (package / "presets", ".yaml"), (package, ".py")]
    for folder, ending in folders:
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            own = folder.name != package.name or file.name in (
                "schema.py", "bridge.py", "money.py", "dates.py", "characters.py", "engine.py")
            if own and file.name.endswith(ending):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def holds(folder, entry, mark, tables):
    """True if the group was made from just this and its tables are as they were left."""
    return bool(entry) and entry["fingerprint"] == mark and entry.get("made") == made(folder, tables)


def made(folder, tables):
    """The digests of a group's tables, and of who is who beside the orders."""
    beside = sorted((folder.work / "identity").glob("*.parquet")) if "orders" in tables else []
    return {f.name: files.sha256(f) if f.is_file() else None
            for f in [*(folder.tables / f"{t}.parquet" for t in tables), *beside]}


def save(file, tree):
    """Sorted JSON; an unchanged file keeps its time stamp, a new one appears whole."""
    text = json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    if file.is_file() and file.read_bytes() == text.encode():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(file)
