"""The shop's 定期便: a service of its own since its second year, of which only the contracts are exported.

Its deliveries and their sales are booked there and not in the order files. The model: each step to the
next delivery is taken with a probability that depends on the course (with a promise of three deliveries,
or with none) and on the delivery's number; see COURSES.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shindan.demo import catalogue as cat
from shindan.demo import csvtext as text

STAGE = 2  # of plan.random: no other draw of the shop depends on this one
OPENED = (np.datetime64("2024-01-15") - cat.START).astype(int)
CYCLE = 30  # days
SHARE_TRIAL, SHARE_OTHER = 0.24, 0.10  # of the customers who subscribe one day, by how they began
REASONS = ("商品が余っている", "価格が高い", "効果を感じない", "他社の商品に替えた", "")
HEADERS = ["定期受注番号", "メールアドレス", "ステータス", "定期受注作成日", "キャンセル日", "キャンセル理由",
           "何ヶ月ごと", "お約束回数（定期）", "次回配送予定日", "定期回数"]


@dataclass(frozen=True)
class Course:
    """A course: the deliveries promised, and P(the next delivery) after delivery 1, 2, 3, 4 and later."""

    promised: int
    share: float
    keeps: tuple[float, ...]

    def reaches(self, delivery):
        """The model's probability that a contract gets this delivery."""
        return float(np.prod([self.keeps[min(n, len(self.keeps)) - 1] for n in range(1, delivery)]))


COURSES = (Course(3, 0.72, (0.98, 0.97, 0.66, 0.90)), Course(0, 0.28, (0.76, 0.84, 0.90, 0.92)))


def contracts(c, rng):
    """One row per contract begun by AS_OF: customer (row of c), day, course, delivered, left_day (-1:
    running), paused, reason."""
    trial = (c["product"] == 0).to_numpy()
    takes = c.buys.to_numpy() & (rng.random(len(c)) < np.where(trial, SHARE_TRIAL, SHARE_OTHER))
    day = c.first_day.to_numpy() + np.ceil(rng.gamma(1.5, 40, size=len(c))).astype(int)
    who = np.flatnonzero(takes & (day >= OPENED) & (day <= cat.AS_OF))
    course = rng.choice(len(COURSES), size=len(who), p=[k.share for k in COURSES])
    s = pd.DataFrame({"customer": who, "day": day[who], "course": course})
    keeps = np.array([k.keeps for k in COURSES])
    delivered, going = np.ones(len(s), dtype=int), np.ones(len(s), dtype=bool)
    left = np.full(len(s), -1)
    last = (cat.AS_OF - OPENED) // CYCLE + 1
    for number in range(1, last + 1):
        stays = rng.random(len(s)) < keeps[course, min(number, keeps.shape[1]) - 1]
        cancel = s.day.to_numpy() + CYCLE * (number - 1) + rng.integers(2, CYCLE - 2, size=len(s))
        leaves = going & ~stays & (cancel <= cat.AS_OF)
        left[leaves] = cancel[leaves]
        due = s.day.to_numpy() + CYCLE * number <= cat.AS_OF
        going &= stays & due
        delivered += going
    reason = rng.choice(len(REASONS), size=len(s), p=(0.34, 0.27, 0.18, 0.11, 0.10))
    return s.assign(delivered=delivered, left_day=left, paused=rng.random(len(s)) < 0.02, reason=reason)


def rows(c, s, first):
    """The text of the contracts, numbered from `first`."""
    running = (s.left_day < 0).to_numpy()
    at = c.loc[s.customer]
    following = np.where(running & ~s.paused.to_numpy(), s.day + CYCLE * s.delivered, -1)
    status = np.where(~running, "キャンセル", np.where(s.paused, "停止", "有効"))
    return text.rows([
        text.whole(first + np.arange(len(s))), at.email, status, text.dates(s.day, "%Y/%m/%d"),
        text.dates(s.left_day, "%Y/%m/%d"), text.where(~running, text.pick(REASONS, s.reason)), "1",
        text.pick([str(k.promised) for k in COURSES], s.course), text.dates(following, "%Y/%m/%d"),
        text.whole(s.delivered)])
