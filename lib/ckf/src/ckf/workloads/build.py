"""Build a module's programs into a cache in the user's home, as the control plane is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from ckf.controlplane import ControlPlaneError
from ckf.controlplane.build import Say, alone, cache, follow

from . import modules

NO_GO = "Go is not installed, and the programs of workloads are built with it: install Go"


def folder(module: str) -> Path:
    """Return where a module's programs are cached, whether or not they have been built yet."""
    return cache("workloads") / f"{module}-{modules.digest(module)}"


def find(program: str) -> Path | None:
    """Return a program's path, None where it has not been built.

    Raises:
        KeyError: No module has a program of that name.
    """
    owners = {name: module for module, names in modules.MODULES.items() for name in names}
    found = folder(owners[program]) / program
    return found if found.is_file() else None


def build(module: str, go: str, say: Say = print) -> Path:
    """Build a module's programs where the cache does not hold them yet.

    Args:
        module: A name in `modules.MODULES`.
        go: The `go` command.
        say: Takes one line of progress at a time.

    Returns:
        The folder with the programs.

    Raises:
        ControlPlaneError: The build failed.
    """
    target = folder(module)
    if not target.is_dir():
        with alone(target, say):
            if not target.is_dir():
                _build(module, go, target, say)
    return target


def _build(module: str, go: str, target: Path, say: Say) -> None:
    """Build in a folder of its own and rename it, so that `target` is complete or absent."""
    say(f"Building {module}: some minutes, once per machine")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for program, package in modules.MODULES[module].items():
            _compile(module, [*command(go), "-o", str(made / program), package], say)
        made.rename(target)


def command(go: str) -> list[str]:
    """Return the call of the Go compiler without what it makes of which package."""
    options = ["-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
    return [go, "build", *options]


def _compile(module: str, call: list[str], say: Say) -> None:
    started = time.monotonic()
    process = subprocess.Popen(
        call,
        cwd=modules.directory(module),
        # A static program needs nothing of the machine where it runs.
        env=os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        last = follow(process.stderr or (), started, say)
    if process.returncode:
        raise ControlPlaneError("\n".join([f"{call[-1]} could not be built:", *last]))
    say(f"Built {call[-1]} in {time.monotonic() - started:.0f} s")
