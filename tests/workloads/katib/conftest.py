# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib and the training operator on one control plane, with one database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .. import cluster, database
from ..cluster import Node
from ..database import Database

APPS = ("katib-controller", "katib-ui", "katib-db-manager", "training-operator", "kubeflow-roles")
DATABASE = "katib-db"


@pytest.fixture(scope="package")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, settled; a module takes trust from those that it is about."""
    cluster.program("pebble")
    with cluster.deployed(request, *APPS, DATABASE) as node:
        yield node


@pytest.fixture(scope="package")
def server(node: Node) -> Iterator[Database]:
    """The database, which nothing has started yet."""
    with database.installed(node, DATABASE) as server:
        yield server
