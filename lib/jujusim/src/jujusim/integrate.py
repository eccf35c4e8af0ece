# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which endpoints an ``integrate`` means, by Juju's rules."""

from collections.abc import Iterable, Mapping

from .charm import Endpoint
from .entities import Application, Relation, Side
from .errors import JujuError

_OPPOSITE = {"provides": "requires", "requires": "provides"}

# Every application offers it: https://documentation.ubuntu.com/juju/3.6/reference/relation/
JUJU_INFO = Endpoint("juju-info", "provides", "juju-info")


def infer(apps: Mapping[str, Application], one: str, two: str) -> tuple[Side, Side]:
    """Return the sides that ``application`` or ``application:endpoint``, twice, mean.

    Raises:
        JujuError: An application or endpoint is unknown, nothing fits, or several pairs do.
    """
    ones, twos = _candidates(apps, one), _candidates(apps, two)
    pairs = [(left, right) for left in ones for right in twos if _fit(left, right)]
    if not pairs:
        raise JujuError(_mismatch(one, ones, two, twos))
    if len(pairs) > 1:
        options = "; ".join(sorted(f'"{left} {right}"' for left, right in pairs))
        raise JujuError(f'ambiguous relation: "{one} {two}" could refer to {options}')
    return pairs[0]


def check(relations: Iterable[Relation], pair: tuple[Side, Side]) -> None:
    """Refuse a relation that exists or that an endpoint's limit forbids.

    Raises:
        JujuError: Naming the relation or the limit.
    """
    alive = [relation for relation in relations if not relation.is_peer]
    for relation in alive:
        if set(relation.sides) == set(pair):
            raise JujuError(f"relation {relation} already exists")
    for side in pair:
        taken = sum(side in relation.sides for relation in alive)
        if side.endpoint.limit and taken >= side.endpoint.limit:
            raise JujuError(
                f'establishing a new relation for "{side}" would exceed its maximum relation '
                f"limit of {side.endpoint.limit}"
            )


def _candidates(apps: Mapping[str, Application], text: str) -> list[Side]:
    name, _, endpoint = text.partition(":")
    if name not in apps:
        raise JujuError(f'application "{name}" not found')
    declared = {**apps[name].charm.endpoints, JUJU_INFO.name: JUJU_INFO}
    if endpoint:
        if endpoint not in declared:
            raise JujuError(f'application "{name}" has no "{endpoint}" relation')
        return [Side(name, declared[endpoint])]
    return [
        Side(name, each)
        for each in declared.values()
        if each.role != "peers" and each is not JUJU_INFO
    ]


def _fit(left: Side, right: Side) -> bool:
    return (
        left.app != right.app
        and left.endpoint.interface == right.endpoint.interface
        and _OPPOSITE.get(left.endpoint.role) == right.endpoint.role
    )


def _mismatch(one: str, ones: list[Side], two: str, twos: list[Side]) -> str:
    if len(ones) == 1 and len(twos) == 1:
        left, right = ones[0].endpoint, twos[0].endpoint
        return (
            f'no relations found: "{one}" ({left.role} {left.interface}) does not fit '
            f'"{two}" ({right.role} {right.interface})'
        )
    return f'no relations found between "{one}" and "{two}"'
