"""Columns of pods, of what makes them, and of what they run on."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..values import Object, at, is_map, list_at, map_at, maps_in
from . import ages
from .columns import (
    AGE,
    NAME,
    NONE,
    UNSET,
    Column,
    column,
    count,
    field,
    labels,
    selector,
    wide,
)


def _containers(of: str, *path: str) -> Callable[[Object], str]:
    """Return what makes a cell of a field of each container in a pod template."""
    return lambda obj: ",".join(
        str(each.get(of, "")) for each in maps_in(at(obj, *path, "spec", "containers"))
    )


def _template(*path: str) -> tuple[Column, Column]:
    return (
        wide("Containers", _containers("name", *path)),
        wide("Images", _containers("image", *path)),
    )


_TEMPLATE = _template("spec", "template")
_SELECTOR = wide("Selector", lambda obj: selector(at(obj, "spec", "selector")))


def _number(obj: Object, *path: str) -> int:
    return at(obj, *path) or 0


def _of_wanted(obj: Object) -> str:
    wanted = at(obj, "spec", "replicas")
    return f"{_number(obj, 'status', 'readyReplicas')}/{1 if wanted is None else wanted}"


def _condition(obj: Object, kind: str) -> Object:
    for condition in maps_in(at(obj, "status", "conditions")):
        if condition.get("type") == kind:
            return condition
    return {}


# Pods: printPod


def _pod_containers(obj: Object) -> list[Object]:
    sidecars = [
        each
        for each in maps_in(at(obj, "spec", "initContainers"))
        if each.get("restartPolicy") == "Always"
    ]
    return [*sidecars, *maps_in(at(obj, "spec", "containers"))]


def _pod_states(obj: Object) -> list[Object]:
    names = {str(each["name"]) for each in _pod_containers(obj)}
    found = [
        *maps_in(at(obj, "status", "initContainerStatuses")),
        *maps_in(at(obj, "status", "containerStatuses")),
    ]
    return [each for each in found if each.get("name") in names]


def _pod_ready(obj: Object) -> str:
    ready = sum(
        bool(each.get("ready") and is_map(at(each, "state", "running")))
        for each in _pod_states(obj)
    )
    return f"{ready}/{len(_pod_containers(obj))}"


def _why(state: Object) -> str:
    """Return why a container does not run; empty where it does."""
    waiting, ended = at(state, "state", "waiting", "reason"), map_at(state, "state", "terminated")
    if waiting:
        return str(waiting)
    if not ended:
        return ""
    if ended.get("reason"):
        return str(ended["reason"])
    if ended.get("signal"):
        return f"Signal:{ended['signal']}"
    return f"ExitCode:{ended.get('exitCode', 0)}"


def _initialising(obj: Object) -> str:
    """Return how far a pod's init containers are; empty where they are done."""
    states = list(maps_in(at(obj, "status", "initContainerStatuses")))
    for index, state in enumerate(states):
        code = at(state, "state", "terminated", "exitCode")
        if code == 0 or (state.get("started") and is_map(at(state, "state", "running"))):
            continue
        why = _why(state)
        if why and why != "PodInitializing":
            return f"Init:{why}"
        return f"Init:{index}/{len(list_at(obj, 'spec', 'initContainers'))}"
    return ""


def _pod_status(obj: Object) -> str:
    if at(obj, "metadata", "deletionTimestamp"):
        return "Unknown" if at(obj, "status", "reason") == "NodeLost" else "Terminating"
    initialising = _initialising(obj)
    if initialising:
        return initialising
    reason = at(obj, "status", "reason") or at(obj, "status", "phase") or ""
    states = list(maps_in(at(obj, "status", "containerStatuses")))
    running = any(each.get("ready") and is_map(at(each, "state", "running")) for each in states)
    for state in reversed(states):
        reason = _why(state) or reason
    if reason == "Completed" and running:
        return "Running" if _condition(obj, "Ready").get("status") == "True" else "NotReady"
    return str(reason)


def _pod_restarts(obj: Object, now: datetime.datetime) -> str:
    states = _pod_states(obj)
    restarts = sum(_number(each, "restartCount") for each in states)
    ended = [at(each, "lastState", "terminated", "finishedAt") for each in states]
    times = [time for time in map(ages.read, ended) if time]
    if not restarts or not times:
        return str(restarts)
    return f"{restarts} ({ages.human((now - max(times)).total_seconds())} ago)"


def _gates(obj: Object) -> str:
    gates = [str(each["conditionType"]) for each in maps_in(at(obj, "spec", "readinessGates"))]
    if not gates:
        return NONE
    good = sum(_condition(obj, gate).get("status") == "True" for gate in gates)
    return f"{good}/{len(gates)}"


def _or(default: str, *path: str) -> Callable[[Object], str]:
    """Return what makes a cell of a field as text."""

    def cell(obj: Object) -> str:
        value = at(obj, *path)
        return default if value is None else str(value)

    return cell


# Jobs


def _completions(obj: Object) -> str:
    done = _number(obj, "status", "succeeded")
    wanted, parallel = at(obj, "spec", "completions"), _number(obj, "spec", "parallelism")
    if wanted is not None:
        return f"{done}/{wanted}"
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _job_status(obj: Object) -> str:
    for kind, shown in (
        ("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ):  # fmt: skip
        if _condition(obj, kind).get("status") == "True":
            return shown
    return "Terminating" if at(obj, "metadata", "deletionTimestamp") else "Running"


def _duration(obj: Object, now: datetime.datetime) -> str:
    start = ages.read(at(obj, "status", "startTime"))
    end = ages.read(at(obj, "status", "completionTime")) or now
    return ages.human((end - start).total_seconds()) if start else ""


def _last_run(obj: Object, now: datetime.datetime) -> str:
    time = at(obj, "status", "lastScheduleTime")
    return ages.since(time, now) if time else NONE


# Nodes


def _node_status(obj: Object) -> str:
    ready = _condition(obj, "Ready").get("status")
    found = ["Ready" if ready == "True" else "NotReady"] if ready else ["Unknown"]
    if at(obj, "spec", "unschedulable"):
        found.append("SchedulingDisabled")
    return ",".join(found)


def _roles(obj: Object) -> str:
    prefix = "node-role.kubernetes.io/"
    found = {
        key.removeprefix(prefix)
        for key in map_at(obj, "metadata", "labels")
        if key.startswith(prefix)
    }
    return ",".join(sorted(found - {""})) or NONE


def _address(kind: str) -> Callable[[Object], str]:
    def cell(obj: Object) -> str:
        for address in maps_in(at(obj, "status", "addresses")):
            if address.get("type") == kind:
                return str(address["address"])
        return NONE

    return cell


def _info(name: str) -> Callable[[Object], str]:
    return lambda obj: str(at(obj, "status", "nodeInfo", name) or "<unknown>")


def _kernel(obj: Object) -> str:
    version, machine = _info("kernelVersion")(obj), at(obj, "status", "nodeInfo", "architecture")
    return f"{version} ({machine})" if machine else version


def _revision_of(obj: Object) -> str:
    for owner in maps_in(at(obj, "metadata", "ownerReferences")):
        if owner.get("controller"):
            group = str(owner["apiVersion"]).rpartition("/")[0]
            kind = str(owner["kind"]).lower()
            return f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"
    return NONE


def _metric(obj: Object) -> str:
    found: list[str] = []
    current = list(maps_in(at(obj, "status", "currentMetrics")))
    for index, metric in enumerate(maps_in(at(obj, "spec", "metrics"))):
        now = current[index] if index < len(current) else {}
        if metric.get("type") == "Resource":
            resource, state = map_at(metric, "resource"), map_at(now, "resource", "current")
            target, name = map_at(resource, "target"), resource.get("name")
            if target.get("averageUtilization") is not None:
                value: Any = state.get("averageUtilization")
                shown = "<unknown>" if value is None else f"{value}%"
                found.append(f"{name}: {shown}/{target['averageUtilization']}%")
            else:
                value = state.get("averageValue")
                found.append(f"{name}: {value or '<unknown>'}/{target.get('averageValue')}")
        else:
            found.append(f"<{metric.get('type')}>")
    return ", ".join(found) or NONE


def _scaled(obj: Object) -> str:
    return (
        f"{at(obj, 'spec', 'scaleTargetRef', 'kind')}/{at(obj, 'spec', 'scaleTargetRef', 'name')}"
    )


COLUMNS: Mapping[tuple[str, str], Sequence[Column]] = {
    ("", "pods"): (
        NAME,
        column("Ready", _pod_ready),
        column("Status", _pod_status),
        Column("Restarts", _pod_restarts),
        AGE,
        wide("IP", _or(NONE, "status", "podIP")),
        wide("Node", _or(NONE, "spec", "nodeName")),
        wide("Nominated Node", _or(NONE, "status", "nominatedNodeName")),
        wide("Readiness Gates", _gates),
    ),
    ("", "podtemplates"): (
        NAME,
        column("Containers", _containers("name", "template")),
        column("Images", _containers("image", "template")),
        column("Pod Labels", lambda obj: labels(at(obj, "template", "metadata", "labels"))),
    ),
    ("", "nodes"): (
        NAME,
        column("Status", _node_status),
        column("Roles", _roles),
        AGE,
        field("Version", "status", "nodeInfo", "kubeletVersion"),
        wide("Internal-IP", _address("InternalIP")),
        wide("External-IP", _address("ExternalIP")),
        wide("OS-Image", _info("osImage")),
        dataclasses.replace(wide("Kernel-Version", _info("kernelVersion")), last=35),
        dataclasses.replace(wide("Kernel-Version", _kernel), first=36),
        wide("Container-Runtime", _info("containerRuntimeVersion")),
    ),
    ("apps", "controllerrevisions"): (
        NAME,
        column("Controller", _revision_of),
        field("Revision", "revision", default=0),
        AGE,
    ),
    ("apps", "daemonsets"): (
        NAME,
        count("Desired", "status", "desiredNumberScheduled"),
        count("Current", "status", "currentNumberScheduled"),
        count("Ready", "status", "numberReady"),
        count("Up-to-date", "status", "updatedNumberScheduled"),
        count("Available", "status", "numberAvailable"),
        column(
            "Node Selector",
            lambda obj: labels(at(obj, "spec", "template", "spec", "nodeSelector")),
        ),
        AGE,
        *_TEMPLATE,
        _SELECTOR,
    ),
    ("apps", "deployments"): (
        NAME,
        column("Ready", _of_wanted),
        field("Up-to-date", "status", "updatedReplicas", default=0),
        field("Available", "status", "availableReplicas", default=0),
        AGE,
        *_TEMPLATE,
        _SELECTOR,
    ),
    ("apps", "replicasets"): (
        NAME,
        count("Desired", "spec", "replicas"),
        count("Current", "status", "replicas"),
        count("Ready", "status", "readyReplicas"),
        AGE,
        *_TEMPLATE,
        _SELECTOR,
    ),
    ("apps", "statefulsets"): (NAME, column("Ready", _of_wanted), AGE, *_TEMPLATE),
    ("autoscaling", "horizontalpodautoscalers"): (
        NAME,
        column("Reference", _scaled),
        column("Targets", _metric),
        column("MinPods", _or(UNSET, "spec", "minReplicas")),
        field("MaxPods", "spec", "maxReplicas", default=0),
        field("Replicas", "status", "currentReplicas", default=0),
        AGE,
    ),
    ("batch", "cronjobs"): (
        NAME,
        field("Schedule", "spec", "schedule"),
        field("Timezone", "spec", "timeZone", default=NONE),
        column("Suspend", lambda obj: str(bool(at(obj, "spec", "suspend"))), "boolean"),
        column("Active", lambda obj: len(list_at(obj, "status", "active")), "integer"),
        Column("Last Schedule", _last_run),
        AGE,
        *_template("spec", "jobTemplate", "spec", "template"),
        wide("Selector", lambda obj: selector(at(obj, "spec", "jobTemplate", "spec", "selector"))),
    ),
    ("batch", "jobs"): (
        NAME,
        column("Status", _job_status),
        column("Completions", _completions),
        Column("Duration", _duration),
        AGE,
        *_TEMPLATE,
        _SELECTOR,
    ),
    ("policy", "poddisruptionbudgets"): (
        NAME,
        column("Min Available", _or("N/A", "spec", "minAvailable")),
        column("Max Unavailable", _or("N/A", "spec", "maxUnavailable")),
        count("Allowed Disruptions", "status", "disruptionsAllowed"),
        AGE,
    ),
}
