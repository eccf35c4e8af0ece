# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What each program is started with: a kubeadm cluster's command lines and users, on loopback.

Flags are those of the programs' `--help` for Kubernetes 1.33 to 1.36 and etcd 3.5 and 3.6.
"""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from kubefake import kubeconfig as kubeconfigs
from kubefake.pki import Pki

HOST = "127.0.0.1"
SERVICES = "10.96.0.0/12"
ISSUER = "https://kubernetes.default.svc.cluster.local"


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one control plane."""

    etcd: int
    peer: int
    api: int

    @classmethod
    def free(cls) -> Ports:
        """Return ports that nothing listens on now; another process may still take one."""
        sockets = [socket.create_server((HOST, 0)) for _ in range(3)]
        try:
            return cls(*(each.getsockname()[1] for each in sockets))
        finally:
            for each in sockets:
                each.close()

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://{HOST}:{self.api}"


def etcd(ports: Ports, data: Path) -> list[str]:
    """Return the arguments of a single member that keeps its data in `data`, unsynced."""
    client, peer = f"http://{HOST}:{ports.etcd}", f"http://{HOST}:{ports.peer}"
    return [
        f"--data-dir={data}",
        "--unsafe-no-fsync",
        "--name=default",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def apiserver(ports: Ports, pki: Pki, tokens: Path) -> list[str]:
    """Return the arguments of an API server with RBAC and the default admission plugins.

    `NodeRestriction` and privileged pods are not the program's default but every cluster's.
    """
    return [
        f"--etcd-servers=http://{HOST}:{ports.etcd}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--secure-port={ports.api}",
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={pki.server}",
        f"--tls-private-key-file={pki.server_key}",
        f"--client-ca-file={pki.ca}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={pki.account_key}",
        f"--service-account-signing-key-file={pki.account_key}",
        f"--service-cluster-ip-range={SERVICES}",
    ]


def controller_manager(pki: Pki, kubeconfig: Path) -> list[str]:
    """Return the arguments of a controller manager with every default controller.

    No kubelet renews a node here, so none may be taken for dead during a test. At the default
    rate of calls, the start waits four seconds for the controllers' service accounts.
    """
    return [
        f"--kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki.account_key}",
        f"--root-ca-file={pki.ca}",
        f"--cluster-signing-cert-file={pki.ca}",
        f"--cluster-signing-key-file={pki.ca_key}",
        "--node-monitor-grace-period=24h",
        "--kube-api-qps=500",
        "--kube-api-burst=500",
    ]


def scheduler(kubeconfig: Path) -> list[str]:
    """Return the arguments of a scheduler with its default profile."""
    return [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]


@dataclass(frozen=True)
class User:
    """One line of the token file; RBAC's built-in roles know these users and groups."""

    name: str
    groups: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def write_tokens(path: Path, users: list[User]) -> Path:
    """Write the file that `--token-auth-file` names: token, user, uid and groups a line."""
    path.touch(mode=0o600)
    path.write_text(
        "".join(
            f'{user.token},{user.name},{user.name},"{",".join(user.groups)}"\n' for user in users
        )
    )
    return path


def write_kubeconfig(path: Path, url: str, ca: Path, user: User) -> Path:
    """Write a kubeconfig with which `user` reaches the server at `url`."""
    cluster = {"server": url, "certificate-authority": str(ca)}
    return kubeconfigs.write(path, "controlplane", cluster, user.name, user.token)
