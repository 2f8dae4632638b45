"""Markdown becomes data; nothing in it becomes markup."""

from hypothesis import given
from hypothesis import strategies as st

from shindan.report import glyphs, prose


def test_paragraphs_lists_and_emphasis():
    first, listed = prose.blocks("一つの**強い**言葉\n\n1. 先\n2. 後")
    assert [node["kind"] for node in first["children"]] == ["text", "strong", "text"]
    assert prose.plain(first["children"]) == "一つの強い言葉"
    assert listed["ordered"] and prose.plain(listed["children"]) == "先後"


def test_headings_carry_their_level():
    assert [b["level"] for b in prose.blocks("# a\n\n## b") if b["kind"] == "heading"] == [1, 2]


def said(source):
    """The words of a source, a / where a line turns."""
    def words(node):
        return "/" if node["kind"] == "linebreak" else node.get("text", "") + "".join(map(words, node.get("children", ())))
    return [words(block).replace(glyphs.BREAK, "") for block in prose.blocks(source)]


def test_html_code_and_images_are_their_own_text():
    source = '<script>alert(1)</script>\n\n`x = 1` ![図](a.png) <b>b</b>\n\n```\n#read("x")\n  y\n```'
    assert said(source) == ["<script>alert(1)</script>", "x = 1 ![図](a.png) <b>b</b>", '#read("x")/  y']


def test_the_address_of_a_link_is_printed_once():
    assert said("[案内](https://example.invalid/a)と<https://example.invalid/b>") == [
        "案内 (https://example.invalid/a)とhttps://example.invalid/b"]


def test_the_lines_of_a_table_stay_lines_and_those_of_a_sentence_do_not():
    assert said("| a | b |\n|---|---|\n| 1 | 2 |\n\n一つの\n文") == ["| a | b |/|---|---|/| 1 | 2 |", "一つの 文"]


def test_a_numbered_list_starts_where_it_was_started():
    assert [block["start"] for block in prose.blocks("3. a\n4. b\n\n本文\n\n1. c\n") if block["kind"] == "list"] == [3, 1]


def test_nothing_written_is_cut_and_a_computed_sentence_is():
    assert len(prose.plain(prose.blocks("あ" * 5000))) == 5000
    assert prose.plain([prose.paragraph("あ" * 5000)]).endswith("…")


@given(st.text(alphabet='#*_`[]()<>$\\{}!-1. \nあa"', max_size=80))
def test_any_source_gives_known_nodes_only(source):
    kinds = {"heading", "paragraph", "list", "item", "text", "strong", "emphasis", "link", "code",
             "softbreak", "linebreak"}

    def walk(nodes):
        for node in nodes:
            assert node["kind"] in kinds
            walk(node.get("children", []))

    walk(prose.blocks(source))
