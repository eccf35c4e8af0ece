"""Requests and limits of the containers that Katib's controller adds, by option.

Source of the defaults: pkg/apis/config/v1beta1/defaults.go of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, cast

from charmkit import yaml_text

DEFAULT = "default"
"""Stands for every name that is not given."""

KATIB_DEFAULTS = {
    "requests": {"cpu": "50m", "memory": "10Mi", "ephemeral-storage": "500Mi"},
    "limits": {"cpu": "500m", "memory": "100Mi", "ephemeral-storage": "5Gi"},
}
"""What Katib fills in where nothing is given."""

Resources = dict[str, dict[str, str]]
"""Quantities by `requests` or `limits`, and by the resource."""

_QUANTITY = re.compile(r"(-?)(\d+(?:\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse(raw: str | None, known: Collection[str]) -> dict[str, Resources]:
    """Return the resources by name.

    Args:
        raw: a YAML mapping of names to `requests` and `limits`.
        known: the names that are allowed beside `default`.

    Raises:
        ValueError: naming the place and what is wrong with it.
    """
    named = _mapping(yaml_text.load(raw or ""), "the option")
    for name in named:
        if name != DEFAULT and name not in known:
            raise ValueError(f"{name} is not {DEFAULT} or one of {', '.join(known)}")
    return {name: _resources(item, name) for name, item in named.items()}


def chosen(resources: dict[str, Resources], name: str, own: Resources) -> Resources:
    """Return the resources of one name.

    Args:
        resources: what the option says.
        name: the algorithm or kind.
        own: what the charm sets where the option does not name it.
    """
    wanted = resources.get(name) or (own or resources.get(DEFAULT, {}))
    return {key: dict(values) for key, values in wanted.items()}


def _resources(item: Any, name: str) -> Resources:
    parts = _mapping(item, name)
    unknown = set(parts) - set(KATIB_DEFAULTS)
    if unknown:
        raise ValueError(f"{name} has {min(unknown)}, not requests or limits")
    found = {key: _quantities(values, f"{name}.{key}") for key, values in parts.items()}
    _check_limits(found, name)
    return found


def _quantities(item: Any, place: str) -> dict[str, str]:
    values = {resource: str(amount) for resource, amount in _mapping(item, place).items()}
    for resource, amount in values.items():
        if not _QUANTITY.fullmatch(amount):
            raise ValueError(f"{place}.{resource} is {amount}, not a quantity")
    return values


def _check_limits(found: Resources, name: str) -> None:
    """Refuse a request above the limit, whichever of the two is Katib's: no pod would start."""
    requests = KATIB_DEFAULTS["requests"] | found.get("requests", {})
    limits = KATIB_DEFAULTS["limits"] | found.get("limits", {})
    for resource in set(requests) & set(limits):
        request, limit = requests[resource], limits[resource]
        if _amount(limit) >= 0 and _amount(request) > _amount(limit):
            raise ValueError(f"{name}: request {request} of {resource} is above limit {limit}")


def _mapping(item: Any, place: str) -> dict[str, Any]:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise ValueError(f"{place} is not a mapping")
    return {str(key): value for key, value in cast("dict[Any, Any]", item).items()}


def _amount(text: str) -> float:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a quantity")
    sign, number, suffix = match[1], float(match[2]), match[3] or ""
    if suffix in _BINARY:
        number *= 2 ** _BINARY[suffix]
    else:
        number *= 10 ** (_DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:]))
    return -number if sign else number
