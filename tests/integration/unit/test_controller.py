# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Why tests on a real Juju are skipped, in one line that says what to do."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

import pytest

from ..helpers import controller


@pytest.fixture
def juju(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a juju on the path that does what a script says."""

    def install(script: str) -> None:
        program = tmp_path / "juju"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return install


def shown(version: str) -> str:
    return json.dumps({"mine": {"details": {"agent-version": version}}})


def test_no_command(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert controller.absent() == f"there is no juju command; {controller.ADVICE}"


def test_not_logged_in(juju: Callable[[str], None]) -> None:
    juju("echo 'ERROR No controllers registered.' >&2; exit 1")
    reason = controller.absent()
    assert "(ERROR No controllers registered.)" in reason
    assert reason.endswith(controller.ADVICE)
    assert "\n" not in reason


def test_a_controller_that_does_not_answer(
    juju: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller, "PATIENCE", 0.05)
    juju("exec sleep 5")
    assert "(TimeoutExpired)" in controller.absent()


@pytest.mark.parametrize("version", ["3.6.4", "3.6.14", "4.0.2", "4.0-beta2"])
def test_a_controller(juju: Callable[[str], None], version: str) -> None:
    juju(f"echo '{shown(version)}'")
    assert controller.absent() == ""


def test_a_controller_that_is_too_old(juju: Callable[[str], None]) -> None:
    juju(f"echo '{shown('3.6.3')}'")
    assert controller.absent() == "the controller mine is of Juju 3.6.3, 3.6.4 is needed"
