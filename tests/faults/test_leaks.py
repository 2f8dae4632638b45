"""No customer's name, address or number leaves the lists: not in the report, the logs or an error's words."""

import csv
import json
import zipfile

import pypdfium2
import pytest


@pytest.fixture(scope="module")
def people(made):
    """Names, addresses and numbers of the shop's customers, as its files write them."""
    file = made.path / "raw" / "customer.csv"
    rows = list(csv.reader(file.read_text("cp932").splitlines()))
    head, found = rows[0], {}
    for word in ("メール", "TEL", "住所"):
        at = [i for i, name in enumerate(head) if word in name]
        found[word] = {row[i] for row in rows[1:] for i in at if len(row) == len(head) and len(row[i]) > 7}
    last, first = (next(i for i, name in enumerate(head) if f"({part})" in name and "カナ" not in name and "名前" in name)
                   for part in ("姓", "名"))
    found["氏名"] = {row[last] + gap + row[first] for row in rows[1:] for gap in ("", " ", "　")}
    assert all(len(values) > 100 for kind, values in found.items() if kind != "住所"), {k: len(v) for k, v in found.items()}
    return {value for values in found.values() for value in values}


def leaked(words, people):
    squeezed = words.replace("\r\n", "")
    return sorted(value for value in people if value in words or value in squeezed)


def test_not_in_what_is_delivered(made, people):
    latest = made.path / "deliverables" / "latest"
    with pypdfium2.PdfDocument(latest / "report.pdf") as pdf:
        said = "\n".join(page.get_textpage().get_text_range() for page in pdf) + str(pdf.get_metadata_dict())
    assert len(said) > 5000 and not leaked(said, people)
    with zipfile.ZipFile(latest / "workbook.xlsx") as book:
        assert not leaked("\n".join(book.read(name).decode() for name in book.namelist()), people)
    for name in ("results.json", "manifest.json", "email.md"):
        assert not leaked((latest / name).read_text("utf-8"), people), name


def test_not_in_what_is_left_in_work(made, people):
    """work/private and the lists' plan hold contacts, to be joined back; nothing else does."""
    for folder in ("notebooks", "results", "logs", "rejects", "seals", "tables"):
        for file in sorted((made.path / "work" / folder).rglob("*")):
            if file.is_file():
                words = file.read_bytes().decode("utf-8", "replace")
                assert not leaked(words, people), file.name


def test_not_in_the_words_of_a_failure(shop, people):
    """Rows that cannot be read, bytes of no encoding, a column of another name: the message says where, never who."""
    file = sorted((shop.path / "raw").glob("order_2*.csv"))[0]
    whole = file.read_bytes()
    lines = whole.splitlines()
    broken = (
        b"\n".join([lines[0], *(line.replace(b"20", b"x9", 3) for line in lines[1:])]),
        whole.replace(b"\n", b"\x81\xff\n", 50),
        b"\n".join([lines[0].replace("日".encode("cp932"), "月".encode("cp932"))] + lines[1:]),
    )
    for content in broken:
        file.write_bytes(content)
        code, out, err = shop.run()
        assert code in (20, 21), err
        assert not leaked(out + err, people)
        for log in (shop.path / "work").rglob("*.log"):
            assert not leaked(log.read_text("utf-8"), people)


def test_what_looks_is_found(people):
    """The search itself: one address in a page's text is seen."""
    one = sorted(people)[len(people) // 2]
    assert leaked(json.dumps({"a": f"x{one}y"}, ensure_ascii=False), people) == [one]
