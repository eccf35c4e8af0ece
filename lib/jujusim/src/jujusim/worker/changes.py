# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's changes of one hook: each is over when its request is answered."""

import datetime
import itertools
from typing import Any, cast

from ops import pebble

from ..pebble import Pebble
from .pebble_encoding import moment


class Changes:
    """The changes that a hook has made in one container."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._changes: dict[str, dict[str, Any]] = {}
        self._outputs: dict[str, dict[str, bytes]] = {}

    def add(self, kind: str, summary: str, data: dict[str, Any] | None = None) -> str:
        """Note a change that has been made.

        Args:
            kind: What it is.
            summary: The same for people.
            data: What its only task has to tell.

        Returns:
            Its number.
        """
        number = str(next(self._numbers))
        now = moment(datetime.datetime.now(datetime.timezone.utc))
        common = {
            "id": number,
            "kind": kind,
            "summary": summary,
            "status": "Done",
            "spawn-time": now,
            "ready-time": now,
        }
        progress = {"label": "", "done": 1, "total": 1}
        task: dict[str, Any] = {**common, "log": [], "progress": progress, "data": data or {}}
        self._changes[number] = {**common, "ready": True, "tasks": [task]}
        return number

    def get(self, number: str) -> dict[str, Any] | None:
        """Return a change by its number."""
        return self._changes.get(number)

    def chosen(self, select: str) -> list[dict[str, Any]]:
        """Return the changes in a state: ``in-progress``, ``ready`` or ``all``."""
        return [] if select == "in-progress" else list(self._changes.values())

    def execute(self, engine: Pebble, asked: dict[str, Any]) -> tuple[str, str]:
        """Run a command.

        Returns:
            The numbers of the change and of its task.

        Raises:
            pebble.APIError: Nobody has said what the command does.
        """
        command: list[str] = asked["command"]
        process = engine.exec(
            command,
            service_context=asked.get("service-context") or None,
            environment=asked.get("environment") or {},
            encoding=None,
        )
        try:
            code, (output, errors) = 0, process.wait_output()
        except pebble.ExecError as error:  # pyright: ignore[reportUnknownVariableType]
            failed = cast("pebble.ExecError[bytes]", error)
            code, output, errors = failed.exit_code, failed.stdout, failed.stderr
        number = self.add("exec", f"Execute command {command[0]!r}", {"exit-code": code})
        streams = {"stdio": output or b"", "stderr": errors or b"", "control": b""}
        if not asked.get("split-stderr"):
            streams["stdio"] += streams["stderr"]
        self._outputs[number] = streams
        return number, number

    def output(self, task: str, stream: str) -> bytes | None:
        """Return what a command has written to ``stdio`` or ``stderr``; None if there is none."""
        return self._outputs.get(task, {}).get(stream)
