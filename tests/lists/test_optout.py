"""Consent: the list of those who opted out wins over a newer member record that never heard of it."""

import pandas as pd
from tests.lists.conftest import SOURCES

OUT = {"path": "optout.csv", "preset": "generic_customers"}


def test_a_no_of_any_source_stands(client):
    c = client(sources=[*SOURCES, OUT])
    c.put("customers.csv", ("customer_id", "email", "mail_optin", "registered_at"),
          [("1001", "no@example.jp", "1", "2025/05/05"), ("1002", "yes@example.jp", "1", "2025/05/05"),
           ("1003", "blank@example.jp", "1", "2025/05/05")])
    c.put("optout.csv", ("customer_id", "email", "mail_optin"),
          [("m-1", "no@example.jp", "0"), ("m-2", "yes@example.jp", "1"), ("m-3", "blank@example.jp", ""), ("m-4", "z@example.jp", "1")])
    said = opted_in(c)
    assert {mail: said[f"{mail}@example.jp"] for mail in ("no", "yes", "blank")} == {"no": False, "yes": True, "blank": True}


def opted_in(c):
    """{address: mail_optin} of the customers."""
    c.tables()
    ids = pd.read_parquet(c.folder.work / "private" / "contacts.parquet").set_index("email").customer_key
    people = c.table("customers").set_index("customer_key")
    return {mail: bool(people.mail_optin[key]) for mail, key in ids.items() if mail}


def test_who_says_yes_again_in_the_same_source_is_heard(client):
    c = client()
    c.put("customers.csv", ("customer_id", "email", "mail_optin", "registered_at"),
          [("1001", "a@example.jp", "0", "2024/05/05"), ("1101", "a@example.jp", "1", "2025/05/05")])
    assert opted_in(c)["a@example.jp"] is True
