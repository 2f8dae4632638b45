"""YAML as people write it: `No`, `on` and `0123` are words; a field that stands twice is refused.

YAML 1.1 takes a column called No for false, `{on: false}` for a field called True, and 0123 for 83.
"""

import re

import yaml

_BOOL, _INT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"


class _Loader(yaml.SafeLoader):
    """Only true and false are truths, only plain decimals are whole numbers; keys are the text that is written."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag not in (_BOOL, _INT)]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()}

    def construct_mapping(self, node, deep=False):
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"
        first = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, key) is not key:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key.value}` stands twice, first in line {first[key.value].start_mark.line + 1}",
                    key.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(_BOOL, re.compile(r"(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile(r"[-+]?(0|[1-9][0-9_]*)$"), list("-+0123456789"))


def load(text):
    """The tree in `text`; raises yaml.YAMLError with the line."""
    return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
