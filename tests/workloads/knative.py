# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative as the charm knative-operator's programs install it, and the pods of its Deployments."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from jujusim.charm import CharmDir
from lightkube import Client

from ..kube import nodes
from ..kube.bundles import eventually
from . import cluster, deployment, kubelet
from .cluster import ROOT, Node, Object, Pod
from .deployment import DeployedPod

APP, WEBHOOK = "knative-operator", "knative-operator-webhook"
SERVING, EVENTING = "knative-serving", "knative-eventing"
VERSIONS = {SERVING: "1.15.2", EVENTING: "1.15.0"}
IMAGE = {"KO_DATA_PATH": "/var/run/ko"}
OPTIONS = {"istio-pilot": {"authentication": "while-related"}}
PROBES = 8080
"""Where controllers and webhooks of Knative answer probes, whether their pods name it or not."""


@dataclass
class Pods:
    """Both containers of the operator's unit, in one network."""

    operator: Pod
    webhook: Pod

    def log(self) -> str:
        """Return what both have said."""
        return self.operator.pebble.log() + self.webhook.pebble.log()

    def healthy(self) -> bool:
        """Tell whether all checks pass."""
        return self.operator.pebble.healthy() and self.webhook.pebble.healthy()

    def metrics(self) -> tuple[int, str]:
        """Return the worse status of both, and what both expose."""
        answers = [self.operator.http(port, "/metrics") for port in (9090, 9091)]
        return max(status for status, _ in answers), "\n".join(text for _, text in answers)


@contextlib.contextmanager
def asked(
    request: pytest.FixtureRequest,
    components: Mapping[str, Object],
    *programs: str,
    neighbours: Mapping[str, Object] | None = None,
) -> Iterator[Node]:
    """Deploy charms that ask for components of Knative before anything runs.

    Args:
        request: The test's.
        components: Further options of each charm, by its name.
        programs: What has to be built beside the operator.
        neighbours: The options of further charms of the bundle, by their names.
    """
    config = {**OPTIONS, **(neighbours or {})}
    for name in (APP, "knative-webhook", *programs):
        cluster.program(name)
    with (
        cluster.deployed(request, APP, *config, config=config) as node,
        node.untrusted(APP),
    ):
        node.run.server.knative_operator = False
        for name, options in components.items():
            charm = CharmDir.load(ROOT / "charms" / name)
            config = {"version": VERSIONS[name], **options}
            node.run.model.deploy(charm, config=config, trust=True)
        node.run.model.settle()
        yield node


def add_worker(node: Node) -> None:
    """Add a node on which all pods have room: Services lead only to pods that have one."""
    with Client(node.cluster.plane.lightkube_config(), field_manager="test") as client:
        nodes.add(client, "worker", room={"cpu": "64", "memory": "256Gi"})


@contextlib.contextmanager
def operating(node: Node) -> Iterator[Pods]:
    """Run both containers of the operator's unit."""
    programs = {"/ko-app/operator": APP, "/var/run/ko": "knative-manifests"}
    with (
        cluster.running(node, APP, APP, programs, variables=IMAGE, ports={PROBES}) as operator,
        cluster.running(
            node,
            APP,
            WEBHOOK,
            {"/ko-app/webhook": "knative-webhook"},
            variables=IMAGE,
            pod=operator.network,
        ) as webhook,
    ):
        yield Pods(operator, webhook)


@contextlib.contextmanager
def running(
    node: Node, pods: Pods, namespace: str, programs: Mapping[str, str]
) -> Iterator[dict[str, DeployedPod]]:
    """Run pods of a component once the operator has made all that it is.

    Args:
        node: Where.
        pods: The operator.
        namespace: The component.
        programs: By Deployment, the program.
    """
    pods.operator.wait(lambda: conditions(node, namespace).get("InstallSucceeded") == "True")
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(
                deployment.running(node, name, {"/ko-app/program": of}, namespace, _ports(name))
            )
            for name, of in programs.items()
        }


@contextlib.contextmanager
def component(
    node: Node, namespace: str, programs: Mapping[str, str]
) -> Iterator[dict[str, DeployedPod]]:
    """Run the operator, and pods of a component as `running` does."""
    with operating(node) as pods, running(node, pods, namespace, programs) as made:
        yield made


def _ports(name: str) -> set[int]:
    """Return where a program listens whatever its pod says; the activator is no controller."""
    return set() if name == "activator" else {PROBES}


def status(node: Node, app: str) -> tuple[str, str]:
    """Let a charm look again; return its unit's status."""
    node.run.model.update_status()
    node.run.model.settle()
    found = node.run.model.unit(f"{app}/0").workload_status
    return found.name, found.message


def items(node: Node, namespace: str, what: str, group: str = "apis/apps/v1") -> list[Object]:
    return node.cluster.items(node.path(what, group=group, namespace=namespace))


def run_pods(node: Node, namespace: str) -> None:
    """Say that the pods of Deployments run, and that those of Jobs have ended well."""
    waiting = "pods?fieldSelector=status.phase=Pending"
    for pod in items(node, namespace, waiting, "api/v1"):
        owners = {owner["kind"] for owner in pod["metadata"].get("ownerReferences", ())}
        if "Job" in owners:
            kubelet.report_success(node.cluster, pod)
        else:
            kubelet.report_ready(node.cluster, pod)


def settle(node: Node, waiting: Pod | DeployedPod, app: str) -> None:
    """Say that all pods run, until the operator and then the charm say that all is well."""

    def ready() -> bool:
        run_pods(node, app)
        return conditions(node, app).get("Ready") == "True" and status(node, app)[0] == "active"

    waiting.wait(ready)


def resource(node: Node, app: str) -> Object:
    """Return the resource by which a charm asks the operator for a component."""
    path = f"/apis/operator.knative.dev/v1beta1/{app.replace('-', '')}s"
    # Not while the webhook changes their definition.
    eventually(lambda: node.cluster.http.get(path).is_success)
    (found,) = node.cluster.items(path)
    return found


def images(node: Node, app: str) -> dict[str, str]:
    """Return the images that a charm asks for, by the operator's names."""
    return resource(node, app)["spec"]["registry"]["override"]


def conditions(node: Node, app: str) -> Object:
    """Return the statuses of what the operator says about a component."""
    time.sleep(0.5)  # it works on it for many seconds, and is not to be disturbed
    return said(resource(node, app))


def said(obj: Object) -> dict[str, str]:
    """Return the statuses of an object's conditions by type."""
    told = obj.get("status", {}).get("conditions", ())
    return {each["type"]: each["status"] for each in told}
