# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Small charms made of components, and a cluster for them."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import kube
from kubefake import transport
from ops import testing

from .manifest_app import SETTINGS, App

MODEL = "ml"

Make = Callable[[ops.CharmBase], Sequence[charmkit.Component]]
MakeContext = Callable[..., testing.Context[Any]]


@pytest.fixture
def context() -> MakeContext:
    """Make the context of a charm whose components a function returns, as `charm.made`."""

    def build(make: Make, meta: dict[str, Any] | None = None, **more: Any) -> testing.Context[Any]:
        class Charm(ops.CharmBase):
            def __init__(self, framework: ops.Framework) -> None:
                super().__init__(framework)
                self.made = list(make(self))
                self.reconciler = charmkit.Reconciler(self)
                for component in self.made:
                    self.reconciler.add(component)

        return testing.Context(Charm, meta={"name": "app", **(meta or {})}, **more)

    return build


@pytest.fixture
def cluster() -> Iterator[kubefake.Cluster]:
    """A cluster with the model's namespace, where pods run; lightkube's clients connect to it."""
    cluster = kubefake.Cluster(pods=True)
    cluster.install("", "namespaces", {"metadata": {"name": MODEL}})
    cluster.install("", "serviceaccounts", {"metadata": {"name": "default", "namespace": MODEL}})
    with transport.connected(cluster, user="charm", namespace=MODEL):
        yield cluster


@pytest.fixture
def writes(cluster: kubefake.Cluster) -> Callable[[], list[tuple[str, str, str]]]:
    """What has been asked to change since the last call, as verb, resource and name."""
    seen = 0

    def new() -> list[tuple[str, str, str]]:
        nonlocal seen
        entries, seen = cluster.journal[seen:], len(cluster.journal)
        asked = [entry for entry in entries if entry.verb not in ("get", "list")]
        return [(entry.verb, entry.resource, entry.name) for entry in asked]

    return new


@pytest.fixture
def app(context: Any, tmp_path: pathlib.Path, cluster: kubefake.Cluster) -> App:
    app = App(context, tmp_path)
    app.template("settings", SETTINGS)
    return app


@pytest.fixture
def api(context: Any, cluster: kubefake.Cluster) -> kube.Kube:
    """The cluster as an administrator sees it."""
    ctx = context(lambda _: [])
    with ctx(ctx.on.update_status(), testing.State(model=testing.Model("ml"))) as manager:
        return kube.Kube(manager.charm)
