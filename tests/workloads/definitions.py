# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Resource definitions that are not served yet when a program starts."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from ..kube.bundles import eventually
from .cluster import Node, Object

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def withhold(node: Node, *patterns: str) -> None:
    """Let the definitions that patterns name not be served; objects and webhooks stay."""
    _set(node, *patterns, served=False)
    eventually(lambda: not any(_answers(node, *patterns)))


def serve(node: Node, *patterns: str) -> None:
    """Let the definitions that patterns name be served."""
    _set(node, *patterns, served=True)
    eventually(lambda: all(_answers(node, *patterns)))


def _set(node: Node, *patterns: str, served: bool) -> None:
    found = [*_of(node, *patterns)]
    assert found, f"nothing is defined as {patterns}"
    for each in found:
        versions = [{**version, "served": served} for version in each["spec"]["versions"]]
        path = f"{DEFINITIONS}/{each['metadata']['name']}"
        node.cluster.merge(path, {"spec": {"versions": versions}})


def _of(node: Node, *patterns: str) -> Iterator[Object]:
    for each in node.cluster.items(DEFINITIONS):
        if any(fnmatch.fnmatch(each["metadata"]["name"], pattern) for pattern in patterns):
            yield each


def _answers(node: Node, *patterns: str) -> Iterator[bool]:
    """Whether the API server serves each of the definitions."""
    for each in _of(node, *patterns):
        spec = each["spec"]
        for version in spec["versions"]:
            path = f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}"
            yield node.cluster.http.get(path).is_success
