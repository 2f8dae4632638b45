"""Advertising costs: the newest export holds, tax and agency fees apart, long periods cut into months."""

import ibis

from shindan import errors
from shindan.engine import days_between, month_number
from shindan.intake import taxes
from shindan.intake.orders import channel

KEY = ("platform", "account", "cost_date", "cost_end", "campaign_name", "adset_name", "ad_name",
       "acq_channel", "ad_code")
SHARED_OUT = ("media_cost_jpy", "agency_fee_jpy", "impressions", "clicks")
PER_MILLE = 1000


def settings(inputs):
    """What client.yaml says of each source's amounts: tax, agency fees."""
    return {"tax": [i.number for i in inputs if i.preset.options.get("cost_tax") == "included"],
            **{name: {i.number: _share(i, name) for i in inputs if name in i.preset.options}
               for name in ("fee_included", "fee_added")}}


def _share(i, name):
    """A share of 0 to 1 in thousandths; exit 11 for anything else."""
    try:
        share = round(float(i.preset.options[name]) * PER_MILLE)
    except ValueError:
        share = -1
    if not 0 <= share < PER_MILLE:
        raise errors.ShindanError(
            errors.BAD_CONFIG, f"client.yaml: option `{name}`: {i.preset.options[name]}",
            f"sources, `{i.source.path}`", 'a share of the amount, e.g. "0.2" for an agency fee of 20 %')
    return share


def unused(rows):
    """no_cost; replaced: a file whose name sorts later tells the same day and campaign again; else null."""
    newest = rows.file_no.max().over(group_by=[rows[c].cast("string").fill_null("") for c in KEY])
    return ibis.cases((rows.media_cost_jpy.isnull(), "no_cost"), (rows.file_no < newest, "replaced"))


def build(rows, told, config):
    """Costs without tax, fees beside them; what names a month or longer stands on first days of months."""
    r = rows.mutate(acq_channel=channel(rows, config.channels), platform=rows.platform.fill_null("offline"))
    net = gross = r.media_cost_jpy
    if told["tax"]:
        rate = taxes.of_costs(config, r.cost_date, "client.yaml, field `money.tax_rate`")
        net = ibis.cases((r.source_no.isin(told["tax"]), gross - taxes.inside(gross, rate)), else_=gross)
    inside = _part(r, net, told["fee_included"])
    media = net - inside
    fee = ibis.coalesce(r.agency_fee_jpy, 0) + inside + _part(r, media, told["fee_added"])
    return _by_month(r.mutate(media_cost_jpy=media, agency_fee_jpy=fee))


def _part(rows, amount, shares):
    """A share (in thousandths, by source) of an amount, half up."""
    share = ibis.cases(*((rows.source_no == n, s) for n, s in shares.items()), else_=0) if shares else 0
    return (amount * share + PER_MILLE // 2) // PER_MILLE


def _by_month(rows):
    """A period of several days becomes a row a month, by days; its yen add up exactly."""
    long = (rows.cost_end > rows.cost_date).fill_null(False)
    month = ibis.date(rows.cost_date.year(), rows.cost_date.month(), 1)
    short = rows.filter(~long)
    short = short.mutate(cost_date=ibis.cases((short.grain == "month", month), else_=short.cost_date))
    p = rows.filter(long)
    p = p.mutate(all_days=days_between(p.cost_end, p.cost_date) + 1,
                 place=ibis.range(0, month_number(p.cost_end) - month_number(p.cost_date) + 1).unnest())
    number = month_number(p.cost_date) - 1 + p.place
    p = p.mutate(day=_first_of(number), after=_first_of(number + 1))
    before = ibis.greatest(days_between(p.day, p.cost_date), 0)
    until = ibis.least(days_between(p.after, p.cost_date), p.all_days)
    parts = {c: p[c] * until // p.all_days - p[c] * before // p.all_days for c in SHARED_OUT}
    p = p.mutate(**parts, platform_cv=p.platform_cv * (until - before) / p.all_days, grain=ibis.literal("month"),
                 cost_date=p.day)
    return short.union(p.select(short.columns))


def _first_of(number):
    """The first day of the month of that number (year * 12 + month - 1)."""
    return ibis.date((number // 12).cast("int64"), (number % 12 + 1).cast("int64"), 1)


def notes(rows):
    """Costs that were cut into months; days a platform tells twice, in two files of another detail."""
    long = (rows.cost_end > rows.cost_date).fill_null(False)
    spread = int(long.sum().fill_null(0).to_pandas())
    found = [{"id": "costs_cut_into_months", "rows": spread}] if spread else []
    day = ("platform", "account", "cost_date", "campaign_name")
    paid = rows.filter(rows.platform.notnull(), rows.campaign_name.notnull())
    twice = paid.group_by(*day).agg(n=paid.source_file.nunique()).filter(ibis._.n > 1)
    counts = twice.group_by("platform").agg(days=twice.cost_date.nunique()).order_by("platform").to_pandas()
    found += [{"id": "costs_told_twice", "platform": r.platform, "days": int(r.days)} for r in counts.itertuples()]
    return found + _listed_too(rows)


def _listed_too(rows):
    """Months that two lists tell of one medium; platforms whose months a list tells as well, or without a channel."""
    nowhere = rows.acq_channel.isnull() & rows.ad_code.isnull()
    by_month = rows.group_by("platform", "acq_channel", month=month_number(rows.cost_date)).agg(
        files=rows.source_file.nunique(), lost=rows.media_cost_jpy.sum(where=nowhere).fill_null(0)).to_pandas()
    by_hand = by_month[by_month.platform.isnull()]
    twice = by_hand[(by_hand.files > 1) & by_hand.acq_channel.notna()].month.nunique()
    found = [{"id": "costs_in_two_lists", "months": twice}] if twice else []
    for platform, own in by_month.dropna(subset="platform").groupby("platform"):
        lost = int(own.lost.sum())
        found += [{"id": "costs_without_channel", "platform": platform, "jpy": lost}] if lost else []
        word = platform.split("_")[0]
        listed = by_hand[by_hand.acq_channel.fillna("").str.lower().str.contains(f"(?<![a-z]){word}(?![a-z])")]
        months = set(own.month) & set(listed.month)
        found += [{"id": "costs_listed_too", "platform": platform, "months": len(months), "word": word}] if months else []
    return found
