"""誰に×いつ×何を: the scenarios as a sheet for people, with how many each reaches and in which file."""

import pandas as pd

from shindan.scenarios.catalogue import load

COLUMNS = ("list", "who", "when", "what", "n_sent", "file", "kpi")


def sheet(settings, counts, words):
    """One row per list with somebody on it (pandas): list (its name), who, when, what, n_sent, file, kpi.

    `counts`: the plan's (schema list_counts, pandas); `words`: a Text; what: brand · product · offer in percent.
    """
    sent = counts.set_index("list").n_sent
    rows = [_row(s, int(sent[s.id]), words) for s in load(settings) if sent.get(s.id, 0)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(s, n_sent, words):
    name = s.name or words.get(f"scenario.name.{s.id}", s.id)
    return {"list": name, "who": words(f"scenario.who.{s.who}"), "when": _when(s, words), "n_sent": n_sent,
            "what": f"{s.mix.brand}·{s.mix.product}·{s.mix.offer}", "file": s.file, "kpi": s.kpi}


def _when(s, words):
    if not s.is_dated:
        return words("scenario.when.planned", nth=s.day + 1)
    return words(f"scenario.when.{s.who}", day=s.day, before=-s.day)
