# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Refreshes after a bundle has settled."""

import dataclasses
import pathlib
import shutil
import sys

import pytest
from ckf import bundle as bundles
from ckf import preview
from ckf.preview import charms, refresh

WORKER = """\
import ops
from lightkube import Client
from lightkube.models.core_v1 import ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Service


class Store(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for name in ("config_changed", "update_status", "web_pebble_ready"):
            framework.observe(getattr(self.on, name), self._reconcile)

    def _reconcile(self, event):
        client = Client(field_manager="store")
        for name, colour in OBJECTS.items():
            meta = ObjectMeta(name=name, namespace=self.model.name)
            client.apply(ConfigMap(metadata=meta, data={"colour": colour}))
        for name in GONE:
            client.delete(ConfigMap, name, namespace=self.model.name)
        if self.unit.get_container("web").can_connect():
            self._serve()
        for relation in self.model.relations["kv"]:
            relation.data[self.app]["url"] = URL
        self.unit.status = ops.ActiveStatus()

    def _serve(self):
        web = self.unit.get_container("web")
        service = {"override": "replace", "command": "serve", "startup": "enabled"}
        web.add_layer("web", {"services": {"web": service}}, combine=True)
        web.replan()
"""


@pytest.fixture
def version(bundle):
    """Make another version of the charm `store`, beside it: its code gets these names."""
    number = 0

    def make(objects=None, gone=(), url="http://store", code=WORKER, meta=str):
        nonlocal number
        number += 1
        root = bundle.parent / "charms" / f"store-{number}"
        shutil.copytree(bundle.parent / "charms" / "store", root)
        names = f"OBJECTS = {objects or {}!r}\nGONE = {tuple(gone)!r}\nURL = {url!r}\n"
        (root / "src/charm.py").write_text(f"{names}{code}")
        path = root / "charmcraft.yaml"
        path.write_text(meta(path.read_text()))
        return root

    return make


@pytest.fixture
def refreshed(bundle):
    """Deploy the bundle and refresh, one after the other."""

    def run(*steps, **options):
        request = preview.Request(bundle, refreshes=steps, **options)
        deployment = preview.prepare(request)
        deployment.settle()
        return deployment

    return run


def names(changed):
    return [str(each) for each in changed]


@pytest.mark.parametrize("seed", range(5))
def test_the_same_charm_changes_nothing(refreshed, version, seed):
    charm = version({"a": "red"})
    deployment = refreshed(("store", charm), ("store", charm), seed=seed)
    first, second = deployment.refreshed
    assert names(first.objects.created) == ["ConfigMap kubeflow/a"]
    for kind in ("created", "changed", "deleted", "recreated"):
        assert getattr(second.objects, kind) == ()
    assert second.restarted == {("store/0", "web", "web"): 1}
    assert set(second.inactive) == {"store"}
    assert second.failures == 0
    assert str(second.status) == "active"
    assert deployment.good


def test_what_a_refresh_creates_changes_and_deletes(refreshed, version):
    deployment = refreshed(
        ("store", version({"a": "red", "b": "red", "c": "red"})),
        ("store", version({"a": "red", "b": "blue", "d": "red"}, gone=["c"])),
    )
    second = deployment.refreshed[1]
    assert names(second.objects.created) == ["ConfigMap kubeflow/d"]
    assert names(second.objects.changed) == ["ConfigMap kubeflow/b (data.colour)"]
    assert names(second.objects.deleted) == ["ConfigMap kubeflow/c"]
    assert second.objects.recreated == ()


def test_what_a_refresh_deletes_and_creates_again(refreshed, version):
    again = WORKER.replace(
        "        for name, colour in OBJECTS.items():",
        "        if isinstance(event, ops.ConfigChangedEvent):\n"
        "            client.delete(ConfigMap, 'a', namespace=self.model.name)\n"
        "        for name, colour in OBJECTS.items():",
    )
    deployment = refreshed(
        ("store", version({"a": "red"})), ("store", version({"a": "red"}, code=again))
    )
    second = deployment.refreshed[1]
    assert names(second.objects.recreated) == ["ConfigMap kubeflow/a"]
    assert second.objects.created == second.objects.changed == second.objects.deleted == ()


def test_refreshes_go_in_the_order_given(refreshed, version, bundle):
    one, two = version(url="http://one"), version(url="http://two")
    client = bundle.parent / "charms" / "client"
    deployment = refreshed(("store", two), ("client", client), ("store", one))
    assert [each.app for each in deployment.refreshed] == ["store", "client", "store"]
    relation = deployment.model.relation("store", "client")
    assert relation.apps["store"].content["url"] == "http://one"
    upgrades = [
        record.unit for record in deployment.model.trace if record.event == "upgrade-charm"
    ]
    assert upgrades == ["store/0", "client/0", "store/0"]


def test_relations_storage_and_options_stay(refreshed, version):
    deployment = refreshed(
        ("store", version()), scale={"store": 2}, config={"store": {"port": 81}}
    )
    model = deployment.model
    assert model.app("store").config == {"motd": "welcome", "port": 81}
    assert model.relation("store", "client").apps["store"].content["url"] == "http://store"
    assert sorted(model.units) == ["client/0", "store/0", "store/1"]
    claims = [
        obj["metadata"]["name"]
        for obj in model.backend.cluster.objects("PersistentVolumeClaim", "kubeflow")
    ]
    assert len(claims) == 2
    (only,) = deployment.refreshed
    assert only.objects.deleted == only.objects.recreated == ()


def test_how_long_an_application_was_not_active(refreshed, version):
    slow = WORKER.replace(
        "        self.unit.status = ops.ActiveStatus()",
        "        ready = self.unit.get_container('web').can_connect()\n"
        "        self.unit.status = ops.ActiveStatus() if ready else ops.WaitingStatus('web')",
    )
    deployment = refreshed(("store", version(code=slow)))
    (only,) = deployment.refreshed
    records = deployment.model.trace[-only.hooks :]
    waited = [record.status[1].partition(":")[0] for record in records if record.unit == "store/0"]
    assert only.inactive == {"store": sum(status != "active" for status in waited)}
    assert only.inactive["store"] >= 2


def test_others_that_are_disturbed(refreshed, version, bundle):
    silent = version(code=WORKER.replace('["url"] = URL', '["url"] = ""'))
    deployment = refreshed(("store", silent))
    (only,) = deployment.refreshed
    assert only.inactive["client"] > 0
    assert deployment.inactive["client"].name == "waiting"
    assert not deployment.good


def test_a_hook_that_fails_in_a_refresh(refreshed, version):
    broken = version(code=WORKER.replace("        client = Client", "        raise ValueError\n#"))
    deployment = refreshed(("store", broken))
    (only,) = deployment.refreshed
    assert only.failures > 0
    assert only.status.name == "error"
    assert not deployment.good


def test_faults_end_in_the_same_state(refreshed, version):
    steps = (("store", version({"a": "red"})), ("store", version({"a": "blue"})))
    calm, rough = refreshed(*steps, seed=3), refreshed(*steps, seed=3, faults=3)
    assert rough.inactive == calm.inactive == {}
    for deployment in (calm, rough):
        found = deployment.model.backend.cluster.object("ConfigMap", "a")
        assert found["data"] == {"colour": "blue"}


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (("name: store", "name: stores"), 'cannot refresh "store" to "stores"'),
        (("kv: {interface: kv}", ""), 'would break relation "store:kv client:kv"'),
        (
            ("data: {type: filesystem, minimum-size: 1G}", "tada: {type: filesystem}"),
            'required storage "data" removed',
        ),
    ],
)
def test_what_juju_refuses(refreshed, version, meta, message):
    charm = version(meta=lambda text: text.replace(*meta).replace("storage: data", "storage: tada")
                    if "tada" in meta[1] else text.replace(*meta))  # fmt: skip
    with pytest.raises(bundles.InputError) as refused:
        refreshed(("store", charm))
    assert str(refused.value) == f"--refresh store={charm}: Juju refuses it: {message}"


def test_an_unknown_application_or_charm_is_refused_before_anything_runs(bundle):
    for step, message in (
        (("stor", bundle), '--refresh: the bundle has no application "stor"; did you mean'),
        (("store", bundle.parent / "none"), f"there is no charm at {bundle.parent / 'none'}"),
    ):
        with pytest.raises(bundles.InputError, match=message.replace("(", r"\(")):
            preview.prepare(preview.Request(bundle, refreshes=(step,)))


def test_a_request_with_refreshes_survives_its_trace(bundle, version):
    request = preview.Request(bundle, refreshes=(("store", version()), ("client", bundle)))
    assert preview.Request.from_dict(request.to_dict()) == request
    (charm, _) = (path for _, path in request.refreshes)
    assert f"--refresh store={charm} --refresh client={bundle}" in request.command(3)


def test_a_run_can_be_stopped_in_a_refresh(bundle, version):
    request = preview.Request(bundle, refreshes=(("store", version({"a": "red"})),), seed=4)
    whole = preview.prepare(request)
    whole.settle()
    until = len(whole.model.trace) - 1
    part = preview.prepare(request)
    part.settle(until=until)
    assert len(part.model.trace) == until
    assert part.model.trace.events() == whole.model.trace.events()[:until]
    assert part.refreshed == []


def test_fields_that_differ():
    before = {"a": {"b": 1, "c": [1]}, "d": 1, "e": {"f": 1}}
    after = {"a": {"b": 2, "c": [1, 2]}, "d": 1, "g": {}}
    assert list(refresh._fields(before, after)) == ["a.b", "a.c", "e", "g"]
    assert list(refresh._fields(before, before)) == []


def test_steps_know_their_charm(bundle, version):
    charm = version()
    deployment = preview.prepare(preview.Request(bundle, refreshes=(("store", charm),)))
    assert [dataclasses.astuple(step)[:2] for step in deployment.steps] == [("store", charm)]
    assert [step.charm.root for step in deployment.steps] == [charm]


def test_an_endpoint_that_juju_4_does_not_take_has_a_way_out(refreshed, version):
    charm = version(meta=lambda text: f"{text}\npeers: {{more: {{interface: peers}}}}\n")
    assert refreshed(("store", charm)).good
    with pytest.raises(bundles.InputError) as refused:
        refreshed(("store", charm), juju="4.0.13")
    message = str(refused.value)
    assert message.startswith(f"--refresh store={charm}: Juju 4.0.13 refuses it: ")
    assert 'endpoints "more" do not exist' in message
    assert "ckf pack --endpoints-of" in message


def test_storage_that_juju_4_does_not_take(refreshed, version):
    charm = version(
        meta=lambda text: text.replace("minimum-size: 1G", "minimum-size: 1G, description: all")
    )
    assert refreshed(("store", charm)).good
    with pytest.raises(bundles.InputError, match="storage directives"):
        refreshed(("store", charm), juju="4.0.13")


def test_a_version_of_juju_that_is_none(refreshed):
    with pytest.raises(bundles.InputError, match="--juju: 'new' is no version of Juju"):
        refreshed(juju="new")


def test_a_charm_of_this_repository_brings_its_own_environment_wherever_the_bundle_is(
    bundle, version
):
    """The interpreter is the one of the charm before it, which knows nothing of charmkit."""
    repository = pathlib.Path(__file__).parents[4]
    ours = repository / "charms/minio"
    other = shutil.copytree(version(), bundle.parent / "published")
    request = preview.Request(
        bundle=bundle,
        charms={"store": other},
        pythons={"store": pathlib.Path(sys.executable)},
        refreshes=(("store", ours),),
    )
    loaded = bundles.load(bundle)
    assert charms.load(loaded, request, "store", other).runner
    assert charms.load(loaded, request, "store", ours).runner is None
