"""The demo's figures, kept as a file: a change in any number is read as a diff.

`SHINDAN_GOLDEN=write make test` writes tests/golden/demo.json anew; commit it with a line under
"Numbers change" in CHANGELOG.md.
"""

import json
import os
from pathlib import Path

FILE = Path(__file__).with_name("demo.json")


def figures(results):
    return {kpi["id"]: {"value": _short(kpi["value"]), "n": kpi["n"],
                        "ci": [_short(end) for end in kpi["ci"]] if kpi["ci"] else None,
                        "verdict": kpi["verdict"]}
            for name in sorted(results) if name != "summary" for kpi in results[name]["kpis"]}


def _short(value):
    return float(f"{value:.6g}") if isinstance(value, float) else value


def test_the_demos_figures_are_the_golden_ones(demo_results):
    found = figures(demo_results)
    if os.environ.get("SHINDAN_GOLDEN") == "write":
        FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    assert found == json.loads(FILE.read_text("utf-8"))
