# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What stands in a bundle and is not simulated, or is otherwise than on Juju."""

import re
from collections.abc import Iterator

from jujusim import constraints

from .charms import fakes
from .spec import Application, Bundle

_FIELDS = (
    "bindings",
    "devices",
    "expose",
    "exposed-endpoints",
    "offers",
    "placement",
    "plan",
    "to",
)
_COUNT = re.compile(r"(?:^|,)\s*([2-9]|[1-9]\d+)\s*(?:,|$)")


def notes(bundle: Bundle) -> list[str]:
    """Return a sentence for each kind of thing, with the applications that have it."""
    found: dict[str, list[str]] = {}
    for app in bundle.applications.values():
        for what in _of(app):
            found.setdefault(what, []).append(app.name)
    return [f"{what} ({', '.join(apps)})" for what, apps in found.items()]


def _of(app: Application) -> Iterator[str]:
    if not app.is_local and not app.replaced:
        stand_in = (
            "a fake charm" if app.charm.removeprefix("ch:") in fakes() else "this repository's"
        )
        yield f"Charmhub's charm: {stand_in} stands for it"
    for field in _FIELDS:
        if app.node.get(field).value:
            yield field
    for name in constraints.parse(app.constraints):
        if name not in constraints.KNOWN:
            yield f"the constraint {name}"
    for pool in sorted(set(app.pools.values())):
        yield f"the storage pool {pool}: it counts as a storage class of its name"
    if any(_COUNT.search(text) for text in app.storage.values()):
        yield "more than one storage of a name in a unit"
