# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Load a charm directory: its metadata, and its class with modules of its own."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import itertools
import pathlib
import shutil
import sys
import tempfile
import types
import zipfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import ops
import yaml
from ops import testing

from .errors import CharmError

_serial = itertools.count()
Context = TypeVar("Context", bound="testing.Context[Any]")


@dataclass(frozen=True)
class Endpoint:
    """One relation endpoint of a charm, as its metadata declares it.

    Attributes:
        role: ``provides``, ``requires`` or ``peers``.
        limit: How many relations it accepts; 0 for any number.
    """

    name: str
    role: str
    interface: str
    limit: int = 0


@dataclass(frozen=True, eq=False)
class CharmDir:
    """A charm directory, whose code has been imported unless its hooks run elsewhere.

    Several charms may have helper modules of one name: what lies in a charm's ``src`` and ``lib``
    is importable only inside `importable`, and each charm gets its own copy.

    Attributes:
        root: The directory; hooks run in it and see it as ``self.charm_dir``.
        meta: Metadata (charmcraft.yaml or metadata.yaml).
        options: Config options by name, as declared.
        actions: Actions by name, as declared.
        runner: Runs a `hook.Job`, returns its `hook.Result`; None where hooks run in this process.
    """

    root: pathlib.Path
    meta: Mapping[str, Any]
    options: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Any]
    charm_type: type[ops.CharmBase]
    _modules: Modules = field(repr=False)
    runner: Callable[[Any], Any] | None = field(default=None, repr=False)

    @classmethod
    def described(cls, root: pathlib.Path, runner: Callable[[Any], Any]) -> CharmDir:
        """Return the charm in a directory whose hooks ``runner`` runs; its code is not imported.

        Raises:
            CharmError: There is no readable metadata.
        """
        meta, options, actions = _read_metadata(root)
        modules = Modules([], frozenset(), [])
        return cls(root, meta, options, actions, ops.CharmBase, modules, runner)

    @classmethod
    def load(cls, path: str | pathlib.Path) -> CharmDir:
        """Load the charm in ``path``, a directory or a packed charm (a ``.charm`` file).

        It is loaded once per process: its code is taken as it was at that time. A packed charm's
        own dependencies are used where this environment has none of that name.

        Raises:
            CharmError: The file is no archive, there is no readable metadata or no
                ``src/charm.py``, or not exactly one subclass of `ops.CharmBase` is defined in it.
                An exception that the module itself raises while it is imported is the cause.
        """
        return _load(pathlib.Path(path).resolve())

    @property
    def name(self) -> str:
        """The charm's name."""
        return str(self.meta["name"])

    @property
    def containers(self) -> Mapping[str, Mapping[str, Any]]:
        """Workload containers by name."""
        return _section(self.meta, "containers")

    @property
    def storage(self) -> Mapping[str, Mapping[str, Any]]:
        """Storage declarations by name."""
        return _section(self.meta, "storage")

    @functools.cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        """Endpoints by name."""
        return {
            name: Endpoint(name, role, str(declared["interface"]), int(declared.get("limit") or 0))
            for role in ("provides", "requires", "peers")
            for name, declared in _section(self.meta, role).items()
        }

    @functools.cached_property
    def defaults(self) -> dict[str, Any]:
        """The default of every config option that has one."""
        return {
            name: option["default"]
            for name, option in self.options.items()
            if option.get("default") is not None
        }

    @functools.cached_property
    def ops_meta(self) -> ops.CharmMeta:
        """The metadata as ops parses it."""
        files = self.files
        return ops.CharmMeta(files["metadata.yaml"], files["actions.yaml"], files["config.yaml"])

    @property
    def files(self) -> dict[str, Any]:
        """What charmcraft makes of charmcraft.yaml when it packs, by name: ops looks there."""
        return {
            "metadata.yaml": dict(self.meta),
            "config.yaml": {"options": dict(self.options)},
            "actions.yaml": dict(self.actions),
        }

    def write_files(self, folder: pathlib.Path) -> None:
        """Write `files`, but for those that are there."""
        for name, content in self.files.items():
            if not (folder / name).exists():
                (folder / name).write_text(yaml.safe_dump(content))

    def context(self, kind: type[Context], **about: Any) -> Context:
        """Return a context of ops.testing for the charm."""
        config = {"options": dict(self.options)} if self.options else None
        actions = dict(self.actions) or None
        return kind(self.charm_type, dict(self.meta), config=config, actions=actions, **about)

    def importable(self) -> contextlib.AbstractContextManager[None]:
        """Within this context ``import`` finds the modules in the charm's ``src`` and ``lib``."""
        return self._modules.active()


@dataclass
class Modules:
    """The modules that belong to one charm, kept apart from those of every other charm.

    Attributes:
        paths: The charm's own source folders.
        names: What is importable from them.
        dependencies: Folders of packages that a packed charm brings along; they come last.
        loaded: The modules that have been imported.
    """

    paths: list[str]
    names: frozenset[str]
    dependencies: list[str]
    loaded: dict[str, types.ModuleType] = field(default_factory=dict[str, types.ModuleType])

    @classmethod
    def of(cls, root: pathlib.Path) -> Modules:
        """Return the importable names in ``root``'s source folders."""
        folders = [folder for folder in (root / "src", root / "lib") if folder.is_dir()]
        names = {
            item.stem
            for folder in folders
            for item in folder.iterdir()
            if item.suffix == ".py" or item.is_dir()
        }
        # Where charmcraft's plugins put dependencies.
        packed = [root / "venv", *root.glob("venv/lib/python*/site-packages")]
        dependencies = [str(folder) for folder in packed if folder.is_dir()]
        return cls([str(folder) for folder in folders], frozenset(names), dependencies)

    @contextlib.contextmanager
    def active(self) -> Generator[None]:
        """Put this charm's modules into ``sys.modules``, and what was there back at the end."""
        outside = self._take()
        path = sys.path[:]
        sys.path[:] = [*self.paths, *path, *self.dependencies]
        sys.modules.update(self.loaded)
        try:
            yield
        finally:
            self.loaded = self._take()
            sys.path[:] = path
            sys.modules.update(outside)

    def _take(self) -> dict[str, types.ModuleType]:
        mine = [name for name in self.names if name in sys.modules]
        if any(hasattr(sys.modules[name], "__path__") for name in mine):
            mine = [name for name in sys.modules if name.partition(".")[0] in self.names]
        return {name: sys.modules.pop(name) for name in mine}


@functools.cache
def _load(path: pathlib.Path) -> CharmDir:
    root = unpacked(path) if path.is_file() else path
    meta, options, actions = _read_metadata(root)
    modules = Modules.of(root)
    with modules.active():
        charm_type = _import_charm(root, str(meta["name"]))
    return CharmDir(root, meta, options, actions, charm_type, modules)


@functools.cache
def unpacked(archive: pathlib.Path) -> pathlib.Path:
    """Return the content of a packed charm, kept until the process ends.

    Raises:
        CharmError: The file is no archive.
    """
    folder = tempfile.mkdtemp(prefix="ckf-charm-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as content:
            for member in content.infolist():
                path = pathlib.Path(content.extract(member, folder))
                mode = member.external_attr >> 16
                if path.is_file() and mode & 0o111:
                    path.chmod(0o755)
    except zipfile.BadZipFile as error:
        raise CharmError(f"{archive} is not a packed charm: {error}") from error
    return pathlib.Path(folder)


def _read_metadata(root: pathlib.Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Metadata, config options and actions, from one file or from the older three."""
    meta = _read(root / "charmcraft.yaml")
    legacy = _read(root / "metadata.yaml")
    if "name" in legacy:
        meta = legacy
    if "name" not in meta:
        raise CharmError(f"{root} has neither charmcraft.yaml nor metadata.yaml with a name")
    config = meta.pop("config", None) or _read(root / "config.yaml")
    actions = meta.pop("actions", None) or _read(root / "actions.yaml")
    return meta, config.get("options") or {}, actions


def _read(path: pathlib.Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise CharmError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise CharmError(f"{path} is not a mapping")
    return cast("dict[str, Any]", content)


def _import_charm(root: pathlib.Path, name: str) -> type[ops.CharmBase]:
    path = root / "src" / "charm.py"
    if not path.is_file():
        raise CharmError(f"{root} has no src/charm.py")
    unique = f"ckf_charm_{next(_serial)}_{name.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise CharmError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[unique]
        raise CharmError(f"{path} cannot be imported: {error!r}") from error
    return _charm_class(module, path)


def _charm_class(module: types.ModuleType, path: pathlib.Path) -> type[ops.CharmBase]:
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, ops.CharmBase)
        and value.__module__ == module.__name__
    ]
    # A base class of another class of the same file is not the charm.
    leaves = [c for c in classes if not any(o is not c and issubclass(o, c) for o in classes)]
    if len(leaves) != 1:
        raise CharmError(f"{path} defines {len(leaves)} charm classes, expected one")
    return leaves[0]


def _section(meta: Mapping[str, Any], name: str) -> Mapping[str, Mapping[str, Any]]:
    return cast("Mapping[str, Mapping[str, Any]]", meta.get(name) or {})
