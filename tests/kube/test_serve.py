# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The served cluster, judged by kubectl and by what a real API server says to it."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import re
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import yaml
from ckf import controlplane
from kubefake import Cluster, rbac, resources, serve

from .conftest import ABSENT, REQUIRED

Object = dict[str, Any]

HERE = pathlib.Path(__file__).parent / "serve"
NAMESPACE = "tables"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE = "application/merge-patch+json"
RELEASE = (os.environ.get("K8S") or controlplane.DEFAULT_RELEASE).rpartition(".")[0]

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example/web}]}
"""


def program(name: str) -> pathlib.Path:
    """One of the control plane's programs; skip where it is not built."""
    folder = controlplane.assets()
    found = folder / name if folder else pathlib.Path(name)
    if not found.is_file():
        if REQUIRED:
            pytest.fail(ABSENT, pytrace=False)
        pytest.skip(f"no {name} is built here; get it with: make controlplane")
    return found


def objects() -> list[Object]:
    return yaml.safe_load((HERE / "objects.yaml").read_text())


@dataclass
class Api:
    """An API server, as an administrator sees it."""

    http: httpx2.Client
    plurals: dict[tuple[str, str], tuple[str, bool]]

    def path(self, obj: Object) -> str:
        version, kind = str(obj["apiVersion"]), str(obj["kind"])
        plural, namespaced = self.plurals[version, kind]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{base}/namespaces/{NAMESPACE}/{plural}" if namespaced else f"{base}/{plural}"

    def fill(self) -> None:
        """Create every object of the file, and give each its status."""
        self.http.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}})
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
        self.http.post(account, json={"metadata": {"name": "default"}})
        for obj in objects():
            status = obj.pop("status", None)
            path = self.path(obj)
            made = self.http.post(path, json=obj)
            assert made.status_code == 201, f"{path}: {made.text}"
            if obj["kind"] == "CustomResourceDefinition":
                self._wait(obj)
            if status is not None:
                name = obj["metadata"]["name"]
                set_ = self.http.patch(
                    f"{path}/{name}/status",
                    content=json.dumps({"status": status}),
                    headers={"content-type": MERGE},
                )
                assert set_.status_code == 200, f"{path}/{name}: {set_.text}"

    def _wait(self, crd: Object) -> None:
        path = f"/apis/{crd['spec']['group']}/v1/{crd['spec']['names']['plural']}"
        for _ in range(200):
            if self.http.get(path).status_code == 200:
                return
            threading.Event().wait(0.05)
        raise AssertionError(f"{path} is not served")

    def table(self, path: str, **query: str) -> Object:
        answer = self.http.get(path, params=query, headers={"accept": TABLE})
        assert answer.status_code == 200, answer.text
        return answer.json()


def plurals() -> dict[tuple[str, str], tuple[str, bool]]:
    found = {
        (each.api_version, each.kind): (each.plural, each.namespaced)
        for each in resources.builtin(RELEASE).values()
    }
    return {**found, ("serve.example.com/v1", "Thing"): ("things", True)}


@pytest.fixture(scope="module")
def memory() -> Iterator[serve.Server]:
    cluster = Cluster(release=RELEASE)
    cluster.authorize = rbac.Authorizer(cluster)
    with serve.served(cluster) as server:
        yield server


@pytest.fixture(scope="module")
def here(memory: serve.Server) -> Iterator[Api]:
    config = yaml.safe_load(memory.kubeconfig(memory.folder / "here").read_text())
    (entry,) = config["clusters"]
    authority = base64.b64decode(entry["cluster"]["certificate-authority-data"])
    trust = ssl.create_default_context(cadata=authority.decode())
    headers = {"authorization": f"Bearer {memory.token()}"}
    with httpx2.Client(base_url=memory.url, verify=trust, headers=headers) as http:
        api = Api(http, plurals())
        api.fill()
        yield api


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A real API server without controllers: nothing changes what was written."""
    folder = tmp_path_factory.mktemp("assets")
    for name in ("etcd", "kube-apiserver"):
        (folder / name).symlink_to(program(name))
    with controlplane.ControlPlane.start(folder) as plane:
        trust = ssl.create_default_context(cafile=plane.ca)
        headers = {"authorization": f"Bearer {plane.token}"}
        with httpx2.Client(base_url=plane.url, verify=trust, headers=headers, timeout=30) as http:
            api = Api(http, plurals())
            api.fill()
            yield api


# Tables


@pytest.mark.parametrize("include", ["None", "Metadata", "Object"])
def test_rows_carry_as_much_of_the_object_as_is_asked_for(
    here: Api, there: Api, include: str
) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    shapes = []
    for api in (here, there):
        rows = api.table(path, includeObject=include)["rows"]
        (row,) = (row for row in rows if row["cells"][0] == "a")
        shapes.append(row["object"] and (row["object"]["kind"], sorted(row["object"])))
    assert shapes[0] == shapes[1]


def test_pages_of_a_table(here: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    first = here.table(path, limit="2")
    assert len(first["rows"]) == 2
    assert first["metadata"]["remainingItemCount"] == 3
    second = here.table(path, limit="9", **{"continue": first["metadata"]["continue"]})
    assert len(second["rows"]) == 3


def test_an_error_is_no_table(here: Api, there: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/none"
    for api in (here, there):
        answer = api.http.get(path, headers={"accept": f"{TABLE},application/json"})
        assert (answer.status_code, answer.json()["kind"]) == (404, "Status")


# Discovery


def test_resources_are_named_as_on_a_real_server(here: Api, there: Api) -> None:
    groups = sorted({version for version, _ in here.plurals})
    keys = ("singularName", "namespaced", "kind", "shortNames", "categories")
    for version in groups:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        mine, real = (
            {
                each["name"]: {key: each.get(key) for key in keys}
                for each in api.http.get(path).json()["resources"]
            }
            for api in (here, there)
        )
        assert {name: real.get(name) for name in mine} == mine


# OpenAPI


def test_each_kind_has_a_schema_where_a_real_server_has_it(here: Api, there: Api) -> None:
    index = here.http.get("/openapi/v3").json()["paths"]
    real = there.http.get("/openapi/v3").json()["paths"]
    assert set(index) <= set(real)
    for place, entry in index.items():
        documents = [
            here.http.get(entry["serverRelativeURL"]).json(),
            there.http.get(real[place]["serverRelativeURL"]).json(),
        ]
        mine, theirs = (_schemas(document) for document in documents)
        for gvk in _paths(documents[0]):
            assert gvk in theirs
            assert _shape(mine[gvk]) == _shape(theirs[gvk]), gvk
        assert _writes(documents[0]).items() <= _writes(documents[1]).items()


def _gvk(value: Object) -> tuple[str, str, str]:
    return value["group"], value["version"], value["kind"]


def _schemas(document: Object) -> dict[tuple[str, str, str], Object]:
    return {
        _gvk(kind): schema
        for schema in document["components"]["schemas"].values()
        for kind in schema.get("x-kubernetes-group-version-kind", ())
    }


def _paths(document: Object) -> set[tuple[str, str, str]]:
    return {
        _gvk(operation["x-kubernetes-group-version-kind"])
        for item in document["paths"].values()
        for operation in item.values()
        if operation["x-kubernetes-group-version-kind"]["group"] != "authorization.k8s.io"
    }


def _writes(document: Object) -> dict[tuple[str, str], bool]:
    """By path and method, whether a write may be tried."""
    return {
        (path, method): "dryRun"
        in {each["name"] for part in (item, operation) for each in part.get("parameters", ())}
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in {"post", "put", "patch"} and isinstance(operation, dict)
    }


def _shape(schema: Object) -> Object:
    """Field names with their types, and what is required."""
    return {
        "fields": {
            name: (each.get("type"), "$ref" in json.dumps(each))
            for name, each in schema.get("properties", {}).items()
        },
        "required": sorted(schema.get("required", ())),
    }


# kubectl


@dataclass
class Kubectl:
    """kubectl with a home of its own."""

    binary: pathlib.Path
    config: pathlib.Path
    home: pathlib.Path
    namespace: str

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "KUBECONFIG": str(self.config),
            "PATH": os.environ.get("PATH", os.defpath),
        }

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binary), *words],
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def __call__(self, *words: str, given: str = "") -> str:
        """Return what it says; it must succeed."""
        done = self.run(*words, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str, given: str = "") -> str:
        """Return what it complains of; it must fail."""
        done = self.run(*words, given=given)
        assert done.returncode == 1, done.stdout
        return done.stderr


@pytest.fixture
def kubectl(
    here: Api, memory: serve.Server, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> Kubectl:
    binary = program("kubectl")
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    namespace = f"k{digest[:10]}"
    memory.cluster.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    )
    config = memory.kubeconfig(tmp_path / "config", namespace=namespace)
    return Kubectl(binary, config, tmp_path, namespace)


def test_version(kubectl: Kubectl) -> None:
    assert f"Server Version: v{RELEASE}.0" in kubectl("version")


def test_get_all(kubectl: Kubectl) -> None:
    said = kubectl("get", "all", "-A")
    for line in (
        r"NAMESPACE +NAME +CREATED AT",
        rf"{NAMESPACE} +pod/running +2025-01-01T\S+Z",
        rf"{NAMESPACE} +service/public +2025-01-01T\S+Z",
        rf"{NAMESPACE} +deployment.apps/a +2025-01-01T\S+Z",
        rf"{NAMESPACE} +thing.serve.example.com/a +2025-01-01T\S+Z",
    ):
        assert re.search(rf"^{line}", said, re.MULTILINE), line


def test_get_in_other_forms(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", given=DEPLOYMENT)
    content = yaml.safe_load(kubectl("get", "deployment", "web", "-o", "yaml"))
    assert content["spec"]["replicas"] == 2
    assert content["metadata"]["namespace"] == kubectl.namespace
    assert kubectl("get", "deploy", "-o", "name") == "deployment.apps/web\n"
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "2"
    wide = kubectl("get", "deploy", "-o", "wide", "--show-labels", "--sort-by=.metadata.name")
    assert re.search(r"web +2025-01-01T\S+Z +app=web", wide)
    assert kubectl("get", "th", "-n", NAMESPACE, "-o", "name").splitlines() == [
        "thing.serve.example.com/a",
        "thing.serve.example.com/b",
    ]
    assert 'deployments.apps "none" not found' in kubectl.refused("get", "deploy", "none")


def test_explain(kubectl: Kubectl) -> None:
    said = kubectl("explain", "deployment.spec")
    assert "KIND:       Deployment\nVERSION:    v1\n" in said
    assert "FIELD: spec <DeploymentSpec>" in said
    assert "selector\t<LabelSelector> -required-" in said
    assert "containers\t<[]Container>" in kubectl("explain", "pod.spec", "--recursive")
    assert 'field "none" does not exist' in kubectl.refused("explain", "pod.none")


def test_explain_of_a_definition(kubectl: Kubectl) -> None:
    said = kubectl("explain", "things.spec")
    assert "GROUP:      serve.example.com\nKIND:       Thing\nVERSION:    v1\n" in said
    assert "What it shall be." in said
    assert "colour\t<string> -required-\n  enum: red, green, blue\n    One of three." in said
    assert "metadata\t<ObjectMeta>" in kubectl("explain", "thing")


def test_a_server_side_dry_run_stores_nothing(kubectl: Kubectl) -> None:
    words = ("apply", "--server-side", "--dry-run=server", "-f", "-")
    said = kubectl(*words, given=DEPLOYMENT)
    assert said == "deployment.apps/web serverside-applied (server dry run)\n"
    assert "not found" in kubectl.refused("get", "deploy", "web")


def test_apply(kubectl: Kubectl) -> None:
    apply = functools.partial(kubectl, "apply", "-f", "-")
    assert apply(given=DEPLOYMENT) == "deployment.apps/web created\n"
    assert apply(given=DEPLOYMENT) == "deployment.apps/web unchanged\n"
    more = DEPLOYMENT.replace("replicas: 2", "replicas: 3")
    assert kubectl.run("diff", "-f", "-", given=more).stdout.count("\n+  replicas: 3\n") == 1
    assert apply(given=more) == "deployment.apps/web configured\n"
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "3"
    less = DEPLOYMENT.replace("replicas: 2", "")
    apply(given=less)
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "1"


def test_server_side_apply_knows_owners(kubectl: Kubectl) -> None:
    apply = ("apply", "--server-side", "-f", "-")
    kubectl(*apply, "--field-manager=one", given=DEPLOYMENT)
    other = DEPLOYMENT.replace("replicas: 2", "replicas: 5")
    said = kubectl.refused(*apply, "--field-manager=two", given=other)
    assert 'conflict with "one": .spec.replicas' in said
    kubectl(*apply, "--field-manager=two", "--force-conflicts", given=other)


@pytest.mark.parametrize("words", [(), ("--server-side",), ("--dry-run=server",)])
def test_unknown_fields_are_refused(kubectl: Kubectl, words: tuple[str, ...]) -> None:
    wrong = DEPLOYMENT.replace("replicas", "replicaz")
    assert "spec.replicaz" in kubectl.refused("apply", *words, "-f", "-", given=wrong)
    said = kubectl.run("apply", "--validate=warn", *words, "-f", "-", given=wrong)
    if "--server-side" not in words:
        assert said.returncode == 0
        assert 'Warning: unknown field "spec.replicaz"' in said.stderr


def test_values_that_a_definition_refuses(kubectl: Kubectl) -> None:
    thing = "{apiVersion: serve.example.com/v1, kind: Thing, metadata: {name: x}, spec: %s}"
    for spec, message in (
        ("{colour: pink}", 'Unsupported value: "pink": supported values: "red", "green", "blue"'),
        ("{colour: red, shape: round}", 'unknown field "spec.shape"'),
        ("{size: 1}", "spec.colour: Required value"),
    ):
        assert message in kubectl.refused("apply", "-f", "-", given=thing % spec)
    kubectl("apply", "-f", "-", given=thing % "{colour: red}")


def test_describe(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", given=DEPLOYMENT)
    said = kubectl("describe", "deployment", "web")
    assert "Replicas:               2 desired" in said
    assert "Image:         example/web" in said
    said = kubectl("describe", "pod", "running", "-n", NAMESPACE)
    assert "Reason:       CrashLoopBackOff" in said
    assert "Colour:  red" in kubectl("describe", "thing", "a", "-n", NAMESPACE)
    assert "10.9.3.1" in kubectl("describe", "service", "public", "-n", NAMESPACE)


def test_other_writes(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", given=DEPLOYMENT)
    kubectl("patch", "deploy", "web", "-p", '{"spec": {"replicas": 4}}')
    kubectl("label", "deploy", "web", "x=y")
    kubectl("annotate", "deploy", "web", "a=b")
    kubectl("patch", "deploy", "web", "-p", '{"spec": {"paused": true}}')
    kubectl("set", "image", "deploy/web", "web=example/new")
    found = json.loads(kubectl("get", "deploy", "web", "-o", "json"))
    assert found["spec"]["replicas"] == 4
    assert found["spec"]["paused"] is True
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "example/new"
    assert found["metadata"]["labels"] == {"app": "web", "x": "y"}
    assert found["metadata"]["annotations"]["a"] == "b"
    new = DEPLOYMENT.replace("replicas: 2", "replicas: 1")
    assert kubectl("replace", "-f", "-", given=new) == "deployment.apps/web replaced\n"


def test_delete_and_wait(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", given=DEPLOYMENT)
    assert "deleted" in kubectl("delete", "deploy", "web", "--wait")
    held = DEPLOYMENT.replace("labels: {app: web}}\n", "finalizers: [example.com/x]}\n", 1)
    kubectl("apply", "-f", "-", given=held)
    command = [str(kubectl.binary), "delete", "deploy", "web", "--wait"]
    with subprocess.Popen(command, env=kubectl.environment(), text=True) as waiting:
        for _ in range(200):
            if kubectl("get", "deploy", "web", "-o", "jsonpath={.metadata.deletionTimestamp}"):
                break
        assert waiting.poll() is None
        kubectl("patch", "deploy", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        assert waiting.wait(20) == 0
    assert "not found" in kubectl.refused("get", "deploy", "web")


def test_wait_for_a_condition(kubectl: Kubectl) -> None:
    words = ("wait", "--for=condition=Ready", "thing/a", "-n", NAMESPACE, "--timeout=5s")
    assert kubectl(*words) == "thing.serve.example.com/a condition met\n"
    words = ("wait", "--for=condition=Ready", "thing/b", "-n", NAMESPACE, "--timeout=1s")
    assert "timed out" in kubectl.refused(*words)


@contextlib.contextmanager
def watching(kubectl: Kubectl, *words: str) -> Iterator[Callable[[], str]]:
    """A running `kubectl get -w`; the function returns the next line that it prints."""
    command = [str(kubectl.binary), "get", "-w", *words]
    with subprocess.Popen(
        command, env=kubectl.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        stop = threading.Timer(30, process.kill)
        stop.start()
        try:
            yield process.stdout.readline
        finally:
            stop.cancel()
            process.kill()


def test_get_and_watch(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", given=DEPLOYMENT)
    with watching(kubectl, "deploy") as line:
        assert line().split() == ["NAME", "CREATED", "AT"]
        assert line().split()[0] == "web"
        kubectl("patch", "deploy", "web", "-p", '{"spec": {"replicas": 7}}')
        assert line().split()[0] == "web"
        kubectl("apply", "-f", "-", given=DEPLOYMENT.replace("name: web,", "name: two,"))
        assert line().split()[0] == "two"


def test_watch_of_whole_objects(kubectl: Kubectl) -> None:
    with watching(kubectl, "cm", "-o", "name", "--output-watch-events=false") as line:
        assert line() == "configmap/kube-root-ca.crt\n"
        given = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"
        kubectl("apply", "-f", "-", given=given)
        assert line() == "configmap/x\n"


def test_what_needs_a_running_program_is_refused(kubectl: Kubectl) -> None:
    words = ("logs", "running", "-c", "a", "-n", NAMESPACE)
    assert "nothing runs in the simulator: there is no log of pods running" in (
        kubectl.refused(*words)
    )
    words = ("exec", "running", "-c", "a", "-n", NAMESPACE, "--", "true")
    assert "nothing runs in the simulator" in kubectl.refused(*words)


def test_protobuf_is_refused_with_a_way_out(kubectl: Kubectl) -> None:
    words = ("create", "configmap", "x", "--from-literal=a=b")
    assert "apply a manifest" in kubectl.refused(*words)
    manifest = kubectl(*words, "--dry-run=client", "-o", "yaml")
    assert kubectl("apply", "-f", "-", given=manifest) == "configmap/x created\n"


def test_another_user_may_only_what_it_may(
    kubectl: Kubectl, memory: serve.Server, tmp_path: pathlib.Path
) -> None:
    user = f"system:serviceaccount:{NAMESPACE}:default"
    other = Kubectl(
        kubectl.binary, memory.kubeconfig(tmp_path / "other", user, NAMESPACE), tmp_path, NAMESPACE
    )
    assert f'User "{user}" cannot list resource "pods"' in other.refused("get", "pods")
    assert "selector\t" in other("explain", "deployment.spec")
    said = kubectl.refused("get", "pods", "--as", user, "-n", NAMESPACE)
    assert f'User "{user}" cannot list resource "pods"' in said


def test_a_wrong_token_is_refused(kubectl: Kubectl) -> None:
    content = yaml.safe_load(kubectl.config.read_text())
    content["users"][0]["user"]["token"] = "wrong"
    kubectl.config.write_text(yaml.safe_dump(content))
    said = kubectl.refused("get", "pods")
    assert "You must be logged in to the server" in said or "Unauthorized" in said
