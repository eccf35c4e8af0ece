# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes' own parts of CustomResourceDefinitions' schemas."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from charmkit import _crd_schema

SCHEMA = _crd_schema.KubernetesSchema()
KEYS = {
    "additionalProperties", "anyOf", "default", "format", "items", "pattern", "properties",
    "required", "type", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields",
}  # fmt: skip
NAMES = (
    "Affinity", "Condition", "Container", "EnvVar", "JobTemplateSpec", "LabelSelector",
    "LocalObjectReference", "MetricSpec", "ObjectMeta", "PersistentVolumeClaim", "PodSpec",
    "PersistentVolumeClaimSpec", "PodTemplateSpec", "Probe", "ResourceRequirements",
    "SecurityContext", "ServicePort", "Toleration", "TopologySpreadConstraint", "Volume",
    "VolumeMount",
)  # fmt: skip


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    nested = [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for part in (*schema.get("properties", {}).values(), *nested):
        yield from parts(part)


@pytest.mark.parametrize("schema", [SCHEMA, SCHEMA.keyed], ids=["before 1.30", "keyed"])
@pytest.mark.parametrize("name", NAMES)
def test_a_type_is_a_whole_structural_schema(
    schema: _crd_schema.KubernetesSchema, name: str
) -> None:
    found = schema[name]
    assert found["type"] == "object"
    for part in parts(found):
        assert part.keys() <= KEYS
        assert "type" in part or part["x-kubernetes-int-or-string"]
        assert part.get("required") != []
        assert part.keys() >= {"items"} or part.get("type") != "array"
        for key in part.get("x-kubernetes-list-map-keys", ()):
            item = part["items"]
            assert key in item.get("required", ()) or "default" in item["properties"][key]


def test_ports_have_the_protocol_that_kubernetes_assumes() -> None:
    ports = SCHEMA.Container["properties"]["ports"]
    assert ports["x-kubernetes-list-map-keys"] == ["containerPort", "protocol"]
    assert ports["items"]["properties"]["protocol"] == {"type": "string", "default": "TCP"}
    assert SCHEMA.ServiceSpec["properties"]["ports"]["items"]["required"] == ["port"]


def test_numbers_with_units_and_numbers_or_names_are_both() -> None:
    limits = SCHEMA.ResourceRequirements["properties"]["limits"]["additionalProperties"]
    assert limits["x-kubernetes-int-or-string"]
    assert limits["pattern"] == _crd_schema.QUANTITY
    port = SCHEMA.HTTPGetAction["properties"]["port"]
    assert port == {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": True,
    }


def test_raw_objects_stay_open() -> None:
    assert SCHEMA.RawExtension["x-kubernetes-preserve-unknown-fields"]


def test_items_of_pods_lists_may_repeat_in_the_older_dialect_only() -> None:
    for name in ("env", "volumeMounts"):
        older, newer = (each.Container["properties"][name] for each in (SCHEMA, SCHEMA.keyed))
        assert "x-kubernetes-list-type" not in older
        assert newer["x-kubernetes-list-type"] == "map"


def test_metadata_of_a_claims_template_is_typed_in_the_newer_dialect_only() -> None:
    older, newer = (
        each.PersistentVolumeClaimTemplate["properties"]["metadata"]
        for each in (SCHEMA, SCHEMA.keyed)
    )
    assert older == {"type": "object"}
    assert newer == SCHEMA.ObjectMeta


def test_a_pod_templates_labels_are_kept() -> None:
    metadata = SCHEMA.PodTemplateSpec["properties"]["metadata"]
    assert {"annotations", "labels"} <= metadata["properties"].keys()


def test_a_field_that_upstream_does_not_require_can_be_loosened() -> None:
    loose = SCHEMA.loosened("PodSpec", "containers.name", "containers.livenessProbe.httpGet.port")
    container = loose["properties"]["containers"]["items"]
    assert "required" not in container
    probes = container["properties"]
    assert "required" not in probes["livenessProbe"]["properties"]["httpGet"]
    assert probes["readinessProbe"]["properties"]["httpGet"]["required"] == ["port"]
    assert SCHEMA.Container["required"] == ["name"]


def test_only_a_required_field_can_be_loosened() -> None:
    for field in ("image", "no.such.field"):
        with pytest.raises(ValueError, match="is not required"):
            SCHEMA.loosened("Container", field)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(AttributeError, match="no type called 'PodSpecs'"):
        _ = SCHEMA.PodSpecs
    with pytest.raises(KeyError, match="no type called 'PodSpecs'"):
        _ = SCHEMA["PodSpecs"]
    template = jinja2.Environment(  # noqa: S701
        undefined=jinja2.StrictUndefined
    ).from_string("{{ schema.PodSpecs }}")
    with pytest.raises(jinja2.UndefinedError, match="PodSpecs"):
        template.render(schema=SCHEMA)


def test_a_type_is_expanded_once() -> None:
    assert SCHEMA.PodSpec is SCHEMA["PodSpec"]
    assert SCHEMA.keyed is SCHEMA.keyed
    assert copy.copy(SCHEMA).PodSpec == SCHEMA.PodSpec


def test_the_definitions_are_read_when_one_is_asked_for() -> None:
    program = (
        "import copy, json; from charmkit import _crd_schema as module\n"
        "schema = module.KubernetesSchema(); copy.copy(schema); hasattr(schema, '__html__')\n"
        "before = module._types.cache_info().currsize; schema.EnvVar\n"
        "print(json.dumps([before, module._types.cache_info().currsize]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(done.stdout) == [0, 1]
