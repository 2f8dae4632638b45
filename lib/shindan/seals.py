"""What each step read and what it made: a step counts as done only while its seal holds.

work/seals/<step>.json holds the digests of a step's files. `heal` removes what is no longer what
its step left (damaged, missing, half written, of other settings, of another client), so that make
makes it anew: a rerun needs no cleaning. `unsound` says the same of what is about to be published.
"""

import functools
import hashlib
import json
import os
import shutil
from pathlib import Path

from shindan.config import ROOT

TABLES, PLAN = "tables", "plan"
PROGRAM = Path("@program")         # where the names of the program's own files start
CODE = (".py", ".yaml", ".txt")
PAGES = (*CODE, ".ipynb", ".j2", ".typ", ".json")


@functools.cache
def code(tops=("lib", "requirements"), endings=CODE):
    """One digest over every file of the program below `tops`."""
    digest = hashlib.sha256()
    for top in tops:
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in endings:
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def whole_code():
    """One digest over every file that can change a figure or a page."""
    return code(("lib", "notebooks", "templates", "requirements"), PAGES)


def sha256(file):
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Seals:
    """The seals of one client's folder."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder.work / "seals"
        self._known = {}      # name -> (stat, sha256): a file that was not touched is not read again
        for seal in self.path.glob("*.json"):
            self._of(seal.stem)

    # -- files ----------------------------------------------------------------------------------
    def digests(self, files):
        """{name in the client's folder: sha256, or None where there is no file}."""
        return {self._name(file): self._digest(Path(file)) for file in sorted(map(Path, files))}

    def _digest(self, file):
        try:
            stat, (marked, sha) = _stat(file), self._known.get(self._name(file), (None, None))
            return sha if stat == marked else sha256(file)
        except OSError:
            return None

    def _name(self, file):
        own = file.is_relative_to(self.folder.path)
        return (file.relative_to(self.folder.path) if own else PROGRAM / file.relative_to(ROOT)).as_posix()

    def _file(self, name):
        return ROOT / Path(name).relative_to(PROGRAM) if name.startswith(f"{PROGRAM}/") else self.folder.path / name

    # -- seals ----------------------------------------------------------------------------------
    def seal(self, step, read, made):
        """Say that `step` made the files `made` of what it `read` (digests taken before it ran)."""
        tree = {"client": self.folder.client, "code": code(), "read": read, "made": self.digests(made),
                "stat": {self._name(Path(f)): _stat(f) for f in made}}
        self.path.mkdir(parents=True, exist_ok=True)
        part = self.path / f".{step}.part"
        part.write_text(json.dumps(tree, indent=1, sort_keys=True) + "\n", "utf-8")
        part.replace(self.path / f"{step}.json")

    def open(self, step):
        """`step` begins: until it is sealed again it counts as not done."""
        (self.path / f"{step}.json").unlink(missing_ok=True)

    def _of(self, step):
        """The seal of `step`, or None: there is none, it is damaged, or another client's."""
        try:
            tree = json.loads((self.path / f"{step}.json").read_text("utf-8"))
            for name, stat in tree["stat"].items():
                self._known.setdefault(name, (stat, tree["made"][name]))
            tree["read"], tree["code"]  # noqa: B018 - a seal without them is none
            return tree if tree["client"] == self.folder.client else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def made(self, step):
        """True if everything `step` made is as it left it."""
        tree = self._of(step)
        return bool(tree) and all(tree["made"].values()) and self._same(tree["made"])

    def holds(self, step):
        """True if what `step` made is as it left it and would be made of the same today."""
        tree = self._of(step)
        return self.made(step) and tree["code"] == code() and self._same(tree["read"])

    def read(self, step):
        """{name: sha256} of what `step` read, or None without a seal."""
        return (self._of(step) or {}).get("read")

    def of_all(self, steps):
        """{name: sha256} of everything that `steps` made."""
        trees = [self._of(step) or {"made": {}} for step in steps]
        return {name: sha for tree in trees for name, sha in tree["made"].items()}

    def _same(self, digests):
        return all(self._digest(self._file(name)) == sha for name, sha in digests.items())

    # -- what no longer holds ---------------------------------------------------------------------
    def heal(self, chapters):
        """Remove what no seal vouches for: tables, the notebooks and results of `chapters`."""
        self.heal_tables()
        if not self.holds(PLAN):
            _remove(self.folder.work / "lists" / ".done")
        there = {f.stem for place in (self.folder.results, self.folder.notebooks) for f in _inside(place)}
        for name in sorted(there | set(chapters)):
            if name not in chapters or not self.holds(name):
                self.drop(name)

    def heal_tables(self):
        """Tables that are not what was made, or would be made of other settings, are looked at again."""
        for leftover in _leftovers(self.folder.work):
            _remove(leftover)
        for name, sha in self.of_all([TABLES]).items():
            if not self._same({name: sha}):
                _remove(self._file(name))
        if not self.holds(TABLES):
            _remove(self.folder.tables / ".done")

    def drop(self, name):
        """Forget a chapter: its notebook and its results."""
        for file in (self.folder.notebooks / f"{name}.ipynb", self.folder.results / f"{name}.json",
                     self.path / f"{name}.json"):
            _remove(file)


def _stat(file):
    """Changes whenever somebody writes to the file, however they set its time."""
    s = os.stat(file)
    return [s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino]


def _inside(place):
    return [f for f in place.iterdir() if not f.name.startswith(".")] if place.is_dir() else []


def _leftovers(work):
    """What killed runs left: spill folders of processes that are gone, staged text, half files."""
    for spill in _inside(work / "spill"):
        owner = spill.name.split("-")[0]
        if not (owner.isdigit() and _alive(int(owner))):
            yield spill
    yield work / "stage"
    for place in ("tables", "results", "notebooks", "identity", "private", "lists", "seals"):
        if (work / place).is_dir():
            yield from (f for f in (work / place).iterdir() if ".part" in f.suffixes)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
