# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Disruptions of a model between hooks: of pods, leaders, secrets and relations.

Each function does one thing, if there is anything that it can be done to, and says what it did.
"""

import random
from collections.abc import Callable

from kubefake import kubelet

from . import lifecycle
from .entities import Relation, Side, Unit
from .state import ModelState


def churn(model: ModelState, rng: random.Random) -> str:
    """Replace a pod, with or without time to stop."""
    unit = _any_unit(model, rng, lambda unit: unit.started and not unit.replacing)
    if unit is None:
        return ""
    if rng.random() < 0.5:
        unit.replacing = True
    else:
        lifecycle.replace_pod(model, unit)
    return f"pod of {unit.name} is replaced"


def restart_container(model: ModelState, rng: random.Random) -> str:
    """Let a workload container die and start again."""
    unit = _any_unit(model, rng, lambda unit: bool(_connected(unit)))
    if unit is None:
        return ""
    name = rng.choice(_connected(unit))
    lifecycle.restart_container(unit, name)
    return f"container {name} of {unit.name} restarts"


def elect(model: ModelState, rng: random.Random) -> str:
    """Make another unit the leader."""
    unit = _any_unit(model, rng, lambda unit: unit.installed and not unit.is_leader)
    if unit is None:
        return ""
    lifecycle.elect(model, unit.app, unit)
    return f"{unit.name} becomes leader"


def rotate(model: ModelState, rng: random.Random) -> str:
    """Let a secret with a rotation policy be due."""
    secrets = [secret for secret in model.secrets.secrets.values() if secret.rotate_at]
    if not secrets:
        return ""
    secret = rng.choice(secrets)
    model.secrets.ask_to_rotate(secret, model.units)
    return f"secret {secret.label or secret.id} is due to rotate"


KINDS = (churn, restart_container, elect, rotate)
"""The disruptions that may come between any two hooks."""


class Pods:
    """Pods of charms' Deployments and StatefulSets that fail for a while."""

    def __init__(self, model: ModelState):
        self._model = model
        self._failing: set[str] = set()

    def fail(self, model: ModelState, rng: random.Random) -> str:
        """Let the pods of one fail; `heal` ends it."""
        backend = model.backend
        healthy = sorted(set(backend.workloads() if backend else ()) - self._failing)
        if backend is None or not healthy:
            return ""
        workload = rng.choice(healthy)
        reason = rng.choice((kubelet.CRASH, kubelet.IMAGE, kubelet.CONFIG, kubelet.NOT_READY))
        backend.fail_pods(workload, reason)
        self._failing.add(workload)
        return f"pods of {workload} fail: {reason}"

    def heal(self) -> bool:
        """Let all of them run again, and tell whether there were any."""
        failing, self._failing = self._failing, set()
        if self._model.backend:
            for workload in sorted(failing & set(self._model.backend.workloads())):
                self._model.backend.heal_pods(workload)
        return bool(failing)


class Relations:
    """Relations that come late, or are withdrawn and made again."""

    def __init__(self, model: ModelState, rng: random.Random):
        self._model = model
        self._rng = rng
        self._late: list[tuple[int, Relation]] = []
        self._withdrawn: list[tuple[int, tuple[Side, ...]]] = []

    def delay(self, relation: Relation) -> str:
        """Let a new relation come late."""
        self._late.append((self._some_hooks_later(), relation))
        return f"{relation} comes late"

    def withdraw(self, model: ModelState, rng: random.Random) -> str:
        """Remove a relation; it will be made again."""
        candidates = [
            relation
            for relation in model.relations.values()
            if not (relation.is_peer or relation.dying or relation.late)
            and self._alive(relation.sides)
        ]
        if not candidates:
            return ""
        relation = rng.choice(candidates)
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
                lifecycle.relate(self._model, pair[1])
        return bool(late or back)

    def _some_hooks_later(self) -> int:
        return len(self._model.trace) + self._rng.randint(5, 40)

    def _alive(self, sides: tuple[Side, ...]) -> bool:
        apps = self._model.apps
        return all(side.app in apps and not apps[side.app].dying for side in sides)

    def _related(self, sides: tuple[Side, ...]) -> bool:
        relations = self._model.relations.values()
        return any(set(relation.sides) == set(sides) for relation in relations)


def _connected(unit: Unit) -> list[str]:
    return [name for name, container in unit.containers.items() if container.connected]


def _any_unit(model: ModelState, rng: random.Random, fits: Callable[[Unit], bool]) -> Unit | None:
    units = [unit for unit in model.units.values() if not unit.dying and fits(unit)]
    return rng.choice(units) if units else None
