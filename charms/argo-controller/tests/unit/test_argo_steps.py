# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What every step of a workflow gets."""

from __future__ import annotations

import json
import re
from typing import Any

import argo_steps
import pytest

NVIDIA = argo_steps.Placement(
    ("nvidia.com/gpu", "nvidia.com/mig-1g.5gb"),
    {
        "nodeSelector": {"gpu": "yes"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {"deep": {"deeper": {}}}},
        "runtimeClassName": "nvidia",
    },
    {"memory": "1Gi"},
)
AMD = argo_steps.Placement(("amd.com/gpu",), {"runtimeClassName": "amd"})


def asks(resource: str) -> str:
    """The input of a step that asks for a resource, as the driver of pipelines writes it."""
    container = {"name": "main", "resources": {"limits": {resource: "1"}}}
    return json.dumps({"containers": [container]}, separators=(",", ":"))


def patch(defaults: argo_steps.Defaults, inputs: dict[str, str]) -> dict[str, Any]:
    """What Argo makes of the template for a step with these inputs.

    Its expressions have one form; the form itself was tried with argo-workflows v3.7.3.
    """
    template = defaults.pod_spec_patch()
    found = re.fullmatch(r"\{\{=let asked = .*? : \"\"; (.*)\}\}", template)
    assert found, template
    assert "}}" not in found[1]
    asked = inputs.get(argo_steps.INPUT, "")
    rest = found[1]
    while True:
        condition, _, tail = rest.partition(" ? ")
        if not tail:
            return json.loads(json.loads(rest))
        literal, end = json.JSONDecoder().raw_decode(tail)
        if _holds(condition, asked):
            return json.loads(literal)
        rest = tail[end + len(" : ") :]


def _holds(condition: str, asked: str) -> bool:
    if condition == 'asked == ""':
        return asked == ""
    names = re.findall(r"asked contains (\"(?:[^\"\\]|\\.)*\")", condition)
    assert names
    return any(json.loads(name) in asked for name in names)


ALL = argo_steps.Defaults(run_as_user=1000, placements=(NVIDIA, AMD), has_ca=True)


@pytest.mark.parametrize("resource", NVIDIA.resources)
def test_step_that_asks_for_a_gpu_gets_its_place(resource: str):
    defaults = argo_steps.Defaults(placements=(NVIDIA, AMD))
    found = patch(defaults, {argo_steps.INPUT: asks(resource)})
    assert found == {
        **NVIDIA.pod,
        "containers": [{"name": "main", "resources": {"limits": {"memory": "1Gi"}}}],
    }


def test_first_entry_that_names_the_resource_counts():
    other = argo_steps.Placement(("amd.com/gpu",), {"runtimeClassName": "other"})
    defaults = argo_steps.Defaults(placements=(NVIDIA, AMD, other))
    assert patch(defaults, {argo_steps.INPUT: asks("amd.com/gpu")}) == AMD.pod


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"other": "x"},
        {argo_steps.INPUT: ""},
        {argo_steps.INPUT: asks("cpu")},
        {"container": asks("nvidia.com/gpu")},
    ],
)
def test_other_steps_and_drivers_are_left_where_they_are(inputs: dict[str, str]):
    assert patch(argo_steps.Defaults(placements=(NVIDIA, AMD)), inputs) == {}


def test_only_steps_of_pipelines_have_a_launcher_to_restrict():
    """A patch of a container that a pod has not would add a broken one."""
    defaults = argo_steps.Defaults(run_as_user=1000)
    assert patch(defaults, {}) == {}
    (launcher,) = patch(defaults, {argo_steps.INPUT: asks("cpu")})["initContainers"]
    assert launcher["name"] == "kfp-launcher"
    assert launcher["securityContext"] == argo_steps.RESTRICTED_CONTAINER


@pytest.mark.parametrize("inputs", [{}, {argo_steps.INPUT: asks("nvidia.com/gpu")}])
def test_every_step_trusts_the_ca_of_the_object_store(inputs: dict[str, str]):
    (main,) = patch(ALL, inputs)["containers"]
    assert {"name": "SSL_CERT_DIR", "value": "/etc/ssl/certs:/etc/ssl/object-store"} in main["env"]
    assert main["volumeMounts"][0]["mountPath"] == "/etc/ssl/object-store"


def test_what_nobody_asks_for_is_no_patch():
    assert argo_steps.Defaults().pod_spec_patch() == ""
    assert argo_steps.Defaults().spec() == {}
    assert argo_steps.Defaults().main_container() == {}


def test_finished_workflows_and_their_pods_are_deleted():
    spec = argo_steps.Defaults(ttl=60, pod_gc="OnPodSuccess", pod_gc_delay=30).spec()
    assert spec == {
        "ttlStrategy": {"secondsAfterCompletion": 60},
        "podGC": {"strategy": "OnPodSuccess", "deleteDelayDuration": "30s"},
    }
