# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's files: read, written, listed, made and removed over HTTP."""

import datetime
import email.parser
import email.policy
import functools
import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from ops import pebble

from ..pebble import Pebble
from .pebble_encoding import text

_OWNERS = {"user-id": "user_id", "user": "user", "group-id": "group_id", "group": "group"}


def read(engine: Pebble, paths: Iterable[str]) -> tuple[str, bytes]:
    """Return files and what became of each: the content type, and a multipart body."""
    boundary, body = secrets.token_hex(16), b""
    results: list[dict[str, Any]] = []
    for path in paths:
        result, file = _tried(path, functools.partial(engine.pull, path, encoding=None))
        results.append(result)
        if file is not None:
            name = path.replace('"', '\\"')
            body += _part(boundary, f'name="files"; filename="{name}"', file.read())
    answer = {"type": "sync", "status-code": 200, "status": "OK", "result": results}
    body += _part(boundary, 'name="response"', json.dumps(answer).encode(), "application/json")
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def write(engine: Pebble, content_type: str, body: bytes) -> list[dict[str, Any]]:
    """Write the files of a multipart body, and tell what became of each."""
    first, *contents = _parts(content_type, body)
    asked: list[dict[str, Any]] = json.loads(first)["files"]

    def push(about: dict[str, Any], content: bytes) -> None:
        dirs = bool(about.get("make-dirs"))
        engine.push(about["path"], content, make_dirs=dirs, **_permissions(about))

    return [
        _tried(about["path"], functools.partial(push, about, content))[0]
        for about, content in zip(asked, contents, strict=True)
    ]


def change(engine: Pebble, asked: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Make directories or remove paths, and tell what became of each; None for anything else."""

    def make(about: dict[str, Any]) -> None:
        parents = bool(about.get("make-parents"))
        engine.make_dir(about["path"], make_parents=parents, **_permissions(about))

    def remove(about: dict[str, Any]) -> None:
        engine.remove_path(about["path"], recursive=bool(about.get("recursive")))

    acts = {"make-dirs": ("dirs", make), "remove": ("paths", remove)}
    if asked.get("action") not in acts:
        return None
    key, act = acts[asked["action"]]
    return [_tried(each["path"], functools.partial(act, each))[0] for each in asked[key]]


def described(info: pebble.FileInfo) -> dict[str, Any]:
    """Return a file or a directory, as it stands in a list."""
    names = ("path", "name", "size", "user-id", "user", "group-id", "group")
    about: dict[str, Any] = {name: getattr(info, name.replace("-", "_")) for name in names}
    about["type"] = text(info.type)
    about["permissions"] = format(info.permissions, "03o")
    about["last-modified"] = info.last_modified.astimezone(datetime.timezone.utc).isoformat()
    return {key: value for key, value in about.items() if value is not None}


def _tried(path: str, act: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
    """Return what became of a path, and what the act has returned."""
    try:
        return {"path": path}, act()
    except pebble.PathError as error:
        return {"path": path, "error": {"kind": error.kind, "message": error.message}}, None


def _permissions(about: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {
        ours: about[theirs] for theirs, ours in _OWNERS.items() if theirs in about
    }
    if "permissions" in about:
        options["permissions"] = int(about["permissions"], 8)
    return options


def _part(
    boundary: str, name: str, content: bytes, kind: str = "application/octet-stream"
) -> bytes:
    header = (
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Disposition: form-data; {name}\r\n\r\n"
    )
    return header.encode() + content + b"\r\n"


def _parts(content_type: str, body: bytes) -> list[bytes]:
    """Return the contents of a multipart body, each as it is.

    The email package would change line ends of what it takes for text, so it parses only the
    header that has the boundary.
    """
    header = email.parser.HeaderParser(policy=email.policy.HTTP).parsestr(
        f"content-type: {content_type}\r\n\r\n"
    )
    boundary = b"--" + str(header.get_boundary()).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + boundary)
    return [piece.partition(b"\r\n\r\n")[2] for piece in pieces[1:-1]]
