"""Frequent words of survey comments by group: only words that several people used, never a name.

Japanese is cut into words by janome (its dictionary is in the package), Latin letters by spaces.
Names of persons and places, numbers, addresses, words before さん / 様 and capitalised words inside a
sentence are dropped before anything is counted. Words are counted by person, once each.
"""

import functools
import re
import unicodedata
from collections import defaultdict

import pandas as pd

from shindan.analyses.nps import GROUPS
from shindan.engine import as_table, frame

MIN_PEOPLE = 3    # behind a word
MOST_READ = 5000  # comments of a group, the latest
KEPT = ("名詞,一般", "名詞,サ変接続", "名詞,形容動詞語幹", "名詞,副詞可能", "動詞,自立", "形容詞,自立")
PERSON_AFTER = ("名詞,接尾,人名",)
LINKED = ("助動詞", "助詞,接続助詞", "動詞,非自立", "動詞,接尾")  # between a verb and its ない
NOT = ("ない", "ん", "ぬ")
FIVE_ROWS = dict(zip("うくぐすつぬぶむる", "わかがさたなばまら", strict=True))
ADDRESS = re.compile(r"https?://\S+|\S+@\S+|\d[\d-]{5,}")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*")
JAPANESE = re.compile(r"^[ぁ-んァ-ヶー一-龥々]+$")
_EMPTY = """
する いる ある なる できる 思う くださる いただく やる 言う ない 無い いい 良い よい 今 前 後 方 人 気 ところ ため 感じ 当店 そちら ほう
a about also an and are as at be because been but by can could did do does for from get got had has have her his how i if
in into is it its just me more my no not of on or our out really she so some than that the their them then there they
this to too up us very was we were what when which who will with would you your"""
SAY_NOTHING = frozenset(_EMPTY.split())


def words(answers, most=8):
    """One row per group x word, promoters and the most used words first (pandas).

    Columns: group, word, n_people (never below MIN_PEOPLE), n (people of the group who wrote
    anything that has words), people_share. A verb or adjective that is denied is another word.
    """
    users, people = defaultdict(set), defaultdict(set)
    for row in _comments(answers).itertuples():
        found = set(cut(row.comment))
        if found:
            people[row.group].add(row.person)
        for word in found:
            users[row.group, word].add(row.person)
    rows = [(group, word, len(who), len(people[group]), len(who) / len(people[group]))
            for (group, word), who in users.items() if len(who) >= MIN_PEOPLE]
    t = pd.DataFrame(rows, columns=["group", "word", "n_people", "n", "people_share"])
    t = t.assign(place=t.group.map({g: i for i, g in enumerate(GROUPS)}))
    t = t.sort_values(["place", "n_people", "word"], ascending=[True, False, True]).groupby("group", sort=False).head(most)
    return t.drop(columns="place").reset_index(drop=True)


def _comments(answers):
    """The latest MOST_READ comments of each group: group, person, comment (pandas)."""
    a = as_table(answers)
    a = a.filter(a.comment.strip().length() > 0)
    t = a.select("group", "comment", "answer_date", "answer_id", person=a.customer_key.fill_null(a.answer_id))
    t = frame(t.drop_null("comment"), by=["answer_date", "answer_id"])
    return t.groupby("group", sort=False).tail(MOST_READ)


def cut(comment):
    """The words of one comment that may be counted, in dictionary form."""
    comment = ADDRESS.sub(" ", unicodedata.normalize("NFKC", comment))
    return [*_latin(comment), *_japanese(LATIN.sub(" ", comment))]


def _latin(comment):
    """English words in small letters; a capital inside a sentence makes a name."""
    for match in LATIN.finditer(comment):
        word, before = match.group().rstrip("'’-"), comment[: match.start()].rstrip()
        starts = not before or before[-1] in ".!?。！？\n"
        if len(word) > 2 and word.lower() not in SAY_NOTHING and (starts or word.islower()):
            yield word.lower()


def _japanese(comment):
    tokens = list(_tokenizer().tokenize(comment)) if comment.strip() else []
    for place, token in enumerate(tokens):
        kind, word = token.part_of_speech, token.base_form
        if not kind.startswith(KEPT) or word in SAY_NOTHING or not JAPANESE.match(word):
            continue
        if len(word) == 1 and word < "一" or _is_name(tokens[place + 1:]):
            continue
        yield _denied(token) if not kind.startswith("名詞") and _is_negated(tokens[place + 1:]) else word


def _is_name(following):
    return bool(following) and following[0].part_of_speech.startswith(PERSON_AFTER)


def _is_negated(following):
    for token in following:
        if token.base_form in NOT and token.part_of_speech.startswith(("助動詞", "形容詞,自立")):
            return True
        if not token.part_of_speech.startswith(LINKED):
            return False
    return False


def _denied(token):
    """合う -> 合わない, 高い -> 高くない, 続ける -> 続けない."""
    word, kind = token.base_form, token.infl_type
    if kind.startswith("形容詞"):
        return word[:-1] + "くない"
    if kind.startswith("五段"):
        return word[:-1] + FIVE_ROWS[word[-1]] + "ない"
    return (word[:-1] if kind.startswith("一段") else word + "〜") + "ない"


@functools.cache
def _tokenizer():
    from janome.tokenizer import Tokenizer

    return Tokenizer(mmap=True)


def by_group(follow_up, words):
    """`follow_up` with the frequent words of each group in one line: said, "味 14 · 安心 12"."""
    lines = words.assign(said=words.word + " " + words.n_people.astype(str)).groupby("group").said.agg(" · ".join)
    return follow_up.assign(said=follow_up.group.map(lines))
