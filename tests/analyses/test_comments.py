"""Frequent words of comments: by person, never of few people, never a name."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan.analyses import comments


def answers(rows):
    """Rows of nps.answers from (person, group, comment)."""
    t = pd.DataFrame(rows, columns=["customer_key", "group", "comment"]).astype("string")
    return t.assign(answer_id=pd.Series([f"a{i}" for i in range(len(t))], dtype="string"), answer_date=pd.Timestamp("2025-01-01"))


@pytest.mark.parametrize("comment, words", [
    ("味が合いませんでした", ["味", "合わない"]), ("届くのが遅かったです", ["届く", "遅い"]),
    ("高くない。続けやすい", ["高くない", "続ける"]), ("続けられない", ["続けない"]),
    ("①味②価格ともに満足", ["味", "価格", "満足"]), ("The price is high, but tasty", ["price", "high", "tasty"]),
    ("", []), ("!!? 123", [])])
def test_words_in_dictionary_form(comment, words):
    assert [w for w in comments.cut(comment) if w != "とも"] == words


@pytest.mark.parametrize("comment", [
    "担当の田中さん", "山田様", "タカハシさん", "電話は090-1234-5678まで", "taro@example.com", "Thanks Tanaka and Suzuki",
    "https://example.com/taro", "京都の佐藤です"])
def test_nothing_personal_is_a_word(comment):
    said = " ".join(comments.cut(comment)).lower()
    for secret in ("田中", "山田", "タカハシ", "090", "1234", "taro", "tanaka", "suzuki", "example", "佐藤", "京都"):
        assert secret not in said


def test_only_words_of_three_people_and_each_person_once():
    rows = [(f"c{i}", "detractor", "送料が高い") for i in range(3)] + [("c9", "detractor", "電話が遅い")] * 5
    rows += [("d1", "promoter", "送料が安い"), ("d2", "promoter", "送料も味も"), ("d3", "promoter", None), ("d4", "promoter", " ")]
    t = comments.words(answers(rows))
    assert t[["group", "word", "n_people", "n"]].values.tolist() == [
        ["detractor", "送料", 3, 4], ["detractor", "高い", 3, 4]]
    assert t.people_share.to_list() == [.75, .75]


def test_people_without_a_customer_are_people():
    t = comments.words(answers([(None, "passive", "味が薄い")] * 3))
    assert t.n_people.to_list() == [3, 3]


def test_one_line_a_group():
    words = comments.words(answers([(f"c{i}", "promoter", "味が良くて安心") for i in range(4)]))
    contacts = pd.DataFrame({"group": ["promoter", "detractor"], "n": [4, 0]})
    said = comments.by_group(contacts, words).said
    assert said[0] == "味 4 · 安心 4" and pd.isna(said[1])


def test_no_comments_no_words():
    none = comments.words(answers([]))
    assert none.empty and comments.by_group(pd.DataFrame({"group": ["promoter"]}), none).said.isna().all()


@given(st.lists(st.text(max_size=30), max_size=8))
@settings(max_examples=25, deadline=None)
def test_any_text_is_cut_and_never_shown_below_three_people(texts):
    rows = [(f"c{i % 3}", "promoter", t) for i, t in enumerate(texts)]
    assert (comments.words(answers(rows)).n_people >= 3).all()
