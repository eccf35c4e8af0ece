# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""From a bundle's file to a settled model."""

import pathlib

import pytest
from ckf import bundle as bundles
from ckf import preview


def refused(**options):
    with pytest.raises(bundles.InputError) as caught:
        preview.deploy(**options)
    return str(caught.value)


def test_a_bundle_settles(bundle):
    model = preview.deploy(bundle)
    assert model.status().inactive == {}
    assert model.name == "kubeflow"
    assert model.relation("store", "client").apps["store"].content["url"] == "http://store:8080"
    assert model.app("store").storage == {"data": "2G"}
    assert model.app("store").trust


def test_options_scale_and_name(bundle):
    model = preview.deploy(
        str(bundle), config={"store": {"port": "81"}}, scale={"store": 3, "client": 2}, model="ml"
    )
    assert model.name == "ml"
    assert model.app("store").config == {"motd": "welcome", "port": 81}
    assert {name: app.planned_units for name, app in model.apps.items()} == {
        "store": 3,
        "client": 2,
    }


def test_overlays(bundle, write):
    model = preview.deploy(bundle, overlays=[write("o.yaml", "applications: {client: }")])
    assert list(model.apps) == ["store"]


def test_one_seed_gives_one_run(bundle):
    runs = [preview.deploy(bundle, seed=seed).trace.events() for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_faults_end_in_the_same_state(bundle):
    calm, rough = preview.deploy(bundle, seed=5), preview.deploy(bundle, seed=5, faults=3)
    assert rough.status().inactive == {}
    assert calm.units["store/0"].containers["web"].plan() == (
        rough.units["store/0"].containers["web"].plan()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"config": {"stor": {"port": 1}}}, '--config: the bundle has no application "stor"; did'),
        ({"config": {"store": {"prot": 1}}}, '--config: application "store": its charm has no'),
        ({"config": {"store": {"port": "x"}}}, '--config: application "store": option "port"'),
        ({"scale": {"stor": 1}}, '--scale: the bundle has no application "stor"'),
        ({"scale": {"store": -1}}, '--scale: application "store" cannot have -1 units'),
        ({"model": "My_Model"}, '"My_Model" is no name for a model'),
        ({"model": "x" * 64}, "is no name for a model"),
        ({"model": "-x"}, "is no name for a model"),
        ({"model": "kube-system"}, 'a model cannot be called "kube-system"'),
        ({"faults": 4}, "there are fault levels 0 to 3, not 4"),
    ],
)
def test_what_is_wrong(bundle, options, message):
    assert message in refused(bundle=bundle, **options)


def test_nothing_is_deployed_from_a_bundle_that_does_not_fit(bundle):
    text = bundle.read_text().replace("store:kv", "store:kvs")
    bundle.write_text(text)
    assert refused(bundle=bundle) == (
        f'{bundle}:17: application "store" has no endpoint "kvs"; did you mean "kv"?'
    )


def test_the_replay_command(bundle):
    model = preview.deploy(
        bundle,
        config={"store": {"motd": "it's", "debug": True}},
        scale={"store": 2},
        model="ml",
        seed=9,
        faults=1,
    )
    assert preview.replay_command(model) == (
        f"ckf replay --bundle {bundle} --config 'store.motd=it'\"'\"'s' --config store.debug=true "
        f"--scale store=2 --model ml --faults 1 --seed 9 --until {len(model.trace)}"
    )


def test_the_replay_command_stops_at_the_first_failure(bundle):
    model = preview.deploy(bundle, config={"store": {"fail": "ConfigChanged"}})
    first = model.trace.failures()[0].number
    assert preview.replay_command(model).endswith(f"--until {first}")
    assert preview.replay_command(model, 3).endswith("--until 3")


def test_a_request_survives_its_trace(bundle):
    request = preview.Request(
        bundle, (bundle,), {"store": {"port": 1, "password": "x"}}, {"store": 2}, "ml", 3, 1
    )
    assert preview.Request.from_dict(request.to_dict()) == request
    hidden = preview.Request.from_dict(request.to_dict({"store": frozenset({"password"})}))
    assert hidden.withheld == ["store.password"]
    assert hidden.with_config({"store": {"password": "x"}}) == request


def test_a_request_has_absolute_paths(bundle, monkeypatch):
    monkeypatch.chdir(bundle.parent)
    request = preview.Request(pathlib.Path("bundle.yaml"))
    assert request.to_dict()["bundle"] == str(bundle)


def test_a_deployment_that_stops(bundle):
    whole = preview.prepare(preview.Request(bundle, seed=2))
    whole.settle()
    part = preview.prepare(preview.Request(bundle, seed=2))
    part.settle(until=7)
    assert len(part.model.trace) == 7
    assert part.model.trace.events() == whole.model.trace.events()[:7]


def test_a_deployment_is_watched(bundle):
    seen = []
    deployment = preview.prepare(preview.Request(bundle))
    deployment.settle(lambda model, record: seen.append((model, record.number)))
    assert [number for _, number in seen] == list(range(1, len(deployment.model.trace) + 1))
    assert {model for model, _ in seen} == {deployment.model}


def test_an_application_without_units_is_not_active(bundle):
    deployment = preview.prepare(preview.Request(bundle, scale={"client": 0}))
    deployment.settle()
    assert {name: str(status) for name, status in deployment.inactive.items()} == {
        "client": "unknown: no units"
    }
    assert not deployment.good


def test_a_hook_that_fails_and_then_succeeds_is_not_good(bundle):
    marker = bundle.parent / "marker"
    once = f"""\
        import pathlib
        marker = pathlib.Path({str(marker)!r})
        if not marker.exists():
            marker.touch()
            raise ValueError("once")
        self._serve()
"""
    path = bundle.parent / "charms/store/src/charm.py"
    path.write_text(path.read_text().replace("        self._serve()\n", once, 1))
    deployment = preview.prepare(preview.Request(bundle))
    deployment.settle()
    assert deployment.inactive == {}
    assert [record.error for record in deployment.failures] == ["ValueError: once"]
    assert not deployment.good


def test_a_model_that_does_not_settle(bundle, monkeypatch):
    path = bundle.parent / "charms/store/src/charm.py"
    path.write_text(
        path.read_text()
        .replace("self.on.kv_relation_created,", "self.on.kv_relation_changed,")
        .replace(
            'bag["url"] = ', 'bag["count"] = str(int(bag.get("count", "0")) + 1); bag["url"] = '
        )
    )
    client = bundle.parent / "charms/client/src/charm.py"
    client.write_text(
        client.read_text().replace(
            "        framework.observe",
            "        framework.observe(self.on.kv_relation_changed, self._echo)\n"
            "        framework.observe",
            1,
        )
        + "\n    def _echo(self, event):\n"
        + '        count = event.relation.data[event.app].get("count", "0")\n'
        + "        event.relation.data[self.app]['count'] = count\n"
    )
    deployment = preview.prepare(preview.Request(bundle))
    original = deployment.model.settle
    monkeypatch.setattr(deployment.model, "settle", lambda: original(200))
    deployment.settle()
    assert "kv-relation-changed" in deployment.endless
    assert not deployment.good


def test_a_name_that_kubernetes_refuses(bundle, write):
    name = "x" * 80
    overlay = write("o.yaml", f"applications: {{{name}: {{charm: ./charms/client, scale: 1}}}}")
    assert refused(bundle=bundle, overlays=[overlay]).startswith("this cannot be deployed: ")


def test_no_room_for_files(bundle, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/none")
    assert refused(bundle=bundle).startswith("there is no room for the containers' files: ")
