# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Charms that are put in the place of the bundle's."""

import dataclasses
import pathlib

import jujusim
from jujusim import worker

from .. import bundle as bundles
from ..bundle import Bundle, InputError
from .request import Request


def replaced(bundle: Bundle, request: Request) -> tuple[Bundle, dict[str, jujusim.CharmDir]]:
    """Return the bundle with the request's charms in the place of its own, and those charms.

    Raises:
        BundleError: It has no such application.
        InputError: A charm or an interpreter cannot be used.
    """
    apps = dict(bundle.applications)
    charms: dict[str, jujusim.CharmDir] = {}
    for option, values in (("--charm", request.charms), ("--python", request.pythons)):
        for name in values:
            app = bundle.require(name, option)
            path = request.charms.get(name) or bundles.directory(app)
            charms[name] = load(bundle, request, name, path)
    for name, path in request.charms.items():
        apps[name] = dataclasses.replace(
            apps[name], charm=str(path.absolute()), channel="", replaced=True
        )
    return dataclasses.replace(bundle, applications=apps), charms


def load(bundle: Bundle, request: Request, app: str, path: pathlib.Path) -> jujusim.CharmDir:
    """Load a charm, a directory or a packed one, for an application of a request.

    A directory in ``charms/`` of this repository or next to the bundle is ours: its hooks run in
    this process, unless an interpreter is named for it. Any other charm's hooks run in processes
    of their own. An application that has charms of both kinds, one after the other, has its
    interpreter for the other kind.

    Raises:
        InputError: The charm or the interpreter cannot be used.
    """
    python = request.pythons.get(app)
    if not request.hook_timeout > 0:
        raise InputError(f"a hook cannot end within {request.hook_timeout:g} seconds")
    try:
        if _is_ours(bundle, path) and (python is None or _has_other(bundle, request, app)):
            return jujusim.CharmDir.load(path)
        return worker.load(path, python=python, limit=request.hook_timeout)
    except jujusim.CharmError as error:
        raise InputError(f'application "{app}": {" ".join(str(error).split())}') from error


def _has_other(bundle: Bundle, request: Request, app: str) -> bool:
    """Tell whether a charm of another repository is named for an application."""
    given = [request.charms[app]] if app in request.charms else []
    given += [path for name, path in request.refreshes if name == app]
    return not all(_is_ours(bundle, path) for path in given)


def _is_ours(bundle: Bundle, path: pathlib.Path) -> bool:
    """Tell whether a charm can be imported here: it is beside the bundle, or this repository's."""
    folder = path.resolve().parent
    beside = folder == (bundle.path.parent / "charms").resolve()
    return path.is_dir() and (beside or folder == bundles.repository() / "charms")
