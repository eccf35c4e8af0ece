# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A pod that a charm leaves to Kubernetes: a Deployment's, with its volumes and its account."""

from __future__ import annotations

import base64
import contextlib
import pathlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..kube.bundles import Object, eventually
from . import cluster
from .cluster import MODEL, Node
from .container import Program, give_account, lay_out
from .network import Namespace

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
ADDRESS = "10.111.255.254"
"""What a pod takes for its own address: it reaches itself there, and nobody else does."""


@dataclass
class DeployedPod:
    """The only container of a Deployment's pod."""

    node: Node
    spec: Object
    root: pathlib.Path
    network: Namespace
    program: Program
    namespace: str = MODEL

    def healthy(self) -> bool:
        """Tell whether all probes that it has are answered."""
        (container,) = self.spec["containers"]
        probes = [container[name]["httpGet"] for name in PROBES if name in container]
        with contextlib.suppress(OSError):
            return all(self._probe(container, each) == 200 for each in probes)
        return False

    def _probe(self, container: Object, probe: Object) -> int:
        """Return the status of an answer to what the kubelet asks."""
        ports = {port.get("name"): port["containerPort"] for port in container.get("ports", ())}
        named = probe["port"]
        given = {each["name"]: each["value"] for each in probe.get("httpHeaders", ())}
        status, _ = cluster.fetch(
            self.network,
            ports.get(named, named),
            probe.get("path", "/"),
            {"User-Agent": "kube-probe/1.36", **given},
            secure=probe.get("scheme") == "HTTPS",
        )
        return status

    def http(self, port: int, path: str) -> tuple[int, str]:
        """GET something of it."""
        return cluster.fetch(self.network, port, path)

    def listens(self, port: int) -> bool:
        """Tell whether a port takes connections."""
        return cluster.listens(self.network, port)

    def wait(self, ask: Any) -> None:
        """Wait for an answer while volumes are kept up to date."""

        def asked() -> Any:
            mount(self.node, self.spec, self.root, self.namespace)
            return ask()

        try:
            eventually(asked)
        except AssertionError:
            print(self.program.log())
            raise


def mount(node: Node, spec: Object, root: pathlib.Path, namespace: str) -> None:
    """Write what ConfigMaps and Secrets hold now, as the kubelet does again and again."""
    (container,) = spec["containers"]
    volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
    for place in container.get("volumeMounts", ()):
        folder = root / place["mountPath"].lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in _content(node, volumes[place["name"]], namespace).items():
            (folder / name).write_bytes(content)


def _content(node: Node, volume: Object, namespace: str) -> dict[str, bytes]:
    if "secret" in volume:
        path = node.path("secrets", volume["secret"]["secretName"], namespace=namespace)
        data = node.cluster.get(path).get("data")
        return {name: base64.b64decode(value) for name, value in (data or {}).items()}
    path = node.path("configmaps", volume["configMap"]["name"], namespace=namespace)
    return {name: value.encode() for name, value in node.cluster.get(path)["data"].items()}


def _environment(node: Node, container: Object, namespace: str) -> dict[str, str]:
    fields = {
        "metadata.namespace": namespace,
        "metadata.name": "pod-0",
        "status.podIP": ADDRESS,
    }
    given = {
        each["name"]: fields[each["valueFrom"]["fieldRef"]["fieldPath"]]
        if "valueFrom" in each
        else each.get("value", "")
        for each in container.get("env", ())
    }
    return {**node.variables(), **given}


@contextlib.contextmanager
def running(
    node: Node,
    name: str,
    programs: Mapping[str, str],
    namespace: str = MODEL,
    ports: Collection[int] = (),
) -> Iterator[DeployedPod]:
    """Start the pod of a Deployment; see `cluster.running`.

    Where it names no command, the image starts the first program. Where it names no user, the
    image has the one of all charms' images.

    Args:
        node: Where.
        name: The Deployment.
        programs: By their path in the image, names of built programs and of folders of theirs.
        namespace: Its namespace.
        ports: Where the program listens beside the ports that its container names.
    """
    path = node.path("deployments", name, group="apis/apps/v1", namespace=namespace)
    template = node.cluster.get(path)["spec"]["template"]
    spec = template["spec"]
    (container,) = spec["containers"]
    root, network = node.new_root(), cluster.network()
    lay_out(root, {path: cluster.program(of) for path, of in programs.items()}, node.hosts())
    give_account(root, node.account(spec["serviceAccountName"], namespace))
    named = {port["containerPort"] for port in container.get("ports", ())}
    node.join(network, template["metadata"]["labels"], namespace, named | {*ports})
    user = container["securityContext"].get("runAsUser", cluster.USER)
    command = [*container.get("command", list(programs)[:1]), *container.get("args", ())]
    environment = _environment(node, container, namespace)
    mount(node, spec, root, namespace)
    process = Program(root, network, user, environment, command)
    try:
        yield DeployedPod(node, spec, root, network, process, namespace)
    finally:
        process.stop()
