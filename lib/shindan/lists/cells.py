"""The cells of a list: who can be reached, and which cells no file may carry as they stand.

A cell that a spreadsheet would run as a formula, that holds control characters, or that the target's
encoding has no character for, is never altered: its person is set aside and listed for a human. So is
an address that several people have: the cap is a person's, and one of them may have opted out.
"""

import ibis

from shindan.intake.private import CONTACT

FORMULA = r"^[=+\-@＝＋－＠]"
CONTROL = r"[\x00-\x1f\x7f]"
IDS = ("email", "customer_id")   # one of the two names the person in the tool that loads the list
WHY = {"formula": "formula", "control": "control", "encoding": "encoding", "shared": "shared"}


def personal(columns):
    """The personal ones of the columns a list may have."""
    return [c for c in columns if c in CONTACT]


def reachable(contacts, columns, profile):
    """One row per person with an address: customer_key, set_aside (a cell cannot be loaded as it stands)."""
    named = next((c for c in IDS if c in columns), "email")
    c = contacts.filter(contacts[named].notnull())
    wrong = [why.notnull() for why in complaints(c, columns, profile).values()]
    return c.select("customer_key", set_aside=ibis.or_(*wrong) if wrong else ibis.literal(False))


def complaints(contacts, columns, profile):
    """{column: why the cell cannot be loaded as it stands (of WHY), else null}."""
    return {c: _complaint(contacts[c], profile, contacts.n_people if c == "email" else ibis.literal(1))
            for c in personal(columns)}


def with_people(contacts):
    """`contacts` with n_people: how many have the same address."""
    address = contacts.email.strip().lower()
    return contacts.mutate(n_people=ibis.ifelse(address.isnull(), 0, contacts.count().over(group_by=address)))


def _complaint(cell, profile, n_people):
    branches = [(cell.re_search(CONTROL), "control"), (cell.notnull() & (n_people > 1), "shared")]
    if profile.is_csv:
        branches.append((cell.re_search(FORMULA), "formula"))
    if profile.encoding == "cp932":
        branches.append((unencodable(cell) != "", "encoding"))
    return ibis.cases(*branches)


@ibis.udf.scalar.python
def unencodable(cell: str) -> str:
    """The characters of a cell that CP932 does not have, once each."""
    try:
        cell.encode("cp932")
        return ""
    except UnicodeEncodeError:
        return "".join(dict.fromkeys(ch for ch in cell if not has_cp932(ch)))


def has_cp932(ch):
    """True if CP932 has the character."""
    try:
        ch.encode("cp932")
        return True
    except UnicodeEncodeError:
        return False
