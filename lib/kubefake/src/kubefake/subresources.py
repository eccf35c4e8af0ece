"""The `scale` and `status` subresources."""

from typing import Any

from . import errors
from .resources import Resource
from .values import Object, at, dumps, is_map, map_at, replaced

_BUILTIN_SCALE = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.replicas",
}


def _path(resource: Resource, name: str) -> list[str]:
    paths = resource.scale if resource.custom else _BUILTIN_SCALE
    return str(paths.get(name, "")).lstrip(".").split(".")


def scale_of(resource: Resource, obj: Object, *, lenient: bool = False) -> Object:
    """Return an object's Scale.

    Args:
        resource: The object's resource.
        obj: The object.
        lenient: A custom object need not say how many replicas it has.

    Raises:
        ApiError: 500 when a custom object does not say how many replicas it has.
    """
    meta = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Object = {"replicas": at(obj, *_path(resource, "statusReplicasPath")) or 0}
    selector = _selector(resource, obj)
    if selector:
        status["selector"] = selector
    spec: Object = {}
    replicas = at(obj, *_path(resource, "specReplicasPath"))
    if replicas is None and resource.custom and not lenient:
        why = f'the spec replicas field "{resource.scale["specReplicasPath"]}" does not exist'
        details: Object = {"causes": [{"message": why}]}
        message = f"Internal error occurred: {why}"
        raise errors.ApiError(500, "InternalError", message, details)
    if replicas:
        spec["replicas"] = replicas
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: meta[name] for name in kept if name in meta},
        "spec": spec,
        "status": status,
    }


def _selector(resource: Resource, obj: Object) -> str:
    if resource.custom:
        found = at(obj, *_path(resource, "labelSelectorPath"))
        return found if isinstance(found, str) else ""
    labels = map_at(obj, "spec", "selector", "matchLabels")
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def scaled(resource: Resource, obj: Object, scale: Any) -> Object:
    """Return the object with the replicas that a Scale asks for.

    Raises:
        ApiError: 422 when the number is negative.
    """
    replicas = at(scale, "spec", "replicas") or 0
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise errors.bad_request(
            'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal '
            f"{dumps(replicas)} into Go struct field ScaleSpec.spec.replicas of type int32"
        )
    if replicas < 0:
        why = "must be greater than or equal to 0"
        cause = errors.invalid_value("spec.replicas", replicas, why)
        raise errors.invalid("autoscaling", "Scale", obj["metadata"]["name"], [cause])
    return replaced(obj, replicas, *_path(resource, "specReplicasPath"))


def with_status(old: Object, sent: Object) -> Object:
    """Return the stored object with the status that was sent, and nothing else of it."""
    new = dict(old)
    new.pop("status", None)
    if "status" in sent:
        new["status"] = sent["status"]
    fields = sent.get("metadata")
    if is_map(fields) and "managedFields" in fields:
        new["metadata"] = {**old["metadata"], "managedFields": fields["managedFields"]}
    return new
