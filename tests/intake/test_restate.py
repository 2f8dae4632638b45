"""What changed since the last run, and whether the months agree with the client's own books."""

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


def test_the_first_run_has_nothing_to_be_held_against(client):
    assert run(client, *FIRST)["restated"] is None


def test_late_cancels_returns_and_orders_are_named_with_their_yen(client):
    run(client, *FIRST)
    again = ("1,2024-01-05,1100,a,,cancelled,500", "2,2024-01-20,2200,b,,returned,0",
             "3,2024-02-20,2200,c,,valid,0", "4,2024-02-10,4400,a,,valid,0", "5,2024-01-31,5500,d,,valid,0",
             "6,2024-03-01,1100,e,,valid,0")
    facts = run(client, *again)["restated"]
    assert facts["last_as_of"] == "2024-02-20"
    january, february = facts["months"]  # March is new, not restated
    assert january == {"month": "2024-01", "before": [2, 3000, 2], "after": [1, 5000, 1],
                       "why": [["late_cancel", 1, -1000], ["late_return", 1, -2000], ["new_orders", 1, 5000]]}
    assert february["why"] == [["newly_counted", 1, 4000], ["amount_changed", 1, -1000]]
    assert february["before"] == [1, 3000, 1] and february["after"] == [2, 6000, 2]
    for month in facts["months"]:
        assert sum(yen for _, _, yen in month["why"]) == month["after"][1] - month["before"][1]


def test_people_who_turned_out_to_be_one(client):
    run(client, *FIRST)
    facts = run(client, "1,2024-01-05,1100,a,x@x.jp,valid,500", "2,2024-01-20,2200,b,x@x.jp,valid,0", *FIRST[2:])
    (month,) = facts["restated"]["months"]
    assert (month["before"], month["after"]) == ([2, 3000, 2], [2, 3000, 1])
    assert [why for why, *_ in month["why"]] == ["people"]


def test_an_order_that_moves_and_one_that_is_gone(client):
    run(client, *FIRST)
    facts = run(client, "1,2024-02-05,1100,a,,valid,500", *FIRST[2:])["restated"]
    assert [(m["month"], [w[0] for w in m["why"]]) for m in facts["months"]] == [
        ("2024-01", ["gone_orders"]), ("2024-02", ["moved"])]


def test_equal_inputs_say_the_same_again(client):
    run(client, *FIRST)
    facts = run(client, *FIRST[:3])
    (client.folder.work / "intake.json").unlink()  # everything is made again
    assert run(client, *FIRST[:3]) == facts
    assert len(list((client.folder.work / "history").glob("*.parquet"))) == 2


def test_only_the_last_runs_are_kept(client, monkeypatch):
    from shindan.intake import restate

    monkeypatch.setattr(restate, "KEPT_RUNS", 2)
    for n in range(3):
        facts = run(client, *FIRST, f"9,2024-01-0{n + 1},1100,z,,valid,0")
    assert len(list((client.folder.work / "history").glob("*.parquet"))) == 2
    assert facts["restated"]["months"] == []


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


def test_coverage_by_shop(client):
    (shop,) = run(client, *FIRST)["coverage"]
    assert (shop["first"], shop["last"], shop["months"], shop["orders"]) == ("2024-01-05", "2024-02-20", 2, 4)
    assert shop["gaps"] == [["2024-01-06", "2024-01-19", 14], ["2024-01-21", "2024-02-09", 20],
                            ["2024-02-11", "2024-02-19", 9]]


def test_totals_that_agree_are_told_with_their_difference(client):
    totals = [{"month": "2024-01", "measure": "gross", "jpy": 3810}, {"month": "2024-02", "measure": "revenue", "jpy": 3000}]
    found = run(client, *FIRST, totals=totals)["totals"]
    assert [(t["ours_jpy"], t["difference_jpy"]) for t in found] == [(3800, -10), (3000, 0)]


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
    assert not (client.folder.work / "history").exists()


def test_a_total_of_a_month_that_is_no_month(client):
    with pytest.raises(errors.ShindanError) as stop:
        client.settings([SHOP], totals=[{"month": "2024-13", "measure": "gross", "jpy": 1}])
    assert stop.value.code == errors.BAD_CONFIG and "totals" in stop.value.where
