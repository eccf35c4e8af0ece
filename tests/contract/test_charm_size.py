# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm is read from top to bottom: its file is short, and names little of the kit.

How a program is run, and which options it takes, stands in files beside it.
"""

from __future__ import annotations

import ast
import pathlib
import statistics

import pytest

CHARMS = sorted((pathlib.Path(__file__).parents[2] / "charms").glob("*/src/charm.py"))


def kit_names(path: pathlib.Path) -> set[str]:
    """What of charmkit a file names, by the module that it is taken from."""
    tree = ast.parse(path.read_text())
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {item.name: item.name for item in node.names if item.name == "charmkit"}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("charmkit"):
            modules |= {item.asname or item.name: item.name for item in node.names}
    return {
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    }


@pytest.mark.parametrize("path", CHARMS, ids=lambda path: path.parts[-3])
def test_a_charm_is_at_most_110_lines(path: pathlib.Path) -> None:
    assert len(path.read_text().splitlines()) <= 110


def test_most_charms_are_at_most_65_lines() -> None:
    assert statistics.median(len(path.read_text().splitlines()) for path in CHARMS) <= 65


def test_most_charms_name_at_most_12_things_of_the_kit() -> None:
    assert kit_names(CHARMS[0])
    assert statistics.median(len(kit_names(path)) for path in CHARMS) <= 12
