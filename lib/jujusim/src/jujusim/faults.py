# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Faults at every boundary, drawn from the seed. They end, so that a model can settle.

Each disruption between hooks does one thing, if there is anything that it can be done to, and says
what it did.
"""

import random
from collections.abc import Callable

from kubefake import kubelet
from ops import pebble

from . import lifecycle
from .entities import Relation, Side, Unit
from .errors import Killed
from .pebble import Pebble
from .state import ModelState

MUTATING = ("POST", "PUT", "PATCH", "DELETE")
# By level: faults in a whole run, and the chance of one per hook and per request.
LIMIT = (0, 10, 30, 60)
_PER_HOOK = (0.0, 0.0, 0.1, 0.2)
_PER_REQUEST = (0.0, 0.01, 0.02, 0.04)


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
        related = [set(relation.sides) for relation in self._model.relations.values()]
        back = [pair for pair in back if set(pair[1]) not in related]
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


def _connected(unit: Unit) -> list[str]:
    return [name for name, container in unit.containers.items() if container.connected]


def _any_unit(model: ModelState, rng: random.Random, fits: Callable[[Unit], bool]) -> Unit | None:
    units = [unit for unit in model.units.values() if not unit.dying and fits(unit)]
    return rng.choice(units) if units else None


class Faults:
    """The faults of a model.

    Level 1: the Kubernetes API answers 409, 429, 500 or not at all, once or for the rest of a
    hook; definitions are established late; Pebble does not answer; containers come up late.
    Level 2 adds new pods, containers that restart in the middle of a hook, other leaders,
    secrets that are due to rotate, and pods of charms' Deployments that fail for a while.
    Level 3 adds hooks that are killed, and relations that come late or are withdrawn and made
    again.

    Attributes:
        left: How many faults are still to come, at most.
        log: What was done, with the number of hooks that had run.

    Raises:
        ValueError: There is no such level.
    """

    def __init__(self, model: ModelState, level: int = 0):
        if level not in range(len(LIMIT)):
            raise ValueError(f"there are fault levels 0 to {len(LIMIT) - 1}, not {level}")
        self.level = level
        self.left = LIMIT[level]
        self.log: list[tuple[int, str]] = []
        self._model = model
        self._random = random.Random(f"faults {model.seed}")  # noqa: S311
        self._calm = True
        self._outage: int | Exception | None = None
        self._silent = False
        self._relations = Relations(model, self._random)
        self._pods = Pods(model)
        self._injected: list[str] = []
        if model.backend and level:
            model.backend.interrupt(self.in_request)

    @property
    def active(self) -> bool:
        """Tell whether anything may go wrong now."""
        return not self._calm and self.left > 0

    def begin(self) -> None:
        """From now on things may go wrong."""
        self._calm = not self.left
        if self._model.backend and self.active:
            self._model.backend.delay_definitions(self._random.randint(0, 20))

    def end(self) -> bool:
        """Nothing goes wrong any more; relations that are missing come.

        Returns:
            Whether hooks must run again: things might have gone wrong, or a relation came.
        """
        before, self._calm = self._calm, True
        self._outage, self._silent = None, False
        if self._model.backend and self.level:
            self._model.backend.delay_definitions(0)
        healed = self._pods.heal()
        return self._relations.restore() or healed or not before

    # Between hooks.

    def between(self) -> None:
        """Called before each hook."""
        self._outage, self._silent = None, False
        self._relations.restore(len(self._model.trace))
        if self.active and self._chance(_PER_HOOK):
            kinds = [*KINDS, self._pods.fail]
            if self.level >= 3:
                kinds += [self._relations.withdraw] * 2
            self._note(self._random.choice(kinds)(self._model, self._random))

    def patience(self) -> float:
        """Return how likely a container that could come up does so before the next hook."""
        return 0.1 if self.active else 0.5

    def delays(self, relation: Relation) -> bool:
        """Tell whether a relation that has been asked for is to come late."""
        if self.level < 3 or not self.left or self._random.random() < 0.5:
            return False
        self._note(self._relations.delay(relation))
        return True

    def taken(self) -> list[str]:
        """Return what was injected since the last call."""
        injected, self._injected = self._injected, []
        return injected

    # During a hook.

    def in_request(self, user: str, method: str) -> int | Exception | None:
        """Return what goes wrong with a request to Kubernetes: None, a status or an exception.

        Raises:
            Killed: The hook's process is killed now.
        """
        prefix = f"system:serviceaccount:{self._model.name}:"
        if not user.startswith(prefix) or user.removeprefix(prefix) not in self._model.apps:
            return None
        if self._outage is not None or not self.active or not self._chance(_PER_REQUEST):
            return self._outage
        self._maybe_kill(f"{method} request")
        return self._refuse(method)

    def in_pebble(self, container: Pebble) -> None:
        """Called before every request to a Pebble.

        Raises:
            ops.pebble.ConnectionError: It does not answer.
            Killed: The hook's process is killed now.
        """
        silent = pebble.ConnectionError(f"no answer from Pebble in {container.name} (injected)")
        if self._silent:
            raise silent
        if not self.active or not self._chance(_PER_REQUEST):
            return
        self._maybe_kill("Pebble request")
        if self.level >= 2 and self._random.random() < 0.3:
            self._note(f"container {container.name} restarts")
            self._restart(container)
        else:
            self._note(f"Pebble in {container.name} does not answer")
            self._silent = True
        raise silent

    def after_hook(self) -> None:
        """Called when the charm has done its work, before it counts.

        Raises:
            Killed: The hook's process is killed now.
        """
        if self.active and self.level >= 3 and self._chance(_PER_REQUEST):
            self._note("killed at the end of the hook")
            raise Killed("at the end of the hook (injected)")

    def _refuse(self, method: str) -> int | Exception:
        import httpx2

        statuses = (409, 429, 500) if method in MUTATING else (429, 500)
        timeout = httpx2.ReadTimeout("no answer from Kubernetes (injected)")
        wrong = self._random.choice((*statuses, timeout))
        said = "timeout" if wrong is timeout else wrong
        self._note(f"Kubernetes answers a {method} with {said}")
        # A conflict concerns one request; anything else may last.
        if wrong != 409 and self._random.random() < 0.4:
            self._outage = wrong
        return wrong

    def _maybe_kill(self, where: str) -> None:
        if self.level >= 3 and self._random.random() < 0.2:
            self._note(f"killed at a {where}")
            raise Killed(f"at a {where} (injected)")

    def _restart(self, container: Pebble) -> None:
        for unit in self._model.units.values():
            if container in unit.containers.values():
                lifecycle.restart_container(unit, container.name)

    def _chance(self, by_level: tuple[float, ...]) -> bool:
        return self._random.random() < by_level[self.level]

    def _note(self, text: str) -> None:
        """Count a fault; an empty text says that there was nothing to do it to."""
        if text:
            self.left -= 1
            self._injected.append(text)
            self.log.append((len(self._model.trace), text))
