# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm without ops, that does what its option says in each config-changed hook."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request


def tool(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    # It has a child in its group, and a daemon that has left it.
    for new in (False, True):
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=new
        )
    time.sleep(60)


def chatter():
    while True:
        os.write(1, os.urandom(65536))


def rubbish():
    address = os.environ["JUJU_AGENT_SOCKET_ADDRESS"]
    for content in (b"\xff" * 4, os.urandom(64), b"\0\0\0\1x\0\0\0\0", b""):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(16) == b""
    os.write(2, b"\xff\xfe rubbish\n")
    sys.exit(3)


def raising():
    tool("relation-set", "-r", "pals:0", "lost=yes")
    tool("state-set", "lost=yes")
    tool("status-set", "maintenance", "about to fail")
    raise RuntimeError("planted")


def leave():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def linger():
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(61)"])  # noqa: S606


def ask():
    lines = pathlib.Path(os.environ["KUBECONFIG"]).read_text().splitlines()
    found = {line.split(":")[0].strip(): line.split(": ")[1] for line in lines if ": " in line}
    headers = {"authorization": f"Bearer {found['token']}"}
    path = f"{found['server']}/api/v1/namespaces/m/services/rogue"
    request = urllib.request.Request(path, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert json.load(answer)["kind"] == "Service"


def environment():
    pathlib.Path(tool("config-get", "deed").strip()).write_text(json.dumps(dict(os.environ)))


DEEDS = {f.__name__: f for f in (die, hang, chatter, rubbish, raising, leave, linger, ask)}

if os.environ["JUJU_HOOK_NAME"] == "config-changed":
    deed = tool("config-get", "deed").strip()
    if deed.startswith("/"):
        environment()
    elif deed:
        DEEDS[deed]()
    tool("status-set", "active", f"did {deed}")
