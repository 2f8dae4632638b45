"""お試し→本品: who begins with a trial product, and who of them goes on to the real one."""

import ibis
import pandas as pd

from shindan.analyses import repeat
from shindan.engine import as_table, days_between

WORDS = ("お試し", "おためし", "トライアル", "trial")  # in a trial product's name
WINDOWS = (30, 60, 90, 180, 365)
STEPS = {"main": "main_date", "subscription": "subscribed_date"}  # what may follow


def starters(items, buyers, contracts, as_of, words=WORDS):
    """One row per new customer whose first purchase held trial products and nothing else, lazy.

    Columns: customer_key, first_date, main_date (first later day with a product that is no trial),
    subscribed_date (start of the first subscription contract from the first purchase on), both missing
    where it has not happened by `as_of`. `items`: basket.items; `contracts`: subscription.contracts.
    A product is a trial when its name holds one of `words`.
    """
    i = as_table(items)
    name = i.product_name.fill_null("").lower()
    is_trial = ibis.or_(*(name.contains(word.lower()) for word in words)) if words else ibis.literal(False)
    b = as_table(buyers)
    b = b.filter(b.is_new, b.first_date <= as_of).select("customer_key", "first_date")
    i = i.mutate(is_trial=is_trial).filter(i.order_date <= as_of).inner_join(b, "customer_key")
    on_first = i.order_date == i.first_date
    i = i.group_by("customer_key").agg(
        first_date=i.first_date.max(), trials=(on_first & i.is_trial).sum(), others=(on_first & ~i.is_trial).sum(),
        main_date=i.order_date.min(where=~on_first & ~i.is_trial))
    i = i.filter(i.trials > 0, i.others == 0)
    c = as_table(contracts)
    i = i.left_join(c.select("customer_key", "started_date"), "customer_key").drop("customer_key_right")
    after = i.started_date >= i.first_date
    return i.group_by("customer_key").agg(
        first_date=i.first_date.max(), main_date=i.main_date.max(), subscribed_date=i.started_date.min(where=after))


def rates(starters, as_of, windows=WINDOWS, min_followed=10):
    """One row per step (main 本品, subscription 定期) x window: the share that took it within the window.

    Columns: step, window_days, step_rate (Kaplan–Meier; as far as `min_followed` have been followed),
    step_rate_lo, step_rate_hi, naive_rate (so far ÷ all), n (people who began with a trial), n_taken,
    n_at_risk, n_followed. A step nobody has taken is left out.
    """
    found = [repeat.rates(*_counted(starters, date, as_of), windows, min_followed).assign(step=step)
             for step, date in STEPS.items()]
    out = pd.concat(found, ignore_index=True).rename(
        columns=lambda c: c.replace("f2_rate", "step_rate").replace("n_repeated", "n_taken"))
    taken = out.groupby("step")["n_taken"].transform("max") > 0
    return out.loc[taken, ["step", *out.columns.drop("step")]].reset_index(drop=True)


def curves(starters, as_of, until_days=365, min_followed=10):
    """One row per step x day from 0 as far as followed; columns as in rates(), `day` for window_days."""
    out = rates(starters, as_of, range(until_days + 1), min_followed)
    return out.dropna(subset="step_rate").rename(columns={"window_days": "day"}).reset_index(drop=True)


def _counted(starters, date, as_of):
    """(counts, followed) of repeat.rates for one step."""
    s = as_table(starters)
    happened = s[date].notnull()
    end = ibis.ifelse(happened, s[date], ibis.literal(as_of))
    s = s.mutate(event=happened, day=days_between(end, s.first_date),
                 followed=days_between(ibis.literal(as_of), s.first_date))
    return repeat.counts(s), repeat.followed(s)
