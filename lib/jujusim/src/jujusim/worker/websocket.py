# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""As much of the websocket protocol (RFC 6455) as Pebble's exec needs, the server's side."""

import base64
import contextlib
import hashlib
import io

from . import servers

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE = 1, 2, 8


def accept(handler: servers.Handler) -> None:
    """Answer the opening handshake."""
    key = handler.headers.get("sec-websocket-key", "").encode()
    # The protocol asks for SHA-1; it protects nothing.
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    handler.send_response(101)
    handler.send_header("upgrade", "websocket")
    handler.send_header("connection", "Upgrade")
    handler.send_header("sec-websocket-accept", base64.b64encode(digest).decode())
    handler.end_headers()
    handler.wfile.flush()


def send(handler: servers.Handler, content: bytes, *, text: bool = False) -> None:
    """Send one message."""
    size = len(content)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + size.to_bytes(2, "big")
    else:
        length = b"\x7f" + size.to_bytes(8, "big")
    handler.wfile.write(bytes([0x80 | (_TEXT if text else _BINARY)]) + length + content)
    handler.wfile.flush()


def drain(handler: servers.Handler) -> None:
    """Read what the client sends until it goes; nothing is done with it."""
    with contextlib.suppress(OSError):
        while _skip(handler.rfile):
            """One frame after another."""


def _skip(stream: io.BufferedIOBase) -> bool:
    """Read one frame; False when the client closes or has gone."""
    header = stream.read(2)
    if len(header) < 2:
        return False
    size = header[1] & 0x7F
    if size == 126:
        size = int.from_bytes(stream.read(2), "big")
    elif size == 127:
        size = int.from_bytes(stream.read(8), "big")
    masked = 4 if header[1] & 0x80 else 0
    stream.read(masked + size)
    return header[0] & 0x0F != _CLOSE
