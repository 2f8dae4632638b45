"""What is planned is no history before it is recorded as sent, and a record is taken whole or not at all."""

import datetime
import json
import shutil

import pandas as pd
import pytest
from tests.lists.conftest import AS_OF, MEMBERS, ONLY, deliver_to_forty, only

from shindan import errors, intake, lists, run

NEXT_DAY = AS_OF + datetime.timedelta(days=1)
LATER = AS_OF + datetime.timedelta(days=30)


@pytest.fixture(scope="module")
def planned_once(made_once):
    def make(c):
        deliver_to_forty(c, "orders.csv")
    return made_once(make)


@pytest.fixture
def planned(copy_of, planned_once):
    """A client with one delivered list of 40 people, half of them left out."""
    return copy_of(planned_once)


@pytest.fixture
def sent(planned):
    lists.confirm(planned.folder, str(AS_OF))
    return planned


@pytest.fixture(scope="module")
def back_once(made_once, planned_once):
    def make(c):
        lists.confirm(c.folder, str(AS_OF))
        comes_back(c)
    return made_once(make, planned_once)


@pytest.fixture
def back(copy_of, back_once):
    """The same client a month later: what was sent has come back as a campaign."""
    return copy_of(back_once)


def comes_back(c, as_of=LATER, **own):
    c.settings(as_of=as_of, scenarios=ONLY, **own)
    c.tables()
    return campaigns_of(c)


def campaigns_of(c):
    return [c.table(name) for name in ("campaigns", "campaign_sends")]


def due(c):
    run.plan(c.folder.client)
    plan = pd.read_parquet(c.folder.work / "lists" / "plan.parquet")
    return plan[plan["list"] == "rank_regular"]


def refused(c, call=comes_back):
    with pytest.raises(errors.ShindanError) as stop:
        call(c)
    return stop.value


def test_a_run_whose_lists_were_not_sent_is_no_campaign_and_keeps_nobody_off_the_next_lists(planned):
    campaigns, sends = comes_back(planned, NEXT_DAY)
    assert len(campaigns) == len(sends) == 0
    assert due(planned).outcome.value_counts().to_dict() == {"sent": 20, "control": 20}
    assert lists.waiting(planned.folder, str(NEXT_DAY)) == [str(AS_OF)]


def test_only_the_delivered_plan_can_be_recorded_and_says_how_many(planned):
    assert lists.confirm(planned.folder, str(AS_OF)) == {"rank_regular": {"sent": 20, "control": 20}}
    assert lists.confirm(planned.folder, str(AS_OF)) == {"rank_regular": {"sent": 20, "control": 20}}
    assert lists.waiting(planned.folder, str(LATER)) == []


def test_another_plan_does_not_take_the_place_of_what_was_sent(sent):
    sent.settings(scenarios=only(rank_regular={"holdout_rate": 0.5, "day": 3}))
    sent.make().deliver()
    before = {f.name: f.read_bytes() for f in (sent.folder.sent / str(AS_OF)).iterdir()}
    assert refused(sent, lambda c: lists.confirm(c.folder, str(AS_OF))).code == errors.INPUT_INVALID
    assert {f.name: f.read_bytes() for f in (sent.folder.sent / str(AS_OF)).iterdir()} == before


def test_a_plan_of_another_delivery_is_not_recorded(planned):
    (planned.folder.deliverables / "latest" / "lists" / "manifest.json").write_text("{}")
    assert refused(planned, lambda c: lists.confirm(c.folder, str(AS_OF))).code == errors.INPUT_MISSING
    shutil.rmtree(planned.folder.planned)
    assert refused(planned, lambda c: lists.confirm(c.folder, str(AS_OF))).code == errors.INPUT_MISSING


@pytest.mark.parametrize("arm", ["sent", "control"])
def test_half_a_list_is_refused(back, arm):
    (back.folder.sent / str(AS_OF) / f"rank_regular.{arm}.csv").unlink()
    stop = refused(back)
    assert stop.code == errors.INPUT_INVALID and "rank_regular" in stop.where


def test_a_list_edited_by_hand_is_refused(back):
    file = back.folder.sent / str(AS_OF) / "rank_regular.control.csv"
    file.write_text("\n".join(file.read_text("utf-8").splitlines()[:-3]) + "\n", "utf-8")
    assert refused(back).code == errors.INPUT_INVALID


def test_a_copy_beside_the_file_is_refused(back):
    home = back.folder.sent / str(AS_OF)
    shutil.copy(home / "rank_regular.sent.csv", home / "rank_regular (1).sent.csv")
    assert refused(back).code == errors.INPUT_INVALID


def test_a_day_under_another_name_and_a_folder_without_its_lists_json_are_refused(back):
    home = back.folder.sent / str(AS_OF)
    home.rename(back.folder.sent / str(NEXT_DAY))
    assert refused(back).code == errors.INPUT_INVALID
    (back.folder.sent / str(NEXT_DAY) / "lists.json").unlink()
    stop = refused(back)
    assert stop.code == errors.INPUT_INVALID and "delete the folder" in stop.mend


def test_another_clients_record_is_refused(back):
    file = back.folder.sent / str(AS_OF) / "lists.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "client": "other"}), "utf-8")
    assert refused(back).code == errors.INPUT_INVALID


def test_a_record_of_people_nobody_knows_is_not_passed_over_in_silence(sent):
    sent.folder.key_file.unlink()
    stop = refused(sent)
    assert stop.code == errors.INPUT_INVALID and "pseudonym.key" in stop.mend


def test_who_turns_out_to_have_been_in_both_arms_counts_in_neither(sent):
    home = sent.folder.sent / str(AS_OF)
    plan = pd.read_parquet(sent.folder.work / "lists" / "plan.parquet").set_index("outcome")
    ids = pd.read_parquet(sent.folder.work / "private" / "contacts.parquet").set_index("customer_key").customer_id
    one, other = (ids[plan.customer_key[arm].iloc[0]] for arm in ("sent", "control"))
    people = [f"3{i:03d}" for i in range(40)]
    mail = {p: f"p{one if p == other else p}@example.jp" for p in people}
    sent.put("customers.csv", MEMBERS, [(p, mail[p], "", "", "", "1") for p in people])
    _, sends = comes_back(sent)
    assert len(sends) == 38 and sends.is_control.sum() == 19
    assert home.is_dir()


def test_a_list_taken_back_before_its_day_makes_the_plan_anew(sent):
    """Nobody of it has been mailed: the tables stay as they are, yet its people are due again."""
    comes_back(sent, NEXT_DAY)
    assert not due(sent).outcome.isin(["sent", "control"]).any()
    before = intake.facts(sent.folder)["sent"]["files"]
    for file in (sent.folder.sent / str(AS_OF)).glob("rank_regular.*.csv"):
        file.unlink()
    campaigns, sends = comes_back(sent, NEXT_DAY)
    assert len(campaigns) == len(sends) == 0
    assert len(before) == 3 and set(intake.facts(sent.folder)["sent"]["files"]) == {f"{AS_OF}/lists.json"}
    assert due(sent).outcome.isin(["sent", "control"]).sum() == 40


def test_a_day_that_runs_backwards_knows_nothing_of_later_lists(sent):
    campaigns, sends = comes_back(sent, AS_OF - datetime.timedelta(days=3))
    assert len(campaigns) == len(sends) == 0 and "sent" in intake.facts(sent.folder)


def test_a_campaign_nobody_was_sent_to_is_none(back):
    campaigns, _ = campaigns_of(back)
    assert list(campaigns.campaign_id) == ["rank_regular.2026-01"]
    campaigns, _ = comes_back(back, NEXT_DAY)   # goes out on the sixth day
    assert len(campaigns) == 0


def test_delivered_is_sent_unless_client_yaml_says_that_it_is_recorded(planned):
    planned.settings(scenarios=ONLY, lists={"holdout_rate": 0})
    planned.make().deliver()
    assert not (planned.folder.planned / str(AS_OF)).exists() and "make sent" not in lists.said(planned.folder)
    campaigns, sends = comes_back(planned)
    assert list(campaigns.campaign_id) == ["rank_regular.2026-01"] and sends.is_control.value_counts().to_dict() == {True: 20, False: 20}


def test_make_lists_says_what_to_do_next_and_which_days_wait(planned):
    first = lists.said(planned.folder)
    assert "make sent CLIENT=awkward" in first and "planned/" not in first
    comes_back(planned, NEXT_DAY)
    run.plan(planned.folder.client)
    planned.deliver()
    assert f"{AS_OF}" in lists.said(planned.folder) and "make sent" in lists.said(planned.folder)
    assert "rank_regular" in lists.confirmed(planned.folder, str(NEXT_DAY))
    assert f"sent/{NEXT_DAY}/" in lists.said(planned.folder) and "make sent" not in lists.said(planned.folder)
