# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What istiod reads, by Istio's and Envoy's own definitions. Takes a go command."""

from __future__ import annotations

import copy
import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result

from ..model import test_tenants

HERE = pathlib.Path(__file__).parent
PILOT = Charm.at(HERE.parents[1] / "charms/istio-pilot")
CNI = {"cni-bin-dir": "/opt/cni/bin", "cni-conf-dir": "/etc/cni/net.d"}
READ = ("EnvoyFilter", "Gateway", "VirtualService")

Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """Call the program with a question; its exit status says whether it is content."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no go command here: get one from https://go.dev/dl")
    program = tmp_path_factory.mktemp("istiorules") / "istiorules"
    subprocess.run([go, "build", "-o", str(program), "."], cwd=HERE / "istio", check=True)

    def call(verb: str, **question: Any) -> subprocess.CompletedProcess[str]:
        text = json.dumps(question)
        return subprocess.run(
            [program, verb], input=text, capture_output=True, text=True, check=False
        )

    return call


def made(**config: str) -> Result:
    return PILOT.run(PILOT.state(config=config), "config_changed")


def mesh(result: Result) -> dict[str, Any]:
    return json.loads(result.seen["objects"]["ConfigMap/kubeflow/istio"]["data"]["mesh"])


def injector(result: Result, key: str) -> dict[str, Any]:
    name = "ConfigMap/kubeflow/istio-sidecar-injector"
    return json.loads(result.seen["objects"][name]["data"][key])


def read_by_istiod(result: Result) -> list[dict[str, Any]]:
    return [obj for obj in result.seen["objects"].values() if obj["kind"] in READ]


def test_messages_admit_what_is_made(call: Call):
    result = made()
    objects = read_by_istiod(result)
    assert {obj["kind"] for obj in objects} == set(READ)
    answer = call("check", mesh=mesh(result), objects=objects)
    assert answer.returncode == 0, answer.stderr


def test_messages_admit_the_policies_by_which_models_are_reached(call: Call):
    policies = [
        *test_tenants.of_pipelines(test_tenants.OWNER),
        test_tenants.policy_of_activator(),
    ]
    answer = call("check", mesh=mesh(made()), objects=policies)
    assert answer.returncode == 0, answer.stderr
    policies[0] = copy.deepcopy(policies[0])
    policies[0]["spec"]["rules"][0]["when"][0]["value"] = "ann"
    assert call("check", mesh=mesh(made()), objects=policies).returncode == 1


def _broken(objects: list[dict[str, Any]], kind: str, change: Callable[[Any], None]) -> Any:
    found = next(copy.deepcopy(obj) for obj in objects if obj["kind"] == kind)
    change(found["spec"])
    return found


def _authorization(spec: Any) -> Any:
    return spec["configPatches"][0]["patch"]["value"]["typed_config"]["http_service"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("Gateway", lambda spec: spec["servers"][0].update(prot="HTTP")),
        ("Gateway", lambda spec: spec["servers"][0]["port"].update(number="http")),
        ("VirtualService", lambda spec: spec["http"][0].update(rewrites={})),
        ("EnvoyFilter", lambda spec: spec["configPatches"][0].update(applyTo="HTTP")),
        ("EnvoyFilter", lambda spec: _authorization(spec).update(server="here")),
        (
            "EnvoyFilter",
            lambda spec: _authorization(spec)["authorization_request"]["allowed_headers"].update(
                patterns=[]
            ),
        ),
    ],
)
def test_messages_refuse_what_is_wrong(call: Call, kind: str, change: Callable[[Any], None]):
    result = made()
    answer = call(
        "check", mesh=mesh(result), objects=[_broken(read_by_istiod(result), kind, change)]
    )
    assert answer.returncode == 1


def test_mesh_refuses_an_unknown_field(call: Call):
    answer = call("check", mesh={**mesh(made()), "trustedDomain": "cluster.local"}, objects=[])
    assert answer.returncode == 1
    assert "trustedDomain" in answer.stderr


def pod(**annotations: str) -> dict[str, Any]:
    notes = {name.replace("_", "/"): value for name, value in annotations.items()}
    ports = [{"containerPort": 80, "name": "http"}, {"containerPort": 81}]
    return {
        "metadata": {
            "name": "web",
            "namespace": "alice",
            "labels": {"app": "web", "version": "v2"},
            "annotations": notes,
        },
        "spec": {"containers": [{"name": "main", "image": "web", "ports": ports}]},
    }


def injected(
    call: Call,
    config: dict[str, str],
    native: bool = False,
    template: str = "sidecar",
    notes: dict[str, str] | None = None,
) -> dict[str, Any]:
    result = made(**config)
    answer = call(
        "render",
        template=injector(result, "config")["templates"][template],
        values=injector(result, "values"),
        mesh=mesh(result),
        pod=pod(**notes or {}),
        native=native,
    )
    assert answer.returncode == 0, answer.stderr
    return yaml.safe_load(answer.stdout)


def container(rendered: dict[str, Any], name: str) -> dict[str, Any]:
    spec = rendered["spec"]
    every = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    return next(item for item in every if item["name"] == name)


def environment(rendered: dict[str, Any]) -> dict[str, str]:
    variables = container(rendered, "istio-proxy")["env"]
    return {item["name"]: item["value"] for item in variables if "value" in item}


def test_sidecar(call: Call):
    rendered = injected(call, {})
    proxy = container(rendered, "istio-proxy")
    assert proxy["image"] == "the-proxy-image"
    assert proxy in rendered["spec"]["containers"]
    assert environment(rendered)["CA_ADDR"] == "istiod.kubeflow.svc:15012"
    ports = json.loads(environment(rendered)["ISTIO_META_POD_PORTS"])
    assert [port["containerPort"] for port in ports] == [80, 81]
    init = container(rendered, "istio-init")
    assert init["securityContext"]["capabilities"]["add"] == ["NET_ADMIN", "NET_RAW"]
    assert rendered["metadata"]["labels"]["service.istio.io/canonical-name"] == "web"
    assert rendered["metadata"]["labels"]["service.istio.io/canonical-revision"] == "v2"


def test_every_mount_has_its_volume(call: Call):
    for template in ("sidecar", "gateway"):
        rendered = injected(call, {}, template=template)
        volumes = {volume["name"] for volume in rendered["spec"]["volumes"]}
        mounts = container(rendered, "istio-proxy")["volumeMounts"]
        assert {mount["name"] for mount in mounts} <= volumes


def test_native_sidecar(call: Call):
    rendered = injected(call, {}, native=True)
    assert "containers" not in rendered["spec"]
    assert container(rendered, "istio-proxy")["restartPolicy"] == "Always"


def test_with_cni_no_privileges_are_needed(call: Call):
    rendered = injected(call, CNI)
    init = container(rendered, "istio-validation")
    assert init["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert init["securityContext"]["runAsNonRoot"] is True
    assert {"--run-validation", "--skip-rule-apply"} <= set(init["args"])
    notes = rendered["metadata"]["annotations"]
    assert notes["sidecar.istio.io/interceptionMode"] == "REDIRECT"


def test_annotations_of_the_pod_count(call: Call):
    notes = {
        "sidecar.istio.io_proxyCPU": "50m",
        "sidecar.istio.io_proxyMemoryLimit": "512Mi",
        "sidecar.istio.io_proxyImage": "example.com/proxy:1",
        "sidecar.istio.io_logLevel": "debug",
        "traffic.sidecar.istio.io_excludeOutboundPorts": "3306",
        "traffic.sidecar.istio.io_excludeInboundPorts": "9000",
        "sidecar.istio.io_userVolume": '{"extra": {"emptyDir": {}}}',
        "sidecar.istio.io_userVolumeMount": '{"extra": {"mountPath": "/extra"}}',
    }
    rendered = injected(call, {}, notes=notes)
    proxy, arguments = (
        container(rendered, "istio-proxy"),
        container(rendered, "istio-init")["args"],
    )
    assert proxy["image"] == "example.com/proxy:1"
    assert proxy["resources"] == {"requests": {"cpu": "50m"}, "limits": {"memory": "512Mi"}}
    assert "--proxyLogLevel=debug" in proxy["args"]
    assert arguments[arguments.index("-o") + 1] == "3306"
    assert arguments[arguments.index("-d") + 1] == "15090,15021,9000,15020"
    assert {"name": "extra", "mountPath": "/extra"} in proxy["volumeMounts"]


def test_gateway_of_a_users_own(call: Call):
    rendered = injected(call, {}, template="gateway")
    proxy = container(rendered, "istio-proxy")
    assert proxy["args"][:2] == ["proxy", "router"]
