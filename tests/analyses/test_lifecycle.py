"""CPM groups and stages of life: every person in exactly one, on both sides of every threshold."""

import datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine
from shindan.analyses import lifecycle, rfm

AS_OF = datetime.date(2025, 12, 31)
RULES = lifecycle.Cpm(young_days=90, premium_days=210, sales_jpy=70_000, away_days=240)


def bought(people):
    """Purchases from {customer: [(days before AS_OF, yen), …]}."""
    rows = [(key, AS_OF - datetime.timedelta(days=ago), yen) for key, list_ in people.items() for ago, yen in list_]
    return pd.DataFrame(rows, columns=["customer_key", "purchase_date", "revenue_jpy"]).astype(
        {"revenue_jpy": "int64"})


def known(keys, **columns):
    """Customers as the canonical table has them; by default registered long ago."""
    rows = pd.DataFrame({"customer_key": list(keys)})
    plain = {"registered_at": pd.Timestamp("2020-01-01"), "first_order_date": None, "is_staff": False,
             "is_test": False, "is_wholesale": False, "is_withdrawn": False, **columns}
    return rows.assign(**plain).astype({"registered_at": "datetime64[us]", "first_order_date": "datetime64[us]"})


CLASSES = [
    ([(0, 90_000)], "first"),                                  # one purchase, however large
    ([(0, 10), (89, 10)], "young"), ([(0, 10), (90, 10)], "steady"),
    ([(0, 90_000), (89, 10)], "young"),                        # sales do not matter while young
    ([(0, 69_990), (90, 9)], "steady"), ([(0, 69_990), (90, 10)], "trend"),
    ([(0, 69_990), (209, 10)], "trend"), ([(0, 69_990), (210, 10)], "premium"),
    ([(0, 10), (900, 10)], "steady")]


def cells(histories):
    """(class, state) of each list of purchases, in order."""
    people = {f"c{i:02}": purchases for i, purchases in enumerate(histories)}
    found = engine.frame(lifecycle.cpm(bought(people), AS_OF, RULES), by=["customer_key"])
    return list(zip(found.cpm_class, found.cpm_state, strict=True))


def test_cpm_class_on_both_sides_of_every_threshold():
    assert cells([purchases for purchases, _ in CLASSES]) == [(group, "active") for _, group in CLASSES]


def test_cpm_state():
    assert cells([[(239, 100)], [(240, 100)], [(900, 100)]]) == [("first", s) for s in ("active", "away", "away")]


def test_cpm_knows_nothing_after_its_day():
    early = AS_OF - datetime.timedelta(days=50)
    row = engine.frame(lifecycle.cpm(bought({"a": [(60, 10), (0, 10)], "b": [(10, 10)]}), early, RULES))
    assert row.customer_key.tolist() == ["a"] and row.cpm_class[0] == "first" and row.recency_days[0] == 10


histories = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(-500, 60_000)), min_size=1, max_size=6), min_size=1, max_size=8)


@settings(max_examples=6, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_cpm_is_a_partition_and_does_not_know_the_order_of_rows(people, random):
    purchases = bought(people)
    table = lifecycle.cpm_table(lifecycle.cpm(purchases, AS_OF))
    assert len(table) == 10 and table.n.sum() == len(people)
    assert table.total_jpy.sum() == purchases.revenue_jpy.sum()
    order = list(range(len(purchases)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(table, lifecycle.cpm_table(lifecycle.cpm(purchases.iloc[order], AS_OF)))


def test_the_printed_rules_put_everybody_where_the_analysis_does():
    """The rules table alone, read as a person would, gives each history one class: the same one."""
    rules = lifecycle.cpm_rules(RULES).set_index("cpm_class")
    lives = [(1, 0, 99_999), (2, 89, 99_999), (3, 90, 69_999), (3, 90, 70_000), (3, 209, 70_000),
             (3, 210, 70_000), (2, 700, 10)]
    read = [[name for name, r in rules.iterrows() if not (
        times < r.min_purchases or times > r.max_purchases or span < r.min_span_days
        or span >= r.below_span_days or total < r.min_total_jpy or total >= r.below_total_jpy)]
        for times, span, total in lives]
    histories = [[(0, total), (span, 0), *[(1, 0)] * (times - 2)][:times] for times, span, total in lives]
    assert read == [[group] for group, _ in cells(histories)]


PEOPLE = {
    "once": [(10, 100)], "once_old": [(364, 100)], "twice": [(10, 100), (300, 100)],
    "premium": [(1, 5), (2, 5), (3, 5), (4, 5)], "asleep": [(365, 100)], "asleep_end": [(729, 100)],
    "lost": [(730, 100)], "resigned": [(1, 100), (9, 100)],
}


def stages(people=PEOPLE, customers=None, as_of=AS_OF):
    purchases = bought(people)
    customers = known(people) if customers is None else customers
    ranked = rfm.rank_as_of(purchases, as_of)
    return engine.frame(lifecycle.stages(ranked, purchases, customers, as_of)).set_index("customer_key")


def test_stages_by_hand():
    customers = known([*PEOPLE, "registered"]).set_index("customer_key")
    customers.loc["resigned", "is_withdrawn"] = True
    assert stages(customers=customers.reset_index()).stage.to_dict() == {
        "once": "new", "once_old": "new", "twice": "regular", "premium": "premium", "asleep": "dormant",
        "asleep_end": "dormant", "lost": "lost", "resigned": "lost", "registered": "prospect"}


def test_who_is_known_on_the_day():
    late = AS_OF + datetime.timedelta(days=1)
    customers = pd.concat([
        known(["registered"]), known(["later"], registered_at=pd.Timestamp(late)),
        known(["ordered"], registered_at=pd.NaT, first_order_date=pd.Timestamp(AS_OF)),
        known(["orders_later"], registered_at=pd.NaT, first_order_date=pd.Timestamp(late)),
        known(["nothing_known"], registered_at=pd.NaT), known(["staff"], is_staff=True),
        known(["trade"], is_wholesale=True), known(["staff_who_buys"], is_staff=True)], ignore_index=True)
    found = stages({"staff_who_buys": [(1, 100)], "not_in_the_books": [(1, 100)]}, customers)
    assert found.stage.to_dict() == {
        "registered": "prospect", "ordered": "prospect", "nothing_known": "prospect",
        "staff_who_buys": "new", "not_in_the_books": "new"}


@settings(max_examples=6, deadline=None)
@given(histories, st.sets(st.sampled_from("abcdefghij"), min_size=1))
def test_stages_are_a_partition(people, registered):
    purchases, customers = bought(people), known(registered)
    found = lifecycle.stages(rfm.rank_as_of(purchases, AS_OF), purchases, customers, AS_OF)
    table = lifecycle.stage_table(found)
    assert table.stage.tolist() == list(lifecycle.STAGES)
    assert table.n.sum() == len(registered | set(people))
    assert table.total_jpy.sum() == purchases.revenue_jpy.sum()


def test_without_anybody():
    none = engine.empty("purchases")
    cpm = lifecycle.cpm_table(lifecycle.cpm(none, AS_OF))
    assert len(cpm) == 10 and cpm.n.sum() == 0 and cpm.people_share.isna().all()
    found = lifecycle.stages(rfm.rank_as_of(none, AS_OF), none, engine.empty("customers"), AS_OF)
    assert lifecycle.stage_table(found).n.tolist() == [0] * 6
