# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The workflows install what a fresh machine lacks and call make; make does the work."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[4]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PREPARES = ("sudo snap install ", "sudo apt-get install ", "sudo concierge prepare ")


def steps(path: pathlib.Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    return [(job, step) for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_steps_are_targets_of_make(path: pathlib.Path) -> None:
    called: set[str] = set()
    for job, step in steps(path):
        command = step.get("run", "make")
        if not command.startswith(PREPARES):
            program, *targets = command.split()
            assert program == "make", command
            called.update(_expanded(targets, job))
    assert called
    assert called <= TARGETS


def _expanded(words: list[str], job: dict[str, Any]) -> list[str]:
    text = " ".join(words)
    named = re.fullmatch(r"\$\{\{ matrix\.(\w+) \}\}", text)
    return job["strategy"]["matrix"][named[1]] if named else words


def test_the_kubernetes_releases_are_the_readmes() -> None:
    kube = yaml.safe_load((ROOT / ".github/workflows/kube.yaml").read_text())
    releases = kube["jobs"]["kube"]["strategy"]["matrix"]["kubernetes"]
    readme = (ROOT / "README.md").read_text()
    assert f"releases that the tests run on: {' and '.join(releases)}." in readme


def test_no_workflow_may_write_to_the_repository() -> None:
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}, path
