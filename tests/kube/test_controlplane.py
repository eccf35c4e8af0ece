# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The control plane that these tests run on is a real one, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from ckf import controlplane
from ckf.controlplane import commands
from lightkube import ApiError, Client
from lightkube.models.core_v1 import (
    Container,
    PodSpec,
    ResourceRequirements,
    Taint,
    Toleration,
)
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import PolicyRule, RoleRef, Subject
from lightkube.resources.core_v1 import Namespace, Node, Pod, Secret, ServiceAccount
from lightkube.resources.rbac_authorization_v1 import Role, RoleBinding

from . import impersonate, nodes

GPU = "nvidia.com/gpu"
Value = TypeVar("Value")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


ABSENT = "no control plane is built here; get one with: make controlplane"
if controlplane.assets() is None:
    if os.environ.get("KUBE_TESTS") == "required":
        pytest.fail(ABSENT, pytrace=False)
    pytest.skip(ABSENT, allow_module_level=True)


@pytest.fixture(scope="module")
def assets() -> Path:
    found = controlplane.assets()
    assert found
    return found


@pytest.fixture(scope="module")
def plane(assets: Path, request: pytest.FixtureRequest) -> Iterator[controlplane.ControlPlane]:
    before = request.session.testsfailed
    with controlplane.ControlPlane.start(assets) as running:
        yield running
        if request.session.testsfailed > before:
            print(running.log())


@pytest.fixture(scope="module")
def client(plane: controlplane.ControlPlane) -> Iterator[Client]:
    with Client(plane.lightkube_config(), field_manager="test") as administrator:
        yield administrator


@pytest.fixture
def namespace(client: Client, request: pytest.FixtureRequest) -> str:
    name = request.node.name.replace("_", "-")
    client.create(Namespace(metadata=ObjectMeta(name=name)))
    return name


@pytest.fixture
def controllers(plane: controlplane.ControlPlane) -> None:
    """Skip where the folder has no program that acts on objects: setup-envtest's has none."""
    if "kube-controller-manager" not in plane.programs:
        pytest.skip("this control plane has no kube-controller-manager and no kube-scheduler")


def eventually(ask: Callable[[], Value | None], seconds: float = 20) -> Value:
    """Return the first answer that is not None or false."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return answer


def pod(namespace: str, name: str, **spec: object) -> Pod:
    limits = ResourceRequirements(limits={GPU: "1"}) if spec.pop("gpu", False) else None
    container = Container(name="main", image="nothing", resources=limits)
    return Pod(
        metadata=ObjectMeta(name=name, namespace=namespace),
        spec=PodSpec(containers=[container], **spec),  # type: ignore[arg-type]
    )


def exists(client: Client, kind: type, name: str, namespace: str | None = None) -> bool:
    try:
        client.get(kind, name, namespace=namespace)  # type: ignore[call-overload]
    except ApiError as error:
        if error.status.code != 404:
            raise
        return False
    return True


def test_the_server_is_the_release_of_its_binary(
    plane: controlplane.ControlPlane, assets: Path
) -> None:
    printed = subprocess.check_output([assets / "kube-apiserver", "--version"], text=True)
    assert printed.strip() == f"Kubernetes v{plane.version}"
    if "KUBEBUILDER_ASSETS" not in os.environ:
        assert assets.name.startswith(f"{plane.version}-")


def test_who_has_no_token_gets_nothing(plane: controlplane.ControlPlane) -> None:
    trust = ssl.create_default_context(cafile=str(plane.ca))
    with httpx2.Client(base_url=plane.url, verify=trust) as anyone:
        assert anyone.get("/api/v1/secrets").status_code == 403
        stranger = {"Authorization": "Bearer nonsense"}
        assert anyone.get("/api/v1/secrets", headers=stranger).status_code == 401


def test_a_service_account_may_do_what_rbac_grants_and_no_more(
    plane: controlplane.ControlPlane, client: Client, namespace: str
) -> None:
    client.create(ServiceAccount(metadata=ObjectMeta(name="reader", namespace=namespace)))
    user = impersonate.account(namespace, "reader")
    transport = impersonate.Transport(plane.ca, user)
    with Client(plane.lightkube_config(), transport=transport) as reader:
        with pytest.raises(ApiError) as refused:
            list(reader.list(Secret, namespace=namespace))
        assert (refused.value.status.code, refused.value.status.reason) == (403, "Forbidden")
        assert user in str(refused.value)

        grant_secrets(client, namespace, "reader")
        assert eventually(lambda: may_list(reader, namespace))
        assert not may_list(reader, "kube-system")


def grant_secrets(client: Client, namespace: str, account: str) -> None:
    metadata = ObjectMeta(name=account, namespace=namespace)
    rule = PolicyRule(apiGroups=[""], resources=["secrets"], verbs=["list"])
    client.create(Role(metadata=metadata, rules=[rule]))
    subject = Subject(kind="ServiceAccount", name=account, namespace=namespace)
    role = RoleRef(apiGroup="rbac.authorization.k8s.io", kind="Role", name=account)
    client.create(RoleBinding(metadata=metadata, roleRef=role, subjects=[subject]))


def may_list(client: Client, namespace: str) -> bool:
    try:
        list(client.list(Secret, namespace=namespace))
    except ApiError as error:
        if error.status.code != 403:
            raise
        return False
    return True


def test_a_user_may_be_impersonated_with_groups(plane: controlplane.ControlPlane) -> None:
    transport = impersonate.Transport(plane.ca, "alice", ["system:masters", "staff"])
    with Client(plane.lightkube_config(), transport=transport) as alice:
        assert may_list(alice, "kube-system")


@pytest.mark.usefixtures("controllers")
def test_a_namespace_gets_its_service_account_and_goes_again(
    client: Client, namespace: str
) -> None:
    assert eventually(lambda: exists(client, ServiceAccount, "default", namespace))
    client.delete(Namespace, namespace)
    assert eventually(lambda: not exists(client, Namespace, namespace))


@pytest.mark.usefixtures("controllers")
def test_admission_is_a_default_clusters(client: Client, namespace: str) -> None:
    assert eventually(lambda: exists(client, ServiceAccount, "default", namespace))
    admitted = client.create(pod(namespace, "admitted"))
    assert admitted.spec
    assert admitted.spec.serviceAccountName == "default"
    assert [volume.projected is not None for volume in admitted.spec.volumes or []] == [True]
    assert admitted.spec.priority == 0

    restricted = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    client.patch(Namespace, namespace, restricted)
    # The admission plugin reads namespaces from a cache, which may be a moment behind.
    assert "violates PodSecurity" in eventually(lambda: refusal(client, pod(namespace, "refused")))


def refusal(client: Client, obj: Pod) -> str:
    """What the server says against an object; empty if it would take it."""
    try:
        client.create(obj, dry_run=True)
    except ApiError as error:
        return str(error)
    return ""


@pytest.mark.usefixtures("controllers")
def test_the_scheduler_binds_a_gpu_pod_to_the_gpu_node(client: Client, namespace: str) -> None:
    taint = Taint(key=GPU, value="present", effect="NoSchedule")
    nodes.add(client, "plain")
    nodes.add(client, "gpu", room={GPU: "1"}, taints=[taint])
    eventually(lambda: exists(client, ServiceAccount, "default", namespace))
    try:
        tolerations = [Toleration(key=GPU, operator="Exists")]
        for name, spec in {
            "trains": {"gpu": True, "tolerations": tolerations},
            "waits": {"gpu": True},
            "serves": {},
        }.items():
            client.create(pod(namespace, name, **spec))
        assert eventually(lambda: node_of(client, namespace, "trains")) == "gpu"
        assert eventually(lambda: node_of(client, namespace, "serves")) == "plain"
        assert "untolerated taint" in eventually(lambda: unschedulable(client, namespace, "waits"))
    finally:
        client.delete(Node, "plain")
        client.delete(Node, "gpu")


def node_of(client: Client, namespace: str, name: str) -> str | None:
    spec = client.get(Pod, name, namespace=namespace).spec
    return spec.nodeName if spec else None


def unschedulable(client: Client, namespace: str, name: str) -> str | None:
    status = client.get(Pod, name, namespace=namespace).status
    conditions = (status and status.conditions) or []
    messages = [each.message for each in conditions if each.reason == "Unschedulable"]
    return messages[0] if messages else None


def test_a_port_that_is_taken_meanwhile_is_no_failure(
    assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = commands.Ports.free()
    with socket.create_server((commands.HOST, 0)) as taken:
        clash = commands.Ports(taken.getsockname()[1], free.peer, free.api)
        choices = iter([clash, free])
        monkeypatch.setattr(commands.Ports, "free", lambda: next(choices))
        with controlplane.ControlPlane.start(assets) as second:
            assert second.url == free.url
    assert next(choices, None) is None


OWNER = """
import sys, time
from pathlib import Path
from ckf import controlplane
plane = controlplane.ControlPlane.start(Path(sys.argv[1]))
print(plane.kubeconfig.parent, *plane.pids, flush=True)
"""


@dataclass
class Left:
    """What is left of a control plane after the process that started it has ended."""

    data: Path
    pids: list[int]


def after(assets: Path, ending: str, end: Callable[[subprocess.Popen[str]], object]) -> Left:
    """Start one in a process of its own, which goes on with `ending`; then call `end` with it."""
    command = [sys.executable, "-c", OWNER + ending, str(assets)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout
        data, *pids = owner.stdout.readline().split()
        left = Left(Path(data), [int(pid) for pid in pids])
        assert left.data.is_dir()
        assert len(left.pids) >= 2
        assert all(runs(pid) for pid in left.pids)
        end(owner)
    return left


def runs(pid: int) -> bool:
    """A process that has ended, but that nobody has waited for, has no command line."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    return False


@linux
@pytest.mark.parametrize("ending", ["plane.stop()", "raise RuntimeError('a test failed')"])
def test_an_orderly_end_leaves_nothing(assets: Path, ending: str) -> None:
    left = after(assets, f"input()\n{ending}", lambda owner: owner.communicate("\n"))
    assert not any(runs(pid) for pid in left.pids)
    assert not left.data.exists()


@linux
def test_an_interrupt_leaves_nothing(assets: Path) -> None:
    left = after(assets, "time.sleep(60)", lambda owner: owner.send_signal(signal.SIGINT))
    assert not any(runs(pid) for pid in left.pids)
    assert not left.data.exists()


@linux
def test_a_killed_owner_leaves_no_process(assets: Path) -> None:
    left = after(assets, "time.sleep(60)", lambda owner: owner.kill())
    eventually(lambda: not any(runs(pid) for pid in left.pids))
    shutil.rmtree(left.data)
