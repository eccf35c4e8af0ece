# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Programs that only print, in the place of those that a plan starts."""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Mapping
from typing import Any

from .container import install

SHELL = "/bin/.shell"
"""Not where a plan may have its own."""

TOOLS = {SHELL: pathlib.Path("/bin/sh"), "/bin/.sleep": pathlib.Path("/bin/sleep")}

TALK = "while :; do echo line; /bin/.sleep 0.5; done"
ARGUMENTS = 'echo "started: $0 $*"'
ENVIRONMENT = "set"
"""Print every variable, as a program that shows its settings does."""


def place(root: pathlib.Path, plan: Mapping[str, Any], *, printing: str) -> None:
    """Put one in the place of each program of a plan; it prints a line twice a second.

    Args:
        root: The container's root.
        plan: The plan, as Pebble shows it.
        printing: What it does first.
    """
    for service in plan["services"].values():
        folder = root / service.get("working-dir", "/").lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        path = _place(root, folder, shlex.split(service["command"])[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{SHELL}\n{printing}\n{TALK}\n")
        path.chmod(0o755)


def _place(root: pathlib.Path, folder: pathlib.Path, name: str) -> pathlib.Path:
    """Return where a program is, as a shell in a folder finds it."""
    if name.startswith("/"):
        return root / name[1:]
    return folder / name if "/" in name else root / "usr/local/bin" / name


def give_interpreter(root: pathlib.Path) -> None:
    """Copy what the programs need into a container."""
    install(root, TOOLS)
