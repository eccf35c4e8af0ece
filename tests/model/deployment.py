# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The bundle in the simulator, and what a run of it must look like."""

from __future__ import annotations

import base64
import functools
import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import jujusim
import kubefake
import yaml
from charmkit import _manifests as manifests
from ckf import bundle, preview
from jujusim import admission, cluster_backend

VOLATILE = (
    "annotations",  # the digest of a manifest, which holds secret values
    "creationTimestamp",
    "generation",
    "managedFields",
    "ownerReferences",  # the id of the model's Namespace
    "resourceVersion",
    "uid",
)


LOGIN = ("dex-auth", "istio-ingressgateway", "istio-pilot", "minio", "oidc-gatekeeper")
"""Who lets users in, and one who has no part in it."""


def deploy(*, only: Collection[str] = (), **choices: Any) -> jujusim.Model:
    """Deploy the bundle and wait for it to settle.

    Args:
        only: the applications to deploy, with the relations between them; all, if there are none.
        choices: those of `ckf preview`.
    """
    if not only:
        return preview.deploy("bundle.yaml", **choices)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as overlay:
        others = [name for name in applications() if name not in only]
        yaml.safe_dump({"applications": dict.fromkeys(others)}, overlay)
        return preview.deploy("bundle.yaml", overlays=[overlay.name], **choices)


def applications() -> list[str]:
    """The names of the bundle's applications."""
    return list(bundle.load("bundle.yaml").applications)


def relations(name: str) -> list[tuple[str, str]]:
    """The ends of the bundle's relations with an application."""
    every = [relation.ends for relation in bundle.load("bundle.yaml").relations]
    return [ends for ends in every if name in {end.partition(":")[0] for end in ends}]


def cluster(model: jujusim.Model) -> kubefake.Cluster:
    """The Kubernetes API that the model runs on."""
    assert isinstance(model.backend, cluster_backend.InMemory)
    return model.backend.cluster


def objects(model: jujusim.Model) -> dict[str, dict[str, Any]]:
    """Everything in the cluster, by kind, namespace and name."""
    found = [stored.obj for _, _, stored in cluster(model).store.everything()]
    return {
        f"{obj['kind']}/{obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}": obj
        for obj in found
    }


def assert_well(model: jujusim.Model) -> None:
    """Every hook succeeded, but those that a fault has killed, and every unit is active."""
    replay = preview.replay_command(model)
    failed = [record for record in model.trace if record.failed and not record.injected]
    assert not failed, f"{failed[0]}\n{failed[0].traceback}\n{replay}"
    for app in model.status().apps.values():
        for unit in app.units.values():
            assert unit.status.name == "active", f"{unit.name}: {unit.status}\n{replay}"
    assert not [record for record in model.trace if record.deferred], "a charm deferred an event"


def end_state(model: jujusim.Model) -> dict[str, Any]:
    """What charms have made, without what differs from run to run.

    Values of secrets are replaced by a word, and so are addresses and the secrets' ids.
    """
    made = {name: obj for name, obj in objects(model).items() if _is_charms(obj)}
    state = {
        "objects": {name: _stable(obj) for name, obj in made.items()},
        "plans": {f"{unit}/{name}": pebble.plan() for unit, name, pebble in _containers(model)},
        "files": {
            f"{unit}/{name}": {path: content.decode() for path, content in pebble.files().items()}
            for unit, name, pebble in _containers(model)
        },
        "databags": dict(_databags(model)),
    }
    return json.loads(_masked(model, json.dumps(state, sort_keys=True)))


@functools.cache
def reference(units: int = 1) -> dict[str, Any]:
    """How every run of the bundle ends in which nothing goes wrong; it must not be changed.

    Args:
        units: Units of each application.
    """
    return end_state(deploy(scale=dict.fromkeys(applications(), units)))


def difference(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What differs between two end states, by name: the states are too long to read."""
    return [
        f"{part} {name}"
        for part in one
        for name in sorted(one[part].keys() | other[part].keys())
        if one[part].get(name) != other[part].get(name)
    ]


def texts(model: jujusim.Model) -> Iterator[tuple[str, str]]:
    """Everything that charms have made, as text, with where it stands."""
    for part, content in end_state(model).items():
        for name, value in content.items():
            yield f"{part} {name}", json.dumps(value)


def _containers(model: jujusim.Model) -> Iterator[tuple[str, str, jujusim.Pebble]]:
    for unit in model.units.values():
        for name, pebble in unit.containers.items():
            yield unit.name, name, pebble


def _databags(model: jujusim.Model) -> Iterator[tuple[str, Any]]:
    for relation in model.relations.values():
        for owner, bag in {**relation.apps, **relation.units}.items():
            ends = "-".join(sorted(f"{side.app}:{side.endpoint.name}" for side in relation.sides))
            yield f"{ends} {owner}", _without_ids(bag.content)


def _without_ids(content: Mapping[str, str]) -> dict[str, Any]:
    """A relation comes back under another id, and istio-pilot notes which one claims a path."""
    claims = {"claims": sorted(json.loads(content["claims"]))} if "claims" in content else {}
    return {**content, **claims}


def _is_charms(obj: dict[str, Any]) -> bool:
    """Juju makes the Services, and charms set their ports; pods are made by controllers."""
    if obj["kind"] in ("Pod", "ReplicaSet"):
        return False
    return manifests.APP_LABEL in obj["metadata"].get("labels", {}) or obj["kind"] == "Service"


def _stable(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in VOLATILE}
    if admission.MODEL_ID in metadata.get("labels", {}):
        metadata["labels"] = {**metadata["labels"], admission.MODEL_ID: "<model>"}
    spec = {key: value for key, value in obj.get("spec", {}).items() if "clusterIP" not in key}
    rest = {key: value for key, value in obj.items() if key != "status"}
    return {**rest, "metadata": metadata, "spec": spec}


def _masked(model: jujusim.Model, text: str) -> str:
    values = sorted(set(model.secret_values()), key=len, reverse=True)
    for value in values:
        if len(value) > 5:
            text = text.replace(json.dumps(value)[1:-1], "<secret>")
            text = text.replace(base64.b64encode(value.encode()).decode(), "<secret>")
    text = re.sub(r'(?<=-trusted": ")[0-9a-f]{64}', "<digest>", text)
    text = re.sub(r'(rev=|revision\\": \\")[0-9a-f]{16}\b', r"\1<revision>", text)
    text = re.sub(r"\bey[\w-]+\.ey[\w-]+\.[\w-]+", "<token>", text)
    text = re.sub(r"secret:[0-9a-z]{20}", "<secret id>", text)
    text = re.sub(r"\b10\.\d+\.\d+\.\d+\b", "<address>", text)
    return re.sub(r'(?<="CHARMKIT_FILES": ")[0-9a-f]{64}', "<digest>", text)
