"""Cost tables with months on one side and media on the other, as people type them."""

import io

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, errors
from shindan.intake import crosstab, months, recognise, starter

FISCAL = [["2024年度 広告費一覧"], ["(単位：千円)", "", "税込"], [], ["区分", "媒体", "2月", "3月", "合計", "備考"],
          ["ネット", "Google", "100", "120.5", "220.5", "増額"], ["", "Meta", "50", "－", "50"], ["小計", "", "150", "120.5", "270.5"],
          ["紙", "折込", "0", "300", "300"], ["合計", "", "150", "420.5", "570.5"], ["新規件数", "", "10", "20"], ["CPA", "", "15", "21"], [], ["※代理店手数料は別"]]
DOWN = [["年", "月", "Google広告費", "Meta広告費", "比較サイト", "新規件数", "合計"], ["2024年", "11月", "10", "20", "30", "5", "60"],
        ["", "12月", "11", "21", "", "6", "32"], ["2025年", "1月", "12", "22", "32", "7", "66"], ["", "計", "33", "63", "62", "18", "158"]]
UNDER = [["", "2024年4月", "", "2024年5月", "", "合計", ""], ["媒体", "広告費", "件数", "広告費", "件数", "広告費", "件数"],
         ["Google", "100", "3", "200", "4", "300", "7"], ["合計", "100", "3", "200", "4", "300", "7"]]


def cells(table):
    """[(row, medium, month, amount)] of the costs, and those of the totals."""
    at = [table.columns.index(c) for c in ("媒体", "月", "金額")]
    rows = [(number, *(row[p] for p in at)) for number, row in table.rows]
    return [r for r in rows if "合計" not in r], [r for r in rows if "合計" in r]


def test_months_across_with_subtotals_counts_and_units():
    table = crosstab.look(FISCAL)
    costs, totals = cells(table)
    assert costs == [(5, "Google", "2025年2月", "100"), (5, "Google", "2025年3月", "120.5"), (6, "Meta", "2025年2月", "50"),
                     (6, "Meta", "2025年3月", "0"), (8, "折込", "2025年2月", "0"), (8, "折込", "2025年3月", "300")]
    assert totals == [(9, "合計", "2025年2月", "150"), (9, "合計", "2025年3月", "420.5")]
    assert (table.left_out, table.has_tax, table.header) == (("新規件数", "CPA"), True, 4)
    assert {row[2] for _, row in table.rows} == {"1000"} and [row[-1] for _, row in table.rows][2] == "ネット"


def test_months_down_with_the_year_beside_them():
    costs, totals = cells(crosstab.look(DOWN))
    assert costs[:2] == [(2, "Google広告費", "2024年11月", "10"), (3, "Google広告費", "2024年12月", "11")]
    assert costs[-2:] == [(3, "比較サイト", "2024年12月", "0"), (4, "比較サイト", "2025年1月", "32")] and len(costs) == 9
    assert sum(int(t[3]) for t in totals) == sum(int(c[3]) for c in costs) == 158
    assert crosstab.look(DOWN).left_out == ("新規件数",)


def test_a_month_of_which_nobody_tells_is_not_on_record():
    table = crosstab.look([["媒体", "2024/4", "2024/5", "2024/6"], ["Google", "1", "", ""], ["折込", "－", "2", ""]])
    assert [c[1:] for c in cells(table)[0]] == [("Google", "2024年4月", "1"), ("Google", "2024年5月", "0"), ("折込", "2024年4月", "0"), ("折込", "2024年5月", "2")]


def test_costs_and_counts_under_each_month():
    table = crosstab.look(UNDER)
    assert table.columns == ("媒体", "月", "単位", "金額", "件数") and table.header == 2
    assert [row for _, row in table.rows][:2] == [("Google", "2024年4月", "1", "100", "3"), ("Google", "2024年5月", "1", "200", "4")]


def test_a_column_of_totals_does_where_no_row_holds_them():
    table = crosstab.look([["媒体", "2024/4", "2024/5", "計"], ["Google", "1", "2", "3"], ["折込", "4", "5", "9"]])
    assert cells(table)[1] == [(2, "Google", "合計", "3"), (3, "折込", "合計", "9")]


def test_what_stands_under_the_last_total_is_no_part_of_it():
    block = [["媒体", "2024/4", "2024/5"], ["Google", "1", "2"], ["ネット計", "1", "2"], ["折込", "4", "5"], ["合計(税抜)", "5", "7"]]
    table = crosstab.look([*block, ["消費税", "0", "1"], ["税込合計", "5", "8"], ["代理店へ", "9", "9"]])
    costs, totals = cells(table)
    assert [c[1] for c in costs] == ["Google", "Google", "折込", "折込"] and [t[3] for t in totals] == ["5", "7"]
    assert table.left_out == ("消費税", "代理店へ")
    first = [block[0], ["合計", "5", "7"], block[1], block[3]]
    assert [t[3] for t in cells(crosstab.look(first))[1]] == ["5", "7"] and len(cells(crosstab.look(first))[0]) == 4
    assert [t[0] for t in cells(crosstab.look([*block, ["総合計", "6", "8"]]))[1]] == [6, 6]


@pytest.mark.parametrize(("name", "is_cost"), [
    ("Google", True), ("比較サイト", True), ("クリック型広告", True), ("売上連動広告", True), ("効率化ツール", True), ("代理店手数料", True), ("CPC広告", True),
    ("新規件数", False), ("件数(新規)", False), ("CPA", False), ("新規CPO(円)", False), ("CV率", False), ("CVR", False), ("前年比", False),
    ("クリック数", False), ("表示回数", False), ("広告予算", False), ("売上高", False), ("消費税(10%)", False), ("獲得単価", False),
    ("うち検索", False), ("新規", False), ("予実差異", False), ("昨年実績", False), ("粗利", False), ("月平均", False), ("会員誌", True), ("Meta新規", True)])
def test_what_is_a_cost_by_its_name(name, is_cost):
    table = crosstab.look([["媒体", "2024/4", "2024/5"], ["雑誌", "1", "2"], [name, "3", "4"]])
    assert (len(table.rows), table.left_out) == ((4, ()) if is_cost else (2, (name,)))


@pytest.mark.parametrize(("cell", "unit"), [("単位：千円", "1000"), ("(単位:万円)", "10000"), ("（千円）", "1000"), ("千円市", "1"), ("単位：円", "1")])
def test_what_an_amount_is_worth(cell, unit):
    body = [["媒体", "2024/4", "2024/5"], ["雑誌", "1", "2"], ["売上(千円)", "3", "4"]]
    assert {row[2] for _, row in crosstab.look([[cell], *body]).rows} == {unit}
    assert {row[2] for _, row in crosstab.look([*body, ["※" + cell]]).rows} == {unit if "単位" in cell else "1"}


def test_a_row_may_say_its_own_unit():
    table = crosstab.look([["媒体", "2024/4", "2024/5"], ["Google（千円）", "1", "2"], ["折込", "3000", "4000"]])
    assert [row[2] for _, row in table.rows] == ["1000", "1000", "1", "1"]


@pytest.mark.parametrize(("rows", "names", "first"), [
    ([["2024年度"], ["媒体", "1月", "2月", "3月"]], (), "2025年1月"), ([["2024年度"], ["媒体", "11月", "12月", "1月"]], (), "2024年11月"),
    ([["2024年度"], ["媒体", "3月", "4月", "5月"]], (), "2024年3月"), ([["令和6年"], ["媒体", "1月", "2月", "3月"]], (), "2024年1月"),
    ([["対象期間：2023年4月～2024年3月"], ["媒体", "4月", "5月", "6月"]], (), "2023年4月"),
    ([["作成 2026年5月1日"], ["媒体", "4月", "5月", "6月"]], ("シート", "広告費_2022.xlsx"), "2022年4月"),
    ([["", "2024年", "", "2025年"], ["媒体", "11月", "12月", "1月"]], (), "2024年11月"), ([["媒体", "Apr-24", "May-24", "Jun-24"]], (), "2024年4月")])
def test_where_the_year_is_said(rows, names, first):
    table = crosstab.look([*rows, ["Google", "1", "2", "3"]], names)
    assert table.dated and table.rows[0][1][1] == first


MEDIA = ["媒体", "4月", "5月"]
SIDE = ["媒体", "4月", "5月", "4月", "5月"]


@pytest.mark.parametrize(("rows", "told"), [
    ([["年度", *MEDIA], ["2023年度", "Google", "1", "2"], ["", "Meta", "3", "4"], ["2024年度", "Google", "5", "6"]], "23/4 1,23/5 2,23/4 3,23/5 4,24/4 5,24/5 6"),
    ([MEDIA, ["2023年度"], ["Google", "1", "2"], ["2024年度"], ["Google", "5", "6"]], "23/4 1,23/5 2,24/4 5,24/5 6"),
    ([["月", "2023年", "2024年"], ["4月", "1", "5"], ["5月", "2", "6"]], "23/4 1,23/5 2,24/4 5,24/5 6"),
    ([["", "2023年", "", "2024年"], ["月", "Google", "Meta", "Google"], ["4月", "1", "3", "5"], ["5月", "2", "4", "6"]], "23/4 1,23/5 2,23/4 3,23/5 4,24/4 5,24/5 6"),
    ([["2024年"], ["月", "Google", "Meta"], ["2月", "1", "2"], ["1月", "3", "4"], ["12月", "5", "6"]], "24/2 1,24/1 3,23/12 5,24/2 2,24/1 4,23/12 6"),
    ([["2023年度"], ["媒体", "3月", "2月", "12月"], ["Google", "1", "2", "3"]], "24/3 1,24/2 2,23/12 3"),
    ([["2023年度"], ["", "予算", "", "実績"], SIDE, ["Google", "9", "9", "1", "2"]], "23/4 1,23/5 2"),
    ([["2023年度"], ["媒体", "4月", "4月", "5月", "5月"], ["", "広告費", "件数", "広告費", "件数"], ["Google", "1", "3", "2", "4"]], "23/4 1,23/5 2"),
    ([["月", "Google", "Meta"], ["2023年度"], ["4月", "1", "2"], ["5月", "3", "4"], ["2024年度"], ["4月", "5", "6"]], "23/4 1,23/5 3,24/4 5,23/4 2,23/5 4,24/4 6"),
    ([["2023年度"], ["月", "Google", "Meta"] * 2, ["4月", "1", "2", "10月", "3", "4"], ["5月", "5", "6", "11月", "7", "8"]], None),
    ([["2023年度"], SIDE, ["Google", "9", "9", "1", "2"]], None),
    ([["媒体", "2023年4月", "2023年5月", "2023年4月"], ["Google", "9", "9", "1"]], None)])
def test_amounts_of_two_years_or_beside_a_budget_keep_their_months(rows, told):
    """A row or column may say its own year; the newest month may stand first; months told twice are not guessed at."""
    table = crosstab.look(rows)
    found = table and [f"{m[2:4]}/{m[5:-1]} {yen}" for _, _, m, yen in cells(table)[0] if yen]
    assert (found and ",".join(found)) == told


def test_nobody_says_the_year():
    rows = [["媒体", "12月", "1月"], ["Google", "1", "2"]]
    assert not crosstab.look(rows).dated
    assert [row[1] for _, row in crosstab.look(rows, first_month=(2023, 12)).rows] == ["2023年12月", "2024年1月"]


@pytest.mark.parametrize("rows", [
    [["年月", "媒体", "広告費(税込)"], ["令和7年1月", "折込", "330,000円"], ["令和7年1月", "カタログ", "220,000円"], ["令和7年2月", "折込", "1"]],
    [["月", "広告費", "表示回数", "クリック数"], ["2024年4月", "1", "2", "3"], ["2024年5月", "1", "2", "3"]],
    [["月", "広告費(税抜)", "広告費(税込)"], ["2024年4月", "1", "2"], ["2024年5月", "1", "2"]],
    [["月", "媒体", "媒体費", "制作費"], ["2024年4月", "Google", "1", "2"], ["2024年5月", "折込", "3", "4"]],
    [["媒体", "掲載月", "請求月"], ["折込", "4月", "5月"], ["冊子", "5月", "6月"]]])
def test_a_list_is_no_cross_tab(rows):
    assert crosstab.look(rows) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(st.integers(0, 10**7), min_size=n, max_size=n), min_size=2, max_size=5)),
       st.integers(1, 12), st.booleans(), st.booleans(), st.booleans())
def test_either_way_round_each_amount_is_read_once(amounts, first, rows_of_months, with_totals, headed):
    """`amounts`: media across, a list of them for each month."""
    media, heads = [f"媒体{c}" for c in "あいうえお"[:len(amounts[0])]], [f"{(first + n - 1) % 12 + 1}月" for n in range(len(amounts))]
    down = [["月", *media], *([head, *map(str, row)] for head, row in zip(heads, amounts, strict=True))]
    if with_totals:
        down = [[*row, "合計" if n == 0 else str(sum(map(int, row[1:])))] for n, row in enumerate(down)]
        down.append(["合計", *(str(sum(int(row[c]) for row in down[1:])) for c in range(1, len(down[0])))])
    grid = [list(col) for col in zip(*down, strict=True)] if rows_of_months else down
    grid = [["2023年度の広告費"], [], *grid] if headed else grid
    table = crosstab.look(grid, first_month=(2023, first))
    if table is None:       # one medium down the side of nothing else is a list
        assert len(media) == 1 and not rows_of_months
        return
    costs, totals = cells(table)
    months_read = [f"{2023 + (first + n - 1) // 12}年{head}" for n, head in enumerate(heads)]
    assert sorted(c[1:] for c in costs) == sorted(
        (medium, month, str(yen)) for month, row in zip(months_read, amounts, strict=True) for medium, yen in zip(media, row, strict=True))
    assert sum(int(t[3]) for t in totals) == (sum(map(sum, amounts)) if with_totals else 0)


WORDS = ["4月", "5月", "2024年4月", "2024/5", "12月", "合計", "小計", "広告費", "件数", "Google", "折込", "媒体", "100", "1,200", "－", "", "",
         "2024年度", "単位：千円", "備考", "2024", "計"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=7))
def test_no_sheet_is_too_odd_to_be_looked_at(rows):
    table = crosstab.look(rows, ("Sheet1", "a.xlsx"))
    if table:
        assert all(len(cells) == len(set(table.columns)) and 1 <= number <= len(rows) for number, cells in table.rows)


def test_months_as_people_write_them():
    told = ("4月", "2024年4月", "24年4月", "令和6年4月分", "R6.4", "2024/4", "2024-04-01 00:00:00", "202404", "Apr-24", "１２月")
    assert [months.month_of(cell) for cell in told] == [(None, 4), *[(2024, 4)] * 8, (None, 12)]
    assert {months.month_of(cell) for cell in ("13月", "4", "2024", "4-5", "4月5日", "合計", "202413")} == {None}


def _typed(cell):
    return float(cell) if cell.replace(".", "").isdigit() else cell


def workbook(rows, merged=(), sheet="広告費", **more):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    for name, table in more.items():
        page = book.add_worksheet(name)
        for r, row in enumerate(table):
            page.write_row(r, 0, map(_typed, row))
    page = book.add_worksheet(sheet)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell:
                page.write(r, c, _typed(cell))
    for place in merged:
        page.merge_range(*place, _typed(rows[place[0]][place[1]]))
    book.close()
    return data.getvalue()


@pytest.fixture(scope="module")
def con():
    return engine.connect()


WIDE = {"path": "広告費.xlsx", "preset": "generic_ad_costs_wide"}


def test_a_workbook_with_merged_cells_is_suggested_and_read(client, con):
    """Pitfall 30: the totals are dropped, and held against the cells."""
    client.put("広告費.xlsx", workbook(FISCAL, [(4, 0, 5, 0), (0, 0, 0, 4)]))
    (found,) = recognise.look(client.folder)
    (source,), remarks = starter.suggest([found])
    assert source == {**WIDE, "sheet": "広告費", "options": {"cost_tax": "included"}} and starter.GUESS[2:] in remarks[0]
    rows, (account,) = client.conform(source, con)
    told = [(r.source_row, r.acq_channel, str(r.cost_date)[:10], r.media_cost_jpy, r.grain) for r in rows.dropna(subset="media_cost_jpy").itertuples()]
    assert told == [(5, "Google", "2025-02-01", 100_000, "month"), (5, "Google", "2025-03-01", 120_500, "month"),
                    (6, "Meta", "2025-02-01", 50_000, "month"), (6, "Meta", "2025-03-01", 0, "month"), (8, "折込", "2025-02-01", 0, "month"), (8, "折込", "2025-03-01", 300_000, "month")]
    notes = {n["id"]: n for n in account.notes}
    assert account.skipped == {"total": 2} and notes["total_agrees"]["told"] == 570_500
    assert (notes["crosstab"]["media"], notes["crosstab"]["first"], notes["crosstab_left_out"]["names"]) == (3, "2025年2月", "新規件数、CPA")
    (again,) = recognise.look(client.folder, client.settings([source]).sources)
    assert again.matches[0].preset == "generic_ad_costs_wide" and not again.matches[0].missing


def test_no_note_names_a_person_under_the_total(client, con):
    people = [["山田 花子", "", "1", "2"], ["a@example.jp", "", "1", "2"], ["090-1234-5678", "", "1", "2"], ["交通費", "", "1", "2"]]
    client.put("広告費.xlsx", workbook([*FISCAL[:9], *people]))
    _, (account,) = client.conform(WIDE, con)
    assert {n["id"]: n for n in account.notes}["crosstab_left_out"]["names"] == "…、交通費"


def test_a_total_that_its_cells_do_not_make_is_told(client, con):
    client.put("広告費.xlsx", workbook([[c.replace("420.5", "999") for c in row] for row in FISCAL]))
    _, (account,) = client.conform(WIDE, con)
    assert {n["id"]: n for n in account.notes}["total_differs"]["told"] == 1_149_000


@pytest.mark.parametrize(("old", "new", "where", "reason"), [
    ("2024年度 ", "", "row 4", "何年の月か"), ("120.5", "百二十", "row 5, column `金額`", "金額として"),
    ("折込", "", "row 8, column `媒体`", "空欄"), ("2月", "二月", "row 1", "月と媒体の表")])
def test_a_broken_cross_tab_is_refused_with_its_place(client, con, old, new, where, reason):
    rows = [[c.replace(old, new) for c in row] for row in FISCAL]
    rows[7] = rows[7] if rows[7][1] else ["", *rows[7][1:]]
    client.put("広告費.xlsx", workbook(rows))
    with pytest.raises(errors.ShindanError) as stop:
        client.conform(WIDE, con)
    assert stop.value.code == errors.INPUT_INVALID and "広告費.xlsx" in stop.value.where
    assert where in stop.value.where and reason in stop.value.what and stop.value.mend


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp932", ","), ("utf-8-sig", ","), ("utf-16", "\t")])
def test_a_csv_whose_columns_have_names_of_their_own(client, con, encoding, delimiter):
    text = "\r\n".join(delimiter.join(c.replace("広告費", "予算") if r else c for c in row) for r, row in enumerate(UNDER))
    client.put("c.csv", (text + "\r\n").encode(encoding))
    source = {"path": "c.csv", "preset": "generic_ad_costs_wide"}
    with pytest.raises(errors.ShindanError, match="月の下のどれが費用か"):
        client.conform(source, con)
    rows, _ = client.conform({**source, "columns": {"media_cost_jpy": {"times": ["予算", "単位"]}}}, con)
    assert rows.media_cost_jpy.tolist() == [100, 200] and rows.platform_cv.tolist() == [3, 4]
    with pytest.raises(errors.ShindanError, match="first_month"):
        client.conform({**source, "options": {"first_month": "4月"}}, con)


LISTED = [["年月", "媒体", "広告費", "備考"], ["2024年4月", "Google", "100", ""], ["", "Meta", "200", ""], ["2024年5月", "Google", "300", "増"]]


def test_a_list_with_months_merged_down_its_rows(client, con):
    """The month holds for every row it is merged over; an amount merged over two rows is one amount."""
    source = {"path": "l.xlsx", "preset": "generic_ad_costs", "columns": {"cost_date": "年月", "acq_channel": "媒体", "media_cost_jpy": "広告費"}}
    client.put("l.xlsx", workbook(LISTED, [(1, 0, 2, 0)]))
    rows, (account,) = client.conform(source, con)
    assert [str(d)[:7] for d in rows.cost_date] == ["2024-04", "2024-04", "2024-05"]
    assert not [n for n in account.notes if n["id"] == "merged_cells"]
    client.put("l.xlsx", workbook([LISTED[0], LISTED[1], ["2024年4月", "Meta", "", ""]], [(1, 2, 2, 2)]))
    rows, (account,) = client.conform(source, con)
    assert rows.media_cost_jpy.sum() == 100 and [n["cells"] for n in account.notes if n["id"] == "merged_cells"] == [1]


YEAR = [["媒体", "4月", "5月"], ["Google", "100", "200"], ["折込", "10", "20"], ["合計", "110", "220"]]


def test_a_workbook_with_a_sheet_for_each_year(client):
    """Each sheet is a source of its own; a copy of a sheet is none; what two lists tell of one month is told."""
    client.put("orders.csv", "order_no,ordered_at,items_jpy,customer_id\n1,2024-04-05,1100,7\n")
    client.put("広告費.xlsx", workbook(YEAR, sheet="2025年度", **{"2024年度": YEAR, "2024年度改": [*YEAR[:2], ["折込", "10", "21"], *YEAR[3:]],
                                                          "控え": [["メモ"]], "まとめ": [*YEAR[:2], ["折込", "10", "22"], *YEAR[3:]], "2024年度改の写し": [*YEAR[:2], ["折込", "10", "21"], *YEAR[3:]]}))
    (found,) = [f for f in recognise.look(client.folder) if f.file == "広告費.xlsx"]
    sources, _ = starter.suggest([found])
    assert [s["sheet"] for s in sources] == ["2024年度", "2024年度改"]     # the third sheet has the rows of the first
    sources = [{**WIDE, "sheet": s} for s in ("2024年度", "2025年度", "2024年度改")]
    def unread(*sources):
        return [recognise.unread(f) for f in recognise.look(client.folder, client.settings(list(sources)).sources) if f.file == "広告費.xlsx"]

    assert unread(WIDE) == [["2024年度改", "まとめ", "2024年度改の写し", "2025年度"]] and unread(*sources) == [["まとめ", "2024年度改の写し"]]
    facts = client.run([{"path": "orders.csv", "preset": "generic_orders"}, *sources])
    costs = client.table("ad_costs")
    assert costs.media_cost_jpy.sum() == 330 * 2 + 331
    assert sorted(set(costs.source_file)) == ["広告費.xlsx [2024年度]", "広告費.xlsx [2024年度改]", "広告費.xlsx [2025年度]"]
    assert client.report().rows_used["広告費.xlsx [2025年度]"] == 4
    assert {"id": "costs_in_two_lists", "months": 2} in facts["notes"]
    with pytest.raises(errors.ShindanError, match="two sources read this file"):
        client.run([{"path": "orders.csv", "preset": "generic_orders"}, sources[0], sources[0]])
    with pytest.raises(errors.ShindanError, match="two sources read this file"):
        client.run([{"path": "orders.csv", "preset": "generic_orders"}, sources[0], WIDE])
