"""The demo's subscription contracts: read with pandas alone, they say what the model says."""

import pandas as pd

AS_OF = pd.Timestamp("2025-12-31")


def contracts(raw):
    s = pd.read_csv(raw / "subscriptions.csv", encoding="cp932", dtype=str)
    for name in ("定期受注作成日", "キャンセル日", "次回配送予定日"):
        s[name] = pd.to_datetime(s[name])
    return s.astype({"定期回数": int, "お約束回数（定期）": int})


def test_one_row_a_contract_of_a_customer(raw, ledger, truth):
    s = contracts(raw)
    assert s["定期受注番号"].is_unique and set(s["メールアドレス"].str.lower()) <= set(ledger.orders.person)
    assert s["お約束回数（定期）"].value_counts().to_dict() == {k: v["n"] for k, v in truth["subscriptions"].items()}
    first = ledger.purchases[ledger.purchases.no == 1].set_index("person").date
    assert (s["定期受注作成日"] > s["メールアドレス"].str.lower().map(first)).all()


def test_dates_and_counts_agree(raw):
    s = contracts(raw)
    gone = s["ステータス"] == "キャンセル"
    assert s["キャンセル日"].notna().equals(gone) and (s["キャンセル日"].dropna() <= AS_OF).all()
    last = s["定期受注作成日"] + pd.to_timedelta(30 * (s["定期回数"] - 1), "D")
    assert (last <= AS_OF).all() and (s["キャンセル日"] > last)[gone].all()
    assert (s["次回配送予定日"].dropna() > AS_OF).all() and s["次回配送予定日"].isna()[gone].all()
    assert set(s["ステータス"]) == {"有効", "停止", "キャンセル"}


def test_shares_that_got_the_first_delivery_they_could_refuse(raw, truth):
    s = contracts(raw)
    for promised, true in truth["subscriptions"].items():
        target = max(promised, 1) + 1
        ripe = s[(s["お約束回数（定期）"] == promised) & (s["定期受注作成日"] <= AS_OF - pd.Timedelta(days=30 * (target - 1)))]
        got, p = (ripe["定期回数"] >= target).mean(), true["reaches"][target]
        assert abs(got - p) < 3 * (p * (1 - p) / len(ripe)) ** 0.5
