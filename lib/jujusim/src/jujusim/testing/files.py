# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The files of workload containers, carried from one hook to the next.

ops.testing empties a container's file system before each hook. Here what a hook has left becomes
mounts of the state that it returns; each hook works on copies, so that a state stays a value.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import pathlib
import shutil
import tempfile
from typing import Any

from ops import testing


def before(state: testing.State) -> testing.State:
    """The state with its own copy of each container's files."""
    return _each(state, _copied)


def after(state: testing.State, context: testing.Context[Any]) -> testing.State:
    """The state with all files that a hook left in its containers."""
    return _each(state, functools.partial(_kept, context=context))


def read(container: testing.Container) -> dict[str, str]:
    """The content of every file of a container, by path."""
    found: dict[str, str] = {}
    for mount in container.mounts.values():
        for path in sorted(pathlib.Path(mount.source).rglob("*")):
            if path.is_file():
                found[f"{mount.location}/{path.relative_to(mount.source)}"] = path.read_text()
    return found


def modes(container: testing.Container) -> dict[str, int]:
    """The permissions of every file of a container, by path."""
    return {
        f"{mount.location}/{path.relative_to(mount.source)}": path.stat().st_mode & 0o777
        for mount in container.mounts.values()
        for path in sorted(pathlib.Path(mount.source).rglob("*"))
        if path.is_file()
    }


def _each(state: testing.State, change: Any) -> testing.State:
    return dataclasses.replace(state, containers=[change(item) for item in state.containers])


def _copied(container: testing.Container) -> testing.Container:
    mounts = {name: _copy(mount) for name, mount in container.mounts.items()}
    return dataclasses.replace(container, mounts=mounts)


def _copy(mount: testing.Mount) -> testing.Mount:
    target = tempfile.mkdtemp(dir=_place())
    shutil.copytree(mount.source, target, dirs_exist_ok=True)
    return testing.Mount(location=mount.location, source=target)


def _kept(container: testing.Container, context: testing.Context[Any]) -> testing.Container:
    root = pathlib.Path(container.get_filesystem(context))
    new = [path for path in _children(root) if path.is_dir() and not path.is_symlink()]
    mounts = dict(container.mounts)
    for path in new:
        target = tempfile.mkdtemp(dir=_place())
        shutil.copytree(path, target, dirs_exist_ok=True)
        mounts[path.name] = testing.Mount(location=f"/{path.name}", source=target)
    return dataclasses.replace(container, mounts=mounts)


def _children(root: pathlib.Path) -> list[pathlib.Path]:
    return sorted(root.iterdir()) if root.is_dir() else []


@functools.cache
def _place() -> pathlib.Path:
    place = pathlib.Path(tempfile.mkdtemp(prefix="ckf-testing-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
