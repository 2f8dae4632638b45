"""What the entries of a suggested client.yaml share: the settings of the same format, the names of the shops."""

import re

from shindan.intake import presets

MALLS = ("rakuten", "yahoo", "amazon", "aupay", "qoo10")
CONSTANTS = ("orders", "customers", "ad_costs")  # of other tables each file has its own: a campaign, a wave


def as_before(name, source, ours):
    """What client.yaml (its sources: `ours`) says of this format, where its entries agree: next month's file is read alike."""
    alike = [s for s in ours if s.preset == source["preset"] and s.sheet == source.get("sheet")]
    said = {key: getattr(alike[-1], key) for key in _keys(name, source) if alike and _agree(alike, key)}
    said["status"] = {word: status for s in alike for word, status in s.status.items()}
    return {key: value for key, value in said.items() if value}


def _keys(name, source):
    table = presets.load(source["preset"]).table
    shop = ["shop"] if table in ("orders", "customers") and "/" not in name else []  # a folder of raw/ is a shop
    return ["columns", "options", *shop, *(["values"] if table in CONSTANTS else [])]


def _agree(sources, key):
    return all(getattr(s, key) == getattr(sources[-1], key) for s in sources)


def name_shops(sources, ours):
    """Orders of several tools are of several shops: their numbers must not meet. The tool is the shop's name.

    Members are of the one own shop there is: their ids are its.
    """
    orders = [s for s in sources if _of_orders(s["preset"])]
    before = [s for s in ours if _of_orders(s.preset)]
    tools = {_tool(preset) for preset in (*(s["preset"] for s in orders), *(s.preset for s in before))}
    for s in orders if len(tools) > 1 else ():
        s.setdefault("shop", _name(s))
    shops = [(s["preset"], s.get("shop")) for s in orders] + [(s.preset, s.shop) for s in before]
    own = {shop for preset, shop in shops if not preset.startswith(MALLS)}
    for s in sources:
        if len(own) == 1 and own != {None} and s["preset"] == "generic_customers":
            s.setdefault("shop", *own)


def _name(source):
    tool = _tool(source["preset"])
    return stem(source["path"].rpartition("/")[2].rpartition(".")[0]).strip("*_- ") if tool == "generic" else tool


def _of_orders(preset):
    return presets.load(preset).table == "orders"


def _tool(preset):
    return preset.partition("_")[0]


def stem(name):
    """The name with its numbers (days, months, parts) left open."""
    return re.sub(r"[*]?\d[\d_~〜-]*", "*", name)
