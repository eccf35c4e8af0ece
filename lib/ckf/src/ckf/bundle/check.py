# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Check that a bundle and its charms fit, before anything is deployed.

Source: Juju, internal/charm/bundledata.go (VerifyWithCharms), and what ``juju deploy`` refuses.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import jujusim
from jujusim import config, integrate

from . import demands
from .charms import Charms, load_charms
from .errors import BundleError, Problem, hint
from .load import Pathlike, load
from .spec import SIZE, Application, Bundle, Relation

# A pool's name, a count, or a size.
_CONSTRAINT = re.compile(rf"[a-zA-Z][a-zA-Z0-9_-]*|[1-9]\d*|{SIZE.pattern}")


def load_checked(path: Pathlike) -> tuple[Bundle, Charms]:
    """Read a bundle and load its charms.

    Raises:
        InputError: A file cannot be read.
        BundleError: Something in it is wrong, or Juju would refuse it.
    """
    bundle = load(path)
    charms = load_charms(bundle)
    problems = check(bundle, charms)
    if problems:
        raise BundleError(problems)
    return bundle, charms


def check(bundle: Bundle, charms: Charms) -> list[Problem]:
    """Return everything that Juju would refuse."""
    found = [
        problem
        for app in bundle.applications.values()
        for problem in _application(app, charms[app.name])
    ]
    return [*found, *_relations(bundle, charms)]


def _application(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    yield from _options(app, charm)
    yield from _resources(app, charm)
    yield from _storage(app)
    yield from demands.problems(app, charm)
    for section, known in (("storage", charm.storage), ("bindings", {**charm.endpoints, "": ""})):
        for name in app.node.get(section).entries:
            if name not in known:
                what = "storage" if section == "storage" else "endpoint"
                yield _unknown(app, section, name, what, known)


def _storage(app: Application) -> Iterator[Problem]:
    for name, text in app.storage.items():
        parts = [part.strip() for part in text.split(",")]
        unclear = [part for part in parts if not _CONSTRAINT.fullmatch(part)]
        sizes = [part for part in parts if SIZE.fullmatch(part)]
        if unclear or len(sizes) > 1:
            message = (
                f'storage "{name}" is a size such as 10G, with a pool and a count if need be, '
                f"not {text!r}"
            )
            yield app.problem(message, "storage", name)


def _options(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    for name, value in app.options.items():
        if name not in charm.options:
            yield _unknown(app, "options", name, "option", charm.options)
            continue
        try:
            config.parse(charm, {name: value})
        except jujusim.JujuError as error:
            yield app.problem(str(error), "options", name)


def _resources(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    if app.replaced:
        # The bundle's images are those of the charm that it names.
        return
    declared: dict[str, Any] = charm.meta.get("resources") or {}
    for name in app.resources:
        if name not in declared:
            yield _unknown(app, "resources", name, "resource", declared)
    if not app.is_local or app.charm.startswith("local:"):
        return
    # Charmhub has them for its charms, and a running model for those that it has exported.
    for name in declared:
        if not app.resources.get(name):
            yield app.problem(f'a local charm needs its resource "{name}"', "resources")


def _unknown(
    app: Application, section: str, name: str, what: str, known: Iterable[str]
) -> Problem:
    return app.problem(f'its charm has no {what} "{name}"{hint(name, known)}', section, name)


def _relations(bundle: Bundle, charms: Charms) -> Iterator[Problem]:
    apps = {name: jujusim.Application(name, charm) for name, charm in charms.items()}
    made: list[jujusim.Relation] = []
    for relation in bundle.relations:
        message = _refused(relation, apps, made)
        if message:
            yield Problem(relation.place, message)


def _refused(
    relation: Relation, apps: dict[str, jujusim.Application], made: list[jujusim.Relation]
) -> str:
    """Return why a relation cannot be made after the others; else it is added to them."""
    one, two = (end.partition(":")[0] for end in relation.ends)
    for name in (one, two):
        if name not in apps:
            return f'the bundle has no application "{name}"{hint(name, apps)}'
    if one == two:
        return f'a relation of "{one}" with itself'
    for end in relation.ends:
        app, _, endpoint = end.partition(":")
        known = apps[app].charm.endpoints
        if endpoint and endpoint not in {**known, "juju-info": ""}:
            return f'application "{app}" has no endpoint "{endpoint}"{hint(endpoint, known)}'
    try:
        pair = integrate.infer(apps, *relation.ends)
        integrate.check(made, pair)
    except jujusim.JujuError as error:
        return str(error)
    made.append(jujusim.Relation(len(made), pair))
    return ""
