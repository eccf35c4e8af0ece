# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The ports of the application's Service, which Juju makes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ops

from . import kube
from ._component import Component
from ._peers import Peers
from ._status import Blocked, Waiting

_SERVICE_KEY = "service-ports"
"""The key of the peer databag that records whose names the ports of the Service have."""

_JUJU_NAMES = ("juju-", "placeholder")
"""How the names begin that Juju gives to ports; the latter while none is open."""

_SERVICE = kube.Kind("v1", "Service", namespaced=True)


Port = int | tuple[int, int]
"""What clients connect to; or that, and what the workload listens on, where it differs."""


class ServicePorts(Component):
    """Names and targets of the Service's ports, which Juju's own open-port can't express.

    Juju keeps a placeholder in the list until then, and may write the list again on a refresh.

    Args:
        charm: the charm, deployed with --trust.
        ports: returns the ports by their names. A name decides how a service mesh treats a port:
            `http`, `grpc`, `https` and names that begin with one of these and a dash are taken as
            that protocol.
        find: returns the Service by its name, for a charm that lists Services anyway.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        *,
        ports: Callable[[], Mapping[str, Port]],
        find: Callable[[str], kube.Object | None] | None = None,
    ) -> None:
        super().__init__(charm)
        self._ports = ports
        self._kube = kube.Kube(charm)
        self._find = find or self._get

    def reconcile(self) -> None:
        """Replace the list of ports where it differs; the leader does it."""
        if not self.charm.unit.is_leader():
            return
        wanted = [_manifest(name, port) for name, port in self._ports().items()]
        name = self.charm.app.name
        service = self._find(name)
        if service is None:
            raise Waiting(f"waiting for Juju to make the Service {name}")
        if [_essence(port) for port in service["spec"].get("ports", [])] != wanted:
            self._kube.merge(_SERVICE, name, {"spec": {"ports": wanted}})

    def _get(self, name: str) -> kube.Object | None:
        return self._kube.get(_SERVICE, name)


class OpenPorts(Component):
    """Ports opened through Juju, which needs no rights in the cluster.

    A published charm may have patched the Service. Juju keeps ports with names that are not its
    own, and Kubernetes then refuses the same numbers under Juju's names, so that the Service would
    never change again: once, such ports get the names that Juju gives.

    Args:
        charm: the charm.
        ports: returns the port numbers.
        peers: where it is recorded that this has been looked at.
    """

    def __init__(
        self, charm: ops.CharmBase, *, ports: Callable[[], Sequence[int]], peers: Peers
    ) -> None:
        super().__init__(charm)
        self._ports = ports
        self._peers = peers

    def reconcile(self) -> None:
        """Open these ports and no others."""
        ports = self._ports()
        self.charm.unit.set_ports(*ports)
        if self.charm.unit.is_leader() and _SERVICE_KEY not in self._peers.data:
            with contextlib.suppress(Blocked):  # Nor could a published charm write without rights.
                self._rename(ports)
            self._peers.data[_SERVICE_KEY] = "juju"

    def _rename(self, ports: Sequence[int]) -> None:
        api, name = kube.Kube(self.charm), self.charm.app.name
        service = api.get(_SERVICE, name)
        there = [port["name"] for port in service["spec"].get("ports", [])] if service else []
        if all(port.startswith(_JUJU_NAMES) for port in there):
            return
        wanted = [_manifest(f"juju-{port}-tcp", port) for port in ports]
        api.merge(_SERVICE, name, {"spec": {"ports": wanted}})


def _manifest(name: str, port: Port) -> dict[str, Any]:
    """The port in the Service's spec."""
    number, target = port if isinstance(port, tuple) else (port, port)
    return {"name": name, "port": number, "targetPort": target, "protocol": "TCP"}


def _essence(port: dict[str, Any]) -> dict[str, Any]:
    return {name: port.get(name) for name in ("name", "port", "targetPort", "protocol")}
