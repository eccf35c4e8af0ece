# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Values that the API server fills into built-in objects.

`BUILTIN` are the constants. What depends on other fields is in `DYNAMIC`, by kind. Both restate
k8s.io/kubernetes/pkg/apis/*/v1/defaults.go for the kinds that charms create.
"""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from .values import Object, at, is_map, map_at, maps_in

RBAC = "rbac.authorization.k8s.io"
BUILTIN: dict[str, dict[str, Object]] = yaml.safe_load(
    Path(__file__).with_name("builtin.yaml").read_bytes()
)
"""Constants: `defaults` by definition, and `status` and `spec` of new objects by resource."""


def _subjects(obj: Object) -> None:
    for subject in maps_in(obj.get("subjects")):
        if subject.get("kind") in {"User", "Group"}:
            subject.setdefault("apiGroup", RBAC)


def _service(obj: Object) -> None:
    spec = obj.get("spec", {})
    for port in maps_in(spec.get("ports")):
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port")
    kind = spec.get("type")
    if kind in {"NodePort", "LoadBalancer"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec.get("sessionAffinity") == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec.get("sessionAffinity") == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})


def _secret(obj: Object) -> None:
    """Move `stringData` into `data`: clients write it, nobody reads it."""
    plain: Object = obj.pop("stringData", {})
    if plain:
        given = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **given}


def _role(obj: Object) -> None:
    obj["rules"] = obj.get("rules") or None


def _autoscaler(obj: Object) -> None:
    target = {"type": "Utilization", "averageUtilization": 80}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    obj.get("spec", {}).setdefault("metrics", [cpu])


def _workload(strategy: str, rolling: Object) -> Callable[[Object], None]:
    """Return what fills in a workload that has a strategy of updates."""

    def fill(obj: Object) -> None:
        given = map_at(obj, "spec", strategy)
        if given.get("type") == "RollingUpdate":
            _preset(given.setdefault("rollingUpdate", {}), rolling)
        for claim in maps_in(at(obj, "spec", "volumeClaimTemplates")):
            _preset(claim, {"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
            _claim(claim)
        _template(obj)

    return fill


def _preset(obj: Object, presets: Object) -> None:
    """Fill in, in place, what is not given."""
    for name, value in presets.items():
        obj.setdefault(name, value)


_JOB: Object = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "manualSelector": False,
    "podReplacementPolicy": "TerminatingOrFailed",
    "suspend": False,
}


def _job(obj: Object) -> None:
    spec: Object = obj.get("spec", {})
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    _preset(spec, {**_JOB, "parallelism": 1})
    _template(obj)


def _template(obj: Object) -> None:
    pod = at(obj, "spec", "template", "spec")
    if is_map(pod):
        pod_spec(pod)


def _pod(obj: Object) -> None:
    spec = obj.get("spec")
    if is_map(spec):
        pod_spec(spec)
        spec.setdefault("enableServiceLinks", True)
        for container in containers(spec):
            resources = map_at(container, "resources")
            if "limits" in resources:
                _preset(resources.setdefault("requests", {}), resources["limits"])


def pod_spec(spec: Object) -> None:
    """Fill in what a pod's fields imply, in place."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in containers(spec):
        container.setdefault("imagePullPolicy", _pull_policy(container.get("image", "")))
    for volume in maps_in(spec.get("volumes")):
        if set(volume) <= {"name"}:
            volume["emptyDir"] = {}


def containers(spec: Object) -> Iterator[Object]:
    """Yield a pod's init containers and containers."""
    for group in ("initContainers", "containers"):
        yield from maps_in(spec.get(group))


def _pull_policy(image: str) -> str:
    name = image.rpartition("/")[2]
    tagged = "@" in name or (":" in name and not name.endswith(":latest"))
    return "IfNotPresent" if tagged else "Always"


def _network_policy(obj: Object) -> None:
    spec = obj.get("spec")
    if is_map(spec):
        types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
        spec.setdefault("policyTypes", types)


def _claim(obj: Object) -> None:
    obj.setdefault("status", {}).setdefault("phase", "Pending")


def _crd(obj: Object) -> None:
    spec: Object = obj.get("spec", {})
    names: Object = spec.get("names", {})
    if "kind" in names:
        names.setdefault("singular", str(names["kind"]).lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})


def _namespace(obj: Object) -> None:
    name = at(obj, "metadata", "name")
    if name:
        labels = obj["metadata"].setdefault("labels", {})
        labels["kubernetes.io/metadata.name"] = name


DYNAMIC: dict[tuple[str, str], Callable[[Object], Any]] = {
    ("", "Namespace"): _namespace,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Secret"): _secret,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _crd,
    ("apps", "DaemonSet"): _workload("updateStrategy", {"maxUnavailable": 1, "maxSurge": 0}),
    ("apps", "Deployment"): _workload("strategy", {"maxUnavailable": "25%", "maxSurge": "25%"}),
    ("apps", "ReplicaSet"): _template,
    ("apps", "StatefulSet"): _workload("updateStrategy", {"partition": 0}),
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "NetworkPolicy"): _network_policy,
    (RBAC, "ClusterRole"): _role,
    (RBAC, "ClusterRoleBinding"): _subjects,
    (RBAC, "Role"): _role,
    (RBAC, "RoleBinding"): _subjects,
}
