# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's controller: its two configurations, its webhooks, where measurements go, its rights."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "katib-controller"
CONFIG = "/katib-config/katib-config.yaml"
DIGEST = "sha256:" + "0" * 64


def run(before: Result | None = None, **config: Any) -> Result:
    options = {name: value for name, value in config.items() if name == "custom_images"}
    options |= {
        name.replace("_", "-"): value for name, value in config.items() if name not in options
    }
    if before is None:
        return CHARM.run(CHARM.state(config=options), "config_changed", cluster=CHARM.defined)
    state = dataclasses.replace(before.state, config=options)
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def related(name: str, port: str = "6789", model: str = "kubeflow") -> dict[str, str]:
    state = CHARM.state(bags={"k8s-service-info": {"name": name, "port": port}}, model=model)
    return service(CHARM.run(state, "config_changed", cluster=CHARM.cluster(model)))["environment"]


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def init(result: Result) -> dict[str, Any]:
    """The configuration that the controller reads at its start."""
    return yaml.safe_load(result.files(NAME)[CONFIG])


def configured(result: Result) -> dict[str, Any]:
    """The configuration that the controller reads at each use."""
    data = result.seen["objects"]["ConfigMap/kubeflow/katib-config"]["data"]
    return yaml.safe_load(data["katib-config.yaml"])


def templates(result: Result) -> dict[str, str]:
    return result.seen["objects"]["ConfigMap/kubeflow/trial-template"]["data"]


def suggestion(result: Result, name: str) -> dict[str, Any]:
    listed = configured(result)["runtime"]["suggestions"]
    return next(each for each in listed if each["algorithmName"] == name)


def webhooks(result: Result) -> dict[str, dict[str, Any]]:
    kinds = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    objects = [result.seen["objects"][f"{kind}//katib.kubeflow.org"] for kind in kinds]
    return {each["name"]: each for found in objects for each in found["webhooks"]}


# --- one model of two configurations ---


def test_file_and_config_map_start_the_controller_alike():
    result = run(metrics_port=9090)
    assert init(result)["init"] == configured(result)["init"]
    assert init(result)["kind"] == configured(result)["kind"] == "KatibConfig"


def test_units_elect_the_controllers_that_work():
    controller = init(run())["init"]["controller"]
    assert controller["enableLeaderElection"] is True
    rules = run().seen["objects"][f"Role/kubeflow/{NAME}-leader-election"]["rules"]
    named = [rule["resourceNames"] for rule in rules if "update" in rule["verbs"]]
    assert named == [[controller["leaderElectionID"]]]


@pytest.mark.parametrize(
    "config",
    [
        {"custom_images": "suggestion__tpe: tpe:2"},
        {"suggestion_resources": "{tpe: {limits: {memory: 2Gi}}}"},
        {"metrics_collector_resources": "{StdOut: {limits: {memory: 2Gi}}}"},
        {"trial_templates": "{mine: {apiVersion: batch/v1, kind: Job}}"},
        {"pod_webhook_failure_policy": "Fail"},
    ],
    ids=lambda config: next(iter(config)),
)
def test_what_is_read_at_each_use_restarts_nothing(config: dict[str, str]):
    before = run()
    after = run(before, **config)
    assert after.seen["plans"] == before.seen["plans"]
    assert after.seen["objects"] != before.seen["objects"]


def test_what_is_read_at_the_start_restarts_the_controller():
    before = run()
    after = run(before, metrics_port=9090)
    assert service(after)["environment"] != service(before)["environment"]
    assert init(after)["init"]["controller"]["metricsAddr"] == ":9090"


def test_health_is_asked_where_the_controller_answers():
    result = run()
    address = init(result)["init"]["controller"]["healthzAddr"]
    (check,) = result.seen["plans"][NAME]["checks"].values()
    assert check["http"]["url"] == f"http://localhost{address}/readyz"


# --- images ---


@pytest.mark.parametrize(
    "image", ["registry.example.com:5000/tpe", f"tpe@{DIGEST}", f"registry:5000/a/tpe:1@{DIGEST}"]
)
def test_any_reference_is_an_image(image: str):
    result = run(custom_images=json.dumps({"suggestion__tpe": image}))
    assert suggestion(result, "tpe")["image"] == image


@pytest.mark.parametrize("text", ["", "{}", "suggestion__tpe: ''", "suggestion__tpe:"])
def test_nothing_stands_for_the_image_of_the_charm(text: str):
    assert configured(run(custom_images=text)) == configured(run())


def test_every_name_in_the_default_reaches_a_pod():
    names = yaml.safe_load(CHARM.directory.options["custom_images"]["default"])
    result = run(custom_images=json.dumps({name: f"own/{name}:1" for name in names}))
    seen = json.dumps(configured(result)) + json.dumps(templates(result))
    assert [name for name in names if f"own/{name}:1" not in seen] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("suggestion__none: none:1", "got: unknown: suggestion__none"),
        ("suggestion__tpe: Not An Image", "got: suggestion__tpe is not a container image"),
        ("suggestion__tpe: 1", "got: suggestion__tpe is not a container image"),
        ("[tpe]", "got: not a mapping"),
    ],
)
def test_an_unknown_image_is_refused_by_its_name(text: str, reason: str):
    status, message = run(custom_images=text).status
    assert status == "blocked"
    assert message.startswith("option custom_images accepts a YAML mapping of")
    assert message.endswith(f"({reason})")


# --- resources ---


def test_resources_by_name_and_by_default():
    result = run(
        suggestion_resources="{default: {limits: {memory: 1Gi}}, tpe: {requests: {cpu: 100m}}}"
    )
    assert suggestion(result, "tpe")["resources"] == {"requests": {"cpu": "100m"}}
    assert suggestion(result, "random")["resources"] == {"limits": {"memory": "1Gi"}}
    (stopping,) = configured(result)["runtime"]["earlyStoppings"]
    assert stopping["resources"] == {"limits": {"memory": "1Gi"}}


def test_what_needs_more_than_the_default_keeps_it():
    default = run(suggestion_resources="{default: {limits: {memory: 200Mi}}}")
    assert suggestion(default, "enas")["resources"] == {"limits": {"memory": "400Mi"}}
    own = run(suggestion_resources="{enas: {limits: {memory: 4Gi}}}")
    assert suggestion(own, "enas")["resources"] == {"limits": {"memory": "4Gi"}}


def test_a_limit_can_be_lifted():
    result = run(suggestion_resources="{tpe: {requests: {memory: 8Gi}, limits: {memory: -1}}}")
    assert suggestion(result, "tpe")["resources"] == {
        "requests": {"memory": "8Gi"},
        "limits": {"memory": "-1"},
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{annealing: {}}", "annealing is not default, random, tpe"),
        ("{tpe: {limit: {}}}", "tpe: limit is neither requests nor limits"),
        ("{tpe: {limits: {memory: much}}}", "tpe: limits.memory: much is no quantity"),
        # No pod would start: Katib's own limit is 100Mi.
        ("{tpe: {requests: {memory: 1Gi}}}", "tpe: requests.memory is above limits.memory"),
        ("tpe", "it is not a mapping"),
    ],
)
def test_resources_that_no_pod_can_have_are_refused(text: str, reason: str):
    status, message = run(suggestion_resources=text).status
    assert status == "blocked"
    assert reason in message


# --- templates of trials ---


def test_templates_that_come_with_the_charm():
    parsed = {name: yaml.safe_load(text)["kind"] for name, text in templates(run()).items()}
    assert parsed == {
        "defaultTrialTemplate.yaml": "Job",
        "enasCPUTemplate": "Job",
        "pytorchJobTemplate": "PyTorchJob",
    }


def test_the_page_finds_the_templates():
    metadata = run().seen["objects"]["ConfigMap/kubeflow/trial-template"]["metadata"]
    assert metadata["labels"]["katib.kubeflow.org/component"] == "trial-templates"


def test_json_parameters_fit_into_a_template():
    """They are put in as text before the template is parsed."""
    text = templates(run())["enasCPUTemplate"]
    filled = text.replace("${trialParameters.neuralNetworkConfig}", "{'num_layers': 8}")
    command = yaml.safe_load(filled)["spec"]["template"]["spec"]["containers"][0]["command"]
    assert command[-1] == "--nn_config=\"{'num_layers': 8}\""


def test_own_templates_stand_beside_the_charms():
    text = "apiVersion: batch/v1\nkind: Job\nspec:\n  value: ${trialParameters.x}\n"
    result = run(trial_templates=yaml.safe_dump({"mine": text, "enasCPUTemplate": text}))
    assert templates(result)["mine"] == templates(result)["enasCPUTemplate"] == text
    assert len(templates(result)) == 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{a/b: {apiVersion: v1, kind: Job}}", "a/b is not letters"),
        ("{one: {kind: Job}}", "one is not a manifest with apiVersion and kind"),
        ("{one: two}", "one is not a manifest with apiVersion and kind"),
    ],
)
def test_templates_that_are_none_are_refused(text: str, reason: str):
    status, message = run(trial_templates=text).status
    assert status == "blocked"
    assert reason in message


# --- webhooks ---


def test_pods_of_trials_are_known_by_a_label_that_others_lack():
    """A webhook that saw notebooks or steps of pipelines could keep them from starting."""
    pods = {
        name: webhook
        for name, webhook in webhooks(run()).items()
        if webhook["rules"][0]["resources"] == ["pods"]
    }
    selected = {
        webhook["objectSelector"]["matchExpressions"][0]["key"] for webhook in pods.values()
    }
    assert selected == {"batch.kubernetes.io/job-name", "training.kubeflow.org/job-name"}
    for webhook in pods.values():
        assert webhook["objectSelector"]["matchExpressions"][0]["operator"] == "Exists"
        assert webhook["failurePolicy"] == "Ignore"
        assert webhook["timeoutSeconds"] <= 5
        assert webhook["namespaceSelector"]["matchLabels"] == {
            "katib.kubeflow.org/metrics-collector-injection": "enabled"
        }


def test_pods_of_trials_can_wait_for_katib():
    policies = {
        name: webhook["failurePolicy"]
        for name, webhook in webhooks(run(pod_webhook_failure_policy="Fail")).items()
    }
    assert set(policies.values()) == {"Fail"}


def test_experiments_are_always_checked():
    for webhook in webhooks(run()).values():
        if webhook["rules"][0]["resources"] == ["experiments"]:
            assert webhook["failurePolicy"] == "Fail"


def test_webhooks_are_called_at_the_services_port():
    result = run(webhook_port=8445)
    ports = result.seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    targets = {port["port"]: port["targetPort"] for port in ports}
    listener = init(result)["init"]["controller"]["webhookPort"]
    for webhook in webhooks(result).values():
        called = webhook["clientConfig"]["service"]
        assert (called["name"], targets[called["port"]]) == (NAME, listener)


@pytest.mark.parametrize("port", [8443, 18080, 8445])
def test_two_listeners_have_two_ports(port: int):
    status, message = run(metrics_port=port, webhook_port=8445).status
    assert status == "blocked"
    assert message == "option metrics-port accepts a port other than 8443, 18080, 8445"


# --- where measurements go ---


@pytest.mark.parametrize(
    ("name", "model", "host", "namespace"),
    [
        ("katib-db-manager", "kubeflow", "katib-db-manager", "kubeflow"),
        ("measurements", "ml", "measurements", "ml"),
        ("measurements.other.svc", "ml", "measurements", "other.svc"),
    ],
)
def test_collectors_report_to_the_related_service(
    name: str, model: str, host: str, namespace: str
):
    environment = related(name, "6790", model)
    assert environment["KATIB_CORE_NAMESPACE"] == model
    assert environment["KATIB_DB_MANAGER_SERVICE_IP"] == host
    assert environment["KATIB_DB_MANAGER_SERVICE_NAMESPACE"] == namespace
    assert environment["KATIB_DB_MANAGER_SERVICE_PORT"] == "6790"


# --- kinds of trials ---


def test_a_kind_of_trial_that_comes_later_restarts_the_controller():
    """It looks for definitions at its start alone, and would not follow such trials."""
    before = run()
    assert service(before)["environment"]["TRIAL_KINDS"] == ""
    training = Charm.at(CHARM.directory.root.with_name("training-operator"))
    cluster = training.run(training.state(), "config_changed", cluster=before.cluster).cluster
    after = CHARM.run(before.state, "update_status", cluster=cluster)
    kinds = service(after)["environment"]["TRIAL_KINDS"]
    assert kinds == "TFJob,PyTorchJob,MPIJob,XGBoostJob"
    assert service(after)["command"] == service(before)["command"]


# --- rights ---


def test_the_controller_reads_no_secrets_and_changes_no_webhooks():
    rules = run().seen["objects"][f"ClusterRole//{NAME}"]["rules"]
    resources = {resource for rule in rules for resource in rule["resources"]}
    assert not resources & {"secrets", "mutatingwebhookconfigurations", "pods"}
