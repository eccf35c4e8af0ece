# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The workspace of a hook's process: the unit's copy of the charm, and the environment."""

import contextlib
import os
import pathlib
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Mapping

from ops import testing

from ..hook import Job
from ..lifecycle import CHARM
from . import tools

_STATE = ".unit-state.db"
"""The file in the charm's directory in which ops keeps its state (ops, main.py)."""

# Environments are linked, not copied.
_LINKED = ("venv", ".venv")
# Not part of a charm: charmcraft packs none of it.
_LEFT_OUT = {*_LINKED, ".git", ".tox", _STATE, "build", "node_modules", "tests"}


def directory(job: Job) -> pathlib.Path:
    """Return the charm's directory of the hook's unit, made when its pod runs its first hook.

    It is the unit's own, because ops keeps its state there, and it goes with the pod.
    """
    target = job.unit.folder / CHARM
    if not target.exists():
        partial = target.with_name(f"{CHARM}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        _copy(job, partial)
        partial.rename(target)
    return target


def _copy(job: Job, target: pathlib.Path) -> None:
    root = job.charm.root

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = _LEFT_OUT if pathlib.Path(folder) == root else set[str]()
        return (here | {"__pycache__"}) & set(names)

    shutil.copytree(root, target, ignore=left_out, ignore_dangling_symlinks=True)
    for name in _LINKED:
        if (root / name).is_dir():
            (target / name).symlink_to(root / name)
    job.charm.write_files(target)


def write_tools(folder: pathlib.Path) -> None:
    """Put the hook tools into a directory, all of them the same program."""
    folder.mkdir(parents=True)
    words = [sys.executable, "-I", "-S", str(pathlib.Path(__file__).with_name("tool.py"))]
    first, *others = tools.names()
    program = folder / first
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "${{0##*/}}" "$@"\n')
    program.chmod(0o755)
    for name in others:
        (folder / name).symlink_to(program.name)


def environment(
    job: Job, charm: pathlib.Path, bin_folder: pathlib.Path, extra: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a hook: Juju's variables, and nothing of who runs the simulator."""
    packages = charm / "venv"
    # As in the program that charmcraft puts into a charm, now and long ago.
    places = [charm / "lib", charm / "src", *([packages] if packages.is_dir() else [])]
    home = job.unit.folder / CHARM
    return {
        **job.env,
        "CHARM_DIR": str(charm),
        "HOME": str(home),
        "JUJU_CHARM_DIR": str(charm),
        "JUJU_AGENT_SOCKET_NETWORK": "unix",
        "JUJU_PRINCIPAL_UNIT": "",
        "LANG": "C.UTF-8",
        "PATH": os.pathsep.join([str(bin_folder), os.environ.get("PATH", os.defpath)]),
        # The order of a set must not depend on chance.
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(str(place) for place in places),
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


def deferred_events(charm: pathlib.Path) -> list[testing.DeferredEvent]:
    """Return the events that wait in a charm's directory, each once.

    They are read from where ops keeps them; a charm that keeps its state elsewhere has none.
    """
    path = charm / _STATE
    if not path.is_file():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        try:
            rows = database.execute(
                "SELECT event_path, observer_path, method_name FROM notice ORDER BY sequence"
            ).fetchall()
        except sqlite3.DatabaseError:
            # Not a database of ops: nothing can be said about it.
            return []
    return [testing.DeferredEvent(event, owner, observer) for event, owner, observer in rows]
