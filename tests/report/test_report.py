"""The PDF itself: what it says, what it never says, and that it is made the same way twice."""

import io
import re
import subprocess
import sys
import time

import nbformat
import pikepdf
import pypdfium2
import pytest

from shindan import errors, report
from shindan.report import typeset

HOSTILE = ['#read("/etc/passwd")', "$x$", "*b*", "<script>", "{{7*7}}", "\u202eabc\u200f", "好き😀",
           "A" * 5000, "あ" * 5000, "#import \"@preview/x\"", "\\u{41}", "@sheet-0-0", "//", "/*"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="session")
def ja(folder, japanese, ja_meta):
    return report.build(japanese, ja_meta, folder / "ja.pdf")


@pytest.fixture(scope="session")
def en(folder, english, en_meta):
    return report.build(english, en_meta, folder / "en.pdf")


def pages(file):
    """The text of every page, without spaces and line breaks."""
    with pypdfium2.PdfDocument(file) as opened:
        return ["".join(page.get_textpage().get_text_range().split()).replace("\u200b", "") for page in opened]


def test_cover_contents_pages_appendix(ja):
    cover, contents, summary, *_, last = pages(ja)
    assert "サンプル通販㈱御中" in cover and "2025年12月31日" in cover and "山﨑花子" in cover
    assert "チャネル別の2回目購入率5" in contents
    assert "この報告書にない章キャンペーン配信データがないため出していない。" in contents
    assert "2回目購入を8.4%から10%に上げると年1,230万円" in summary
    assert "出していないものと、その理由" in last and "9f86d081884c" in last


def test_japanese_of_charts_and_tables_is_searchable(ja):
    text = "".join(pages(ja))
    for name in ("髙島屋オンライン", "宮﨑商店①", "㈱通販～本店", "流入チャネル別の2回目購入率"):
        assert text.count(name) >= 2, name


def test_every_page_says_source_period_n_and_confidentiality(ja):
    for text in pages(ja)[2:-1]:
        assert "n=12,345" in text and "2023年1月1日〜2025年12月31日" in text and "社外秘" in text


def test_a_long_table_is_whole(make, ja_meta, tmp_path):
    rows = make.by_channel(75)
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(make.headline("a.b", "長い表"), make.table(rows, make.COLUMNS)))
    text = pages(report.build([nb], ja_meta, tmp_path / "x.pdf"))[2:-1]
    assert len(text) > 1 and all("年間LTV" in page for page in text)
    assert "(続き)" in text[1]
    assert all(row[0] + row[1] in "".join(text) for row in rows)


def test_two_messages_side_by_side_and_a_third_under_them(make, ja_meta, tmp_path):
    said = ["初回商品で13.7%から38.1%と開く。最も高いのは青汁", "チャネルで22.2%から46.6%と開く。最も高いのは紹介", "セールで始めた人は26.1%"]
    blocks = [b for i, words in enumerate(said) for b in (
        {**make.headline(f"x.{i}", words), "n": 1000 + i}, make.figure(make.svg()))]
    notes = [make.prose(f"{role}の文。", role) for role in ("method", "reading", "so_what")]
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(*blocks, make.table(make.by_channel(), make.COLUMNS)), *notes)
    pages_made = pages(report.build([nb], ja_meta, tmp_path / "x.pdf"))
    assert len(pages_made) == 4
    page = pages_made[2]
    for i, words in enumerate(said):
        assert words in page and f"n=1,00{i}" in page
    assert page.count("宮﨑商店①") == 4 and "readingの文。" in page and "methodの文。" in page


def test_the_language_of_the_words(ja, en):
    assert "日本語" not in "".join(pages(en)) and "御中" not in "".join(pages(en))
    assert "Englishonly" not in "".join(pages(ja)) and "Confidential" not in "".join(pages(ja))


def test_nothing_of_the_workshop_shows(ja, en):
    for file in (ja, en):
        with pikepdf.open(file) as opened:
            said = "".join(pages(file)) + str(opened.docinfo) + opened.Root.Metadata.read_bytes().decode()
        for never in ("secret_code", "c.state", "/tmp", "/home", str(file.parent), ".typ", ".svg", ".ipynb"):
            assert never not in said, never


def test_hostile_text_prints_as_it_is(make, ja_meta, tmp_path):
    def cells(text):
        return [[text, "1,200", "8.4%", "", "", ""]]

    blocks = [b for text in HOSTILE for b in (make.prose(f"## {text}"), make.shown(
        make.headline("x.y", text, "×"), {"kind": "kpis", "cards": [make.card(text, text, ci=text)]},
        make.table(cells(text), make.COLUMNS, text)), make.prose(text, "reading"))]
    picture = make.svg(["$x$", "<b>", "#x", "{{7*7}}", "a_b^c", "㈱"], "好き😀\x07")
    drawn = make.shown(make.headline("x.z", "図"), make.figure(picture, HOSTILE[0]))
    nb = make.notebook(make.prose("# <script>"), *blocks, make.prose("## 図"), drawn)
    meta = {**ja_meta, "client_name": HOSTILE[0], "consultant": "$x$", "title": "*b*", "basis": "あ" * 5000,
            "notes": HOSTILE, "facts": [{"title": "{{7*7}}", "rows": [HOSTILE]}], "withheld": [HOSTILE[:2]]}
    text = "".join(pages(report.build([nb], meta, tmp_path / "x.pdf")))
    for literal in ("".join(h.split()) for h in [*HOSTILE[:5], HOSTILE[9], HOSTILE[10], HOSTILE[11], "好き〓", "a_b^c"]):
        assert literal in text, literal
    assert "root:" not in text and "49" not in text


def test_nothing_is_printed_beyond_the_margins(make, ja_meta, tmp_path):
    name = "薬用美白オールインワンジェル大容量サイズ詰め替え用3個セット送料無料限定パッケージ版"
    cards = [make.card(name, "12,345,678,901円", ci="12,345,678円〜22,345,678円", benchmark="18,000円")] * 6
    wide = make.table([[name] + ["12,345,678円"] * 11] * 12, [name] * 12)
    tall = make.table([[name + "A" * 40] + ["12,345,678円"] * 5] * 30, make.COLUMNS, name * 3)
    nb = make.notebook(make.prose(f"# {name}\n{name * 3}"), *[cell for blocks in (
        [make.figure(make.svg([name] * 1)), tall], [wide], []) for cell in (
        make.prose(f"## {name}\n{name * 2}"),
        make.shown(make.headline("x.y", name * 3, "△"), {"kind": "kpis", "cards": cards}, *blocks),
        *(make.prose((name + "。") * 12, role) for role in ("method", "reading", "so_what")))])
    file = report.build([nb], {**ja_meta, "client_name": name * 2}, tmp_path / "x.pdf")
    with pypdfium2.PdfDocument(file) as opened:
        for number, page in enumerate(opened, 1):
            width, height = page.get_size()
            text = page.get_textpage()
            for i in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(i)
                assert left > 40 or left == right, (number, left)
                assert right < width - 44 and bottom > 15 and top < height - 15, (number, right, text.get_text_range(i, 20))


def test_a_long_table_is_cut_to_one_page_and_names_its_sheet(make, ja_meta, tmp_path):
    def made(count, **more):
        table = {**make.table(make.by_channel(count), make.COLUMNS), **more}
        nb = make.notebook(make.prose("# a"), make.prose("## b"), make.shown(make.headline("x.y", "一つ"), table),
                           make.prose("読む。", "reading"))
        return pages(report.build([nb], ja_meta, tmp_path / "x.pdf"))[2:-1]

    [page] = made(60, of=70, sheet="lists_lists")
    printed = page.count("3,456円")
    assert 15 < printed < 60 and "「lists_lists」シート" in page
    assert re.search(r"ほか(\d+)行", page).group(1) == str(70 - printed)
    [page] = made(12, of=12, sheet="lists_lists")
    assert "シート" not in page


def test_many_sentences_close_up_before_a_page_runs_on(make, ja_meta, tmp_path):
    words = "同じ人と数えた記録は、これまでの番号とアドレスを合わせて九千五百人分になり、二回目の割合は変わらない"
    shown = [make.headline(f"x.{i}", f"{words}({i})") for i in range(6)]
    nb = make.notebook(make.prose("# a"), make.prose("## b"), make.shown(
        shown[0], make.table(make.by_channel(9), make.COLUMNS), *shown[1:]), make.prose("読む。" * 20, "reading"))
    assert len(pages(report.build([nb], ja_meta, tmp_path / "x.pdf"))) == 4


def height(page, words):
    """How high the first letter of `words` is printed, in points."""
    text = page.get_textpage()
    left, bottom, right, top = text.get_charbox(text.search(words).get_next()[0])
    return round(top - bottom, 1)


def test_the_values_of_a_row_of_cards_have_one_size(make, ja_meta, tmp_path):
    cards = [make.card("a", "4,444"), make.card("b", "4,477,352,744,000円"), make.card("c", "44.4%")]
    nb = make.notebook(make.prose("# a"), make.prose("## b"), make.shown(
        make.headline("summary.x", "一つ"), {"kind": "kpis", "cards": cards * 2}, make.table(make.by_channel(3), make.COLUMNS)))
    with pypdfium2.PdfDocument(report.build([nb], ja_meta, tmp_path / "x.pdf")) as opened:
        assert len({height(opened[2], words) for words in ("4,444", "4,477,352", "44.4%")}) == 1


def test_an_appendix_of_two_pages_turns_before_the_conditions(make, ja_meta, tmp_path):
    nb = make.notebook(make.prose("# a"), make.prose("## b"), make.shown(make.headline("x.y", "一つ"), make.figure(make.svg())))
    many = [(f"章{i} › 頁", "理由を書いた文。" * 8) for i in range(34)]
    meta = {**ja_meta, "withheld": many, "facts": [{"title": "しきい値", "rows": [["日数", "365日"]] * 40}]}
    *_, first, second = pages(report.build([nb], meta, tmp_path / "x.pdf"))
    assert "章0›頁" in first and "章33›頁" in first and "しきい値" not in first
    assert second.index("しきい値") < second.index("指標の定義")


def test_accessible_and_self_contained(ja):
    with pikepdf.open(ja) as opened:
        xmp = opened.Root.Metadata.read_bytes().decode()
        assert 'pdfuaid:part>1<' in xmp.replace(" ", "") or 'pdfuaid:part="1"' in xmp
        assert opened.Root.Lang == "ja-JP" and opened.Root.MarkInfo.Marked
        assert str(opened.docinfo["/Title"]) == "サンプル通販㈱ 御中 通販診断レポート"
        fonts = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        assert fonts and all("/FontFile3" in f and "NotoSansCJKjp" in str(f.FontName) for f in fonts)
        alts = [str(o["/Alt"]) for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
        assert alts.count("流入チャネル別の2回目購入率。髙島屋オンラインが最も高い。") == 2
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == ["1  まとめ", "2  リピート", "付録"]
            assert [item.title for item in outline.root[1].children] == ["2回目購入率", "チャネル別の2回目購入率", "商品別"]


def test_equal_inputs_give_equal_bytes(ja, japanese, ja_meta, tmp_path):
    assert report.build(japanese, ja_meta, tmp_path / "again.pdf").read_bytes() == ja.read_bytes()


def test_another_day_gives_other_bytes(ja, japanese, ja_meta, tmp_path):
    later = report.build(japanese, {**ja_meta, "as_of": "2026-01-31"}, tmp_path / "later.pdf")
    assert later.read_bytes() != ja.read_bytes()
    with pikepdf.open(later) as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20260131")


def test_what_cannot_be_typeset_is_refused_without_its_text(make, ja_meta, tmp_path):
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(make.headline("a.b", "図"), make.figure("<svg>山田太郎")))
    with pytest.raises(errors.ShindanError) as failure:
        report.build([nb], ja_meta, tmp_path / "x.pdf")
    assert failure.value.code == errors.PUBLISH_FAILED
    assert "山田" not in str(failure.value) and ".typ:" in failure.value.where
    assert list(tmp_path.iterdir()) == []


def test_a_figure_without_alt_text_is_refused(make, ja_meta, tmp_path):
    nb = make.notebook(make.prose("# a\n\n## b"), make.shown(make.headline("a.b", "図"), make.figure(make.svg(), "")))
    with pytest.raises(errors.ShindanError):
        report.build([nb], ja_meta, tmp_path / "x.pdf")


def test_a_broken_pdf_is_not_passed_on(ja):
    whole = ja.read_bytes()
    assert typeset.verify(whole, least_pages=5) == whole
    for pdf, least in ((whole, 99), (whole[: len(whole) // 2], 1), (b"", 1)):
        with pytest.raises(errors.ShindanError):
            typeset.verify(pdf, least)


def test_brand_is_values(japanese, ja_meta, tmp_path):
    logo = tmp_path / "our logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>')
    branded = report.build(japanese, {**ja_meta, "brand": {"accent": "#7A3E9D", "logo": str(logo)}}, tmp_path / "x.pdf")
    assert "our" not in "".join(pages(branded))
    with pikepdf.open(branded) as opened:
        assert "サンプル通販㈱ 御中" in [str(o["/Alt"]) for o in opened.objects
                                  if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]


@pytest.mark.parametrize("exporter, made", [("report_pdf", "one.pdf"), ("report_typst", "one.typ")])
def test_plain_nbconvert_prints_one_chapter(japanese, tmp_path, exporter, made):
    nbformat.write(japanese[1], tmp_path / "one.ipynb")
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", exporter, "one.ipynb"], cwd=tmp_path,
                   check=True, capture_output=True)
    if exporter == "report_pdf":
        assert "2回目購入は8.4%。基準の10%に届いていない" in "".join(pages(tmp_path / made))
        assert sorted(f.name for f in tmp_path.iterdir()) == ["one.ipynb", "one.pdf"]
    else:
        import typst

        pdf = typst.compile(tmp_path / made, font_paths=typeset.fonts(), pdf_standards="ua-1")
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert len(opened.pages) > 3


def test_typesetting_is_clean_and_quick(japanese, ja_meta, tmp_path, capsys):
    import typst

    source, resources = report.TypstExporter().from_notebook_node(report.joined(japanese, ja_meta))
    for name, content in {"main.typ": source.encode(), **resources["outputs"]}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    began = time.perf_counter()
    _, warnings = typst.compile_with_warnings(tmp_path / "main.typ", font_paths=typeset.fonts(),
                                              ignore_system_fonts=True, pdf_standards="ua-1")
    with capsys.disabled():
        print(f" [typst {time.perf_counter() - began:.2f} s] ", end="")
    assert not warnings
