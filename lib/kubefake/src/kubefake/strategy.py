"""What the API server does to objects on their way into storage, kind by kind.

Preparation fills in what is allocated or reset; validation knows the rules that a schema cannot
say. Both restate k8s.io/kubernetes/pkg/registry and pkg/apis/*/validation for what charms create;
the larger kinds have modules of their own.
"""

from collections.abc import Callable

from . import crds, data, errors, names, roles, services, webhooks, workloads
from .allocation import Allocator
from .defaults import RBAC
from .errors import Cause
from .resources import Resource
from .values import Object, at, list_at, map_at, maps_in

_INITIAL_STATUS: dict[tuple[str, str], Object] = {
    ("", "namespaces"): {"phase": "Active"},
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
    ("", "persistentvolumes"): {"phase": "Pending"},
    ("", "pods"): {"phase": "Pending"},
    ("apps", "daemonsets"): {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    ("apps", "replicasets"): {"replicas": 0},
    ("apps", "statefulsets"): {"availableReplicas": 0, "replicas": 0},
    ("autoscaling", "horizontalpodautoscalers"): {"currentMetrics": None, "desiredReplicas": 0},
    ("", "services"): {"loadBalancer": {}},
    ("networking.k8s.io", "ingresses"): {"loadBalancer": {}},
    ("policy", "poddisruptionbudgets"): {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
}


_TEMPLATE: Object = {"metadata": {}, "spec": {"containers": None}}
_ZERO: dict[tuple[str, str], Object] = {
    ("", "persistentvolumeclaims"): {"resources": {}},
    ("", "pods"): {"containers": None},
    ("apps", "daemonsets"): {"template": _TEMPLATE, "selector": None, "updateStrategy": {}},
    ("apps", "deployments"): {"template": _TEMPLATE, "selector": None, "strategy": {}},
    ("apps", "statefulsets"): {"template": _TEMPLATE, "selector": None, "updateStrategy": {}},
    ("batch", "jobs"): {"template": _TEMPLATE},
    ("networking.k8s.io", "networkpolicies"): {"podSelector": {}},
}


def zero(resource: Resource) -> Object:
    """Return what Go makes of an empty object: structures that are there have no owner."""
    if resource.custom:
        return {}
    return {"metadata": {}, "rules": None, "spec": _ZERO.get(resource.key, {}), "status": {}}


def prepare(resource: Resource, old: Object | None, new: Object, allocator: Allocator) -> None:
    """Bring a new object, in place, into the state in which it is stored."""
    if old is None and "status" in resource.subresources and resource.plural != "nodes":
        new.pop("status", None)
        if not resource.custom:
            new["status"] = dict(_INITIAL_STATUS.get(resource.key, {}))
    handler = _PREPARE.get(resource.key)
    if handler is not None and not resource.custom:
        handler(old, new, allocator)


def _prepare_namespace(old: Object | None, new: Object, _: Allocator) -> None:
    spec = new.setdefault("spec", {})
    if old is None:
        spec["finalizers"] = ["kubernetes"]
    else:
        new["spec"] = old.get("spec", {})


def _protect(name: str) -> "Prepare":
    """Return what gives a new object the finalizer that keeps it while it is in use."""

    def prepare(old: Object | None, new: Object, _: Allocator) -> None:
        finalizers = list_at(new, "metadata", "finalizers")
        if old is None and name not in finalizers:
            new["metadata"]["finalizers"] = [*finalizers, name]

    return prepare


Prepare = Callable[[Object | None, Object, Allocator], None]
_PREPARE: dict[tuple[str, str], Prepare] = {
    ("", "namespaces"): _prepare_namespace,
    ("", "nodes"): workloads.prepare_node,
    ("", "persistentvolumeclaims"): _protect("kubernetes.io/pvc-protection"),
    ("", "persistentvolumes"): _protect("kubernetes.io/pv-protection"),
    ("", "pods"): workloads.prepare_pod,
    ("", "services"): services.prepare,
    crds.TABLE: crds.prepare,
    ("batch", "jobs"): workloads.prepare_job,
}


def validate(resource: Resource, old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with an object about to be stored."""
    found = names.metadata(resource, new) + names.late_finalizers(old, new)
    handler = _VALIDATE.get(resource.key)
    if handler is not None and not resource.custom:
        found += handler(old, new)
    return found


def _ingress(_: Object | None, new: Object) -> list[Cause]:
    return [
        errors.required(
            f"spec.rules[{index}].http.paths[{place}].pathType", "pathType must be specified"
        )
        for index, rule in enumerate(maps_in(at(new, "spec", "rules")))
        for place, path in enumerate(maps_in(at(rule, "http", "paths")))
        if not path.get("pathType")
    ]


def _storage_class(old: Object | None, new: Object) -> list[Cause]:
    found = [] if new.get("provisioner") else [errors.required("provisioner")]
    return found + [
        errors.not_allowed(name, f"updates to {name} are forbidden.")
        for name in ("parameters", "provisioner")
        if old is not None and old.get(name) != new.get(name)
    ]


def _priority_class(old: Object | None, new: Object) -> list[Cause]:
    if old is not None and old.get("value") != new.get("value"):
        return [errors.not_allowed("value", "may not be changed in an update.")]
    return []


_LEVELS = ["privileged", "baseline", "restricted"]


def _namespace(_: Object | None, new: Object) -> list[Cause]:
    """Check the labels of pod security admission."""
    found: list[Cause] = []
    for mode in ("enforce", "audit", "warn"):
        label = f"pod-security.kubernetes.io/{mode}"
        level = map_at(new, "metadata", "labels").get(label, "privileged")
        if level not in _LEVELS:
            why = f"must be one of {', '.join(_LEVELS)}"
            found.append(errors.invalid_value(f"metadata.labels[{label}]", level, why))
    return found


Validate = Callable[[Object | None, Object], list[Cause]]
_VALIDATE: dict[tuple[str, str], Validate] = {
    ("", "namespaces"): _namespace,
    ("", "configmaps"): data.validate_config_map,
    ("", "persistentvolumeclaims"): data.validate_claim,
    ("", "pods"): workloads.validate_pod,
    ("", "secrets"): data.validate_secret,
    ("", "services"): services.validate,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): webhooks.validate,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): webhooks.validate,
    crds.TABLE: crds.validate,
    ("apps", "daemonsets"): workloads.validate,
    ("apps", "deployments"): workloads.validate,
    ("apps", "replicasets"): workloads.validate,
    ("apps", "statefulsets"): workloads.validate_stateful_set,
    ("batch", "cronjobs"): workloads.validate_cron_job,
    ("batch", "jobs"): workloads.validate_job,
    ("networking.k8s.io", "ingresses"): _ingress,
    (RBAC, "clusterrolebindings"): roles.validate_binding,
    (RBAC, "clusterroles"): roles.validate_role,
    (RBAC, "rolebindings"): roles.validate_binding,
    (RBAC, "roles"): roles.validate_role,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("storage.k8s.io", "storageclasses"): _storage_class,
}
