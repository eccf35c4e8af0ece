# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Istio release that the charm installs, and from which one it can get there."""

from __future__ import annotations

import re
from typing import Any

import charmkit

RELEASE = "1.28.0"
OURS, BEFORE = (1, 28), (1, 27)
LABEL = "app.kubernetes.io/version"

_VERSION = re.compile(r"(\d+)\.(\d+)\.\d+")


def check(istiod: dict[str, Any] | None) -> None:
    """Refuse to go further than Istio allows: up by one minor release at a time, never down.

    Args:
        istiod: the Deployment of istiod that is there, or None.

    Raises:
        charmkit.Blocked: saying by which way to go.
    """
    installed = _minor(_version(istiod)) if istiod else None
    if installed is None or installed in (OURS, BEFORE):
        return
    major, minor = installed
    if installed > OURS:
        there = f"{major}.{minor}"
        raise charmkit.Blocked(f"Istio {there} is installed and does not go back: refresh to it")
    raise charmkit.Blocked(
        f"Istio {major}.{minor} is installed and goes up by one release at a time:"
        f" refresh to {major}.{minor + 1} first"
    )


def _version(istiod: dict[str, Any]) -> str:
    """By the image's tag, which every installer sets; by our own label where it has none."""
    containers = istiod["spec"]["template"]["spec"]["containers"]
    tags = [item["image"].rpartition(":")[2] for item in containers if item["name"] == "discovery"]
    label = istiod["metadata"].get("labels", {}).get(LABEL, "")
    return next((tag for tag in tags if _minor(tag)), label)


def _minor(version: str) -> tuple[int, int] | None:
    found = _VERSION.match(version)
    return (int(found[1]), int(found[2])) if found else None
