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
from collections.abc import Iterator
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
    return {name: path.read_text() for name, path in _files(container)}


def modes(container: testing.Container) -> dict[str, int]:
    """The permissions of every file of a container, by path."""
    return {name: path.stat().st_mode & 0o777 for name, path in _files(container)}


def _files(container: testing.Container) -> Iterator[tuple[str, pathlib.Path]]:
    for mount in container.mounts.values():
        for path in sorted(pathlib.Path(mount.source).rglob("*")):
            if path.is_file():
                yield f"{mount.location}/{path.relative_to(mount.source)}", path


def _each(state: testing.State, change: Any) -> testing.State:
    return dataclasses.replace(state, containers=[change(item) for item in state.containers])


def _copied(container: testing.Container) -> testing.Container:
    mounts = {n: _copy(m.source, m.location) for n, m in container.mounts.items()}
    return dataclasses.replace(container, mounts=mounts)


def _copy(source: str | pathlib.PurePath, location: str | pathlib.PurePosixPath) -> testing.Mount:
    target = tempfile.mkdtemp(dir=_place())
    shutil.copytree(source, target, dirs_exist_ok=True)
    return testing.Mount(location=location, source=target)


def _kept(container: testing.Container, context: testing.Context[Any]) -> testing.Container:
    root, mounts = pathlib.Path(container.get_filesystem(context)), dict(container.mounts)
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            mounts[path.name] = _copy(path, f"/{path.name}")
    return dataclasses.replace(container, mounts=mounts)


@functools.cache
def _place() -> pathlib.Path:
    place = pathlib.Path(tempfile.mkdtemp(prefix="ckf-testing-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
