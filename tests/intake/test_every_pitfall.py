"""Each of the 44 known ways in which clients' files go wrong has a test that carries its number.

The number stands in the test's name (test_pitfall_27_…) or at the head of its docstring (Pitfall 5 and 7).
"""

import ast
import functools
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


def numbers(test):
    """The pitfalls a test function says it holds."""
    named = re.match(r"test_pitfall_(\d+)_", test.name)
    told = re.match(r"Pitfall ([\d and]+)", ast.get_docstring(test) or "")
    return {int(n) for found in (named, told) if found for n in re.findall(r"\d+", found.group(1))}


@functools.cache
def held():
    """{pitfall: the tests that hold it}."""
    found = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            for number in numbers(node) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") else ():
                found.setdefault(number, []).append(f"{file.relative_to(TESTS)}::{node.name}")
    return found


@pytest.mark.parametrize("number", range(1, 45))
def test_every_pitfall_has_its_test(number):
    assert held().get(number)
