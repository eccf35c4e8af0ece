# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Config options, action parameters and other declarations of a charm, checked as Juju does."""

from collections.abc import Mapping
from typing import Any

import jsonschema

from .charm import CharmDir
from .errors import JujuError

BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
"""Words for true and false, as Go's strconv.ParseBool knows them."""


def parse(charm: CharmDir, values: Mapping[str, Any]) -> dict[str, Any]:
    """Options with values of their declared types; text is converted as on the command line.

    Raises:
        JujuError: An option is unknown or its value does not have its type.
    """
    return {name: _value(charm, name, value) for name, value in values.items()}


def merge(charm: CharmDir, now: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options after a change; None removes one.

    Raises:
        JujuError: As for `parse`.
    """
    for name in values:
        _declared(charm, name)
    changed = {**now, **parse(charm, {k: v for k, v in values.items() if v is not None})}
    return {name: value for name, value in changed.items() if values.get(name, "") is not None}


def action_params(charm: CharmDir, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action's parameters with their defaults.

    Raises:
        JujuError: There is no such action, or its schema refuses the parameters.
    """
    if name not in charm.actions:
        raise JujuError(f'action "{name}" not defined on charm "{charm.name}"')
    declared: Mapping[str, Any] = charm.actions[name] or {}
    properties: Mapping[str, Any] = declared.get("params") or {}
    params = {key: spec["default"] for key, spec in properties.items() if "default" in spec}
    params.update(given)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            # Descriptions and defaults play no part in the check.
            name: {key: spec[key] for key in spec.keys() - {"description", "default"}}
            for name, spec in properties.items()
        },
        "required": declared.get("required") or [],
        "additionalProperties": declared.get("additionalProperties", True),
    }
    try:
        jsonschema.validate(params, schema)
    except jsonschema.ValidationError as error:
        raise JujuError(f'action "{name}": {error.message}') from error
    return params


def kept(charm: CharmDir, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that a charm can still use; others fall back to its defaults.

    As ``Config.FilterSettings`` and the checkers of github.com/juju/schema: a value that has
    another type than its option now has is dropped, but for text that reads as one.
    """
    return {
        name: value
        for name, given in config.items()
        if name in charm.options
        for value in _fitting(str(charm.options[name].get("type", "string")), given)
    }


def _declared(charm: CharmDir, name: str) -> Mapping[str, Any]:
    if name not in charm.options:
        raise JujuError(f'unknown option "{name}" of charm "{charm.name}"')
    return charm.options[name]


def _value(charm: CharmDir, name: str, value: Any) -> Any:
    kind = str(_declared(charm, name).get("type", "string"))
    try:
        return _CONVERT[kind](value)
    except (ValueError, TypeError, KeyError):
        raise JujuError(f'option "{name}" expects {kind}, got {value!r}') from None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return BOOLEANS[value]


def _int(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise TypeError
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


_CONVERT: Mapping[str, Any] = {
    "string": _string,
    "int": _int,
    "float": _float,
    "boolean": _boolean,
    "secret": _string,
}


def _fitting(kind: str, value: Any) -> list[Any]:
    """Return the value as the type has it, or none."""
    if kind == "int" and isinstance(value, str):
        return _integer(value)
    if kind == "boolean" and isinstance(value, str):
        return [BOOLEANS[value]] if value in BOOLEANS else []
    if kind == "secret":
        text = isinstance(value, str) and (not value or value.startswith("secret:"))
        return [value] if text else []
    wanted = {"string": str, "int": int, "float": float, "boolean": bool}[kind]
    fits = isinstance(value, wanted) and (kind == "boolean") == isinstance(value, bool)
    return [value] if fits else []


def _integer(text: str) -> list[Any]:
    try:
        return [int(text, 0)]
    except ValueError:
        return []
