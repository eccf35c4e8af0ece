# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Tests that share a deployment run in one process, one after the other."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

import pytest

TESTS = pathlib.Path(__file__).parents[1]
MODULES = [*TESTS.glob("kube/test_*.py"), *TESTS.glob("model/test_*.py")]
SHARED = ("Run", "Model", "Deployment", "Adoption")
"""What is deployed for all tests of a module."""


def deployments(path: pathlib.Path) -> Iterator[str]:
    """Yield the fixtures of a module by which its tests share a deployment."""
    for each in ast.parse(path.read_text()).body:
        if isinstance(each, ast.FunctionDef) and each.returns:
            decorators = " ".join(map(ast.unparse, each.decorator_list))
            names = {part.id for part in ast.walk(each.returns) if isinstance(part, ast.Name)}
            names |= {
                part.attr for part in ast.walk(each.returns) if isinstance(part, ast.Attribute)
            }
            if "scope='module'" in decorators and names & {*SHARED}:
                yield each.name


def test_there_are_some() -> None:
    assert sum(bool([*deployments(path)]) for path in MODULES) > 8


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_deployment_is_shared_within_one_process(path: pathlib.Path) -> None:
    """Otherwise each process deploys it, and what a test has taken away is there for another."""
    shared = [*deployments(path)]
    assert not shared or "xdist_group(" in path.read_text(), shared
