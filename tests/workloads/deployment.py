# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A pod that a charm leaves to Kubernetes: a Deployment's, with its volumes and its account."""

from __future__ import annotations

import base64
import contextlib
import pathlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
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
    name: str
    programs: Mapping[str, pathlib.Path]
    root: pathlib.Path
    network: Namespace
    namespace: str = MODEL
    template: Object = field(default_factory=dict[str, Any])
    _program: Program | None = None
    _printed: str = ""
    _skipped: int = 0

    @property
    def program(self) -> Program:
        """The process that runs."""
        assert self._program
        return self._program

    @property
    def app(self) -> str:
        """The application, which its Deployment is called after."""
        return self.name

    @property
    def spec(self) -> Object:
        """The pod's spec."""
        return self.template["spec"]

    def live(self) -> Object:
        """Return the template that the Deployment has now."""
        path = self.node.path(
            "deployments", self.name, group="apis/apps/v1", namespace=self.namespace
        )
        return self.node.cluster.get(path)["spec"]["template"]

    def roll(self) -> None:
        """Replace the pod by one of the Deployment's template as it is now.

        Where that names no command, the image starts the first program. Where it names no user,
        the image has the one of all charms' images.
        """
        self.template = self.live()
        (container,) = self.spec["containers"]
        give_account(self.root, self.node.account(self.spec["serviceAccountName"], self.namespace))
        user = container["securityContext"].get("runAsUser", cluster.USER)
        command = [
            *container.get("command", list(self.programs)[:1]),
            *container.get("args", ()),
        ]
        environment = _environment(self.node, container, self.namespace)
        mount(self.node, self.spec, self.root, self.namespace)
        self.end()
        self._program = Program(self.root, self.network, user, environment, command)

    def healthy(self) -> bool:
        """Tell whether all probes that it has are answered."""
        return all(self._answers())

    def unhealthy(self) -> bool:
        """Tell whether none is."""
        return not any(self._answers())

    def _answers(self) -> list[bool]:
        (container,) = self.spec["containers"]
        probes = [container[name]["httpGet"] for name in PROBES if name in container]
        return [self._answer(container, each) for each in probes]

    def _answer(self, container: Object, probe: Object) -> bool:
        """Tell whether the kubelet would get the answer that it waits for."""
        ports = {port.get("name"): port["containerPort"] for port in container.get("ports", ())}
        named = probe["port"]
        given = {each["name"]: each["value"] for each in probe.get("httpHeaders", ())}
        with contextlib.suppress(OSError):
            status, _ = cluster.fetch(
                self.network,
                ports.get(named, named),
                probe.get("path", "/"),
                {"User-Agent": "kube-probe/1.36", **given},
                secure=probe.get("scheme") == "HTTPS",
            )
            return status == 200
        return False

    def listens(self, port: int) -> bool:
        """Tell whether a port takes connections."""
        return cluster.listens(self.network, port)

    def http(self, port: int, path: str) -> tuple[int, str]:
        """GET something of the pod."""
        return cluster.fetch(self.network, port, path)

    def ports(self) -> set[int]:
        """Return the ports that Services lead to."""
        return self.node.ports(self.template["metadata"]["labels"], self.namespace)

    def silent(self) -> set[int]:
        """Return the ports that Services lead to and that take no connections."""
        return {port for port in self.ports() if not self.listens(port)}

    def log(self) -> str:
        """Return what it has printed, but for what has been skipped."""
        running = self._program.log() if self._program else ""
        return (self._printed + running)[self._skipped :]

    def skip_log(self) -> None:
        """Leave out what has been printed until now: a neighbour was late."""
        self._skipped += len(self.log())

    def end(self) -> None:
        """Stop the program."""
        if self._program:
            self._program.stop()
            self._printed += self._program.log()
            self._program = None
            self.node.forget_leaders()

    def wait(self, ask: Any) -> None:
        """Wait for an answer while volumes are kept up to date."""

        def asked() -> Any:
            mount(self.node, self.spec, self.root, self.namespace)
            with contextlib.suppress(OSError):
                return ask()

        try:
            eventually(asked)
        except AssertionError:
            print(self.log())
            raise


def mount(node: Node, spec: Object, root: pathlib.Path, namespace: str) -> None:
    """Write what ConfigMaps and Secrets hold now, as the kubelet does again and again."""
    (container,) = spec["containers"]
    volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
    for place in container.get("volumeMounts", ()):
        folder = root / place["mountPath"].lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in _content(node, volumes[place["name"]], namespace).items():
            _write(folder / name, content)


def _write(path: pathlib.Path, content: bytes) -> None:
    """Write what differs, so that whoever watches sees the old file or the new one."""
    if not path.exists() or path.read_bytes() != content:
        made = path.with_suffix(".new")
        made.write_bytes(content)
        made.replace(path)


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

    Args:
        node: Where.
        name: The Deployment.
        programs: By their path in the image, names of built programs and of folders of theirs.
        namespace: Its namespace.
        ports: Where the program listens beside the ports that its container names.
    """
    root, network = node.new_root(), cluster.network()
    built = {path: cluster.program(of) for path, of in programs.items()}
    lay_out(root, built, node.hosts())
    pod = DeployedPod(node, name, built, root, network, namespace)
    template = pod.live()
    (container,) = template["spec"]["containers"]
    named = {port["containerPort"] for port in container.get("ports", ())}
    node.join(network, template["metadata"]["labels"], namespace, named | {*ports})
    try:
        pod.roll()
        yield pod
    finally:
        pod.end()
        node.leave(network)
