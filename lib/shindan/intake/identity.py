"""名寄せ: which ids belong to one person, and the pseudonym that stands for them.

Ids that stand together on one row belong to one person; a person is a connected component of ids
(contacts.py says which contacts are ids at all). 迷ったら統合しない: what is doubtful does not link
and is listed for a human instead (merges.py). No id leaves this module in clear text: a person is
named by the first 16 hex digits of the smallest digest, cart ids before addresses before phones.
"""

import hashlib
import os
import secrets

import ibis
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from shindan import engine
from shindan.intake import contacts
from shindan.intake.contacts import CART, HASHES, PHONE

DEMO_KEY = "shindan-demo-shop-without-secrets"
SAME_ROW, KANA, NAME = "same_row", "phone_and_kana", "phone_and_name"
WEIGHTS = {SAME_ROW: 1, KANA: 2, NAME: 3}
RULES = {weight: rule for rule, weight in WEIGHTS.items()}
MAX_IDS = 10
KEYS = {"mark": "string", "customer_key": "string", "own_key": "string", "is_stranger": "boolean"}


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


def link(pairs, max_ids=MAX_IDS, apart=()):
    """(ids, tree, cut): who the ids of distinct rows `pairs` (columns of contacts.HASHES) are.

    ids: one row per id: id_type, id_hash, customer_key, link_rule. tree: one row per link that
    holds a person together: left_hash, right_hash, rule. cut: customer_keys of people who would
    have had more than `max_ids` cart ids and addresses; phone links do not hold in them.
    `apart`: id hashes (or their beginnings) that link nobody.
    """
    pairs = pairs.reindex(columns=list(HASHES)).astype("object")
    ids = _ids(pairs)
    edges = _edges(pairs, ids, tuple(apart))
    person = _components(edges, len(ids))
    strong = (ids.id_type != PHONE).to_numpy()
    too_big = np.bincount(person, weights=strong, minlength=len(ids))[person] > max_ids
    weak = (edges.weight > 1) & (strong[edges.left] | strong[edges.right])
    held = edges[~(weak & too_big[edges.left])]
    person = _components(held, len(ids)) if len(held) < len(edges) else person
    # ids stand sorted, cart ids first: the first of a person names it
    first = pd.Series(ids.id_hash.to_numpy()).groupby(person).transform("first")
    ids["customer_key"] = first.astype(str).str[:16].to_numpy()
    tree = _tree(held, ids)
    ids["link_rule"] = _rule_of_each(tree, ids)
    cut = sorted(set(ids.customer_key[too_big]))
    return ids, tree, cut


def _ids(pairs):
    """One row per id, in the order in which ids name people."""
    kinds = dict.fromkeys(HASHES.values())
    parts = [(kind, np.sort(pd.unique(pd.concat([pairs[c] for c, k in HASHES.items() if k == kind]).dropna())
                            .astype(object))) for kind in kinds]
    return pd.DataFrame({"id_type": np.repeat(list(kinds), [len(v) for _, v in parts]),
                         "id_hash": np.concatenate([v for _, v in parts])}).astype("object")


def _edges(pairs, ids, apart):
    """One row per pair of ids that stand on one row: left, right (places in `ids`), weight."""
    place = pd.Series(np.arange(len(ids)), index=pd.Index(ids.id_hash, dtype="object"))
    at = pd.DataFrame({c: place.reindex(pairs[c]).to_numpy() for c in HASHES})
    strong = ["cart_hash", "email_hash", "alias_hash"]
    links = [(a, b, SAME_ROW) for i, a in enumerate(strong) for b in strong[i + 1:]]
    links += [(a, b, rule) for a in strong for b, rule in (("kana_hash", KANA), ("name_hash", NAME))]
    links.append(("kana_hash", "name_hash", KANA))
    parts = [at[[a, b]].dropna().drop_duplicates().set_axis(["left", "right"], axis=1)
             .assign(weight=WEIGHTS[rule]) for a, b, rule in links]
    edges = pd.concat(parts).astype("int64").sort_values(["left", "right", "weight"]).drop_duplicates(["left", "right"])
    if apart:
        alone = ids.id_hash.str.startswith(apart).to_numpy(dtype=bool)
        edges = edges[~(alone[edges.left] | alone[edges.right])]
    return edges


def _graph(edges, size):
    return csr_matrix((edges.weight, (edges.left, edges.right)), shape=(size, size))


def _components(edges, size):
    return connected_components(_graph(edges, size), directed=False)[1]


def _tree(edges, ids):
    """The strongest links that hold everybody together: left_hash, right_hash, rule, customer_key."""
    tree = minimum_spanning_tree(_graph(edges, len(ids))).tocoo()
    found = pd.DataFrame({
        "customer_key": ids.customer_key.to_numpy()[tree.row],
        "left_type": ids.id_type.to_numpy()[tree.row], "left_hash": ids.id_hash.to_numpy()[tree.row],
        "right_type": ids.id_type.to_numpy()[tree.col], "right_hash": ids.id_hash.to_numpy()[tree.col],
        "rule": [RULES[int(w)] for w in tree.data]}, dtype="object")
    return found.sort_values(["customer_key", "left_hash", "right_hash"], ignore_index=True)


def _rule_of_each(tree, ids):
    """An id's strongest link, or "alone"."""
    ends = pd.concat([tree[["left_hash", "rule"]].set_axis(["id_hash", "rule"], axis=1),
                      tree[["right_hash", "rule"]].set_axis(["id_hash", "rule"], axis=1)])
    best = ends.assign(weight=ends.rule.map(WEIGHTS)).groupby("id_hash").weight.min()
    return ids.id_hash.map(best).map(RULES).fillna("alone").astype("object")


def facts(ids):
    """What linking found: counts of ids and people, and people with more than one cart id.

    "ids" are the cart ids and e-mail addresses; masked addresses and phones stand beside them.
    """
    n = ids.id_type.value_counts()
    carts = ids[ids.id_type == CART].groupby("customer_key").size()
    counts = {kind: int(n.get(kind, 0)) for kind in dict.fromkeys(HASHES.values())}
    return {"ids": counts[CART] + counts[contacts.EMAIL], "people": int(ids.customer_key.nunique()),
            "cart_ids": counts[CART], "emails": counts[contacts.EMAIL],
            "masked_addresses": counts[contacts.ALIAS], "phones": counts[PHONE],
            "people_with_several_cart_ids": int((carts > 1).sum()),
            "people_without_cart_id": int(ids.customer_key.nunique() - len(carts))}


def kinds(inputs):
    """{source number: kind} of the sources that say `options: {id_kind: …}`.

    A shop that exports two kinds of customer numbers: equal numbers of two kinds are two people.
    """
    return {i.number: i.preset.options["id_kind"] for i in inputs if "id_kind" in i.preset.options}


def mark(rows):
    """A text that is equal where all ids of two rows are."""
    return ibis.literal("|").join([rows[c].fill_null("") for c in HASHES])


def named(pairs, ids):
    """`pairs` (pandas, columns of HASHES) with customer_key and own_key.

    customer_key: by cart id, else address, else phone and name; else null. own_key: the person the
    row would be alone, before any linking. `ids` (pandas): id_hash, customer_key.
    """
    keys = pd.Series(ids.customer_key.to_numpy(), index=pd.Index(ids.id_hash, dtype="object"))
    person = pd.DataFrame({c: pairs[c].map(keys) for c in HASHES}).astype("object")
    own = pairs[list(HASHES)].astype("object").where(person.notna()).apply(lambda c: c.str[:16])
    return pairs.assign(customer_key=person.bfill(axis=1).iloc[:, 0], own_key=own.bfill(axis=1).iloc[:, 0])


def attach(con, rows, known, name):
    """`rows` with customer_key and the others of KEYS that `known` (pandas) has, by their mark."""
    shape = ibis.schema({c: kind for c, kind in KEYS.items() if c in known.columns})
    keys = known[list(shape)].drop_duplicates("mark")
    table = con.create_table(f"known_{name}", ibis.memtable(keys.astype("object"), schema=shape),
                             temp=True, overwrite=True)
    return rows.left_join(table, "mark").drop("mark", "mark_right")


def resolve(job, rows, ids, strangers=False):
    """(`rows` with customer_key and is_stranger instead of their personal columns, ids).

    `ids` (pandas: id_hash, customer_key) of everybody known. `strangers`: whoever is not among them
    gets a key of their own, and `ids` comes back with theirs. Somebody held out of a campaign who
    never orders must be there to be counted as not having bought.
    """
    rows = contacts.digests(rows, job.key, job.config.identity.own_domains)
    rows = engine.keep(job.con, rows.mutate(mark=mark(rows)), "resolved")
    pairs = rows.select("mark", *HASHES).distinct().to_pandas()
    known = named(pairs, ids)
    unknown = known.customer_key.isna()
    if strangers and unknown.any():
        own, *_ = link(pairs[unknown.to_numpy()])
        ids = pd.concat([ids, own[["id_hash", "customer_key"]]], ignore_index=True)
        known = named(pairs, ids)
    rows = attach(job.con, rows, known.assign(is_stranger=unknown), "others")
    return rows.drop(*HASHES, *contacts.PERSONAL, "never", "own_key"), ids
