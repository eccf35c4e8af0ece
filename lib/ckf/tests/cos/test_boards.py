# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm's `dashboard.yaml`: what it can say, and what is said of a wrong one."""

from __future__ import annotations

import copy
import pathlib
from typing import Any

import pytest
import yaml
from ckf import bundle as bundles
from ckf.cos import boards

PANEL = {"title": "Requests", "description": "What is asked.", "query": "sum(asked{T})"}
WHOLE: dict[str, Any] = {
    "title": "Partner",
    "description": "A partner's charm.",
    "set": "controller",
    "rows": {"rate": [PANEL, "cpu", {"panel": "memory", "query": "used{T}"}]},
}


def write(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "partner/dashboard.yaml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_own_rows_take_the_place_of_those_of_the_set(tmp_path: pathlib.Path) -> None:
    write(tmp_path, yaml.safe_dump(WHOLE))
    (board,) = boards.read(tmp_path)
    assert board.charm == "partner"
    assert [panel.title for panel in board.rows["Rate"]] == ["Requests", "CPU", "Memory"]
    assert board.rows["Rate"][2].expressions() == {"{{juju_unit}}": "used{T}"}
    assert [panel.title for panel in board.rows["Duration"]] == [
        "Time to reconcile",
        "Time in queue",
    ]
    assert "Particular" not in board.rows


WRONG = {
    "a key that is not known": ({"colour": "red"}, "Additional properties .*'colour'"),
    "no title": ({"title": None}, "title: None is not of type 'string'"),
    "an unknown row": ({"rows": {"load": []}}, "rows: Additional properties .*'load'"),
    "an unknown set": ({"set": "control"}, 'set: no shared set .*did you mean "controller"'),
    "an unknown panel": ({"rows": {"rate": ["cpus"]}}, r"rows.rate\[0\]: .*did you mean \"cpu\""),
    "a panel that asks for nothing": (
        {"rows": {"rate": [{"title": "CPU", "description": "Cores."}]}},
        r"rows.rate\[0\]: one of query, queries and histogram is needed",
    ),
    "an unknown kind": ({"rows": {"rate": [PANEL | {"kind": "pie"}]}}, r"rate\[0\].kind: 'pie'"),
    "rows that are missing": ({"set": None}, "rows: 'status' is a required property"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_description_is_named_by_file_and_key(name: str, tmp_path: pathlib.Path) -> None:
    change, message = WRONG[name]
    content = copy.deepcopy(WHOLE) | change
    if name == "rows that are missing":
        del content["set"]
    path = write(tmp_path, yaml.safe_dump(content))
    with pytest.raises(bundles.InputError, match=f"{path}: .*{message}"):
        list(boards.read(tmp_path))


def test_a_description_that_is_no_yaml_is_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, "title: [")
    with pytest.raises(bundles.InputError, match=f"{path}: while parsing"):
        list(boards.read(tmp_path))
