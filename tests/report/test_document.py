"""Notebooks -> one document: which pages, in which language, with which words."""

import nbformat.v4 as v4
import pytest

from shindan import errors, report
from shindan.report.document import document


def made(notebooks, meta):
    whole = report.joined(notebooks, meta)
    return document(report.in_language(whole, meta["language"]), meta)


def test_chapters_and_pages_in_reading_order(japanese, ja_meta):
    tree, figures = made(japanese, ja_meta)
    assert [(c["title"], [p["title"] for p in c["pages"]]) for c in tree["chapters"]] == [
        ("まとめ", ["1枚でわかる診断"]), ("リピート", ["2回目購入率", "チャネル別の2回目購入率", "商品別"])]
    assert sorted(figures) == ["figure-01.svg", "figure-02.svg"]


def test_only_the_language_asked_for(japanese, english, ja_meta, en_meta):
    assert "English" not in str(made(japanese, ja_meta)[0])
    assert "日本語" not in str(made(english, en_meta)[0])
    assert [c["title"] for c in made(english, en_meta)[0]["chapters"]] == ["Repeat purchases"]


def test_withheld_pages_are_listed_with_their_reason(japanese, ja_meta):
    rows = made(japanese, ja_meta)[0]["appendix"]["withheld"]
    assert rows == [["リピート › 時間帯別", "注文時刻がないため出していない。"],
                    ["キャンペーン(章全体)", "配信データがないため出していない。"]]


def test_one_reason_given_twice_on_a_page_is_listed_once(make, ja_meta):
    nb = make.notebook(make.prose("# a"), make.prose("## b"), make.shown(make.figure(make.svg())), make.prose("## c"),
                       make.shown(make.withheld("x.one", "ない。"), make.withheld("x.two", "ない。")))
    assert made([nb], ja_meta)[0]["appendix"]["withheld"] == [["a › c", "ない。"]]


def test_definitions_state_n_period_benchmark(japanese, ja_meta):
    f2, nps, few = made(japanese, {**ja_meta, "kpis": ja_meta["kpis"] * 2})[0]["appendix"]["definitions"]
    assert f2[1:4] == ["8.4% (7.9%〜8.9%)", "12,345", "2023年1月1日〜2025年12月31日"]
    assert f2[4].endswith("[基準値 10.0% △ 出典: 通販診断の標準, 2020-01]")
    assert nps[1:4] == ["12.3 (4.1〜20.5)", "812", "2025年12月31日時点"]
    assert few[1] == "n<5"


def test_intervals_and_sources_speak_the_language(english, en_meta):
    kpi = {**en_meta["kpis"][0], "benchmark": {"value": 0.1, "source": "標準", "source_en": "our standard", "date": "2020-01"}}
    row = made(english, {**en_meta, "kpis": [kpi]})[0]["appendix"]["definitions"][0]
    assert row[1] == "8.4% (7.9% to 8.9%)" and "our standard" in row[4] and "標準" not in row[4]


def test_a_failed_cell_ends_the_export(make, ja_meta):
    broken = v4.new_code_cell("x", outputs=[v4.new_output("error", ename="E", evalue="山田", traceback=[])])
    with pytest.raises(errors.ShindanError) as failure:
        made([make.notebook(make.prose("# a"), broken)], ja_meta)
    assert failure.value.code == errors.CHAPTER_FAILED and "山田" not in str(failure.value)


def test_an_unknown_block_is_refused(make, ja_meta):
    with pytest.raises(ValueError, match="hologram"):
        made([make.notebook(make.prose("# a\n\n## b"), make.shown({"kind": "hologram"}))], ja_meta)


@pytest.mark.parametrize("brand", [{"accent": 'red") #read("x'}, {"logo": "nowhere.png"}])
def test_a_wrong_brand_is_a_settings_error(japanese, ja_meta, brand):
    with pytest.raises(errors.ShindanError) as failure:
        made(japanese, {**ja_meta, "brand": brand})
    assert failure.value.code == errors.BAD_CONFIG


def test_the_first_statement_is_the_title_and_the_others_stand_over_their_evidence(make, ja_meta):
    card = {"kind": "kpis", "cards": [make.card("率", "8.4%")]}
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(
        make.headline("x.one", "第一"), card, make.figure(make.svg()), make.headline("x.two", "第二", "×"), card,
        make.figure(make.svg())))
    page = made([nb], ja_meta)[0]["chapters"][0]["pages"][0]
    assert page["headline"]["text"] == "第一" and len(page["cards"]) == 1
    assert [(it["kind"], it.get("text")) for it in page["evidence"]] == [
        ("figure", None), ("sentence", "第二"), ("figure", None)]


def test_methods_and_readings_of_a_withheld_statement_are_left_out(make, ja_meta):
    nb = make.notebook(
        make.prose("# a\n\n## b"), make.shown(make.withheld("x.one", "足りない。")), make.prose("左の図", "reading"),
        make.shown(make.headline("x.two", "第二")), make.prose("右の図", "reading"), make.prose("式", "method"),
        make.prose("試す", "so_what"),
        make.shown(make.withheld("x.three", "ない。")), make.prose("三つ目", "method"), make.prose("届ける", "so_what"))
    tree = made([nb], ja_meta)[0]
    notes = tree["chapters"][0]["pages"][0]["notes"]
    assert not [words for words in ("左の図", "三つ目", "届ける") if words in str(notes)]
    assert all(words in str(notes) for words in ("右の図", "式", "試す"))
    assert tree["appendix"]["withheld"] == [["a › b", "足りない。"], ["a › b", "ない。"]]


def folded(make, meta, *sections):
    """{title: its sentences} of the printed pages of one chapter."""
    cells = [cell for title, shown in sections for cell in (make.prose(f"## {title}"), make.shown(*shown))]
    pages = made([make.notebook(make.prose("# a"), *cells)], meta)[0]["chapters"][0]["pages"]
    return {page["title"]: [it["text"] for it in page["evidence"] if it["kind"] == "sentence"] for page in pages}


def test_a_page_of_nothing_but_sentences_joins_the_page_beside_it(make, ja_meta):
    bare, drawn = [make.headline("x.bare", "文だけ")], [make.headline("x.drawn", "図あり"), make.figure(make.svg())]
    assert folded(make, ja_meta, ("b", bare), ("c", drawn)) == {"c": ["文だけ"]}
    assert folded(make, ja_meta, ("b", drawn), ("c", bare)) == {"b": ["文だけ"]}
    assert folded(make, ja_meta, ("b", bare)) == {"b": []}
    assert folded(make, ja_meta, ("b", [*bare, {"kind": "kpis", "cards": [make.card("率", "8.4%")]}]), ("c", drawn)) == {"b": [], "c": []}


def test_a_computed_note_stands_with_the_written_ones_and_is_never_markdown(make, ja_meta):
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(
        make.headline("x.one", "第一"), {"kind": "note", "role": "so_what", "text": "「*新*<b>」を試す"}), make.prose("式", "method"))
    notes = made([nb], ja_meta)[0]["chapters"][0]["pages"][0]["notes"]
    assert notes["so_what"] == [{"kind": "paragraph", "children": [{"kind": "text", "text": "「*新*<b>」を試す"}]}]
    assert "式" in str(notes["method"])


def test_chapters_the_data_cannot_fill_are_named_with_their_first_reason(japanese, ja_meta):
    assert made(japanese, ja_meta)[0]["absent"] == [["キャンペーン", "配信データがないため出していない。"]]


def test_figures_of_the_first_cards_are_defined_and_the_others_counted(make, ja_meta):
    card = make.card("率", "8.4%", id="repeat.f2_rate_365")
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(make.headline("x.one", "第一"), {"kind": "kpis", "cards": [card]}))
    appendix = made([nb], ja_meta)[0]["appendix"]
    assert [row[1] for row in appendix["definitions"]] == ["8.4% (7.9%〜8.9%)"] and "2の指標" in appendix["rest"]


def test_proposals_reach_the_page_as_words(make, ja_meta):
    parts = [{"mark": "M", "name": "測れる", "rows": [["指標", "あ" * 500]]}]
    block = {"kind": "proposals", "cards": [{"title": "#read(x)", "gain": "", "parts": parts}]}
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(make.headline("summary.x", "提案"), block))
    shown = made([nb], ja_meta)[0]["chapters"][0]["pages"][0]["evidence"][0]["cards"][0]
    assert shown["title"] == "#read(x)" and len(shown["parts"][0]["rows"][0][1]) == 120
