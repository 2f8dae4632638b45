"""By which door customers came, what each door costs, and codes nobody knows."""

import datetime

import numpy as np
import pandas as pd

from shindan import engine
from shindan.analyses import acquisition, entrances, newness

DAY = datetime.date(2025, 3, 1)
YEAR = acquisition.Window(datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))
SHOP = pd.DataFrame({
    "customer_key": ["a", "b", "c", "d", "e"], "first_date": [DAY, DAY, DAY, DAY, datetime.date(2024, 3, 1)],
    "acq_channel": ["G", "G", "M", "unknown", "G"], "ad_code": ["G1", " G1", "M1", "OLD", "G1"], "is_new": True,
    "first_product": ["青汁", "青汁", "黒酢", "青汁", "青汁"], "first_revenue_jpy": [1000, 2000, 3000, 4000, 9000],
    "first_contribution_jpy": [500, 1000, 1500, 2000, 4500]})
PURCHASES = pd.DataFrame({"customer_key": SHOP["customer_key"], "purchase_no": 1, "order_id": ["o1", "o2", "o3", "o4", "o5"]})
ORDERS = pd.DataFrame({
    "order_id": ["o1", "o2", "o3", "o4", "o5", "o6"], "order_date": [DAY] * 6, "coupon_code": [None, "FIRST", None, None, None, None],
    "landing_url": ["https://x.example/lp1?utm=1", "https://x.example/lp1#top", None, "", None, None],
    "utm_campaign": [None, "春", None, None, None, None], "ad_code": ["G1", "G1", "M1", "OLD", "G1", "OLD "],
    "acq_channel": ["G", "G", "M", "unknown", "G", "unknown"]})
VALUES = pd.DataFrame({"customer_key": SHOP["customer_key"], "acq_channel": SHOP["acq_channel"], "second_in_time": False,
                       "sales_jpy": [1000, 3000, 3000, 4000, 9000], "contribution_jpy": [500, 1500, 1500, 2000, 4500]})
COSTS = pd.DataFrame({"cost_date": [DAY, DAY, datetime.date(2024, 1, 1)], "ad_code": ["G1", None, "G1"],
                      "campaign_name": ["x", "春", "x"], "media_cost_jpy": [900, 700, 9999], "agency_fee_jpy": [100, 0, 0]})


def by_door():
    return entrances.by_door(entrances.doors(SHOP, PURCHASES, ORDERS), VALUES, COSTS, YEAR)


def rows(kind):
    found = by_door()
    return found[found["kind"] == kind].set_index("door")


def test_ad_codes_with_their_cost_and_worth():
    codes = rows("ad_code")
    assert codes.loc["G1", ["n", "cost_jpy", "cpa_jpy", "first_sales_jpy", "n_matured"]].tolist() == [2, 1000, 500, 3000, 3]
    assert codes.loc["G1", "contribution_ltv_jpy"] == (500 + 1500 + 4500) / 3  # whenever they came
    assert np.isnan(codes.loc["M1", "cpa_jpy"]) and codes.loc["M1", "acq_channel"] == "M"


def test_landing_pages_without_their_query_offers_campaigns_and_products():
    assert rows("landing_page")["n"].to_dict() == {"https://x.example/lp1": 2}
    assert rows("offer")["n"].to_dict() == {"FIRST": 1}
    assert rows("ad_campaign").loc["春", ["n", "cpa_jpy"]].tolist() == [1, 700]
    assert rows("first_product")["n"].to_dict() == {"青汁": 3, "黒酢": 1}


def test_the_first_kind_that_can_be_compared_is_drawn():
    found = by_door()
    assert entrances.best_known(found, min_n=1)["kind"].unique().tolist() == ["ad_code"]
    assert entrances.best_known(found).empty
    none = entrances.by_door(entrances.doors(SHOP, PURCHASES, ORDERS), VALUES, COSTS, None)
    assert none.empty and entrances.best_known(none).empty


def test_dictionary_lists_unknown_codes_first_and_unused_last():
    found = entrances.dictionary(ORDERS, SHOP, {"G1": "G", "M1": "M", "TV9": "TV"})
    assert found[["ad_code", "listing", "n_orders", "n"]].values.tolist() == [
        ["OLD", "unlisted", 2, 1], ["G1", "listed", 3, 3], ["M1", "listed", 1, 1], ["TV9", "unused", 0, 0]]
    assert entrances.dictionary(engine.empty("orders"), engine.empty("buyers"), {}).empty


def test_new_to_a_product_counts_old_customers_once_a_product():
    """a buys 青汁, again, then 黒酢: one row for each product; an old customer is new to a product late enough."""
    bought = [("a", "2025-01-10", 1, "青汁", "G"), ("a", "2025-02-10", 2, "青汁", None), ("a", "2025-03-10", 3, "黒酢", "M"),
              ("old", "2025-01-05", 1, "青汁", None), ("old", "2025-12-01", 2, "黒酢", "TV")]
    p = pd.DataFrame(bought, columns=["customer_key", "purchase_date", "purchase_no", "sku", "acq_channel"])
    p["purchase_date"] = [datetime.date.fromisoformat(day) for day in p["purchase_date"]]
    p = p.assign(product_name=p["sku"], ad_code=None, revenue_jpy=1000, contribution_jpy=400, is_automatic=False,
                 previous_date=None)
    b = pd.DataFrame({"customer_key": ["a", "old"], "is_new": [True, False]})
    starts, again = newness.per_product(b, p, datetime.date(2025, 1, 1), 300)
    found = engine.frame(starts.select("first_product", "first_date", "acq_channel", "is_new", "n_purchases", "second_date"),
                         by=["first_date"])
    assert found[["first_product", "acq_channel", "is_new", "n_purchases"]].values.tolist() == [
        ["青汁", "unknown", False, 1], ["青汁", "G", True, 2], ["黒酢", "M", True, 1], ["黒酢", "TV", True, 1]]
    assert str(found["second_date"][1])[:10] == "2025-02-10" and found["second_date"].isna().sum() == 3
    assert engine.frame(again.select("customer_key", "purchase_no"))["purchase_no"].tolist() == [1, 2, 1, 1, 1]
