# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's HTTP API for one hook, in front of the containers' simulated Pebbles.

Source: https://documentation.ubuntu.com/pebble/reference/api/, and what `ops.pebble.Client` sends.
"""

import contextlib
import dataclasses
import functools
import http
import json
import pathlib
import urllib.parse
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from ops import pebble

from ..errors import Killed
from ..pebble import Pebble
from . import files, pebble_encoding, servers
from .hook_process import HookProcess

_END = b'{"command":"end"}'


@dataclass(frozen=True)
class Request:
    """A client's request.

    Attributes:
        rest: What follows the route's own part of the path.
    """

    engine: Pebble
    changes: pebble_encoding.Changes
    query: dict[str, list[str]]
    body: bytes
    rest: str = ""

    @functools.cached_property
    def content(self) -> dict[str, Any]:
        """The decoded JSON body; empty without one."""
        return json.loads(self.body or b"{}")

    def one(self, name: str) -> str:
        """Return a value of the query; empty when it is not there."""
        return self.query.get(name, [""])[0]

    def many(self, name: str) -> list[str] | None:
        """Return a list in the query, repeated or joined by commas; None when it is not there."""
        if name not in self.query:
            return None
        return [part for text in self.query[name] for part in text.split(",")]


@contextlib.contextmanager
def listening(
    engines: dict[str, Pebble], process: HookProcess, folder: pathlib.Path
) -> Generator[None]:
    """Serve each container whose Pebble answers."""
    with contextlib.ExitStack() as stack:
        for name, engine in engines.items():
            (folder / name).mkdir(parents=True)
            if engine.connected:
                socket = folder / name / "pebble.socket"
                stack.enter_context(servers.unix(socket, _handler(engine, process, socket)))
        yield


def _handler(engine: Pebble, process: HookProcess, socket: pathlib.Path) -> type[servers.Handler]:
    made = pebble_encoding.Changes()

    class Handler(servers.Handler):
        def _any(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            if url.path.startswith("/v1/tasks/"):
                _stream(self, made, url.path)
                return
            query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
            try:
                asked = Request(engine, made, query, self.body())
                with process.turn:
                    self._answer(url.path, asked)
            except pebble.ConnectionError:
                # It answers no more, which ops knows by a socket that is not there.
                socket.unlink(missing_ok=True)
                self.hang_up()
            except OSError:
                self.hang_up()
            except (Exception, Killed) as error:
                process.abort(error)
                self.hang_up()

        def _answer(self, path: str, asked: Request) -> None:
            if (self.command, path, asked.one("action")) == ("GET", "/v1/files", "read"):
                self.reply(200, *files.read(engine, asked.query["path"]))
                return
            content_type = self.headers.get("content-type", "")
            try:
                answer = _routed(self.command, path, content_type, asked)
            except pebble.APIError as error:
                answer = _failure(error.code, error.message)
            self.reply(answer["status-code"], "application/json", json.dumps(answer).encode())

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    return Handler


def _routed(method: str, path: str, content_type: str, asked: Request) -> dict[str, Any]:
    if content_type.startswith("multipart/form-data"):
        if (method, path) != ("POST", "/v1/files"):
            raise _refused(400, f"{method} {path} takes no files")
        return _sync(files.write(asked.engine, content_type, asked.body))
    for length in (len(path), path.rfind("/") + 1, len("/v1/changes/")):
        run = _ROUTES.get((method, path[:length]))
        if run is not None:
            return run(dataclasses.replace(asked, rest=path[length:]))
    raise _refused(404, f"invalid API endpoint requested: {method} {path}")


def _answer(kind: str, code: int, result: Any, **more: Any) -> dict[str, Any]:
    status = http.HTTPStatus(code).phrase
    return {"type": kind, "status-code": code, "status": status, "result": result, **more}


def _sync(result: Any) -> dict[str, Any]:
    return _answer("sync", 200, result)


def _async(change: str, result: Any = None) -> dict[str, Any]:
    return _answer("async", 202, result, change=change)


def _failure(code: int, message: str) -> dict[str, Any]:
    return _answer("error", code, {"message": message})


def _refused(code: int, message: str) -> pebble.APIError:
    return pebble.APIError({}, code, "", message)


def _layers(request: Request) -> dict[str, Any]:
    content = request.content
    if content.get("action") != "add":
        raise _refused(400, f"invalid action {content.get('action')!r}")
    try:
        request.engine.add_layer(
            content["label"], content["layer"], combine=bool(content.get("combine"))
        )
    except RuntimeError as error:
        # The engine's own words begin with the status.
        code, _, message = str(error).partition(" ")
        raise _refused(int(code), message) from error
    return _sync(True)


def _services(request: Request) -> dict[str, Any]:
    text = pebble_encoding.text
    return _sync(
        [
            {"name": each.name, "startup": text(each.startup), "current": text(each.current)}
            for each in request.engine.get_services(request.many("names"))
        ]
    )


def _act_on_services(request: Request) -> dict[str, Any]:
    action = request.content.get("action")
    names: list[str] = request.content.get("services") or []
    if action not in ("autostart", "replan", "start", "stop", "restart"):
        raise _refused(400, f"action {action!r} is unsupported")
    act = getattr(request.engine, f"{action}_services")
    act(*([] if action in ("autostart", "replan") else [names]))
    return _async(request.changes.add(str(action), f"{action} {', '.join(names)}".strip()))


def _change(request: Request) -> dict[str, Any]:
    """Return one change; all of them are over by the time that anybody can ask."""
    number = request.rest.partition("/")[0]
    found = request.changes.get(number)
    if found is None:
        found = pebble_encoding.change(request.engine.get_change(number))
    return _sync(found)


def _checks(request: Request) -> dict[str, Any]:
    level = request.one("level")
    found = request.engine.get_checks(
        pebble.CheckLevel(level) if level else None, request.many("names")
    )
    return _sync([pebble_encoding.check(each) for each in found])


def _act_on_checks(request: Request) -> dict[str, Any]:
    acts = {"start": request.engine.start_checks, "stop": request.engine.stop_checks}
    action = request.content.get("action")
    if action not in acts:
        raise _refused(400, f"invalid action {action!r}")
    return _sync({"changed": acts[action](request.content.get("checks") or [])})


def _act_on_files(request: Request) -> dict[str, Any]:
    results = files.change(request.engine, request.content)
    if results is None:
        raise _refused(400, f"invalid action {request.content.get('action')!r}")
    return _sync(results)


def _list_files(request: Request) -> dict[str, Any]:
    if request.one("action") != "list":
        raise _refused(400, f"invalid action {request.one('action')!r}")
    how: Any = {
        "pattern": request.one("pattern") or None,
        "itself": request.one("itself") == "true",
    }
    try:
        found = request.engine.list_files(request.one("path"), **how)
    except pebble.PathError as error:
        raise _refused(400, error.message) from error
    return _sync([files.described(each) for each in found])


def _exec(request: Request) -> dict[str, Any]:
    number, task = request.changes.execute(request.engine, request.content)
    return _async(number, {"task-id": task, "environment": {}, "working-dir": "/"})


def _signals(request: Request) -> dict[str, Any]:
    content = request.content
    request.engine.send_signal(content["signal"], content["services"])
    return _sync(True)


def _notices(request: Request) -> dict[str, Any]:
    found = request.engine.get_notices(types=request.many("types"), keys=request.many("keys"))
    return _sync([pebble_encoding.notice(each) for each in found])


def _identities(_: Request) -> dict[str, Any]:
    raise _refused(501, "identities are not simulated")


_ROUTES: dict[tuple[str, str], Callable[[Request], dict[str, Any]]] = {
    ("GET", "/v1/system-info"): lambda asked: _sync(
        {"version": asked.engine.get_system_info().version, "boot-id": "simulated"}
    ),
    ("GET", "/v1/plan"): lambda asked: _sync(asked.engine.get_plan().to_yaml()),
    ("POST", "/v1/layers"): _layers,
    ("GET", "/v1/services"): _services,
    ("POST", "/v1/services"): _act_on_services,
    ("GET", "/v1/changes"): lambda asked: _sync(
        asked.changes.chosen(asked.one("select") or "in-progress")
    ),
    ("GET", "/v1/changes/"): _change,
    ("GET", "/v1/checks"): _checks,
    ("POST", "/v1/checks"): _act_on_checks,
    ("GET", "/v1/files"): _list_files,
    ("POST", "/v1/files"): _act_on_files,
    ("POST", "/v1/exec"): _exec,
    ("POST", "/v1/signals"): _signals,
    ("POST", "/v1/notices"): lambda asked: _sync(
        {"id": pebble_encoding.notify(asked.engine, asked.content)}
    ),
    ("GET", "/v1/notices"): _notices,
    ("GET", "/v1/notices/"): lambda asked: _sync(
        pebble_encoding.notice(asked.engine.get_notice(asked.rest))
    ),
    ("GET", "/v1/identities"): _identities,
    ("POST", "/v1/identities"): _identities,
    ("GET", "/v1/warnings"): lambda _: _sync([]),
}


def _stream(handler: servers.Handler, made: pebble_encoding.Changes, path: str) -> None:
    """One of the websockets of a command: its output, or its control."""
    task, _, stream = path.removeprefix("/v1/tasks/").partition("/websocket/")
    output = made.output(task, stream)
    if output is None:
        handler.reply(404, "application/json", json.dumps(_failure(404, path)).encode())
        return
    servers.accept_websocket(handler)
    if stream != "control":
        if output:
            servers.send_message(handler, output)
        servers.send_message(handler, _END, text=True)
    servers.drain_websocket(handler)
    handler.hang_up()
