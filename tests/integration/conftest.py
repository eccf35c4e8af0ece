# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model of its own for each test module, on the controller that `juju` is logged in to."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import jubilant
import lightkube
import pytest
from ckf import bundle as bundles

from .helpers import controller, deployment, waiting
from .helpers.cluster import Cluster

HERE = pathlib.Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("integration")
    group.addoption(
        "--images",
        type=pathlib.Path,
        metavar="FILE",
        help="an overlay with other images: a private registry's, or fake charms",
    )
    group.addoption("--keep-models", action="store_true", help="do not destroy the models")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where there is no controller, one skipped test stands for all, and says how to get one."""
    models = {"juju", "doomed"}
    real = [item for item in items if models & {*getattr(item, "fixturenames", ())}]
    real = [item for item in real if item.path.parent == HERE]
    reason = controller.absent() if real else ""
    if reason:
        real[0].add_marker(pytest.mark.skip(reason=reason))
        config.hook.pytest_deselected(items=real[1:])
        items[:] = [item for item in items if item not in real[1:]]


@pytest.fixture(scope="session")
def bundle(request: pytest.FixtureRequest) -> bundles.Bundle:
    """The bundle, with the images of `--images`."""
    return deployment.read(request.config.getoption("--images"))


@pytest.fixture(scope="module")
def juju(request: pytest.FixtureRequest) -> Iterator[jubilant.Juju]:
    """A model that is destroyed when the module's tests are done."""
    keep = bool(request.config.getoption("--keep-models"))
    # As Juju does by itself; concierge switches it off.
    config = {"automatically-retry-hooks": True}
    with jubilant.temp_model(keep=keep, config=config) as juju:
        juju.wait_timeout = waiting.PATIENCE
        yield juju


@pytest.fixture(scope="module")
def cluster(juju: jubilant.Juju) -> Cluster:
    """The model's cluster, by KUBECONFIG or ~/.kube/config."""
    cluster = Cluster(lightkube.Client(), juju.model or "")
    cluster.check()
    return cluster
