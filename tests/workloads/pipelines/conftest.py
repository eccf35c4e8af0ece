# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What runs pipelines, on one control plane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .. import cluster
from ..cluster import Node

APPS = (
    *("argo-controller", "minio", "envoy", "mlmd"),
    *("kfp-profile-controller", "resource-dispatcher", "metacontroller-operator"),
    *("mlflow-server", "mlflow-mysql"),
)


@pytest.fixture(scope="package")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, settled; a module takes trust from those that it is about."""
    cluster.program("pebble")
    with cluster.deployed(request, *APPS) as node:
        yield node
