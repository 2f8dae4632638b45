"""A simulated year: twelve monthly rounds of lists, sends and reports; one kind of mail works, one does not.

The shop is made at the level of tables; who gets what is decided by the lists, what they bought by a
model that knows which mail moves people. What the campaign chapter then says is held against that.
"""

import datetime
import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from tests.lists.conftest import only

from shindan import config, engine, lists, schema
from shindan.analyses import campaign, holdout, purchases, rfm, scenario_effects
from shindan.intake import private, sent

START, MONTHS = datetime.date(2024, 12, 31), 12
PEOPLE, USUAL, LIFT = 2400, 0.07, 0.15
SCENARIOS = {"list_price": {"holdout_rate": 0.3, "day": 0}, "sale": {"holdout_rate": 0.3, "day": 0}}  # works, does nothing


class Year:
    """The shop of one simulated year in a client folder."""

    def __init__(self, root, seed):
        self.rng = np.random.default_rng(seed)
        self.folder = config.Folder("year", root)
        self.folder.tables.mkdir(parents=True)
        own = {"name": "年", "sources": [], "scenarios": only(**SCENARIOS)}
        self.folder.config_file.write_text(json.dumps(own, ensure_ascii=False), "utf-8")
        self.settings = config.load(self.folder)
        self.folder.key_file.write_text("7" * 64)  # who is left out follows from the client's key: a chosen one, as the seed
        digests = [hashlib.sha256(f"{i}".encode()).hexdigest() for i in range(PEOPLE)]
        self.keys = np.array(digests)  # an id's digest; its first 16 digits name the person
        self.is_sale = np.arange(PEOPLE) % 2 == 1
        self.bought = []
        self._naturally(START - datetime.timedelta(days=200), 200, 0.9)

    def _buy(self, who, days):
        self.bought += [(self.keys[i][:16], d, bool(self.is_sale[i])) for i, d in zip(who, days, strict=True)]

    def _naturally(self, start, days, chance):
        """Everybody may buy, whatever they were sent."""
        who = np.flatnonzero(self.rng.random(PEOPLE) < chance)
        self._buy(who, [start + datetime.timedelta(days=int(d)) for d in self.rng.integers(0, days, len(who))])

    def month(self, as_of):
        """What people do in the month after `as_of`: on their own, and moved by the mail that works."""
        self._naturally(as_of + datetime.timedelta(days=1), 28, 2 * USUAL)
        file = self.folder.sent / str(as_of) / "list_price.sent.csv"
        got = pd.read_csv(file, dtype=str)
        moved = got[self.rng.random(len(got)) < LIFT]
        place = {k[:16]: i for i, k in enumerate(self.keys)}
        days = [datetime.date.fromisoformat(d) + datetime.timedelta(days=int(n))
                for d, n in zip(moved.send_on, self.rng.integers(1, 12, len(moved)), strict=True)]
        self._buy([place[k] for k in moved.customer_key], days)

    def report(self, as_of):
        """The tables of a run on `as_of` and its lists; what was to be sent is recorded."""
        con = engine.connect(self.folder.work / "spill")
        o = pd.DataFrame([b for b in self.bought if b[1] <= as_of], columns=["customer_key", "order_date", "is_sale"])
        o = o.assign(order_id=[f"o{i:06d}" for i in range(len(o))], ordered_at=pd.to_datetime(o.order_date), status="valid",
                     order_type="onetime", revenue_jpy=3000, acq_channel="x", is_staff=False, is_test=False, is_zero_yen=False)
        lines = pd.DataFrame({"order_id": o.order_id, "line_no": 1, "line_type": "product", "sku": "A", "product_name": "A", "qty": 1,
                              "unit_price_jpy": 3000, "line_amount_jpy": 3000, "line_discount_jpy": np.where(o.is_sale, 500, 0)})
        keys = [k[:16] for k in self.keys]
        people = pd.DataFrame({"customer_key": keys, "mail_optin": True, "is_staff": False, "is_test": False,
                               "is_wholesale": False, "is_withdrawn": False})
        made = {"orders": o, "order_lines": lines, "customers": people,
                "customer_ids": pd.DataFrame({"customer_key": keys, "id_type": "cart_id", "id_hash": self.keys})}
        for name in schema.TABLES:
            self._write(con, name, typed(name, made.get(name, pd.DataFrame())))
        p = engine.keep(con, purchases.purchases(engine.read(con, self.folder.tables, "orders"),
                                                 engine.read(con, self.folder.tables, "order_lines"), as_of), "purchases")
        self._write(con, "purchases", p)
        self._write(con, "buyers", purchases.buyers(p, engine.read(con, self.folder.tables, "customers"), START, 0, True))
        (self.folder.tables / "facts.json").write_text(json.dumps({"as_of": str(as_of)}))
        job = type("Job", (), {"con": con, "folder": self.folder, "config": self.settings.model_copy(update={"as_of": as_of})})
        for name in ("campaigns", "campaign_sends"):
            self._write(con, name, engine.keep(con, sent.added(job, name, engine.empty(name)), f"new_{name}"))
        contacts = pd.DataFrame({"customer_key": keys, "email": [f"{k}@example.jp" for k in keys]})
        contacts = contacts.assign(**{c: None for c in private.CONTACT if c != "email"}).astype("string")
        engine.write(con, engine.ibis.memtable(contacts), private.file_of(self.folder), by=["customer_key"])
        engine.forget(con)
        lists.make(self.folder, self.settings)
        home = self.folder.deliverables / "latest" / "lists"
        shutil.rmtree(home, ignore_errors=True)
        lists.write(self.folder, self.settings, home)
        lists.keep(self.folder, self.settings, home)
        lists.confirm(self.folder, str(as_of))

    def _write(self, con, name, table):
        engine.write(con, table.cast(schema.of(name)), self.folder.tables / f"{name}.parquet", by=list(schema.of(name))[:2])

    def measured(self, as_of):
        """What the campaign chapter computes: one row per random campaign."""
        con = engine.connect()
        t = {name: engine.read(con, self.folder.tables, name) for name in ("campaigns", "campaign_sends", "purchases")}
        assigned = campaign.assigned(t["campaign_sends"], t["campaigns"], 14)
        ranks = campaign.ranks_on_send_dates(assigned, t["purchases"], rfm.cuts(self.settings.rfm))
        people = engine.keep(con, campaign.outcomes(assigned, t["purchases"], ranks, as_of), "outcomes")
        ranked = campaign.by_rank(people)
        total = holdout.standardised(ranked, holdout.planned_shares(t["campaigns"]))
        named = total.assign(name=total.campaign_id.str.replace(".", " "), first_date=pd.NaT)
        return total, scenario_effects.by_series(ranked, named).set_index("series")


def typed(name, frame):
    shape = schema.of(name)
    frame = frame.reindex(columns=list(shape)).astype("object")
    return engine.ibis.memtable(frame.where(frame.notna(), None), schema=shape)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    shop = Year(tmp_path_factory.mktemp("year"), seed=4)
    days = [d.date() for d in pd.date_range(START, periods=MONTHS + 1, freq="ME")]
    for as_of in days[:-1]:
        shop.report(as_of)
        shop.month(as_of)
    shop.report(days[-1])
    return shop, *shop.measured(days[-1])


def series(measured, name):
    return measured[measured.campaign_id.str.startswith(f"{name}.")]


def test_every_month_comes_back_as_a_measured_campaign(year):
    _, measured, _ = year
    for name in SCENARIOS:
        months = series(measured, name)
        assert len(months) == MONTHS
        assert not months.is_refused.any()  # the arms are drawn as they were planned
        share = months.n_control.sum() / (months.n + months.n_control).sum()
        assert abs(share - 0.3) < 0.01


def test_the_mail_that_works_is_found(year):
    """The difference is the share moved of those who would not have bought anyway, within its window."""
    months = series(year[1], "list_price")
    found = months[months.joint_pt_lo > 0]
    assert len(found) >= 0.75 * len(months)
    mean = np.average(months.diff_pt, weights=months.n + months.n_control)
    assert abs(mean - LIFT * (1 - USUAL)) < 0.02


def test_the_mail_that_does_nothing_is_not(year):
    months = series(year[1], "sale")
    assert not (months.joint_pt_lo > 0).any() and not (months.joint_pt_hi < 0).any()
    assert abs(np.average(months.diff_pt, weights=months.n + months.n_control)) < 0.015


def test_the_year_together_tells_more_than_its_months(year):
    """Half the width and less, around the true difference; the mail that does nothing stays unfound."""
    _, measured, effects = year
    works, nothing = effects.loc["list_price"], effects.loc["sale"]
    months = series(measured, "list_price")
    assert works.n_months == MONTHS and works.is_found and works.joint_pt_lo < LIFT * (1 - USUAL) < works.joint_pt_hi
    assert works.joint_pt_hi - works.joint_pt_lo < .5 * (months.joint_pt_hi - months.joint_pt_lo).median()
    assert not nothing.is_found and nothing.joint_pt_lo < 0 < nothing.joint_pt_hi


def test_nobody_is_sent_to_twice_in_four_weeks_nor_left_out_and_sent(year):
    sends = pd.read_parquet(year[0].folder.tables / "campaign_sends.parquet")
    assert not sends.duplicated(["campaign_id", "customer_key"]).any()
    sends["list"] = sends.campaign_id.str.partition(".")[0]
    gaps = sends.sort_values("assigned_date").groupby(["list", "customer_key"]).assigned_date.diff().dropna()
    assert (pd.to_timedelta(gaps).dt.days >= 28).all() and len(gaps) > 1000
