# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Preparation and validation of objects on their way into storage, kind by kind.

Preparation fills in what is allocated or reset; validation knows the rules that a schema cannot
say. Both restate k8s.io/kubernetes/pkg/registry and pkg/apis/*/validation for what charms create;
the larger kinds have modules of their own.
"""

from collections.abc import Callable

from . import crds, kinds, names, services, workloads
from .defaults import BUILTIN, RBAC
from .errors import Cause, Causes
from .resources import Resource
from .state import State
from .values import Object, list_at


def _constant(part: str, resource: Resource) -> Object:
    """Return what new objects of a resource have in a part; nobody may change it."""
    name = "/".join(resource.key).removeprefix("/")
    return BUILTIN[part].get(name, {})


def zero(resource: Resource) -> Object:
    """Return what Go makes of an empty object: structures that are there have no owner."""
    if resource.custom:
        return {}
    return {"metadata": {}, "rules": None, "spec": _constant("spec", resource), "status": {}}


def prepare(resource: Resource, old: Object | None, new: Object, cluster: State) -> None:
    """Bring a new object, in place, into the state in which it is stored."""
    if old is None and "status" in resource.subresources:
        new.pop("status", None)
        if not resource.custom:
            new["status"] = dict(_constant("status", resource))
    handler = _PREPARE.get(resource.key)
    if handler is not None and not resource.custom:
        handler(old, new, cluster)


def _prepare_namespace(old: Object | None, new: Object, _: State) -> None:
    spec = new.setdefault("spec", {})
    if old is None:
        spec["finalizers"] = ["kubernetes"]
    else:
        new["spec"] = old.get("spec", {})


def _prepare_claim(old: Object | None, new: Object, _: State) -> None:
    name, finalizers = "kubernetes.io/pvc-protection", list_at(new, "metadata", "finalizers")
    if old is None and name not in finalizers:
        new["metadata"]["finalizers"] = [*finalizers, name]


Prepare = Callable[[Object | None, Object, State], None]
_PREPARE: dict[tuple[str, str], Prepare] = {
    ("", "namespaces"): _prepare_namespace,
    ("", "persistentvolumeclaims"): _prepare_claim,
    ("", "pods"): workloads.prepare_pod,
    ("", "services"): services.prepare,
    crds.TABLE: crds.prepare,
    ("batch", "jobs"): workloads.prepare_job,
}


def validate(resource: Resource, old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with an object about to be stored."""
    found = [*names.metadata(resource, new), *names.late_finalizers(old, new)]
    handler = _VALIDATE.get(resource.key)
    if handler is not None and not resource.custom:
        found += handler(old, new)
    return found


Validate = Callable[[Object | None, Object], Causes]
_VALIDATE: dict[tuple[str, str], Validate] = {
    ("", "configmaps"): kinds.config_map,
    ("", "persistentvolumeclaims"): kinds.claim,
    ("", "pods"): workloads.validate_pod,
    ("", "secrets"): kinds.secret,
    ("", "services"): services.validate,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): kinds.webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): kinds.webhooks,
    crds.TABLE: crds.validate,
    ("apps", "daemonsets"): workloads.validate,
    ("apps", "deployments"): workloads.validate,
    ("apps", "replicasets"): workloads.validate,
    ("apps", "statefulsets"): workloads.validate_stateful_set,
    ("batch", "jobs"): workloads.validate_job,
    (RBAC, "clusterrolebindings"): kinds.binding,
    (RBAC, "clusterroles"): kinds.role,
    (RBAC, "rolebindings"): kinds.binding,
    (RBAC, "roles"): kinds.role,
}
