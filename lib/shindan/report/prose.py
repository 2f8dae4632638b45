"""Markdown cells -> a small tree of plain data: paragraphs, lists, strong, emphasis, code, links.

A node is {"kind", "text"} or {"kind", "children"}. HTML, images, tables and anything else become the
text they were written as, all of it: the page shows them, nothing interprets them.
"""

import functools

from shindan.report import glyphs

NESTED = ("strong", "emphasis")
TURN = {"kind": "linebreak", "text": " "}


@functools.cache
def _parser():
    import mistune

    return mistune.create_markdown(renderer=None)


def blocks(source):
    """The blocks of a markdown source; headings come as {"kind": "heading", "level", "children"}."""
    return [node for token in _parser()(source) for node in _block(token)]


def plain(nodes):
    """The words of a tree without its shape."""
    return "".join(node.get("text", "") + plain(node.get("children", [])) for node in nodes)


def paragraph(words):
    """A computed sentence as a block: its words are words, never markdown (a product may be called *new*)."""
    return {"kind": "paragraph", "children": [{"kind": "text", "text": glyphs.words(words)}]}


def _block(token):
    kind = token["type"]
    if kind in ("blank_line", "thematic_break"):
        return []
    if kind == "heading":
        return [{"kind": "heading", "level": token["attrs"]["level"], "children": _inline(token)}]
    if kind == "list":
        items = [{"kind": "item", "children": _blocks(item)} for item in token["children"]]
        return [{"kind": "list", "ordered": token["attrs"]["ordered"], "start": token["attrs"].get("start", 1),
                 "children": items}]
    if kind == "block_quote":
        return _blocks(token)
    if "children" in token:
        return [{"kind": "paragraph", "children": _inline(token)}]
    return [{"kind": "paragraph", "children": _lines(token.get("raw", ""))}]


def _lines(raw):
    """Code and HTML keep their lines."""
    return [node for line in raw.strip("\n").split("\n") for node in (TURN, _literal(line))][1:]


def _blocks(token):
    return [node for child in token["children"] for node in _block(child)]


def _inline(token):
    """The spans of a block; a line of a table, which starts with |, stays a line."""
    spans = [node for child in token.get("children", []) for node in _span(child)]
    return [TURN if node["kind"] == "softbreak" and plain([after]).lstrip().startswith("|") else node
            for node, after in zip(spans, [*spans[1:], TURN], strict=True)]


def _span(token):
    kind = token["type"]
    if kind in NESTED:
        return [{"kind": kind, "children": _inline(token)}]
    if kind == "link":
        return _link(_inline(token), token["attrs"]["url"])
    if kind == "codespan":
        return [{"kind": "code", "text": glyphs.words(token["raw"], limit=None)}]
    if kind in ("softbreak", "linebreak"):
        return [{"kind": kind, "text": " "}]
    if kind == "image":
        return [_literal(f"![{plain(_inline(token))}]({token['attrs']['url']})")]
    return [_literal(token.get("raw", ""))]


def _link(words, url):
    """The words of a link; on paper its address stands behind them, unless they are the address."""
    link = {"kind": "link", "children": words}
    same = plain(words).replace(glyphs.BREAK, "") == url.removeprefix("mailto:")
    return [link] if same else [link, _literal(f" ({url})")]


def _literal(raw):
    return {"kind": "text", "text": glyphs.words(raw, limit=None)}
