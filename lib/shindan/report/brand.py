"""The client's own logo and colour: what can be drawn, what can be read on white."""

import re
from pathlib import Path

from shindan import errors
from shindan.report import typeset

LARGEST = 5_000_000    # bytes of a logo
READABLE = 5.0         # contrast on white: 4.5 (WCAG AA) also on the pale ground of the same colour
KINDS = ((b"\x89PNG", "logo.png"), (b"\xff\xd8\xff", "logo.jpg"))


def logo(brand):
    """(name beside the document, bytes) of the logo brand["logo"], a path; ("", b"") without one; exit 11 if it cannot be drawn."""
    if not brand.get("logo"):
        return "", b""
    file = Path(brand["logo"])
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise _refused(f"a file of at most {LARGEST // 1_000_000} MB")
    content = file.read_bytes()
    name = next((name for start, name in KINDS if content.startswith(start)), "logo.svg")
    if not typeset.draws(name, content):
        raise _refused("a whole SVG, PNG or JPEG that opens in other programs and names no other file")
    return name, content


def _refused(asked):
    return errors.ShindanError(errors.BAD_CONFIG, "client.yaml: the logo cannot be read / ロゴが読めません",
                               "client.yaml, field `brand.logo`", asked)


def accent(brand):
    """The client's colour, "" without one; exit 11 if it is none."""
    found = brand.get("accent", "")
    if found and not re.fullmatch(r"#[0-9a-fA-F]{6}", found):
        raise errors.ShindanError(errors.BAD_CONFIG, "client.yaml: the accent is not a colour / 色ではありません",
                                  "client.yaml, field `brand.accent`", 'write it as "#0B6E99"')
    return found


def ink(colour):
    """`colour`, or as much darker as words on white need."""
    parts = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
    while contrast(parts) < READABLE:
        parts = [int(part * 0.95) for part in parts]
    return "#" + "".join(f"{part:02X}" for part in parts)


def contrast(parts):
    """WCAG's contrast of a colour (red, green, blue to 255) with white."""
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in (part / 255 for part in parts)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
