# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which experiments, suggestions and trials are admitted: all that Katib's programs can decode."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm
from kubefake import Cluster, Request, Response

CHARM = Charm.at(pathlib.Path(__file__).parents[2])

JOB = {"apiVersion": "batch/v1", "kind": "Job", "spec": {"anything": [1, "two"]}}
EXPERIMENT: dict[str, Any] = {
    "objective": {
        "type": "maximize",
        "goal": 0.99,
        "objectiveMetricName": "accuracy",
        "metricStrategies": [{"name": "accuracy", "value": "max"}],
    },
    "algorithm": {
        "algorithmName": "tpe",
        "algorithmSettings": [{"name": "random_state", "value": "10"}],
    },
    "parallelTrialCount": 3,
    "parameters": [
        {
            "name": "lr",
            "parameterType": "double",
            "feasibleSpace": {"min": "0.01", "max": "0.03", "distribution": "uniform"},
        }
    ],
    "metricsCollectorSpec": {
        "source": {"httpGet": {"path": "/metrics", "port": 8080}},
        "collector": {"kind": "Custom", "customCollector": {"name": "own", "image": "own:1"}},
    },
    "trialTemplate": {
        "primaryContainerName": "training",
        "primaryPodLabels": {"role": "master"},
        "trialParameters": [{"name": "lr", "reference": "lr"}],
        "trialSpec": JOB,
    },
    "nasConfig": {"graphConfig": {"numLayers": 8, "inputSizes": [32, 32, 3]}},
    "resumePolicy": "Never",
}


@functools.cache
def defined() -> Cluster:
    """The definitions in a cluster that calls no webhooks."""
    cluster = CHARM.run(CHARM.state(), "config_changed", cluster=CHARM.defined).cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(kind: str, spec: Any, **more: Any) -> Response:
    path = f"/apis/kubeflow.org/v1beta1/namespaces/ann/{kind.lower()}s"
    body = {"apiVersion": "kubeflow.org/v1beta1", "kind": kind, "metadata": {"name": "one"}}
    body |= {"spec": spec, **more}
    request = Request("POST", path, {"fieldValidation": "Strict"}, body=body)
    return defined().copy().request(request)


def changed(spec: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    first, _, rest = place.partition(".")
    return {**spec, first: changed(spec.get(first) or {}, rest, value) if rest else value}


def test_an_experiment_with_everything_is_kept_as_it_is():
    answer = create("Experiment", EXPERIMENT)
    assert answer.status == 201, answer.body
    assert answer.json()["spec"] == EXPERIMENT


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Experiment", {}),
        ("Suggestion", {"requests": 2, "algorithm": {"algorithmName": "tpe"}}),
        ("Trial", {"runSpec": JOB, "labels": {"a": "b"}, "parameterAssignments": []}),
    ],
)
def test_objects_with_little_are_admitted(kind: str, spec: dict[str, Any]):
    assert create(kind, spec).status == 201


@pytest.mark.parametrize(
    "place", ["ofALaterVersion", "objective.ofALaterVersion", "trialTemplate.trialSpec.metadata"]
)
def test_fields_that_are_not_known_are_kept(place: str):
    spec = changed(EXPERIMENT, place, {"a": 1})
    answer = create("Experiment", spec)
    assert answer.status == 201, answer.body
    assert answer.json()["spec"] == spec


@pytest.mark.parametrize("place", ["parameters", "objective", "objective.goal", "nasConfig"])
def test_null_stands_for_nothing(place: str):
    assert create("Experiment", changed(EXPERIMENT, place, None)).status == 201


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("objective.goal", "0.99"),
        ("objective.additionalMetricNames", "loss"),
        ("algorithm.algorithmSettings", [{"name": "seed", "value": 10}]),
        ("parallelTrialCount", "3"),
        ("maxTrialCount", 2**31),
        ("parameters", [{"feasibleSpace": {"min": 0.01}}]),
        ("trialTemplate.primaryPodLabels", {"master": True}),
        ("trialTemplate.trialSpec", {"apiVersion": "batch/v1"}),
        ("trialTemplate.retain", "yes"),
        ("metricsCollectorSpec.collector.customCollector", {"name": "own", "image": 1}),
        ("nasConfig.graphConfig.inputSizes", ["32"]),
    ],
)
def test_what_the_program_could_not_decode_is_refused(place: str, value: Any):
    """One such object would keep the controller from listing any."""
    answer = create("Experiment", changed(EXPERIMENT, place, value))
    assert answer.status == 422, answer.body
    fields = [cause["field"] for cause in answer.json()["details"]["causes"]]
    assert all(field.startswith(f"spec.{place}") for field in fields), fields


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("Trial", {"runSpec": {"spec": {}}}, "spec.runSpec.kind"),
        ("Trial", {"metricsCollector": "StdOut"}, "spec.metricsCollector"),
        ("Suggestion", {"requests": "two"}, "spec.requests"),
    ],
)
def test_what_has_no_webhook_is_checked_too(kind: str, spec: dict[str, Any], field: str):
    answer = create(kind, spec)
    assert answer.status == 422, answer.body
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [field]
