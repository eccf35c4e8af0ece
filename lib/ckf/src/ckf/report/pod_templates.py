# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What pods ask for: of a pod, and of the containers that controllers start later.

The latter stand in custom resources, in ConfigMaps and in files that charms push, each in the form
of the program that reads it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import jujusim
import yaml
from kubefake import quantity
from kubefake.values import at, is_list, is_map

from ..preview import cluster

COUNTED = ("cpu", "memory")
_PARTS = ("requests", "limits")
Amounts = Mapping[str, Decimal]

_TELLING = re.compile(r"image|cpu|memory")
_NOT_LATER = (
    "CustomResourceDefinition", "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Pod",
)  # fmt: skip
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Keys of a place that say nothing about what it is.
_EMPTY_WORDS = ("resource", "container", "spec", "template")


@dataclasses.dataclass(frozen=True)
class Use:
    """What a pod, or a container that is started later, asks for.

    Attributes:
        what: The object or the file that says so.
        requests: By resource, in its basic unit.
        unset: Containers, and what each of them does not say.
        most: How many an autoscaler can make of them.
    """

    app: str
    what: str
    requests: Amounts
    limits: Amounts
    unset: tuple[str, ...] = ()
    pods: int = 1
    most: int = 1


def of_pod(app: str, what: str, spec: cluster.Object) -> Use:
    """Return what a pod asks for, as the scheduler counts it.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers.
    """
    containers = [_of_container(app, what, each) for each in spec.get("containers") or ()]
    starting: list[Use] = []
    for each in spec.get("initContainers") or ():
        use = _of_container(app, what, each)
        (containers if each.get("restartPolicy") == "Always" else starting).append(use)
    return Use(
        app,
        what,
        requests=_largest(containers, starting, "requests"),
        limits=_largest(containers, starting, "limits"),
        unset=tuple(name for use in containers for name in use.unset),
    )


def _largest(containers: Iterable[Use], starting: Iterable[Use], field: str) -> dict[str, Decimal]:
    """Return what containers take together, or the largest of those before them takes alone."""
    found: dict[str, Decimal] = {}
    for use in containers:
        for name, value in getattr(use, field).items():
            found[name] = found.get(name, Decimal(0)) + value
    for use in starting:
        for name, value in getattr(use, field).items():
            found[name] = max(found.get(name, Decimal(0)), value)
    return found


def _of_container(app: str, what: str, container: cluster.Object) -> Use:
    limits = _amounts(at(container, "resources", "limits"))
    # The API server takes a limit for the request that is not there.
    requests = {**limits, **_amounts(at(container, "resources", "requests"))}
    return _use(app, what, str(container.get("name", "")), requests, limits)


def _use(app: str, what: str, name: str, requests: Amounts, limits: Amounts) -> Use:
    missing = [
        each if each not in requests else f"{each} limit"
        for each in COUNTED
        if each not in requests or each not in limits
    ]
    label = f"{name}: " if name else ""
    return Use(app, what, requests, limits, (f"{label}{', '.join(missing)}",) if missing else ())


def _amounts(values: Any) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, value in values.items() if is_map(values) else ():
        try:
            found[name] = quantity.parse(value)[0]
        except ValueError:
            # A template's variable: what it will be is not known yet.
            continue
    return found


def of(model: jujusim.Model, owned: Iterable[cluster.Owned]) -> list[Use]:
    """Return what is started later, each once, by application."""
    found: dict[tuple[str, ...], Use] = {}
    for app, source, value in _places(model, owned):
        for use in _walk(app, source, value, ()):
            # A file and a ConfigMap can say the same; each resource is one of its own.
            what = use.what if is_map(value) and value["kind"] != "ConfigMap" else ""
            name = use.what.partition(": ")[2]
            found.setdefault((app, what, name, repr(use.requests), repr(use.limits)), use)
    return sorted(found.values(), key=lambda use: (use.app, use.what))


def _places(
    model: jujusim.Model, owned: Iterable[cluster.Owned]
) -> Iterator[tuple[str, str, Any]]:
    for each in owned:
        if not each.by_juju and each.obj["kind"] not in _NOT_LATER:
            yield each.app, f"{each.obj['kind']} {each.obj['metadata']['name']}", each.obj
    for unit in model.units.values():
        for container in unit.containers.values():
            for path, content in sorted(container.files().items()):
                text = content.decode(errors="replace")
                yield unit.app.name, path.rpartition("/")[2], text


def _walk(app: str, source: str, value: Any, path: tuple[str, ...]) -> Iterator[Use]:
    if isinstance(value, str):
        for document in _documents(value):
            yield from _walk(app, source, document, path)
    elif is_list(value):
        for item in value:
            yield from _walk(app, source, item, path)
    elif is_map(value):
        yield from _leaf(app, source, value, path)
        for key, below in value.items():
            yield from _walk(app, source, below, (*path, str(key)))


def _documents(text: str) -> list[Any]:
    """Return the structures in a text that is JSON or YAML."""
    if not _TELLING.search(text) or not (text.startswith(("{", "[")) or "\n" in text):
        return []
    try:
        found = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError:
        return []
    return [each for each in found if is_map(each) or is_list(each)]


def _leaf(app: str, source: str, value: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Use]:
    name = _name(value, path)
    what = f"{source}: {name}" if name else source
    parts = [at(value, "resources", part, each) for part in _PARTS for each in COUNTED]
    if {"cpuRequest", "cpuLimit"} & value.keys():
        yield _use(app, what, "", _flat(value, "Request"), _flat(value, "Limit"))
    elif any(parts) or _is_image(value.get("image")):
        yield _of_container(app, what, {"resources": value.get("resources")})
    elif is_map(value.get("cpu")) and "limitFactor" in value["cpu"]:
        yield _of_spawner(app, f"{source}: notebook", value)


def _name(value: Mapping[str, Any], path: tuple[str, ...]) -> str:
    for key in ("name", "algorithmName", "kind"):
        if isinstance(value.get(key), str):
            return str(value[key])
    return next((word for word in reversed(path) if word not in _EMPTY_WORDS), "")


def _is_image(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\S+[/:]\S+", value))


def _flat(value: Mapping[str, Any], ending: str) -> dict[str, Decimal]:
    """Read the form of KServe's configuration: `cpuRequest`, `memoryLimit`."""
    return _amounts({name: value.get(f"{name}{ending}", "") for name in COUNTED})


def _of_spawner(app: str, what: str, value: Mapping[str, Any]) -> Use:
    """Read the form of the notebooks' page: a value, and by what the limit is larger."""
    requests = _amounts({name: at(value, name, "value") for name in COUNTED})
    factors = _amounts({name: at(value, name, "limitFactor") for name in COUNTED})
    limits = {name: amount * factors[name] for name, amount in requests.items() if name in factors}
    return _use(app, what, "", requests, limits)
