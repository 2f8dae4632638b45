"""client.yaml's `exclude:`: staff, tests, wholesale, samples and exchanges are set apart and listed."""

import pandas as pd
import pytest

from shindan import errors

HEAD = "order_no,ordered_at,items_jpy,customer_id,email,name,sku,product_name,qty,unit_price_jpy,coupon_code\n"
ROWS = [
    "1,2024-01-05,1100,1,a@x.jp,山田,A,石けん,1,1100,",
    "2,2024-01-06,1100,2,b@shop.example,鈴木,A,石けん,1,1100,",            # staff by address
    "3,2024-01-07,1100,3,c@x.jp,ﾃｽﾄ テスト,A,石けん,1,1100,",               # test by name
    "4,2024-01-08,1100,4,d@x.jp,佐藤,T,テスト商品,1,1100,",                 # test by product
    "5,2024-01-09,330000,5,e@x.jp,高橋,A,石けん,300,1100,",                # wholesale by total and pieces
    "6,2024-01-10,1100,6,f@x.jp,伊藤,A,石けん,1,1100,SHAIN",               # staff by coupon
    "7,2024-01-11,1100,7,g@x.jp,渡辺,A,石けん,1,1100,",                    # wholesale by rank
    "8,2024-01-12,0,1,a@x.jp,山田,S,お試し,1,0,",                          # a sample
    "9,2024-01-20,0,1,a@x.jp,山田,A,石けん,1,0,",                          # the same again for nothing
    "10,2024-01-21,0,8,h@x.jp,小林,A,石けん,1,0,",                         # for nothing, but never bought
]
RULES = [
    {"as": "staff", "email": "@SHOP.example"},
    {"as": "test", "name": "テスト"},
    {"as": "test", "product": ["テスト"]},
    {"as": "wholesale", "total_at_least_jpy": 300000, "quantity_at_least": 100},
    {"as": "staff", "coupon": "shain"},
    {"as": "wholesale", "rank": "卸"},
    {"as": "sample", "sku": ["S"]},
    {"as": "exchange", "zero_yen": True, "same_sku_within_days": 30},
    {"as": "test", "memo": "never"},
]
SOURCES = [{"path": "o.csv", "preset": "generic_orders"}, {"path": "c.csv", "preset": "generic_customers"}]


@pytest.fixture
def shop(client):
    client.put("o.csv", HEAD + "\n".join(ROWS) + "\n")
    client.put("c.csv", "customer_id,member_rank\n1,一般\n7,卸\n")
    return client


def test_every_rule_how_many_orders_it_sets_apart_and_which(shop):
    """Pitfall 8 and 33."""
    facts = shop.run(SOURCES, exclude=RULES)
    orders = shop.table("orders").set_index("order_no")
    assert set(orders.index[orders.is_staff]) == {"2", "6"}
    assert set(orders.index[orders.is_test]) == {"3", "4"}
    kinds = orders.order_type.to_dict()
    assert {k: v for k, v in kinds.items() if v != "onetime"} == {
        "5": "wholesale", "7": "wholesale", "8": "sample", "9": "exchange"}
    assert [(r["as"], r["orders"]) for r in facts["excluded"]] == [
        ("staff", 1), ("test", 1), ("test", 1), ("wholesale", 1), ("staff", 1), ("wholesale", 1),
        ("sample", 1), ("exchange", 1), ("test", 0)]
    assert dict(facts["bridge"])["test_staff"] == -4400 and dict(facts["bridge"])["not_purchase"] == -331100
    notes = [n for n in facts["notes"] if n["id"] == "excluded"]
    assert len(notes) == len(RULES) and notes[3]["says"] == "total_at_least_jpy 300000; quantity_at_least 100"
    listed = pd.read_csv(shop.folder.rejects / "excluded.csv")
    assert listed[["order_id", "rule", "kind"]].values.tolist()[0] == ["main:2", 1, "staff"] and len(listed) == 8
    shop.run(SOURCES)   # changed rules make the tables again
    assert not shop.table("orders").is_staff.any() and not (shop.folder.rejects / "excluded.csv").exists()


def test_a_sample_beside_a_product_is_a_line_only(shop):
    shop.put("o.csv", HEAD + "1,2024-01-05,1100,1,a@x.jp,山田,A,石けん,1,1100,\n1,2024-01-05,1100,1,a@x.jp,山田,S,お試し,1,0,\n")
    shop.run(SOURCES, exclude=RULES)
    assert shop.table("orders").order_type.tolist() == ["onetime"]
    assert shop.table("order_lines").line_type.tolist() == ["product", "sample"]


def test_a_rule_without_a_condition_is_refused(shop):
    with pytest.raises(errors.ShindanError, match="would take every order"):
        shop.run(SOURCES, exclude=[{"as": "test"}])


@pytest.mark.parametrize("rule", [
    {"total_at_least_jpy": 0}, {"total_at_least_jpy": -1}, {"quantity_at_least": 0}, {"total_at_least_jpy": 0, "name": "山田"},
    {"name": ""}, {"memo": ["テスト", " "]}, {"same_sku_within_days": -1}])
def test_a_condition_that_every_order_meets_is_refused(shop, rule):
    with pytest.raises(errors.ShindanError) as stop:
        shop.run(SOURCES, exclude=[{"as": "test", **rule}])
    assert stop.value.code == errors.BAD_CONFIG and "exclude.0" in stop.value.where


def test_a_floor_that_is_not_set_is_no_condition(shop):
    (rule,) = shop.run(SOURCES, exclude=[{"as": "test", "name": "山田", "total_at_least_jpy": None}])["excluded"]
    assert (rule["orders"], rule["says"]) == (3, "name 山田")


def test_rules_that_leave_no_order_are_named_in_the_refusal(shop):
    with pytest.raises(errors.ShindanError, match="staff 1, test 9") as stop:
        shop.run(SOURCES, exclude=[{"as": "test", "total_at_least_jpy": 1}, {"as": "test", "zero_yen": True}, RULES[0]])
    assert stop.value.code == errors.NOTHING_COMPUTED and "excluded.csv" in stop.value.mend
