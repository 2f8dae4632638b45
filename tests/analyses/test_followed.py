"""Whose purchases can be followed."""

import datetime

import pandas as pd

from shindan.analyses import followed

D = datetime.date
AS_OF = D(2025, 3, 1)


def orders(*rows):
    """(customer, shop, day, status) of orders of a mall or the shop's own cart."""
    return pd.DataFrame([{"customer_key": who, "shop": shop, "source": f"{shop}_preset", "order_date": day,
                          "status": status, "is_test": False,
                          "is_staff": False, "is_zero_yen": False, "order_type": "onetime"} for who, shop, day, status in rows])


IDS = pd.DataFrame([("a", "cart_id"), ("m", "mall_alias"), ("m", "phone"), ("b", "mall_alias"), ("b", "email")],
                   columns=["customer_key", "id_type"])


def test_orders_without_a_buyer_and_of_masked_ones():
    table = followed.by_shop(orders(
        ("a", "own", D(2025, 1, 1), "valid"), ("b", "mall", D(2025, 1, 1), "valid"), ("m", "mall", D(2025, 1, 2), "valid"),
        (None, "mall", D(2025, 1, 3), "valid"), (None, "mall", D(2025, 1, 3), "cancelled"),
        (None, "mall", D(2025, 4, 3), "valid")), IDS, AS_OF).set_index("shop")
    assert table.loc["mall"].tolist() == ["mall_preset", 3, 1, 1, 1 / 3, 1 / 3]  # b has an address of the shop's own
    assert table.loc["own"].tolist() == ["own_preset", 1, 0, 0, 0, 0]


def test_repeat_with_and_without_masked_buyers():
    bought = pd.DataFrame([("a", D(2024, 1, 1), 100), ("a", D(2024, 2, 1), 100), ("m", D(2024, 1, 1), 300)],
                          columns=["customer_key", "purchase_date", "revenue_jpy"])
    table = followed.repeat_without(bought, IDS, AS_OF).set_index("buyers")
    assert table.loc["everybody"].tolist() == [2, 2, 0.5, 250]
    assert table.loc["without_masked"].tolist() == [1, 1, 1.0, 200]
