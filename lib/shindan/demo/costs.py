"""What the demo shop spent on finding customers, and the three kinds of file it is kept in.

Costs follow the plan (expected new customers of the month x the channel's cost a customer, give
or take a tenth), not what the month then brought: the cost a customer is an outcome.
"""

import codecs
import datetime

import numpy as np
import pandas as pd
import xlsxwriter

from shindan.demo import catalogue as cat
from shindan.demo import csvtext as text

GOOGLE = ["日", "キャンペーン", "キャンペーン タイプ", "表示回数", "クリック数", "通貨コード", "費用",
          "コンバージョン", "コンバージョン値"]
META = ["日", "キャンペーン名", "広告セット名", "広告名", "インプレッション", "リーチ", "リンクのクリック",
        "クリック(すべて)", "消化金額 (JPY)", "結果", "結果インジケーター", "結果の単価", "レポート開始日",
        "レポート終了日"]
EXCEL = ["月", "媒体", "広告費(税抜)", "備考"]
GOOGLE_CAMPAIGNS = (("検索_指名", "検索", 0.3), ("検索_一般～健康食品", "検索", 0.7))
META_CAMPAIGNS = (("新規獲得_お試し", "興味関心_50代", "動画①", 0.6), ("新規獲得_お試し", "類似1%", "静止画②", 0.4))


def spend(plan):
    """One row per month x paid channel: month (first day), channel, file, cost_jpy."""
    days = pd.Series(cat.new_customer_density(), index=pd.date_range(cat.FIRST_DATE, cat.LAST_DATE))
    expected = days.groupby(days.index.to_period("M").to_timestamp()).sum() * plan.customers
    rng = plan.random(1_000_001)
    rows = [(month, ch.name, ch.file, int(n * ch.share * ch.cost * rng.lognormal(0, 0.1) // 100 * 100))
            for ch in cat.CHANNELS if ch.cost for month, n in expected.items()]
    return pd.DataFrame(rows, columns=["month", "channel", "file", "cost_jpy"])


def write(folder, plan):
    """google_ads_<year>.csv, meta_ads_<year>.csv and the hand-kept 販促費.xlsx."""
    cost = spend(plan)
    for year, rows in cost.groupby(cost.month.dt.year):
        google = _daily(rows[rows.file == "google"], plan)
        (folder / f"google_ads_{year}.csv").write_bytes(
                codecs.BOM_UTF16_LE + _google(google, year).encode("utf-16-le"))
        meta = _daily(rows[rows.file == "meta"], plan)
        (folder / f"meta_ads_{year}.csv").write_bytes(_meta(meta).encode("utf-8-sig"))
    _excel(folder / "offline_costs.xlsx", cost[cost.file == "excel"])


def _daily(months, plan):
    """The month's cost split over its days, to the yen: columns date, cost."""
    parts = []
    for month, total in zip(months.month, months.cost_jpy, strict=True):
        dates = pd.date_range(month, month + pd.offsets.MonthEnd())
        rng = plan.random(1_000_002, month.year, month.month)
        edges = np.cumsum(rng.uniform(0.5, 1.5, size=len(dates)))
        cost = np.diff(np.round(total * edges / edges[-1]).astype(int), prepend=0)
        parts.append(pd.DataFrame({"date": dates, "cost": cost}))
    return pd.concat(parts, ignore_index=True)


def _split(cost, shares):
    """A day's cost over its campaigns, to the yen."""
    first = (cost * shares[0]).astype(int)
    return first, cost - first


def _google(daily, year):
    """TAB, two preamble lines, thousands separators, --, totals below."""
    lines = ["キャンペーン レポート", f"{year}年1月1日 - {year}年12月31日", "\t".join(GOOGLE)]
    costs = _split(daily.cost, [c[2] for c in GOOGLE_CAMPAIGNS])
    for place, date in enumerate(daily.date):
        for (name, kind, _), cost in zip(GOOGLE_CAMPAIGNS, costs, strict=True):
            lines.append(_google_row(f"{date:%Y-%m-%d}", name, kind, int(cost[place])))
    for total in ("合計: キャンペーン", "合計: アカウント"):
        lines.append(_google_row(total, " --", " --", int(daily.cost.sum())))
    return "\n".join(lines) + "\n"


def _google_row(first, name, kind, cost):
    clicks = cost // 85
    sales = f"{cost // 5200 * 4300:,.2f}" if cost >= 5200 else "--"
    cells = [first, name, kind, f"{clicks * 23:,}", f"{clicks:,}", "JPY", f"{cost:,}",
             f"{cost / 5200:,.2f}", sales]
    return "\t".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def _meta(daily):
    """Comma, one row per day x ad, a total row with blank names."""
    costs = _split(daily.cost, [c[3] for c in META_CAMPAIGNS])
    parts = [pd.DataFrame({"date": daily.date.dt.strftime("%Y-%m-%d"), "campaign": campaign,
                           "adset": adset, "ad": ad, "cost": cost})
             for (campaign, adset, ad, _), cost in zip(META_CAMPAIGNS, costs, strict=True)]
    rows = pd.concat(parts).sort_values(["date", "ad"], kind="stable")
    total = pd.DataFrame({"date": [""], "campaign": "", "adset": "", "ad": "", "cost": rows.cost.sum()})
    r = pd.concat([rows, total], ignore_index=True)
    results = r.cost // 6100
    each = text.where(results > 0, text.whole(r.cost // results.clip(lower=1)))
    columns = [r.date, r.campaign, r.adset, r.ad, text.whole(r.cost // 2), text.whole(r.cost // 3),
               text.whole(r.cost // 110), text.whole(r.cost // 90), text.whole(r.cost),
               text.where(results > 0, text.whole(results)),
               text.where(results > 0, "offsite_conversion.fb_pixel_purchase"), each, r.date, r.date]
    return text.header(META) + text.rows(columns)


def _excel(file, cost):
    """A title, the header on the third row, months as people type them, a total below."""
    with xlsxwriter.Workbook(file) as book:
        book.set_properties({"created": datetime.datetime(2026, 1, 5)})
        sheet = book.add_worksheet("広告費")
        sheet.write(0, 0, "販促費管理表(オフライン・その他) ※税抜")
        sheet.write_row(2, 0, EXCEL)
        for row, r in enumerate(cost.sort_values(["month", "channel"]).itertuples(), start=3):
            note = "年末特番" if r.channel == "テレビショッピング" and r.month.month == 12 else ""
            sheet.write_row(row, 0, [f"{r.month.year}年{r.month.month}月", r.channel, r.cost_jpy, note])
        sheet.write_row(3 + len(cost), 0, ["合計", "", int(cost.cost_jpy.sum()), ""])
        book.add_worksheet("メモ").write(0, 0, "請求書ベース。クリエイティブ制作費は含まない。")
