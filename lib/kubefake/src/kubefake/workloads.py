# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Workloads and their pods: preparation and rules."""

from . import errors, pods, selectors
from .errors import Cause, frozen
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


def validate(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a Deployment, DaemonSet or ReplicaSet."""
    spec = map_at(new, "spec")
    found: list[Cause] = []
    if at(spec, "replicas") is not None and spec["replicas"] < 0:
        why = "must be greater than or equal to 0"
        found.append(errors.invalid_value("spec.replicas", spec["replicas"], why))
    found += _selector(spec)
    found += pods.validate(
        map_at(spec, "template", "spec"), "spec.template.spec", restart=["Always"]
    )
    return found + frozen(old, new, "spec", "selector")


def _selector(spec: Object) -> list[Cause]:
    selector = spec.get("selector")
    labels = map_at(spec, "template", "metadata", "labels")
    if selector == {}:
        why = "empty selector is invalid for deployment"
        return [errors.invalid_value("spec.selector", selector, why)]
    found = [] if selector else [errors.required("spec.selector")]
    if not selector or not selectors.matches(selector, labels):
        why = "`selector` does not match template `labels`"
        found.append(errors.invalid_value("spec.template.metadata.labels", labels, why))
    return found


def validate_job(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a Job."""
    found = pods.validate(
        map_at(new, "spec", "template", "spec"),
        "spec.template.spec",
        restart=["OnFailure", "Never"],
    )
    return found + frozen(old, new, "spec", "template")


def validate_pod(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a Pod."""
    found = pods.validate(map_at(new, "spec"), "spec")
    if old is not None and pods.fixed(map_at(old, "spec")) != pods.fixed(map_at(new, "spec")):
        why = (
            "pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
            "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
            "be set to 1 if it was previously negative)"
        )
        found.append(errors.not_allowed("spec", why))
    return found


_STATEFULSET_MAY = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip


def validate_stateful_set(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a StatefulSet; most of its spec is fixed."""
    found = validate(None, new)
    if old is not None:
        before = {k: v for k, v in map_at(old, "spec").items() if k not in _STATEFULSET_MAY}
        after = {k: v for k, v in map_at(new, "spec").items() if k not in _STATEFULSET_MAY}
        if before != after:
            shown = ", ".join(f"'{name}'" for name in _STATEFULSET_MAY[:-1])
            why = (
                f"updates to statefulset spec for fields other than {shown} and "
                f"'{_STATEFULSET_MAY[-1]}' are forbidden"
            )
            found.append(errors.not_allowed("spec", why))
    return found
