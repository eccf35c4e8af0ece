# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Packed charms, and a unit of one outside Juju: an empty folder, hook tools, a Kubernetes API."""

from __future__ import annotations

import functools
import http.server
import json
import os
import pathlib
import runpy
import shutil
import stat
import subprocess
import sys
import threading
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import kubefake
import pytest
import yaml
from ckf import pack

ROOT = pathlib.Path(__file__).parents[4]
HOOKTOOL = pathlib.Path(__file__).with_name("hooktool.py")
TOOLS = tuple(runpy.run_path(str(HOOKTOOL))["ANSWERS"])


@functools.cache
def python_for(version: str) -> str:
    """An interpreter of the base's version, or this one."""
    pyenv = pathlib.Path.home() / ".pyenv" / "versions"
    found = [shutil.which(f"python{version}")]
    found += sorted(map(str, pyenv.glob(f"{version}.*/bin/python{version}")))
    for path in filter(None, found):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


@pytest.fixture
def packed(request: pytest.FixtureRequest) -> Callable[[pathlib.Path], pack.Packed]:
    """Pack a charm for an interpreter of this machine, or take it from the cache of tests."""

    def make(charm: pathlib.Path) -> pack.Packed:
        project = yaml.safe_load((charm / "charmcraft.yaml").read_text())
        target = pack.Target.of(project)
        python = python_for(target.python)
        if python == sys.executable:
            mine = f"{sys.version_info.major}.{sys.version_info.minor}"
            target = pack.Target.of(project, python=mine)
        output = request.config.cache.mkdir(f"packed-{target.python}")
        return pack.pack(pack.Workspace(ROOT), charm, target, output)

    return make


@pytest.fixture
def cluster() -> Iterator[str]:
    """A Kubernetes API in memory, on loopback: its URL."""
    api = kubefake.Cluster()
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = kubefake.Request(
                self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), headers, body
            )
            with lock:
                response = api.request(asked)
            self.send_response(response.status)
            for name, value in response.headers:
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Unit:
    """A unit that runs a packed charm's dispatch, with an environment of its own.

    Attributes:
        charm: The unpacked charm.
        meta: Its metadata.
        tools: The folder with the hook tools, their state and their calls.
    """

    charm: pathlib.Path
    meta: dict[str, Any]
    tools: pathlib.Path
    python: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> dict[str, Any]:
        return json.loads((self.tools / "state.json").read_text())

    def set(self, **values: Any) -> None:
        (self.tools / "state.json").write_text(json.dumps(self.state | values))

    @property
    def calls(self) -> list[list[str]]:
        log = self.tools / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()]

    def dispatch(self, path: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the charm as Juju does for one event."""
        (self.tools / "calls.jsonl").write_text("")
        environ = self.environ | {
            "JUJU_DISPATCH_PATH": path,
            "JUJU_HOOK_NAME": path.partition("/")[2] if path.startswith("hooks/") else "",
            **more,
        }
        return self.run([str(self.charm / "dispatch")], environ)

    @property
    def errors(self) -> list[str]:
        """What the charm has logged as errors."""
        return [call[-1] for call in self.calls if call[0] == "juju-log" and "ERROR" in call]

    def run(
        self, command: list[str], environ: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=environ or self.environ,
            cwd=self.charm,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def unit(cluster: str, tmp_path: pathlib.Path) -> Callable[[pathlib.Path], Unit]:
    """Unpack an archive into an empty folder, as Juju does, and set a unit up around it."""

    def make(archive: pathlib.Path) -> Unit:
        charm, tools, home = (tmp_path / name for name in ("charm", "tools", "home"))
        for folder in (charm, tools, home):
            folder.mkdir()
        unpack(archive, charm)
        meta = yaml.safe_load((charm / "metadata.yaml").read_text())
        base = next((charm / "venv/lib").iterdir()).name.removeprefix("python")
        python = python_for(base)
        (tools / "python3").symlink_to(python)
        for name in TOOLS:
            script = tools / name
            script.write_text(f"#!{python} -ISE\n" + HOOKTOOL.read_text())
            script.chmod(0o755)
        (tools / "state.json").write_text(json.dumps(_state(charm, meta)))
        return Unit(charm, meta, tools, python, _environ(charm, meta, tools, home, cluster))

    return make


def unpack(archive: pathlib.Path, folder: pathlib.Path) -> None:
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            path = pathlib.Path(content.extract(info, folder))
            path.chmod(stat.S_IMODE(info.external_attr >> 16))


def _state(charm: pathlib.Path, meta: dict[str, Any]) -> dict[str, Any]:
    config = charm / "config.yaml"
    options = yaml.safe_load(config.read_text())["options"] if config.is_file() else {}
    defaults = {name: about["default"] for name, about in options.items() if "default" in about}
    return {
        "config": defaults,
        "databags": {},
        "leader": False,
        "parameters": {},
        "peers": list(meta.get("peers") or {}),
        "planned": {f"{meta['name']}/0": {"status": "idle"}},
        "ports": [],
        "secrets": {},
        "status": ["unknown", ""],
        "unit": f"{meta['name']}/0",
    }


def _environ(
    charm: pathlib.Path,
    meta: dict[str, Any],
    tools: pathlib.Path,
    home: pathlib.Path,
    cluster: str,
) -> dict[str, str]:
    kubeconfig = {
        "clusters": [{"name": "here", "cluster": {"server": cluster}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "current-context": "here",
        "users": [{"name": "me", "user": {}}],
    }
    (home / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    # `dirname` and `realpath` are the system's: nothing else is on the path.
    system = home / "bin"
    system.mkdir()
    for name in ("dirname", "realpath", "mkdir", "ln"):
        (system / name).symlink_to(os.fspath(shutil.which(name) or ""))
    return {
        "HOME": str(home),
        "JUJU_CHARM_DIR": str(charm),
        "JUJU_MODEL_NAME": "ml",
        "JUJU_MODEL_UUID": "0f4c0f4c-0f4c-4f4c-8f4c-0f4c0f4c0f4c",
        "JUJU_UNIT_NAME": f"{meta['name']}/0",
        "JUJU_VERSION": "3.6.9",
        "KUBECONFIG": str(home / "kubeconfig"),
        "PATH": f"{tools}:{system}",
    }
