"""誰に × いつ × 何を: what to send whom and when, one row per scenario of a customer's life.

What a scenario is stands in stages.yaml; the people and the lines of its list come from the
results, the products it speaks of from what customers were found to buy.
"""

import functools
from importlib import resources

import pandas as pd
import yaml

from shindan.findings.model import Statement, withheld
from shindan.findings.proposals import counted, list_sizes

STAGES = ("prospect", "new", "regular", "premium", "dormant", "any")
COLUMNS = ["stage", "n_stage", "scenario", "trigger", "content", "product", "brand_product_offer", "list_file", "n_sent"]


@functools.cache
def catalogue():
    """The scenarios, in the order of a customer's life: {id: stage, lists, mix, product}."""
    return yaml.safe_load((resources.files("shindan") / "stages.yaml").read_text("utf-8"))


def sheet(results):
    """The scenario sheet, one row per scenario: COLUMNS.

    trigger, content: keys of words (the scenario's id); list_file: its file, or the first … last of
    several; n_sent: the lines of all of them, missing where no list is written.
    """
    stages = _stages(results)
    rows = [{"stage": it["stage"], "n_stage": stages.get(it["stage"]), "scenario": id, "trigger": id,
             "content": id, "product": _product(results, it.get("product")), "brand_product_offer": " : ".join(map(str, it["mix"])),
             "list_file": _files(it["lists"]), "n_sent": counted(results, it["lists"])}
            for id, it in catalogue().items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _files(lists):
    first, last = f"{lists[0]}.csv", f"{lists[-1]}.csv"
    return first if first == last else f"{first} … {last}"


def _stages(results):
    """People by stage of life, as the RFM chapter counted them; ranks where it has no stages."""
    tables = results.get("rfm", {}).get("tables", {})
    if tables.get("stages"):
        return {row["stage"]: row["n"] for row in tables["stages"]}
    return {row["rank"]: row["n"] for row in tables.get("ranks", []) if row["rank"] in ("premium", "dormant")}


def _product(results, said):
    """The product a finding names: `said` is [chapter, finding, value]."""
    if not said:
        return None
    chapter, finding, value = said
    found = [f for f in results.get(chapter, {}).get("findings", []) if f["id"] == finding]
    return found[0]["values"].get(value) if found else None


def statement(rows, results, as_of):
    """How many scenarios there are, and how many people the lists that are ready reach."""
    ready = [name for it in catalogue().values() for name in it["lists"] if list_sizes(results).get(name)]
    if rows.empty:
        return withheld("summary.scenarios", "summary.withheld.scenarios")
    values = {"count": len(rows), "stages": rows["stage"].nunique(), "ready": len(ready),
              "n": sum(list_sizes(results)[name] for name in ready)}
    key = "scenarios_ready" if ready else "scenarios"
    return Statement("summary.scenarios", f"summary.headline.{key}", values, (), None, str(as_of), verdict="")
