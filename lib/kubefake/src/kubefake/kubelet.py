# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A pod's status as a kubelet writes it: that of a pod that runs, or of one that cannot start.

Reasons and messages are those of Kubernetes 1.34: pkg/kubelet/kuberuntime, pkg/kubelet/images and
pkg/scheduler/framework/plugins/volumebinding.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .values import Object, at, condition, is_true, map_at, maps_in

CRASH = "CrashLoopBackOff"
IMAGE = "ImagePullBackOff"
CONFIG = "CreateContainerConfigError"
CREATING = "ContainerCreating"
NOT_READY = "NotReady"
"""No reason of Kubernetes: every container runs, and none is ready."""

Find = Callable[[str, str], Object | None]
"""Returns the ConfigMap, Secret or claim (the plural) of a name in the pod's namespace."""


@dataclass(frozen=True)
class Failure:
    """Why a pod does not become ready."""

    reason: str  # the containers' waiting reason
    message: str = ""  # the containers' waiting message; the kubelet's own where it is empty


def status(pod: Object, find: Find, failure: Failure | None, now: str) -> Object:
    """Return a pod's status; `failure` is what goes wrong beside what `find` does not find."""
    claim = _missing_claim(pod, find)
    if claim:
        why = {"reason": "Unschedulable", "message": f'persistentvolumeclaim "{claim}" not found'}
        scheduled = condition(pod, "PodScheduled", "False", now, **why)
        return {**map_at(pod, "status"), "phase": "Pending", "conditions": [scheduled]}
    if _lacks_volume(pod, find):
        failure = Failure(CREATING)
    containers = [
        _container(pod, each, find, failure) for each in at(pod, "spec", "containers") or ()
    ]
    ready = all(each["ready"] for each in containers)
    running = any("running" in each["state"] or each["restartCount"] for each in containers)
    return {
        **map_at(pod, "status"),
        "phase": "Running" if running else "Pending",
        "conditions": _conditions(pod, now, ready=ready, containers=containers),
        "containerStatuses": containers,
        "startTime": at(pod, "status", "startTime") or now,
    }


def is_ready(pod: Object) -> bool:
    """Tell whether a pod's condition Ready is true."""
    return is_true(pod, "Ready")


def _conditions(pod: Object, now: str, *, ready: bool, containers: list[Object]) -> list[Object]:
    names = " ".join(each["name"] for each in containers if not each["ready"])
    why = f"containers with unready status: [{names}]"
    more = {} if ready else {"reason": "ContainersNotReady", "message": why}
    return [
        condition(pod, "Initialized", "True", now),
        condition(pod, "Ready", str(ready), now, **more),
        condition(pod, "ContainersReady", str(ready), now, **more),
        condition(pod, "PodScheduled", "True", now),
    ]


def _container(pod: Object, container: Object, find: Find, failure: Failure | None) -> Object:
    wrong = next(_missing_settings(pod, container, find), "")
    if wrong and not (failure and failure.reason == CREATING):
        failure = Failure(CONFIG, wrong)
    running = failure is None or failure.reason == NOT_READY
    crashed = failure is not None and failure.reason == CRASH
    status: Object = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": failure is None,
        "started": running,
        "restartCount": 5 if crashed else 0,
        "state": {"running": {}},
    }
    if failure is not None and not running:
        message = failure.message or _message(pod, container, failure.reason)
        waiting = {"reason": failure.reason, **({"message": message} if message else {})}
        status["state"] = {"waiting": waiting}
    if crashed:
        status["lastState"] = {"terminated": {"exitCode": 1, "reason": "Error"}}
    return status


def _message(pod: Object, container: Object, reason: str) -> str:
    meta = pod["metadata"]
    who = f"{meta['name']}_{meta.get('namespace', '')}({meta.get('uid', '')})"
    return {
        CRASH: f"back-off 5m0s restarting failed container={container['name']} pod={who}",
        IMAGE: f'Back-off pulling image "{container["image"]}"',
    }.get(reason, "")


def _missing_claim(pod: Object, find: Find) -> str:
    for volume in maps_in(at(pod, "spec", "volumes")):
        name = str(at(volume, "persistentVolumeClaim", "claimName") or "")
        if name and find("persistentvolumeclaims", name) is None:
            return name
    return ""


_SOURCES = (("configMap", "configmaps", "ConfigMap"), ("secret", "secrets", "Secret"))
"""What refers to data in a namespace, its plural and its kind."""


def _lacks_volume(pod: Object, find: Find) -> bool:
    """Tell whether a volume cannot be mounted; only events say why."""
    for volume in maps_in(at(pod, "spec", "volumes")):
        for source in (volume, *maps_in(at(volume, "projected", "sources"))):
            for field, plural, _ in _SOURCES:
                given = map_at(source, field)
                name = given.get("name") or given.get("secretName")
                if name and not given.get("optional") and find(plural, str(name)) is None:
                    return True
    return False


def _missing_settings(pod: Object, container: Object, find: Find) -> Iterator[str]:
    """Yield what keeps a container's environment from being made."""
    for source in maps_in(container.get("envFrom")):
        yield from _missing_data(pod, source, "Ref", find)
    for variable in maps_in(container.get("env")):
        yield from _missing_data(pod, map_at(variable, "valueFrom"), "KeyRef", find)


def _missing_data(pod: Object, source: Object, suffix: str, find: Find) -> Iterator[str]:
    for field, plural, kind in _SOURCES:
        given = map_at(source, f"{field}{suffix}")
        if not given or given.get("optional"):
            continue
        found = find(plural, str(given.get("name")))
        keys = {*map_at(found, "data"), *map_at(found, "binaryData")}
        if found is None:
            yield f'{kind.lower()} "{given.get("name")}" not found'
        elif "key" in given and given["key"] not in keys:
            where = f"{pod['metadata'].get('namespace', '')}/{given.get('name')}"
            yield f"couldn't find key {given['key']} in {kind} {where}"
