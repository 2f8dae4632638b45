"""The demo's files say what its truth says: read with pandas alone, figures worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shindan import config, demo
from shindan.demo import shop

AS_OF = pd.Timestamp("2025-12-31")
CLIENT = Path(__file__).parents[2] / "client_data"


def ranks(p, as_of=AS_OF):
    """Customers per rank by the default rules, written out."""
    age = (as_of - p.date).dt.days
    recency, times = age.groupby(p.person).min(), (age < 365).groupby(p.person).sum()
    rank = pd.Series("regular", index=recency.index)
    rank[times >= 2] = "semi_premium"
    rank[times >= 4] = "premium"
    rank[recency >= 365] = "dormant"
    return rank.value_counts().to_dict()


def second(p, as_of=AS_OF):
    """Per person: days from the first to the second purchase or to as_of, and which it was."""
    first = p[p.no == 1].set_index("person").date
    again = p[p.no == 2].set_index("person").date.reindex(first.index)
    return (again.fillna(as_of) - first).dt.days, again.notna()


def kaplan_meier(days, event, at):
    """1 - S(at) and Greenwood's standard error, by hand."""
    left, variance = 1.0, 0.0
    for day in sorted(days[event & (days <= at)].unique()):
        risk, hits = (days >= day).sum(), ((days == day) & event).sum()
        left *= 1 - hits / risk
        variance += hits / (risk * (risk - hits))
    return 1 - left, left * variance**0.5


def costs(raw):
    """Cost per channel over all cost files."""
    google = [pd.read_csv(f, encoding="utf-16", sep="\t", skiprows=2, thousands=",")
              for f in raw.glob("google_ads_*.csv")]
    google = pd.concat(google)
    meta = pd.concat([pd.read_csv(f, encoding="utf-8-sig") for f in raw.glob("meta_ads_*.csv")])
    excel = pd.read_excel(raw / "offline_costs.xlsx", sheet_name="広告費", header=2, engine="calamine")
    excel = excel[excel["月"] != "合計"]
    return {
        "Google検索広告": int(google.loc[google["日"].str.startswith("20"), "費用"].sum()),
        "Meta広告": int(meta.loc[meta["日"].notna(), "消化金額 (JPY)"].sum()),
        **excel.groupby("媒体")["広告費(税抜)"].sum().astype(int).to_dict(),
    }


def test_ledger_figures_are_exact(ledger, purchases, truth):
    assert (purchases.no == 1).sum() == truth["customers"]
    assert len(purchases) == truth["purchases"]
    assert ledger.valid.revenue.sum() == truth["revenue_jpy"]
    assert ranks(purchases) == truth["ranks"]
    assert (purchases.no == 2).sum() / truth["customers"] == pytest.approx(truth["f2_naive"])


def test_channels_costs_and_new_customers_are_exact(raw, purchases, truth):
    code = purchases[purchases.no == 1].code
    channel = code.map(config.load(config.Folder("demo", CLIENT)).channels).fillna("unknown")
    assert channel.value_counts().to_dict() == {
        name: c["new_customers"] for name, c in truth["channels"].items()}
    assert costs(raw) == {
        name: c["cost_jpy"] for name, c in truth["channels"].items() if c["cost_jpy"]}
    assert sum(m["cost_jpy"] for m in truth["months"]) == truth["cost_jpy"]
    assert sum(m["new_customers"] for m in truth["months"]) == truth["customers"]
    assert 0.02 < truth["unknown_share"] < 0.06


def test_second_purchase_curve_is_the_models(purchases, truth):
    days, event = second(purchases)
    for window, chance in truth["f2"].items():
        estimate, error = kaplan_meier(days, event, window)
        assert abs(estimate - chance) < 3.3 * error
    assert 0.25 < truth["f2"][365] < 0.35
    # the shop grows: repeaters ÷ all to date stays well below what the model leads to
    assert truth["f2_naive"] < truth["f2"][365] - 0.03
    assert truth["f2_by_channel"]["アフィリエイト"][365] < truth["f2_by_channel"]["referral"][365] - 0.1


def test_uncensored_customers_follow_the_curve():
    plan = shop.Plan(demo.ORDERS, seed=11)
    c = shop.customers(np.arange(1, 9001), plan, plan.random(0))
    p = shop.purchase_days(c, plan.random(1))
    gap = p.groupby("customer").day.diff()[p.no == 2]
    buyers = c[c.buys]
    for days in (30, 90, 365):
        chance = shop.second_purchase(buyers, days)
        error = np.sqrt((chance * (1 - chance)).sum())
        assert abs((gap <= days).sum() - chance.sum()) < 4 * error


def test_ltv_truth_agrees_with_customers_seen_a_year(ledger, purchases, truth):
    v = ledger.valid
    first = purchases[purchases.no == 1].set_index("person").date
    old = first.index[(AS_OF - first).dt.days >= 365]
    since = (v.date - v.person.map(first)).dt.days
    year = v[since < 365].groupby("person").revenue.sum().reindex(old)
    assert abs(year.mean() - truth["ltv_sales_365_jpy"]) < 3 * year.std() / len(year) ** 0.5
    assert truth["ltv_sales_365_ex_tax_jpy"] == pytest.approx(truth["ltv_sales_365_jpy"] / 1.084, rel=0.01)


def test_sends_hold_the_arms_and_the_purchases_the_truth_counts(raw, purchases, truth):
    sends = pd.read_csv(raw / "campaign_sends.csv", dtype=str)
    assert set(sends["メールアドレス"]) <= set(purchases.person)
    for name, campaign in truth["campaigns"].items():
        sent = sends[sends.campaign_id == name]
        assert sent["群"].value_counts().to_dict() == campaign["n"]
        assert sent["送信日"].isna().eq(sent["群"] == "control").all()
        since = (purchases.date - pd.Timestamp(campaign["sent"])).dt.days
        buyers = purchases.person[since.between(0, campaign["window_days"])]
        bought = sent["メールアドレス"].isin(buyers).groupby(sent["群"]).sum()
        assert bought.to_dict() == campaign["bought"]


def test_lift_of_random_campaigns_is_the_designed_one():
    """Over several shops the mean difference of the arms is the lift, within 3.3 standard errors."""
    found = {}
    for seed in range(101, 109):
        for name, campaign in demo.truth(orders=8000, seed=seed)["campaigns"].items():
            if campaign["assignment"] == "random":
                rate = {arm: campaign["bought"][arm] / n for arm, n in campaign["n"].items()}
                spread = sum(r * (1 - r) / campaign["n"][arm] for arm, r in rate.items())
                found.setdefault(name, []).append((rate["A"] - rate["control"] - campaign["lift_pt"], spread))
    assert len(found) == 3 and min(len(v) for v in found.values()) == 8
    for gaps in found.values():
        gap, spread = np.mean(gaps, axis=0)
        assert abs(gap) < 3.3 * (spread / len(gaps)) ** 0.5


def test_nps_answers_come_from_their_distribution(raw, truth):
    scores = []
    for file in sorted(raw.glob("nps_*.xlsx")):
        sheet = pd.read_excel(file, engine="calamine")
        answers = sheet[sheet["メールアドレス"].notna()].drop_duplicates("メールアドレス", keep="last")
        cell = answers.iloc[:, 2].astype(str).str.normalize("NFKC").str.extract(r"^(\d+)")[0]
        scores.append(cell.dropna().astype(int))
    score = pd.concat(scores)
    mark = (score >= 9).astype(int) - (score <= 6).astype(int)
    assert abs(100 * mark.mean() - truth["nps"]["all"]["nps"]) < 330 * mark.std() / len(mark) ** 0.5
    assert len(score) == pytest.approx(truth["nps"]["all"]["n"], rel=0.05)
    assert 400 <= len(score) <= 650 and score.between(0, 10).all()
