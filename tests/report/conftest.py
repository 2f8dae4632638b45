"""Executed notebooks made by hand: the blocks a chapter displays, in both languages."""

import sys

import matplotlib
import nbformat.v4 as v4
import pytest

from shindan import chapter, style

matplotlib.use("agg")

NAMES = ["髙島屋オンライン", "宮﨑商店①", "㈱通販～本店", "検索広告", "SNS広告", "紹介"]
ENGLISH = ["Search ads", "Social ads", "TV shopping", "Referral", "Organic", "Direct mail"]
KPIS = [
    {"id": "repeat.f2_rate_365", "value": 0.084, "unit": "ratio", "n": 12345, "ci": [0.079, 0.089],
     "period": "2023-01-01/2025-12-31", "verdict": "△",
     "benchmark": {"value": 0.1, "better": "higher", "source": "通販診断の標準", "date": "2020-01"}},
    {"id": "nps.nps", "value": 12.3, "unit": "score", "n": 812, "ci": [4.1, 20.5],
     "period": "2025-12-31", "verdict": None, "benchmark": None},
    {"id": "rfm.returned", "value": 1.0, "unit": "ratio", "n": 3, "ci": None,
     "period": "2025-12-31", "verdict": None, "benchmark": None},
]
META = {
    "client_name": "サンプル通販㈱", "consultant": "山﨑 花子", "language": "ja", "as_of": "2025-12-31",
    "period": "2023-01-01/2025-12-31", "basis": "税抜・値引後・送料別の売上(円)",
    "notes": ["受注データの1.2%(432行)は、日付が読めないため集計から除いた。"],
    "kpis": KPIS, "version": "0.1.0",
    "sources": [{"file": "orders_2025.csv", "rows_read": 36120, "sha256": "9f86d081884c7d659a2f"},
                {"file": "nps.xlsx", "rows_read": 812, "sha256": "60303ae22b998861bce3"}],
    "facts": [{"title": "しきい値", "rows": [["休眠とする日数", "365日"]]}],
}
META_EN = {**META, "client_name": "Sample Shop Ltd.", "consultant": "Hanako Yamasaki", "language": "en",
           "basis": "Sales after discounts, without tax and shipping (yen)",
           "notes": ["432 order lines (1.2%) are left out because their date cannot be read."],
           "facts": [{"title": "Thresholds", "rows": [["Dormant after", "365 days"]]}]}


def prose(source, *tags):
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def shown(*blocks):
    """A code cell that displayed `blocks`."""
    outputs = [v4.new_output("display_data", {chapter.MIME: block, "text/plain": "x"}) for block in blocks]
    return v4.new_code_cell("c.state(secret_code(purchases))", outputs=outputs)


def notebook(*cells):
    return v4.new_notebook(cells=list(cells))


def svg(names=NAMES, title="流入チャネル別の2回目購入率"):
    import matplotlib.pyplot as plt

    style.apply()
    drawn, axes = plt.subplots()
    axes.barh(names, [0.112, 0.101, 0.094, 0.084, 0.071, 0.052][: len(names)], color=style.ACCENT)
    axes.set_title(title, loc="left")
    axes.grid(False)
    return style.to_svg(drawn)


def headline(id, text, verdict=None, n=12345):
    return {"kind": "headline", "id": id, "text": text, "verdict": verdict, "n": n,
            "period": "2023年1月1日〜2025年12月31日"}


def card(label, value, **more):
    return {"label": label, "value": value, "ci": None, "n": "12,345", "verdict": None,
            "benchmark": None, "small": False, **more}


def figure(picture, alt="流入チャネル別の2回目購入率。髙島屋オンラインが最も高い。"):
    return {"kind": "figure", "name": "bars", "alt": alt, "svg": picture}


def table(rows, columns, caption="流入チャネル別の獲得", grey=()):
    heads = [{"label": label, "align": "right" if i else "left"} for i, label in enumerate(columns)]
    return {"kind": "table", "name": "t", "caption": caption, "columns": heads, "rows": rows,
            "grey": list(grey)}


def withheld(id, text):
    return {"kind": "withheld", "id": id, "text": text}


def by_channel(count=6):
    return [[f"{NAMES[i % 6]}{i // 6 or ''}", f"{1200 - 37 * i:,}", "8.4%", "7.9%〜8.9%", "3,456円", "12,345円"]
            for i in range(count)]


COLUMNS = ["流入チャネル", "人数", "2回目購入率", "95%信頼区間", "CPA", "年間LTV"]


@pytest.fixture(scope="session")
def japanese():
    """Three chapters: an ordinary one, one withheld altogether, and the summary."""
    picture = svg()
    f2 = card("2回目購入率(1年)", "8.4%", ci="7.9%〜8.9%", verdict="△", benchmark="10.0%")
    naive = card("単純なリピーター割合", "6.1%", ci="5.8%〜6.4%")
    few = card("休眠からの復帰", "3.1%", n="16", small=True)
    cards = [f2, card("年間リピート率", "61.2%", verdict="○", benchmark="60.0%"),
             card("年間LTV", "12,345円", verdict="×", benchmark="18,000円"),
             card("CPA", "3,210円"), card("NPS", "12.3", ci="4.1〜20.5"), card("優良客の売上構成比", "41.0%", verdict="◎"),
             card("回収月", "7.0"), few]
    summary = notebook(
        prose("# まとめ\n全体として何が起きているか。", "ja"), prose("# Summary\nWhat is going on?", "en"),
        prose("## 1枚でわかる診断\n何がよくて、何が足りないか。", "ja"), prose("## One page\nWhat?", "en"),
        shown(headline("summary.main", "2回目購入を8.4%から10%に上げると年1,230万円。まず初回90日の案内から"),
              {"kind": "kpis", "cards": cards},
              table([["2回目購入は8.4%。基準の10%に届いていない", "1,230万円", "540万円〜1,900万円"],
                     ["検索広告のCPAは3,210円で、SNS広告の半分", "820万円", "300万円〜1,300万円"],
                     ["優良客は4%だが売上の41%を占める", "610万円", "200万円〜1,000万円"]],
                    ["見つかったこと", "年間の金額", "幅"], "金額の大きい発見")),
        prose("金額は1年あたりの見込みで、幅は95%信頼区間。", "ja", "reading"),
        prose("初回から90日以内の案内を先に直す。", "ja", "so_what"),
    )
    repeat = notebook(
        prose("# リピート\n買った人は、いつ、どれだけ戻ってくるか。", "ja"), prose("# Repeat\nWho returns?", "en"),
        prose("## 2回目購入率\n初めて買った人のうち、何人が2回目を買うか。", "ja"), prose("## F2\nHow many?", "en"),
        shown(headline("repeat.f2", "2回目購入は8.4%。基準の10%に届いていない", "△"),
              {"kind": "kpis", "cards": [f2, naive, few]}, figure(picture)),
        prose("初回から**365日以内**に2回目を買った人の割合。まだ1年たっていない人も、見えている日数だけ数える"
              "(カプラン・マイヤー法)。", "ja", "method"),
        prose("線が右上がりのあいだは、案内が効く余地がある。\n\n- 30日まで: 使い切る前\n- 90日まで: 使い切った頃", "ja", "reading"),
        prose("初回から90日以内の案内を見直す。", "ja", "so_what"), prose("English only reading.", "en", "reading"),
        prose("## チャネル別の2回目購入率\nどこから来た人が戻ってくるか。", "ja"),
        shown(headline("repeat.channel", "髙島屋オンラインからの客は11.2%が戻り、紹介の2倍を超える"),
              {"kind": "kpis", "cards": [f2]}, figure(picture), table(by_channel(), COLUMNS, grey=[5])),
        prose("流入チャネルは初回の注文で決める。", "ja", "method"),
        prose("区間が重なるチャネルどうしは、差があるとは言えない。", "ja", "reading"),
        prose("## 商品別\nどの商品が入口になるか。", "ja"),
        shown(headline("repeat.product", "入口商品は30。上位3商品で初回の半分を占める"), table(by_channel(30), COLUMNS)),
        prose("## 時間帯別\n何時に買うか。", "ja"), shown(withheld("repeat.hour", "注文時刻がないため出していない。")),
    )
    campaign = notebook(
        prose("# キャンペーン\n何が効いたか。", "ja"), prose("## 効果\nどれだけ。", "ja"),
        shown(withheld("campaign.lift", "配信データがないため出していない。")),
        prose("## ランク別\n誰に。", "ja"), shown(withheld("campaign.rank", "配信データがないため出していない。")),
    )
    return [summary, repeat, campaign]


@pytest.fixture(scope="session")
def english():
    picture = svg(ENGLISH, "Second purchase rate by channel")
    f2 = card("Second purchase rate (1 year)", "8.4%", ci="7.9% to 8.9%", verdict="△", benchmark="10.0%")
    rows = [[name, "1,200", "8.4%", "7.9% to 8.9%", "¥3,456", "¥12,345"] for name in ENGLISH]
    heads = ["Channel", "Customers", "Second purchase rate", "95% CI", "CPA", "Yearly LTV"]
    one = {**headline("repeat.f2", "8.4% buy a second time: short of the 10% benchmark", "△"),
           "period": "2023-01-01 – 2025-12-31"}
    two = {**one, "id": "repeat.channel", "verdict": None,
           "text": "Search ads bring customers who return twice as often as those from direct mail"}
    return [notebook(
        prose("# リピート\n買った人は戻るか。", "ja"),
        prose("# Repeat purchases\nWhen do customers come back, and how many of them?", "en"),
        prose("## 2回目購入率\n何人か。", "ja"), prose("## Second purchase\nHow many first-time customers buy again?", "en"),
        shown(one, {"kind": "kpis", "cards": [f2, card("Repeaters so far", "6.1%"), card("Returned from dormancy", "3.1%", n="16", small=True)]},
              figure(picture, "Second purchase rate by channel; search ads lead.")),
        prose("日本語の読み方。", "ja", "reading"),
        prose("Customers who bought again **within 365 days** of their first purchase. Those seen for less "
              "than a year count for the days they have been seen (Kaplan–Meier).", "en", "method"),
        prose("As long as the curve climbs, a reminder can still work.", "en", "reading"),
        prose("Rework the mails of the first 90 days.", "en", "so_what"),
        prose("## By channel\nWhere do returning customers come from?", "en"),
        shown(two, {"kind": "kpis", "cards": [f2]}, figure(picture, "Same bars."),
              table(rows, heads, "Acquisition by channel", grey=[5])),
        prose("Channels whose intervals overlap cannot be told apart.", "en", "reading"),
    )]


@pytest.fixture(scope="session")
def ja_meta():
    return META


@pytest.fixture(scope="session")
def en_meta():
    return META_EN


@pytest.fixture(scope="session")
def make():
    """The makers of this file, for tests that lay out pages of their own."""
    return sys.modules[__name__]
