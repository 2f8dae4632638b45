"""Ad platforms' exports, in their own encodings and with their quirks, become costs per day."""

import datetime
import io

import ibis
import pandas as pd
import pytest
import xlsxwriter

from shindan import errors
from shindan.intake import costs as costs_of
from shindan.intake import recognise, starter

ORDERS = {"path": "orders.csv", "preset": "generic_orders"}
D = datetime.date


@pytest.fixture
def shop(kept_client):
    for old in kept_client.folder.raw.glob("*"):
        old.unlink()
    kept_client.put("orders.csv", "order_no,ordered_at,items_jpy,customer_id\n1,2024-01-05,1100,7\n")
    return kept_client


def costs(shop, preset, name="ads.csv", **more):
    """(ad_costs, load report of the file, facts) after intake of one ads file."""
    facts = shop.run([ORDERS, {"path": name, "preset": preset, **more}])
    table = shop.table("ad_costs")
    table["cost_date"] = [d.date() if hasattr(d, "date") else d for d in table.cost_date]
    return table, shop.report(), facts


GOOGLE = ("{title}\n\"2024年1月1日 - 2024年1月2日\"\n日,キャンペーン,キャンペーン タイプ,表示回数,クリック数,通貨コード,費用,{cv},コンバージョン値\n"
          "2024-01-01,指名,検索,\"1,200\",30,JPY,\"1,234\",1.5,--\n2024-01-02,一般,検索,0,0,JPY, --,0.00,--\n"
          "2024-01-01,合計: キャンペーン, --,\"1,200\",30,JPY,\"1,234\",1.5,--\n"
          "2024-01-02,合計: アカウント, --,0,0,JPY,0,0.00,--\n合計: アカウント, --, --,\"1,200\",30,JPY,\"1,234\",1.5,--\n")


@pytest.mark.parametrize(("title", "cv"), [("キャンペーン レポート", "コンバージョン"),
                                           ("キャンペーン レポート (2024/01/01-2024/01/02)", "コンバージョン（現在のモデル）")])
@pytest.mark.parametrize("way", ["utf-8", "excel"])
def test_google_ads(shop, title, cv, way):
    text = GOOGLE.format(title=title, cv=cv)
    if way == "excel":  # "Excel .csv" is UTF-16 with tabs
        import csv
        rows = list(csv.reader(io.StringIO(text)))
        shop.put("ads.csv", "\n".join("\t".join(r) for r in rows).encode("utf-16"))
    else:
        shop.put("ads.csv", text)
    table, report, _ = costs(shop, "google_ads", values={"acq_channel": "検索"})
    (row,) = table.itertuples()
    assert (row.cost_date, row.campaign_name, row.media_cost_jpy, row.impressions, row.clicks, row.platform_cv) == (
        D(2024, 1, 1), "指名", 1234, 1200, 30, 1.5)
    assert (row.platform, row.grain, row.acq_channel) == ("google_ads", "day", "検索")
    assert report.loc["ads.csv", "skipped_why"] == "no_cost 1, total 3"


META = ("日,キャンペーン名,広告セット名,広告名,インプレッション,リーチ,リンクのクリック,クリック(すべて),消化金額 (JPY),結果,"
        "結果インジケーター,結果の単価,レポート開始日,レポート終了日\n")


def test_meta_ads_by_day_with_a_total_row(shop):
    shop.put("ads.csv", "\ufeff" + META + ",,,,500,,5,6,900,,,,2024-01-01,2024-01-02\n"
             "2024-01-01,春,s,a,300,200,3,4,500,1,x,500,2024-01-01,2024-01-02\n"
             "2024-01-02,春,s,a,200,150,2,2,400,,,,2024-01-01,2024-01-02\n")
    table, report, _ = costs(shop, "meta_ads")
    assert table.media_cost_jpy.tolist() == [500, 400] and table.clicks.tolist() == [3, 2]
    assert table.cost_date.tolist() == [D(2024, 1, 1), D(2024, 1, 2)]
    assert (report.loc["ads.csv", "encoding"], report.loc["ads.csv", "skipped_why"]) == ("utf-8-sig", "total 1")


def test_meta_ads_with_older_names_in_a_workbook(shop):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"default_date_format": "yyyy-mm-dd"})
    for name, day in (("Formatted Report", "2024-01-01"), ("Raw Data Report", datetime.datetime(2024, 1, 1))):
        page = book.add_worksheet(name)
        page.write_row(0, 0, ["日", "キャンペーン名", "広告の名前", "消化金額（JPY）", "リンククリック", "インプレッション"])
        page.write_row(1, 0, [day, "春", "a", 500, 3, 300])
    book.close()
    shop.put("ads.xlsx", data.getvalue())
    (found,) = [f for f in recognise.look(shop.folder) if f.file == "ads.xlsx"]
    assert [s["sheet"] for s in starter.suggest([found])[0]] == ["Formatted Report"]     # the sheets say the same twice
    table, _, _ = costs(shop, "meta_ads", "ads.xlsx")
    assert (table.cost_date[0], table.ad_name[0], table.media_cost_jpy[0]) == (D(2024, 1, 1), "a", 500)


def test_meta_ads_without_days_are_cut_into_months(shop):
    head = "キャンペーン名,消化金額 (JPY),インプレッション,レポート開始日,レポート終了日\n"
    shop.put("ads.csv", head + "春,1000,99,2024-01-22,2024-02-10\n夏,300,9,2024-01-01,2024-01-31\n")
    table, _, facts = costs(shop, "meta_ads")
    got = [(r.campaign_name, r.cost_date, r.grain, r.media_cost_jpy) for r in
           table.sort_values(["campaign_name", "cost_date"]).itertuples()]
    assert got == [("夏", D(2024, 1, 1), "month", 300), ("春", D(2024, 1, 1), "month", 500),
                   ("春", D(2024, 2, 1), "month", 500)]
    assert table.impressions.sum() == 108
    assert {"id": "costs_cut_into_months", "rows": 2} in facts["notes"]


def test_a_report_without_rows(shop):
    shop.put("ads.csv", META)
    table, report, _ = costs(shop, "meta_ads")
    assert table.empty and report.loc["ads.csv", "rows_read"] == 0


def test_a_yahoo_total_named_beside_the_day(shop):
    shop.put("ads.csv", "キャンペーン名,日,コスト\n春,2024/01/01,1500\n合計,--,1500\n")
    table, report, _ = costs(shop, "yahoo_ads")
    assert table.media_cost_jpy.tolist() == [1500] and report.loc["ads.csv", "skipped_why"] == "total 1"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_yahoo_ads(shop, encoding):
    text = ("日,キャンペーン名,インプレッション数,クリック数,コスト,コンバージョン数,コンバージョンの価値\n"
            "2024/01/01,指名①,1000,10,1500,2,--\n2024/01/02,指名①,--,--,--,--,--\n合計,,1000,10,1500,2,--\n")
    shop.put("ads.csv", text.encode(encoding))
    table, report, _ = costs(shop, "yahoo_ads")
    assert table.media_cost_jpy.tolist() == [1500] and table.campaign_name[0] == "指名①"
    assert report.loc["ads.csv", "skipped_why"] == "no_cost 1, total 1"


def test_the_newest_export_replaces_a_day(shop):
    """Pitfall 39."""
    head = "日,キャンペーン名,インプレッション数,クリック数,コスト\n"
    shop.put("ads_1.csv", head + "2024-01-01,a,1,1,100\n2024-01-02,a,1,1,100\n2024-01-02,b,1,1,7\n")
    shop.put("ads_2.csv", head + "2024-01-02,a,1,1,150\n2024-01-02,a,1,1,25\n")  # two devices: both hold
    table, report, _ = costs(shop, "yahoo_ads", "ads_*.csv")
    assert sorted(table.media_cost_jpy) == [7, 25, 100, 150]
    assert report.loc["ads_1.csv", "skipped_why"] == "replaced 1"


def test_the_same_day_in_two_files_of_another_detail_is_told(shop):
    shop.put("ads_1.csv", "日,キャンペーン名,コスト\n2024-01-01,a,100\n")
    shop.put("ads_2.csv", "日,キャンペーン名,広告グループ名,コスト\n2024-01-01,a,g,100\n")
    _, _, facts = costs(shop, "yahoo_ads", "ads_*.csv")
    assert {"id": "costs_told_twice", "platform": "yahoo_ads", "days": 1} in facts["notes"]


def test_a_platform_that_a_list_tells_too_is_told():
    """Google's own export beside a list with Google広告: the same yen twice? Online is not LINE."""
    rows = pd.DataFrame([(p, c, D(2024, month, 1)) for p, c, months in (
        ("google_ads", None, (4, 5)), ("line_ads", None, (4,)), (None, "Google広告", (5, 6)), (None, "Online", (4,))) for month in months],
        columns=["platform", "acq_channel", "cost_date"])
    rows = ibis.memtable(rows.assign(ad_code=None, media_cost_jpy=500, account=None, cost_end=None, campaign_name=None, source_file="a"), schema={
        "platform": "string", "acq_channel": "string", "cost_date": "date", "ad_code": "string",
        "media_cost_jpy": "int64", "account": "string", "cost_end": "date",
        "campaign_name": "string", "source_file": "string"})
    assert costs_of.notes(rows) == [
        {"id": "costs_without_channel", "platform": "google_ads", "jpy": 1000},
        {"id": "costs_listed_too", "platform": "google_ads", "months": 1, "word": "google"},
        {"id": "costs_without_channel", "platform": "line_ads", "jpy": 500}]


@pytest.mark.parametrize(("options", "media", "fee"), [
    ({}, 110_000, 0), ({"cost_tax": "included"}, 100_000, 0), ({"fee_included": "0.2"}, 88_000, 22_000),
    ({"fee_added": "0.2"}, 110_000, 22_000), ({"cost_tax": "included", "fee_included": "0.1"}, 90_000, 10_000)])
def test_tax_and_agency_fees(shop, options, media, fee):
    shop.put("ads.csv", "月,媒体,広告費\n2024年1月,折込,110000\n")
    table, _, _ = costs(shop, "generic_ad_costs", options=options, columns={
        "cost_date": "月", "acq_channel": "媒体", "media_cost_jpy": "広告費"})
    assert (table.media_cost_jpy[0], table.agency_fee_jpy[0], table.grain[0]) == (media, fee, "month")


@pytest.mark.parametrize("share", ["20%", "1.2", "-0.1"])
def test_a_fee_that_is_no_share(shop, share):
    shop.put("ads.csv", "日,キャンペーン名,コスト\n2024-01-01,a,100\n")
    with pytest.raises(errors.ShindanError, match="fee_added") as stop:
        costs(shop, "yahoo_ads", options={"fee_added": share})
    assert stop.value.code == errors.BAD_CONFIG


GA4 = ("# ----------------------------------------\n# ユーザー獲得\n# 開始日: 20240101\n# 終了日: 20240131\n"
       "# ----------------------------------------\n\n"
       "ユーザーの最初の参照元 / メディア,総ユーザー数,セッション,キーイベント\n"
       "google / cpc,1200,1500,30.5\n(direct) / (none),300,350,\n(not set),5,5,0\n")


def test_ga4_takes_its_period_from_the_comments(shop):
    shop.put("ga4.csv", GA4)
    shop.put("ga4_sessions.csv", GA4.replace("ユーザーの最初の", "セッションの").replace("20240131", "20240229"))
    shop.run([ORDERS, {"path": "ga4*.csv", "preset": "ga4"}])
    visits = shop.table("site_visits")
    first = visits[visits.is_first_touch]
    assert first.source_medium.tolist() == ["(direct) / (none)", "(not set)", "google / cpc"]
    assert first.users.tolist() == [300, 5, 1200] and first.key_events.tolist()[2] == 30.5
    assert {str(d)[:10] for d in first.to_date} == {"2024-01-31"} and {str(d)[:10] for d in visits[~visits.is_first_touch].to_date} == {"2024-02-29"}


def test_ga4_reads_the_first_of_several_tables(shop):
    shop.put("ga4.csv", GA4 + "\n# ----------\n# 国別\n\n国,総ユーザー数\n日本,5\n")
    facts = shop.run([ORDERS, {"path": "ga4.csv", "preset": "ga4"}])
    assert sorted(shop.table("site_visits").users) == [5, 300, 1200]
    assert {"id": "rows_behind_the_table", "rows": 2, "file": "ga4.csv"} in facts["notes"]
