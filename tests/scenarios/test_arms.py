"""Who is left out: exactly as many as planned, whoever else is there, by a hash nobody can guess."""

import datetime
import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from tests.scenarios.conftest import AS_OF, KEY

from shindan import engine
from shindan.scenarios import arms


def people(n, campaign="it.2025-12", rank="regular", start=0):
    return pd.DataFrame({"campaign_id": campaign, "customer_key": [f"c{i:05d}" for i in range(start, start + n)], "rank": rank})


def drawn(frame, rate, before=None, key=KEY, as_of=AS_OF):
    con = engine.connect()
    table = con.create_table("people", frame)
    before = before if before is None else con.create_table("before", before)
    rates = dict.fromkeys(frame.campaign_id.unique(), rate)
    return arms.arms(table, rates, key, as_of, before).order_by("campaign_id", "customer_key").to_pandas()


def test_hmac_is_pythons():
    con = engine.connect()
    texts = ["", "c0001:step.2025-12", "顧客"]
    table = con.create_table("t", pd.DataFrame({"a": texts}))
    got = table.mutate(h=engine.hmac_hex(table.a, KEY)).to_pandas()
    assert got.h.tolist() == [hmac.new(KEY.encode(), t.encode(), hashlib.sha256).hexdigest() for t in texts]


def test_the_lowest_hashes_of_a_rank_are_left_out():
    got = drawn(people(50), 0.2)
    order = sorted(got.customer_key, key=lambda k: hmac.new(KEY.encode(), f"person:{k}:it.2025-12".encode(), hashlib.sha256).hexdigest())
    assert set(got.customer_key[got.arm == "control"]) == set(order[:10])


@pytest.mark.parametrize("rate", [0, 0.1, 0.5])
def test_the_share_is_exact_in_every_rank(rate):
    both = pd.concat([people(100), people(40, rank="premium", start=500)])
    got = drawn(both, rate)
    assert (got.arm == "control").groupby(got["rank"]).sum().to_dict() == {"regular": 100 * rate, "premium": 40 * rate}


def test_small_lists_keep_the_share_over_many_days():
    """20 days of ten lists of three people: 60 of the 600 are expected to be left out."""
    today = pd.concat([people(3, f"it{i}.2025-12") for i in range(10)])
    days = [drawn(today, 0.1, as_of=AS_OF - datetime.timedelta(day)) for day in range(20)]
    n = np.array([(got.arm == "control").groupby(got.campaign_id).sum() for got in days])
    assert n.shape == (20, 10) and 40 <= n.sum() <= 80 and n.max() == 1
    assert (n.sum(axis=0) > 0).sum() > 5 and (n.sum(axis=1) > 0).sum() > 10   # no list and no day has them all


def test_another_campaign_or_key_draws_others():
    one, other = drawn(people(400), 0.2), drawn(people(400, "it.2026-01"), 0.2)
    both = ((one.arm == "control") & (other.arm == "control")).sum()
    assert 5 <= both <= 30  # 16 expected
    assert (drawn(people(400), 0.2, key="f" * 64).arm != one.arm).any()


def test_arms_are_kept_whoever_joins():
    first = drawn(people(100), 0.2)
    later = drawn(people(180), 0.2, before=first[["campaign_id", "customer_key", "arm"]])
    both = first.merge(later, on="customer_key", suffixes=("", "_later"))
    assert len(both) == 100 and (both.arm == both.arm_later).all()
    assert abs((later.arm == "control").sum() - 36) <= 1


def test_left_out_and_sent_are_alike():
    """Nothing about a person but the hash decides: the numbers of the left out are spread like all numbers."""
    got = drawn(people(5000), 0.3)
    place = np.flatnonzero(got.arm == "control") / 5000
    assert abs(place.mean() - 0.5) < 0.03 and abs(place.std() - 0.2887) < 0.02
