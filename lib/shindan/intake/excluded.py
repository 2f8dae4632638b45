"""Orders that are no purchases of customers: the rules of client.yaml's `exclude:`, and what they hit.

Rules work in two steps: what a rule says of a person's contacts is looked at before they turn into
a pseudonym (`mark`), everything else when the order is complete (`apply`). All conditions of a rule
must hold; of a condition's words one must.
"""

import ibis

from shindan.characters import half_width
from shindan.intake.lines import GOODS

ORDER_TYPES = ("wholesale", "sample", "exchange")
PERSONAL = {"email": "email", "name": "name", "customer_id": "customer_id", "memo": "memo"}


def mark(orders, rules):
    """`orders` with rule_0, rule_1 …: whether what each rule says of the person and memo holds."""
    return orders.mutate(**{f"rule_{n}": _all(_personal(orders, r)) for n, r in enumerate(rules)})


def apply(orders, lines, members, rules):
    """(orders with is_staff, is_test and order_type as the rules say, table of hits).

    Hits: one row per rule and order: rule (its number, from 1), as, order_id. Samples are only
    told by their lines: an order is one if all its goods are.
    """
    if not rules:
        return orders, None
    o = _with_rank(orders, members)
    for n, rule in enumerate(rules):
        o = o.mutate(**{f"rule_{n}": o[f"rule_{n}"] & _all(_of_order(o, rule))})
        for found in _of_lines(o, lines, rule):
            o = o.mutate(**{f"rule_{n}": o[f"rule_{n}"] & o.order_id.isin(found.order_id)})
    hit = {kind: ibis.or_(*(o[f"rule_{n}"] for n, r in enumerate(rules) if r.as_ == kind), ibis.literal(False))
           for kind in ("staff", "test", *ORDER_TYPES)}
    types = [(hit[kind], kind) for kind in ORDER_TYPES]
    done = o.mutate(is_staff=o.is_staff | hit["staff"], is_test=o.is_test | hit["test"],
                    order_type=ibis.cases(*types, else_=o.order_type))
    hits = ibis.union(*(o.filter(o[f"rule_{n}"]).select(
        "order_id", rule=ibis.literal(n + 1, "int64"), kind=ibis.literal(r.as_))
        for n, r in enumerate(rules))) if len(rules) > 1 else o.filter(o.rule_0).select(
        "order_id", rule=ibis.literal(1, "int64"), kind=ibis.literal(rules[0].as_))
    return done.drop("rule_rank", *(f"rule_{n}" for n in range(len(rules)))), hits


def samples(lines, rules):
    """`lines` with the products that a rule calls samples told apart from what was bought."""
    given = [r for r in rules if r.as_ == "sample" and (r.product or r.sku)]
    if not given:
        return lines
    hit = ibis.or_(*(_is(lines, r) for r in given)) & (lines.line_type == "product")
    return lines.mutate(line_type=ibis.cases((hit, "sample"), else_=lines.line_type))


def told(job, hits, rules):
    """[{rule, as, says, orders}] for facts: every rule with how many orders it sets aside.

    Which orders those are is listed in work/rejects/excluded.csv.
    """
    file = job.folder.rejects / "excluded.csv"
    file.unlink(missing_ok=True)
    if not rules:
        return []
    file.parent.mkdir(parents=True, exist_ok=True)
    job.con.to_csv(hits.order_by("rule", "order_id"), file)
    counts = hits.group_by("rule").agg(n=hits.count()).to_pandas().set_index("rule").n
    return [{"rule": n, "as": r.as_, "says": r.says(), "orders": int(counts.get(n, 0))}
            for n, r in enumerate(rules, start=1)]


def notes(told):
    """Every rule for the reader's eye, also one that hits nothing."""
    return [{"id": "excluded", "rule": t["rule"], "kind": t["as"], "says": t["says"], "orders": t["orders"]}
            for t in told]


def _all(conditions):
    return ibis.and_(*(c.fill_null(False) for c in conditions)) if conditions else ibis.literal(True)


def _personal(orders, rule):
    found = []
    for name, column in PERSONAL.items():
        words = getattr(rule, name)
        if words and name == "customer_id":
            found.append(orders[column].isin(words))
        elif words and name == "email":
            mail = _folded(orders[column])
            found.append(ibis.or_(*((mail.endswith(w.lower()) if w.startswith("@") else mail == w.lower())
                                    for w in words)))
        elif words:
            found.append(_contains(orders[column], words))
    return found


def _of_order(o, rule):
    found = []
    if rule.coupon:
        found.append(_folded(o.coupon_code).isin([w.lower() for w in rule.coupon]))
    if rule.order_no:
        found.append(_contains(o.order_no, rule.order_no))
    if rule.rank:
        found.append(o.rule_rank.isin(rule.rank))
    if rule.total_at_least_jpy is not None:
        found.append(o.items_jpy >= rule.total_at_least_jpy)
    if rule.zero_yen is not None:
        found.append(o.is_zero_yen == rule.zero_yen)
    return found


def _of_lines(o, lines, rule):
    """Tables with the order_id of the orders whose lines meet the rule, one table a condition."""
    goods = lines.filter(lines.line_type.isin(GOODS))
    if rule.product or rule.sku:
        hit = _is(goods, rule)
        of_order = goods.group_by("order_id").agg(any=hit.any(), all=hit.all())
        yield of_order.filter(of_order["all"] if rule.as_ == "sample" else of_order["any"])
    if rule.quantity_at_least is not None:
        pieces = goods.group_by("order_id").agg(n=goods.qty.sum())
        yield pieces.filter(pieces.n >= rule.quantity_at_least)
    if rule.same_sku_within_days is not None:
        yield _again(o, goods, rule.same_sku_within_days)


def _is(lines, rule):
    return _contains(lines.product_name, rule.product) | lines.sku.isin(rule.sku or [""]).fill_null(False)


def _again(o, goods, days):
    """Orders that send a person a product they had ordered at most so many days before."""
    had = o.filter(o.customer_key.notnull()).select("order_id", "customer_key", "order_date", "is_zero_yen")
    had = had.inner_join(goods.filter(goods.sku.notnull()).select("order_id", "sku").distinct(), "order_id")
    before = had.filter(~had.is_zero_yen).select(
        "customer_key", "sku", before_id="order_id", before_date="order_date")
    both = had.select("order_id", "customer_key", "sku", "order_date").inner_join(before, ["customer_key", "sku"])
    gap = both.order_date.delta(both.before_date, unit="day")
    return both.filter(both.order_id != both.before_id, gap >= 0, gap <= days).select("order_id").distinct()


def _with_rank(orders, members):
    ranks = members.filter(members.customer_key.notnull()).group_by("customer_key").agg(
        rule_rank=ibis._.member_rank.max())
    joined = orders.left_join(ranks, "customer_key")
    return joined.drop(*(c for c in joined.columns if c.endswith("_right")))


def _folded(column):
    return half_width(column).strip().lower()


def _contains(column, words):
    if not words:
        return ibis.literal(False)
    text = _folded(column)
    return ibis.or_(*(text.contains(w.lower()) for w in words)).fill_null(False)
