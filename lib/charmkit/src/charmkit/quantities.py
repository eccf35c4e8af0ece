# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes' quantities, and the requests and limits of containers.

A quantity is brought into the form in which the Kubernetes API keeps it: an object with another
would differ from what it was made of for ever. Source: k8s.io/apimachinery, pkg/api/resource.
"""

from __future__ import annotations

import decimal
import re
from typing import Any, cast

from . import yaml_text

_QUANTITY = re.compile(r"\+?(\d+\.?\d*|\.\d+)(n|u|m|k|Ki|[MGTPE]i?)?")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NAME = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def canonical(text: str) -> str:
    """Return a quantity as the Kubernetes API keeps it: `0.5` is `500m`, `1024Mi` is `1Gi`.

    Raises:
        ValueError: if it is none, or finer than a billionth.
    """
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f"{text} is no quantity")
    number, suffix = decimal.Decimal(found[1]), found[2] or ""
    if suffix in _BINARY[1:]:
        value = number * 1024 ** _BINARY.index(suffix)
        if value >= 1024:
            return _shortest(value, 1024, _BINARY)
    else:
        value = number * decimal.Decimal(1000) ** (_DECIMAL.index(suffix) - 3)
    return _shortest(value * 10**9, 1000, _DECIMAL)


def parse_resources(raw: Any) -> dict[str, dict[str, str]]:
    """Parse requests and limits, a YAML mapping as in a container.

    Returns:
        The mapping with canonical quantities, without empty parts.

    Raises:
        ValueError: saying what is wrong.
    """
    loaded = yaml_text.load(str(raw or ""))
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ValueError("not a mapping")
    parts = cast("dict[str, Any]", loaded)
    unknown = sorted(str(name) for name in parts if name not in ("requests", "limits"))
    if unknown:
        raise ValueError(f"{unknown[0]} is neither requests nor limits")
    parsed = {name: parse_amounts(name, part) for name, part in parts.items()}
    _check(parsed)
    return {name: part for name, part in parsed.items() if part}


def parse_amounts(place: str, part: Any) -> dict[str, str]:
    """Parse amounts of resources by their names; `place` is named in errors.

    Raises:
        ValueError: saying what is wrong.
    """
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise ValueError(f"{place} is not a mapping")
    amounts = cast("dict[Any, Any]", part).items()
    return {_name(place, name): _amount(f"{place}.{name}", amount) for name, amount in amounts}


def _name(place: str, name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{place}: {name} is not the name of a resource")
    return name


def _amount(place: str, amount: Any) -> str:
    if isinstance(amount, bool) or not isinstance(amount, (int, float, str)):
        raise ValueError(f"{place} is not a quantity")
    try:
        return canonical(str(amount))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _check(parsed: dict[str, dict[str, str]]) -> None:
    """Refuse a request above its limit, as the Kubernetes API does."""
    limits = parsed.get("limits", {})
    for name, amount in parsed.get("requests", {}).items():
        if name in limits and _value(amount) > _value(limits[name]):
            raise ValueError(f"requests.{name} is above limits.{name}")


def _value(text: str) -> decimal.Decimal:
    found = _QUANTITY.fullmatch(text)
    assert found  # noqa: S101  it is canonical
    suffix = found[2] or ""
    if suffix in _BINARY[1:]:
        return decimal.Decimal(found[1]) * 1024 ** _BINARY.index(suffix)
    return decimal.Decimal(found[1]) * decimal.Decimal(1000) ** (_DECIMAL.index(suffix) - 3)


def _shortest(value: decimal.Decimal, base: int, suffixes: tuple[str, ...]) -> str:
    """Return a whole number of the largest unit that leaves nothing over."""
    if value != value.to_integral_value():
        raise ValueError("a quantity may not be finer than a billionth")
    number, position = int(value), 0
    if not number:
        return "0"
    while number % base == 0 and position < len(suffixes) - 1:
        number, position = number // base, position + 1
    return f"{number}{suffixes[position]}"
