# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Services in a container: plan, files, standby and health, against Pebble as ops simulates it."""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Callable
from typing import Any

import charmkit
import ops
import pytest
from charmkit import _workload
from ops import testing

META = {"containers": {"box": {}}}
CHECK = {"override": "replace", "level": "ready", "http": {"url": "http://localhost:80/"}}
FAILING = testing.CheckInfo(
    "up", status=ops.pebble.CheckStatus.DOWN, level=ops.pebble.CheckLevel.READY, failures=3
)
ACTIVE = ops.pebble.ServiceStatus.ACTIVE
INACTIVE = ops.pebble.ServiceStatus.INACTIVE


def service(command: str = "serve", **more: Any) -> dict[str, Any]:
    return {"override": "replace", "startup": "enabled", "command": command, **more}


@dataclasses.dataclass
class Wish:
    """What the charm of these tests wants at present."""

    layer: Any = dataclasses.field(
        default_factory=lambda: {"services": {"web": service()}, "checks": {"up": CHECK}}
    )
    files: dict[str, charmkit.File] = dataclasses.field(default_factory=dict)
    enabled: bool | Exception = True


def said(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def wish() -> Wish:
    return Wish()


@pytest.fixture
def ctx(context: Any, wish: Wish) -> testing.Context[Any]:
    def make(charm: ops.CharmBase) -> list[charmkit.Component]:
        return [
            charmkit.Workload(
                charm,
                "box",
                layer=lambda: said(wish.layer),
                files=lambda: wish.files,
                managed_dirs=["/etc/web"],
                enabled=lambda: said(wish.enabled),
            )
        ]

    return context(make, meta=META)


@pytest.fixture
def box(tmp_path: pathlib.Path) -> testing.Container:
    """The container just after its start."""
    etc = testing.Mount(location="/etc", source=tmp_path)
    return testing.Container("box", can_connect=True, mounts={"etc": etc})


@pytest.fixture
def etc(tmp_path: pathlib.Path) -> pathlib.Path:
    """The directory /etc/web in the container, which need not exist."""
    return tmp_path / "web"


@pytest.fixture
def run(ctx: testing.Context[Any], box: testing.Container) -> Callable[..., testing.State]:
    """Run a hook on the container, as it is or as the state before left it."""

    def hook(before: testing.State | testing.Container = box) -> testing.State:
        if isinstance(before, testing.Container):
            before = testing.State(containers=[before])
        return ctx.run(ctx.on.update_status(), before)

    return hook


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Pebble has been asked to change."""
    names: list[str] = []
    for name in ("add_layer", "push", "remove_path", "replan", "restart", "stop", "stop_checks"):
        monkeypatch.setattr(
            ops.Container, name, _noting(name, getattr(ops.Container, name), names)
        )
    return names


def _noting(name: str, method: Any, names: list[str]) -> Any:
    def noted(*args: Any, **kwargs: Any) -> Any:
        names.append(name)
        return method(*args, **kwargs)

    return noted


def running(state: testing.State) -> set[str]:
    statuses = state.get_container("box").service_statuses
    return {name for name, status in statuses.items() if status is ACTIVE}


def enabled_checks(state: testing.State) -> set[str]:
    checks = state.get_container("box").plan.checks.values()
    disabled = ops.pebble.CheckStartup.DISABLED
    return {check.name for check in checks if check.startup is not disabled}


def test_a_container_that_has_not_started_is_waited_for(run: Any) -> None:
    state = run(testing.Container("box", can_connect=False))
    assert state.unit_status == ops.WaitingStatus("waiting for container box to start")


def test_the_services_run_as_the_layer_says(run: Any) -> None:
    state = run()
    plan = state.get_container("box").plan
    assert plan.to_dict()["services"] == {"web": service()}
    assert plan.checks["up"] == CHECK
    assert running(state) == {"web"}
    assert state.unit_status == ops.ActiveStatus()


@pytest.mark.parametrize("event", ["pebble_ready", "check_failed", "check_recovered"])
def test_the_containers_events_run_it(
    ctx: testing.Context[Any], box: testing.Container, event: str
) -> None:
    info = testing.CheckInfo("up", level=ops.pebble.CheckLevel.READY)
    box = dataclasses.replace(box, check_infos={info}, layers={"box": layer_of(up=True)})
    on = {
        "pebble_ready": lambda: ctx.on.pebble_ready(box),
        "check_failed": lambda: ctx.on.pebble_check_failed(box, info),
        "check_recovered": lambda: ctx.on.pebble_check_recovered(box, info),
    }
    state = ctx.run(on[event](), testing.State(containers=[box]))
    assert running(state) == {"web"}


def layer_of(*, up: bool = False, **services: Any) -> ops.pebble.Layer:
    checks = {"up": CHECK} if up else {}
    raw: Any = {"services": services or {"web": service()}, "checks": checks}
    return ops.pebble.Layer(raw)


def test_nothing_changes_nothing(run: Any, wish: Wish, asked: list[str]) -> None:
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    state = run()
    asked.clear()
    assert run(state).unit_status == ops.ActiveStatus()
    assert asked == []


@pytest.mark.parametrize(
    "defaults",
    [
        {"threshold": 3},
        {"startup": "enabled"},
        {"threshold": 3, "startup": "enabled", "period": "10s", "timeout": "3s"},
    ],
)
def test_what_pebble_adds_to_a_check_is_no_difference(
    run: Any, box: testing.Container, asked: list[str], defaults: dict[str, Any]
) -> None:
    raw: Any = {"services": {"web": service()}, "checks": {"up": {**CHECK, **defaults}}}
    info = testing.CheckInfo("up", level=ops.pebble.CheckLevel.READY)
    there = dataclasses.replace(
        box,
        layers={"box": ops.pebble.Layer(raw)},
        service_statuses={"web": ACTIVE},
        check_infos={info},
    )
    assert run(there).unit_status == ops.ActiveStatus()
    assert asked == []


@pytest.mark.parametrize(
    "changed",
    [
        {"services": {"web": service("serve --more")}, "checks": {"up": CHECK}},
        {"services": {"web": service(environment={"A": "1"})}, "checks": {"up": CHECK}},
        {"services": {"web": service()}, "checks": {"up": {**CHECK, "period": "5s"}}},
    ],
)
def test_a_change_of_the_layer_is_a_change_of_the_plan(
    run: Any, wish: Wish, asked: list[str], changed: Any
) -> None:
    state = run()
    wish.layer = changed
    asked.clear()
    plan = run(state).get_container("box").plan.to_dict()
    assert plan["services"] == changed["services"]
    assert plan["checks"]["up"].items() >= changed["checks"]["up"].items()
    assert asked == ["add_layer", "replan"]


def test_what_is_taken_out_of_the_environment_is_gone(run: Any, wish: Wish) -> None:
    wish.layer = {"services": {"web": service(environment={"A": "1", "B": "2"})}}
    state = run()
    wish.layer = {"services": {"web": service(environment={"A": "1"})}}
    state = run(state)
    assert state.get_container("box").plan.services["web"].environment == {"A": "1"}


def test_a_service_that_stopped_is_started(run: Any, asked: list[str]) -> None:
    box = run().get_container("box")
    asked.clear()
    state = run(dataclasses.replace(box, service_statuses={"web": INACTIVE}))
    assert running(state) == {"web"}
    assert asked == ["replan"]


def test_a_service_that_is_not_enabled_is_left_alone(
    run: Any, wish: Wish, asked: list[str]
) -> None:
    wish.layer = {"services": {"web": service(), "job": service(startup="disabled")}}
    state = run()
    asked.clear()
    state = run(state)
    assert running(state) == {"web"}
    assert state.unit_status == ops.ActiveStatus()
    assert asked == []


def test_a_service_that_is_no_longer_wanted_stops_and_stays_so(
    run: Any, wish: Wish, asked: list[str]
) -> None:
    wish.layer = {"services": {"web": service(), "more": service("more")}}
    state = run()
    assert running(state) == {"web", "more"}
    wish.layer = {"services": {"web": service()}}
    state = run(state)
    assert running(state) == {"web"}
    assert state.unit_status == ops.ActiveStatus()
    asked.clear()
    assert running(run(state)) == {"web"}
    assert asked == []
    wish.layer = {"services": {"web": service(), "more": service("more")}}
    assert running(run(state)) == {"web", "more"}


def test_a_check_that_is_no_longer_wanted_is_switched_off(
    run: Any, wish: Wish, asked: list[str]
) -> None:
    state = run()
    assert enabled_checks(state) == {"up"}
    wish.layer = {"services": {"web": service()}}
    state = run(state)
    assert enabled_checks(state) == set()
    (info,) = state.get_container("box").check_infos
    assert info.status is ops.pebble.CheckStatus.INACTIVE
    asked.clear()
    assert run(state).unit_status == ops.ActiveStatus()
    assert asked == []


def test_what_the_image_brings_along_does_not_run(run: Any, box: testing.Container) -> None:
    image = layer_of(web=service("/usr/bin/web"), extra=service("/usr/bin/extra"))
    state = run(dataclasses.replace(box, layers={"001-image": image}))
    assert running(state) == {"web"}
    assert state.get_container("box").plan.services["web"] == service()
    assert state.unit_status == ops.ActiveStatus()


def test_files_are_there_before_the_service(run: Any, wish: Wish, etc: pathlib.Path) -> None:
    wish.files = {"/etc/web/sub/conf": charmkit.File("a: 1\n", mode=0o600)}
    run()
    path = etc / "sub/conf"
    assert path.read_text() == "a: 1\n"
    assert path.stat().st_mode & 0o777 == 0o600


def digest(state: testing.State) -> str:
    environment = state.get_container("box").plan.services["web"].environment
    return environment[_workload.FILES_ENVIRONMENT]


def test_a_change_of_a_file_is_a_change_of_the_plan(
    run: Any, wish: Wish, asked: list[str], etc: pathlib.Path
) -> None:
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    before = run()
    wish.files = {"/etc/web/conf": charmkit.File("b")}
    asked.clear()
    after = run(before)
    assert digest(after) != digest(before)
    assert (etc / "conf").read_text() == "b"
    assert asked == ["push", "add_layer", "replan"]


def test_the_digest_tells_paths_and_contents_apart(run: Any, wish: Wish) -> None:
    digests: set[str] = set()
    for files in ({"/a": "b"}, {"/b": "a"}, {"/a": "b", "/b": "a"}, {"/a": ""}, {"/ab": ""}):
        wish.files = {path: charmkit.File(text) for path, text in files.items()}
        digests.add(digest(run()))
    assert len(digests) == 5


def test_without_files_there_is_no_digest(run: Any) -> None:
    assert run().get_container("box").plan.services["web"].environment == {}


def test_the_digest_leaves_the_environment_as_it_was(run: Any, wish: Wish) -> None:
    wish.layer = {"services": {"web": service(environment={"A": "1"})}}
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    environment = run().get_container("box").plan.services["web"].environment
    assert environment["A"] == "1"
    assert set(environment) == {"A", _workload.FILES_ENVIRONMENT}


@pytest.mark.parametrize("damage", ["changed", None])
def test_a_file_that_somebody_changed_is_written_again(
    run: Any, wish: Wish, asked: list[str], etc: pathlib.Path, damage: str | None
) -> None:
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    state = run()
    path = etc / "conf"
    path.unlink() if damage is None else path.write_text(damage)
    asked.clear()
    run(state)
    assert path.read_text() == "a"
    assert asked == ["push", "restart"]


def test_a_managed_directory_has_no_other_files(
    run: Any, wish: Wish, asked: list[str], etc: pathlib.Path
) -> None:
    (etc / "directory").mkdir(parents=True)
    (etc / "left").write_text("from before")
    wish.files = {"/etc/web/conf": charmkit.File("a"), "/elsewhere": charmkit.File("b")}
    run()
    assert sorted(path.name for path in etc.iterdir()) == ["conf", "directory"]


def test_a_file_that_is_no_longer_wanted_restarts_the_service(
    run: Any, wish: Wish, etc: pathlib.Path
) -> None:
    wish.files = {"/etc/web/a": charmkit.File("a"), "/etc/web/b": charmkit.File("b")}
    before = run()
    del wish.files["/etc/web/b"]
    after = run(before)
    assert [path.name for path in etc.iterdir()] == ["a"]
    assert digest(after) != digest(before)


def test_a_unit_that_stands_by_runs_nothing_and_is_not_ready(
    run: Any, wish: Wish, asked: list[str], etc: pathlib.Path
) -> None:
    wish.enabled = False
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    state = run()
    assert running(state) == set()
    assert not etc.exists()
    check = state.get_container("box").plan.checks["standby"]
    assert (check.level, check.tcp) == (ops.pebble.CheckLevel.READY, {"port": 1})
    assert state.unit_status == ops.ActiveStatus()
    asked.clear()
    assert run(state).unit_status == ops.ActiveStatus()
    assert asked == []


def test_a_unit_goes_to_standby_and_back(run: Any, wish: Wish, asked: list[str]) -> None:
    state = run()
    for _ in range(2):
        wish.enabled = False
        state = run(state)
        assert running(state) == set()
        assert "standby" in enabled_checks(state)
        wish.enabled = True
        state = run(state)
        assert running(state) == {"web"}
        assert enabled_checks(state) == {"up"}
        assert state.unit_status == ops.ActiveStatus()
        infos = {info.name: info.status for info in state.get_container("box").check_infos}
        assert infos.get("standby", ops.pebble.CheckStatus.INACTIVE) is (
            ops.pebble.CheckStatus.INACTIVE
        )
    asked.clear()
    run(state)
    assert asked == []


def test_what_is_not_decided_yet_leaves_the_services_as_they_are(run: Any, wish: Wish) -> None:
    state = run()
    wish.enabled = charmkit.Waiting("waiting for the leader")
    state = run(state)
    assert running(state) == {"web"}
    assert state.unit_status == ops.WaitingStatus("waiting for the leader")


def test_what_is_missing_leaves_the_services_as_they_are(run: Any, wish: Wish) -> None:
    state = run()
    wish.layer = charmkit.Blocked("relate it")
    state = run(state)
    assert running(state) == {"web"}
    assert state.get_container("box").plan.services["web"] == service()
    assert state.unit_status == ops.BlockedStatus("relate it")


def test_a_check_that_fails_is_a_reason_to_wait(run: Any) -> None:
    box = run().get_container("box")
    state = run(dataclasses.replace(box, check_infos={FAILING}))
    assert state.unit_status == ops.WaitingStatus("container box: check up fails")


def test_a_service_that_does_not_stay_up_is_a_reason_to_wait(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops.Container, "replan", lambda _: None)
    message = "container box: service web is not running"
    assert run().unit_status == ops.WaitingStatus(message)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ops.pebble.ConnectionError("gone"), "waiting for container box to restart"),
        (
            ops.pebble.TimeoutError("30 seconds"),
            "container box: a service takes long to start or stop",
        ),
        (
            ops.pebble.ChangeError(
                "cannot perform the following tasks:\n"
                '- Start service "web" (exited 1)\n'
                '- Start service "b" (skipped)',
                None,  # pyright: ignore[reportArgumentType]
            ),
            'container box: a service does not start: Start service "web" (exited 1)',
        ),
        (
            ops.pebble.ChangeError("", None),  # pyright: ignore[reportArgumentType]
            "container box: a service does not start: ",
        ),
    ],
)
def test_what_pebble_can_not_do_now_is_a_reason_to_wait(
    run: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    monkeypatch.setattr(ops.Container, "replan", lambda _: said(error))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert run().unit_status == ops.WaitingStatus(message)


def test_a_service_that_pebble_starts_again_is_looked_at_in_the_same_hook(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event tells that the second attempt went well."""
    replan, looks = ops.Container.replan, list[float]()

    def fails_at_first(container: ops.Container) -> None:
        monkeypatch.setattr(
            time, "sleep", lambda seconds: (looks.append(seconds), replan(container))
        )
        raise ops.pebble.ChangeError('- Start service "web" (exited 2)', None)  # pyright: ignore

    monkeypatch.setattr(ops.Container, "replan", fails_at_first)
    assert run().unit_status == ops.ActiveStatus()
    assert looks == [0.5]


@pytest.mark.parametrize("method", ["get_plan", "get_services", "push", "add_layer", "isdir"])
def test_a_container_may_restart_at_any_moment(
    run: Any, wish: Wish, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    gone = ops.pebble.ConnectionError("gone")
    monkeypatch.setattr(ops.Container, method, lambda *_, **__: said(gone))
    assert run().unit_status == ops.WaitingStatus("waiting for container box to restart")


def test_a_plan_that_pebble_refuses_is_a_bug(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ops.pebble.APIError({}, 400, "Bad Request", "invalid layer")
    monkeypatch.setattr(ops.Container, "add_layer", lambda *_, **__: said(error))
    with pytest.raises(testing.errors.UncaughtCharmError) as caught:
        run()
    assert caught.value.__cause__ is error


def test_a_container_that_restarted_gets_everything_again(
    run: Any, box: testing.Container, wish: Wish, etc: pathlib.Path
) -> None:
    wish.files = {"/etc/web/conf": charmkit.File("a")}
    before = run()
    (etc / "conf").unlink()
    after = run(box)
    assert after.get_container("box").plan == before.get_container("box").plan
    assert (etc / "conf").read_text() == "a"
    assert running(after) == {"web"}
