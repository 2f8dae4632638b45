"""The appendix says what the figures stand on: settings, rules of the ranks, what intake noticed."""

import re

import pytest

from shindan import config, errors, publish, text
from shindan.report import conditions
from shindan.text import LANGUAGES, Text

FACTS = {"as_of": "2025-12-31", "data_start": "2023-01-01"}
SOURCE = {"path": "o.csv", "preset": "generic_orders"}


def settings(**more):
    return config.Config.model_validate({"name": "x", "sources": [SOURCE], **more})


def rows(given, lang="ja", results=None):
    groups = conditions.conditions(given, FACTS, results or {}, Text(lang, given.currency))
    return groups, dict(groups[0]["rows"])


def test_every_setting_a_figure_depends_on():
    _, said = rows(settings(money={"contribution_rate": 0.45, "target_profit_jpy": 500}, trade="general",
                            purchases={"burn_in_days": 200}, nps={"later_days": 90}))
    assert said["基準日"] == "2025年12月31日" and said["対象期間"] == "2023年1月1日〜2025年12月31日"
    assert said["LTVを見る期間(業態による)"] == "730日" and said["貢献利益率(売上に対する)"] == "45.0%"
    assert "500円" in said.values() and "90日" in said.values()
    assert "200日" in said["新規顧客とみなす人"] and "税抜" in said["金額の基準"]


def test_without_a_contribution_rate_there_is_none():
    _, said = rows(settings(currency="USD", purchases={"data_starts_with_shop": True}), "en")
    assert not [label for label in said if "profit" in label or "ontribution" in label]
    assert "US dollars" in said["Amounts"] and "starts with the shop" in said["Who is a new customer"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rules_of_the_ranks_in_one_line(lang):
    ranks = [{"rank": "premium", "min_purchases": 6, "min_sales_jpy": 30000},
             {"rank": "semi_premium", "min_sales_jpy": 8000}, {"rank": "regular"}]
    said = " ".join(rows(settings(rfm={"ranks": ranks, "dormant_days": 400}), lang)[1].values())
    assert all(figure in said for figure in ("400", "6", "30,000", "8,000", Text(lang)("rank.regular")))


def test_cut_points_as_they_were_used():
    points = [{"score": 5, "recency_max_days": 30.0, "frequency_min": 10.0, "monetary_min_jpy": None},
              {"score": 1, "recency_max_days": None, "frequency_min": None, "monetary_min_jpy": None}]
    groups, _ = rows(settings(), results={"rfm": {"tables": {"cut_points": points}}})
    assert groups[1]["rows"] == [["5", "30", "10"], ["1", "—", "—"]] and len(groups[1]["columns"]) == 3


def test_notes_are_sentences_and_unknown_ones_say_nothing():
    notes = [{"id": "unmapped_ad_code", "code": "OLD07", "orders": 105}, {"id": "never heard of"},
             {"id": "unmatched_people", "table": "nps_responses", "rows": 470, "unmatched": 22}]
    said = conditions.notes({"notes": notes}, Text("ja"))
    assert len(said) == 2 and "OLD07" in said[0] and "client.yaml" not in said[0] and said[1].startswith("アンケート")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_note_tells_the_client_what_to_write_into_the_settings(lang):
    words = text._catalogue(lang)
    notes = {key.removeprefix("data.note."): said for key, said in words.items() if key.startswith("data.note.")}
    shown = {name: words.get(f"report.note.{name}", said) for name, said in notes.items()}
    assert len(shown) > 20 and [n for n, said in shown.items() if re.search(r"client\.yaml|(sources|columns|options|values|channels):", said)] == []


@pytest.mark.parametrize(("logo", "there"), [("logo.png", True), ("nowhere.png", False), ("../other/logo.png", False)])
def test_the_logo_is_a_file_of_the_clients_own_folder(tmp_path, logo, there):
    for client in ("mine", "other"):
        (tmp_path / client).mkdir()
        (tmp_path / client / "logo.png").write_bytes(b"png")
    folder = config.Folder("mine", root=tmp_path)
    given = settings(brand={"logo": logo, "accent": "#123456"})
    if there:
        assert publish._brand(folder, given) == {"logo": str(tmp_path / "mine" / "logo.png"), "accent": "#123456"}
        return
    with pytest.raises(errors.ShindanError) as failure:
        publish._brand(folder, given)
    assert failure.value.code == errors.BAD_CONFIG and "brand.logo" in failure.value.where
