# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm's place in Juju's topology."""

from __future__ import annotations

from typing import Any

from charmkit import _topology
from ops import testing

UUID = "6d1f8ab6-6a0d-4d1e-8a0a-0d9b4a1ef0c2"
STATE = testing.State(model=testing.Model("ml", uuid=UUID))


def at_place(context: Any, look: Any) -> Any:
    """What a function says of unit 2 of the application `storage` of the charm `app`."""
    ctx = context(lambda _: [], app_name="storage", unit_id=2)
    with ctx(ctx.on.update_status(), STATE) as manager:
        return look(manager.charm)


def test_the_metadata_name_the_unit(context: Any) -> None:
    assert at_place(context, _topology.metadata) == {
        "model": "ml",
        "model_uuid": UUID,
        "application": "storage",
        "unit": "storage/2",
        "charm_name": "app",
    }


def test_labels_name_no_unit(context: Any) -> None:
    assert at_place(context, _topology.labels) == {
        "juju_model": "ml",
        "juju_model_uuid": UUID,
        "juju_application": "storage",
        "juju_charm": "app",
    }


def test_the_identifier_is_unique_in_the_world(context: Any) -> None:
    assert at_place(context, _topology.identifier) == f"ml_{UUID}_storage"
