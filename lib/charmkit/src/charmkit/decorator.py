# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What two charms have in common that tell Metacontroller what namespaces should have.

Each runs a sync server in its workload container, and applies a DecoratorController whose webhook
names the revision of what the server has in its URL: Metacontroller starts a controller anew when
its specification changes, and then asks for every namespace at once. Source: metacontroller
v4.11.22, pkg/controller/decorator/metacontroller.go.
"""

from __future__ import annotations

import functools
import hashlib
import json
import pathlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ops

from . import kube, pebble
from ._component import Component
from ._ports import ServicePorts
from ._workload import File, Workload

DIRECTORY = "/var/lib/pebble/default"
"""Where Pebble's user may write in the images of both charms."""

PROGRAM = f"{DIRECTORY}/sync_server.py"
DATA = f"{DIRECTORY}/manifests.json"
SERVICE_PORT = 80

Manifests = Sequence[dict[str, Any]]


class SyncServer(Workload):
    """A sync server in a workload container, on every unit, behind the application's Service.

    Everybody who may look at DecoratorControllers sees the revision. It is a digest that takes
    long to compute, so that nobody can try out what a Secret in the manifests might be.

    Args:
        charm: the charm.
        container: the container's name in charmcraft.yaml, and the service's.
        port: where the server listens.
        label: returns the label that must be `true` on a namespace.
        manifests: returns the objects that each such namespace should have.
        placeholder: text in them that stands for the namespace's name; empty for none.
        owner_placeholder: text in them that stands for its owner, likewise.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        container: str,
        port: int,
        *,
        label: Callable[[], str],
        manifests: Callable[[], Manifests],
        placeholder: str = "",
        owner_placeholder: str = "",
    ) -> None:
        super().__init__(charm, container, layer=self._server_layer, files=self._server_files)
        self.parts = [ServicePorts(charm, ports=lambda: {"http": (SERVICE_PORT, port)})]
        self._name = container
        self._port = port
        self._label = label
        self._manifests = manifests
        self._placeholder = placeholder
        self._owner_placeholder = owner_placeholder

    @functools.cached_property
    def revision(self) -> str:
        """The revision of what the server has.

        Raises:
            NotReady: if that is not known yet.
        """
        text = json.dumps(self._document(), sort_keys=True)
        salt = f"{self.charm.model.uuid} {self.charm.app.name}"
        digest = hashlib.scrypt(text.encode(), salt=salt.encode(), n=2**13, r=8, p=1, dklen=8)
        return digest.hex()

    def _document(self) -> dict[str, Any]:
        return {
            "label": self._label(),
            "manifests": list(self._manifests()),
            "placeholder": self._placeholder,
            "owner_placeholder": self._owner_placeholder,
        }

    def _server_files(self) -> dict[str, str | File]:
        data = json.dumps({"revision": self.revision, **self._document()}, sort_keys=True)
        return {PROGRAM: _program(), DATA: File(data, mode=0o600, watched=True)}

    def _server_layer(self) -> pebble.Layer:
        command = f"python3 {PROGRAM} --port {self._port} --data {DATA}"
        checks = [
            # Fails without manifests, which a restart would not change.
            pebble.http_check(self._port, "/healthz", restart=False),
            pebble.tcp_check(self._port, name=f"{self._name}-up"),
        ]
        return pebble.layer(self._name, command, summary="sync server", checks=checks)


class OptionalKinds(Component):
    """Kinds that other charms define, and that are left out as long as nobody has.

    Args:
        charm: the charm.
        kinds: the kinds.
    """

    def __init__(self, charm: ops.CharmBase, kinds: Iterable[kube.Kind]) -> None:
        super().__init__(charm)
        self._kinds = tuple(kinds)
        self._kube = kube.Kube(charm)

    @functools.cached_property
    def defined(self) -> frozenset[str]:
        """The names of those that the cluster serves.

        Raises:
            NotReady: if the Kubernetes API does not answer.
        """
        return frozenset(kind.name for kind in self._kinds if self._kube.is_defined(kind))

    def status(self) -> ops.StatusBase:
        """Return Active, on the leader with what is left out."""
        if not self.charm.unit.is_leader():
            return ops.ActiveStatus()
        missing = [kind.name for kind in self._kinds if kind.name not in self.defined]
        return ops.ActiveStatus(
            f"without {', '.join(missing)}: not defined yet" if missing else ""
        )


@functools.cache
def _program() -> str:
    return (pathlib.Path(__file__).parent / "programs/sync_server.py").read_text()
