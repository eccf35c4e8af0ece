# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every charm's archive, unpacked into an empty folder, does its hooks with what is in it."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ckf import pack

ROOT = pathlib.Path(__file__).parents[4]
CHARMS = sorted(path.parent for path in (ROOT / "charms").glob("*/charmcraft.yaml"))
NEEDED = ("charmkit", "jinja2", "lightkube", "ops", "yaml")


@pytest.mark.parametrize("charm", CHARMS, ids=lambda path: path.name)
def test_a_units_life(
    charm: pathlib.Path, packed: Callable[..., pack.Packed], unit: Callable[..., Any]
) -> None:
    made = packed(charm)
    assert made.size <= 15 * 1024 * 1024
    assert made.unpacked <= 50 * 1024 * 1024
    here = unit(made.path)
    hook(here, "install")
    here.set(leader=True)
    hook(here, "start")
    for name in list(here.meta.get("containers") or {})[:1]:
        hook(here, f"{name}-pebble-ready", JUJU_WORKLOAD_NAME=name)
    for name, declared in actions(here.charm).items():
        answer(here, name, declared)
    hook(here, "stop")
    here.set(planned={})
    hook(here, "remove")
    assert loaded_from(here) == dict.fromkeys(NEEDED, True)


def hook(here: Any, event: str, **environ: str) -> None:
    """A hook ends well, without a word on standard error, and the unit has a status after it."""
    done = here.dispatch(f"hooks/{event}", **environ)
    assert (done.returncode, done.stderr, here.errors) == (0, "", []), event
    if event != "install":  # what comes then is Juju's own status
        assert here.state["status"][0] in ("active", "blocked", "maintenance", "waiting"), event


def answer(here: Any, action: str, declared: dict[str, Any]) -> None:
    """An action has results, or says why it has none."""
    required = dict.fromkeys(declared.get("required", []), "no")
    here.set(results={}, failed=[], parameters=required)
    done = here.dispatch(f"actions/{action}", JUJU_ACTION_NAME=action, JUJU_ACTION_UUID="7")
    assert (done.returncode, done.stderr, here.errors) == (0, "", []), action
    assert here.state["results"] or here.state["failed"], action


def actions(charm: pathlib.Path) -> dict[str, Any]:
    declared = charm / "actions.yaml"
    return yaml.safe_load(declared.read_text()) if declared.is_file() else {}


def loaded_from(here: Any) -> dict[str, bool]:
    """Whether each package that a charm needs comes out of the archive."""
    code = (
        "import importlib, json, pathlib; here = pathlib.Path.cwd() / 'venv/lib';"
        f"files = {{n: pathlib.Path(importlib.import_module(n).__file__) for n in {NEEDED}}};"
        "print(json.dumps({n: f.is_relative_to(here) for n, f in files.items()}))"
    )
    done = here.run([str(here.charm / "venv/bin/python"), "-c", code])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
