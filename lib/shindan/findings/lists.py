"""What the page on the mailing lists says: how who is due becomes who is sent to."""

from shindan.findings.model import Kpi, Statement, withheld

STOPPED = ("n_opted_out_all", "n_unreachable", "n_withdrawn", "n_capped", "n_subscriber", "n_returned", "n_own")
NO_CONSENT = "lists.consent"  # the gate that says nobody's consent is known: no list is written, whoever is due


def made(table, counts, has_consent, days, as_of):
    """How many lists and messages, how many are stopped, how many people are left out to measure by.

    `table` of listed.by_series, `counts` of the plan, `days`: how many are planned.
    """
    if not has_consent:
        return withheld(NO_CONSENT, "lists.withheld.consent")
    due, sent, control = (int(table[c].sum()) for c in ("n", "n_sent", "n_control"))
    if not due:
        return withheld("lists.made", "lists.withheld.none", days=days)
    if not sent:
        return withheld("lists.made", "lists.withheld.stopped", n=due)
    stopped = int(table[list(STOPPED)].to_numpy().sum())
    values = {"days": days, "n_lists": int((counts["n_sent"] > 0).sum()), "due": due, "sent": sent,
              "stopped": stopped, "control": control}
    on = str(as_of)
    kpis = (Kpi("lists.due", due, "count", due, on), Kpi("lists.sent", sent, "count", due, on),
            Kpi("lists.control", control, "count", due, on),
            Kpi("lists.stopped_share", stopped / due, "ratio", due, on))
    return Statement("lists.made", "lists.headline.made", values, kpis, due, on)
