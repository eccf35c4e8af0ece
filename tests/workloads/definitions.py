# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Resource definitions that are not served yet when a program starts."""

from __future__ import annotations

from collections.abc import Iterator

from ..kube.bundles import eventually
from .cluster import Node, Object

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def withhold(node: Node, *groups: str) -> None:
    """Let nothing of some API groups be served until `serve`; objects and webhooks stay."""
    _set(node, groups, served=False)
    eventually(lambda: not any(_answers(node, groups)))


def serve(node: Node, *groups: str) -> None:
    """Let all of some API groups be served."""
    _set(node, groups, served=True)
    eventually(lambda: all(_answers(node, groups)))


def _set(node: Node, groups: tuple[str, ...], *, served: bool) -> None:
    found = [*_of(node, groups)]
    assert found, f"nothing is defined in {groups}"
    for each in found:
        versions = [{**version, "served": served} for version in each["spec"]["versions"]]
        path = f"{DEFINITIONS}/{each['metadata']['name']}"
        node.cluster.merge(path, {"spec": {"versions": versions}})


def _of(node: Node, groups: tuple[str, ...]) -> Iterator[Object]:
    for each in node.cluster.items(DEFINITIONS):
        if each["spec"]["group"] in groups:
            yield each


def _answers(node: Node, groups: tuple[str, ...]) -> Iterator[bool]:
    """Whether the API server serves each of the definitions."""
    for each in _of(node, groups):
        spec = each["spec"]
        for version in spec["versions"]:
            path = f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}"
            yield node.cluster.http.get(path).is_success
