"""Who is due: each kind of scenario, day by day."""

import datetime

import pandas as pd
import pytest
from tests.scenarios.conftest import AS_OF, Shop, day, rows, scenario

from shindan import scenarios
from shindan.scenarios import due, hours


def found(shop, made, **lists):
    return rows(due.due(shop.known(**lists), made))


def keys(shop, made, **lists):
    return found(shop, made, **lists).customer_key.tolist()


# -- after the first shipment ---------------------------------------------------------------------
def test_a_step_is_counted_from_the_shipment_not_from_the_order(shop):
    shop.person("a").order("a", 10, shipped=6)       # shipped 12-25: day 7 is 1 January
    shop.person("b").order("b", 6, shipped=None)     # not told: 12-25 + 2 days, flagged
    got = found(shop, scenario("first_shipment", day=7))
    assert got[["customer_key", "base_date", "send_on", "is_estimated"]].values.tolist() == [
        ["a", day(6), datetime.date(2026, 1, 1), False], ["b", day(4), datetime.date(2026, 1, 3), True]]


@pytest.mark.parametrize(("shipped", "is_due", "is_late"), [
    (6, True, False), (0, True, False), (7, True, True), (8, True, True), (9, False, False)])
def test_a_missed_day_is_made_good_for_some_days(shop, shipped, is_due, is_late):
    shop.person("a").order("a", shipped, shipped=shipped)
    got = found(shop, scenario("first_shipment", day=7, catch_up_days=2))
    assert len(got) == is_due
    if is_due:
        assert got.is_late[0] == is_late and got.send_on[0] == max(got.due_date[0], datetime.date(2026, 1, 1))


def test_only_the_first_order_counts_and_a_returned_one_is_one(shop):
    shop.person("a").order("a", 40, shipped=38).order("a", 6, shipped=6)
    shop.person("b").order("b", 6, shipped=6, status="returned")
    shop.person("c").order("c", 6, shipped=6, status="cancelled")
    assert keys(shop, scenario("first_shipment", day=7)) == ["b"]


def test_staff_and_test_accounts_are_on_no_list(shop):
    shop.person("a", is_staff=True).order("a", 6, shipped=6)
    shop.person("b", is_wholesale=True).order("b", 6, shipped=6)
    assert keys(shop, scenario("first_shipment", day=7)) == []
    assert keys(shop, scenario("rank", rank="regular")) == []


# -- silent ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("as_of", "last", "is_silent"), [
    (datetime.date(2025, 12, 31), datetime.date(2024, 12, 31), True),     # 365 days
    (datetime.date(2025, 12, 31), datetime.date(2025, 1, 1), False),      # 364
    (datetime.date(2025, 2, 28), datetime.date(2024, 2, 29), True),       # 365, over a leap day's end
    (datetime.date(2025, 2, 28), datetime.date(2024, 3, 1), False),       # 364
    (datetime.date(2024, 2, 29), datetime.date(2023, 3, 1), True),        # 365 to a leap day
    (datetime.date(2025, 2, 27), datetime.date(2024, 2, 29), False),      # 364: a year less two days on the calendar
])
def test_dormant_from_365_days_on(as_of, last, is_silent):
    shop = Shop(as_of).person("a").order("a", (as_of - last).days)
    assert keys(shop, scenario("past_rank", rank="regular", days=365)) == ["a"] * is_silent
    assert keys(shop, scenario("rank", rank="dormant")) == ["a"] * is_silent


def test_dormant_customers_keep_the_rank_they_left_with(shop):
    shop.person("a")
    for ago in (700, 600, 500, 450):                 # four purchases in the year before the last
        shop.order("a", ago)
    shop.person("b").order("b", 450)
    shop.person("c").order("c", 480).order("c", 440)
    made = {rank: keys(shop, scenario("past_rank", rank=rank, days=365)) for rank in ("premium", "semi_premium", "regular")}
    assert made == {"premium": ["a"], "semi_premium": ["c"], "regular": ["b"]}


# -- products ----------------------------------------------------------------------------------------
def test_nothing_owned_is_offered_nor_a_sister_nor_what_is_no_longer_sold(shop):
    shop.person("a").order("a", 30, "A")
    for number in range(5):                          # B sells best, then C; D is no longer sold
        shop.person(f"s{number}").order(f"s{number}", 20, "B").order(f"s{number}", 20, "D" if number else "C")
    shop.rows["orders"] = [{**o, "order_date": day(120)} if line["sku"] == "D" else o for o, line in
                           zip(shop.rows["orders"], shop.rows["order_lines"], strict=True)]
    made = scenario("cross_sell", days=365)
    assert found(shop, made).set_index("customer_key").sku["a"] == "B"
    assert found(shop, made, families={"f": ("A", "B")}).set_index("customer_key").sku["a"] == "C"
    assert found(shop, made, not_offered=("B",)).set_index("customer_key").sku["a"] == "C"
    assert "D" not in set(found(shop, made).sku)


def test_a_cart_that_became_an_order_is_no_abandoned_cart(shop):
    at = datetime.datetime.combine(day(1), datetime.time(9))
    for key in "abc":
        shop.person(key).add("events", event_at=at, event="add_to_cart", customer_key=key, sku="A", visitor_id=key)
    shop.add("events", event_at=at + datetime.timedelta(minutes=5), event="purchase", customer_key="b", visitor_id="b")
    shop.order("c", 1, "A")
    got = found(shop, scenario("cart", day=1, catch_up_days=6))
    assert got[["customer_key", "sku", "product_name", "send_on"]].values.tolist() == [
        ["a", "A", "Product A", datetime.date(2026, 1, 1)]]


def test_what_runs_out_is_announced_before_it_does(shop):
    for number in range(30):                         # everybody buys A again after 40 days
        shop.person(f"c{number}").order(f"c{number}", 500, "A").order(f"c{number}", 460, "A").order(f"c{number}", 420, "A")
    shop.person("x").order("x", 35, "A")             # runs out on 5 January; three days before: 2 January
    got = found(shop, scenario("runs_out", day=-3)).set_index("customer_key")
    assert got.send_on.to_dict() == {"x": datetime.date(2026, 1, 2)} and got.sku["x"] == "A"


# -- who they are ------------------------------------------------------------------------------------
def test_list_price_sale_birthday_and_new_premium(shop):
    shop.person("full", birth_month=1).order("full", 10, "A")
    shop.person("sale", birth_month=2).order("sale", 10, "A")
    shop.rows["order_lines"][-1]["line_discount_jpy"] = 500
    shop.person("both").order("both", 50, "A").order("both", 10, "A")
    shop.rows["order_lines"][-1]["line_discount_jpy"] = 500
    assert keys(shop, scenario("list_price", days=365)) == ["full"]
    assert keys(shop, scenario("sale", days=365)) == ["sale"]
    assert keys(shop, scenario("birthday")) == ["full"]  # the first planned day is 1 January
    for ago in (300, 200):
        shop.order("both", ago)
    assert keys(shop, scenario("became_rank", rank="premium", days=31)) == ["both"]
    shop.order("both", 90).order("both", 80)
    assert keys(shop, scenario("became_rank", rank="premium", days=31)) == []


def test_only_the_latest_answer_makes_a_detractor(shop):
    for key, answers in {"a": [(20, 3)], "b": [(20, 3), (5, 9)], "c": [(5, 7)], "d": [(40, 0)]}.items():
        shop.person(key)
        for ago, score in answers:
            shop.add("nps_responses", response_id=f"{key}{ago}", customer_key=key, score=score,
                     responded_at=datetime.datetime.combine(day(ago), datetime.time(9)))
    assert keys(shop, scenario("detractor", day=1, catch_up_days=30)) == ["a"]


# -- not twice ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("again_days", "ago", "is_due"), [(None, 300, False), (28, 20, False), (28, 27, True)])
def test_who_had_it_waits(shop, again_days, ago, is_due):
    shop.person("a").order("a", 10)
    had = pd.DataFrame([{"list": "it", "campaign_id": "it.2025-12", "customer_key": "a", "arm": "control",
                         "rank": "regular", "send_on": day(ago), "as_of": "2025-12-01"}])
    known = shop.known(earlier=had)
    made = scenario("rank", rank="regular", again_days=again_days)
    assert (len(rows(due.due(known, made))) == 1) == is_due
    assert len(rows(due.due(known, scenario("rank", rank="regular", id="other")))) == 1


# -- morning and night -------------------------------------------------------------------------------
def test_hours_are_shrunk_to_the_shop(shop):
    for number in range(20):
        shop.person(f"n{number}").order(f"n{number}", 10, hour=21)
    shop.person("once").order("once", 10, hour=8)                      # one morning order in a night shop
    shop.person("often")
    for ago in range(10, 90, 10):
        shop.order("often", ago, hour=8)
    got = hours.slots(shop.known().table("purchases")).to_pandas().set_index("customer_key").send_slot
    assert (got["once"], got["often"], got["n0"]) == ("night", "morning", "night")


def test_files_without_times_give_no_hour(shop):
    shop.person("a").order("a", 10, hour=0)
    assert len(hours.slots(shop.known().table("purchases")).to_pandas()) == 0


def test_the_catalogue_says_who_of_everything_and_sql_stays_lazy(shop):
    shop.person("a").order("a", 10)
    known = shop.known()
    from shindan import config

    made = scenarios.load(config.Config(name="x", sources=()))
    assert {s.who for s in made} == set(due.WHO)
    assert [s.day for s in made if s.series == "step"] == [1, 3, 5, 7, 14, 21, 30]
    assert all(list(due.due(known, s).columns) == list(due.ROW) for s in made)
    assert known.first > AS_OF
