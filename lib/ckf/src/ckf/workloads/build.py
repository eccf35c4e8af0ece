# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Build a module's programs into a cache in the user's home, as the control plane is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ckf.controlplane import ControlPlaneError
from ckf.controlplane.build import Say, cache, fill, run_build, run_go

from . import modules
from .modules import Module

ABSENT = {
    "go": "Go is not installed, and the programs of workloads are built with it: install Go",
    "uv": "uv is not installed, and environments of Python are made with it: pip install uv",
}
"""What is said where a tool is missing."""


def folder(module: Module) -> Path:
    """Return where a module's programs are cached, whether or not they have been built yet."""
    return cache("workloads") / f"{module.name}-{module.digest()}"


def find(program: str) -> Path | None:
    """Return the path of a program or folder, None where it has not been built.

    Raises:
        KeyError: No module has one of that name.
    """
    for module in modules.load().values():
        if program in module.paths:
            return next(folder(module).glob(module.paths[program]), None)
    raise KeyError(program)


def find_tool(module: Module) -> str:
    """Return the path of the command that a module is built with.

    Raises:
        ControlPlaneError: There is none.
    """
    found = shutil.which(module.tool)
    found = found or shutil.which(module.tool, path=Path(sys.executable).parent)
    if found is None:
        raise ControlPlaneError(ABSENT[module.tool])
    return found


def build(module: Module, tool: str, say: Say = print) -> Path:
    """Build a module's programs with its tool, see `find_tool`, where the cache lacks them.

    Raises:
        ControlPlaneError: The build failed.
    """
    target = folder(module)
    fill(target, say, lambda made: _build(module, tool, made, say))
    return target


def _build(module: Module, tool: str, made: Path, say: Say) -> None:
    say(f"Building {module.name}: some minutes, once per machine")
    for call in _calls(module, tool, made):
        taken = run_build(call, module.directory, say, name=module.name)
        say(f"Built {module.name} in {taken:.0f} s")
    for name, (source, path) in module.folders.items():
        _copy(_source(tool, module, source) / path, made / name)


def _copy(source: Path, target: Path) -> None:
    """Copy the files of a folder, but not that nobody may write to them, as Go keeps them."""
    for path in source.rglob("*"):
        if path.is_file():
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _source(go: str, module: Module, source: str) -> Path:
    """Return where the files are of a module that another one requires."""
    where = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", source]
    folder = run_go(go, module.directory, *where).strip()
    if not folder:
        raise ControlPlaneError(f"there are no files of {source}")
    return Path(folder)


def _calls(module: Module, tool: str, made: Path) -> list[list[str]]:
    """Return the calls that build a module into a folder."""
    if module.go:
        options = ["-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
        compiler = [tool, "build", *options, "-o"]
        return [[*compiler, str(made / name), package] for name, package in module.go.items()]
    # Its scripts look for Python next to them, so that the folder can be renamed.
    python = module.versions or sys.executable
    create = ["venv", "--relocatable", "--python", python, str(made)]
    install = ["pip", "install", "--python", str(made), "--requirements", "requirements.txt"]
    return [[tool, *create], [tool, *install]]
