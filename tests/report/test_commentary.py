"""The consultant's own words: in their chapter, as words, refused where they belong to none."""

import pypdfium2
import pytest

from shindan import config, errors, report
from shindan.report import commentary
from shindan.report.document import document

NASTY = '# h1\n\n## h2\n\n<script>x</script> #read("/etc/passwd") $x$ {{7*7}} \u202eabc 好き😀\n\n\\*b\\*\n\n' + "あ" * 5000


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "abc" / "commentary").mkdir(parents=True)
    return config.Folder("abc", tmp_path)


def written(folder, name, words):
    file = folder.commentary / f"{name}.md"
    file.write_bytes(words if isinstance(words, bytes) else words.encode())
    return file


def pages(notebooks, meta):
    whole = report.joined(notebooks, meta)
    return document(report.in_language(whole, meta["language"]), meta)[0]["chapters"]


def with_words(notebook, file):
    copy = type(notebook)({**notebook, "cells": [*notebook.cells, commentary.cell(file)]})
    return copy


def test_short_words_stand_beside_the_first_page(folder, japanese, ja_meta):
    said = with_words(japanese[1], written(folder, "repeat", "試飲会で**高め**。"))
    chapters = pages([said], ja_meta)
    assert len(chapters[0]["pages"]) == 3
    assert "試飲会で" in str(chapters[0]["pages"][0]["notes"]["commentary"])
    assert not any(page["notes"]["commentary"] for page in chapters[0]["pages"][1:])


def test_long_words_have_a_page_and_headings_do_not_start_chapters(folder, japanese, ja_meta, tmp_path):
    said = with_words(japanese[1], written(folder, "repeat", NASTY))
    chapters = pages([japanese[0], said, japanese[2]], ja_meta)
    assert [c["title"] for c in chapters] == ["まとめ", "リピート"]
    assert chapters[1]["pages"][-1]["title"] == "担当者の所見" and len(chapters[1]["pages"]) == 4
    file = report.build([japanese[0], said, japanese[2]], ja_meta, tmp_path / "x.pdf")
    with pypdfium2.PdfDocument(file) as opened:
        text = "".join("".join(page.get_textpage().get_text_range().split()) for page in opened)
    for literal in ("<script>x</script>", '#read("/etc/passwd")', "$x$", "*b*", "{{7*7}}", "abc", "好き〓"):
        assert literal in text, literal


def test_many_short_lines_do_not_stand_beside_a_figure(folder, japanese, ja_meta):
    for words, pages_of_chapter in (("- あ\n" * 4, 3), ("- あ\n" * 40, 4), ("```\n" + "a\n" * 40 + "```", 4)):
        chapters = pages([with_words(japanese[1], written(folder, "repeat", words))], ja_meta)
        assert len(chapters[0]["pages"]) == pages_of_chapter, words


def test_the_last_word_of_a_long_paragraph_is_printed(folder, japanese, ja_meta, tmp_path):
    said = with_words(japanese[1], written(folder, "repeat", "長い話。" * 1250 + "終わり\n\n| 列 | 値 |\n| 一 | 2 |"))
    file = report.build([japanese[0], said], ja_meta, tmp_path / "x.pdf")
    with pypdfium2.PdfDocument(file) as opened:
        text = "".join("".join(page.get_textpage().get_text_range().split()) for page in opened)
    assert "話。終わり" in text and "|列|値|" in text


def test_words_of_a_chapter_without_pages_still_print(folder, japanese, ja_meta):
    chapters = pages([japanese[0], with_words(japanese[2], written(folder, "campaign", "来期から配信を始める。"))], ja_meta)
    assert [page["title"] for page in chapters[1]["pages"]] == ["担当者の所見"]


def test_words_of_a_chapter_left_out_wait(folder):
    there = written(folder, "repeat", "x"), written(folder, "nps", "y")
    assert commentary.files(folder, ["repeat"], ["repeat", "nps"]) == {"repeat": there[0]}


def test_files_of_no_chapter_and_no_text_are_refused(folder):
    written(folder, "repeet", "x")
    with pytest.raises(errors.ShindanError) as failure:
        commentary.files(folder, ["repeat"], ["repeat", "nps"])
    assert failure.value.code == errors.BAD_CONFIG and "repeet.md" in failure.value.where
    (folder.commentary / "repeet.md").unlink()
    written(folder, ".hidden", "x")
    assert commentary.files(folder, ["repeat"], ["repeat", "nps"]) == {}
    for name in ("repeat.txt", "repeat.md.txt", "repeat.MD"):
        (folder.commentary / name).write_text("x")
        with pytest.raises(errors.ShindanError) as failure:
            commentary.files(folder, ["repeat"], ["repeat", "nps"])
        assert name in failure.value.where and "repeat.md" in failure.value.mend
        (folder.commentary / name).unlink()
    for words in (b"\xff\xfe\x00", b"a" * (commentary.LONGEST + 1)):
        with pytest.raises(errors.ShindanError):
            commentary.cell(written(folder, "repeat", words))
