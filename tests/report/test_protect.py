"""The PDF under a password, and the note that goes with the report."""

import hashlib
import json
import os

import pikepdf
import pytest

from shindan import config, delivery, errors, report
from shindan.report import cover_note, protect
from shindan.text import LANGUAGES, Text

SECRET = "ひみつの-合言葉8"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv(delivery.PASSWORD_VARIABLE, raising=False)
    (tmp_path / "abc").mkdir()
    return config.Folder("abc", tmp_path)


def settings(**more):
    return config.Config(name="㈱サンプル", sources=(), **more)


def test_the_password_comes_from_a_file_only(folder, monkeypatch):
    assert protect.password(folder, settings()) == ""
    (folder.path / "pw.txt").write_text(f"{SECRET}\r\nsecond line", "utf-8")
    assert protect.password(folder, settings(pdf_password_file="pw.txt")) == SECRET
    other = folder.path / "other"
    other.write_text("another one", "utf-8")
    monkeypatch.setenv(delivery.PASSWORD_VARIABLE, str(other))
    assert protect.password(folder, settings(pdf_password_file="pw.txt")) == "another one"


@pytest.mark.parametrize("content", [None, "", "short", "あ" * 50])
def test_a_password_that_is_none_is_refused_without_showing_it(folder, content):
    if content is not None:
        (folder.path / "pw.txt").write_text(content, "utf-8")
    with pytest.raises(errors.ShindanError) as failure:
        protect.password(folder, settings(pdf_password_file="pw.txt"))
    assert failure.value.code == errors.BAD_CONFIG and (not content or content not in str(failure.value))


def test_a_password_that_is_too_long_is_not_called_too_short(folder):
    (folder.path / "pw.txt").write_text("あ" * 50, "utf-8")
    with pytest.raises(errors.ShindanError, match="longer than 127 bytes"):
        protect.password(folder, settings(pdf_password_file="pw.txt"))


def test_another_password_alone_makes_the_delivery_anew(folder, tmp_path, monkeypatch):
    outside = tmp_path / "pw.txt"
    outside.write_text("password one", "utf-8")
    (folder.path / "client.yaml").write_text(f"name: x\npdf_password_file: {outside}\n", "utf-8")
    before = delivery.stands_on(folder, ())
    assert delivery.stands_on(folder, ()) == before and "password one" not in str(before)
    outside.write_text("password two", "utf-8")
    os.utime(outside, ns=(1, 1))
    assert delivery.stands_on(folder, ()) != before


def test_aes_256_and_only_the_password_opens_it(japanese, ja_meta, tmp_path):
    file = report.build(japanese, ja_meta, tmp_path / "x.pdf")
    with pikepdf.open(file) as plain:
        pages = len(plain.pages)
    protect.protect(file, SECRET)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    with pikepdf.open(file, password=SECRET) as opened:
        assert opened.encryption.bits == 256 and opened.encryption.stream_method == pikepdf.models.EncryptionMethod.aesv3
        assert len(opened.pages) == pages and opened.allow.accessibility and "/StructTreeRoot" in opened.Root
    assert protect.opens(file, SECRET) and not protect.opens(file, "something else")
    assert SECRET.encode() not in file.read_bytes() and not protect.opens(tmp_path / "none.pdf", SECRET)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_note_says_what_was_found_and_what_comes_with_it(lang):
    results = {"summary": {"as_of": "2025-12-31", "tables": {
        "findings": [{"finding": f"発見{i}"} for i in range(5)], "proposals": [{"title": "まず一つ"}],
        "not_shown": [{"why": "配信データがないため。"}]}}}
    client = settings().model_copy(update={"name": "㈱サンプル\n# 見出し\u202e" + "長" * 5000, "consultant": "山﨑"})
    note = cover_note.write(results, client, ("report.pdf", "workbook.xlsx", "results.json"), Text(lang), protected=True)
    assert "発見2" in note and "発見3" not in note and "まず一つ" in note and "配信データがない" in note and "山﨑" in note
    assert "\n# 見出し" not in note and "\u202e" not in note and len(note) < 2500
    assert "report.pdf" in note and "results.json" not in note
    assert (Text(lang)("report.email.password") in note) and SECRET not in note


def test_a_rerun_of_equal_pages_delivers_the_same_protected_file(japanese, ja_meta, folder):
    from shindan import publish

    def deliver(name):
        new = folder.deliverables / name
        new.mkdir(parents=True)
        report.build(japanese, ja_meta, new / "report.pdf")
        return new

    first = deliver("first")
    pages = publish._protected(folder, first, SECRET)
    (first / "results.json").write_text("{}")
    outputs = {name: hashlib.sha256((first / name).read_bytes()).hexdigest() for name in ("report.pdf", "results.json")}
    (first / "manifest.json").write_text(json.dumps(
        {"client": "abc", "as_of": "2025-12-31", "code": "x", "outputs": outputs, "pages": pages}))
    (folder.deliverables / "latest").symlink_to("first")
    again, other = deliver("again"), deliver("other")
    assert publish._protected(folder, again, SECRET) == pages
    assert (again / "report.pdf").read_bytes() == (first / "report.pdf").read_bytes()
    publish._protected(folder, other, "another password")
    assert protect.opens(other / "report.pdf", "another password") and not protect.opens(other / "report.pdf", SECRET)
    assert publish._protected(folder, deliver("plain"), "") is None
