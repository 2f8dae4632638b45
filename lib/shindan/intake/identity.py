"""名寄せ: which ids belong to one person, and the pseudonym that stands for them.

Ids that stand together on one row belong to one person; a person is a connected component of ids
(contacts.py says which contacts are ids at all, numbered.py numbers them). 迷ったら統合しない: what
is doubtful does not link and is listed for a human instead (merges.py). A person is named by the
first 16 hex digits of the smallest digest, cart ids before addresses before phones.
"""

import dataclasses
import hashlib
import os
import secrets

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from shindan.intake import contacts
from shindan.intake.contacts import CART, HASHES, PHONE

DEMO_KEY = "shindan-demo-shop-without-secrets"
SAME_ROW, KANA, NAME = "same_row", "phone_and_kana", "phone_and_name"
WEIGHTS = {SAME_ROW: 1, KANA: 2, NAME: 3}
RULES = {weight: rule for rule, weight in WEIGHTS.items()}
STEPS = 4               # more than the largest weight
MAX_IDS = 10
KEY_LENGTH = 16         # hex digits of a person's name
KINDS = tuple(dict.fromkeys(HASHES.values()))


def ensure_key(folder):
    """The client's secret: made once, readable by its owner only. The demo's is the same everywhere."""
    file = folder.key_file
    if not file.is_file():
        key = DEMO_KEY if folder.client == "demo" else secrets.token_hex(32)
        part = file.with_name(f".{file.name}.part")  # a key is there whole or not at all
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(key + "\n")
        part.replace(file)
    return file.read_text("utf-8").strip()


def digest(key, id_type, value):
    """The salted digest of one normalised id (`value` of a cart id is "shop:id")."""
    return hashlib.sha256(f"{key}:{id_type}:{value}".encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Linked:
    """Who the ids are. An id is a number here: cart ids first, then addresses, then phones."""

    first: np.ndarray       # of each id: the smallest id of its person, which names them
    weight: np.ndarray      # of each id: its strongest link (WEIGHTS), 0 where it stands alone
    tree: pd.DataFrame      # left, right, weight: the strongest links that hold everybody together
    cut: np.ndarray         # those who name a person that was larger than allowed


def link(pairs, kinds, max_ids=MAX_IDS, apart=()):
    """Linked: the connected components of ids that stand on one row.

    `pairs`: one row per combination met, a column per HASHES, -1 where there is no id. `kinds`: of
    each id the place of its type in KINDS, ascending. People with more than `max_ids` cart ids and
    addresses hold together without their phone links only. `apart`: ids that link nobody.
    """
    size = len(kinds)
    edges = _edges(pairs, np.asarray(apart, dtype="int64"), size)
    person = _components(edges, size)
    strong = kinds != KINDS.index(PHONE)
    too_big = np.bincount(person, weights=strong, minlength=size)[person] > max_ids
    weak = (edges.weight > 1) & (strong[edges.left] | strong[edges.right])
    held = edges[~(weak & too_big[edges.left])]
    person = _components(held, size) if len(held) < len(edges) else person
    first = np.unique(person, return_index=True)[1][person] if size else np.empty(0, "int64")
    tree = _tree(held, size)
    return Linked(first, _strongest(tree, size), tree, np.unique(first[too_big]))


def _edges(pairs, apart, size):
    """One row per pair of ids that stand on one row: left, right, weight (of several rules the strongest)."""
    strong = ["cart_hash", "email_hash", "alias_hash"]
    links = [(a, b, SAME_ROW) for i, a in enumerate(strong) for b in strong[i + 1:]]
    links += [(a, b, rule) for a in strong for b, rule in (("kana_hash", KANA), ("name_hash", NAME))]
    links.append(("kana_hash", "name_hash", KANA))
    met = np.unique(np.concatenate([_met(pairs, a, b, size) * STEPS + WEIGHTS[rule] for a, b, rule in links]))
    both, place = np.unique(met // STEPS, return_index=True)
    edges = pd.DataFrame({"left": (both // size).astype("int32"), "right": (both % size).astype("int32"),
                          "weight": (met[place] % STEPS).astype("int8")})
    alone = edges.left.isin(apart) | edges.right.isin(apart)
    return edges[~alone].reset_index(drop=True)


def _met(pairs, a, b, size):
    """The pairs of an id in column `a` and one in `b`, each as one number (numpy)."""
    both = (pairs[a] >= 0) & (pairs[b] >= 0)
    return np.unique(pairs.loc[both, a].to_numpy() * size + pairs.loc[both, b].to_numpy())


def _graph(edges, size):
    return csr_matrix((edges.weight, (edges.left, edges.right)), shape=(size, size))


def _components(edges, size):
    return connected_components(_graph(edges, size), directed=False)[1]


def _tree(edges, size):
    tree = minimum_spanning_tree(_graph(edges, size)).tocoo()
    found = pd.DataFrame({"left": tree.row, "right": tree.col, "weight": tree.data.astype("int8")})
    return found.sort_values(["left", "right"], ignore_index=True)


def _strongest(tree, size):
    best = np.full(size, np.iinfo("int8").max, dtype="int8")
    np.minimum.at(best, tree.left, tree.weight)
    np.minimum.at(best, tree.right, tree.weight)
    return np.where(best == np.iinfo("int8").max, 0, best).astype("int8")


def facts(kinds, first):
    """What linking found: counts of ids and people, and people with more than one cart id.

    "ids" are the cart ids and e-mail addresses; masked addresses and phones stand beside them.
    """
    n = dict(zip(KINDS, np.bincount(kinds, minlength=len(KINDS)).tolist(), strict=True))
    people = np.unique(first)
    carts = np.unique(first[kinds == KINDS.index(CART)], return_counts=True)[1]
    return {"ids": n[CART] + n[contacts.EMAIL], "people": len(people),
            "cart_ids": n[CART], "emails": n[contacts.EMAIL],
            "masked_addresses": n[contacts.ALIAS], "phones": n[PHONE],
            "people_with_several_cart_ids": int((carts > 1).sum()),
            "people_without_cart_id": len(people) - len(carts)}


def kinds(inputs):
    """{source number: kind} of the sources that say `options: {id_kind: …}`.

    A shop that exports two kinds of customer numbers: equal numbers of two kinds are two people.
    """
    return {i.number: i.preset.options["id_kind"] for i in inputs if "id_kind" in i.preset.options}
