# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Quantities, such as `500m` of a CPU or `2Gi` of memory, in their canonical form.

Restates k8s.io/apimachinery/pkg/api/resource: the server stores and returns the canonical form.
"""

import re
from decimal import Decimal
from typing import Any

_FORM = re.compile(r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)\Z")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_WRONG = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def parse(text: Any) -> tuple[Decimal, bool]:
    """Return a quantity's value, and whether it is written in powers of two.

    Raises:
        ValueError: It is no quantity.
    """
    found = _FORM.match(str(text))
    if not found:
        raise ValueError(_WRONG)
    number, suffix = found.groups()
    try:
        value = Decimal(number)
    except ArithmeticError as error:
        raise ValueError(_WRONG) from error
    if suffix in _BINARY[1:]:
        return value * 1024 ** _BINARY.index(suffix), True
    if suffix in _DECIMAL:
        return value.scaleb(_DECIMAL[suffix]), False
    if re.fullmatch(r"[eE][-+]?[0-9]+", suffix):
        return value.scaleb(int(suffix[1:])), False
    raise ValueError("unable to parse quantity's suffix")


def canonical(text: Any) -> str:
    """Return the form in which the server returns a quantity.

    Raises:
        ValueError: It is no quantity.
    """
    value, binary = parse(text)
    if "e" in str(text).lower() and str(text)[-1] not in "EPi":
        power = 0
        while value and value % 1000 == 0:
            value, power = value / 1000, power + 3
        return f"{int(value)}e{power}" if power else _decimal(value)
    if binary and abs(value) >= 1024 and value == value.to_integral_value():
        power = 0
        while value % 1024 == 0 and power < len(_BINARY) - 1:
            value, power = value / 1024, power + 1
        return f"{int(value)}{_BINARY[power]}"
    return _decimal(value)


def _decimal(value: Decimal) -> str:
    if not value:
        return "0"
    for suffix, exponent in reversed(_DECIMAL.items()):
        scaled = value.scaleb(-exponent)
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    return f"{-(-value.scaleb(9) // 1)}n"
