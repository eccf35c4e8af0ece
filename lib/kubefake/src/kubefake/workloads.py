# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Workloads and their pods: preparation and rules."""

from . import errors, pods, selectors
from .errors import Causes, frozen
from .state import State
from .values import Object, at, list_at, map_at, maps_in


def prepare_pod(old: Object | None, new: Object, _: State) -> None:
    """Give a new pod, in place, what admission adds to every pod."""
    spec: Object = new.get("spec", {})
    if old is not None:
        return
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = spec["serviceAccount"] = "default"
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = list_at(spec, "tolerations")
    known = {toleration.get("key") for toleration in maps_in(tolerations)}
    spec["tolerations"] = tolerations + [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if key not in known
    ]


def prepare_job(old: Object | None, new: Object, cluster: State) -> None:
    """Give a new Job the labels by which it finds its pods; its uid is not known before."""
    if old is not None or new["spec"].get("manualSelector"):
        return
    uid = new["metadata"]["uid"] = cluster.uid()
    name = new["metadata"].get("name", "")
    selector = {"batch.kubernetes.io/controller-uid": uid}
    labels = {**selector, "controller-uid": uid, "job-name": name,
              "batch.kubernetes.io/job-name": name}  # fmt: skip
    new["spec"]["selector"] = {"matchLabels": selector}
    template = new["spec"].setdefault("template", {})
    meta = template["metadata"] = {**map_at(template, "metadata")}
    meta["labels"] = {**map_at(meta, "labels"), **labels}
    new["metadata"]["labels"] = {**labels, **map_at(new, "metadata", "labels")}


def validate(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Deployment, DaemonSet or ReplicaSet."""
    spec = map_at(new, "spec")
    if at(spec, "replicas") is not None and spec["replicas"] < 0:
        why = "must be greater than or equal to 0"
        yield errors.invalid_value("spec.replicas", spec["replicas"], why)
    selector, labels = spec.get("selector"), map_at(spec, "template", "metadata", "labels")
    if selector == {}:
        yield errors.invalid_value(
            "spec.selector", selector, "empty selector is invalid for deployment"
        )
    elif not selector or not selectors.matches(selector, labels):
        if not selector:
            yield errors.required("spec.selector")
        why = "`selector` does not match template `labels`"
        yield errors.invalid_value("spec.template.metadata.labels", labels, why)
    yield from _validate_template(spec, ["Always"])
    yield from frozen(old, new, "spec", "selector")


def _validate_template(spec: Object, restart: list[str]) -> Causes:
    return pods.validate(map_at(spec, "template", "spec"), "spec.template.spec", restart)


def validate_job(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Job."""
    yield from _validate_template(map_at(new, "spec"), ["OnFailure", "Never"])
    yield from frozen(old, new, "spec", "template")


def validate_pod(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Pod."""
    yield from pods.validate(map_at(new, "spec"), "spec")
    if old is not None and pods.fixed(map_at(old, "spec")) != pods.fixed(map_at(new, "spec")):
        why = (
            "pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
            "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
            "be set to 1 if it was previously negative)"
        )
        yield errors.not_allowed("spec", why)


_STATEFULSET_MAY = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip


def validate_stateful_set(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a StatefulSet; most of its spec is fixed."""
    yield from validate(None, new)
    before, after = (
        {key: value for key, value in map_at(obj, "spec").items() if key not in _STATEFULSET_MAY}
        for obj in (old, new)
    )
    if old is not None and before != after:
        shown = ", ".join(f"'{name}'" for name in _STATEFULSET_MAY[:-1])
        why = (
            f"updates to statefulset spec for fields other than {shown} and "
            f"'{_STATEFULSET_MAY[-1]}' are forbidden"
        )
        yield errors.not_allowed("spec", why)
