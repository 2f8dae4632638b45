"""One page about all the others: read from the chapters' results and from nothing else."""

from collections import Counter

import pandas as pd

from shindan.findings.model import Kpi, Statement, withheld

# the figures an owner asks for first; those a client has, in this order
HEADLINE_KPIS = (
    "acquisition.new_customers", "acquisition.blended_cpa", "repeat.f2_rate_365",
    "repeat.yearly_repeat_rate", "rfm.premium_sales_share",
    "ltv.contribution_ltv", "ltv.sales_ltv", "ltv.yearly_ltv", "nps.score",
)
DESCRIBING = ("data", "cards", "lists")  # what the files hold, who the customers are, what goes out: nothing to act on
DEFINING = ("rfm.rules",)                # how a figure is made
VERDICT_ORDER = {"×": 0, "△": 1, None: 2, "○": 3, "◎": 4}
FINDING_COLUMNS = ["place", "chapter", "finding", "verdict", "gain_about_jpy", "gain_about_jpy_lo", "gain_about_jpy_hi"]


def headline(results, previous=None):
    """How many figures meet their benchmark, and the largest yearly yen impact found.

    `previous`: the delivery before this one (history.Delivery), whose figures stand on the cards.
    """
    if not results:
        return withheld("summary.headline", "summary.withheld.nothing")
    kpis = cards(results, previous.figures if previous else {})
    ranked = _ranked(results)
    good = sum(kpi.verdict in ("◎", "○") for kpi in kpis)
    bad = sum(kpi.verdict in ("△", "×") for kpi in kpis)
    values = {"good": good, "bad": bad, "judged": good + bad}
    key = "summary.headline.judged" if good + bad else "summary.headline.plain"
    if ranked and sure(ranked[0]):
        key, values = f"{key}_yen", values | {"gain": _yen(ranked[0])}
    return Statement("summary.headline", key, values, kpis, verdict="")


def cards(results, before=None):
    """The headline Kpis of all chapters, as each chapter left them, with their values `before` ({id: value})."""
    left = {kpi["id"]: kpi for result in results.values() for kpi in result["kpis"]}
    return tuple(_kpi(left[id], (before or {}).get(id)) for id in HEADLINE_KPIS if left.get(id, {}).get("value") is not None)


def _kpi(saved, before):
    return Kpi(**{**saved, "ci": tuple(saved["ci"]) if saved["ci"] else None, "before": before})


def top(results, lang, count=5):
    """One row per finding, at most `count`: the largest sure yearly yen impact first, then × △ ○ ◎.

    Sure is the end of its interval nearest 0; nothing where 0 lies inside.

    Columns: place, chapter, finding (the page's action title), verdict ("" without one),
    gain_about_jpy with its interval (a year; missing where a finding has no yen impact, left out where
    none has).
    """
    rows = [{"place": place, "chapter": _chapter(f), "finding": f["text"][lang], "verdict": f["verdict"] or "",
             **dict(zip(FINDING_COLUMNS[4:], f["yen"] or (None,) * 3, strict=True))}
            for place, f in enumerate(_ranked(results)[:count], start=1)]
    known = any(row["gain_about_jpy"] is not None for row in rows)
    return pd.DataFrame(rows, columns=FINDING_COLUMNS if known else FINDING_COLUMNS[:4])


def _ranked(results):
    found = [f for chapter in sorted(results) for f in results[chapter]["findings"]]
    found = [f for f in found if _chapter(f) not in DESCRIBING and f["id"] not in DEFINING]
    return sorted(found, key=lambda f: (-sure(f), VERDICT_ORDER.get(f["verdict"], 2)))


def sure(finding):
    """The least yearly amount its interval allows: 0 where it may be a gain or a loss, or has no yen."""
    low, high = (finding["yen"] or (0, 0, 0))[1:]
    return min(abs(low), abs(high)) if low * high > 0 else 0


def _yen(finding):
    """The yearly yen impact (its middle), or None."""
    return finding["yen"][0] if finding["yen"] else None


def _chapter(item):
    return item["id"].split(".")[0]


def not_shown(results, lang):
    """One row per chapter and reason for which pages are withheld. Columns: chapter, n_pages, why."""
    reasons = Counter((_chapter(gate), gate["why"][lang]) for chapter in sorted(results)
                      for gate in results[chapter]["gates"] if not gate["shown"])
    rows = [(chapter, pages, why) for (chapter, why), pages in reasons.items()]
    return pd.DataFrame(rows, columns=["chapter", "n_pages", "why"])
