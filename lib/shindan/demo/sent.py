"""The files of the shop's tools: mail permission, campaigns, sends, responses, cart events."""

import numpy as np
import pandas as pd

from shindan.demo import catalogue as cat
from shindan.demo import csvtext as text

PERMISSION = ["会員ID", "メールアドレス", "メルマガ受信"]
CAMPAIGNS = ["campaign_id", "名称", "配信チャネル", "目的", "送信日", "反応期間", "固定費", "単価", "割付",
             "対照群比率"]
SENDS = ["campaign_id", "会員ID", "メールアドレス", "群", "割付日", "送信日", "配信結果"]
RESPONSES = ["campaign_id", "会員ID", "メールアドレス", "イベント", "日付"]
EVENTS = ["日時", "イベント", "訪問者ID", "会員ID", "商品コード", "数量", "金額"]
EVENT_DAYS = 21  # the cart keeps its events that long


def permission_rows(c):
    m = c[c.registered_day >= 0]
    return text.rows([text.whole(m.number), m.email, text.whole(m.optin)])


def campaign_rows():
    c = pd.DataFrame([vars(campaign) for campaign in cat.CAMPAIGNS])
    return text.rows([
        c["id"], c["name"], c.channel, c.objective, c.sent.str.replace("-", "/"), text.whole(c.days),
        text.whole(c.cost_fixed), text.whole(c.cost_per_send), text.where(c.random, "random", "rule"),
        text.where(c.random, "50%", "")])


def send_rows(c, s):
    """One line per person assigned; the control's send date is blank."""
    day = text.dates(s.day, "%Y/%m/%d")
    sent = text.where(s.arm != "control", day)
    return text.rows([s.campaign, *_who(c, s), s.arm, day, sent, s.delivery])


def response_rows(c, r):
    day = text.dates(r.day, "%Y/%m/%d")
    return text.rows([r.campaign, *_who(c, r), r.event, day])


def event_rows(c, o, lines, rng):
    """What visitors did in the last days: baskets that became orders and baskets left behind."""
    return text.rows(_event_columns(c, _events(c, o, lines, rng)))


def _who(c, rows):
    """会員ID (blank before registration) and メールアドレス."""
    p = c.loc[rows.customer]
    member = (p.registered_day >= 0).to_numpy() & (p.registered_day.to_numpy() <= rows.day.to_numpy())
    return [text.where(member, text.whole(p.number)), p.email]


def _events(c, o, lines, rng):
    """One row per step of a visit; `back` is how many seconds before its end the step was."""
    recent = o[(o.day > cat.AS_OF - EVENT_DAYS) & (o.kind == "valid")]
    main = lines.drop_duplicates("order").set_index("order").loc[recent.index]
    bought = recent.assign(product=main["product"].to_numpy(), price=main.price.to_numpy(),
                           qty=main.qty.to_numpy(), left=False)
    left = bought.sample(frac=0.6, random_state=rng).assign(left=True)
    left["day"] = rng.integers(cat.AS_OF - EVENT_DAYS + 1, cat.AS_OF + 1, size=len(left))
    left["product"] = rng.integers(0, len(cat.PRODUCTS), size=len(left))
    visits = pd.concat([bought, left], ignore_index=True)
    steps = (("view_item", 240, False), ("add_to_cart", 120, False), ("purchase", 0, True))
    parts = [visits[~(visits.left & ends)].assign(event=event, back=back)
             for event, back, ends in steps]
    e = pd.concat(parts, ignore_index=True)
    e["second"] = (e.second - e.back).clip(lower=0)
    return e.sort_values(["day", "second", "customer", "back"], kind="stable", ignore_index=True)


def _event_columns(c, e):
    who = c.loc[e.customer]
    known = (who.registered_day >= 0).to_numpy() & (e.customer % 4 > 0).to_numpy()
    price = np.array([p.price for p in cat.PRODUCTS])[e["product"]]
    visitor = "v" + pd.Series(who.number.to_numpy() * 7919 % 99_999_989).astype(str).str.zfill(8)
    return [
        text.stamps(e.day, e.second), e.event, visitor, text.where(known, text.whole(who.number)),
        text.pick([p.code for p in cat.PRODUCTS], e["product"]), text.whole(e.qty),
        text.whole(price * e.qty)]
