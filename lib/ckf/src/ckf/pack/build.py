# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pack a charm: what charmcraft's uv plugin would stage, without its build container."""

import hashlib
import json
import pathlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import archive, dependencies, dispatch, metadata, variant
from .dependencies import Requirements
from .target import Target
from .workspace import PackError, Workspace

MEGABYTE = 1024 * 1024
PACKED_LIMIT, UNPACKED_LIMIT = 15 * MEGABYTE, 50 * MEGABYTE
_SOURCES = ("src", "lib")
SUFFIX = "-as-published"


@dataclass(frozen=True)
class Packed:
    """A packed charm.

    Attributes:
        size: Its size in bytes.
        unpacked: The size of its files in bytes.
        unchanged: Whether it was there already, made from the same files.
    """

    path: pathlib.Path
    size: int
    unpacked: int
    unchanged: bool


def pack(
    workspace: Workspace,
    charm: pathlib.Path,
    target: Target,
    output: pathlib.Path,
    published: Mapping[str, Any] | None = None,
) -> Packed:
    """Pack the charm in a folder as `output/<name>.charm`.

    With the metadata of a published charm it becomes `output/<name>-as-published.charm`, which
    has the endpoints of that one only.

    An archive that was made from the same files is left as it is. What it was made from is noted
    next to it, in a hidden file.

    Raises:
        PackError: The charm has no `src/charm.py`, its packages cannot be installed, or it is
            larger than `PACKED_LIMIT` or, unpacked, than `UNPACKED_LIMIT`.
    """
    project = metadata.read(charm)
    if not (charm / "src/charm.py").is_file():
        raise PackError(f"{charm} has no src/charm.py")
    wanted = dependencies.requirements(workspace, charm)
    path = output / f"{project['name']}{SUFFIX if published else ''}.charm"
    if published:
        project = variant.limited(project, published)
    made_from = _digest(charm, wanted, target, project)
    before = _before(path, made_from)
    if before:
        return before
    members = metadata.files(project, target) | dispatch.files(target)
    members |= {path.relative_to(charm).as_posix(): path for path in _sources(charm, *_SOURCES)}
    with tempfile.TemporaryDirectory(prefix="ckf-pack-") as scratch:
        packages = pathlib.Path(scratch) / "packages"
        dependencies.install(wanted, target, packages)
        unpacked = archive.write(path, members | _packages(packages, target))
    packed = Packed(path, path.stat().st_size, unpacked, unchanged=False)
    _limit(packed)
    note = {"made-from": made_from, "sha256": _sha256(path), "unpacked": unpacked}
    _note(path).write_text(json.dumps(note))
    return packed


def _packages(folder: pathlib.Path, target: Target) -> dict[str, pathlib.Path]:
    where = f"venv/lib/python{target.python}/site-packages"
    return {f"{where}/{name}": path for name, path in dependencies.files(folder).items()}


def _sources(folder: pathlib.Path, *below: str) -> Iterator[pathlib.Path]:
    """Yield the files in some of a folder's folders that are neither hidden nor compiled."""
    for start in below:
        for path in sorted((folder / start).rglob("*")):
            parts = path.relative_to(folder).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
            if path.is_file() and not hidden:
                yield path


def _digest(
    charm: pathlib.Path, wanted: Requirements, target: Target, project: Mapping[str, Any]
) -> str:
    """Return a digest of everything that an archive depends on, this program included."""
    digest = hashlib.sha256(json.dumps(asdict(target)).encode())
    digest.update(wanted.pinned.encode())
    digest.update(json.dumps(project, sort_keys=True, default=str).encode())
    files = [(charm, charm / "charmcraft.yaml")]
    files += [(charm, path) for path in _sources(charm, *_SOURCES)]
    for library in wanted.local:
        files += [(library, path) for path in (library / "pyproject.toml", library / "README.md")]
        files += [(library, path) for path in _sources(library, "src")]
    here = pathlib.Path(__file__).parent
    files += [(here, path) for path in sorted(here.glob("*.py"))]
    for root, path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _before(path: pathlib.Path, made_from: str) -> Packed | None:
    """Return the archive that is there, if it was made from this and nobody changed it since."""
    if not path.is_file() or not _note(path).is_file():
        return None
    note = json.loads(_note(path).read_text())
    if (note["made-from"], note["sha256"]) != (made_from, _sha256(path)):
        return None
    return Packed(path, path.stat().st_size, note["unpacked"], unchanged=True)


def _note(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(f".{path.name}.json")


def _sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _limit(packed: Packed) -> None:
    for what, size, limit in (
        ("", packed.size, PACKED_LIMIT),
        (" unpacked", packed.unpacked, UNPACKED_LIMIT),
    ):
        if size > limit:
            raise PackError(
                f"{packed.path} has {size / MEGABYTE:.1f} MB{what}, at most "
                f"{limit // MEGABYTE} MB are allowed"
            )
