# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An experiment from its creation to its result, by Katib's own programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .. import cluster, database, kubelet
from ..cluster import USER, Node, Object, Pod
from ..container import Program, lay_out
from ..database import Database
from . import experiment, measurements
from .experiment import Profile

APP, MANAGER, DATABASE = "katib-controller", "katib-db-manager", "katib-db"
SUGGESTION = "suggestion-goptuna"
MANAGER_IMAGE = {"/app/katib-db-manager": MANAGER, "/bin/grpc_health_probe": "grpc-health-probe"}


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
    server.start()
    server.admit(*database.credentials(node, DATABASE), "katib")
    with (
        node.untrusted(MANAGER),
        cluster.running(node, MANAGER, MANAGER, MANAGER_IMAGE) as manager,
    ):
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
    assert (host in node.hosts(), port) == (True, str(measurements.PORT))


def test_it_ends_with_what_the_trial_has_measured(node: Node, pod: Pod, manager: Pod) -> None:
    """The collector's report lies in the database, from where the controller takes it."""
    trial = trial_of(node)["metadata"]["name"]
    measured = pod_of(node, pod, f"batch.kubernetes.io/job-name={trial}")
    measurements.report(manager, trial, "loss", "0.25")
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
