"""Which contacts may say who somebody is: normalised, digested, dummies and shared ones left out.

A row's ids, each a salted SHA-256 digest:

    cart_hash   shop + cart id (+ the kind of id, where one shop exports two)
    email_hash  the e-mail address
    alias_hash  a masked address of a mall, which means somebody only inside that mall
    kana_hash   phone number + reading of the name
    name_hash   phone number + name

A phone number alone is nobody: families and offices share one.
"""

import ibis

from shindan import characters
from shindan.characters import half_width, normalise_name

CART, EMAIL, ALIAS, PHONE = "cart_id", "email", "mall_alias", "phone"
HASHES = {"cart_hash": CART, "email_hash": EMAIL, "alias_hash": ALIAS, "kana_hash": PHONE,
          "name_hash": PHONE}
PERSONAL = ("customer_id", "email", "phone", "name", "kana", "postal_code")
# a mall writes its own masked address; the prefix of the presets that read that mall's files
MASKED = {
    "rakuten": r"@([a-z0-9-]+\.)*fw\.rakuten\.(ne|co)\.jp$",
    "amazon": r"@marketplace\.amazon\.(co\.jp|com)$",
    "yahoo": r"@([a-z0-9-]+\.)*(mail\.)?shopping\.yahoo\.(co|ne)\.jp$",
}
DUMMY_MAIL = r"^(no-?_?reply|do-?not-?reply|dummy|no-?mail|none|unknown|test\d*|xxx+|aaa+)[^@]*@"
DUMMY_DOMAIN = r"@(dummy|invalid|localhost|noemail|nomail|none)(\.|$)|\.invalid$"
WITHDRAWN = r"^(deleted|withdrawn|taikai|quit)([_.\-\d][^@]*)?@|退会|@deleted(\.|$)"
DUMMY_PHONE = "|".join(f"{d}{{8}}$" for d in range(10)) + "|123456789?0?$"


def digests(rows, key, own_domains=(), kinds=None):
    """`rows` with the columns of HASHES (null where there is no id) and never: why a contact is none.

    `rows` (shop, source, source_no and whatever of PERSONAL it has). `own_domains`: the shop's own
    mail domains, which staff type for customers without an address. `kinds` {source number: name}
    of sources whose cart ids are of another kind than the shop's others.
    """
    rows = rows.mutate(**{c: ibis.null("string") for c in PERSONAL if c not in rows.columns})
    rows = rows.mutate(**{  # columns of their own: each is used several times
        "contact.mail": characters.normalise_email(rows.email).nullif(""),
        "contact.phone": characters.normalise_phone(rows.phone).nullif("")})
    rows = rows.mutate(**{"contact.why": _no_mail(rows["contact.mail"], rows, own_domains),
                          "contact.alias": _scope(rows["contact.mail"], rows)})
    mail, phone, why, alias = (rows[f"contact.{c}"] for c in ("mail", "phone", "why", "alias"))
    cart = half_width(rows.customer_id).strip().nullif("")
    dummy = phone.re_search(DUMMY_PHONE) | (phone.length() < 9)
    phone = ibis.cases((~dummy.fill_null(True), phone))
    kana, name = (normalise_name(rows[c]) for c in ("kana", "name"))

    def salted(id_type, value):
        return (ibis.literal(f"{key}:{id_type}:") + value).hexdigest("sha256")

    return rows.mutate(
        cart_hash=salted(CART, rows.shop + _kind(rows, kinds) + ":" + cart),
        email_hash=salted(EMAIL, ibis.cases((why.isnull() & alias.isnull(), mail))),
        alias_hash=salted(ALIAS, ibis.cases((why.isnull(), alias + ":" + mail))),
        kana_hash=salted(PHONE, phone + ":kana:" + kana),
        name_hash=salted(PHONE, phone + ":name:" + name),
        never=ibis.coalesce(why, ibis.cases((dummy.fill_null(False), "dummy_phone")))
    ).drop(*(c for c in rows.columns if c.startswith("contact.")))


def _kind(rows, kinds):
    if not kinds:
        return ibis.literal("")
    return ibis.cases(*((rows.source_no == n, f"/{kind}") for n, kind in kinds.items()), else_="")


def _no_mail(mail, rows, own_domains):
    """Why an address is nobody's, else null."""
    branches = [(mail.re_search(WITHDRAWN), "withdrawn"),
                (mail.re_search(DUMMY_MAIL) | mail.re_search(DUMMY_DOMAIN), "dummy_email")]
    if "is_withdrawn" in rows.columns:
        branches.append((rows.is_withdrawn.fill_null(False) & mail.notnull(), "withdrawn"))
    if own_domains:
        domain = mail.re_replace(r"^.*@", "")
        branches.append((domain.isin([d.strip().lower().lstrip("@") for d in own_domains]), "own_address"))
    return ibis.cases(*branches)


def _scope(mail, rows):
    """Where a masked address means somebody: its mall, or just the shop of another file; else null."""
    source = rows.source if "source" in rows.columns else ibis.literal("")
    return ibis.cases(*(
        (mail.re_search(pattern),
         ibis.cases((source.startswith(mall), mall), else_=rows.shop + "/" + mall))
        for mall, pattern in MASKED.items()))


def shared(orders, limit_orders, limit_names):
    """One row per address that too many names order with: email_hash (also of masked ones).

    Some shops type one address for everybody who orders by phone.
    """
    named = orders.mutate(mail=ibis.coalesce(orders.email_hash, orders.alias_hash),
                          who=ibis.coalesce(normalise_name(orders.kana), normalise_name(orders.name)))
    counts = named.filter(named.mail.notnull()).group_by("mail").agg(
        n=ibis._.count(), names=ibis._.who.nunique())
    return counts.filter(counts.n > limit_orders, counts.names > limit_names).select("mail")
