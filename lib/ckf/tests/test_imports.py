# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Modules and packages import each other in one direction, for types as well."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

import ckf
import jujusim
import kubefake
import pytest

LIBRARIES = (ckf, jujusim, kubefake)
Graph = dict[str, set[str]]


def modules() -> dict[str, pathlib.Path]:
    """The files of the three libraries by module; fake charms are programs of their own."""
    found = {}
    for library in LIBRARIES:
        root = pathlib.Path(str(library.__file__)).parent
        for path in root.rglob("*.py"):
            parts = path.relative_to(root.parent).with_suffix("").parts
            if "fakes" not in parts:
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                found[name] = path
    return found


def imported(name: str, path: pathlib.Path) -> Iterator[str]:
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def graph() -> Graph:
    known = modules()
    found: Graph = {}
    for name, path in known.items():
        targets = set()
        for target in imported(name, path):
            while target and target not in known:
                target = target.rpartition(".")[0]
            targets.add(target)
        found[name] = targets - {"", name}
    return found


def of_packages(whole: Graph) -> Graph:
    files = modules()

    def package(name: str) -> str:
        return name if files[name].name == "__init__.py" else name.rpartition(".")[0]

    found: Graph = {}
    for name, targets in whole.items():
        found.setdefault(package(name), set()).update(map(package, targets))
    return {name: targets - {name} for name, targets in found.items()}


def circle(whole: Graph) -> list[str]:
    """A circle, from a module back to it; empty where there is none."""
    done: set[str] = set()

    def search(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(whole[name]):
            if found := search(target, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(whole) if (found := search(name, []))), [])


def test_no_module_imports_itself_by_way_of_others():
    assert circle(graph()) == []


def test_no_package_imports_itself_by_way_of_others():
    assert circle(of_packages(graph())) == []


@pytest.mark.parametrize(
    ("library", "others"), [("kubefake", ("jujusim", "ckf")), ("jujusim", ("ckf",))]
)
def test_only_the_tool_knows_the_simulator_and_only_the_simulator_the_fake(library, others):
    for name, targets in graph().items():
        if name.partition(".")[0] == library:
            assert not {target for target in targets if target.partition(".")[0] in others}
