"""What a cell's value does not tell: hidden rows, Excel's error cells, formulas nobody computed.

Read from the sheet's XML inside an .xlsx (older kinds of workbooks do not show it).
"""

import re
import zipfile
from xml.etree import ElementTree

from shindan import errors

BLOCK = 16 << 20
HIDDEN = re.compile(rb'<row r="(\d+)"[^>]*\bhidden="(?:1|true)"')
ERROR = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*\bt="e"')
UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+)(\d+)"((?:(?! t="str")[^>])*)><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v></v>|<v/>)?</c>')


def notes(file, sheet, header_row, places, where):
    """[note]: hidden rows and error cells of a sheet's mapped columns (`places`, from 0).

    Stops at a formula without a value: the program that wrote the file never computed it.
    """
    hidden, wrong = 0, 0
    for block in _blocks(file, sheet):
        hidden += sum(1 for m in HIDDEN.finditer(block) if int(m[1]) > header_row)
        wrong += sum(1 for m in ERROR.finditer(block) if int(m[2]) > header_row and _place(m[1]) in places)
        for m in UNCOMPUTED.finditer(block):
            if int(m[2]) > header_row and _place(m[1]) in places:
                raise errors.ShindanError(
                    errors.INPUT_INVALID, "A formula has no value / 計算されていない数式があります",
                    f"{where}, sheet `{sheet}`, cell {(m[1] + m[2]).decode()}",
                    "open the workbook in Excel, save it, and put that file into raw/")
    found = {"hidden_rows": hidden, "error_cells": wrong}
    return [{"id": name, "sheet": sheet, "cells": n} for name, n in found.items() if n]


def _place(letters):
    """b"A" -> 0, b"AB" -> 27."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _blocks(file, sheet):
    """The sheet's XML in blocks that end between rows."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as box:
        part = _part(box, sheet)
        if part is None:
            return
        with box.open(part) as stream:
            rest = b""
            while block := stream.read(BLOCK):
                block = rest + block
                cut = block.rfind(b"</row>") + 1
                yield block[:cut]
                rest = block[cut:]
            yield rest


def _part(box, sheet):
    """The name of the sheet's XML; None where the workbook is not .xlsx."""
    if "xl/workbook.xml" not in box.namelist():
        return None
    sheets = ElementTree.fromstring(box.read("xl/workbook.xml")).iter()
    by_name = {e.get("name"): next((v for k, v in e.attrib.items() if k.endswith("}id")), None)
               for e in sheets if e.tag.endswith("}sheet")}
    links = ElementTree.fromstring(box.read("xl/_rels/workbook.xml.rels"))
    targets = {e.get("Id"): e.get("Target") for e in links}
    target = targets.get(by_name.get(sheet))
    name = None if target is None else target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return name if name in box.namelist() else None
