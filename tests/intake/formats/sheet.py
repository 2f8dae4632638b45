"""Rows of cells -> the bytes of a file, with the real header of its format."""

import csv
import io
import json
from pathlib import Path

HEADERS = {k: v.split(" | ") for k, v in json.loads(
    (Path(__file__).parent / "headers.json").read_text("utf-8")).items()}


def write(name, rows, encoding="cp932", newline="\r\n", quoting=csv.QUOTE_MINIMAL, delimiter=","):
    """`rows` are {column: cell}; a header that stands twice is written 送料 and 送料#2."""
    header = HEADERS[name]
    keys = [c if header[:i].count(c) == 0 else f"{c}#{header[:i].count(c) + 1}" for i, c in enumerate(header)]
    for row in rows:
        unknown = set(row) - set(keys)
        assert not unknown, f"{name} has no column {unknown}"
    out = io.StringIO(newline="")
    if quoting == csv.QUOTE_NONE:  # as Amazon: quotation marks stand as they are
        lines = [header, *([str(row.get(k, "")) for k in keys] for row in rows)]
        out.write("".join(delimiter.join(cells) + newline for cells in lines))
    else:
        writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=newline)
        writer.writerow(header)
        writer.writerows([row.get(k, "") for k in keys] for row in rows)
    return out.getvalue().encode(encoding)
