# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An experiment from its creation to its result, by Katib's own programs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from .. import cluster, database, kubelet
from ..cluster import USER, Node, Object, Pod
from ..container import Program, lay_out
from ..database import Database
from . import experiment
from .experiment import Profile

APP, MANAGER, DATABASE = "katib-controller", "katib-db-manager", "katib-db"
SUGGESTION = "suggestion-goptuna"
MANAGER_IMAGE = {"/app/katib-db-manager": MANAGER, "/bin/grpc_health_probe": "grpc-health-probe"}
PORT = 6789


PROFILE = Profile("tuned")


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    """The controller, with an experiment."""
    cluster.program(SUGGESTION)
    PROFILE.create(node)
    programs = {"/katib-controller": APP}
    with node.untrusted(APP), cluster.running(node, APP, APP, programs) as pod:
        one = PROFILE.experiment("one")
        pod.wait(
            lambda: node.cluster.http.post(f"{PROFILE.katib}/experiments", json=one).is_success
        )
        pod.wait(lambda: node.cluster.http.get(PROFILE.deployment).is_success)
        yield pod


@pytest.fixture(scope="module")
def suggestion(node: Node, pod: Pod) -> Iterator[Program]:
    """The program that suggests, in the place of the Deployment's pod."""
    labels = node.cluster.get(PROFILE.deployment)["spec"]["template"]["metadata"]["labels"]
    root, network = node.new_root(), cluster.network()
    lay_out(root, {"/suggestion": cluster.program(SUGGESTION)}, {})
    node.join(network, labels, PROFILE.name)
    pod.look_up()
    program = Program(root, network, USER, {}, ["/suggestion"])
    try:
        yield program
    finally:
        program.stop()


@pytest.fixture(scope="module")
def manager(node: Node, pod: Pod, server: Database) -> Iterator[Pod]:
    """The database manager, which comes when there is something to be reported."""
    with (
        node.untrusted(MANAGER),
        cluster.running(node, MANAGER, MANAGER, MANAGER_IMAGE) as manager,
    ):
        server.start()
        server.admit(*database.credentials(node, DATABASE), "katib")
        manager.wait(manager.healthy)
        yield manager


def pod_of(node: Node, pod: Pod, selector: str) -> Object:
    """Return the only pod that a controller makes for something."""
    path = f"{PROFILE.pods}?labelSelector={selector}"
    pod.wait(lambda: node.cluster.items(path))
    (found,) = node.cluster.items(path)
    return found


def trial_of(node: Node) -> Object:
    (found,) = node.cluster.items(f"{PROFILE.katib}/trials")
    return found


def test_it_gets_a_trial_with_a_value(node: Node, pod: Pod, suggestion: Program) -> None:
    """The controller asks the suggestion by its Service, once its pod is ready."""
    asked = pod_of(node, pod, "katib.kubeflow.org/deployment=one-sobol")
    kubelet.report_ready(node.cluster, asked)
    pod.wait(lambda: node.cluster.items(f"{PROFILE.katib}/trials"))
    assert "Success to sample new trial" in suggestion.log()
    (assigned,) = trial_of(node)["spec"]["parameterAssignments"]
    assert assigned["name"] == "lr"
    assert 0.1 <= float(assigned["value"]) <= 1


def test_the_pod_of_the_trial_has_the_value_and_a_collector(node: Node, pod: Pod) -> None:
    """The Job is made by Kubernetes, and its pod passes the webhook of the program."""
    trial = trial_of(node)
    name, (assigned,) = trial["metadata"]["name"], trial["spec"]["parameterAssignments"]
    main, collector = pod_of(node, pod, f"batch.kubernetes.io/job-name={name}")["spec"][
        "containers"
    ]
    assert f"train {assigned['value']}" in " ".join(main["args"])
    assert collector["image"] in experiment.settings(node)
    host, port = collector["args"][collector["args"].index("-s-db") + 1].split(":")
    assert (host in node.hosts(), port) == (True, str(PORT))


def test_it_ends_with_what_the_trial_has_measured(node: Node, pod: Pod, manager: Pod) -> None:
    """The collector's report lies in the database, from where the controller takes it."""
    trial = trial_of(node)["metadata"]["name"]
    measured = pod_of(node, pod, f"batch.kubernetes.io/job-name={trial}")
    report(manager, trial, "loss", "0.25")
    kubelet.report_success(node.cluster, measured)
    pod.wait(lambda: "Succeeded" in conditions(node))
    best = node.cluster.get(f"{PROFILE.katib}/experiments/one")["status"]["currentOptimalTrial"]
    assert best["bestTrialName"] == trial
    (metric,) = best["observation"]["metrics"]
    assert metric == {"name": "loss", "latest": "0.25", "min": "0.25", "max": "0.25"}


def conditions(node: Node) -> set[str]:
    """Return what is true of the experiment."""
    found = node.cluster.get(f"{PROFILE.katib}/experiments/one")["status"]["conditions"]
    return {each["type"] for each in found if each["status"] == "True"}


def report(manager: Pod, trial: str, name: str, value: str) -> None:
    """Report a measurement by gRPC, as the collector in a trial's pod does."""
    metric = text(1, name) + text(2, value)
    log = text(1, "2026-01-01T00:00:00Z") + nested(2, metric)
    call(manager, "ReportObservationLog", text(1, trial) + nested(2, nested(1, log)))


def call(manager: Pod, method: str, message: bytes) -> None:
    url = f"http://127.0.0.1:{PORT}/api.v1.beta1.DBManager/{method}"
    headers = {"content-type": "application/grpc"}
    body = b"\0" + len(message).to_bytes(4, "big") + message
    with manager.network.entered(), httpx2.Client(http1=False, http2=True) as client:
        answer = client.post(url, content=body, headers=headers).raise_for_status()
    # An error comes as headers alone.
    assert answer.headers.get("grpc-status", "0") == "0", answer.headers["grpc-message"]


def text(number: int, value: str) -> bytes:
    """Encode a field of a Protocol Buffers message."""
    return nested(number, value.encode())


def nested(number: int, value: bytes) -> bytes:
    assert len(value) < 128, "longer ones have a length of several bytes"
    return bytes([number << 3 | 2, len(value)]) + value
