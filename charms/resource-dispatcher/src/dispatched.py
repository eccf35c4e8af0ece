# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What related applications hand over: which of it is dispatched, in which form, and what is not.

A manifest is brought into the form in which the Kubernetes API keeps it; Metacontroller would
write any other again in each resync.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

Object = dict[str, Any]

KINDS: Mapping[str, tuple[str, str, str]] = {
    "config-maps": ("v1", "ConfigMap", "configmaps"),
    "pod-defaults": ("kubeflow.org/v1alpha1", "PodDefault", "poddefaults"),
    "role-bindings": ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    "roles": ("rbac.authorization.k8s.io/v1", "Role", "roles"),
    "secrets": ("v1", "Secret", "secrets"),
    "service-accounts": ("v1", "ServiceAccount", "serviceaccounts"),
}
"""API version, kind and resource that each endpoint takes."""

POD_DEFAULTS = "pod-defaults"
"""The endpoint whose kind another charm defines."""

_ALL = ("create", "delete", "get", "list", "update", "watch")
HELD: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "configmaps"): _ALL,
    ("", "secrets"): _ALL,
    ("", "serviceaccounts"): _ALL,
    ("", "services"): _ALL,
    ("", "namespaces"): ("get", "list", "watch"),
    ("", "events"): ("create", "patch"),
    ("apps", "deployments"): _ALL,
    ("kubeflow.org", "poddefaults"): _ALL,
    ("rbac.authorization.k8s.io", "rolebindings"): _ALL,
    ("rbac.authorization.k8s.io", "roles"): _ALL,
    ("security.istio.io", "authorizationpolicies"): _ALL,
}
"""What Metacontroller may do by itself, by API group and resource, as metacontroller-operator
grants it: Kubernetes lets nobody make a role that grants more than its maker has."""

_KEPT_METADATA = ("name", "namespace", "labels", "annotations")


@dataclasses.dataclass(frozen=True)
class Dispatch:
    """What is dispatched, and why the rest is not.

    Args:
        manifests: the objects, as they are in each namespace.
        refused: what is wrong with the others, one sentence each.
    """

    manifests: tuple[Object, ...] = ()
    refused: tuple[str, ...] = ()


def dispatch(
    handed_over: Iterable[tuple[str, str, Iterable[Any]]], *, escalation: bool = False
) -> Dispatch:
    """Choose what is dispatched.

    Of an object that two applications hand over, the first keeps its place.

    Args:
        handed_over: endpoint, application and manifests of each relation, the oldest first.
        escalation: whether Metacontroller may make roles that grant more than it has.
    """
    chosen: dict[tuple[str, ...], tuple[str, Object]] = {}
    refused: list[str] = []
    for endpoint, app, manifests in handed_over:
        for manifest in manifests:
            try:
                made = normalised(endpoint, manifest)
                if not escalation:
                    _check_grants(made, [item for _, item in chosen.values()])
                _add(chosen, app, made)
            except ValueError as reason:
                refused.append(f"relation {endpoint} with {app}: {reason}")
    return Dispatch(tuple(item for _, item in chosen.values()), tuple(refused))


def attachments(*, with_pod_defaults: bool) -> list[Object]:
    """Return the attachments of the DecoratorController.

    All kinds are there whether or not any is handed over now: Metacontroller withdraws only what
    it looks at.

    Args:
        with_pod_defaults: whether the cluster has them; without, Metacontroller would not start.
    """
    kinds = [KINDS[name] for name in KINDS if name != POD_DEFAULTS or with_pod_defaults]
    return [
        {"apiVersion": version, "resource": resource, "updateStrategy": {"method": "InPlace"}}
        for version, _, resource in kinds
    ]


def normalised(endpoint: str, manifest: Any) -> Object:
    """Return a manifest as the Kubernetes API keeps it.

    Raises:
        ValueError: if it is not one of the endpoint's kind, or malformed.
    """
    version, kind, _ = KINDS[endpoint]
    if not isinstance(manifest, dict) or not isinstance(manifest.get("metadata"), dict):
        raise ValueError("a manifest is not an object with metadata")
    name = manifest["metadata"].get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("a manifest has no metadata.name")
    if (manifest.get("apiVersion"), manifest.get("kind")) != (version, kind):
        raise ValueError(f"{manifest.get('kind')} {name} is not a {kind} of {version}")
    made = {key: value for key, value in manifest.items() if key != "status"}
    made["metadata"] = _metadata(manifest["metadata"])
    made = _secret(made) if kind == "Secret" else made
    # An empty list of rules is kept, other empty fields are not.
    return {key: value for key, value in made.items() if value or key == "rules"}


def _metadata(metadata: Object) -> Object:
    return {key: metadata[key] for key in _KEPT_METADATA if metadata.get(key)}


def _secret(manifest: Object) -> Object:
    """Return the Secret with `stringData` in `data`, which must be base64 as the API writes it."""
    name = manifest["metadata"]["name"]
    data = {key: _encoded(name, key, text) for key, text in _texts(manifest, "data").items()}
    for key, text in _texts(manifest, "stringData").items():
        data[key] = base64.b64encode(text.encode()).decode()
    return {key: value for key, value in manifest.items() if key != "stringData"} | {"data": data}


def _texts(manifest: Object, field: str) -> dict[str, str]:
    found = manifest.get(field) or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        # Which text it is must not show.
        raise ValueError(
            f"Secret {manifest['metadata']['name']}: {field} is not a mapping of text"
        )
    return found


def _encoded(name: str, key: str, text: str) -> str:
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except binascii.Error:
        raise ValueError(f"Secret {name}: data.{key} is not base64") from None


def _add(chosen: dict[tuple[str, ...], tuple[str, Object]], app: str, manifest: Object) -> None:
    metadata = manifest["metadata"]
    key = manifest["apiVersion"], manifest["kind"], metadata["name"], metadata.get("namespace", "")
    if key in chosen:
        raise ValueError(f"{manifest['kind']} {metadata['name']} is there from {chosen[key][0]}")
    chosen[key] = app, manifest


def _check_grants(manifest: Object, others: Iterable[Object]) -> None:
    """Refuse a role, or a binding of one, that Metacontroller may not make."""
    if manifest["kind"] == "Role" and not all(map(_is_held, manifest.get("rules") or ())):
        raise ValueError(
            f"Role {manifest['metadata']['name']} grants more than Metacontroller has"
        )
    if manifest["kind"] == "RoleBinding":
        bound = manifest.get("roleRef") or {}
        roles = {item["metadata"]["name"] for item in others if item["kind"] == "Role"}
        if bound.get("kind") != "Role" or bound.get("name") not in roles:
            role = f"{bound.get('kind')} {bound.get('name')}"
            name = manifest["metadata"]["name"]
            raise ValueError(f"RoleBinding {name} binds {role}, more than Metacontroller has")


def _is_held(rule: Any) -> bool:
    if not isinstance(rule, dict) or rule.get("nonResourceURLs"):
        return False
    pairs = [
        (group, resource)
        for group in rule.get("apiGroups") or ()
        for resource in rule.get("resources") or ()
    ]
    verbs = set(rule.get("verbs") or ())
    return bool(pairs) and all(verbs <= set(HELD.get(pair, ())) for pair in pairs)
