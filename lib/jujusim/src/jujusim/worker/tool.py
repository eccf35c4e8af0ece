# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A hook tool: hands its words to the simulator and prints what is answered.

It is run as `python -I -S tool.py NAME WORD...` many times in a hook, so it imports only what the
interpreter has built in or in one C module. The frames are those of `jujusim.worker.agent`.
"""

import _socket
import posix
import sys

UNREACHABLE = 1


def _read(connection: _socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = connection.recv(min(size, 65536))
        if not part:
            raise OSError("the simulator has closed the connection")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _wants_input(words: list[str]) -> bool:
    for word, following in zip(words, [*words[1:], ""]):  # noqa: B905
        if word in ("--file=-", "-file=-") or (word in ("--file", "-file") and following == "-"):
            return True
    return False


def _main(words: list[str]) -> int:
    environment = posix.environ
    address = environment.get(b"JUJU_AGENT_SOCKET_ADDRESS")
    context = environment.get(b"JUJU_CONTEXT_ID")
    if not address or not context:
        raise OSError("not in the context of a hook")
    given = sys.stdin.buffer.read() if _wants_input(words) else b""
    fields = [context, posix.getcwdb()]
    fields += [word.encode("utf-8", "surrogateescape") for word in words]
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(address)
    connection.sendall(_frame(b"\0".join(fields)) + _frame(given))
    code = _read(connection, 1)[0]
    for stream in (sys.stdout, sys.stderr):
        size = int.from_bytes(_read(connection, 4), "big")
        stream.buffer.write(_read(connection, size))
        stream.buffer.flush()
    return code


try:
    sys.exit(_main(sys.argv[1:]))
except OSError as error:
    sys.stderr.write("ERROR %s\n" % error)  # noqa: UP031
    sys.exit(UNREACHABLE)
