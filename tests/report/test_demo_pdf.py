"""The demo's PDF read back: every sentence and its numbers, every label of a chart, and nobody's data."""

import csv
import ctypes
import datetime
import html
import json
import re
import string

import nbformat
import pandas
import pikepdf
import pypdfium2
import pytest

from shindan import chapter, text
from shindan.report import glyphs

NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
FORMATS = ("pct", "pct0", "pt", "pts", "yen", "man", "int", "num1", "num2")
CLIPPED = 150  # a title longer than this is cut (document._headline)


def squeezed(words):
    return "".join(str(words).split()).replace(glyphs.BREAK, "")


@pytest.fixture(scope="module")
def pdf(clients, demo_results):
    return clients / "demo" / "deliverables" / "latest" / "report.pdf"


@pytest.fixture(scope="module")
def said(pdf):
    with pypdfium2.PdfDocument(pdf) as pages:
        return squeezed("".join(page.get_textpage().get_text_range() for page in pages))


def findings(results):
    return [f for result in results.values() for f in result["findings"]]


def test_every_sentence_is_printed(demo_results, said):
    for finding in findings(demo_results):
        assert squeezed(glyphs.line(finding["text"]["ja"], CLIPPED)).rstrip("…") in said, finding["id"]


def spoken(value, lang):
    """Every way our formats say a value, and what numbers stand in those words."""
    if isinstance(value, list):
        return set().union(*(spoken(item, lang) for item in value), NUMBER.findall(str(len(value))))
    if isinstance(value, str):
        days = [datetime.date.fromisoformat(value)] if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else []
        words = [value, *(say(day, lang) for day in days for say in (text.date, text.month))]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        formatter = text._Formatter(lang, "JPY")
        words = [formatter.format_field(value, spec) for spec in FORMATS]
    else:
        words = []
    return {number for one in words for number in NUMBER.findall(one)}


def own_words(finding, lang):
    """The catalogue's sentence that says this finding: 2回目, 95%CI are words of it, of no other."""
    say = text.Text(lang)
    for key, words in text._catalogue(lang).items():
        try:
            own = ".headline." in key and finding["text"][lang].startswith(say(key, **finding["values"]))
        except (KeyError, ValueError, AttributeError):  # a sentence of other fields
            own = False
        if own:
            yield from (part for part, *_ in string.Formatter().parse(words))


def unaccounted(finding, lang):
    """Numbers of a finding's sentence that are neither its values nor words of its own sentence in the catalogue."""
    known = set().union(*(spoken(value, lang) for value in finding["values"].values()), set())
    fixed = {number for part in own_words(finding, lang) for number in NUMBER.findall(part)}
    return set(NUMBER.findall(finding["text"][lang])) - known - fixed


def test_a_figure_of_another_period_than_its_page_says_so(demo_results, pdf):
    with pypdfium2.PdfDocument(pdf) as pages:
        page = squeezed(pages[2].get_textpage().get_text_range())
    periods = {kpi["period"] for kpi in demo_results["summary"]["kpis"]}
    assert len(periods) > 1
    assert all(squeezed(text.period(period)) in page for period in periods)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_number_of_a_sentence_is_in_the_results(demo_results, lang):
    for finding in findings(demo_results):
        assert not unaccounted(finding, lang), finding["id"]


def test_a_number_from_nowhere_would_be_seen(demo_results):
    finding = next(f for f in findings(demo_results) if f["id"] == "repeat.f2")
    assert unaccounted({**finding, "text": {"ja": finding["text"]["ja"] + "、12.7%"}}, "ja") == {"12.7"}
    assert unaccounted({**finding, "text": {"ja": finding["text"]["ja"] + "、30日"}}, "ja") == {"30"}  # of another sentence
    assert unaccounted({**finding, "values": {}}, "ja")


def test_the_summarys_figures_are_defined_and_the_rest_are_counted(demo_results, said):
    say = text.Text("ja")
    kpis = {kpi["id"]: kpi for name, result in demo_results.items() for kpi in result["kpis"] if name != "summary"}
    defined = {kpi["id"] for kpi in demo_results["summary"]["kpis"]} | {id for id, kpi in kpis.items() if kpi["benchmark"]}
    for id in defined:
        chapter_name, name = id.split(".", 1)
        assert squeezed(say(f"{chapter_name}.kpi.{name}") + text.figure(kpis[id]["value"], kpis[id]["unit"])) in said, id
        assert squeezed(say(f"{chapter_name}.definition.{name}"))[:60] in said, id
    assert squeezed(say("report.rest", n=len(kpis) - len(defined))) in said


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_table_and_column_of_the_workbook_has_a_name(demo_results, lang):
    say = text.Text(lang)
    tables = [(name, table, rows) for name, result in demo_results.items() for table, rows in result["tables"].items()]
    assert not [f"{name}.{table}" for name, table, _ in tables if not say.has(f"{name}.table.{table}")]
    ends = re.compile("_(lo|hi)$")
    columns = {(name, ends.sub("", column)) for name, _, rows in tables for row in rows for column in row}
    assert not [f"{name}.{column}" for name, column in columns
                if not say.has(f"{name}.columns.{column}") and not say.has(f"columns.{column}")]


def labels(folder):
    """The words of every figure the chapters displayed on pages that are printed."""
    for file in sorted(folder.glob("*.ipynb")):
        for cell in nbformat.read(file, as_version=4).cells:
            for output in cell.get("outputs", ()):
                block = output.get("data", {}).get(chapter.MIME, {})
                if block.get("kind") == "figure":
                    for words in re.findall(r"<text[^>]*>(.*?)</text>", block["svg"], re.S):
                        yield file.stem, html.unescape(re.sub(r"<[^>]+>", "", words))


def test_every_label_of_a_chart_can_be_searched(clients, demo_results, said):
    found = list(labels(clients / "demo" / "work" / "notebooks"))
    assert len(found) > 300
    missing = {(stem, words) for stem, words in found if squeezed(glyphs.printable(words)) not in said}
    assert not missing


def test_special_characters_of_the_shop_survive(said):
    assert "国産黒酢ドリンク①" in said


def personal(raw):
    """E-mail addresses and phones of the demo's customers."""
    with (raw / "customer.csv").open(encoding="cp932", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:400]:
        for column, value in row.items():
            if re.search(r"メール|TEL", column) and len(value or "") >= 10:
                yield value


def test_nobodys_data_and_no_workshop_in_anything_handed_over(clients, demo_results, pdf, said):
    with pikepdf.open(pdf) as opened:
        about = str(opened.docinfo) + opened.Root.Metadata.read_bytes().decode()
    others = "".join((pdf.parent / name).read_text("utf-8") for name in ("results.json", "email.md", "manifest.json"))
    everything = said + about + others
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", everything)
    assert not re.search(r"(?<!\d)0\d{1,4}-\d{1,4}-\d{4}(?!\d)", everything)
    people = set(personal(clients / "demo" / "raw"))
    keys = pandas.read_parquet(clients / "demo" / "work" / "tables" / "buyers.parquet")["customer_key"]
    people |= set(keys.head(2000))
    assert len(people) > 2300
    assert not [value for value in people if value in everything]
    for never in ("c.state", "shindan.open", "import ", str(clients), "/tmp/", ".parquet", ".ipynb"):
        assert never not in said + about, never


def sizes(page):
    """{type size in points: some of its words} of a page, letters of nothing left out."""
    text, matrix, found = page.get_textpage(), pypdfium2.raw.FS_MATRIX(), {}
    for place in range(text.count_chars()):
        pypdfium2.raw.FPDFText_GetMatrix(text, place, ctypes.byref(matrix))
        size = pypdfium2.raw.FPDFText_GetFontSize(text, place) * abs(matrix.a or matrix.b)
        if text.get_text_range(place, 1).strip() and size > 1:  # 1: a character Pdfium makes up between two words
            found.setdefault(round(size, 2), text.get_text_range(place, 12))
    return found


def test_every_word_of_every_page_is_large_enough_to_read(pdf):
    with pypdfium2.PdfDocument(pdf) as pages:
        small = [(number, size, words) for number, page in enumerate(pages, 1) for size, words in sizes(page).items()
                 if size < (5.5 if number == len(pages) else 6)]
    assert not small


def test_the_report_is_short_and_small(pdf):
    with pypdfium2.PdfDocument(pdf) as pages:
        assert len(pages) <= 30
    assert pdf.stat().st_size <= 3_000_000


def test_the_delivery_is_whole(pdf):
    manifest = json.loads((pdf.parent / "manifest.json").read_text("utf-8"))
    assert sorted(manifest["outputs"]) == sorted(f.relative_to(pdf.parent).as_posix() for f in pdf.parent.rglob("*")
                                                 if f != pdf.parent / "manifest.json" and f.is_file())
