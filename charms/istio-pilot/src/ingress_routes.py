# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The routes that applications ask for: each path belongs to the first who has claimed it."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import Any

import charmkit
import ops
from charmkit import kube
from charmkit.interfaces import ingress
from pilot_options import PilotConfig

VIRTUAL_SERVICE = kube.Kind("networking.istio.io/v1", "VirtualService", namespaced=True)

KEY = "claims"
"""The key of the peer databag that records which relation has which path."""


@dataclasses.dataclass(frozen=True)
class Guard:
    """Requests that are refused unless they have a query parameter.

    Args:
        prefix: the beginning of their paths, in lower or upper case.
        rewrite: what the Service sees in its place.
        parameter: the parameter, which must not be empty.
    """

    prefix: str
    rewrite: str
    parameter: str


@dataclasses.dataclass(frozen=True)
class Route:
    """A route of the gateway.

    Args:
        name: of the VirtualService: the related application's, as published charms name theirs.
        prefix: the beginning of the path.
        rewrite: what the Service sees in its place.
        host: the Service's full name.
        port: its port.
        guards: what is refused of it.
    """

    name: str
    prefix: str
    rewrite: str
    host: str
    port: int
    guards: tuple[Guard, ...] = ()

    @property
    def without_slash(self) -> str:
        """The path of a person who leaves out the slash at the end; empty if there is none."""
        return self.prefix.rstrip("/") if self.prefix.endswith("/") else ""


@dataclasses.dataclass(frozen=True)
class Decision:
    """Who has what.

    Args:
        routes: the routes that stand.
        refused: what is wrong, for each relation that gets no route.
        claims: the id of the relation that has a path, by the path.
    """

    routes: list[Route]
    refused: list[str]
    claims: dict[str, int]


class Routes(charmkit.Component):
    """Which of the related applications get the path that they ask for.

    Args:
        charm: the charm.
        peers: where it is recorded.
        endpoint: the endpoint ingress.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: charmkit.Peers,
        endpoint: ingress.Provider,
    ) -> None:
        super().__init__(charm)
        self._peers = peers
        self._endpoint = endpoint

    @functools.cached_property
    def decision(self) -> Decision:
        """Who has what.

        Raises:
            charmkit.Waiting: if Juju has not set up the peer relation yet.
        """
        kept = json.loads(self._peers.data.get(KEY, "{}"))
        asked = {
            (relation.app.name, relation.id): data for relation, data in self._endpoint.items()
        }
        return decide(asked, kept, self.charm.model.name)

    def reconcile(self) -> None:
        """Record who has what."""
        claims = json.dumps(self.decision.claims, sort_keys=True)
        if self.charm.unit.is_leader() and self._peers.data.get(KEY) != claims:
            self._peers.data[KEY] = claims

    def status(self) -> ops.StatusBase:
        """Blocked if somebody asks for what another has."""
        if self.decision.refused:
            raise charmkit.Blocked(self.decision.refused[0])
        return ops.ActiveStatus()


class VirtualServices(charmkit.Manifests):
    """The routes that stand, as Istio knows them.

    Args:
        charm: the charm.
        routes: who has what.
        config: returns the options.
    """

    def __init__(
        self, charm: ops.CharmBase, routes: Routes, *, config: Callable[[], PilotConfig]
    ) -> None:
        super().__init__(
            charm,
            "routes",
            context=self._variables,
            files="src/manifests/routes/*.yaml.j2",
            list_all=[VIRTUAL_SERVICE],
            legacy=charmkit.Legacy(scopes=("ingress",)),
        )
        self._routes = routes
        self._config = config

    def _variables(self) -> dict[str, Any]:
        routes = [
            {**dataclasses.asdict(route), "without_slash": route.without_slash}
            for route in self._routes.decision.routes
        ]
        return {"gateway": self._config().default_gateway, "routes": routes}


def decide(
    asked: dict[tuple[str, int], ingress.Route], kept: dict[str, int], namespace: str
) -> Decision:
    """Decide who has what.

    Args:
        asked: what is asked for, by application and relation.
        kept: the id of the relation that had a path before, by the path.
        namespace: where Services are whose namespace is not said.
    """
    claims: dict[str, int] = {}
    owners: dict[str, str] = {}
    routes: list[Route] = []
    refused: list[str] = []
    for (app, number), data in sorted(asked.items(), key=lambda item: _place(item, kept)):
        path = _path(data.prefix)
        if path in claims:
            refused.append(f"relation ingress: {app} asks for {path}, which {owners[path]} has")
            continue
        claims[path], owners[path] = number, app
        name = app if app not in {route.name for route in routes} else f"{app}-{number}"
        routes.append(_route(name, data, namespace))
    return Decision(routes, refused, claims)


def _place(item: tuple[tuple[str, int], ingress.Route], kept: dict[str, int]) -> tuple[bool, int]:
    """Who had the path before comes first, then the older relation."""
    (_, number), data = item
    return kept.get(_path(data.prefix)) != number, number


def _path(prefix: str) -> str:
    """A path by which claims are compared: `/app/` and `/app` are the same."""
    return f"/{prefix.strip('/')}"


def _route(name: str, data: ingress.Route, namespace: str) -> Route:
    prefix = data.prefix if data.prefix.startswith("/") else f"/{data.prefix}"
    host = f"{data.service}.{data.namespace or namespace}.svc.cluster.local"
    rewrite = data.rewrite or prefix
    guards = tuple(_guard(text, prefix, rewrite) for text in data.required_query)
    return Route(name, prefix, rewrite, host, data.port, guards)


def _guard(text: str, prefix: str, rewrite: str) -> Guard:
    path, _, parameter = text.partition("?")
    below = path.removeprefix(prefix).lstrip("/")
    return Guard(path, f"{rewrite.rstrip('/')}/{below}", parameter)
