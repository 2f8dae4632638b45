"""名寄せ: ids that stand together are one person; only digests leave."""

import stat

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan.intake import identity


def link(*pairs):
    frame = pd.DataFrame(pairs, columns=["cart_hash", "email_hash"], dtype="object")
    return identity.link(frame).set_index("id_hash").customer_key.to_dict()


def test_a_chain_of_ids_is_one_person():
    keys = link(("c1", "m1"), ("c2", "m1"), ("c2", "m2"), ("c3", "m3"), (None, "m4"), ("c5", None))
    assert keys["c1"] == keys["c2"] == keys["m1"] == keys["m2"] == "c1"
    assert len(set(keys.values())) == 4 and keys["m4"] == "m4"


def test_no_ids_at_all():
    assert link((None, None)) == {}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["c1", "c2", "c3", "c4", None]),
                          st.sampled_from(["m1", "m2", "m3", None])), max_size=12), st.randoms())
def test_the_order_of_rows_means_nothing(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    assert link(*pairs) == link(*shuffled)
    for cart, mail in pairs:
        if cart and mail:
            assert link(*pairs)[cart] == link(*pairs)[mail]


def test_orders_of_a_guest_belong_to_the_member_with_that_address(client):
    client.put("o.csv", "order_no,ordered_at,items_jpy,customer_id,email\n"
                        "1,2024-01-05,100,7,Taro@Example.jp\n2,2024-01-06,100,,ｔａｒｏ@example.jp \n"
                        "3,2024-01-07,100,,\n")
    facts = client.run([{"path": "o.csv", "preset": "generic_orders"}])
    orders = client.table("orders").set_index("order_no")
    assert orders.customer_key["1"] == orders.customer_key["2"]
    key = identity.ensure_key(client.folder)
    assert orders.customer_key["1"] == identity.digest(key, "cart_id", "main:7")[:16]
    assert pd.isna(orders.customer_key["3"]) and dict(facts["bridge"])["unnamed"] == -100
    assert orders.is_guest.to_dict() == {"1": False, "2": True, "3": True}
    assert facts["identity"]["people"] == 1


def test_no_address_is_left_in_work(client):
    client.put("o.csv", "order_no,ordered_at,items_jpy,customer_id,email\n1,2024-01-05,100,7,taro@example.jp\n")
    client.run([{"path": "o.csv", "preset": "generic_orders"}])
    for file in client.folder.work.rglob("*"):
        assert file.is_dir() or b"taro" not in file.read_bytes()


def test_the_key_is_made_once_and_for_its_owner_only(client):
    key = identity.ensure_key(client.folder)
    assert identity.ensure_key(client.folder) == key and len(key) == 64
    assert stat.S_IMODE(client.folder.key_file.stat().st_mode) == 0o600
