"""The bridge by shop and month, what the data covers, and whether the months agree with the client's own books."""

import pandas as pd
import pytest

from shindan import config, errors
from shindan.intake import agreement

SHOP = {"path": "o*.csv", "preset": "generic_orders"}
HEAD = "order_no,ordered_at,items_jpy,customer_id,email,status,shipping_jpy\n"
FIRST = ("1,2024-01-05,1100,a,,valid,500", "2,2024-01-20,2200,b,,valid,0", "3,2024-02-20,3300,c,,valid,0",
         "4,2024-02-10,4400,a,,cancelled,0")


def run(client, *rows, sources=(SHOP,), **more):
    client.put("o.csv", HEAD + "\n".join(rows) + "\n")
    return client.run(list(sources), **more)


def test_every_month_and_shop_has_a_bridge_that_closes(client):
    other = {"path": "p.csv", "preset": "generic_orders", "shop": "mall"}
    client.put("p.csv", HEAD + "1,2024-01-09,990,m,,valid,0\n")
    facts = run(client, *FIRST, sources=(SHOP, other))
    months = {(m["shop"], m["month"]): m for m in facts["bridge_months"]}
    assert set(months) == {("main", "2024-01"), ("main", "2024-02"), ("mall", "2024-01")}
    assert months["main", "2024-01"]["gross"] == 3800 and months["main", "2024-02"]["cancelled"] == -4400
    assert months["main", "2024-01"]["billed"] == 3800 and months["main", "2024-02"]["billed"] == 3300
    steps = [name for name, _ in facts["bridge"][:-1]]
    for month in months.values():
        assert sum(month[s] for s in steps) == month["revenue"]
    for step, yen in facts["bridge"]:
        assert sum(m[step] for m in months.values()) == yen
    february = months["main", "2024-02"]
    assert (february["n_orders"], february["n_kept"], february["n_customers"], february["n_cancelled"]) == (2, 1, 1, 1)


def test_orders_after_as_of_have_rows_of_their_own(client):
    facts = run(client, *FIRST, as_of="2024-02-10", totals=[{"month": "2024-02", "measure": "gross", "jpy": 7700}])
    february = {m["is_later"]: m for m in facts["bridge_months"] if m["month"] == "2024-02"}
    assert (february[False]["gross"], february[False]["cancelled"], february[True]["after_as_of"]) == (4400, -4400, -3300)
    assert facts["totals"][0]["ours_jpy"] == 7700  # the books know no as_of


def test_coverage_by_shop_and_totals_that_agree_with_their_difference(client):
    totals = [{"month": "2024-01", "measure": "gross", "jpy": 3810}, {"month": "2024-02", "measure": "revenue", "jpy": 3000}]
    facts = run(client, *FIRST, totals=totals)
    assert [(t["ours_jpy"], t["difference_jpy"]) for t in facts["totals"]] == [(3800, -10), (3000, 0)]
    (shop,) = facts["coverage"]
    assert (shop["first"], shop["last"], shop["months"], shop["orders"]) == ("2024-01-05", "2024-02-20", 2, 4)
    assert shop["gaps"] == [["2024-01-06", "2024-01-19", 14], ["2024-01-21", "2024-02-09", 20],
                            ["2024-02-11", "2024-02-19", 9]]


MONTHS = pd.DataFrame([("main", "2024-01", 3800, 3800, 3000)], columns=["shop", "month", "gross", "billed", "revenue"])


@pytest.mark.parametrize("total", [
    {"month": "2024-01", "measure": "billed", "jpy": 4000}, {"month": "2024-01", "measure": "gross", "jpy": 3820},
    {"month": "2024-03", "measure": "gross", "jpy": 1}, {"month": "2024-01", "shop": "mall", "measure": "gross", "jpy": 5}])
def test_totals_that_do_not_agree_stop(total):
    with pytest.raises(errors.ShindanError) as stop:
        agreement.totals(MONTHS, [config.Total(**total)])
    assert stop.value.code == errors.INPUT_INVALID
    for said in (total["month"], total.get("shop", "main"), total["measure"], f"{total['jpy']:,}", "difference"):
        assert said in str(stop.value)


def test_totals_that_do_not_agree_leave_no_trace(client):
    with pytest.raises(errors.ShindanError, match="2024-01"):
        run(client, *FIRST, totals=[{"month": "2024-01", "measure": "billed", "jpy": 4000}])
    assert not (client.folder.tables / "facts.json").exists()


def test_a_total_of_a_month_that_is_no_month(client):
    with pytest.raises(errors.ShindanError) as stop:
        client.settings([SHOP], totals=[{"month": "2024-13", "measure": "gross", "jpy": 1}])
    assert stop.value.code == errors.BAD_CONFIG and "totals" in stop.value.where
