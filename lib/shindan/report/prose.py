"""Markdown cells -> a small tree of plain data: paragraphs, lists, strong, emphasis, code, links.

A node is {"kind", "text"} or {"kind", "children"}. HTML, images and anything else become the text
they were written as: the page shows them, nothing interprets them.
"""

import functools

from shindan.report import glyphs

NESTED = {"strong": "strong", "emphasis": "emphasis", "link": "link"}


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
    return {"kind": "paragraph", "children": [_literal(words)]}


def _block(token):
    kind = token["type"]
    if kind in ("blank_line", "thematic_break"):
        return []
    if kind == "heading":
        return [{"kind": "heading", "level": token["attrs"]["level"], "children": _inline(token)}]
    if kind == "list":
        items = [{"kind": "item", "children": _blocks(item)} for item in token["children"]]
        return [{"kind": "list", "ordered": token["attrs"]["ordered"], "children": items}]
    if kind == "block_quote":
        return _blocks(token)
    if "children" in token:
        return [{"kind": "paragraph", "children": _inline(token)}]
    return [{"kind": "paragraph", "children": [_literal(token.get("raw", ""))]}]


def _blocks(token):
    return [node for child in token["children"] for node in _block(child)]


def _inline(token):
    return [_span(child) for child in token.get("children", [])]


def _span(token):
    kind = token["type"]
    if kind in NESTED:
        return {"kind": NESTED[kind], "children": _inline(token)}
    if kind == "codespan":
        return {"kind": "code", "text": glyphs.words(token["raw"])}
    if kind in ("softbreak", "linebreak"):
        return {"kind": kind, "text": " "}
    if kind == "image":
        return {"kind": "text", "text": plain(_inline(token))}
    return _literal(token.get("raw", ""))


def _literal(raw):
    return {"kind": "text", "text": glyphs.words(raw)}
