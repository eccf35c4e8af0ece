# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Services in containers: what the image says is not lost, and what hangs is restarted."""

from __future__ import annotations

import pathlib
from typing import Any

import yaml
from jujusim.testing import Charm

IMAGES: dict[str, dict[str, Any]] = yaml.safe_load(
    pathlib.Path(__file__).with_name("image_services.yaml").read_text()
)


ROCKS = ("canonical", "charmedkubeflow", "ubuntu")
"""Whose images have Pebble, and layers for it, in them."""


def said(charm: Charm, container: str) -> dict[str, Any]:
    """What the image of a container says of its service."""
    meta = charm.directory.meta
    resource = meta["containers"][container]["resource"]
    repository, _, name = meta["resources"][resource]["upstream-source"].rpartition("/")
    is_rock = repository.rpartition("/")[2] in ROCKS
    return IMAGES[name] if is_rock else {"service": None}


def services(charm: Charm, container: str) -> dict[str, Any]:
    return charm.complete.seen["plans"][container].get("services", {})


def test_a_service_says_what_the_one_of_its_image_says(charm: Charm, container: str) -> None:
    known = said(charm, container)
    ours = services(charm, container).get(known["service"])
    if ours and ours["override"] == "replace":
        assert ours.get("working-dir", "").rstrip("/") == known.get("working-dir", "")
        own = ours.get("environment", {})
        assert {name: own.get(name) for name in known.get("environment", {})} == known.get(
            "environment", {}
        )


def test_no_service_of_the_image_runs_beside_ours(charm: Charm, container: str) -> None:
    known = said(charm, container)["service"]
    assert known is None or known in services(charm, container)


def test_a_service_runs_as_the_containers_user(charm: Charm, container: str) -> None:
    """Pebble that is not root cannot become somebody else."""
    uid = charm.directory.meta["containers"][container].get("uid")
    for service in services(charm, container).values():
        assert not uid or "user" not in service


def test_a_service_that_does_not_answer_is_restarted(charm: Charm, container: str) -> None:
    """But for what a check says of the other side, which a restart does not bring back."""
    checks = charm.complete.seen["plans"][container].get("checks", {})
    for service in services(charm, container).values():
        actions = service.get("on-check-failure", {})
        assert set(actions) <= set(checks)
        assert "restart" in actions.values() or all("-reaches-" in name for name in checks)
