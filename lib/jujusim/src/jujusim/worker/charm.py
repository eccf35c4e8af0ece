# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm of another repository: its directory, its interpreter and its dependencies."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

from ..charm import CharmDir, unpacked
from ..errors import CharmError
from . import process

TIME_LIMIT = 120.0
"""Seconds that a hook may take, unless something else is said."""

# The interpreter that an extension module is built for, as in _yaml.cpython-312-x86_64-linux-gnu.
_BUILT_FOR = re.compile(r"\.cpython-3(\d+)-")
_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def load(
    path: str | pathlib.Path,
    *,
    python: str | pathlib.Path | None = None,
    limit: float = TIME_LIMIT,
) -> CharmDir:
    """Load a charm whose hooks run in processes of their own.

    Args:
        path: A directory with ``src/charm.py``, or a packed charm.
        python: The interpreter that has the charm's dependencies. By default that of the
            directory's ``.venv``, or one for the packed charm's ``venv``.
        limit: Seconds that a hook may take.

    Raises:
        CharmError: There is no charm, or no interpreter for it.
    """
    path = pathlib.Path(path).resolve()
    packed = path.is_file()
    if not path.exists():
        raise CharmError(f"there is no charm at {path}")
    root = unpacked(path) if packed else path
    if not (root / "src" / "charm.py").is_file():
        raise CharmError(f"{path} has no src/charm.py")
    interpreter = _interpreter(root, packed=packed, given=python)
    return CharmDir.described(root, functools.partial(process.run, interpreter, limit))


def _interpreter(
    root: pathlib.Path, *, packed: bool, given: str | pathlib.Path | None
) -> pathlib.Path:
    if given is not None:
        chosen = _absolute(str(given))
        _version(chosen)
        is_environment = (chosen.parent.parent / "pyvenv.cfg").is_file()
        return _joined(root, chosen) if packed and not is_environment else chosen
    if packed:
        return _joined(root, _fitting(root))
    own = root / ".venv" / "bin" / "python"
    if not own.exists():
        raise CharmError(
            f"{root} has no .venv with its dependencies: name an interpreter that has them with "
            "--python"
        )
    _version(own)
    return own


def _absolute(given: str) -> pathlib.Path:
    """Return an interpreter by its path or its name; links are kept, an environment's is one."""
    found = shutil.which(given)
    if found is None:
        raise CharmError(f"{given} is no program")
    return pathlib.Path(os.path.abspath(found))  # noqa: PTH100


def _version(python: pathlib.Path) -> str:
    try:
        done = subprocess.run(
            [str(python), "-I", "-S", "-c", _VERSION],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CharmError(f"{python} is no Python interpreter: {error}") from error
    version = done.stdout.strip()
    if not re.fullmatch(r"3\.\d+", version):
        raise CharmError(f"{python} is no Python interpreter: it says {version[:40]!r}")
    return version


def _runs(python: pathlib.Path) -> bool:
    """Tell whether an interpreter is one: a program that switches versions has a name for each."""
    try:
        _version(python)
    except CharmError:
        return False
    return True


def _fitting(root: pathlib.Path) -> pathlib.Path:
    """An interpreter of this machine for the dependencies that a packed charm brings along."""
    wanted = {
        f"3.{match[1]}"
        for library in (root / "venv").rglob("*.so")
        if (match := _BUILT_FOR.search(library.name))
    }
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not wanted or here in wanted:
        return pathlib.Path(getattr(sys, "_base_executable", sys.executable))
    for version in sorted(wanted):
        found = shutil.which(f"python{version}")
        if found and _runs(pathlib.Path(found)):
            return pathlib.Path(found)
    names = ", ".join(f"python{version}" for version in sorted(wanted))
    raise CharmError(
        f"the dependencies packed in the charm are built for {names}, which is not there: name an "
        "interpreter with --python"
    )


def _joined(root: pathlib.Path, base: pathlib.Path) -> pathlib.Path:
    """Return the interpreter of the environment that a packed charm brings along, which has none.

    As in the program `dispatch` that charmcraft puts into a charm: the machine's own interpreter
    is linked into the environment. Charms that were packed long ago have their dependencies right
    in `venv`; `workspace.environment` puts that on the path.
    """
    venv = root / "venv"
    python = venv / "bin" / "python"
    version = _version(base)
    library = venv / "lib" / f"python{version}"
    if not library.exists():
        others = sorted(venv.glob("lib/python3.*"))
        library.parent.mkdir(parents=True, exist_ok=True)
        if others:
            library.symlink_to(others[0].name)
        else:
            (library / "site-packages").mkdir(parents=True)
    real = base.resolve()
    (venv / "pyvenv.cfg").write_text(
        f"home = {real.parent}\ninclude-system-site-packages = false\nversion = {version}\n"
    )
    python.parent.mkdir(exist_ok=True)
    python.unlink(missing_ok=True)
    python.symlink_to(real)
    return python
