# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a failing wait prints, and what counts as failing."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator

import jubilant
import pytest
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import Status

from ..helpers import waiting

STATUS = {
    "model": {
        "name": "m", "type": "caas", "controller": "c", "cloud": "k", "version": "3.6.9",
        "model-status": {"current": "available"},
    },
    "machines": {},
    "applications": {},
}  # fmt: skip
FAKE = """#!/bin/sh
echo "$*" >> {calls}
case "$1" in
status) case "$*" in *json*) cat {status};; *) echo "Model m";; esac;;
debug-log) echo "unit-$5 says why" | tr / -;;
*) exit 1;;
esac
"""


def unit(current: str, agent: str = "idle") -> dict[str, object]:
    return {"workload-status": {"current": current}, "juju-status": {"current": agent}}


def application(current: str, **units: dict[str, object]) -> dict[str, object]:
    return {
        "charm": "c", "charm-origin": "local", "charm-name": "c", "charm-rev": 0,
        "exposed": False, "application-status": {"current": current},
        "units": {name.replace("_", "/"): about for name, about in units.items()},
    }  # fmt: skip


class Events:
    """A cluster that knows events only."""

    def events(self, unit: str) -> Iterator[str]:
        yield f"Warning Failed: no image for {unit}"


class Clock:
    """Time that passes while somebody sleeps, and in no other way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr("time.sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


class Unreachable:
    def events(self, unit: str) -> Iterator[str]:
        raise ApiError(status=Status(code=503, message="the server is away"))
        yield unit


@pytest.fixture
def juju(tmp_path: pathlib.Path) -> Callable[..., jubilant.Juju]:
    """A Juju whose command answers with a status that a test chooses."""

    def make(**apps: dict[str, object]) -> jubilant.Juju:
        named = {name.replace("_", "-"): about for name, about in apps.items()}
        content = {**STATUS, "applications": named}
        (tmp_path / "status.json").write_text(json.dumps(content))
        program = tmp_path / "juju"
        program.write_text(FAKE.format(calls=tmp_path / "calls", status=tmp_path / "status.json"))
        program.chmod(0o755)
        return jubilant.Juju(cli_binary=program, wait_timeout=1)

    return make


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(waiting, "PATIENCE", 0.5)


def test_an_active_model_is_not_waited_for(juju: Callable[..., jubilant.Juju]) -> None:
    waiting.active(juju(a=application("active", a_0=unit("active"))), Events())


@pytest.mark.parametrize(
    "app",
    [
        application("active", a_0=unit("active", "executing")),
        application("waiting", a_0=unit("waiting")),
        application("active", a_0=unit("active"), a_1=unit("active")),
    ],
)
def test_neither_busy_nor_waiting_nor_another_number_of_units_is_active(
    juju: Callable[..., jubilant.Juju], app: dict[str, object]
) -> None:
    with pytest.raises(TimeoutError):
        waiting.active(juju(a=app), Events(), "a", units=1)


def test_an_application_that_goes(juju: Callable[..., jubilant.Juju]) -> None:
    waiting.gone(juju(b=application("active")), Events(), "a")
    with pytest.raises(TimeoutError):
        waiting.gone(juju(a=application("active")), Events(), "a")


def test_a_failing_wait_prints_what_is_needed(
    juju: Callable[..., jubilant.Juju], capsys: pytest.CaptureFixture[str]
) -> None:
    model = juju(
        good=application("active", good_0=unit("active")),
        bad=application("waiting", bad_0=unit("blocked"), bad_1=unit("active", "lost")),
    )
    with pytest.raises(TimeoutError):
        waiting.active(model, Events())
    assert capsys.readouterr().out.splitlines() == [
        "---- juju status",
        "Model m",
        "---- debug-log of bad/0",
        "unit-200 says why",
        "---- events of bad/0",
        "Warning Failed: no image for bad/0",
        "---- debug-log of bad/1",
        "unit-200 says why",
        "---- events of bad/1",
        "Warning Failed: no image for bad/1",
    ]


def test_the_log_of_one_unit_is_asked_for(
    juju: Callable[..., jubilant.Juju], tmp_path: pathlib.Path
) -> None:
    list(waiting.report(juju(bad=application("error", bad_0=unit("error"))), Events()))
    calls = (tmp_path / "calls").read_text().splitlines()
    assert "debug-log --include bad/0 --limit 200 --no-tail" in calls


def test_what_cannot_be_had_is_said(juju: Callable[..., jubilant.Juju]) -> None:
    model = juju(bad=application("error", bad_0=unit("error")))
    lines = list(waiting.report(model, Unreachable()))
    assert lines[-1] == "cannot be had: the server is away"


def test_soon_tries_again() -> None:
    tries: list[int] = []

    def third() -> int:
        tries.append(1)
        assert len(tries) == 3
        return 7

    assert waiting.soon(third) == 7


def test_soon_gives_up_with_the_last_reason() -> None:
    def never() -> None:
        raise LookupError("it is not there")

    with pytest.raises(LookupError, match="it is not there"):
        waiting.soon(never, seconds=0)


def test_what_must_stay_is_checked_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    seen: list[float] = []
    waiting.stays(lambda: seen.append(clock.now), seconds=10, pause=5)
    assert seen == [0, 5, 10]


def test_what_goes_while_it_must_stay_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)

    def check() -> None:
        assert clock.now < 10, "gone"

    with pytest.raises(AssertionError, match="gone"):
        waiting.stays(check, seconds=90, pause=5)
    assert clock.now == 10
