"""Small charms made of components, and a cluster for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from kubefake import transport
from ops import testing

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
                self.made = make(self)
                self.reconciler = charmkit.Reconciler(self, self.made)

        return testing.Context(Charm, meta={"name": "app", **(meta or {})}, **more)

    return build


@pytest.fixture
def cluster() -> Iterator[kubefake.Cluster]:
    """A cluster with the namespace of the model, which lightkube's clients are connected to."""
    cluster = kubefake.Cluster()
    cluster.install("", "namespaces", {"metadata": {"name": MODEL}})
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
