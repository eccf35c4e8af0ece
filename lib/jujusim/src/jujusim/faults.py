# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Faults at every boundary, drawn from the seed. They end, so that a model can settle."""

import random

from ops import pebble

from . import disruptions, lifecycle
from .entities import Relation
from .errors import Killed
from .pebble import Pebble
from .state import ModelState

MUTATING = ("POST", "PUT", "PATCH", "DELETE")
# By level: faults in a whole run, and the chance of one per hook and per request.
LIMIT = (0, 10, 30, 60)
_PER_HOOK = (0.0, 0.0, 0.1, 0.2)
_PER_REQUEST = (0.0, 0.01, 0.02, 0.04)


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
        self._relations = disruptions.Relations(model, self._random)
        self._pods = disruptions.Pods(model)
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
            kinds = [*disruptions.KINDS, self._pods.fail]
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
