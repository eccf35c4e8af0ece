"""What befalls a model between hooks: pods, leaders, secrets and relations.

Each function does one thing, if there is anything that it can be done to, and says what it did.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from kubefake import kubelet

from . import lifecycle
from .entities import Relation, Side, Unit

if TYPE_CHECKING:
    from .model import Model


def churn(model: Model, chance: random.Random) -> str:
    """A pod is replaced, with or without time to stop."""
    unit = _any_unit(model, chance, lambda unit: unit.started and not unit.replacing)
    if unit is None:
        return ""
    model.churn(unit.name, graceful=chance.random() < 0.5)
    return f"pod of {unit.name} is replaced"


def restart_container(model: Model, chance: random.Random) -> str:
    """A workload container dies and starts again."""
    unit = _any_unit(model, chance, lambda unit: bool(_connected(unit)))
    if unit is None:
        return ""
    name = chance.choice(_connected(unit))
    lifecycle.restart_container(unit, name)
    return f"container {name} of {unit.name} restarts"


def elect(model: Model, chance: random.Random) -> str:
    """Another unit becomes leader."""
    unit = _any_unit(model, chance, lambda unit: unit.installed and not unit.is_leader)
    if unit is None:
        return ""
    model.elect(unit.app.name, unit.name)
    return f"{unit.name} becomes leader"


def rotate(model: Model, chance: random.Random) -> str:
    """A secret with a rotation policy is due."""
    secrets = [secret for secret in model.secrets.secrets.values() if secret.rotate_at]
    if not secrets:
        return ""
    secret = chance.choice(secrets)
    model.secrets.ask_to_rotate(secret, model.units)
    return f"secret {secret.label or secret.id} is due to rotate"


class Pods:
    """Pods of charms' Deployments and StatefulSets that fail for a while.

    Args:
        model: The model.
    """

    def __init__(self, model: Model):
        self._model = model
        self._failing: set[str] = set()

    def fail(self, model: Model, chance: random.Random) -> str:
        """Let the pods of one fail; `heal` ends it."""
        healthy = sorted(set(model.cloud.workloads() if model.cloud else ()) - self._failing)
        if not healthy:
            return ""
        workload = chance.choice(healthy)
        reason = chance.choice((kubelet.CRASH, kubelet.IMAGE, kubelet.CONFIG, kubelet.NOT_READY))
        model.fail_pods(workload, reason)
        self._failing.add(workload)
        return f"pods of {workload} fail: {reason}"

    def heal(self) -> bool:
        """Let all of them run again.

        Returns:
            Whether there were any.
        """
        failing, self._failing = self._failing, set()
        there = set(self._model.cloud.workloads() if self._model.cloud else ())
        for workload in sorted(failing & there):
            self._model.heal_pods(workload)
        return bool(failing)


class Relations:
    """Relations that come late, or are withdrawn and made again.

    Args:
        model: The model.
        chance: Says how long it takes, in hooks.
    """

    def __init__(self, model: Model, chance: random.Random):
        self._model = model
        self._chance = chance
        self._late: list[tuple[int, Relation]] = []
        self._withdrawn: list[tuple[int, tuple[Side, ...]]] = []

    def delay(self, relation: Relation) -> str:
        """Let a new relation come late."""
        self._late.append((self._some_hooks_later(), relation))
        return f"{relation} comes late"

    def withdraw(self, model: Model, chance: random.Random) -> str:
        """Remove a relation; it will be made again."""
        candidates = [
            relation
            for relation in model.relations.values()
            if not (relation.is_peer or relation.dying or relation.late)
            and self._alive(relation.sides)
        ]
        if not candidates:
            return ""
        relation = chance.choice(candidates)
        self._withdrawn.append((self._some_hooks_later(), relation.sides))
        relation.dying = True
        lifecycle.reap(model)
        return f"{relation} is withdrawn"

    def restore(self, hooks: int | None = None) -> bool:
        """Bring those whose time has come by hook number ``hooks``; all of them without.

        A relation that is still going cannot be made again yet, as in Juju.

        Returns:
            Whether any came.
        """
        late = [pair for pair in self._late if hooks is None or pair[0] <= hooks]
        for pair in late:
            self._late.remove(pair)
            lifecycle.arrive(self._model, pair[1])
        back = [pair for pair in self._withdrawn if hooks is None or pair[0] <= hooks]
        back = [pair for pair in back if not self._related(pair[1])]
        for pair in back:
            self._withdrawn.remove(pair)
            if self._alive(pair[1]):
                self._model.relate(pair[1])
        return bool(late or back)

    def _some_hooks_later(self) -> int:
        return len(self._model.trace) + self._chance.randint(5, 40)

    def _alive(self, sides: tuple[Side, ...]) -> bool:
        apps = self._model.apps
        return all(side.app in apps and not apps[side.app].dying for side in sides)

    def _related(self, sides: tuple[Side, ...]) -> bool:
        relations = self._model.relations.values()
        return any(set(relation.sides) == set(sides) for relation in relations)


def _connected(unit: Unit) -> list[str]:
    return [name for name, container in unit.containers.items() if container.connected]


def _any_unit(model: Model, chance: random.Random, fits: Callable[[Unit], bool]) -> Unit | None:
    units = [unit for unit in model.units.values() if not unit.dying and fits(unit)]
    return chance.choice(units) if units else None
