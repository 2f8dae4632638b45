"""What cannot be shown never reaches the page; what can be shown arrives unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shindan.report import glyphs


@pytest.mark.parametrize("text", ["髙﨑①㈱～", '#read("/etc/passwd")', "$x$ *b* _c_ `d`", "<script>", "{{7*7}}",
                                  "◎○△×…〓", "café ¥1,234 〜 − –"])
def test_plain_text_arrives_unchanged(text):
    assert glyphs.line(text) == text


@pytest.mark.parametrize("given_text, shown", [
    ("か\u3099きゅう", "がきゅう"), ("\u202eabc\u202c\u200fd", "abcd"), ("a\x00\x1b[31mb", "a[31mb"),
    ("葛\U000e0100城", "葛城"), ("好き😀", "好き〓"), ("Źle", "Zle"), ("a\tb\nc", "a b c"), ("שלום", "〓〓〓〓")])
def test_what_the_fonts_lack_is_replaced(given_text, shown):
    assert glyphs.line(given_text) == shown


def test_a_long_name_ends_in_an_ellipsis_and_can_break():
    cut = glyphs.line("A" * 5000, 60)
    assert cut.replace(glyphs.BREAK, "") == "A" * 59 + "…"
    assert max(map(len, cut.split(glyphs.BREAK))) <= 13


@given(st.text())
def test_every_character_left_has_a_glyph(text):
    assert set(map(ord, glyphs.printable(text))) <= glyphs.covered() | {ord("\n")}
