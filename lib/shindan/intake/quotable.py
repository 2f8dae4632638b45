"""Which cells may stand in a message: short words that many rows share, nothing that looks like a person's.

A column mapped by mistake may hold names, addresses or notes; a message that quotes what it did not
understand would print them.
"""

import re

MOST_WORDS = 12
LONGEST = 20
FEW_ROWS = 10           # with fewer rows every word may be rare
PERSONAL_COLUMN = re.compile(
    r"氏名|名前|お名|顧客名|会員名|宛名|フリガナ|ふりがな|カナ|かな|メール|電話|住所|郵便|誕生|生年|備考|メモ|コメント|要望|"
    r"name|mail|phone|\btel|address|street|zip|postal|birth|note|memo|comment|remark", re.I)
LETTER = "[ぁ-んァ-ヶー一-龠々]"
NAME = f"様$|さん$|殿$|^{LETTER}{{1,5}}[ \u3000]+{LETTER}{{1,5}}$"   # 山田 花子
PERSONAL = re.compile(rf"@|\d{{4,}}|\d{{2,4}}-\d{{2,4}}|[都道府県].*[市区町村郡]|{NAME}")
NO_CODE = rf"@|(^|\D)0\d{{1,4}}-?\d{{1,4}}-?\d{{4}}(\D|$)|{NAME}|^.{{65,}}$"  # what no advertising code looks like


def words(counts, column):
    """The texts of `counts` ({text: rows}) that may be quoted, if they may be at all; else ()."""
    told = [text for text in counts if text]
    rows = sum(counts.values())
    crowd = len(told) > MOST_WORDS or (rows > FEW_ROWS and len(told) > rows / 2)
    if crowd or PERSONAL_COLUMN.search(column or "") or any(map(is_personal, told)):
        return ()
    return tuple(told)


def is_personal(text):
    """True for what may be a name, an address, a number of somebody, or a sentence."""
    return len(text) > LONGEST or bool(PERSONAL.search(text))
