"""Customer exports: who they are, and the orders they belong to."""

from tests.intake.formats.kinds import file_of
from tests.intake.formats.sheet import write
from tests.intake.formats.shop import PEOPLE


def eccube4():
    return write("eccube4_customer", [{
        "会員ID": n, "お名前(姓)": p.surname, "お名前(名)": p.given, "お名前(セイ)": p.surname_kana, "お名前(メイ)": p.given_kana,
        "メールアドレス": p.email, "TEL": p.phone, "都道府県(名称)": "東京都", "性別(名称)": "女性", "誕生日": "1980-03-04 00:00:00",
        "購入回数": 2, "会員ステータス(名称)": "退会" if n == 5 else "本会員", "登録日": "2023-12-31 10:00:00",
    } for n, p in PEOPLE.items()], newline="\n")


def eccube2():
    return write("eccube2_customer", [{
        "会員ID": n, "お名前(姓)": p.surname, "お名前(名)": p.given, "お名前(フリガナ・姓)": p.surname_kana,
        "お名前(フリガナ・名)": p.given_kana, "E-MAIL": p.email, "都道府県": "大阪府", "性別": 1, "誕生日": "1980-03-04",
        "購入回数": 2, "登録日": "2011-12-31 10:00:00",
    } for n, p in PEOPLE.items()])


def shopify():
    return write("shopify_customers", [{
        "Customer ID": f"'55{n}", "First Name": p.given, "Last Name": p.surname, "Email": p.email.upper(),
        "Accepts Email Marketing": "yes" if n == 1 else "no", "Default Address Zip": f"'{p.postcode}",
        "Phone": f"'+81{p.phone[1:].replace('-', '')}", "Total Orders": 3, "Total Spent": "9900",
    } for n, p in PEOPLE.items()], "utf-8", "\n")


def test_members_of_ec_cube_4_and_their_orders(client):
    client.put("order_1.csv", file_of("eccube4"))
    client.put("customer.csv", eccube4())
    client.run([{"path": "order_1.csv", "preset": "eccube4_order"}, {"path": "customer.csv", "preset": "eccube4_customer"}])
    people = client.table("customers")
    assert len(people) == len(PEOPLE)
    assert set(people.prefecture) == {"東京都"} and set(people.birth_year) == {1980} and set(people.sex) == {"female"}
    assert people.is_withdrawn.sum() == 1 and str(people.registered_at[0]) == "2023-12-31 10:00:00"
    assert (people.lifetime_orders_reported == 2).all()


def test_members_of_ec_cube_2(client):
    client.put("o.csv", file_of("eccube2"))
    client.put("c.csv", eccube2())
    client.run([{"path": "o.csv", "preset": "eccube2_order"}, {"path": "c.csv", "preset": "eccube2_customer"}])
    people = client.table("customers")
    assert len(people) == len(PEOPLE) and set(people.sex) == {"male"} and set(people.birth_month) == {3}


def test_customers_of_shopify_meet_their_orders_by_address(client):
    client.put("o.csv", file_of("shopify"))
    client.put("c.csv", shopify())
    client.run([{"path": "o.csv", "preset": "shopify_orders"}, {"path": "c.csv", "preset": "shopify_customers"}])
    people = client.table("customers")
    assert len(people) == len(PEOPLE) and people.mail_optin.sum() == 1
    assert (people.lifetime_orders_reported == 3).all()


def test_a_customer_without_id_and_address_is_nobody(client):
    client.put("o.csv", file_of("shopify"))
    rows = shopify().decode() + "," * 20 + "\n"
    client.put("c.csv", rows.replace("'551,", ",", 1).replace(",,,,,,,,,,,,,,,,,,,,", ",x,,,,,,,,,,,,,,,,,,,"))
    client.run([{"path": "o.csv", "preset": "shopify_orders"}, {"path": "c.csv", "preset": "shopify_customers"}],
               max_reject_share=0.5)
    assert client.report().rows_rejected["c.csv"] == 1
    assert "c.csv,7,Customer ID,empty" in (client.folder.rejects / "customers.csv").read_text()


def test_the_sexes_of_a_sheet_are_read_in_any_words_and_others_are_named(client):
    client.put("o.csv", file_of("eccube4"))
    says = ["女性", "男", "Ｆ", "不明", "", "?"]
    client.put("c.csv", "customer_id,sex\n" + "".join(f"90{n},{word}\n" for n, word in enumerate(says)))
    client.run([{"path": "o.csv", "preset": "eccube4_order"}, {"path": "c.csv", "preset": "generic_customers"}], max_reject_share=0.5)
    assert client.table("customers").sex.value_counts().to_dict() == {"female": 2, "male": 1, "other": 1}
    assert "c.csv,7,sex,not_mapped" in (client.folder.rejects / "customers.csv").read_text()
