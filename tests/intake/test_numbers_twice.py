"""One order number for two orders: of another shop, or of another year. None may be lost without a word."""

import pytest

from shindan import errors

HEAD = "order_no,ordered_at,items_jpy,customer_id\n"
OLD = HEAD + "1,2024-01-05,1100,7\n2,2024-02-05,2200,8\n"
NEW = HEAD + "1,2025-01-09,3300,9\n3,2025-02-05,1200,8\n"
BOTH = [{"path": "a.csv", "preset": "generic_orders"}, {"path": "b.csv", "preset": "generic_orders"}]


@pytest.mark.parametrize("sources", [BOTH, [{"path": "*.csv", "preset": "generic_orders"}]])
def test_in_two_files_it_stops_with_both_places(client, sources):
    client.put("a.csv", OLD), client.put("b.csv", NEW)
    with pytest.raises(errors.ShindanError, match="1 order numbers") as stop:
        client.price(*sources)
    assert stop.value.code == errors.INPUT_INVALID and stop.value.where == "raw/a.csv, row 2, and raw/b.csv, row 2"
    assert "`shop:`" in stop.value.mend and "join" in stop.value.mend


def test_as_it_says_shops_or_days_tell_them_apart(client):
    client.put("a.csv", OLD), client.put("b.csv", NEW)
    assert client.price(BOTH[0], {**BOTH[1], "shop": "mall"}).facts["exports"]["orders"] == 4
    facts = client.run([{**source, "columns": {"order_no": {"join": ["ordered_at", "order_no"]}}} for source in BOTH])
    assert facts["exports"]["orders"] == 4 and dict(facts["bridge"])["gross"] == 7800


def test_in_one_file_its_rows_are_set_aside(client):
    client.put("a.csv", HEAD + "1,2024-01-05,1100,7\n1,2024-05-05,1100,7\n2,2024-05-06,500,8\n")
    with pytest.raises(errors.ShindanError, match="days differ within the order") as stop:
        client.price(BOTH[0])
    assert stop.value.where == "raw/a.csv, row 2, column `order date`"


def test_a_date_mended_in_a_newer_export_is_a_note(client):
    client.put("a.csv", HEAD + "".join(f"{n},2024-01-{n % 28 + 1:02},1100,7\n" for n in range(1, 301)))
    client.put("b.csv", HEAD + "5,2024-03-01,1100,7\n")
    facts = client.run(BOTH)
    assert {"id": "order_days_changed", "orders": 1} in facts["notes"] and facts["exports"]["orders"] == 300


def test_a_night_between_is_one_order(client):
    client.put("a.csv", HEAD + "1,2024-01-05 23:59,1100,7\n1,2024-01-06 00:01,1100,7\n")
    assert client.price(BOTH[0]).facts["exports"]["orders"] == 1
