# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the web apps are run, and what gunicorn makes of its settings."""

from __future__ import annotations

import inspect
import os
import pathlib
import sys
import time
import types
from typing import Any

import ops
import pytest
from charmkit import config
from charmkit.kubeflow import web_app

APP = web_app.Settings(5001, "/web", "production", secure_cookies=True, network_policy=False)


def service(**environment: str) -> dict[str, Any]:
    return APP.layer("web", environment)["services"]["web"]


def test_listener_check_and_metrics_have_one_port():
    layer = APP.layer("web", {})
    assert "--bind 0.0.0.0:5001 " in layer["services"]["web"]["command"]
    url = layer["checks"]["web-ready"]["http"]["url"]
    assert url == "http://localhost:5001/healthz/readiness"


def test_layer_is_one_for_pebble():
    layer = ops.pebble.Layer(APP.layer("web", {}))  # pyright: ignore[reportArgumentType]
    assert layer.services["web"].startup == "enabled"
    assert layer.checks["web-ready"].level is ops.pebble.CheckLevel.READY


def test_the_environment_has_the_apps_own_variables_too():
    assert service(UI="default")["environment"] == {
        "APP_PREFIX": "/web",
        "APP_SECURE_COOKIES": "true",
        "BACKEND_MODE": "production",
        "UI": "default",
        "USERID_HEADER": "kubeflow-userid",
        "USERID_PREFIX": "",
    }


def test_command_reads_the_settings():
    assert f"-c {web_app.SETTINGS_PATH} " in service()["command"]
    assert list(web_app.FILES) == [web_app.SETTINGS_PATH]


@pytest.mark.parametrize("mode", ["production", "prod", "development", "dev"])
def test_a_mode_of_the_backend_is_accepted(mode: str):
    assert config.parser(mode_field()).parse(mode) == mode


def test_another_mode_of_the_backend_is_refused():
    with pytest.raises(ValueError, match="test"):
        config.parser(mode_field()).parse("test")


def mode_field() -> Any:
    return web_app.backend_mode()


class Metric:
    """A gauge or a counter of the library that the image has and these tests have not."""

    def __init__(self, name: str, _: str, **how: str) -> None:
        self.name, self.how, self.value = name, how, 0.0

    def set(self, value: float) -> None:
        self.value = value

    def inc(self) -> None:
        self.value += 1


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> dict[str, Any]:
    """The settings, read as gunicorn reads them; `dead` lists the workers reported as such."""
    dead: list[int] = []
    multiprocess = types.SimpleNamespace(mark_process_dead=dead.append)
    library = types.SimpleNamespace(Counter=Metric, Gauge=Metric, multiprocess=multiprocess)
    monkeypatch.setitem(sys.modules, "prometheus_client", library)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.setattr("tempfile.mkdtemp", lambda: str(tmp_path))
    names: dict[str, Any] = {"dead": dead}
    exec(web_app.SETTINGS, names)  # noqa: S102
    return names


def worker(**views: Any) -> Any:
    return types.SimpleNamespace(pid=7, wsgi=types.SimpleNamespace(view_functions=views))


def test_workers_share_a_directory(settings: dict[str, Any], tmp_path: pathlib.Path):
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path)
    assert settings["CPU"].how == settings["MEMORY"].how == {"multiprocess_mode": "livesum"}


def test_metrics_need_no_login_and_the_rest_does(settings: dict[str, Any]):
    def metrics() -> None: ...
    def notebooks() -> None: ...

    settings["post_worker_init"](worker(prometheus_metrics=metrics, notebooks=notebooks))
    assert getattr(metrics, "no_authentication", False)
    assert not hasattr(notebooks, "no_authentication")


def test_worker_without_metrics_starts_nevertheless(settings: dict[str, Any]):
    settings["post_worker_init"](worker())
    assert settings["STARTS"].value == 1


def test_the_time_of_the_start_is_a_metric(settings: dict[str, Any]):
    before = time.time()
    settings["when_ready"](None)
    assert before <= settings["STARTED"].value <= time.time()


def test_what_a_worker_uses_is_a_metric(settings: dict[str, Any]):
    settings["post_request"](worker(), None, {}, None)
    assert settings["CPU"].value > 0
    assert settings["MEMORY"].value > 2**20


@pytest.mark.parametrize(
    ("hook", "arity"),
    [("when_ready", 1), ("post_worker_init", 1), ("post_request", 4), ("child_exit", 2)],
)
def test_hooks_have_the_arity_that_gunicorn_insists_on(
    settings: dict[str, Any], hook: str, arity: int
):
    code = settings[hook].__code__
    assert code.co_argcount == arity
    assert not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)


def test_a_worker_that_is_gone_is_counted_out(settings: dict[str, Any]):
    settings["child_exit"](None, worker())
    assert settings["dead"] == [7]
