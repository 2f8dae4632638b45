"""名寄せ: ids that stand together are one person; only digests leave."""

import re
import stat

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan.intake import identity, presets, recognise, starter
from shindan.intake.contacts import HASHES


def linked(*pairs, columns=("cart_hash", "email_hash"), apart=(), **rules):
    """({id: the id that names its person}, what identity.link found) of rows of texts."""
    frame = pd.DataFrame(pairs, columns=list(columns), dtype="object").reindex(columns=list(HASHES))
    ids = sorted({(identity.KINDS.index(kind), i) for c, kind in HASHES.items() for i in frame[c].dropna()})
    number = {i: n for n, (_, i) in enumerate(ids)}
    pairs = frame.apply(lambda column: column.map(number).fillna(-1).astype("int64"))
    found = identity.link(pairs, np.array([kind for kind, _ in ids], dtype="int8"),
                          apart=[number[i] for i in apart], **rules)
    return {i: ids[found.first[n]][1] for i, n in number.items()}, found


def link(*pairs, **rules):
    return linked(*pairs, **rules)[0]


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
    keys = link(*pairs)
    assert keys == link(*random.sample(pairs, len(pairs)))
    assert all(keys[cart] == keys[mail] for cart, mail in pairs if cart and mail)


def test_orders_of_a_guest_belong_to_the_member_with_that_address(client):
    """Pitfall 13."""
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


def test_nobody_can_be_read_in_work(client):
    """Pitfall 44. Tables are read as tables: their bytes are packed, and would hide a name."""
    client.put("o.csv", "order_no,ordered_at,items_jpy,customer_id,email,name,kana,phone,postal_code,product_name\n"
                        "1,2024-01-05,100,kaiin-7,taro@example.jp,見本太郎,ミホンタロウ,090-1111-2222,150-0001,青汁\n"
                        "2,2024-01-32,100,kaiin-7,taro@example.jp,見本太郎,ミホンタロウ,090-1111-2222,150-0001,青汁\n")
    client.run([{"path": "o.csv", "preset": "generic_orders"}], max_reject_share=0.6)
    files = [f for f in client.folder.work.rglob("*") if f.is_file() and f.parent.name != "private"]
    read = {f: pd.read_parquet(f).to_csv() if f.suffix == ".parquet" else f.read_text("utf-8") for f in files}
    secrets = ("taro", "見本", "ミホン", "0901111", "090-1111", "1500001", "150-0001", "kaiin")
    assert [(f.name, s) for f, text in read.items() for s in secrets if s in text] == []
    assert "青汁" in read[client.folder.tables / "order_lines.parquet"] and client.folder.rejects / "orders.csv" in read


def test_the_key_is_made_once_and_for_its_owner_only(client):
    key = identity.ensure_key(client.folder)
    assert identity.ensure_key(client.folder) == key and len(key) == 64
    assert stat.S_IMODE(client.folder.key_file.stat().st_mode) == 0o600


WITH_PHONES = ("cart_hash", "email_hash", "alias_hash", "kana_hash", "name_hash")


def test_the_same_phone_with_the_same_name_or_reading_is_one_person():
    keys = link(("c1", None, None, "k1", "n1"), (None, "m2", None, "k1", "n2"), (None, "m3", None, None, "n2"),
                (None, "m4", None, "k4", "n4"), columns=WITH_PHONES)
    assert keys["c1"] == keys["m2"] == keys["m3"] == "c1" and keys["m4"] == "m4"


def test_a_cluster_over_the_cap_falls_back_to_ids_and_addresses():
    rows = [(f"c{i}", f"m{i}", None, "k", None) for i in range(6)] + [("c1", "m0", None, None, None)]
    keys, found = linked(*rows, columns=WITH_PHONES, max_ids=5)
    assert keys["c0"] == keys["c1"] == "c0" and keys["c2"] == "c2" and keys["k"] == "k"
    assert len(found.cut) == 6 and set(found.tree.weight) == {identity.WEIGHTS["same_row"]}
    keys, found = linked(*rows, columns=WITH_PHONES, max_ids=12)
    assert len(set(keys.values())) == 1 and len(found.cut) == 0


def test_an_id_set_apart_links_nobody():
    assert len(set(link(("c1", "m1"), ("c2", "m1"), apart=("m1",)).values())) == 3


GUESTS = {"path": "o.csv", "preset": "generic_orders"}
HEAD = "order_no,ordered_at,items_jpy,customer_id,email,phone,name,kana,postal_code\n"


def guests(client, *rows, source=GUESTS, **more):
    """Orders of (customer_id, email, phone, name, kana, postal_code) -> (their customer_keys, facts)."""
    client.put("o.csv", HEAD + "".join(f"{n},2024-01-{n % 28 + 1:02d},1100,{row}\n" for n, row in enumerate(rows)))
    facts = client.run([source], **more)
    keys = client.table("orders").assign(n=lambda t: t.order_no.astype(int)).sort_values("n").customer_key
    return keys.tolist(), facts


def named(client, *rows, **identity):
    """The same rows in the step that finds people, alone -> (their customer_keys, what was found)."""
    told = [[cell or None for cell in row.split(",")] for row in rows]
    frame = pd.DataFrame(told, columns=["customer_id", "email", "phone", "name", "kana", "postal_code"])
    orders, found = client.name(frame.assign(order_no=[str(n) for n in range(len(rows))]), **identity)
    return orders.customer_key.tolist(), found


def test_kana_width_hyphens_and_lost_zeros(client):
    keys, found = named(
        client, ",,090-1234-5670,山田 太郎,ヤマダ　タロウ,", ",,９０１２３４５６７０,山田太郎,ﾔﾏﾀﾞﾀﾛｳ,",
        ",,+81 90−1234ー5670,山田たろう,やまだ たろう,", ",,090-1234-5670,山田 花子,ヤマダ ハナコ,")
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert found["people"] == 2


def test_old_forms_of_a_name_are_the_same_name(client):
    keys, _ = named(client, ",,03-9876-5432,髙﨑 斉,,", ",,0398765432,高崎齊,,")
    assert keys[0] == keys[1]


def test_dummy_phones_link_nobody(client):
    phones = ["000-0000-0000", "0000000000", "1111111111", "090-0000-0000", "03-1234", "1.23E+12"]
    keys, found = named(client, *(f"{n},,{phone},山田太郎,ヤマダタロウ," for i, phone in enumerate(phones) for n in (2 * i, 2 * i + 1)))
    assert len(set(keys)) == 2 * len(phones)
    assert found["links"] == {"same_row": 0, "phone_and_kana": 0, "phone_and_name": 0}


def test_dummy_and_deleted_addresses_link_nobody(client):
    mails = ["noreply@example.jp", "no-reply@x.jp", "test@x.jp", "deleted_12@x.jp", "退会@x.jp", "dummy@dummy.jp",
             "shop@myshop.jp", "uketsuke@MYSHOP.jp"]
    rows = [f"{who},{mail},,,," for i, mail in enumerate(mails) for who in (2 * i + 1, 2 * i + 2, "")]
    keys, found = named(client, *rows, own_domains=["myshop.jp"])
    members, others = [k for i, k in enumerate(keys) if i % 3 < 2], keys[2::3]
    assert len(set(members)) == len(members) and all(pd.isna(k) for k in others)
    assert found["never"] == {"dummy_email": 12, "own_address": 6, "withdrawn": 6}


def test_an_address_for_everybody_who_phones_links_nobody(client):
    rows = [f",orders@shop.jp,03-3333-{n:04d},客{n % 5},キャク{n % 5}," for n in range(12)]
    keys, found = named(client, *rows)
    assert found["shared_addresses"] == 1 and len(set(keys)) == 12
    keys, found = named(client, *rows, shared_orders=12)
    assert found["shared_addresses"] == 0 and len(set(keys)) == 1


def test_masked_addresses_mean_somebody_only_in_their_mall(client):
    mask = "abc123@pc.fw.rakuten.ne.jp"
    client.put("a.csv", HEAD + f"1,2024-01-05,100,,{mask},,,,\n")
    client.put("b.csv", HEAD + f"2,2024-01-06,100,,{mask},,,,\n3,2024-01-07,100,,{mask},,,,\n")
    facts = client.run([{"path": f"{s}.csv", "preset": "generic_orders", "shop": s} for s in "ab"])
    keys = client.table("orders").set_index("order_no").customer_key
    assert keys["1"] != keys["2"] == keys["3"]
    assert (facts["identity"]["masked_addresses"], facts["identity"]["emails"]) == (2, 0)


def test_one_customer_of_two_shops(client):
    for shop, no in (("a", 1), ("b", 2)):
        client.put(f"{shop}.csv", HEAD + f"{no},2024-01-05,100,7,Taro@x.jp,,,,\n")
    facts = client.run([{"path": f"{s}.csv", "preset": "generic_orders", "shop": s} for s in "ab"])
    assert client.table("orders").customer_key.nunique() == 1
    assert facts["identity"]["people_in_several_shops"] == 1
    assert facts["identity"]["links"] == {"same_row": 2, "phone_and_kana": 0, "phone_and_name": 0}


def test_two_kinds_of_numbers_of_one_shop(client):
    client.put("a.csv", HEAD + "1,2024-01-05,100,7,,,,,\n")
    client.put("b.csv", HEAD + "2,2024-01-05,100,7,,,,,\n")
    sources = [{"path": "a.csv", "preset": "generic_orders"},
               {"path": "b.csv", "preset": "generic_orders", "options": {"id_kind": "old"}}]
    client.run(sources)
    assert client.table("orders").customer_key.nunique() == 2


def test_merges_are_logged_and_doubtful_people_listed(client):
    keys, facts = guests(
        client, "7,a@x.jp,,,,", "8,a@x.jp,,,,", ",yamada.taro@one.jp,,山田太郎,,100-0001",
        ",yamadataro@one.jp,,山田 太郎,,1000001", ",someone@else.jp,,山田太郎,,100-0001", ",other@else.jp,,鈴木一,,100-0001")
    folder = client.folder.work / "identity"
    log, suspects = (pd.read_parquet(folder / f"{n}.parquet") for n in ("merges", "suspects"))
    assert log.customer_key.unique().tolist() == [keys[0]] and len(log) == 2
    assert facts["identity"]["suspects"] == {"same_name_and_postcode": 1, "similar_email": 1}
    alike = suspects[suspects.rule == "same_name_and_postcode"]
    assert set(alike.customer_key) == set(keys[2:5]) and sorted(alike.source_row) == [4, 5, 6]
    for file in client.folder.work.rglob("*"):
        assert file.is_dir() or file.parent.name == "private" or "山田".encode() not in file.read_bytes()
    before = pd.read_parquet(folder / "unmerged.parquet").set_index("order_id").customer_key
    assert before["main:0"] != before["main:1"] and keys[0] in (before["main:0"], before["main:1"])
    assert facts["identity"]["sizes"][:2] == [["1", 4], ["2", 1]]


def test_a_doubtful_person_is_shown_where_they_are_first_told_of(client):
    named(client, *[",taro.yamada@one.jp,,山田太郎,,100-0001"] * 12, ",t.aroyamada@one.jp,,山田太郎,,100-0001")
    suspects = pd.read_parquet(client.folder.work / "identity" / "suspects.parquet")
    for _, alike in suspects.groupby("rule"):
        assert sorted(alike.source_row) == [2, 14]


def test_a_withdrawn_members_address_links_nobody(client):
    """Pitfall 38. Members who left, then what a cart writes over the address of who left."""
    pairs = {"a@x.jp": "1", "deleted_1@x.jp": "", "退会@x.jp": ""}
    people = [(2 * n + turn, mail, left if turn == 0 else "0")
              for n, (mail, left) in enumerate(pairs.items(), start=1) for turn in (0, 1)]
    client.put("c.csv", "customer_id,email,is_withdrawn\n" + "".join(f"{who},{mail},{left}\n" for who, mail, left in people))
    client.put("o.csv", HEAD + "".join(f"{who},2024-01-05,100,{who},,,,,\n" for who, *_ in people))
    client.run([GUESTS, {"path": "c.csv", "preset": "generic_customers"}])
    assert client.table("orders").customer_key.nunique() == len(people) == 6


def test_the_order_of_rows_changes_no_person(client):
    rows = [f"{n % 4 or ''},m{n % 3}@x.jp,090-9999-12{n:02d},名{n % 2},ナ{n % 2}," for n in range(10)]
    keys, found = named(client, *rows)
    turned, again = named(client, *reversed(rows))
    assert turned[::-1] == keys and again == found


RECEIVED = ("注文番号,注文日,お届け先氏名,お届け先フリガナ,送付先電話番号,配送先メールアドレス,届け先郵便番号,小計,会員番号,"
            "氏名,フリガナ,電話番号,メールアドレス,郵便番号\n"
            "1,2024-01-05,見本花子,ミホンハナコ,090-1111-2222,h@example.jp,150-0001,1100,7,甲一,コウイチ,03-1111-0001,a@example.jp,100-0001\n"
            "2,2024-01-06,見本花子,ミホンハナコ,090-1111-2222,h@example.jp,150-0001,1100,,乙二,オツジ,03-1111-0002,b@example.jp,100-0002\n")


def test_who_pays_is_the_customer_whoever_receives(client):
    """Pitfall 11: Two people send to one person, whose columns stand first: they are two, and the receiver is nobody."""
    client.put("o.csv", RECEIVED)
    (source,), _ = starter.suggest(recognise.look(client.folder))
    facts = client.run([source])
    assert client.table("orders").customer_key.nunique() == facts["identity"]["people"] == 2
    assert facts["identity"]["emails"] == 2 and facts["identity"]["links"]["phone_and_kana"] == 0


def test_no_format_takes_the_receiver_for_the_customer():
    """Pitfall 11."""
    shops = [p for p in map(presets.load, presets.names()) if p.table in ("orders", "customers")]
    read = [c for p in shops for n, f in p.all_fields.items() if n in presets.PERSON for c in f.columns]
    assert len(read) > 50 and [c for c in read if re.search(starter.TO_WHOM, c, re.I)] == []
