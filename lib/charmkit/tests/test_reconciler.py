"""The loop: every component on every event, only NotReady is caught, the worst status wins."""

from __future__ import annotations

import dataclasses
from typing import Any

import charmkit
import ops
import pytest
from ops import testing


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


def test_a_hook_in_which_nothing_happens_logs_nothing(context: Any) -> None:
    ctx = context(lambda charm: [Part(charm)])
    ctx.run(ctx.on.update_status(), testing.State())
    assert ctx.juju_log == []


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
