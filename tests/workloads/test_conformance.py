# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The table of what is shown of each program says what the tests are, and the docs say it too."""

from __future__ import annotations

import ast
import pathlib

import pytest
import yaml

from .cluster import ROOT

HERE = pathlib.Path(__file__).parent
TABLE: dict[str, dict[str, str]] = yaml.safe_load((HERE / "conformance.yaml").read_text())
COLUMNS = (
    *("late neighbours", "checks", "ports", "metrics"),
    *("log", "object", "option", "credential"),
)
NEEDED = {
    "checks": {"Start", "End"},
    "ports": {"Start"},
    "metrics": {"Metrics"},
}
"""What a test has to inherit of `conformance` where a column names one."""


def names(module: str) -> dict[str, set[str]]:
    """Return the tests of a module, and of classes what they inherit."""
    found: dict[str, set[str]] = {}
    for each in ast.parse((HERE / module).read_text()).body:
        if isinstance(each, ast.ClassDef):
            found[each.name] = {
                base.attr for base in each.bases if isinstance(base, ast.Attribute)
            }
        elif isinstance(each, ast.FunctionDef):
            found[each.name] = set()
    return found


def applies(cell: str) -> bool:
    """Tell whether tests are named, and no reason why there is none."""
    return not cell.startswith("(")


@pytest.mark.parametrize("program", TABLE)
def test_each_cell_names_tests_or_a_reason(program: str) -> None:
    row = TABLE[program]
    known = names(row["module"])
    assert [each for each in row if each not in ("charm", "module")] == [*COLUMNS]
    for column in filter(lambda each: applies(row[each]), COLUMNS):
        tests = row[column].split()
        assert not {*tests} - known.keys(), column
        inherited = set[str]().union(*(known[test] for test in tests))
        assert NEEDED.get(column, set()) <= inherited, column


@pytest.mark.parametrize("program", [name for name, row in TABLE.items() if "charm" in row])
def test_what_a_charm_has_is_shown(program: str) -> None:
    """Metrics that Prometheus is told of, and options."""
    row = TABLE[program]
    about = yaml.safe_load((ROOT / "charms" / row["charm"] / "charmcraft.yaml").read_text())
    assert applies(row["metrics"]) == ("metrics-endpoint" in about.get("provides", {}))
    assert applies(row["option"]) == ("config" in about)


def test_every_class_of_tests_is_in_the_table() -> None:
    """A program with tests of all programs has a row."""
    modules = {row["module"] for row in TABLE.values()}
    for path in HERE.rglob("test_*.py"):
        module = str(path.relative_to(HERE))
        classes = {name for name, bases in names(module).items() if bases}
        named = {
            each
            for row in TABLE.values()
            if row["module"] == module
            for column in COLUMNS
            for each in row[column].split()
        }
        assert not classes - named, module
        assert module in modules or not classes


def test_the_docs_have_the_table() -> None:
    header = ["Program", *COLUMNS]
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for program, row in TABLE.items():
        cells = ["yes" if applies(row[each]) else row[each].strip("()") for each in COLUMNS]
        lines.append("| " + " | ".join([program, *cells]) + " |")
    assert "\n".join(lines) in (ROOT / "docs/how-to/workloads.md").read_text(), "\n".join(lines)
