"""お試し→本品: who began with a trial only, and what they took next."""

import datetime

import pandas as pd
import pytest

from shindan import engine
from shindan.analyses import trial

AS_OF = datetime.date(2025, 12, 31)
NO_CONTRACTS = engine.empty("subscriptions").select("customer_key", started_date="next_ship_date")


def day(ago):
    return AS_OF - datetime.timedelta(days=int(ago))


def shop(bought):
    """(items, buyers) of {customer: [(days ago, product name)]}."""
    items = pd.DataFrame([{"customer_key": who, "order_date": day(ago), "product_name": name}
                          for who, lines in bought.items() for ago, name in lines])
    first = items.groupby("customer_key").order_date.min().rename("first_date").reset_index()
    return items, first.assign(is_new=True)


def found(bought, contracts=NO_CONTRACTS, **more):
    return engine.frame(trial.starters(*shop(bought), contracts, AS_OF, **more)).set_index("customer_key")


SHOP = {
    "went on": [(400, "青汁 お試しセット"), (380, "青汁"), (300, "青汁")],
    "tried again": [(400, "青汁 お試しセット"), (350, "お試しセット 酢")],
    "both at once": [(400, "青汁 お試しセット"), (400, "青汁")],
    "no trial": [(400, "青汁"), (380, "青汁 お試しセット")],
    "English": [(400, "TRIAL kit"), (10, "Juice")],
}


def test_who_began_with_a_trial_and_nothing_else():
    got = found(SHOP)
    assert sorted(got.index) == ["English", "tried again", "went on"]
    assert str(got.main_date["went on"])[:10] == str(day(380)) and pd.isna(got.main_date["tried again"])
    assert found(SHOP, words=("酢",)).empty  # the first purchase decides


def test_older_customers_are_not_counted():
    items, buyers = shop(SHOP)
    assert engine.frame(trial.starters(items, buyers.assign(is_new=False), NO_CONTRACTS, AS_OF)).empty


def test_a_contract_after_the_trial_is_a_subscription_one_before_is_not():
    contracts = pd.DataFrame({"customer_key": ["went on", "went on", "tried again"],
                              "started_date": [day(200), day(100), day(450)]})
    got = found(SHOP, contracts)
    assert str(got.subscribed_date["went on"])[:10] == str(day(200)) and pd.isna(got.subscribed_date["tried again"])


def test_the_share_that_goes_on():
    bought = {f"a{i}": [(400, "お試し"), (380, "本品")] for i in range(12)}
    bought |= {f"b{i}": [(400, "お試し"), (200, "本品")] for i in range(8)}
    bought |= {f"c{i}": [(400, "お試し")] for i in range(20)}
    starters = trial.starters(*shop(bought), NO_CONTRACTS, AS_OF)
    got = trial.rates(starters, AS_OF)
    assert got.step.unique().tolist() == ["main"]  # nobody subscribed
    assert got.step_rate.tolist() == pytest.approx([0.3, 0.3, 0.3, 0.3, 0.5]) and got.n.tolist() == [40] * 5
    assert (got.step_rate_lo < got.step_rate).all() and got.n_taken.tolist() == [12, 12, 12, 12, 20]
    curve = trial.curves(starters, AS_OF)
    assert curve.day.tolist() == list(range(366)) and curve.step_rate.iloc[-1] == pytest.approx(0.5)


def test_people_who_joined_lately_count_for_as_long_as_they_were_seen():
    bought = {f"a{i}": [(400, "お試し"), (380, "本品")] for i in range(15)} | {f"b{i}": [(400, "お試し")] for i in range(15)}
    bought |= {f"n{i}": [(5, "お試し")] for i in range(70)}
    row = trial.rates(trial.starters(*shop(bought), NO_CONTRACTS, AS_OF), AS_OF, (30,)).iloc[0]
    assert row.step_rate == pytest.approx(0.5) and row.naive_rate == pytest.approx(0.15)


def test_nobody():
    items, buyers = shop({"x": [(10, "青汁")]})
    starters = trial.starters(items, buyers, NO_CONTRACTS, AS_OF)
    assert trial.rates(starters, AS_OF).empty and trial.curves(starters, AS_OF).empty
    assert engine.frame(trial.starters(items, buyers, NO_CONTRACTS, AS_OF, words=())).empty
