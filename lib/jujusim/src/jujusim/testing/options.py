# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Values for a charm's options: the default, one that is refused, one that makes a difference.

What can't be guessed from an option's parser stands in `tests/options.yaml` of the charm: for each
such option a `value`, and under `with` the other options that it needs to have an effect; for PEM
a name of `pem.NAMES` in angle brackets. An
option whose effect shows only with something that is not in the complete state (a user's secret,
an object of another application) is marked `elsewhere`: it takes tests of the charm's own.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config

from . import pem
from .charm import Charm

FREE_PORT = 12345


@dataclasses.dataclass(frozen=True)
class Option:
    """An option of a charm.

    Args:
        parser: How it is read.
        default: Its default in charmcraft.yaml.
        base: The other options that it takes to see a difference.
        value: A value that makes a difference, where the charm's tests name one.
        elsewhere: Tests of the charm's own show its effect.
        constants: Environment variables that hold the default too, for a reason of their own.
    """

    name: str
    parser: config.Parser
    default: Any
    base: dict[str, Any]
    value: Any = None
    elsewhere: bool = False
    constants: tuple[str, ...] = ()

    @property
    def change(self) -> dict[str, Any]:
        """A config that makes a difference to `base` by this option alone.

        Raises:
            LookupError: No value can be guessed; the charm's tests have to name one.
        """
        value = self.value if self.value is not None else _guess(self)
        return {**self.base, self.name: value}

    @property
    def is_port(self) -> bool:
        """Whether it is a port that something listens on."""
        return self.parser.accepts == config.parser(_port).accepts


@dataclasses.dataclass
class _Ports:
    port: int = config.port()


_port = dataclasses.fields(_Ports)[0]


def of(charm: Charm) -> list[Option]:
    """The options of a charm that its code reads."""
    schema = charm.parts.options
    fields = dataclasses.fields(schema) if schema else ()
    return [_option(charm, field) for field in fields]


def _option(charm: Charm, field: dataclasses.Field[Any]) -> Option:
    name, parser = config.option_name(field), config.parser(field)
    declared = charm.declared("options").get(name, {})
    base = {key: pem.filled(value) for key, value in declared.get("with", {}).items()}
    value = pem.filled(declared.get("value"))
    default, elsewhere = charm.directory.defaults.get(name), declared.get("elsewhere", False)
    constants = tuple(declared.get("constants", ()))
    return Option(name, parser, default, base, value, elsewhere, constants)


def _guess(option: Option) -> Any:
    """A value that the parser accepts and that is not the default."""
    default = option.default
    if option.is_port and isinstance(default, str):
        return str(FREE_PORT)
    choices: list[Any] = [not default] if isinstance(default, bool) else [FREE_PORT]
    if not isinstance(default, (bool, int)):
        words = [word for word in option.parser.accepts.split(" or ") if " " not in word]
        choices = [*words, "changed-value", "https://changed.example.com"]
    for choice in choices:
        if choice not in (default, "") and _accepts(option.parser, choice):
            return choice
    raise LookupError(f"name a value for option {option.name} in tests/options.yaml")


def _accepts(parser: config.Parser, value: Any) -> bool:
    try:
        parser.parse(value)
    except ValueError:
        return False
    return True
