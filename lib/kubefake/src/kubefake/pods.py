# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules for what runs: pod specs, their containers, volumes and ports."""

import re
from typing import Any

from . import errors, names, quantity
from .errors import Cause
from .values import Object, map_at, maps_in

_ENV_NAME = re.compile(r"[ -<>-~]+\Z")
_ENV_WORDS = (
    "a valid environment variable name must consist only of printable ASCII characters other "
    "than '='"
)


def validate(spec: Object, path: str, restart: list[str] | None = None) -> list[Cause]:
    """Return what is wrong with a pod's spec.

    Args:
        spec: The spec.
        path: Where it stands in the object.
        restart: The restart policies that the object allows; all where it is not given.
    """
    found = _restart(spec, path, restart)
    if not spec.get("containers"):
        found.append(errors.required(f"{path}.containers"))
    found += _volumes(spec, path)
    volumes = {volume.get("name") for volume in maps_in(spec.get("volumes"))}
    seen: set[Any] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(maps_in(spec.get(group))):
            where = f"{path}.{group}[{index}]"
            found += _container(container, where, volumes)
            if container.get("name") in seen:
                found.append(errors.duplicate(f"{where}.name", container.get("name")))
            seen.add(container.get("name"))
    return found


def _restart(spec: Object, path: str, choices: list[str] | None) -> list[Cause]:
    where = f"{path}.restartPolicy"
    if choices and "Never" in choices and spec.get("restartPolicy") == "Always":
        shown = ", ".join(f'"{choice}"' for choice in choices)
        return [errors.required(where, f"valid values: {shown}")]
    return _enum(spec, "restartPolicy", path, choices or ["Always", "OnFailure", "Never"])


def _enum(obj: Object, name: str, path: str, choices: list[str]) -> list[Cause]:
    value = obj.get(name)
    if value is None or value in choices:
        return []
    return [errors.unsupported(f"{path}.{name}", value, list(choices))]


_SOURCES = ("emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "configMap",
            "downwardAPI", "projected", "csi", "ephemeral")  # fmt: skip


def _source_rank(source: str) -> int:
    """Return the place of a kind of volume in the order in which the server looks at them."""
    return _SOURCES.index(source) if source in _SOURCES else len(_SOURCES)


def _volumes(spec: Object, path: str) -> list[Cause]:
    found: list[Cause] = []
    seen: set[Any] = set()
    for index, volume in enumerate(maps_in(spec.get("volumes"))):
        where, name = f"{path}.volumes[{index}]", volume.get("name")
        if not name:
            found.append(errors.required(f"{where}.name"))
        elif name in seen:
            found.append(errors.duplicate(f"{where}.name", name))
        else:
            found += [
                errors.invalid_value(f"{where}.name", name, why) for why in names.label(name)
            ]
        found += [
            errors.not_allowed(f"{where}.{source}", "may not specify more than 1 volume type")
            for source in sorted(set(volume) - {"name"}, key=_source_rank)[1:]
        ]
        seen.add(name)
    return found


def _container(container: Object, path: str, volumes: set[Any]) -> list[Cause]:
    found: list[Cause] = []
    name = container.get("name", "")
    if not name:
        found.append(errors.required(f"{path}.name"))
    else:
        found += [errors.invalid_value(f"{path}.name", name, why) for why in names.label(name)]
    if not container.get("image"):
        found.append(errors.required(f"{path}.image"))
    found += _enum(container, "imagePullPolicy", path, ["Always", "IfNotPresent", "Never"])
    found += _environment(container, path)
    found += _mounts(container, path, volumes)
    found += _ports(container, path)
    return found + _resources(map_at(container, "resources"), f"{path}.resources")


def _environment(container: Object, path: str) -> list[Cause]:
    found: list[Cause] = []
    for index, variable in enumerate(maps_in(container.get("env"))):
        where, name = f"{path}.env[{index}]", variable.get("name", "")
        if not name:
            found.append(errors.required(f"{where}.name"))
        elif not _ENV_NAME.match(name):
            found.append(errors.invalid_value(f"{where}.name", name, _ENV_WORDS))
        if variable.get("value") and variable.get("valueFrom"):
            why = "may not be specified when `value` is not empty"
            found.append(errors.invalid_value(f"{where}.valueFrom", "", why))
    return found


def _mounts(container: Object, path: str, volumes: set[Any]) -> list[Cause]:
    found: list[Cause] = []
    seen: set[Any] = set()
    for index, mount in enumerate(maps_in(container.get("volumeMounts"))):
        where, name = f"{path}.volumeMounts[{index}]", mount.get("name")
        if name not in volumes:
            found.append(Cause("FieldValueNotFound", f'Not found: "{name}"', f"{where}.name"))
        if mount.get("mountPath") in seen:
            why = "must be unique"
            found.append(errors.invalid_value(f"{where}.mountPath", mount.get("mountPath"), why))
        seen.add(mount.get("mountPath"))
    return found


def _ports(container: Object, path: str) -> list[Cause]:
    found: list[Cause] = []
    seen: set[Any] = set()
    for index, port in enumerate(maps_in(container.get("ports"))):
        where = f"{path}.ports[{index}]"
        if not port.get("containerPort"):
            found.append(errors.required(f"{where}.containerPort"))
        else:
            found += port_number(port["containerPort"], f"{where}.containerPort")
        if port.get("name"):
            found += port_name(port["name"], f"{where}.name")
            if port["name"] in seen:
                found.append(errors.duplicate(f"{where}.name", port["name"]))
            seen.add(port["name"])
        found += protocol(port, where)
    return found


def _resources(resources: Object, path: str) -> list[Cause]:
    limits = map_at(resources, "limits")
    return [
        errors.invalid_value(
            f"{path}.requests",
            amount,
            f"must be less than or equal to {name} limit of {limits[name]}",
        )
        for name, amount in map_at(resources, "requests").items()
        if name in limits and quantity.parse(amount)[0] > quantity.parse(limits[name])[0]
    ]


def fixed(spec: Object) -> Object:
    """Return what of a pod's spec an update may not change."""
    kept = dict(spec)
    for name in ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"):
        kept.pop(name, None)
    for group in ("containers", "initContainers"):
        kept[group] = [
            {**each, "image": "", "imagePullPolicy": ""} for each in maps_in(spec.get(group))
        ]
    return kept


def protocol(port: Object, path: str) -> list[Cause]:
    """Return what is wrong with a port's protocol."""
    return _enum(port, "protocol", path, ["SCTP", "TCP", "UDP"])


def port_number(value: Any, path: str) -> list[Cause]:
    """Return what is wrong with a port's number."""
    if isinstance(value, int) and 1 <= value <= 65535:
        return []
    return [errors.invalid_value(path, value, "must be between 1 and 65535, inclusive")]


def port_name(value: Any, path: str) -> list[Cause]:
    """Return what is wrong with a port's name (an IANA service name)."""
    text = str(value)
    found: list[str] = []
    if len(text) > 15:
        found.append("must be no more than 15 characters")
    if not re.fullmatch(r"[-a-z0-9]+", text):
        found.append(
            "must contain only alpha-numeric "  # codespell:ignore
            "characters (a-z, 0-9), and hyphens (-)"
        )
    elif not re.search("[a-z]", text):
        found.append("must contain at least one letter (a-z)")
    return [errors.invalid_value(path, value, why) for why in found]
