# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Charms of the bundle on a real control plane, and the pods that their plans describe."""

from __future__ import annotations

import collections
import contextlib
import filecmp
import http.client
import json
import pathlib
import re
import shutil
import socket
import ssl
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ops.pebble
import pytest
import yaml
from ckf import workloads
from ckf.controlplane.commands import HOST

from ..kube.bundles import Cluster, Object, Run, eventually, started
from .container import Pebble, give_account, give_volume, lay_out, name_hosts
from .network import Namespace, Relay

ROOT = pathlib.Path(__file__).parents[2]
MODEL = "platform"
PROMETHEUS = "prometheus"
API = ("10.96.0.1", 443)
API_NAME = "kubernetes.default.svc"
USER = 584792
DENIED = re.compile(
    r"forbidden|unauthorized|permission denied|failed to (watch|list)|no matches for kind"
    r"|unknown (shorthand )?flag|flag provided but not defined|unrecognized arguments",
    re.IGNORECASE,
)


def part(names: set[str]) -> Object:
    """Return what the bundle has of some applications, with Prometheus beside them."""
    whole = yaml.safe_load((ROOT / "bundle.yaml").read_text())
    stack, mlflow = (
        yaml.safe_load((ROOT / f"overlays/{name}.yaml").read_text()) for name in ("cos", "mlflow")
    )
    known = {**stack["applications"], **mlflow["applications"], **whole["applications"]}
    apps = {name: known[name] for name in sorted({*names, PROMETHEUS})}
    for app in apps.values():
        if "/" in app["charm"]:
            app["charm"] = str(ROOT / "charms" / pathlib.Path(app["charm"]).stem)
    pairs = [
        pair
        for pair in (*whole["relations"], *stack["relations"], *mlflow["relations"])
        if {end.partition(":")[0] for end in pair} <= apps.keys()
    ]
    return {"bundle": "kubernetes", "applications": apps, "relations": pairs}


def program(name: str) -> pathlib.Path:
    """Return a built program, or skip the test."""
    found = workloads.find(name)
    if found is None:
        pytest.skip(f"{name} is not built here; get it with: make workloads")
    return found


def network() -> Namespace:
    """Return a new network namespace, or skip the test where this user may make none."""
    try:
        return Namespace.new()
    except (OSError, FileNotFoundError) as error:
        pytest.skip(f"network namespaces need root on Linux and the ip command: {error}")


@dataclass(frozen=True)
class Target:
    """An address of a Service, and where in the network of a pod it leads to."""

    address: tuple[str, int]
    network: Namespace
    port: int


@dataclass(frozen=True)
class Peer:
    """A network in which Services have their addresses.

    Attributes:
        ports: Where the pod itself listens. A port of a Service that is one of them is not there:
            it would be taken before the program can listen on all addresses.
    """

    network: Namespace
    ports: frozenset[int] = frozenset()


@dataclass
class Node:
    """A control plane in a network of its own, a model on it, and the pods that run.

    Attributes:
        cluster: The control plane.
        run: The charms, settled.
        network: Where the control plane listens.
    """

    cluster: Cluster
    run: Run
    network: Namespace
    folder: pathlib.Path
    _relays: list[tuple[Namespace, Namespace, Relay]] = field(
        default_factory=list[tuple[Namespace, Namespace, Relay]]
    )
    _targets: list[Target] = field(default_factory=list[Target])
    _peers: list[Peer] = field(default_factory=list[Peer])

    def path(
        self, what: str, name: str = "", *, group: str = "api/v1", namespace: str = MODEL
    ) -> str:
        """Return where objects of the model, or of another namespace, are."""
        return f"/{group}/namespaces/{namespace}/{what}{name and f'/{name}'}"

    @contextlib.contextmanager
    def untrusted(self, app: str) -> Iterator[None]:
        """Take what only `juju trust` gives from an application's account."""
        self.run.model.trust(app, trust=False)
        try:
            yield
        finally:
            self.run.model.trust(app)

    def configure(self, app: str, options: Mapping[str, Any], *told: str) -> None:
        """Change options; other applications hear of it by a relation."""
        with self.hooks(app, *told):
            self.run.model.configure(app, dict(options))
        assert not self.run.deployment.inactive, self.run.deployment.inactive

    @contextlib.contextmanager
    def hooks(self, *apps: str) -> Iterator[None]:
        """Run what the caller lets happen in the model; hooks have trust, and must not fail."""
        trusted = {app: self.run.model.app(app).trust for app in apps}
        for app in apps:
            self.run.model.trust(app)
        yield
        self.run.model.settle()
        for app, trust in trusted.items():
            self.run.model.trust(app, trust=trust)
        assert not [each for each in self.run.model.trace if each.failed and not each.injected]

    def services(self) -> list[Object]:
        """The Services that have an address."""
        found = self.cluster.items("/api/v1/services")
        return [each for each in found if each["spec"].get("clusterIP", "None") != "None"]

    def hosts(self) -> dict[str, str]:
        """The addresses of Services by each name that a pod of the model can call them."""
        names = {API_NAME: API[0]}
        for service in self.services():
            about, address = service["metadata"], service["spec"]["clusterIP"]
            name = f"{about['name']}.{about['namespace']}"
            names.update(
                {f"{name}{suffix}": address for suffix in ("", ".svc", ".svc.cluster.local")}
            )
            if about["namespace"] == MODEL:
                names[about["name"]] = address
        return names

    def account(self, name: str, namespace: str = MODEL) -> dict[str, str]:
        """What the kubelet mounts of a ServiceAccount."""
        path = self.path("serviceaccounts", f"{name}/token", namespace=namespace)
        token = self.cluster.create(path, {"spec": {}})["status"]["token"]
        authority = self.cluster.plane.ca.read_text()
        return {"token": token, "ca.crt": authority, "namespace": namespace}

    def variables(self) -> dict[str, str]:
        """What Kubernetes puts into every container."""
        return {"KUBERNETES_SERVICE_HOST": API_NAME, "KUBERNETES_SERVICE_PORT": str(API[1])}

    def ports(self, labels: Mapping[str, str], namespace: str = MODEL) -> set[int]:
        """Return the ports of a pod that Services lead to."""
        return {port for _, port in self._selecting(labels, namespace)}

    def join(
        self,
        pod: Namespace,
        labels: Mapping[str, str],
        namespace: str = MODEL,
        ports: Collection[int] = (),
    ) -> None:
        """Let a pod reach the API server and Services, and Services lead to it.

        Args:
            pod: Its network.
            labels: Its labels, by which Services select it.
            namespace: Its namespace.
            ports: Where it listens beside the ports that Services lead to.
        """
        server = int(self.cluster.plane.url.rpartition(":")[2])
        self._relays.append((pod, self.network, Relay(pod, API, self.network, server)))
        targets = [
            Target(address, pod, port) for address, port in self._selecting(labels, namespace)
        ]
        peer = Peer(pod, frozenset([*ports, *(target.port for target in targets)]))
        for target in self._targets:
            self._relay(peer, target)
        for target in targets:
            for other in (Peer(self.network), *self._peers):
                self._relay(other, target)
        self._targets += targets
        self._peers.append(peer)

    def leave(self, pod: Namespace) -> None:
        """Take a pod off the network, and let the next one lead."""
        for here, there, relay in self._relays:
            if pod in (here, there):
                relay.close()
        self._relays = [each for each in self._relays if pod not in each[:2]]
        self._targets = [each for each in self._targets if each.network != pod]
        self._peers = [each for each in self._peers if each.network != pod]
        self.forget_leaders()

    def forget_leaders(self) -> None:
        """Let programs that come lead at once, and not 15 s after those that have gone."""
        leases = self.path("leases", group="apis/coordination.k8s.io/v1")
        self.cluster.http.delete(leases).raise_for_status()

    def _selecting(
        self, labels: Mapping[str, str], namespace: str
    ) -> Iterator[tuple[tuple[str, int], int]]:
        """The addresses of Services that select a pod, and the pod's ports behind them."""
        for service in self.services():
            selector = service["spec"].get("selector") or {"": ""}
            here = service["metadata"]["namespace"] == namespace
            if here and selector.items() <= labels.items():
                for port in service["spec"]["ports"]:
                    target = port.get("targetPort", port["port"])
                    if isinstance(target, int):
                        yield (service["spec"]["clusterIP"], port["port"]), target

    def _relay(self, peer: Peer, target: Target) -> None:
        if target.address[1] not in peer.ports:
            here, there = peer.network, target.network
            self._relays.append((here, there, Relay(here, target.address, there, target.port)))

    def new_root(self) -> pathlib.Path:
        """Return an empty root for a container that its user may enter."""
        found = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        found.chmod(0o755)
        return found

    def close(self) -> None:
        """End what passes connections on."""
        for _, _, relay in self._relays:
            relay.close()

    def jobs(self, app: str) -> list[Object]:
        """Return what an application tells Prometheus of where its metrics are."""
        ends = (f"{app}:metrics-endpoint", f"{PROMETHEUS}:metrics-endpoint")
        return json.loads(self.run.model.relation(*ends).apps[app].content["scrape_jobs"])


def fetch(
    pod: Namespace,
    port: int,
    path: str,
    headers: Mapping[str, str] | None = None,
    posted: Object | None = None,
    *,
    host: str = HOST,
    secure: bool = False,
) -> tuple[int, str]:
    """GET something of a pod, or of a Service that it reaches, or POST it as JSON.

    Args:
        pod: Its network.
        port: Its port.
        path: What is asked for.
        headers: Headers of the request.
        posted: What is posted; by default, nothing is.
        host: The Service's address, if it is not the pod itself.
        secure: TLS is spoken there; whose certificate it is does not matter, as to a kubelet.

    Returns:
        The status and the body of the answer.

    Raises:
        OSError: Nobody listens.
    """
    method, body = ("POST", json.dumps(posted)) if posted else ("GET", None)
    with pod.entered():
        connection = (
            http.client.HTTPSConnection(host, port, timeout=20, context=_any_certificate())
            if secure
            else http.client.HTTPConnection(host, port, timeout=20)
        )
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


def listens(pod: Namespace, port: int) -> bool:
    """Tell whether a port of a pod takes connections."""
    with pod.entered(), contextlib.suppress(OSError):
        socket.create_connection((HOST, port), timeout=20).close()
        return True
    return False


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def denied(log: str) -> list[str]:
    """Return the lines of a log that tell of denied requests, watches and unknown flags."""
    return [line for line in log.splitlines() if DENIED.search(line)]


@dataclass
class Pod:
    """One container of a charm's unit under real Pebble."""

    node: Node
    app: str
    container: str
    pebble: Pebble
    network: Namespace
    _starts: collections.Counter[str] = field(default_factory=collections.Counter[str])
    _skipped: int = 0

    def replan(self) -> None:
        """Do what the charm has done since: files, the plan, and services it has restarted.

        A program that ends at once is no error: Pebble starts it again, and its checks tell.
        """
        found = self._container()
        _copy(found.root, self.root)
        before = self.pebble.client.get_plan().services
        with contextlib.suppress(ops.pebble.ChangeError):
            self.pebble.replan(found.plan())
            after = self.pebble.client.get_plan().services
            started = [name for name, count in found.starts.items() if count > self._starts[name]]
            self._restart([name for name in started if before.get(name) == after[name]])
        if self._starts:
            self.node.forget_leaders()
        self._starts = found.starts.copy()

    def _restart(self, services: list[str]) -> None:
        """Restart services whose plan is as it was: others have been restarted with theirs."""
        if services:
            self.pebble.client.restart_services(services)

    @property
    def root(self) -> pathlib.Path:
        """The directory that is its `/`."""
        return self.pebble.log_file.with_suffix("")

    def _container(self) -> Any:
        return self.node.run.model.app(self.app).units[0].containers[self.container]

    def give_volumes(self) -> None:
        """Mount the unit's storage, empty."""
        place = self._container().root
        for path in filter(pathlib.Path.is_symlink, place.rglob("*")):
            give_volume(self.root, str(path.relative_to(place)))

    def look_up(self) -> None:
        """Let it find Services that have come since it started."""
        name_hosts(self.root, self.node.hosts())

    def report(self) -> tuple[str, str]:
        """Tell the charm what its checks say, as Juju does; return the unit's status."""
        model, unit = self.node.run.model, f"{self.app}/0"
        with self.node.hooks(self.app):
            told = self._container().checks()
            for name, up in self.pebble.checks().items():
                if told[name] != up:
                    change = model.recover_check if up else model.fail_check
                    change(unit, self.container, name)
        status = model.unit(unit).workload_status
        return status.name, status.message

    def http(self, port: int, path: str) -> tuple[int, str]:
        """GET something of the pod."""
        return fetch(self.network, port, path)

    def listens(self, port: int) -> bool:
        """Tell whether a port takes connections."""
        return listens(self.network, port)

    def ports(self) -> set[int]:
        """Return the ports that Services lead to."""
        return self.node.ports({"app.kubernetes.io/name": self.app})

    def silent(self) -> set[int]:
        """Return the ports that Services lead to and that take no connections."""
        return {port for port in self.ports() if not self.listens(port)}

    def healthy(self) -> bool:
        """Tell whether each check passes."""
        return self.pebble.healthy()

    def unhealthy(self) -> bool:
        """Tell whether each check fails."""
        return self.pebble.unhealthy()

    def log(self) -> str:
        """Return what Pebble and the programs have printed, but for what has been skipped."""
        return self.pebble.log()[self._skipped :]

    def skip_log(self) -> None:
        """Leave out what has been printed until now: a neighbour was late."""
        self._skipped = len(self.pebble.log())

    def starts(self) -> int:
        """Return how often Pebble has started a service."""
        return len(re.findall(r'\[pebble\] Service "[^"]+" starting: ', self.log()))

    def end(self) -> None:
        """Stop the programs, for good."""
        self.pebble.client.stop_services(list(self.pebble.client.get_plan().services))

    def wait(self, ask: Any) -> None:
        """Wait for an answer; what the programs have said is shown where none comes.

        What does not listen yet, or is too slow for now, has not answered.
        """

        def asked() -> Any:
            with contextlib.suppress(OSError):
                return ask()

        try:
            eventually(asked)
        except AssertionError:
            print(self.pebble.log())
            raise


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
    """Put files that a charm has pushed into a container, with their modes, as Pebble's user.

    Storage is a link in the simulator, and a volume of its own here.
    """
    shutil.copytree(
        source, target, symlinks=True, dirs_exist_ok=True, ignore=_links, copy_function=_push
    )
    for path in source.rglob("*"):
        if not path.is_symlink():
            shutil.chown(target / path.relative_to(source), USER, USER)


def _links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if pathlib.Path(folder, name).is_symlink()]


def _push(source: str, target: str) -> None:
    """Replace a file as Pebble does: a program that watches it sees the old one or the new one."""
    if pathlib.Path(target).exists() and filecmp.cmp(source, target, shallow=False):
        shutil.copystat(source, target)
        return
    made = shutil.copy2(source, f"{target}.new")
    shutil.chown(made, USER, USER)
    pathlib.Path(made).replace(target)


@contextlib.contextmanager
def running(
    node: Node,
    app: str,
    container: str,
    programs: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    pod: Namespace | None = None,
    mounts: Sequence[pathlib.Path] = (),
    ports: Collection[int] = (),
) -> Iterator[Pod]:
    """Start a container of an application's unit with its plan.

    Args:
        node: Where.
        app: The application.
        container: The container.
        programs: By their path in the image, names of built programs and of folders of theirs.
        files: By their path, further files in the place of the image's; scripts can be run.
        variables: What the image sets.
        pod: The network of the unit's other container; by default a new one.
        mounts: Folders of the machine that it may read at the same place.
        ports: Where the unit listens beside the ports that Services lead to.
    """
    built = {path: program(name) for path, name in programs.items()}
    root = node.new_root()
    lay_out(root, {"/charm/bin/pebble": program("pebble"), **built}, node.hosts())
    for path, content in (files or {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o755 if content.startswith("#!") else 0o644)
    give_account(root, node.account(app))
    with contextlib.ExitStack() as stack:
        if pod is None:
            pod = network()
            node.join(pod, {"app.kubernetes.io/name": app}, ports=ports)
            stack.callback(node.leave, pod)
        pebble = Pebble(root, pod, USER, {**node.variables(), **(variables or {})}, mounts)
        stack.callback(pebble.stop)
        found = Pod(node, app, container, pebble, pod)
        found.give_volumes()
        found.wait(lambda: pebble.ended or pebble.answers())
        found.replan()
        yield found


@contextlib.contextmanager
def deployed(
    request: pytest.FixtureRequest, *apps: str, config: Mapping[str, Object] | None = None
) -> Iterator[Node]:
    """Deploy applications of the bundle on a control plane in a network of its own.

    Args:
        request: The test's.
        apps: The applications.
        config: Options by application, on top of the bundle's.
    """
    there = network()
    with there.entered(), started(request) as cluster, tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        place.chmod(0o755)
        path = place / "bundle.yaml"
        path.write_text(json.dumps(part(set(apps))))
        with cluster.deployed(bundle=path, model=MODEL, config=config or {}) as run:
            run.assert_well()
            node = Node(cluster, run, there, place)
            with contextlib.closing(node):
                yield node
