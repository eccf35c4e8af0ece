"""Build a module's programs into a cache in the user's home, as the control plane is."""

from __future__ import annotations

from pathlib import Path

from ckf.controlplane.build import Say, cache, compile_program, fill

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
    fill(target, say, lambda made: _build(module, go, made, say))
    return target


def _build(module: str, go: str, made: Path, say: Say) -> None:
    say(f"Building {module}: some minutes, once per machine")
    for program, package in modules.MODULES[module].items():
        call = [*command(go), "-o", str(made / program), package]
        taken = compile_program(call, modules.directory(module), say, name=package)
        say(f"Built {package} in {taken:.0f} s")


def command(go: str) -> list[str]:
    """Return the call of the Go compiler without what it makes of which package."""
    options = ["-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
    return [go, "build", *options]
