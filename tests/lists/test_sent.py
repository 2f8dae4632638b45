"""The next run finds what was sent and who was left out, without a hand being laid on it."""

import datetime
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from tests.lists.conftest import AS_OF, ONLY, SOURCES, deliver_to_forty

from shindan import engine, errors, intake, lists, run
from shindan.intake import sent as assume

LATER = AS_OF + datetime.timedelta(days=30)


@pytest.fixture(scope="module")
def sent_once(made_once):
    def make(c):
        deliver_to_forty(c, "orders2.csv")
        lists.confirm(c.folder, str(AS_OF))
    return made_once(make)


@pytest.fixture
def sent(copy_of, sent_once):
    """A client whose lists were made at the end of the year."""
    return copy_of(sent_once)


@pytest.fixture(scope="module")
def back_once(made_once, sent_once):
    return made_once(later, sent_once)


@pytest.fixture
def back(copy_of, back_once):
    """The same client a month later."""
    return copy_of(back_once)


def later(c, **own):
    c.settings(as_of=LATER, scenarios=ONLY, **own)
    c.tables()
    return campaigns_of(c)


def campaigns_of(c):
    return [c.table(name) for name in ("campaigns", "campaign_sends")]


def test_lists_come_back_as_a_random_campaign_with_its_control(back):
    files = {f.name for f in (back.folder.sent / str(AS_OF)).iterdir()}
    assert files >= {"rank_regular.sent.csv", "rank_regular.control.csv", "lists.json"}
    campaigns, sends = campaigns_of(back)
    row = campaigns.set_index("campaign_id").loc["rank_regular.2026-01"]
    assert (row.assignment, row.holdout_rate, row.response_window_days, row["name"], row.channel) == (
        "random", 0.5, 14, "一般 2026-01", "メール")
    s = sends[sends.campaign_id == "rank_regular.2026-01"]
    assert s.is_control.sum() == 20 and len(s) == 40 and s.customer_key.is_unique
    assert (s.is_control == s.sent_date.isna()).all() and (pd.to_datetime(s.assigned_date) == pd.Timestamp("2026-01-06")).all()
    plan = pd.read_parquet(back.folder.work / "lists" / "plan.parquet").query("list == 'rank_regular'")
    assert set(s.customer_key[s.is_control]) == set(plan.customer_key[plan.outcome == "control"])


def test_that_it_was_sent_is_an_assumption_and_said(back):
    def notes(assumed):
        settings = SimpleNamespace(as_of=LATER, lists=SimpleNamespace(assume_sent=assumed))
        return assume.assumed(SimpleNamespace(con=engine.connect(), folder=back.folder, config=settings))

    assert notes(True) == [{"id": "lists_assumed_sent", "lists": 1, "first": str(AS_OF), "last": str(AS_OF)}]
    assert notes(False) == [] == [n for n in intake.facts(back.folder)["notes"] if n["id"] == "lists_assumed_sent"]


def test_its_own_day_is_no_history(sent):
    """A rerun of the same day finds nobody had anything: the same lists again, byte for byte."""
    before = {f.name: f.read_bytes() for f in (sent.folder.sent / str(AS_OF)).iterdir()}
    sent.make().deliver()
    lists.confirm(sent.folder, str(AS_OF))
    assert {f.name: f.read_bytes() for f in (sent.folder.sent / str(AS_OF)).iterdir()} == before
    assert len(pd.read_parquet(sent.folder.tables / "campaign_sends.parquet")) == 0


def test_what_is_planned_for_later_is_not_yet_sent(sent):
    sent.settings(as_of=AS_OF + datetime.timedelta(days=3), scenarios=ONLY)  # the list goes out on the 6th
    run.tables(sent.folder.client)
    assert len(pd.read_parquet(sent.folder.tables / "campaign_sends.parquet")) == 0
    run.plan(sent.folder.client)
    plan = pd.read_parquet(sent.folder.work / "lists" / "plan.parquet").query("list == 'rank_regular'")
    assert not plan.outcome.isin(["sent", "control"]).any()  # but nobody is planned for it twice


def test_somebody_who_has_been_linked_since_is_found(sent):
    """The member file now says that two of them are one: the second one's record follows."""
    people = [f"3{i:03d}" for i in range(40)]
    plan = pd.read_parquet(sent.folder.work / "lists" / "plan.parquet").query("outcome == 'sent'")
    ids = pd.read_parquet(sent.folder.work / "private" / "contacts.parquet").set_index("customer_key").customer_id
    one, other = ids[plan.customer_key.iloc[:2]]
    same = {other: f"p{one}@example.jp"}
    sent.put("customers.csv", ("customer_id", "email", "mail_optin"),
             [(p, same.get(p, f"p{p}@example.jp"), "1") for p in people])
    _, sends = later(sent)
    known = set(pd.read_parquet(sent.folder.tables / "customers.parquet").customer_key)
    assert len(sends) == 39 and set(sends.customer_key) <= known


def test_a_list_that_was_not_sent_is_deleted_and_never_was(back):
    assert len(campaigns_of(back)[1])
    for file in (back.folder.sent / str(AS_OF)).glob("rank_regular.*.csv"):
        file.unlink()
    _, sends = later(back)
    assert len(sends) == 0
    shutil.rmtree(back.folder.sent / str(AS_OF))
    campaigns, _ = later(back)
    assert len(campaigns) == 0


def test_a_damaged_record_is_named_without_its_rows(back):
    file = back.folder.sent / str(AS_OF) / "rank_regular.sent.csv"
    file.write_text(file.read_text("utf-8").replace("2026-01-06", "sometime"), "utf-8")
    with pytest.raises(errors.ShindanError) as stop:
        later(back)
    assert stop.value.code == errors.INPUT_INVALID and "sent" in str(stop.value) and "sometime" not in str(stop.value)


def test_a_campaign_of_the_clients_own_files_stands_beside_ours(sent):
    keys = [f"3{i:03d}" for i in range(3)]
    sent.put("campaigns.csv", ("campaign_id", "name", "start_date"), [("own", "自社", "2026/01/02"), ("rank_regular.2026-01", "別名", "2026/01/06")])
    sent.put("sends.csv", ("campaign_id", "customer_id", "sent_date", "delivery"),
             [("own", k, "2026/01/02", "delivered") for k in keys] + [("rank_regular.2026-01", k, "2026/01/06", "bounced") for k in keys])
    more = [*SOURCES, {"path": "campaigns.csv", "preset": "generic_campaigns"}, {"path": "sends.csv", "preset": "generic_campaign_sends"}]
    campaigns, sends = later(sent, sources=more)
    assert sorted(campaigns.campaign_id) == ["own", "rank_regular.2026-01"]
    ours = sends[sends.campaign_id == "rank_regular.2026-01"]
    assert len(ours) == 40 and ours.is_control.sum() == 20 and (ours.delivery == "bounced").sum() <= 3
    assert not (ours.delivery[ours.is_control] != "not_sent").any()  # the record of who was left out stands


def test_purge_keeps_what_was_sent(sent):
    from shindan import cli

    assert cli.main(["purge", sent.folder.client]) == errors.OK
    assert not sent.folder.work.exists() and list((sent.folder.sent / str(AS_OF)).glob("*.control.csv"))
