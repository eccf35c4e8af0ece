# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The unit agent's socket, at which the hook tools of one hook ask.

A question is two frames, each with its length in four bytes: the hook's id, the caller's working
directory and the words, joined by zero bytes; and what came on the standard input. The answer is
the exit status in one byte, and a frame for each of the two streams.
"""

import contextlib
import io
import os
import pathlib
import secrets
import socketserver
from collections.abc import Generator
from typing import NamedTuple

from ..errors import Killed
from . import servers, tools
from .hook_process import HookProcess

_MOST = 64 * 1024 * 1024


@contextlib.contextmanager
def listening(
    hook: tools.HookToolContext, process: HookProcess, folder: pathlib.Path
) -> Generator[dict[str, str]]:
    """Answer the tools of a hook, and yield the variables that tell them where to ask."""
    path = folder / "agent"

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            question = _question(self.rfile, process.context)
            if question is None:
                return
            with process.turn:
                answer = _answer(hook, process, question)
            self.wfile.write(bytes([answer.code]) + _frame(answer.output) + _frame(answer.errors))

    with servers.unix(path, Handler):
        yield {"JUJU_AGENT_SOCKET_ADDRESS": str(path), "JUJU_CONTEXT_ID": process.context}


class _Question(NamedTuple):
    folder: pathlib.Path
    words: list[str]
    given: bytes


def _question(stream: io.BufferedIOBase, context: str) -> _Question | None:
    """Return the question, or None for what is none: nobody but a hook's own tools may ask."""
    fields, given = _read(stream), _read(stream)
    if fields is None or given is None:
        return None
    parts = fields.split(b"\0")
    if len(parts) < 3 or not secrets.compare_digest(parts[0], context.encode()):
        return None
    words = [word.decode("utf-8", "surrogateescape") for word in parts[2:]]
    return _Question(pathlib.Path(os.fsdecode(parts[1])), words, given)


def _answer(
    hook: tools.HookToolContext, process: HookProcess, question: _Question
) -> tools.Answer:
    try:
        return tools.answer(hook, question.words, question.given, question.folder)
    except (Exception, Killed) as error:
        process.abort(error)
        return tools.Answer(1, errors=f"ERROR {error!r}\n")


def _read(stream: io.BufferedIOBase) -> bytes | None:
    header = stream.read(4)
    size = int.from_bytes(header, "big")
    if len(header) < 4 or size > _MOST:
        return None
    content = stream.read(size)
    return content if len(content) == size else None


def _frame(text: str) -> bytes:
    content = text.encode("utf-8", "surrogateescape")
    return len(content).to_bytes(4, "big") + content
