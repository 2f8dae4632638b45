"""誰に × いつ × 何を: what to send whom and when, one row per scenario of a customer's life.

Which lists carry a scenario stands in stages.yaml; their day and mix in the lists' own catalogue; the
people and the lines of a list come from the results, the product from what customers were found to buy.
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
    """The scenarios, in the order of a customer's life: {id: stage, lists, product}."""
    return yaml.safe_load((resources.files("shindan") / "stages.yaml").read_text("utf-8"))


def sheet(results, lists, say):
    """The scenario sheet, one row per scenario that has a list and a stage with people: COLUMNS.

    `lists`: the scenarios of the lists (shindan.scenarios.load); stage, scenario and content are keys of
    words, trigger is in words already; list_file: the files with somebody on them, missing where there is
    none; n_sent: the lines of all its lists, missing where none is counted.
    """
    on, stages = {s.id: s for s in lists}, _stages(results)
    rows = [_row(id, it, [on[name] for name in it["lists"] if name in on], results, stages, say)
            for id, it in catalogue().items() if set(it["lists"]) & set(on) and stages.get(it["stage"]) != 0]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(id, it, lists, results, stages, say):
    names, mixes = [s.id for s in lists], [f"{s.mix.brand}:{s.mix.product}:{s.mix.offer}" for s in lists]
    sizes = list_sizes(results)
    written = [s.file for s in lists if sizes.get(s.id)]
    return {"stage": it["stage"], "n_stage": stages.get(it["stage"]), "scenario": id, "content": id,
            "trigger": _trigger(id, lists, say), "product": _product(results, it.get("product")),
            "brand_product_offer": _ends(mixes, " → "), "list_file": _ends(written, " … ") if written else None,
            "n_sent": counted(results, names)}


def _ends(items, between):
    """The first and the last of some words, or the one there is."""
    return items[0] if items[0] == items[-1] else f"{items[0]}{between}{items[-1]}"


def _trigger(id, lists, say):
    """When a scenario is sent: days after something, or its own words where it is sent as planned."""
    first, last = lists[0], lists[-1]
    if not first.is_dated:
        return say(f"summary.trigger.{id}")
    if len(lists) > 1:
        return say("summary.trigger.steps", first=first.day, last=last.day, n=len(lists))
    return say(f"scenario.when.{first.who}", day=first.day, before=-first.day)


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
    if rows.empty:
        return withheld("summary.scenarios", "summary.withheld.scenarios")
    sizes = list_sizes(results)
    ready = [name for id in rows["scenario"] for name in catalogue()[id]["lists"] if sizes.get(name)]
    values = {"count": len(rows), "stages": rows["stage"].nunique(), "ready": len(ready),
              "n": sum(sizes[name] for name in ready)}
    key = "scenarios_ready" if ready else "scenarios"
    return Statement("summary.scenarios", f"summary.headline.{key}", values, (), None, str(as_of), verdict="")
