# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's files: read, written, listed, made and removed over HTTP."""

import datetime
import email.parser
import email.policy
import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any, cast

from ops import pebble

from ..pebble import Pebble

_OWNERS = {"user-id": "user_id", "user": "user", "group-id": "group_id", "group": "group"}


def read(engine: Pebble, paths: Iterable[str]) -> tuple[str, bytes]:
    """Return files and what became of each, as a multipart body.

    Returns:
        The content type and the body.
    """
    boundary = secrets.token_hex(16)
    results: list[dict[str, Any]] = []
    body = b""
    for path in paths:
        contents: list[bytes] = []

        def pull(path: str = path, contents: list[bytes] = contents) -> None:
            with engine.pull(path, encoding=None) as file:
                contents.append(cast("bytes", file.read()))

        results.append(_result(path, pull))
        name = path.replace('"', '\\"')
        for content in contents:
            body += _part(boundary, f'name="files"; filename="{name}"', content)
    answer = {"type": "sync", "status-code": 200, "status": "OK", "result": results}
    body += _part(boundary, 'name="response"', json.dumps(answer).encode(), "application/json")
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def write(engine: Pebble, content_type: str, body: bytes) -> list[dict[str, Any]]:
    """Write the files of a multipart body.

    Returns:
        What became of each.
    """
    parts = _parts(content_type, body)
    asked = json.loads(parts[0])
    contents = dict(zip((each["path"] for each in asked["files"]), parts[1:], strict=True))
    return [
        _result(
            about["path"],
            lambda about=about: engine.push(
                about["path"],
                contents[about["path"]],
                make_dirs=bool(about.get("make-dirs")),
                **_permissions(about),
            ),
        )
        for about in asked["files"]
    ]


def make_dirs(engine: Pebble, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make directories, and tell what became of each."""
    return [
        _result(
            about["path"],
            lambda about=about: engine.make_dir(
                about["path"],
                make_parents=bool(about.get("make-parents")),
                **_permissions(about),
            ),
        )
        for about in asked
    ]


def remove(engine: Pebble, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Remove files and directories, and tell what became of each."""
    return [
        _result(
            about["path"],
            lambda about=about: engine.remove_path(
                about["path"], recursive=bool(about.get("recursive"))
            ),
        )
        for about in asked
    ]


def listed(engine: Pebble, path: str, *, pattern: str, itself: bool) -> list[dict[str, Any]]:
    """Return what is in a directory.

    Raises:
        pebble.APIError: It is not there.
        pebble.PathError: The path is not absolute.
    """
    found = engine.list_files(path, pattern=pattern or None, itself=itself)
    return [_described(each) for each in found]


def _described(info: pebble.FileInfo) -> dict[str, Any]:
    about: dict[str, Any] = {
        "path": info.path,
        "name": info.name,
        "type": info.type.value if isinstance(info.type, pebble.FileType) else info.type,
        "size": info.size,
        "permissions": format(info.permissions, "03o"),
        "last-modified": info.last_modified.astimezone(datetime.timezone.utc).isoformat(),
        "user-id": info.user_id,
        "user": info.user,
        "group-id": info.group_id,
        "group": info.group,
    }
    return {key: value for key, value in about.items() if value is not None}


def _result(path: str, act: Callable[[], None]) -> dict[str, Any]:
    try:
        act()
    except pebble.PathError as error:
        return {"path": path, "error": {"kind": error.kind, "message": error.message}}
    return {"path": path}


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
