"""Proposals: which, measured by what, towards which goal; and how the last ones went."""

import datetime

import numpy as np
import pytest

from shindan import config, history, mac, scenarios
from shindan.analyses import intervals
from shindan.findings import proposals
from shindan.text import LANGUAGES, Text, is_missing

AS_OF = datetime.date(2025, 12, 31)
YEAR = "2025-01-01/2025-12-31"
JA = Text("ja")
FILES = scenarios.files(config.Config(name="x", sources=()))


def kpi(id, value, unit="ratio", ci=None, n=1000, **more):
    return {"id": id, "value": value, "unit": unit, "n": n, "period": YEAR, "ci": ci, "benchmark": None, "verdict": None, **more}


def finding(id, yen=None, **values):
    return {"id": id, "text": {"ja": id, "en": id}, "values": values, "n": 1, "verdict": None, "yen": yen, "period": None}


def results(**more):
    made = {
        "acquisition": {"kpis": [kpi("acquisition.paid_cpa", 4000.0, "jpy", n=1000)],
                        "findings": [finding("acquisition.returns", [600_000.0, 5e5, 7e5], channels=["TV"], loss=600_000.0)], "tables": {}},
        "repeat": {"kpis": [kpi("repeat.f2_rate_365", 0.30, ci=[0.29, 0.32], verdict="◎", benchmark={"value": 0.1}),
                            kpi("repeat.yearly_repeat_rate", 0.29, ci=[0.28, 0.31], verdict="×", benchmark={"value": 0.6})],
                   "findings": [finding("repeat.yearly", rate=0.29)], "tables": {}},
        "rfm": {"kpis": [kpi("rfm.dormant_share", 0.4)], "findings": [finding("rfm.ranks")],
                "tables": {"ranks": [{"rank": "premium", "n": 50}, {"rank": "dormant", "n": 400}]}},
        "ltv": {"kpis": [], "findings": [finding("ltv.what_if", [400_000.0, 3e5, 5e5])], "tables": {}},
        "campaign": {"kpis": [kpi("campaign.best_difference", 0.08, "points", [0.05, 0.11], n=2000)],
                     "findings": [finding("campaign.differences", [100_000.0, 5e4, 2e5], name="秋DM", is_found=True)],
                     "tables": {"economics": [{"name": "秋DM", "channel": "DM", "cost_jpy": 150_000, "n": 1000},
                                              {"name": "夏", "channel": "mail", "cost_jpy": 12_000, "n": 1000}]}},
    }
    return made | more


def made(own=None, **more):
    return proposals.propose(results(**more), own or {}, AS_OF, JA, FILES).to_dict("records")


def test_the_three_worth_most():
    assert [(row["place"], row["proposal"]) for row in made()] == [
        (1, "channel_cost"), (2, "second_purchase"), (3, "measured_campaign")]


def test_an_amount_that_may_be_nothing_comes_after_what_is_sure():
    unsure = {**results()["campaign"], "findings": [finding("campaign.differences", [9e6, -5e4, 2e7], name="秋DM")]}
    assert [row["proposal"] for row in made(campaign=unsure)] == ["channel_cost", "second_purchase", "replenish"]


def test_every_idea_has_settings_and_words_in_both_languages():
    assert tuple(idea.id for idea in proposals.IDEAS) == config.PROPOSALS
    for say in map(Text, LANGUAGES):
        for idea in proposals.IDEAS:
            assert all(say.has(f"summary.{kind}.{idea.id}") for kind in ("title", "step", "proposal"))


def test_the_goal_of_channel_costs_is_what_the_channels_bring_in():
    assert made()[0]["goal"] == pytest.approx(4000 - 600_000 / 1000)


def test_goals_are_the_better_end_or_a_benchmark_within_it():
    f2 = made()[1]
    assert (f2["today"], f2["goal"], f2["by_date"]) == (0.30, 0.32, datetime.date(2026, 12, 31))
    near = kpi("repeat.f2_rate_365", 0.30, ci=[0.29, 0.32], benchmark={"value": 0.31})
    repeat = {**results()["repeat"], "kpis": [near]}
    assert made(repeat=repeat)[1]["goal"] == 0.31


def test_without_an_interval_a_tenth_better_in_its_own_direction():
    only = {"rfm": results()["rfm"]}
    row = proposals.propose(only, {}, AS_OF, JA, FILES).iloc[0]
    assert row["proposal"] == "wake_dormant" and row["goal"] == pytest.approx(0.36)


def test_a_campaign_is_repeated_only_when_its_effect_is_proven():
    unsure = {**results()["campaign"], "kpis": [kpi("campaign.best_difference", 0.02, "points", [-0.01, 0.05])]}
    assert "measured_campaign" not in [row["proposal"] for row in made(campaign=unsure)]
    row = made()[2]
    assert (row["n_people"], row["unit_cost_jpy"], row["cost_jpy"]) == (2000, 150.0, 300_000)


def test_few_people_propose_nothing():
    few = {"rfm": {**results()["rfm"], "kpis": [kpi("rfm.dormant_share", 0.4, n=29)]}}
    frame = proposals.propose(few, {}, AS_OF, JA, FILES)
    assert frame.empty and not proposals.statement(frame, AS_OF).shown


def test_the_clients_own_goal_day_cost_and_no():
    own = {"channel_cost": config.Proposal(goal=3000, by=datetime.date(2026, 3, 31), cost_jpy=5000, owner="山田", aim="利益"),
           "second_purchase": config.Proposal(shown=False)}
    rows = made(own)
    assert [row["proposal"] for row in rows] == ["channel_cost", "measured_campaign", "replenish"]
    assert [rows[0][name] for name in ("goal", "by_date", "cost_jpy", "owner", "aim")] == [
        3000, datetime.date(2026, 3, 31), 5000, "山田", "利益"]


def test_what_is_settled_comes_first_and_what_cannot_be_made_says_so():
    settled = {"replenish": config.Proposal(owner="山田"), "detractors": config.Proposal(goal=20)}
    frame = proposals.propose(results(), settled, AS_OF, JA, FILES)
    assert list(frame["proposal"]) == ["replenish", "channel_cost", "second_purchase"]
    (missing,) = proposals.left_out(frame, settled | {"cross_sell": config.Proposal(shown=False)})
    assert (missing.id, missing.shown) == ("summary.proposals.detractors", False)
    assert "批判者への対応" in JA(missing.key, **missing.values)
    assert proposals.left_out(frame, {}) == []


def test_lists_and_costs_come_from_the_results():
    lists = {"lists": {"kpis": [], "findings": [], "tables": {"all_lists": [
        {"list": "welcome", "n_sent": 100}, {"list": "step_01", "n_sent": 50}]}}}
    row = made(**lists)[1]
    assert (row["n_people"], row["unit_cost_jpy"], row["cost_jpy"]) == (150, 12.0, 1800)
    assert is_missing(made()[1]["n_people"]) and is_missing(made()[1]["cost_jpy"])


def written(**sizes):
    return {"kpis": [], "findings": [], "gates": [], "tables": {"all_lists": [{"list": name, "n_sent": n} for name, n in sizes.items()]}}


def offered(files=FILES, **more):
    frame = proposals.propose(results(**more), {}, AS_OF, JA, files, count=9)
    return frame.set_index("proposal")["list_files"].to_dict()


def test_lists_with_nobody_on_them_are_neither_named_nor_proposed():
    assert offered(lists=written(runs_out=9))["replenish"] == "runs_out.csv"
    assert "replenish" not in offered(lists=written(runs_out=0))
    assert offered(lists=written(dormant_premium=0, dormant_semi_premium=1, dormant_regular=80))["wake_dormant"] == \
        "dormant_semi_premium.csv dormant_regular.csv"
    assert offered(lists=written(welcome=5, **dict.fromkeys(proposals.STEPS, 0)))["second_purchase"] == "welcome.csv"


def test_no_file_is_named_that_nobody_knows_to_be_there():
    assert offered()["wake_dormant"] == ""                        # a report without the chapter of lists
    due = [{"list": "dormant_premium", "n": 9, "n_sent": 0}, {"list": "runs_out", "n": 2, "n_sent": 0},
           {"list": "cross_sell", "n": 0, "n_sent": 0}]
    unknown = {**written(), "tables": {"all_lists": due}, "gates": [{"id": "lists.consent", "shown": False}]}
    frame = proposals.propose(results(lists=unknown), {}, AS_OF, JA, FILES, count=9).set_index("proposal")
    assert is_missing(frame.loc["wake_dormant", "list_files"]) and is_missing(frame.loc["replenish", "n_people"])
    assert "cross_sell" not in frame.index                        # nobody is due
    assert "配信許可のわかる会員データ" in str(mac.cards(frame.reset_index(), JA))
    assert "配信許可のわかる会員データ" not in str(mac.cards(frame.loc[["channel_cost"]].reset_index(), JA))


def test_lists_that_are_off_are_not_proposed_and_files_have_the_names_they_are_written_under():
    settings = config.Config(name="x", sources=(), lists={"profile": "excel"}, scenarios={"runs_out": {"on": False}})
    found = offered(scenarios.files(settings), lists=written(dormant_premium=9))
    assert "replenish" not in found and found["wake_dormant"].split()[0] == "dormant_premium.xlsx"


def test_a_goal_that_reads_like_today_is_no_proposal():
    nobody = {**results()["rfm"], "kpis": [kpi("rfm.dormant_share", 0.0)]}
    assert "wake_dormant" in offered() and "wake_dormant" not in offered(rfm=nobody)
    still = {**results()["repeat"], "kpis": [kpi("repeat.yearly_repeat_rate", 0.9999, ci=[0.9998, 0.99991])]}
    assert "replenish" not in offered(repeat=still)


def test_where_nobody_repeats_no_refill_is_proposed():
    never = {**results()["repeat"], "findings": [finding("repeat.yearly", rate=0.0)],
             "kpis": [kpi("repeat.yearly_repeat_rate", 0.0, ci=[0.0, 0.01])]}
    assert "replenish" not in offered(repeat=never)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cards_say_measurable_actionable_competent(lang):
    say = Text(lang)
    sizes = written(welcome=5, **dict.fromkeys(proposals.STEPS, 8))
    frame = proposals.propose(results(lists=sizes), {"channel_cost": config.Proposal(owner="山田")}, AS_OF, say, FILES)
    cards = mac.cards(frame, say, aim="利益を2割")
    assert [part["mark"] for part in cards[0]["parts"]] == ["M", "A", "C"]
    said = str(cards)
    assert "TV" in cards[0]["title"] and "利益を2割" in said and "山田" in said and "step_30.csv" in said
    assert "nan" not in said.lower().replace("finance", "") and "None" not in said


def before(value, today, interval, goal, better="higher", unit="ratio", id="repeat.f2_rate_365", ci=None):
    row = {"proposal": "second_purchase", "kpi": id, "unit": unit, "better": better, "today": today,
           "today_lo": interval and interval[0], "today_hi": interval and interval[1], "goal": goal, "by_date": "2025-12-30"}
    last = history.Delivery("2025-06-30", "x", {"summary": {"kpis": [], "tables": {"proposals": [row]}}})
    now = {"repeat": {"kpis": [kpi("repeat.f2_rate_365", value, ci=ci)], "findings": [], "tables": {}}}
    return proposals.score(last, now, AS_OF), last


@pytest.mark.parametrize("value, today, interval, goal, better, mark", [
    (0.33, 0.30, (0.29, 0.31), 0.33, "higher", "reached"),
    (0.32, 0.30, (0.29, 0.31), 0.33, "higher", "better"),
    (0.305, 0.30, (0.29, 0.31), 0.33, "higher", "same"),
    (0.27, 0.30, (0.29, 0.31), 0.33, "higher", "worse"),
    (0.27, 0.30, None, 0.28, "lower", "reached"),
    (0.29, 0.30, None, 0.28, "lower", "better"),
    (0.31, 0.30, None, 0.28, "lower", "worse"),
    (None, 0.30, None, 0.28, "lower", "gone"),
])
def test_how_the_last_proposals_went(value, today, interval, goal, better, mark):
    scored, last = before(value, today, interval, goal, better)
    assert scored["score"].tolist() == [mark]
    statement = proposals.scored_statement(scored, last)
    assert statement.values["reached"] == (mark == "reached")
    for say in map(Text, LANGUAGES):
        assert say(statement.key, **statement.values) and len(proposals.in_words(scored, say)) == 1


def test_a_change_within_the_chance_of_both_figures_is_none():
    """Of 1,000 pairs of samples of one rate about 1 in 40 seem to be worse; against the older one's interval alone, 1 in 12."""
    rng, worse = np.random.default_rng(3), 0
    for then, now in rng.binomial(500, .3, (1000, 2)):
        ends = [tuple(map(float, intervals.wilson(k, 500))) for k in (then, now)]
        worse += before(now / 500, then / 500, ends[0], 1.0, ci=ends[1])[0]["score"].tolist() == ["worse"]
    assert worse / 1000 < .04
    assert before(.32, .30, (.29, .31), .33, ci=(.30, .34))[0]["score"].tolist() == ["same"]


def test_a_figure_that_changed_its_unit_is_not_compared():
    scored, _ = before(0.33, 0.30, None, 0.28, unit="jpy")
    assert scored["score"].tolist() == ["gone"]


def test_without_a_last_report_nothing_is_scored():
    scored = proposals.score(None, results(), AS_OF)
    assert scored.empty and not proposals.scored_statement(scored, None).shown


def test_a_campaign_without_a_confirmed_difference_is_not_proposed_again():
    unclear = results()["campaign"] | {"findings": [finding("campaign.differences", [9e6, -5e4, 2e7], name="秋DM", is_found=False)]}
    assert "measured_campaign" in set(proposals.propose(results(), {}, AS_OF, JA, FILES, count=9)["proposal"])
    assert "measured_campaign" not in set(proposals.propose(results(campaign=unclear), {}, AS_OF, JA, FILES, count=9)["proposal"])
