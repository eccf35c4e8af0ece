# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The loop: every component on every event, only NotReady is caught, the worst status wins."""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import charmkit
import ops
import pytest
from ops import testing

COUNT = {"count-parts": {"description": "Counts."}}


class Part(charmkit.Component):
    """A component that notes what it did, and fails as it is told to."""

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str = "part",
        done: list[str] | None = None,
        *,
        fails: Exception | None = None,
        says: ops.StatusBase | Exception | None = None,
        on: str = "",
    ) -> None:
        super().__init__(charm)
        self.name = name
        self.done = [] if done is None else done
        self._fails = fails
        self._says = says or ops.ActiveStatus()
        self._on = on

    def events(self) -> list[ops.BoundEvent]:
        return [self.charm.on[self._on].pebble_ready] if self._on else []

    def reconcile(self) -> None:
        if self._fails:
            raise self._fails
        self.done.append(self.name)

    def status(self) -> ops.StatusBase:
        if isinstance(self._says, Exception):
            raise self._says
        return self._says

    def remove(self) -> None:
        if self._fails:
            raise self._fails
        self.done.append(self.name)


def test_the_components_run_in_their_order(context: Any) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, "a", done), Part(charm, "b", done)])
    state = ctx.run(ctx.on.update_status(), testing.State())
    assert done == ["a", "b"]
    assert state.unit_status == ops.ActiveStatus()


@pytest.mark.parametrize(
    "name",
    ["start", "leader_elected", "config_changed", "upgrade_charm", "update_status"],
)
def test_every_event_runs_them(context: Any, name: str) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, done=done)])
    ctx.run(getattr(ctx.on, name)(), testing.State(leader=True))
    assert done == ["part"]


def test_a_changed_secret_runs_them(context: Any) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, done=done)])
    secret = testing.Secret({"key": "value"})
    ctx.run(ctx.on.secret_changed(secret), testing.State(secrets=[secret]))
    assert done == ["part"]


def test_an_event_of_two_components_runs_them_once(context: Any) -> None:
    done: list[str] = []
    ctx = context(
        lambda charm: [Part(charm, "a", done, on="box"), Part(charm, "b", done, on="box")],
        meta={"containers": {"box": {}}},
    )
    box = testing.Container("box", can_connect=True)
    ctx.run(ctx.on.pebble_ready(box), testing.State(containers=[box]))
    assert done == ["a", "b"]


def test_one_that_is_not_ready_does_not_stall_the_next(context: Any) -> None:
    done: list[str] = []
    waiting = charmkit.Waiting("waiting for a")
    ctx = context(lambda charm: [Part(charm, "a", done, fails=waiting), Part(charm, "b", done)])
    state = ctx.run(ctx.on.update_status(), testing.State())
    assert done == ["b"]
    assert state.unit_status == ops.WaitingStatus("waiting for a")


def test_a_status_may_be_raised(context: Any) -> None:
    ctx = context(lambda charm: [Part(charm, says=charmkit.Blocked("relate it"))])
    state = ctx.run(ctx.on.update_status(), testing.State())
    assert state.unit_status == ops.BlockedStatus("relate it")


@pytest.mark.parametrize("error", [RuntimeError("bug"), ops.ModelError("bug"), KeyError("bug")])
def test_any_other_exception_surfaces(context: Any, error: Exception) -> None:
    ctx = context(lambda charm: [Part(charm, fails=error)])
    with pytest.raises(testing.errors.UncaughtCharmError) as caught:
        ctx.run(ctx.on.update_status(), testing.State())
    assert caught.value.__cause__ is error


STATUSES: list[ops.StatusBase] = [
    ops.ActiveStatus(),
    ops.WaitingStatus("waiting"),
    ops.MaintenanceStatus("at work"),
    ops.BlockedStatus("act"),
]


@pytest.mark.parametrize("worst", range(4))
@pytest.mark.parametrize("turned", [False, True])
def test_the_worst_status_wins(context: Any, worst: int, turned: bool) -> None:
    statuses = STATUSES[: worst + 1][:: -1 if turned else 1]
    ctx = context(lambda charm: [Part(charm, says=item) for item in statuses])
    state = ctx.run(ctx.on.update_status(), testing.State())
    assert state.unit_status == STATUSES[worst]


def test_of_two_that_block_the_first_is_shown(context: Any) -> None:
    first, second = ops.BlockedStatus("first"), ops.BlockedStatus("second")
    ctx = context(lambda charm: [Part(charm, says=first), Part(charm, says=second)])
    assert ctx.run(ctx.on.update_status(), testing.State()).unit_status == first


def test_a_message_of_an_active_component_is_shown(context: Any) -> None:
    says = ops.ActiveStatus("standby")
    ctx = context(lambda charm: [Part(charm), Part(charm, says=says), Part(charm)])
    assert ctx.run(ctx.on.update_status(), testing.State()).unit_status == says


def test_an_action_leaves_the_status_alone(context: Any) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, done=done)], actions={"look": {}})
    before = testing.State(unit_status=ops.BlockedStatus("as it was"))
    state = ctx.run(ctx.on.action("look"), before)
    assert (state.unit_status, done) == (ops.BlockedStatus("as it was"), [])


def test_the_last_unit_takes_everything_along_in_reverse(context: Any) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, "a", done), Part(charm, "b", done)])
    ctx.run(ctx.on.remove(), testing.State(planned_units=0))
    assert done == ["b", "a"]


@pytest.mark.parametrize("leader", [True, False])
def test_a_unit_that_goes_alone_takes_nothing_along(context: Any, leader: bool) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, "a", done)])
    ctx.run(ctx.on.remove(), testing.State(planned_units=1, leader=leader))
    assert done == []


def test_what_may_not_be_removed_does_not_keep_the_rest(context: Any) -> None:
    done: list[str] = []
    denied = charmkit.Blocked("denied")
    ctx = context(lambda charm: [Part(charm, "a", done), Part(charm, fails=denied)])
    ctx.run(ctx.on.remove(), testing.State(planned_units=0))
    assert done == ["a"]
    assert [line.message for line in ctx.juju_log] == [
        "something may be left in the cluster: denied"
    ]


def test_a_cluster_that_does_not_answer_keeps_the_unit(context: Any) -> None:
    busy = charmkit.Waiting("the Kubernetes API is busy")
    ctx = context(lambda charm: [Part(charm, fails=busy)])
    with pytest.raises(testing.errors.UncaughtCharmError):
        ctx.run(ctx.on.remove(), testing.State(planned_units=0))


@pytest.mark.parametrize("status", [ops.WaitingStatus("waiting"), ops.BlockedStatus("act")])
def test_a_unit_that_is_leaving_keeps_its_status(context: Any, status: ops.StatusBase) -> None:
    """It sees relations end that the units that stay keep."""
    ctx = context(lambda charm: [Part(charm, says=status)], unit_id=1)
    before = testing.State(planned_units=1, unit_status=ops.ActiveStatus("as it was"))
    state = ctx.run(ctx.on.update_status(), before)
    assert state.unit_status == ops.ActiveStatus("as it was")


def test_a_unit_that_is_leaving_may_become_active(context: Any) -> None:
    ctx = context(lambda charm: [Part(charm)], unit_id=1)
    before = testing.State(planned_units=1, unit_status=ops.WaitingStatus("as it was"))
    assert ctx.run(ctx.on.update_status(), before).unit_status == ops.ActiveStatus()


def test_a_unit_that_stays_says_what_is_missing(context: Any) -> None:
    waiting = ops.WaitingStatus("waiting")
    ctx = context(lambda charm: [Part(charm, says=waiting)], unit_id=1)
    before = testing.State(planned_units=2, unit_status=ops.ActiveStatus())
    assert ctx.run(ctx.on.update_status(), before).unit_status == waiting


def test_install_runs_nothing_and_leaves_the_status_alone(context: Any) -> None:
    """No unit has a relation yet then, so that each would be Blocked for a moment."""
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, done=done)])
    before = testing.State(unit_status=ops.MaintenanceStatus("installing"))
    state = ctx.run(ctx.on.install(), before)
    assert (done, state.unit_status) == ([], ops.MaintenanceStatus("installing"))


def test_adding_a_component_returns_it(context: Any) -> None:
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework) -> None:
            super().__init__(framework)
            part = Part(self)
            reconciler = charmkit.Reconciler(self)
            assert reconciler.add(part) is part
            assert reconciler.components == [part]

    ctx = testing.Context(Charm, meta={"name": "app"})
    assert ctx.run(ctx.on.update_status(), testing.State()).unit_status == ops.ActiveStatus()


class Whole(Part):
    """A component of two parts, which answers an action."""

    def __init__(self, charm: ops.CharmBase, done: list[str]) -> None:
        super().__init__(charm, "whole", done)
        self.parts = [Part(charm, name, done) for name in ("first", "second")]

    def actions(self) -> dict[str, Callable[[ops.ActionEvent], None]]:
        return {"count-parts": lambda event: event.set_results({"parts": len(self.parts)})}


def test_the_parts_of_a_component_run_before_it_and_go_after_it(context: Any) -> None:
    done: list[str] = []
    ctx = context(lambda charm: [Part(charm, "a", done), Whole(charm, done)], actions=COUNT)
    ctx.run(ctx.on.update_status(), testing.State())
    assert done == ["a", "first", "second", "whole"]
    done.clear()
    ctx.run(ctx.on.remove(), testing.State(planned_units=0))
    assert done == ["whole", "second", "first", "a"]


def test_an_action_is_answered_by_the_component_that_has_it(context: Any) -> None:
    ctx = context(lambda charm: [Whole(charm, [])], actions=COUNT)
    ctx.run(ctx.on.action("count-parts"), testing.State())
    assert ctx.action_results == {"parts": 2}


# What is logged: each line is a process of its own in a real unit


class Logging(charmkit.Component):
    """Logs a line at each level, through each of these loggers."""

    def __init__(self, charm: ops.CharmBase, *names: str) -> None:
        super().__init__(charm)
        self._names = names

    def reconcile(self) -> None:
        for name in self._names:
            for level in (logging.DEBUG, logging.INFO, logging.WARNING):
                logging.getLogger(name).log(level, name)


def levels(ctx: testing.Context[Any]) -> dict[str, list[str]]:
    """The levels at which each message is logged in a hook."""
    ctx.run(ctx.on.update_status(), testing.State())
    found: dict[str, list[str]] = {}
    for line in ctx.juju_log:
        found.setdefault(line.message, []).append(line.level)
    return found


def test_a_hook_in_which_nothing_happens_logs_nothing(context: Any) -> None:
    ctx = context(lambda charm: [Part(charm)])
    ctx.run(ctx.on.update_status(), testing.State())
    assert ctx.juju_log == []


def test_a_charms_own_logger_logs_at_debug_level(context: Any) -> None:
    ctx = context(lambda charm: [Logging(charm, "charm", "some_module", "charmkit.kube")])
    every = ["DEBUG", "INFO", "WARNING"]
    assert levels(ctx) == {"charm": every, "some_module": every, "charmkit.kube": every}


def test_ops_and_the_http_client_do_not(context: Any) -> None:
    names = ("ops", "ops.framework", "ops.model", "httpx2", "httpcore2.http11")
    ctx = context(lambda charm: [Logging(charm, *names)])
    found = levels(ctx)
    assert set(found) == set(names)
    assert all("DEBUG" not in each and "WARNING" in each for each in found.values())


def test_a_charm_may_use_the_root_logger(context: Any) -> None:
    ctx = context(lambda charm: [Logging(charm, "")])
    assert levels(ctx) == {"": ["DEBUG", "INFO", "WARNING"]}


_PROGRAM = """
import logging
import ops
import charmkit

class Lines(logging.Handler):
    def emit(self, record):
        print(record.levelname, record.name, record.getMessage())

logging.getLogger().setLevel(logging.DEBUG)
logging.getLogger().addHandler(Lines())
from ops import _main, storage
for module in (_main, storage):
    exec(compile("logger.debug('of ops'); logger.warning('of ops')", module.__file__, "exec"),
         vars(module))
logging.getLogger("charm").debug("of the charm")
"""


def test_what_ops_logs_through_the_root_logger_is_filtered_in_a_new_process() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "WARNING root of ops",
        "WARNING root of ops",
        "DEBUG charm of the charm",
    ]


def test_the_components_can_be_looked_at(context: Any) -> None:
    ctx = context(lambda charm: [Part(charm, "a")])
    with ctx(ctx.on.update_status(), testing.State()) as manager:
        assert [part.name for part in manager.charm.reconciler.components] == ["a"]


def rotated(ctx: testing.Context[Any]) -> testing.State:
    """A state with a secret of the application that has been given a new content."""
    secret = testing.Secret({"key": "old"}, owner="app")
    before = testing.State(leader=True, secrets=[secret])
    with ctx(ctx.on.update_status(), before) as manager:
        found = manager.charm.model.get_secret(id=secret.id)
        found.set_content({"key": "new"})
        found.get_content(refresh=True)
        return manager.run()


@pytest.mark.parametrize("leader", [True, False])
def test_a_revision_that_nobody_reads_is_deleted(context: Any, leader: bool) -> None:
    ctx = context(lambda charm: [Part(charm)])
    status = ops.BlockedStatus("as it was")
    before = dataclasses.replace(rotated(ctx), leader=leader, unit_status=status)
    (secret,) = before.secrets
    after = ctx.run(ctx.on.secret_remove(secret, revision=1), before)
    assert ctx.removed_secret_revisions == ([1] if leader else [])
    assert after.unit_status == status


def test_a_revision_of_a_secret_that_is_gone_is_as_good_as_deleted(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: ops.Secret) -> None:
        raise ops.SecretNotFoundError

    ctx = context(lambda charm: [Part(charm)])
    before = rotated(ctx)
    (secret,) = before.secrets
    monkeypatch.setattr(ops.Secret, "get_info", gone)
    ctx.run(ctx.on.secret_remove(secret, revision=1), before)
    assert ctx.removed_secret_revisions == []
