"""Proposals as MAC cards in the reader's words: Measurable, Actionable, Competent."""

from shindan import text as words


def cards(proposals, text, aim=""):
    """One card a row of findings.proposals.propose: {"title", "gain", "parts": [{"mark", "name", "rows"}]}.

    `aim`: what the client itself wants to reach (client.yaml).
    """
    return [_card(row, text, aim) for row in proposals.to_dict("records")]


def _card(row, text, aim):
    return {"title": row["title"], "gain": _gain(row, text), "parts": [
        {"mark": mark[0].upper(), "name": text(f"summary.mac.{mark}"),
         "rows": [[text(f"summary.mac.{name}"), value] for name, value in rows]}
        for mark, rows in (("measurable", _measurable(row, text)), ("actionable", _actionable(row, text)),
                           ("competent", _competent(row, text, aim)))]}


def _gain(row, text):
    """What it may be worth a year, with its range; "" where that was not computed."""
    if words.is_missing(row["yearly_about_jpy"]):
        return ""
    ends = [words.yen_about(row[f"yearly_about_jpy{end}"], text.lang, text.currency) for end in ("", "_lo", "_hi")]
    return text("summary.mac.gain", gain=ends[0], span=words.span(ends[1], ends[2], text.lang))


def _measurable(row, text):
    def read(value):
        return words.figure(value, row["unit"], text.lang, text.currency)

    today = read(row["today"])
    if not words.is_missing(row["today_lo"]):
        today += f" ({words.span(read(row['today_lo']), read(row['today_hi']), text.lang)})"
    yield "figure", text("{}.kpi.{}".format(*row["kpi"].split(".", 1)))
    yield "today", f"{today}  n={words.number(row['n'])}"
    yield "goal", read(row["goal"])
    yield "by", words.date(row["by_date"], text.lang)


def _actionable(row, text):
    yield "step", text(f"summary.step.{row['proposal']}")
    if row["lists"] and words.is_missing(row["list_files"]):
        yield "list", text("summary.mac.list_wants_consent")
    elif names := row["list_files"].split():
        yield "list", text("columns.range", first=names[0], last=names[-1]) if len(names) > 2 else ", ".join(names)
        yield "people", text("summary.mac.count", n=row["n_people"])
    yield "cost", _cost(row, text)


def _cost(row, text):
    if words.is_missing(row["cost_jpy"]):
        known = not words.is_missing(row["unit_cost_jpy"])
        return text("summary.mac.cost_later", unit=row["unit_cost_jpy"]) if known else text("summary.mac.cost_unknown")
    cost = words.yen_read(row["cost_jpy"], text.lang, text.currency)
    if not row["lists"]:
        return text("summary.mac.cost_none") if row["cost_jpy"] == 0 else cost
    if words.is_missing(row["unit_cost_jpy"]):
        return cost
    return text("summary.mac.cost_each", cost=cost, unit=row["unit_cost_jpy"])


def _competent(row, text, aim):
    yield "aim", row["aim"] or aim or text("summary.mac.open")
    yield "owner", row["owner"] or text("summary.mac.open")
