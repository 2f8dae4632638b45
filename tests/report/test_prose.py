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


def test_html_code_and_images_are_their_own_text():
    source = '<script>alert(1)</script>\n\n`x = 1` ![図](a.png) <b>b</b>\n\n```\n#read("x")\n```'
    assert prose.plain(prose.blocks(source)).replace(glyphs.BREAK, "") == '<script>alert(1)</script> x = 1 図 <b>b</b>#read("x") '


@given(st.text(alphabet='#*_`[]()<>$\\{}!-1. \nあa"', max_size=80))
def test_any_source_gives_known_nodes_only(source):
    kinds = {"heading", "paragraph", "list", "item", "text", "strong", "emphasis", "link", "code",
             "softbreak", "linebreak"}

    def walk(nodes):
        for node in nodes:
            assert node["kind"] in kinds
            walk(node.get("children", []))

    walk(prose.blocks(source))
