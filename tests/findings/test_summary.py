"""The summary repeats what the chapters left, in order of what it is worth."""

from shindan.findings import judge
from shindan.findings import summary as findings
from shindan.text import LANGUAGES, Text

PERIOD = "2023-01-01/2025-12-31"


def kpi(id, value, verdict=None, ci=None, n=100):
    return {"id": id, "value": value, "unit": "jpy", "n": n, "period": PERIOD, "ci": ci, "benchmark": None,
            "verdict": verdict}


def finding(id, yen=None, verdict=None):
    return {"id": id, "text": {"ja": f"{id}の文", "en": f"{id} says"}, "values": {}, "n": 1,
            "verdict": verdict, "yen": yen, "period": None}


def gate(id, why=None):
    said = {"ja": f"{why}のため", "en": f"because {why}"} if why else None
    return {"id": id, "shown": why is None, "why": said}


RESULTS = {
    "ltv": {"kpis": [kpi("ltv.yearly_ltv", 9817.5, "×", [9474.0, 10161.0]), kpi("ltv.ltv_cpa", 1.2)],
            "findings": [finding("ltv.worth", verdict="○"), finding("ltv.what_if", [3e5, 2e5, 4e5])],
            "gates": [gate("ltv.worth")]},
    "acquisition": {"kpis": [kpi("acquisition.blended_cpa", 3693.0)],
                    "findings": [finding("acquisition.cpa"), finding("acquisition.returns", [-9e5, -1e6, -8e5])],
                    "gates": [gate("acquisition.cpa", "x"), gate("acquisition.trend", "x"),
                              gate("acquisition.ledger", "y")]},
    "repeat": {"kpis": [], "findings": [finding("repeat.f2", verdict="×"), finding("repeat.funnel", verdict="△")],
               "gates": []},
    "data": {"kpis": [], "findings": [finding("data.rows", verdict="×")], "gates": []},
    "rfm": {"kpis": [], "findings": [finding("rfm.rules", verdict="×")], "gates": []},
    "lists": {"kpis": [], "findings": [finding("lists.made", verdict="×")], "gates": []},
}


def test_cards_are_the_chapters_own_figures_unchanged():
    cards = findings.cards(RESULTS)
    assert [card.id for card in cards] == ["acquisition.blended_cpa", "ltv.yearly_ltv"]
    assert (cards[1].value, cards[1].ci, cards[1].verdict) == (9817.5, (9474.0, 10161.0), "×")
    assert judge(cards[1]).value == 9817.5


def test_largest_amount_first_then_what_misses_its_benchmark():
    assert findings.top(RESULTS, "ja")["finding"].tolist() == [
        "acquisition.returnsの文", "ltv.what_ifの文", "repeat.f2の文", "repeat.funnelの文", "acquisition.cpaの文"]
    top = findings.top(RESULTS, "en", count=2)
    assert top["place"].tolist() == [1, 2] and top["gain_about_jpy"].tolist() == [-9e5, 3e5]
    assert top["chapter"].tolist() == ["acquisition", "ltv"]


def test_headline_counts_verdicts_and_names_the_amount():
    statement = findings.headline(RESULTS)
    assert statement.values == {"good": 0, "bad": 1, "judged": 1, "gain": -9e5} and statement.verdict == ""
    for lang in LANGUAGES:
        assert Text(lang)(statement.key, **statement.values)


def test_an_amount_that_may_be_nothing_does_not_lead():
    """A million between −1 and 3 million is not ahead of 300,000 that are 200,000 at least."""
    loud = {**RESULTS, "campaign": {"kpis": [], "findings": [finding("campaign.lift", [1e6, -1e6, 3e6])], "gates": []}}
    assert findings.top(loud, "en")["finding"].tolist()[:2] == ["acquisition.returns says", "ltv.what_if says"]
    assert findings.headline(loud).values["gain"] == -9e5
    only = {"campaign": loud["campaign"]}
    assert findings.headline(only).key == "summary.headline.plain"
    close = {"a": {"kpis": [], "findings": [finding("a.wide", [5e5, 1e4, 1e6]), finding("a.sure", [3e5, 2e5, 4e5])], "gates": []}}
    assert findings.top(close, "en")["finding"].tolist() == ["a.sure says", "a.wide says"]


def test_pages_not_shown_are_listed_once_a_reason():
    assert findings.not_shown(RESULTS, "en").values.tolist() == [
        ["acquisition", 2, "because x"], ["acquisition", 1, "because y"]]


def test_without_results_there_is_nothing_to_sum_up():
    statement = findings.headline({})
    assert not statement.shown and Text("ja")(statement.key)
    assert findings.top({}, "ja").empty and findings.not_shown({}, "ja").empty


def test_without_figures_or_amounts_the_page_still_stands():
    plain = {"x": {"kpis": [], "findings": [finding("x.y")], "gates": []}}
    statement = findings.headline(plain)
    assert statement.key == "summary.headline.plain" and statement.kpis == ()
