"""名寄せ: which ids belong to one person, and the pseudonym that stands for them.

Ids are cart ids (one name space a shop) and e-mail addresses. Two ids on one row belong to one
person; a person is a connected component. No id leaves this module in clear text: ids are
SHA-256 digests salted with the client's secret, and a person is named by the first 16 hex digits
of the smallest digest, cart ids before addresses.
"""

import hashlib
import os
import secrets

import ibis
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from shindan.characters import half_width

DEMO_KEY = "shindan-demo-shop-without-secrets"
CART, EMAIL = "cart_id", "email"


def ensure_key(folder):
    """The client's secret: made once, readable by its owner only. The demo's is the same everywhere."""
    file = folder.key_file
    if not file.is_file():
        key = DEMO_KEY if folder.client == "demo" else secrets.token_hex(32)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(key + "\n")
    return file.read_text("utf-8").strip()


def digest(key, id_type, value):
    """The salted digest of one normalised id (`value` of a cart id is "shop:id")."""
    return hashlib.sha256(f"{key}:{id_type}:{value}".encode()).hexdigest()


def digests(rows, key):
    """`rows` (shop, customer_id, email) with cart_hash and email_hash; null where there is no id."""
    cart = half_width(rows.customer_id).strip().nullif("")
    mail = half_width(rows.email).strip().lower().re_replace(r"^mailto:", "").re_replace(r"\.+$", "")
    mail = ibis.cases((mail.contains("@"), mail))
    return rows.mutate(
        cart_hash=(ibis.literal(f"{key}:{CART}:") + rows.shop + ":" + cart).hexdigest("sha256"),
        email_hash=(ibis.literal(f"{key}:{EMAIL}:") + mail).hexdigest("sha256"))


def link(pairs):
    """One row per id: id_type, id_hash, customer_key, link_rule; from distinct (cart_hash, email_hash).

    Connected components over ids that stand together on a row.
    """
    cart, mail = pairs.cart_hash.dropna().unique(), pairs.email_hash.dropna().unique()
    ids = pd.DataFrame({
        "id_type": [CART] * len(cart) + [EMAIL] * len(mail),
        "id_hash": np.concatenate([np.sort(cart.astype(object)), np.sort(mail.astype(object))]),
    }).astype("object")
    place = pd.Series(np.arange(len(ids)), index=pd.Index(ids.id_hash, dtype="object"))
    both = pairs.dropna()
    ends = place.reindex(both.cart_hash).to_numpy(), place.reindex(both.email_hash).to_numpy()
    graph = coo_matrix((np.ones(len(both), bool), ends), shape=(len(ids), len(ids)))
    ids["person"] = connected_components(graph, directed=False)[1]
    # ids stand sorted, cart ids first: the first of a person names it
    first = ids.groupby("person").id_hash.transform("first")
    ids["customer_key"] = first.astype(str).str[:16]
    alone = ids.groupby("person").id_hash.transform("size") == 1
    ids["link_rule"] = np.where(alone, "alone", "same_row")
    return ids.drop(columns="person")


def facts(ids):
    """What linking found: counts of ids and people, and people with more than one cart id."""
    carts = ids[ids.id_type == CART].groupby("customer_key").size()
    return {"ids": len(ids), "people": int(ids.customer_key.nunique()),
            "cart_ids": int(carts.sum()), "emails": int((ids.id_type == EMAIL).sum()),
            "people_with_several_cart_ids": int((carts > 1).sum()),
            "people_without_cart_id": int(ids.customer_key.nunique() - len(carts))}


def resolve(rows, ids, key):
    """`rows` with customer_key: by cart id, else by e-mail, else null."""
    rows = digests(rows, key)
    keys = ids.select("id_hash", "customer_key")
    carts = keys.rename(cart_hash="id_hash", cart_key="customer_key")
    mails = keys.rename(email_hash="id_hash", email_key="customer_key")
    rows = rows.left_join(carts, "cart_hash").drop("cart_hash_right")
    rows = rows.left_join(mails, "email_hash").drop("email_hash_right")
    return rows.mutate(customer_key=ibis.coalesce(rows.cart_key, rows.email_key)).drop(
        "cart_hash", "email_hash", "cart_key", "email_key", "customer_id", "email")
