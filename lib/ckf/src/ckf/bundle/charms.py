# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The charm of each application: this repository's code, or a fake of one of Charmhub's."""

import importlib.util
import pathlib
import re
from collections.abc import Mapping

import jujusim

from .errors import BundleError, Problem, hint
from .spec import Application, Bundle

Charms = Mapping[str, jujusim.CharmDir]
"""Loaded charms by application."""

FAKES = pathlib.Path(jujusim.__file__).parent / "fakes"
_METADATA = ("charmcraft.yaml", "metadata.yaml")
# charmcraft names what it packs minio_ubuntu-24.04-amd64.charm.
_PLATFORM = re.compile(r"_[^/]*$")


def load_charms(bundle: Bundle, given: Charms | None = None) -> dict[str, jujusim.CharmDir]:
    """Load the charm of every application that has none in `given`, and import its code.

    Raises:
        BundleError: A charm is not there or cannot be loaded; all of them are named.
    """
    problems: list[Problem] = []
    charms: dict[str, jujusim.CharmDir] = dict(given or {})
    for app in bundle.applications.values():
        if app.name in charms:
            continue
        try:
            charms[app.name] = _load(app)
        except BundleError as error:
            problems += error.problems
    if problems:
        raise BundleError(problems)
    return charms


def _load(app: Application) -> jujusim.CharmDir:
    root = directory(app)
    try:
        charm = jujusim.CharmDir.load(root)
        # Metadata that is no charm's shows here, and not in the middle of a run.
        _ = charm.endpoints, charm.defaults
    except jujusim.CharmError as error:
        reason = " ".join(str(error).split())
    except (Exception, SystemExit) as error:
        reason = f"{root} cannot be loaded: {error!r}"
    else:
        return charm
    raise BundleError([app.problem(reason, "charm")])


def fakes() -> dict[str, pathlib.Path]:
    """Return the directory of each fake charm by the name of the charm on Charmhub."""
    return {path.name: path for path in sorted(FAKES.iterdir()) if _is_charm(path)}


def is_known(app: Application) -> bool:
    """Tell whether there can be a charm for an application here; Juju knows more of Charmhub's."""
    name = app.charm.removeprefix("ch:")
    return app.is_local or name in fakes() or _ours(app, name) is not None


def directory(app: Application) -> pathlib.Path:
    """Return the directory of an application's charm.

    Raises:
        BundleError: There is none.
    """
    name = app.charm.removeprefix("ch:")
    found = _local(app) if app.is_local else fakes().get(name) or _ours(app, name)
    if found:
        return found
    message = f"there is no charm at {app.charm}"
    if not app.is_local:
        known = hint(app.charm, fakes())
        message = f'the simulator has no fake of the Charmhub charm "{app.charm}"{known}'
    raise BundleError([app.problem(message, "charm")])


def charmkit() -> pathlib.Path:
    """Return the folder of the library of the charms; it is looked up, not imported.

    Raises:
        LookupError: It is not installed.
    """
    found = importlib.util.find_spec("charmkit")
    if found is None or found.origin is None:
        raise LookupError("the package charmkit is not installed")
    return pathlib.Path(found.origin).resolve().parent


def repository() -> pathlib.Path:
    """Return the folder that has lib/charmkit/src/charmkit, wherever the bundle is."""
    return charmkit().parents[3]


def _ours(app: Application, name: str) -> pathlib.Path | None:
    """Return a charm of this repository, or of the one beside the bundle, by its name."""
    folders = (app.where("charm").folder, repository())
    return next((each for folder in folders if _is_charm(each := folder / "charms" / name)), None)


def _local(app: Application) -> pathlib.Path | None:
    """Return a charm's directory, or for build/minio.charm the source that it is packed from."""
    if app.charm.startswith("local:"):
        return _ours(
            app, re.sub(r"-\d+$", "", app.charm.removeprefix("local:").rpartition("/")[2])
        )
    path = app.where("charm").folder / app.charm
    if path.suffix == ".charm":
        name = _PLATFORM.sub("", path.stem)
        path = path.parent.parent / "charms" / name
    return path if _is_charm(path) else None


def _is_charm(path: pathlib.Path) -> bool:
    try:
        return any((path / name).is_file() for name in _METADATA)
    except (OSError, ValueError):  # a name that no file can have
        return False
