"""Ads, mail and surveys: each format's file in every way it comes, and broken in every quirk its preset names."""

import csv
import datetime
import io
import re

import pandas as pd
import pytest
from tests.intake.formats.media import EXPORTS, QUESTION

from shindan import engine, errors
from shindan.intake import presets

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]{3}")
MEDIA = ("ad_costs", "site_visits", "campaigns", "campaign_stats", "campaign_sends", "campaign_responses", "nps_responses")
WAYS = [(name, way) for name, export in EXPORTS.items() for way in range(len(export.ways))]


@pytest.fixture(scope="module")
def con():
    return engine.connect()


def read(client, con, name, data, file="m.csv", **more):
    """(accepted rows, accounts) of one export."""
    for old in client.folder.raw.iterdir():
        old.unlink()
    client.put(file, data)
    source = {"path": file, "preset": name, **more}
    return client.conform(source | ({"columns": EXPORTS[name].columns} if EXPORTS[name].columns else {}), con)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_file_in_every_way_it_comes(kept_client, con, name, way):
    export = EXPORTS[name]
    rows, (account,) = read(kept_client, con, name, export.data(way))
    assert (account.rows_read, len(rows), account.rejected) == (*export.rows, 0)
    assert account.encoding == export.ways[way][0]
    first = rows.iloc[0]
    assert first.source_row == export.record
    assert {k: told(first[k]) for k in export.first} == export.first


def told(value):
    return str(value).removesuffix(" 00:00:00") if isinstance(value, datetime.date) else value


def swapped(*pairs):
    """A change of an export's text: (old, new), …"""
    def change(export):
        text = export.text
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        return text.encode(export.ways[0][0])
    return change


def utf16_torn(export):
    """A UTF-16 file that lost its last byte on the way."""
    return export.data([w[0] for w in export.ways].index("utf-16"))[:-1]


BROKEN = {
    "google_ads": {
        "two lines before the header": (swapped(("キャンペーンの状態,日,キャンペーン,", "状態,月日,名,"), (",費用,", ",額,")), "row 3", "見つかった列"),
        "a report without days": (swapped((",日,", ",週,")), "row 3", "cost_date ← 日"),
        "another currency in its column": (swapped(("30,JPY", "30,USD")), "row 4, column `通貨コード`", "別の通貨"),
        "a total under another name": (swapped(("合計: アカウント", "アカウント全体")), "row 7, column `日`", "空欄"),
        "amounts with commas, in quotation marks": (swapped(('"1,234"', "1,234")), "row 4, column `(row)`", "セルの数"),
        "UTF-16 with tabs": (utf16_torn, "m.csv", "文字コード")},
    "meta_ads": {
        "the currency in the header": (swapped(("(JPY)", "(USD)")), "row 1", "media_cost_jpy ← 消化金額"),
        "another currency in its column": (swapped((",JPY\n", ",USD\n")), "row 3, column `通貨`", "別の通貨"),
        "a period of which one end is no day": (swapped(("2024-01-01,\"", ",\""), ("500,2024-01-01", "500,2024-01-32"), ("日,", "週,")),
                                                "row 3, column `レポート開始日`", "日付として"),
        "amounts with a currency sign inside": (swapped((",500,1,x", ",5$00,1,x")), "row 3, column `消化金額 (JPY)`", "金額として")},
    "yahoo_ads": {
        "Shift_JIS or UTF-8": (lambda e: e.text.encode("utf-8").replace("指名①".encode(), "指名①".encode("cp932")), "line 2", "文字コード"),
        "a total without a name": (swapped(("合計,,", "--,,")), "row 3, column `日`", "空欄"),
        "a day without its year": (swapped(("2024/01/01", "01/01")), "row 2, column `日`", "日付として")},
    "line_ads": {
        "the cost under a name of its own": (swapped(("ご利用金額", "消化額")), "row 1", "media_cost_jpy ← ご利用金額"),
        "a report without days": (swapped(("日,", "週,")), "row 1", "cost_date ← 日"),
        "a total without a name": (swapped(("合計,", ",")), "row 3, column `日`", "空欄")},
    "x_ads": {
        "month/day/year or not": (swapped(("2024-01-01", "01/02/2024")), "row 2, column `Time period`", "日と月の順"),
        "a total without a name": (swapped(("Total,", ",")), "row 3, column `Time period`", "空欄")},
    "microsoft_ads": {
        "a line of copyright at the end": (swapped(("©2024 ", "")), "row 3, column `日付`", "日付として"),
        "yen with their sign, in quotation marks": (swapped(('"¥1,000"', "¥1,000")), "row 2, column `(row)`", "セルの数")},
    "ga4": {
        "the period in the comments above": (swapped(("# 開始日: 20240101\n", "")), "row 1", "対象期間"),
        "a day of the period that is none": (swapped(("20240131", "20240141")), "row 1", "対象期間"),
        "a table without the blank line before the next": (swapped(("0\n\n# 国別\n", "0\n")), "row 11, column `総ユーザー数`", "数として"),
        "people in words": (swapped((",1200,", ",多数,")), "row 8, column `総ユーザー数`", "数として")},
    "klaviyo_campaigns": {
        "counts with a decimal": (swapped(("121401.0", "121401.5")), "row 2, column `Total Recipients`", "数として"),
        "a rate where yen are": (swapped(('"34,500.0"', "0.02%")), "row 2, column `Revenue`", "金額として"),
        "older and newer names of columns": (swapped(("Total Recipients", "Audience size")), "row 1", "recipients ← Total Recipients"),
        "an id cut by Excel": (swapped((",K1,", ",1.2E+12,")), "row 2, column `Campaign ID`", "指数表記")},
    "klaviyo_campaign_names": {
        "a send time in words": (swapped(("2024-02-01 09:00:00", "Smart send")), "row 2, column `Send Time`", "日付として"),
        "older and newer names of columns": (swapped(("Send Time", "Sent on")), "row 1", "start_date ← Send Time")},
    "klaviyo_flows": {
        "a file without days": (swapped(("Day,", "Week,")), "row 1", "stat_date ← Day"),
        "a row without its day": (swapped(("2024-02-01", "")), "row 2, column `Day`", "空欄"),
        "a day that is none": (swapped(("2024-02-01", "2024-02-30")), "row 2, column `Day`", "日付として"),
        "a number of orders that is none": (swapped((",1,10%,1000", ",10%,10%,1000")), "row 2, column `Placed Order`", "数として")},
    "mailchimp_audience": {
        "a note over several lines": (swapped(('二行"', "二行")), "row", "行に分けられません"),
        "times in UTC": (swapped(("2022-12-31", "2022-13-31")), "row 2, column `OPTIN_TIME`", "日付として"),
        "a row without its address": (swapped(("a@example.jp", "")), "row 2, column `Email Address`", "空欄")},
    "mailchimp_campaigns": {
        "counts, no rates": (swapped((",95,", ",95%,")), "row 2, column `Successful Deliveries`", "数として")},
    "mailchimp_campaign_names": {
        "month/day/year": (swapped(("6/29/2018", "29/6/2018")), "row 2, column `Send Date`", "日付として")},
    "surveymonkey": {
        "a second header row": (swapped(("119,1,", ",1,")), "row 4, column `Respondent ID`", "空欄"),
        "month/day/year": (swapped(("02/13/2024 10:11", "13/02/2024 10:11")), "row 4, column `End Date`", "日付として"),
        "a score with words": (swapped(("9 - とても", "とても")), f"row 3, column `{QUESTION}`", "点数"),
        "the question is the shop's own words": (swapped((QUESTION, "満足度")), "row 1", f"score ← {QUESTION}")},
    "qualtrics": {
        "three header rows": (swapped(("回答ID", "番号")), "row 2, column `RecordedDate`", "日付として"),
        "the zone in the third": (swapped(("Asia/Tokyo", "Nowhere/City")), "row 3", "時間帯"),
        "a status of its own": (swapped(("IP Address,,100", "Imported,,100")), "row 4, column `Status`", "意味の決まっていない"),
        "TSV in UTF-16": (utf16_torn, "m.csv", "文字コード"),
        "the question's number": (swapped((",Q3\n", ",Q4\n")), "row 1", "score ← Q3")},
    "typeform": {
        "the zone in the header": (swapped(("Submit Date (UTC)", "Submit Date"), ("Stage Date (UTC)", "Stage Date")), "row 1", "responded_at ← Submit Date (UTC)"),
        "a score over ten": (swapped((",9,", ",99,")), f"row 2, column `{QUESTION}`", "点数"),
        "times in UTC": (swapped(("2024-01-05 20:10:00", "20時10分")), "row 2, column `Submit Date (UTC)`", "日付として")},
    "google_forms": {
        "a stamp of another order": (swapped(("2024/01/05", "05/01/2024")), "row 2, column `タイムスタンプ`", "日と月")},
}
EVERY = [(name, quirk) for name, quirks in BROKEN.items() for quirk in quirks]


@pytest.mark.parametrize(("name", "quirk"), EVERY)
def test_a_broken_quirk_is_refused_with_file_row_and_reason(kept_client, con, name, quirk):
    change, where, reason = BROKEN[name][quirk]
    with pytest.raises(errors.ShindanError) as stop:
        read(kept_client, con, name, change(EXPORTS[name]))
    assert stop.value.code in (errors.INPUT_INVALID, errors.INPUT_MISSING)
    assert "m.csv" in stop.value.where + stop.value.what and where in stop.value.where and reason in stop.value.what
    assert JAPANESE.search(stop.value.what) and JAPANESE.search(stop.value.mend)
    hints = [hint for field, hint in presets.load(name).hints.items() if f"{field} ←" in stop.value.what]
    assert all(hint in stop.value.mend for hint in hints)


def test_every_format_has_a_good_file_and_a_broken_one_for_each_quirk():
    """Orders and people have theirs in test_presets_formats and test_presets_broken."""
    loaded = {n: presets.load(n) for n in presets.names() if not n.startswith("generic_")}
    quirks = {n: set(p.quirks) for n, p in loaded.items() if p.table in MEDIA or n == "mailchimp_audience"}
    assert set(EXPORTS) == set(quirks) and all(quirks.values())
    assert {n: set(broken) for n, broken in BROKEN.items()} == quirks


WRONG = {"date": "2024-13-45", "timestamp": "2024-13-45 00:00:00", "int64": "12個", "float64": "約12"}


def breakable(name, head):
    """{column: a cell that is none} of the columns of numbers and days that the preset reads."""
    preset = presets.load(name)
    columns = {n: next((c for c in f.columns if c in head), None) for n, f in preset.fields.items()}
    kinds = presets.kinds(preset.table)
    return {c: WRONG[kinds[n]] for n, c in columns.items() if c and kinds[n] in WRONG}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_number_and_every_day_can_be_refused(kept_client, con, name):
    """Rows with one cell each that is none: each is set aside under its column's name."""
    export = EXPORTS[name]
    rows = list(csv.reader(io.StringIO(export.text)))
    place, names = export.record - 1, {c for f in presets.load(name).fields.values() for c in f.columns}
    head = max(rows[:place], key=lambda row: len(set(row) & names))
    broken = breakable(name, head)
    more = [[cell if c == column else old for c, old in zip(head, rows[place], strict=True)] for column, cell in broken.items()]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([*rows[:place + 1], *more, *rows[place + 1:]])
    with pytest.raises(errors.ShindanError):
        read(kept_client, con, name, out.getvalue())
    refused = pd.read_csv(kept_client.folder.rejects / f"{presets.load(name).table}.csv")
    assert sorted(zip(refused.row, refused.column, strict=True)) == [(export.record + n, c) for n, c in enumerate(broken, 1)]
