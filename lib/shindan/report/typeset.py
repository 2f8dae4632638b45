"""Pages from files: compile a folder of generated files with Typst and prove what came out."""

import datetime
import io
import re
import tempfile
from pathlib import Path

from shindan import errors, style

MAIN = "main.typ"


def compile(source, files, as_of):
    """PDF/UA-1 bytes of `source` with its `files` ({relative name: bytes}); equal in, equal out.

    `as_of` (a date or None) is the only time the file carries. Exit 70 when Typst refuses.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        for name, content in {MAIN: source.encode(), **files}.items():
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        try:
            compiler = typst.Compiler(Path(folder, MAIN), root=folder, font_paths=fonts(),
                                      package_path=folder, package_cache_path=folder)
            return compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=_midnight(as_of))
        except typst.TypstError as error:
            raise _refused(error) from None


def draws(name, content):
    """True where the picture `name` with these bytes can be set on a page."""
    try:
        return bool(compile(f'#set document(title: "-")\n#image("{name}", alt: "-")', {name: content}, None))
    except errors.ShindanError:
        return False


def fonts():
    """Our two fonts and no other: a missing glyph must be an error, not another face."""
    import typst

    folders = sorted({str(Path(file).parent) for file in style.font_files()})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def verify(pdf, least_pages):
    """`pdf` (bytes) if it is whole: readable, tagged, at least so many pages; exit 70 if not."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            whole = len(opened.pages) >= least_pages and "/StructTreeRoot" in opened.Root
    except pikepdf.PdfError:
        whole = False
    if not whole:
        raise errors.ShindanError(
            errors.PUBLISH_FAILED, "The PDF is not whole / PDFが不完全です", "report.pdf",
            "run the report again; if it stays, the template has lost a page")
    return pdf


def _midnight(as_of):
    if as_of is None:
        return None
    return datetime.datetime(as_of.year, as_of.month, as_of.day, tzinfo=datetime.UTC)


def _refused(error):
    """Typst's diagnostics quote the text of the page; only the place in the template is told."""
    places = re.findall(r"[a-z_-]+\.typ:\d+", error.diagnostic or "")
    return errors.ShindanError(
        errors.PUBLISH_FAILED, "The pages could not be typeset / ページを組めませんでした",
        ", ".join(dict.fromkeys(places)), "check templates/report and the chapter's figures")
