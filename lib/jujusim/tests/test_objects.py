# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What Juju itself creates in Kubernetes."""

import jujusim
import kubefake
import lightkube
import pytest
from jujusim import objects
from kubefake import transport
from lightkube.models import meta_v1
from lightkube.resources import core_v1, rbac_authorization_v1
from lightkube.types import PatchType


@pytest.fixture
def cluster():
    return kubefake.Cluster()


@pytest.fixture
def admin(cluster):
    with transport.connected(cluster, "admin", "ml"):
        return lightkube.Client(field_manager="admin")


@pytest.fixture
def running(make_model, charm, cluster):
    model = make_model("ml", cluster=cluster)
    model.deploy(charm("server"), trust=True, storage={"data": "2G"})
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    return model


def names(client, kind):
    return sorted(item.metadata.name for item in client.list(kind))


def test_the_namespace_carries_the_models_name(running, admin):
    labels = admin.get(core_v1.Namespace, "ml").metadata.labels
    assert labels["app.kubernetes.io/managed-by"] == "juju"
    assert labels["model.juju.is/name"] == "ml"
    assert labels["model.juju.is/id"] == running.uuid


def test_objects_of_an_application(running, admin):
    assert names(admin, core_v1.Service) == [
        "client",
        "client-endpoints",
        "server",
        "server-endpoints",
    ]
    account = admin.get(core_v1.ServiceAccount, "server")
    assert account.metadata.labels == {
        "app.kubernetes.io/name": "server",
        "app.kubernetes.io/managed-by": "juju",
    }
    headless = admin.get(core_v1.Service, "server-endpoints")
    assert headless.spec.clusterIP == "None"
    binding = admin.get(rbac_authorization_v1.ClusterRoleBinding, "ml-server")
    assert binding.subjects[0].namespace == "ml"
    assert names(admin, core_v1.Secret) == [
        "client-application-config",
        "server-application-config",
    ]


def test_opened_ports_replace_the_placeholder(running, admin):
    server = admin.get(core_v1.Service, "server")
    assert [(p.name, p.port, p.targetPort) for p in server.spec.ports] == [("juju-80-tcp", 80, 80)]
    client = admin.get(core_v1.Service, "client")
    assert [(p.name, p.port) for p in client.spec.ports] == [("placeholder", 65535)]
    running.configure("server", {"port": 81})
    running.settle()
    server = admin.get(core_v1.Service, "server")
    assert [p.name for p in server.spec.ports] == ["juju-81-tcp"]


def test_ports_of_the_charm_are_kept(running, admin):
    ports = [
        {"name": "juju-80-tcp", "port": 80, "targetPort": 80},
        {"name": "grpc", "port": 9000, "targetPort": 9000},
    ]
    admin.patch(core_v1.Service, "server", {"spec": {"ports": ports}}, patch_type=PatchType.MERGE)
    running.configure("server", {"port": 81})
    running.settle()
    server = admin.get(core_v1.Service, "server")
    assert [p.name for p in server.spec.ports] == ["grpc", "juju-81-tcp"]


def history_of_ports(cluster, name="server"):
    """The names of a Service's ports, in each version in which they differ from the last."""
    versions = [
        [port["name"] for port in change.new.obj["spec"]["ports"]]
        for change in cluster.store.changes
        if change.table == ("", "services") and change.key == ("ml", name) and change.new
    ]
    return [after for before, after in zip([None, *versions], versions, strict=False)
            if after != before]  # fmt: skip


def test_a_moved_port_is_beside_the_old_one_for_a_while(running, cluster):
    running.configure("server", {"port": 81})
    running.settle()
    assert history_of_ports(cluster) == [
        ["placeholder"],
        ["juju-80-tcp"],
        ["juju-80-tcp", "juju-81-tcp"],
        ["juju-81-tcp"],
    ]


def test_ports_come_some_hooks_after_the_hook_that_opened_them(make_model, charm, cluster, admin):
    late = 0
    for seed in range(5):
        model = make_model("ml", seed=seed, cluster=kubefake.Cluster())
        model.deploy(charm("server"))
        while not model.unit("server/0").ports:
            model.step()
        service = model.objects.juju.get("v1", "Service", "server")
        late += service["spec"]["ports"][0]["name"] == "placeholder"
    assert late


def test_two_ports_of_one_number_are_refused_for_as_long_as_they_are_there(running, admin):
    """Juju logs it and goes on trying; neither a hook nor a status shows it."""
    port = {"name": "http", "port": 81, "targetPort": 81}
    ports = [{"name": "juju-80-tcp", "port": 80, "targetPort": 80}, port]
    merge = {"patch_type": PatchType.MERGE}
    admin.patch(core_v1.Service, "server", {"spec": {"ports": ports}}, **merge)
    running.configure("server", {"port": 81})
    running.settle()
    refused = [text for _, text in running.provisioner.log]
    assert "Duplicate value" in refused[0]
    assert "ports of server" in refused[0]
    assert not running.trace.failures()
    assert not running.status().inactive.keys() & {"server", "server/0"}
    before = len(refused)
    running.update_status()
    running.settle()
    assert len(running.provisioner.log) > before
    ports = [{"name": "juju-80-tcp", "port": 80, "targetPort": 80}]
    admin.patch(core_v1.Service, "server", {"spec": {"ports": ports}}, **merge)
    running.update_status()
    running.settle()
    server = admin.get(core_v1.Service, "server")
    assert [p.name for p in server.spec.ports] == ["juju-81-tcp"]


@pytest.mark.parametrize(
    ("current", "opened", "expected"),
    [
        (["placeholder"], [], ["placeholder"]),
        (["placeholder"], [("udp", 53)], ["juju-53-udp"]),
        (["juju-80-tcp"], [], ["placeholder"]),
        (["juju-80-tcp"], [("icmp", 0)], ["placeholder"]),
    ],
)
def test_merged_ports(current, opened, expected):
    ports = objects.merged_ports([{"name": name} for name in current], opened)
    assert [port["name"] for port in ports] == expected


def test_pods_carry_what_selects_them_and_their_address(running, admin):
    pod = admin.get(core_v1.Pod, "server-0")
    assert pod.metadata.labels["app.kubernetes.io/name"] == "server"
    assert pod.status.podIP == running.units["server/0"].address
    assert [c.name for c in pod.spec.containers] == ["charm", "web", "sidecar"]
    assert pod.spec.containers[1].image == "example.com/web:1"
    assert pod.spec.serviceAccountName == "server"


def ready(client, name):
    conditions = client.get(core_v1.Pod, name).status.conditions
    return {condition.type: condition.status for condition in conditions}["Ready"]


def ready_containers(client, name):
    return {
        each.name for each in client.get(core_v1.Pod, name).status.containerStatuses if each.ready
    }


def test_a_pod_is_ready_by_its_checks(running, admin):
    assert ready(admin, "server-0") == "True"
    web = running.units["server/0"].containers["web"]
    check = {"override": "replace", "level": "ready", "exec": {"command": "x"}, "threshold": 1}
    web.add_layer("more", {"checks": {"serving": check}})
    running.fail_check("server/0", "web", "serving")
    running.settle()
    assert ready(admin, "server-0") == "False"
    assert ready_containers(admin, "server-0") == {"charm", "sidecar"}
    running.recover_check("server/0", "web", "serving")
    running.settle()
    assert ready(admin, "server-0") == "True"
    assert ready_containers(admin, "server-0") == {"charm", "sidecar", "web"}


def test_a_check_without_level_says_nothing_about_readiness(running, admin):
    running.fail_check("server/0", "web", "up")
    running.settle()
    assert ready(admin, "server-0") == "True"


def test_volume_claims_have_the_size_asked_for(running, admin):
    (claim,) = admin.list(core_v1.PersistentVolumeClaim)
    assert claim.metadata.labels["storage.juju.is/name"] == "data"
    assert claim.metadata.name.startswith("server-data-")
    assert claim.metadata.name.endswith("-server-0")
    assert claim.spec.resources.requests == {"storage": "2Gi"}


def test_a_new_pod_keeps_its_name_and_claim(running, admin):
    before = admin.get(core_v1.Pod, "server-0")
    running.churn("server/0")
    running.settle()
    after = admin.get(core_v1.Pod, "server-0")
    assert after.metadata.uid != before.metadata.uid
    assert after.status.podIP != before.status.podIP
    assert len(list(admin.list(core_v1.PersistentVolumeClaim))) == 1


def test_pods_follow_the_scale(running, admin):
    running.scale("server", 3)
    running.settle()
    assert names(admin, core_v1.Pod) == ["client-0", "server-0", "server-1", "server-2"]
    running.scale("server", 1)
    running.settle()
    assert names(admin, core_v1.Pod) == ["client-0", "server-0"]
    assert len(list(admin.list(core_v1.PersistentVolumeClaim))) == 3


def test_only_jujus_own_objects_go_with_the_application(running, admin):
    made = core_v1.ConfigMap(metadata=meta_v1.ObjectMeta(name="made-by-charm", namespace="ml"))
    admin.create(made)
    running.remove_application("server")
    running.settle()
    assert names(admin, core_v1.Service) == ["client", "client-endpoints"]
    assert names(admin, core_v1.Pod) == ["client-0"]
    assert [n for n in names(admin, rbac_authorization_v1.ClusterRole) if n.startswith("ml-")] == [
        "ml-client"
    ]
    assert "server" not in names(admin, core_v1.ServiceAccount)
    assert "made-by-charm" in names(admin, core_v1.ConfigMap)


CALLER = """
    import lightkube, ops
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.core_v1 import ConfigMap, Service

    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on)

        def _on(self, _):
            client = lightkube.Client(field_manager=self.app.name)
            client.get(Service, self.app.name)
            try:
                client.apply(ConfigMap(metadata=ObjectMeta(name=self.app.name), data={"a": "b"}))
            except lightkube.ApiError as error:
                self.unit.status = ops.BlockedStatus(str(error.status.code))
            else:
                self.unit.status = ops.ActiveStatus(client.namespace)
"""


@pytest.fixture
def caller(write_charm):
    files = {"charmcraft.yaml": "name: caller", "src/charm.py": CALLER}
    return jujusim.CharmDir.load(write_charm("caller", files))


def test_trust_decides_what_hooks_may_do(make_model, cluster, admin, caller):
    model = make_model("ml", cluster=cluster)
    model.deploy(caller)
    model.settle()
    assert model.status().apps["caller"].status == jujusim.Status("blocked", "403")
    model.trust("caller")
    model.settle()
    assert model.status().apps["caller"].status == jujusim.Status("active", "ml")
    (rule,) = admin.get(rbac_authorization_v1.ClusterRole, "ml-caller").rules
    assert (rule.apiGroups, rule.resources, rule.verbs) == (["*"], ["*"], ["*"])
    model.trust("caller", trust=False)
    model.settle()
    assert model.status().apps["caller"].status == jujusim.Status("blocked", "403")


def test_two_models_on_one_cluster(make_model, cluster, admin, caller):
    first = make_model("ml", cluster=cluster)
    second = make_model("other", cluster=cluster)
    first.deploy(caller)
    second.deploy(caller, trust=True)
    first.settle()
    second.settle()
    assert first.status().apps["caller"].status.message == "403"
    assert second.status().apps["caller"].status.message == "other"


def test_a_cluster_with_an_authorizer_keeps_it(make_model, cluster, caller):
    cluster.authorize = lambda _user, _asked: True
    model = make_model("ml", cluster=cluster)
    model.deploy(caller)
    model.settle()
    assert model.status().apps["caller"].status.message == "ml"


def test_what_a_hook_wrote_is_in_its_record(make_model, cluster, caller):
    model = make_model("ml", cluster=cluster)
    model.deploy(caller, trust=True)
    model.settle()
    record = next(r for r in model.trace if r.event == "config-changed")
    assert record.kubernetes == [
        {"verb": "patch", "resource": "configmaps", "namespace": "ml", "name": "caller"}
    ]
    assert all(not r.kubernetes for r in model.trace if r is not record)
