# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What happens when a control plane does not start; its programs are scripts here."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from ckf.controlplane import (
    ControlPlane,
    ControlPlaneError,
    commands,
    launch,
    plane,
    process,
)
from kubefake import pki

Script = Callable[[Path, str], None]


@pytest.fixture
def assets(tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that run until they are ended, and a temporary folder to look into."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    for program in plane.NEEDED:
        script(tmp_path / "assets" / program, "exec sleep 60")
    return tmp_path / "assets"


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Return a question: does no program run any more, of at least two, and is no data left."""
    started: list[process.Process] = []

    class Noted(process.Process):
        def __init__(self, program: Path, arguments: list[str], log: Path) -> None:
            super().__init__(program, arguments, log)
            started.append(self)

    def look() -> bool:
        assert len(started) >= 2
        return not any(runs(each.pid) for each in started) and not any(
            (tmp_path / "scratch").iterdir()
        )

    monkeypatch.setattr(plane, "Process", Noted)
    return look


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_programs_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ControlPlaneError, match="has no etcd and no kube-apiserver"):
        ControlPlane.start(tmp_path)


def test_a_program_that_ends_is_told_with_its_log(
    assets: Path, script: Script, nothing_left: Callable[[], bool]
) -> None:
    script(assets / "kube-apiserver", "echo invalid argument; exit 1")
    with pytest.raises(ControlPlaneError, match=r"(?s)^kube-apiserver ended\n.*invalid argument"):
        ControlPlane.start(assets)
    assert nothing_left()


def test_waiting_has_an_end(
    assets: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: Callable[[], bool]
) -> None:
    monkeypatch.setattr(plane, "TIMEOUT", 0.5)
    with pytest.raises(ControlPlaneError, match="no /readyz after"):
        ControlPlane.start(assets)
    assert nothing_left()


def test_an_interrupt_while_it_starts_leaves_nothing(
    assets: Path, monkeypatch: pytest.MonkeyPatch, nothing_left: Callable[[], bool]
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ControlPlane.start(assets)
    assert nothing_left()


def test_ports_that_others_take_again_and_again_are_told(
    assets: Path, script: Script, nothing_left: Callable[[], bool]
) -> None:
    script(assets / "etcd", "echo bind: address already in use; exit 1")
    with pytest.raises(ControlPlaneError, match="took the ports of 3 control planes"):
        ControlPlane.start(assets)
    assert nothing_left()


def test_ports_differ() -> None:
    ports = commands.Ports.free()
    assert len({ports.etcd, ports.peer, ports.api}) == 3


def test_a_program_does_not_start_for_a_parent_that_has_gone() -> None:
    script = [sys.executable, "-I", "-S", launch.__file__, "0", sys.executable, "-c", "print(1)"]
    done = subprocess.run(script, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "has ended" in done.stderr


def test_the_administrators_kubeconfig_is_read_by_lightkube(tmp_path: Path) -> None:
    from lightkube.config.kubeconfig import KubeConfig

    user = commands.User("ada", ("system:masters",))
    path = commands.write_kubeconfig(tmp_path / "config", "https://127.0.0.1:1", tmp_path, user)
    config = KubeConfig.from_file(path).get()
    assert config
    assert config.user
    assert config.cluster.server == "https://127.0.0.1:1"
    assert config.cluster.certificate_auth == str(tmp_path)
    assert config.user.token == user.token
    assert yaml.safe_load(path.read_text())["current-context"] == config.context_name


def test_tokens_are_for_their_owner_only_and_differ(tmp_path: Path) -> None:
    users = [commands.User("ada", ("staff", "system:masters")), commands.User("bo")]
    path = commands.write_tokens(tmp_path / "tokens.csv", users)
    assert path.stat().st_mode & 0o077 == 0
    ada, bo = path.read_text().splitlines()
    assert ada == f'{users[0].token},ada,ada,"staff,system:masters"'
    assert bo == f'{users[1].token},bo,bo,""'
    assert users[0].token != users[1].token
    assert users[0].token not in repr(users[0])


def test_the_servers_certificate_is_accepted_on_loopback_only(tmp_path: Path) -> None:
    keys = pki.write(tmp_path / "pki")
    handshake(keys, "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        handshake(keys, "127.0.0.2")


def handshake(keys: pki.Pki, host: str) -> None:
    """Shake hands in memory, as strictly as Python 3.13 does by default."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(keys.server, keys.server_key)
    trusting = ssl.create_default_context(cafile=str(keys.ca))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(there, back, server_side=True)
    client = trusting.wrap_bio(back, there, server_hostname=host)
    for side in (client, server, client):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.getpeercert()
