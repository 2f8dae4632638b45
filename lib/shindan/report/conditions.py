"""What the appendix says of how the figures were made: the settings, the rules of the ranks, notes."""

from shindan import __version__, tables, text

_FIELD = {"purchases": "min_purchases", "sales": "min_sales_jpy"}


def conditions(settings, facts, results, say):
    """The groups of the appendix (see report.build, `facts`): the settings, the cut points of RFM."""
    rows = [[say(f"report.condition.{name}"), value] for name, value in _settings(settings, facts, say)]
    points = results.get("rfm", {}).get("tables", {}).get("cut_points")
    return [{"title": say("report.conditions"), "rows": rows}] + ([_table("cut_points", points, say)] if points else [])


def _settings(settings, facts, say):
    """(name, words) of everything in client.yaml that a figure depends on."""
    money, bought = settings.money, settings.purchases
    day = text.datetime.date.fromisoformat(facts["as_of"])
    yield "as_of", text.date(day, say.lang)
    yield "period", text.period(f"{facts['data_start']}/{facts['as_of']}", say.lang)
    yield "basis", basis(settings, say)
    yield "horizon", _days(settings.horizon_days, say)
    if money.contribution_rate:
        yield "contribution_rate", text.percent(money.contribution_rate)
        yield "target_profit", text.yen(money.target_profit_jpy, say.lang, say.currency)
    yield "new_customers", say("report.condition.shop_start") if bought.data_starts_with_shop \
        else say("report.condition.burn_in", days=bought.burn_in_days)
    yield "new_to", say(f"report.condition.new_to_{settings.acquisition.new_to}")
    yield "same_day", say(f"report.condition.same_day_{'one' if bought.merge_same_day else 'each'}")
    yield "sale_discount", text.percent(bought.sale_discount, 0)
    yield "campaign_window", _days(settings.campaign.window_days, say)
    yield "nps_later", _days(settings.nps.later_days, say)
    yield "ranks", _ranks(settings.rfm, say)
    yield "rank_mode", say(f"report.condition.mode_{settings.rfm.mode}")
    yield "max_rejects", text.percent(settings.max_reject_share)
    yield "version", __version__


def _ranks(rules, say):
    """The rule of every rank in one line."""
    said = [say("report.condition.dormant", days=rules.dormant_days)]
    for rule in rules.ranks:
        asked = "_".join([name for name in ("purchases", "sales") if getattr(rule, _FIELD[name])] or ["rest"])
        said.append(say(f"report.condition.rank_{asked}", rank=rule.rank, days=rules.window_days,
                        n=rule.min_purchases, sales=rule.min_sales_jpy))
    return say("report.condition.and").join(said)


def _days(n, say):
    return text.figure(n, "days", say.lang)


def basis(settings, say):
    """What the amounts of this report are."""
    return say(f"report.basis.{settings.money.basis}", currency=say(f"report.currency.{settings.currency}"))


def _table(name, rows, say):
    columns = [column for column in rows[0] if any(row[column] is not None for row in rows)]
    cells = [[tables.cell(column, row[column], say, tables.CODED) for column in columns] for row in rows]
    return {"title": say(f"rfm.table.{name}"), "columns": [tables.label(c, say, "rfm") for c in columns], "rows": cells}


def notes(facts, say):
    """What intake noticed, one sentence each: the report's own words, else those of `make check`."""
    found = []
    for note in facts.get("notes", ()):
        keys = (f"report.note.{note['id']}", f"data.note.{note['id']}")
        found += [say(key, **_named(note, say)) for key in filter(say.has, keys)][:1]
    return found


def _named(note, say):
    return {key: say.get(f"data.source.{value}", value) if key == "table" else value for key, value in note.items()}
