# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where in Juju's topology something comes from, as labels that the Observability Stack knows."""

from __future__ import annotations

import ops


def metadata(charm: ops.CharmBase) -> dict[str, str]:
    """The charm's place in the topology, with the unit.

    Source of the names: the relation library `cosl`, class JujuTopology.
    """
    return {
        "model": charm.model.name,
        "model_uuid": charm.model.uuid,
        "application": charm.app.name,
        "unit": charm.unit.name,
        "charm_name": charm.meta.name,
    }


def labels(charm: ops.CharmBase) -> dict[str, str]:
    """The labels that every metric and alert of the application carries."""
    return {
        "juju_model": charm.model.name,
        "juju_model_uuid": charm.model.uuid,
        "juju_application": charm.app.name,
        "juju_charm": charm.meta.name,
    }


def identifier(charm: ops.CharmBase) -> str:
    """A name of the application that is unique in the whole world."""
    return f"{charm.model.name}_{charm.model.uuid}_{charm.app.name}"
