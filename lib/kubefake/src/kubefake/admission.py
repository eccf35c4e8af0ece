"""What is decided about a write beside the object itself: where it may be, and what is said."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import crds, errors
from .defaults import pod_specs
from .values import Object, at, map_at, maps_in
from .wire import Call

if TYPE_CHECKING:
    from .cluster import Cluster

NAMESPACES = ("", "namespaces")


def check_place(cluster: "Cluster", call: Call) -> None:
    """Refuse to create where there is no namespace, or something that is going.

    Raises:
        ApiError: 404 or 403.
    """
    if call.resource.custom:
        _check_definition(cluster, call)
    if not call.namespace:
        return
    found = cluster.store.get(NAMESPACES, ("", call.namespace))
    if found is None:
        raise errors.not_found("", "namespaces", call.namespace)
    if "deletionTimestamp" in found.obj["metadata"]:
        why = (
            f"unable to create new content in namespace {call.namespace} because it is being "
            "terminated"
        )
        error = errors.forbidden(call.resource.group, call.resource.plural, call.name, why)
        message = f"namespace {call.namespace} is being terminated"
        cause = errors.Cause("NamespaceTerminating", message, "metadata.namespace")
        error.details = {**(error.details or {}), "causes": [cause.as_object()]}
        raise error


def _check_definition(cluster: "Cluster", call: Call) -> None:
    name = f"{call.resource.plural}.{call.resource.group}"
    found = cluster.store.get(crds.TABLE, ("", name))
    if found is not None and "deletionTimestamp" in found.obj["metadata"]:
        why = "create not allowed while custom resource definition is terminating"
        raise errors.forbidden(call.resource.group, call.resource.plural, call.name, why)


def deprecation(call: Call) -> list[str]:
    """Return what is said about the use of a resource, whatever is done with it."""
    if call.resource.key == ("", "endpoints") and call.resource.minor >= 33:
        return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    return []


def _generation(obj: Object) -> object:
    return at(obj, "metadata", "generation")


def advice(call: Call, old: Object | None, obj: Object) -> list[str]:
    """Return what is said about an object that is accepted; of pods only where they changed.

    Restates k8s.io/kubernetes/pkg/api/{pod,service}/warnings.go for what charms write.
    """
    if call.resource.custom:
        return []
    found: list[str] = []
    if old is None or not call.resource.generation or _generation(old) != _generation(obj):
        found = [text for path, spec in pod_specs(obj) for text in _about_pod(spec, path)]
    if call.resource.key == ("", "services"):
        found += _about_service(map_at(obj, "spec"))
    return found


def _about_service(spec: Object) -> list[str]:
    if spec.get("clusterIP") == "None" and spec.get("sessionAffinity") not in {None, "None"}:
        return ["spec.SessionAffinity is ignored for headless services"]
    return []


def _about_pod(spec: Object, path: str) -> Iterator[str]:
    ports: dict[tuple[object, object], list[str]] = {}
    for group in ("initContainers", "containers"):
        for index, container in enumerate(maps_in(spec.get(group))):
            where = f"{path}.{group}[{index}]"
            yield from _about_environment(container, where)
            yield from _about_resources(container, where)
            yield from _about_ports(container, where, ports)


def _about_environment(container: Object, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(maps_in(container.get("env"))):
        name, value = variable.get("name", ""), variable.get("value", "")
        reference = f"$({name})"
        extends = "valueFrom" not in variable and reference in value and value != reference
        if name in seen and not extends:
            yield (
                f'{path}.env[{index}]: hides previous definition of "{name}", which may be '
                "dropped when using apply"
            )
        seen.add(name)


def _about_resources(container: Object, path: str) -> Iterator[str]:
    for kind in ("limits", "requests"):
        for name, amount in map_at(container, "resources", kind).items():
            if name in {"memory", "ephemeral-storage"} and str(amount).endswith("m"):
                yield (
                    f'{path}.resources.{kind}[{name}]: fractional byte value "{amount}" is '
                    "invalid, must be an integer"
                )


def _about_ports(
    container: Object, path: str, known: dict[tuple[object, object], list[str]]
) -> Iterator[str]:
    for index, port in enumerate(maps_in(container.get("ports"))):
        where, key = f"{path}.ports[{index}]", (port.get("containerPort"), port.get("protocol"))
        if "hostPort" not in port:
            for other in known.get(key, ()):
                yield f"{where}: duplicate port definition with {other}"
            known.setdefault(key, []).append(where)
