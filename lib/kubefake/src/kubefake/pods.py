# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules for what runs: pod specs, their containers, volumes and ports."""

import re
from collections.abc import Iterable
from typing import Any

from . import errors, names, quantity
from .errors import Cause, Causes
from .values import Object, map_at, maps_in

_ENV_NAME = re.compile(r"[ -<>-~]+\Z")
_ENV_WORDS = (
    "a valid environment variable name must consist only of printable ASCII characters other "
    "than '='"
)


def validate(spec: Object, path: str, restart: list[str] | None = None) -> Causes:
    """Yield what is wrong with a pod's spec, in an object that allows some restart policies."""
    if restart and "Never" in restart and spec.get("restartPolicy") == "Always":
        shown = ", ".join(f'"{choice}"' for choice in restart)
        yield errors.required(f"{path}.restartPolicy", f"valid values: {shown}")
    else:
        policies = restart or ["Always", "OnFailure", "Never"]
        yield from _enum(spec, "restartPolicy", path, policies)
    if not spec.get("containers"):
        yield errors.required(f"{path}.containers")
    yield from _volumes(spec, path)
    volumes = {volume.get("name") for volume in maps_in(spec.get("volumes"))}
    seen: set[Any] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(maps_in(spec.get(group))):
            where = f"{path}.{group}[{index}]"
            yield from _container(container, where, volumes)
            yield from _again(container.get("name"), seen, f"{where}.name")


def _enum(obj: Object, name: str, path: str, choices: list[str]) -> Causes:
    if obj.get(name) not in {None, *choices}:
        yield errors.unsupported(f"{path}.{name}", obj[name], choices)


def _again(value: Any, seen: set[Any], path: str) -> Causes:
    """Take note of a value that others of its kind may not have."""
    if value in seen:
        yield errors.duplicate(path, value)
    seen.add(value)


def _label(name: Any, path: str) -> Causes:
    """Yield what is wrong with a name that must be given."""
    if not name:
        yield errors.required(path)
    else:
        yield from errors.invalid_values(path, name, names.label(name))


_SOURCES = ("emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "configMap",
            "downwardAPI", "projected", "csi", "ephemeral")  # fmt: skip


def _source_rank(source: str) -> int:
    """Return the place of a kind of volume in the order in which the server looks at them."""
    return _SOURCES.index(source) if source in _SOURCES else len(_SOURCES)


def _volumes(spec: Object, path: str) -> Causes:
    seen: set[Any] = set()
    for index, volume in enumerate(maps_in(spec.get("volumes"))):
        where, name = f"{path}.volumes[{index}]", volume.get("name")
        if name and name in seen:
            yield errors.duplicate(f"{where}.name", name)
        else:
            yield from _label(name, f"{where}.name")
        for source in sorted(set(volume) - {"name"}, key=_source_rank)[1:]:
            yield errors.not_allowed(
                f"{where}.{source}", "may not specify more than 1 volume type"
            )
        seen.add(name)


def _container(container: Object, path: str, volumes: set[Any]) -> Causes:
    yield from _label(container.get("name"), f"{path}.name")
    if not container.get("image"):
        yield errors.required(f"{path}.image")
    yield from _enum(container, "imagePullPolicy", path, ["Always", "IfNotPresent", "Never"])
    yield from _environment(container, path)
    yield from _mounts(container, path, volumes)
    yield from _ports(container, path)
    limits = map_at(container, "resources", "limits")
    for name, amount in map_at(container, "resources", "requests").items():
        if name in limits and quantity.parse(amount)[0] > quantity.parse(limits[name])[0]:
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield errors.invalid_value(f"{path}.resources.requests", amount, why)


def _environment(container: Object, path: str) -> Causes:
    for index, variable in enumerate(maps_in(container.get("env"))):
        where, name = f"{path}.env[{index}]", variable.get("name", "")
        if not name:
            yield errors.required(f"{where}.name")
        elif not _ENV_NAME.match(name):
            yield errors.invalid_value(f"{where}.name", name, _ENV_WORDS)
        if variable.get("value") and variable.get("valueFrom"):
            why = "may not be specified when `value` is not empty"
            yield errors.invalid_value(f"{where}.valueFrom", "", why)


def _mounts(container: Object, path: str, volumes: set[Any]) -> Causes:
    seen: set[Any] = set()
    for index, mount in enumerate(maps_in(container.get("volumeMounts"))):
        where, name, place = (
            f"{path}.volumeMounts[{index}]",
            mount.get("name"),
            mount.get("mountPath"),
        )
        if name not in volumes:
            yield Cause("FieldValueNotFound", f'Not found: "{name}"', f"{where}.name")
        if place in seen:
            yield errors.invalid_value(f"{where}.mountPath", place, "must be unique")
        seen.add(place)


def _ports(container: Object, path: str) -> Causes:
    seen: set[Any] = set()
    for index, port in enumerate(maps_in(container.get("ports"))):
        where = f"{path}.ports[{index}]"
        if not port.get("containerPort"):
            yield errors.required(f"{where}.containerPort")
        else:
            yield from port_number(port["containerPort"], f"{where}.containerPort")
        if port.get("name"):
            yield from port_name(port["name"], f"{where}.name")
            yield from _again(port["name"], seen, f"{where}.name")
        yield from protocol(port, where)


def fixed(spec: Object) -> Object:
    """Return what of a pod's spec an update may not change."""
    free = {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}
    kept = {name: value for name, value in spec.items() if name not in free}
    for group in ("containers", "initContainers"):
        kept[group] = [
            {**each, "image": "", "imagePullPolicy": ""} for each in maps_in(spec.get(group))
        ]
    return kept


def protocol(port: Object, path: str) -> Causes:
    """Yield what is wrong with a port's protocol."""
    return _enum(port, "protocol", path, ["SCTP", "TCP", "UDP"])


def port_number(value: Any, path: str) -> Causes:
    """Yield what is wrong with a port's number."""
    if not isinstance(value, int) or not 1 <= value <= 65535:
        yield errors.invalid_value(path, value, "must be between 1 and 65535, inclusive")


def port_name(value: Any, path: str) -> Causes:
    """Yield what is wrong with a port's name (an IANA service name)."""
    return errors.invalid_values(path, value, _of_port_name(str(value)))


def _of_port_name(text: str) -> Iterable[str]:
    if len(text) > 15:
        yield "must be no more than 15 characters"
    if not re.fullmatch(r"[-a-z0-9]+", text):
        alphabet = "alpha-numeric characters"  # codespell:ignore
        yield f"must contain only {alphabet} (a-z, 0-9), and hyphens (-)"
    elif not re.search("[a-z]", text):
        yield "must contain at least one letter (a-z)"
