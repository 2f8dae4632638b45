"""The workbook: every table, typed cells, text never a formula, equal bytes."""

import datetime
import re
import time
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from shindan import workbook
from shindan.text import Text

RESULTS = {
    "acquisition": {
        "as_of": "2025-12-31",
        "kpis": [{"id": "acquisition.blended_cpa", "value": 3693.4, "unit": "jpy", "n": 4701, "ci": None,
                  "period": "2025-01-01/2025-12-31", "benchmark": None, "verdict": None},
                 {"id": "acquisition.unknown_share", "value": 0.043, "unit": "ratio", "n": 4701,
                  "ci": [0.04, 0.05], "period": "2025-01-01/2025-12-31", "benchmark": {"value": 0.1},
                  "verdict": "◎"}],
        "tables": {
            "channels": [
                {"acq_channel": "=1+1", "status": "paid", "cost_jpy": 300000, "n": 60, "cpa_jpy": 5000.5,
                 "roas_rate": 0.9},
                {"acq_channel": "unknown", "status": "unknown", "cost_jpy": 0, "n": 20, "cpa_jpy": None,
                 "roas_rate": None},
                {"acq_channel": "http://a.example", "status": "spend_only", "cost_jpy": 1, "n": 0,
                 "cpa_jpy": None, "roas_rate": None}],
            "trend": [{"calendar_month": "2025-01-01", "n": 3, "cpa_jpy": 7.0}],
            "nothing": [],
            "a_name_that_is_longer_than_excel_allows": [{"x": "0012"}],
            "a_name_that_is_longer_than_excel_allows_it": [{"x": True}],
        },
    },
    "ltv": {"as_of": "2025-12-31", "kpis": [], "tables": {
        "total": [{"n": 4397, "sales_ltv_jpy": 9817.5, "sales_ltv_jpy_lo": 9474.0, "sales_ltv_jpy_hi": 10161.0}]}},
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    file = tmp_path_factory.mktemp("book") / "workbook.xlsx"
    workbook.write(RESULTS, Text("ja"), file)
    return file


def sheet(file, name):
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_name(name).to_python()


def xml(file, name):
    with zipfile.ZipFile(file) as box:
        return box.read(name).decode()


def test_one_sheet_a_table_and_three_about_them(book):
    assert CalamineWorkbook.from_path(str(book)).sheet_names == [
        "目次", "指標一覧", "acquisition_channels", "acquisition_trend", "acquisition_nothing",
        "acquisition_a_name_that_is_long", "acquisition_a_name_that_is_lo~2", "ltv_total", "データ辞書"]
    assert ["ltv_total", "全体のLTV", 1.0] in sheet(book, "目次")


def test_headings_codes_and_values(book):
    rows = sheet(book, "acquisition_channels")
    assert rows[0] == ["流入チャネル", "区分", "広告費", "新規顧客", "CPA", "ROAS"]
    assert rows[1] == ["=1+1", "費用と顧客", 300000.0, 60.0, 5000.5, 0.9]
    assert rows[2] == ["不明", "流入不明", 0.0, 20.0, "", ""]
    assert sheet(book, "acquisition_trend")[1] == [datetime.date(2025, 1, 1), 3.0, 7.0]
    assert sheet(book, "acquisition_a_name_that_is_long")[1] == ["0012"]
    assert sheet(book, "ltv_total")[0] == ["対象人数", "売上LTV", "売上LTV (下限)", "売上LTV (上限)"]


def test_codes_of_a_column_that_another_names_are_words(tmp_path):
    moments = [{"split": "hour_band", "best": "evening", "worst": "morning"}, {"split": "first_product", "best": "sale", "worst": "x"}]
    compared = [{"kind": "rank", "value": "premium"}, {"kind": "wave", "value": "premium"}]
    results = {"repeat": {"as_of": "2025-12-31", "kpis": [], "tables": {"moments": moments}},
               "nps": {"as_of": "2025-12-31", "kpis": [], "tables": {"compared": compared}}}
    workbook.write(results, Text("ja"), tmp_path / "x.xlsx")
    assert sheet(tmp_path / "x.xlsx", "repeat_moments")[1:] == [["初回の時間帯", "夜", "朝"], ["初回商品", "sale", "x"]]
    assert [row[1] for row in sheet(tmp_path / "x.xlsx", "nps_compared")[1:]] == ["優良", "premium"]


def test_a_table_without_rows_says_so(book):
    assert sheet(book, "acquisition_nothing") == [["該当する行はありません"]]


def test_text_is_never_a_formula_or_a_link(book):
    """Pitfall 43."""
    with zipfile.ZipFile(book) as box:
        sheets = [name for name in box.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 9
        for name in sheets:
            assert "<f>" not in box.read(name).decode() and "<f " not in box.read(name).decode()
            assert name.endswith("sheet1.xml") or "<hyperlink" not in box.read(name).decode()
        links = re.findall(r"<hyperlink [^>]*>", box.read("xl/worksheets/sheet1.xml").decode())
    assert len(links) == 6 and all("location=" in link and "r:id" not in link for link in links)  # to our own sheets


def test_marks_nobody_sees_are_left_out(tmp_path):
    rows = [{"product": "\u202e黒酢\u200b\u2066\x07 辻\U000e0100😀\n2本"}]
    results = {"basket": {"as_of": "2025-12-31", "kpis": [], "tables": {"best": rows}}}
    workbook.write(results, Text("ja"), tmp_path / "x.xlsx")
    assert sheet(tmp_path / "x.xlsx", "basket_best")[1] == ["黒酢 辻\U000e0100😀 2本"]


def test_filter_and_frozen_header(book):
    channels = xml(book, "xl/worksheets/sheet3.xml")
    assert '<autoFilter ref="A1:F4"' in channels and 'state="frozen"' in channels
    assert "<autoFilter" not in xml(book, "xl/worksheets/sheet5.xml")  # no rows, nothing to filter


def test_number_formats_follow_the_columns_name(book):
    assert _format(book, "xl/worksheets/sheet3.xml", "F2") == "0.0%"


def _format(book, sheet, place):
    """The number format of one cell, as the file says it."""
    styles = xml(book, "xl/styles.xml")
    formats = {"3": "#,##0", **dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))}
    used = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    return formats[used[int(re.search(rf'<c r="{place}" s="(\d+)"', xml(book, sheet)).group(1))]]


def test_figures_carry_n_period_interval_and_definition(book):
    rows = sheet(book, "指標一覧")
    share = rows[2]
    assert share[:5] == ["acquisition.unknown_share", "流入不明の割合", 0.043, 0.04, 0.05]
    assert _format(book, "xl/worksheets/sheet2.xml", "C3") == "0.0%" and _format(book, "xl/worksheets/sheet2.xml", "C2") == "#,##0"
    assert share[6:10] == [4701.0, "2025-01-01/2025-12-31", 0.1, "◎"] and "÷" in share[10]


def test_dictionary_names_every_column_of_every_sheet(book):
    rows = sheet(book, "データ辞書")
    written = {(row[0], row[1]) for row in rows[1:]}
    tables = [table for result in RESULTS.values() for table in result["tables"].values() if table]
    assert len(written) == sum(len(table[0]) for table in tables)
    assert ["acquisition_channels", "cost_jpy", "広告費", "金額"] in rows


def test_equal_results_give_equal_bytes(book, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    again = tmp_path / "again.xlsx"
    workbook.write(RESULTS, Text("ja"), again)
    monkeypatch.undo()
    time.tzset()
    assert again.read_bytes() == book.read_bytes()
    assert "2025-12-31T00:00:00Z" in xml(book, "docProps/core.xml")
    assert not list(tmp_path.glob("*.part"))


def test_cents_become_their_currency(tmp_path):
    file = tmp_path / "usd.xlsx"
    workbook.write(RESULTS, Text("en", "USD"), file)
    assert sheet(file, "acquisition_channels")[1][2] == 3000.0


def test_a_failure_leaves_the_old_file(tmp_path):
    file = tmp_path / "workbook.xlsx"
    file.write_bytes(b"old")
    broken = {"x": {"as_of": "2025-12-31", "kpis": [], "tables": {"t": [{"a_jpy": object()}], "u": [1]}}}
    with pytest.raises(AttributeError):
        workbook.write(broken, Text("ja"), file)
    assert file.read_bytes() == b"old"
