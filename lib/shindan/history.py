"""What was handed over before: the results of the delivery before this report's day.

A past delivery is an input like any file of the client's: it is read here, taken only if it is still
what its manifest says, and named by its hash in the new manifest.
"""

import dataclasses
import hashlib
import json
import re

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclasses.dataclass(frozen=True)
class Delivery:
    """A past delivery: its day, the hash of its results, and those results {chapter: result}."""

    as_of: str
    sha256: str
    results: dict

    @property
    def figures(self):
        """Every figure of it: {KPI id: value}."""
        return {kpi["id"]: kpi["value"] for result in self.results.values() for kpi in result["kpis"]}

    def table(self, chapter, name):
        """The rows of a table of it; none where it has no such table."""
        return self.results.get(chapter, {}).get("tables", {}).get(name, [])


def previous(folder, as_of):
    """The latest sound Delivery of this client before `as_of`, or None."""
    days = sorted((path for path in folder.deliverables.glob("*") if DAY.fullmatch(path.name)
                   and path.name < str(as_of)), key=lambda path: path.name, reverse=True)
    return next(filter(None, (_read(path, folder.client) for path in days)), None)


def _read(path, client):
    """The delivery in `path`; None where it is another client's or not what was delivered."""
    try:
        content = (path / "results.json").read_bytes()
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        digest = hashlib.sha256(content).hexdigest()
        if (manifest["client"], manifest["outputs"]["results.json"]) != (client, digest):
            return None
        return Delivery(path.name, digest, json.loads(content))
    except (OSError, ValueError, KeyError):
        return None
