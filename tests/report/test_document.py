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
