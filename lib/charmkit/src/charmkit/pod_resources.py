"""Requests and limits of containers, as an option has them.

Source of the form of quantities: k8s.io/apimachinery, pkg/api/resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from . import options, yaml_text

Resources = dict[str, dict[str, str]]
"""Quantities by `requests` or `limits`, and by the name of the resource."""

NONE: Resources = {}

_QUANTITY = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def option(*, name: str = "") -> Any:
    """Return an option that holds a YAML mapping of `requests` and `limits`, or nothing."""

    def read(raw: str | None) -> Resources:
        return parse(yaml_text.load(raw or ""))

    accepts = "a YAML mapping of requests and limits such as {limits: {memory: 1Gi}}, or nothing"
    return options.custom(read, accepts, bad="{limits: {memory: much}}", name=name)


def parse(item: Any, filled_in: Mapping[str, Mapping[str, str]] = NONE) -> Resources:
    """Return requests and limits, with every quantity as text.

    Args:
        item: a mapping of `requests` and `limits`, or None.
        filled_in: what the program that makes the pod fills in where nothing is given.

    Raises:
        ValueError: naming the place, and what is wrong with it.
    """
    parts = _mapping(item, "it")
    for part in parts:
        if part not in ("requests", "limits"):
            raise ValueError(f"{part} is not requests or limits")
    found = {part: _quantities(values, part) for part, values in parts.items()}
    _check_limits(found, filled_in)
    return found


def amount(text: str) -> float:
    """Return a quantity as a number.

    Raises:
        ValueError: if it is not a quantity, such as 500m or 1Gi.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a quantity")
    suffix = match[3] or ""
    power = 10.0 ** (_DECIMAL[suffix] if suffix in _DECIMAL else _exponent(suffix))
    number = float(match[2]) * (2.0 ** _BINARY[suffix] if suffix in _BINARY else power)
    return -number if match[1] == "-" else number


def _exponent(suffix: str) -> int:
    return 0 if suffix in _BINARY else int(suffix[1:])


def _quantities(item: Any, part: str) -> dict[str, str]:
    values = {name: str(value) for name, value in _mapping(item, part).items()}
    for name, value in values.items():
        try:
            amount(value)
        except ValueError as error:
            raise ValueError(f"{part}.{name}: {error}") from error
    return values


def _check_limits(found: Resources, filled_in: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse a request above its limit, whichever of the two is filled in: no pod would start."""
    requests = {**filled_in.get("requests", {}), **found.get("requests", {})}
    limits = {**filled_in.get("limits", {}), **found.get("limits", {})}
    for name in requests.keys() & limits.keys():
        if 0 <= amount(limits[name]) < amount(requests[name]):
            raise ValueError(
                f"requests.{name} {requests[name]} is above limits.{name} {limits[name]}"
            )


def _mapping(item: Any, place: str) -> dict[str, Any]:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise ValueError(f"{place} is not a mapping")
    return {str(key): value for key, value in cast("dict[Any, Any]", item).items()}
