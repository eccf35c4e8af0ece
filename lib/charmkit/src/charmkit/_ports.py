"""The ports of the application's Service, which Juju makes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import ops

from . import kube
from ._component import Component
from ._status import Waiting

_SERVICE = kube.Kind("v1", "Service", namespaced=True)


@dataclasses.dataclass(frozen=True)
class Port:
    """A port of a Service.

    Args:
        name: decides how a service mesh treats it: `http`, `grpc`, `https` and names that begin
            with one of these and a dash are taken as that protocol.
        port: what clients connect to.
        target: what the workload listens on, where it differs.
    """

    name: str
    port: int
    target: int | None = None

    def manifest(self) -> dict[str, Any]:
        """Return the port in the Service's spec."""
        target = self.target or self.port
        return {"name": self.name, "port": self.port, "targetPort": target, "protocol": "TCP"}


class ServicePorts(Component):
    """Names and targets of the Service's ports, which Juju's own open-port can't express.

    Juju keeps a placeholder in the list until then, and may write the list again on a refresh.

    Args:
        charm: the charm, deployed with --trust.
        ports: returns the ports.
    """

    def __init__(self, charm: ops.CharmBase, *, ports: Callable[[], Sequence[Port]]) -> None:
        super().__init__(charm)
        self._ports = ports
        self._kube = kube.Kube(charm)

    def reconcile(self) -> None:
        """Replace the list of ports where it differs; the leader does it."""
        if not self.charm.unit.is_leader():
            return
        wanted = [port.manifest() for port in self._ports()]
        name = self.charm.app.name
        service = self._kube.get(_SERVICE, name)
        if service is None:
            raise Waiting(f"waiting for Juju to make the Service {name}")
        if [_essence(port) for port in service["spec"].get("ports", [])] != wanted:
            self._kube.merge(_SERVICE, name, {"spec": {"ports": wanted}})


class OpenPorts(Component):
    """Ports opened through Juju, which needs no rights in the cluster.

    Args:
        charm: the charm.
        ports: returns the port numbers.
    """

    def __init__(self, charm: ops.CharmBase, *, ports: Callable[[], Sequence[int]]) -> None:
        super().__init__(charm)
        self._ports = ports

    def reconcile(self) -> None:
        """Open these ports and no others."""
        self.charm.unit.set_ports(*self._ports())


def _essence(port: dict[str, Any]) -> dict[str, Any]:
    return {name: port.get(name) for name in ("name", "port", "targetPort", "protocol")}
