"""Which files may be read: no copies, nothing from outside the client's folder, no minus that adds."""

import os

import pytest

from shindan import errors
from shindan.intake import recognise

ORDERS = {"path": "o*.csv", "preset": "generic_orders"}
HEAD = "order_no,ordered_at,items_jpy,customer_id\n"


def test_two_files_of_the_same_bytes_are_refused_by_name(client):
    client.put("o1.csv", HEAD + "1,2024-01-05,1100,a\n")
    client.put("c1.csv", "cost_date,media_cost_jpy,acq_channel\n2024-01-01,1000,x\n")
    client.put("c2.csv", "cost_date,media_cost_jpy,acq_channel\n2024-01-01,1000,x\n")
    costs = {"path": "c*.csv", "preset": "generic_ad_costs"}
    with pytest.raises(errors.ShindanError, match="`c1.csv` and `c2.csv`") as stop:
        client.run([ORDERS, costs])
    assert stop.value.code == errors.INPUT_INVALID
    client.run([ORDERS, {**costs, "path": "c1.csv"}])
    assert client.table("ad_costs").media_cost_jpy.sum() == 1000


def test_days_without_an_order_may_look_alike(client):
    client.put("o1.csv", HEAD + "1,2024-01-05,1100,a\n")
    for day in (2, 3):
        client.put(f"o{day}.csv", HEAD)
    assert len(client.conform(ORDERS).rows) == 1


@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_link_out_of_the_clients_folder_is_refused(client, target):
    client.put("o1.csv", HEAD + "1,2024-01-05,1100,a\n")
    other = client.root / "other" / "raw"
    other.mkdir(parents=True)
    (other / "o9.csv").write_text(HEAD + "9,2024-01-05,1100,somebody else\n", "utf-8")
    os.symlink(other if target == "folder" else other / "o9.csv", client.folder.raw / "o2.csv")
    for read in (lambda: client.run([ORDERS]), lambda: recognise.look(client.folder)):
        with pytest.raises(errors.ShindanError, match=r"leaves the client's folder") as stop:
            read()
        assert stop.value.where.endswith("raw/o2.csv")


def test_a_refund_counts_whatever_its_sign_and_a_discount_must_have_none(client):
    client.put("o1.csv", "order_no,ordered_at,items_jpy,customer_id,refund_jpy\n"
                         "1,2024-01-05,1100,a,-550\n2,2024-01-05,1100,b,550\n")
    assert client.price(ORDERS, money={"basis": "tax_included"}).orders.revenue_jpy.tolist() == [550, 550]
    client.put("o1.csv", "order_no,ordered_at,items_jpy,customer_id,値引\n1,2024-01-05,1100,a,-100\n")
    source = {**ORDERS, "columns": {"discount_shop_jpy": "値引"}}
    with pytest.raises(errors.ShindanError, match="below zero") as stop:
        client.conform(source)
    assert "row 2, column `値引`" in stop.value.where
    found = client.price({**ORDERS, "columns": {"discount_shop_jpy": {"from": "値引", "absolute": True}}},
                         money={"basis": "tax_included"})
    assert found.orders.revenue_jpy.tolist() == [1000]
