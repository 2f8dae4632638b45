"""Consent: the list of those who opted out wins over a newer member record that never heard of it."""

import pandas as pd
import pytest
from tests.lists.conftest import SOURCES

OUT = {"path": "optout.csv", "preset": "generic_customers"}


@pytest.mark.parametrize(("said", "expected"), [("0", False), ("1", True), ("", True)])
def test_a_no_of_any_source_stands(client, said, expected):
    c = client(sources=[*SOURCES, OUT])
    c.put("customers.csv", ("customer_id", "email", "mail_optin", "registered_at"), [("1001", "a@example.jp", "1", "2025/05/05")])
    c.put("optout.csv", ("customer_id", "email", "mail_optin"), [("m-1", "a@example.jp", said), ("m-2", "z@example.jp", "1")])
    c.make()
    ids = pd.read_parquet(c.folder.work / "private" / "contacts.parquet").set_index("email").customer_key
    people = pd.read_parquet(c.folder.tables / "customers.parquet").set_index("customer_key")
    assert bool(people.mail_optin[ids["a@example.jp"]]) is expected


def test_who_says_yes_again_in_the_same_source_is_heard(client):
    c = client()
    c.put("customers.csv", ("customer_id", "email", "mail_optin", "registered_at"),
          [("1001", "a@example.jp", "0", "2024/05/05"), ("1101", "a@example.jp", "1", "2025/05/05")])
    c.make()
    ids = pd.read_parquet(c.folder.work / "private" / "contacts.parquet").set_index("email").customer_key
    people = pd.read_parquet(c.folder.tables / "customers.parquet").set_index("customer_key")
    assert bool(people.mail_optin[ids["a@example.jp"]]) is True
