"""The NPS surveys: who answered, what, and the file a form tool makes of it (one per wave)."""

import datetime

import numpy as np
import pandas as pd
import xlsxwriter

from shindan.demo import campaigns
from shindan.demo import catalogue as cat

QUESTION = "当店を親しいご友人やご家族に薦める可能性は、どのくらいありますか？（0〜10）"
HEADERS = ["タイムスタンプ", "メールアドレス", QUESTION, "その理由をお聞かせください"]
MOST = 400_000  # customers asked per wave at the most, whatever the shop's size
NET = cat.SCORES[:, 9:].sum(axis=1) - cat.SCORES[:, :7].sum(axis=1)  # true NPS of each mood
COMMENTS = (  # 0-6, 7-8, 9-10
    ("届くのが遅かったです", "味が合いませんでした", "電話がつながりにくい", "期待したほどではない", "送料が高い～"),
    ("普通に満足しています", "もう少し安いとうれしい", "続けやすいです", "包装がていねい", ""),
    ("家族みんなで飲んでいます！", "対応が親切で安心", "①味②価格ともに満足", "友人にも薦めました", "これからも続けます"),
)


def asked(c, purchases, plan, rng):
    """One row per customer x wave they answered: score, mood, and `net`, the truth behind it."""
    parts = []
    for wave in cat.WAVES:
        day = int((np.datetime64(wave) - cat.START).astype(int))
        h = campaigns.history(purchases, day)
        h = h[h.recency <= 365]
        kind = np.searchsorted([2, 4], h.n, side="right")
        scale = min(1.0, MOST / plan.customers)
        h = h[rng.random(len(h)) < scale * np.array(cat.ANSWERS)[kind]]
        parts.append(_answers(c, h, day, wave[:7], rng))
    return pd.concat(parts, ignore_index=True)


def _answers(c, h, day, wave, rng):
    n, moods = len(h), cat.MOODS[np.searchsorted([2, 4], h.n, side="right")]
    mood = (rng.random((n, 1)) > moods.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    score = (rng.random((n, 1)) > cat.SCORES[mood].cumsum(axis=1)).sum(axis=1).clip(0, 10)
    group = np.searchsorted([7, 9], score, side="right")
    comment = np.array(COMMENTS, dtype=object)[group, rng.integers(0, 5, size=n)]
    return pd.DataFrame({
        "wave": wave, "customer": h.index, "email": c.email.loc[h.index].to_numpy(),
        "day": np.minimum(day + rng.integers(0, 12, size=n), cat.AS_OF),
        "second": rng.integers(28_000, 82_000, size=n), "score": score,
        "comment": np.where(rng.random(n) < 0.55, comment, ""), "net": moods @ NET})


def write(folder, answers, plan):
    """nps_<wave>.xlsx for each wave, in the order of time."""
    for number, wave in enumerate(cat.WAVES):
        rng = plan.random(1_000_003, number)
        rows = _as_sent(answers[answers.wave == wave[:7]], rng)
        _book(folder / f"nps_{wave[:7]}.xlsx", rows, as_text=number == len(cat.WAVES) - 1)


def _as_sent(answers, rng):
    """The form's rows: cells as people fill them, a few blanks, strangers and second answers."""
    a = answers.sort_values(["day", "second", "email"], kind="stable", ignore_index=True)
    odd = rng.random(len(a))
    a["cell"] = [_cell(score, luck) for score, luck in zip(a.score, odd, strict=True)]
    first = a[rng.random(len(a)) < 0.02].assign(cell=5, comment="")  # changed their mind later
    first["second"] -= 3600
    blank = a[rng.random(len(a)) < 0.02].assign(cell="", comment="", email="")
    rows = pd.concat([a, first, blank], ignore_index=True)
    stranger = (rng.random(len(rows)) < 0.02) & (rows.email != "")
    rows.loc[stranger, "email"] = "another." + rows.email[stranger]
    return rows.sort_values(["day", "second", "email"], kind="stable", ignore_index=True)


def _cell(score, luck):
    if luck < 0.04:
        return str(score).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if luck < 0.07:
        return f"{score} - {'非常に薦めたい' if score == 10 else '薦めたい' if score > 6 else '薦めない'}"
    return int(score)


def _book(file, rows, as_text):
    with xlsxwriter.Workbook(file) as book:
        book.set_properties({"created": datetime.datetime(2026, 1, 5)})
        stamp = book.add_format({"num_format": "yyyy/mm/dd hh:mm:ss"})
        sheet = book.add_worksheet("フォームの回答 1")
        sheet.write_row(0, 0, HEADERS)
        for number, r in enumerate(rows.itertuples(), start=1):
            at = (datetime.datetime.combine(cat.FIRST_DATE, datetime.time())
                  + datetime.timedelta(days=int(r.day), seconds=int(r.second)))
            if as_text:
                sheet.write_string(number, 0, f"{at:%Y/%m/%d %H:%M:%S}")
            else:
                sheet.write_datetime(number, 0, at, stamp)
            sheet.write_row(number, 1, [r.email, r.cell, r.comment])
