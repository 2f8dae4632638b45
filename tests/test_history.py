"""The delivery before this one: found by its day, taken only if it is what was delivered."""

import hashlib
import json

import pytest

from shindan import config, history

KPI = {"id": "repeat.f2_rate_365", "value": 0.3}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "abc").mkdir()
    return config.Folder("abc", tmp_path)


def deliver(folder, day, value=0.3, client="abc"):
    """A delivery as publish leaves it, with one figure."""
    home = folder.deliverables / day
    home.mkdir(parents=True)
    content = json.dumps({"repeat": {"kpis": [{**KPI, "value": value}]}}).encode()
    (home / "results.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (home / "manifest.json").write_text(json.dumps({"client": client, "outputs": {"results.json": digest}}))
    return digest


def test_the_latest_before_this_day_is_taken(folder):
    deliver(folder, "2025-03-31", 0.1)
    digest = deliver(folder, "2025-06-30", 0.2)
    deliver(folder, "2025-12-31", 0.9)
    found = history.previous(folder, "2025-12-31")
    assert (found.as_of, found.sha256, found.figures) == ("2025-06-30", digest, {"repeat.f2_rate_365": 0.2})
    assert history.previous(folder, "2025-03-31") is None


def test_what_is_no_sound_delivery_is_passed_over(folder):
    deliver(folder, "2025-03-31", 0.1)
    deliver(folder, "2025-06-30", 0.2, client="other")
    deliver(folder, "2025-07-31", 0.3)
    (folder.deliverables / "2025-07-31" / "results.json").write_text("{}")
    (folder.deliverables / "2025-08-31").mkdir()
    (folder.deliverables / "latest").mkdir()
    assert history.previous(folder, "2025-12-31").as_of == "2025-03-31"


def test_no_delivery_at_all(folder):
    assert history.previous(folder, "2025-12-31") is None
