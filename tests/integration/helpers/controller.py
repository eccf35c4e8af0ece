# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whether there is a Juju controller to test on."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

from ckf.bundle import demands

ADVICE = (
    "get one with: sudo snap install concierge --classic && sudo concierge prepare -p microk8s"
)
PATIENCE = 30.0
"""Seconds that a controller may take to answer."""


def absent() -> str:
    """Why there is no controller to test on, in one line; empty if there is one."""
    if not shutil.which("juju"):
        return f"there is no juju command; {ADVICE}"
    try:
        shown = _juju("show-controller", "--format=json")
        _juju("models", "--format=json")
    except (subprocess.SubprocessError, OSError) as error:
        return f"juju is not logged in to a controller that answers ({_reason(error)}); {ADVICE}"
    return _too_old(json.loads(shown))


def _juju(*arguments: str) -> str:
    # Without input: a session that has expired must not ask for a password.
    done = subprocess.run(
        ["juju", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    text = said.strip() if isinstance(said, str) else ""
    return text.splitlines()[-1] if text else type(error).__name__


def _too_old(shown: dict[str, dict[str, dict[str, str]]]) -> str:
    for name, about in shown.items():
        version = about["details"]["agent-version"]
        if tuple(map(int, re.findall(r"\d+", version)[:3])) < _minimum():
            return f"the controller {name} is of Juju {version}, {demands.MINIMUM_JUJU} is needed"
    return ""


def _minimum() -> tuple[int, ...]:
    return tuple(map(int, demands.MINIMUM_JUJU.split(".")))
