"""Executed notebooks to a report: the exporters `report_typst` and `report_pdf`, and `build`.

The exporter turns notebooks into one document of plain data (report.json) beside their figures
(SVG); templates/report lays it out. No text of a client ever becomes markup.
"""

import datetime
import json
from pathlib import Path

import nbformat
from nbconvert.exporters import TemplateExporter
from traitlets import Unicode, default

from shindan import text
from shindan.report import typeset
from shindan.report.document import document

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


class TypstExporter(TemplateExporter):
    """An executed notebook as Typst source; what it includes comes as resources["outputs"].

    What the cover says is the notebook's metadata.report (see `build`); without it a chapter
    prints alone, in `language`.
    """

    export_from_notebook = "Shindan report (Typst)"
    output_mimetype = "text/plain"
    language = Unicode("ja", help="Language of a notebook that does not say: ja or en.").tag(config=True)

    @default("file_extension")
    def _file_extension_default(self):
        return ".typ"

    @default("template_name")
    def _template_name_default(self):
        return "report"

    @default("template_extension")
    def _template_extension_default(self):
        return ".typ.j2"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self):
        return [str(TEMPLATES)]

    def from_notebook_node(self, nb, resources=None, **kw):
        meta = {"language": self.language, **nb.metadata.get("report", {})}
        tree, figures = document(in_language(nb, meta["language"]), meta)
        folder = (resources or {}).get("output_files_dir", "report_files")
        main = json.dumps(f"{folder}/report.typ", ensure_ascii=False)
        source, resources = super().from_notebook_node(nb, {**(resources or {}), "report_main": main}, **kw)
        resources["outputs"] = _beside(tree, figures, folder)
        resources["report"] = tree
        return source, resources


class PdfExporter(TypstExporter):
    """An executed notebook as PDF/UA-1."""

    export_from_notebook = "Shindan report (PDF)"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self):
        return ".pdf"

    def from_notebook_node(self, nb, resources=None, **kw):
        source, resources = super().from_notebook_node(nb, resources, **kw)
        as_of = nb.metadata.get("report", {}).get("as_of")
        pdf = typeset.compile(source, resources["outputs"], as_of and datetime.date.fromisoformat(str(as_of)))
        pages = sum(len(c["pages"]) for c in resources.pop("report")["chapters"])
        resources["outputs"] = {}
        return typeset.verify(pdf, least_pages=pages + 2), resources


def build(notebooks, meta, out):
    """Write the executed `notebooks` (NotebookNodes, in reading order) as one PDF to `out`.

    meta: title, client_name, consultant, language ("ja", "en"), as_of (date or ISO text),
    period ("YYYY-MM-DD/YYYY-MM-DD"), basis (what amounts mean), and for the appendix
    kpis [as in the results], sources [{"file", "sha256", "rows_read"}], version, notes [sentence],
    facts [{"title", "columns", "rows"}], withheld [(where, why)]; brand {"accent": "#rrggbb",
    "logo": file}; currency. Only as_of is needed.
    Returns `out`, which appears whole or not at all; exit 70 if the pages cannot be made.
    """
    pdf, _ = PdfExporter().from_notebook_node(joined(notebooks, meta))
    out = Path(out)
    part = out.with_suffix(".part")
    part.write_bytes(pdf)
    part.replace(out)
    return out


def joined(notebooks, meta):
    """One notebook: the cells of all, in order, with `meta` as its metadata."""
    whole = nbformat.v4.new_notebook(metadata={"report": {**meta, "as_of": str(meta["as_of"])}})
    cells = (cell for nb in notebooks for cell in nb.cells)
    whole.cells = [nbformat.from_dict({**cell, "id": f"cell-{i}"}) for i, cell in enumerate(cells)]
    return whole


def in_language(nb, language):
    """`nb` without the markdown of the other languages."""
    others = set(text.LANGUAGES) - {language}
    kept = nbformat.from_dict({**nb, "cells": []})
    kept.cells = [c for c in nb.cells if not others & set(c.metadata.get("tags", ()))]
    return kept


def _beside(tree, figures, folder):
    """{relative name: bytes}: the document, its figures, and the look."""
    files = {"report.json": json.dumps(tree, ensure_ascii=False, sort_keys=True).encode()}
    files |= {f.name: f.read_bytes() for f in sorted((TEMPLATES / "report").glob("*.typ"))}
    return {f"{folder}/{name}": content for name, content in (files | figures).items()}
