"""Which files a source means, and what they are: name, hash, kind, size within limits."""

import fnmatch
import hashlib
import unicodedata
import zipfile
from pathlib import PurePosixPath

from shindan import errors

SYSTEM = ("thumbs.db", "ehthumbs.db", "desktop.ini")   # what Windows lays beside; macOS has .DS_Store and __MACOSX
KINDS = {b"%PDF": "PDF", b"\x89PNG": "picture / 画像", b"\xff\xd8\xff": "picture / 画像", b"GIF8": "picture / 画像",
         b"\x1f\x8b": "compressed file (gzip) / 圧縮ファイル", b"7z\xbc\xaf": "compressed file (7z) / 圧縮ファイル",
         b"Rar!": "compressed file (rar) / 圧縮ファイル", b"SQLite": "database / データベース"}
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_EXCEL_BYTES = 200 * 2**20
MAX_EXCEL_UNPACKED = 2 * 2**30
MAX_RATIO, SMALL = 200, 100 * 2**20  # a zip bomb unpacks to far more than it is


def matching(folder, source):
    """The files of raw/ that a source's path means, sorted by name; exit 20 if it means none.

    `*` and `?` stand for characters; `[` is an ordinary one.
    """
    pattern = unicodedata.normalize("NFC", source.path).replace("[", "[[]")
    found = [f for f in there(folder) if fnmatch.fnmatchcase(name(folder, f), pattern)]
    if not found and not source.optional:
        raise errors.ShindanError(
            errors.INPUT_MISSING, f"No file matches / ファイルがありません: {source.path}",
            f"client_data/{folder.client}/raw/",
            "put the file there, mend `path:` in client.yaml, or say `optional: true` / "
            "ファイルを置くか、client.yaml の path: を直す")
    return found


def there(folder):
    """The files in raw/, sorted by name; hidden, lock and system files are left out.

    Exit 20 for a link that leaves the client's folder (it might bring another client's customers in) or leads nowhere.
    """
    found, own = [], folder.path.resolve()
    for file in folder.raw.rglob("*") if folder.raw.is_dir() else ():
        if file.name.startswith((".", "~$")) or file.name.lower() in SYSTEM or "__MACOSX" in file.parts:
            continue
        if not file.resolve().is_relative_to(own):
            raise errors.ShindanError(
                errors.INPUT_MISSING, "This link leaves the client's folder / クライアントのフォルダの外を指しています",
                f"client_data/{folder.client}/raw/{name(folder, file)}", "copy the file itself into raw/")
        if file.is_symlink() and not file.exists():
            raise errors.ShindanError(
                errors.INPUT_MISSING, "This link leads nowhere / リンク先のファイルがありません",
                f"client_data/{folder.client}/raw/{name(folder, file)}", "copy the file itself into raw/")
        if file.is_file():
            found.append(file)
    return sorted(found, key=lambda f: name(folder, f))


def name(folder, file):
    """The file's name below raw/, the same on every system."""
    return unicodedata.normalize("NFC", str(PurePosixPath(file.relative_to(folder.raw))))


def sha256(file):
    """The hash of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(file):
    """What changes when somebody writes to the file; None where it is gone."""
    try:
        s = file.stat()
    except OSError:
        return None
    return s.st_size, s.st_mtime_ns, s.st_ino


def refuse_changed(folder, before):
    """Stop (20) if a file is not what it was: `before` {file: stamp}. It may still be on its way here."""
    for file, then in before.items():
        if stamp(file) != then:
            what = ("This file vanished while it was read / 読んでいる間に無くなりました" if stamp(file) is None
                    else "This file changed while it was read / 読んでいる間に変わりました")
            raise errors.ShindanError(
                errors.INPUT_MISSING, what, f"client_data/{folder.client}/raw/{name(folder, file)}",
                "wait until it is copied whole (a synchronised folder, a download), then run the same command again")


def refuse_no_table(sample, where):
    """Stop (20) at what is surely no table, by its first bytes."""
    kind = next((kind for start, kind in KINDS.items() if sample.startswith(start)), None)
    if not sample:
        raise errors.ShindanError(errors.INPUT_MISSING, "This file is empty (0 bytes) / 空のファイルです", where,
                                  "export it again, or take it out of raw/")
    if kind:
        raise errors.ShindanError(errors.INPUT_MISSING, f"This is a {kind}, no table / 表のファイルではありません", where,
                                  "put the table itself there: .xlsx, or CSV (UTF-8)")


def is_excel(file):
    """True for a workbook, whatever its name ends in."""
    with file.open("rb") as stream:
        start = stream.read(4)
    return start in (ZIP, OLE)


def check_excel(file, where):
    """Refuse a workbook that is none, has a password, or is too large to hold in memory."""
    size, unpacked = file.stat().st_size, file.stat().st_size
    try:
        with zipfile.ZipFile(file) as box:
            names = box.namelist()
            unpacked = sum(i.file_size for i in box.infolist())
        if not any(n.startswith(("xl/", "[Content_Types]", "content.xml")) for n in names):
            raise errors.ShindanError(
                errors.INPUT_MISSING, "This is a zip archive, not a workbook / ZIPのままです", where,
                "unpack it and put the files in it into raw/")
    except zipfile.BadZipFile:  # the older .xls, or an encrypted .xlsx
        if _is_encrypted(file):
            raise errors.ShindanError(
                errors.INPUT_MISSING, "This workbook has a password / パスワードが付いています", where,
                "open it in Excel and save it without a password (ファイル → 情報 → ブックの保護)") from None
    bomb = unpacked > MAX_RATIO * size and unpacked > SMALL
    if size > MAX_EXCEL_BYTES or unpacked > MAX_EXCEL_UNPACKED or bomb:
        raise errors.ShindanError(
            errors.INPUT_OVER_LIMIT,
            f"This workbook is too large: {size // 2**20} MB, {unpacked // 2**20} MB unpacked "
            f"(limits {MAX_EXCEL_BYTES // 2**20} and {MAX_EXCEL_UNPACKED // 2**20} MB, {MAX_RATIO} times its size)",
            where, "save the sheet as CSV (UTF-8) and put that into raw/")


def _is_encrypted(file):
    """True for the wrapping that Office puts around a workbook with a password."""
    name = "EncryptedPackage".encode("utf-16-le")
    with file.open("rb") as stream:
        start = stream.read(1 << 20)
        stream.seek(max(0, file.stat().st_size - (1 << 20)))
        return name in start or name in stream.read()
