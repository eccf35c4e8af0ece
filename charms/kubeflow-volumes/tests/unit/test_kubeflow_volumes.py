# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page for volumes: the file browser that it opens, what it may do, where it is reached."""

from __future__ import annotations

import json
import pathlib
import string
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "kubeflow-volumes"
SPEC = "/etc/config/viewer-spec.yaml"

# What the published charm's viewer-spec.yaml says.
PUBLISHED = """
pvc: $NAME
podSpec:
  serviceAccountName: default-editor
  containers:
    - name: main
      image: $VOLUME_VIEWER_IMAGE
      env:
        - {name: FB_ADDRESS, value: 0.0.0.0}
        - {name: FB_PORT, value: "8080"}
        - {name: FB_DATABASE, value: /tmp/filebrowser.db}
        - {name: FB_NOAUTH, value: "true"}
        - {name: FB_BASEURL, value: /pvcviewers/$NAMESPACE/$NAME/}
      readinessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 2, periodSeconds: 10}
      volumeMounts: [{name: viewer-volume, mountPath: /srv}]
      workingDir: /srv
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  volumes: [{name: viewer-volume, persistentVolumeClaim: {claimName: $NAME}}]
networking: {targetPort: 8080, basePrefix: /pvcviewers, rewrite: /, timeout: 30s}
rwoScheduling: true
"""


def run(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed")


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def substituted(data: Any, variables: dict[str, str]) -> Any:
    """What the web app makes of the spec: variables in every text of it."""
    if isinstance(data, dict):
        return {name: substituted(value, variables) for name, value in data.items()}
    if isinstance(data, list):
        return [substituted(value, variables) for value in data]
    return string.Template(data).substitute(variables) if isinstance(data, str) else data


def viewer(result: Result, name: str, namespace: str) -> dict[str, Any]:
    environment = service(result)["environment"]
    variables = {**environment, "NAME": name, "PVC_NAME": name, "NAMESPACE": namespace}
    return substituted(yaml.safe_load(result.files(NAME)[SPEC]), variables)


def test_spec_is_that_of_the_published_charm():
    assert yaml.safe_load(run().files(NAME)[SPEC]) == yaml.safe_load(PUBLISHED)


def test_viewer_of_a_volume():
    spec = viewer(run(), "data", "alice")
    (container,) = spec["podSpec"]["containers"]
    assert spec["pvc"] == "data"
    assert container["image"] == "charmedkubeflow/filebrowser:2.27.0-f21fe9d"
    settings = {item["name"]: item["value"] for item in container["env"]}
    assert settings["FB_BASEURL"] == "/pvcviewers/alice/data/"


def test_image_of_the_viewer():
    spec = viewer(run(volume_viewer_image="example.com/browser:1"), "data", "alice")
    assert spec["podSpec"]["containers"][0]["image"] == "example.com/browser:1"


@pytest.mark.parametrize("image", ["", "Not an image", "https://example.com/browser"])
def test_no_image_of_the_viewer(image: str):
    status, message = run(volume_viewer_image=image).status
    assert status == "blocked"
    assert "option volume-viewer-image accepts a container image" in message


def test_port_moves_listener_service_and_check():
    result = run(port=5001)
    plan = result.seen["plans"][NAME]
    assert " --bind 0.0.0.0:5001 " in service(result)["command"]
    url = plan["checks"]["kubeflow-volumes-ready"]["http"]["url"]
    assert url == "http://localhost:5001/healthz/readiness"
    (port,) = result.seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (5001, 5001)


def test_link_leads_where_the_route_does():
    result = run()
    bags = [
        result.state.get_relations(name)[0].local_app_data
        for name in ("ingress", "dashboard-links")
    ]
    (link,) = json.loads(bags[1]["dashboard_links"])
    assert link["link"] == f"{yaml.safe_load(bags[0]['data'])['prefix']}/"


# The verbs that the backend's modules call the Kubernetes API with, by group and resource.
CALLS = {
    ("authorization.k8s.io", "subjectaccessreviews"): {"create"},
    ("", "events"): {"list"},
    ("", "namespaces"): {"list"},
    ("", "pods"): {"list"},
    ("", "persistentvolumeclaims"): {"create", "delete", "get", "list"},
    ("storage.k8s.io", "storageclasses"): {"list"},
    ("kubeflow.org", "notebooks"): {"list"},
    ("kubeflow.org", "pvcviewers"): {"create", "delete", "list"},
}


def granted(role: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    return {
        (group, resource): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_rights_are_what_the_server_calls():
    assert granted(run().seen["objects"][f"ClusterRole//{NAME}-role"]) == CALLS


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_rights_are_bound_to_the_pods_own_account(model: str):
    state = CHARM.state(model=model)
    objects = CHARM.run(state, "config_changed", cluster=CHARM.cluster(model)).seen["objects"]
    (subject,) = objects[f"ClusterRoleBinding//{NAME}-binding"]["subjects"]
    assert (subject["name"], subject["namespace"]) == (NAME, model)


def after_a_published_charm() -> Cluster:
    """A cluster with the account that the published charm applies."""
    cluster = CHARM.cluster()
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": f"{NAME}-sa",
            "namespace": "kubeflow",
            "labels": {"app": NAME},
        },
    }
    path = f"/api/v1/namespaces/kubeflow/serviceaccounts/{NAME}-sa"
    media = {"content-type": "application/apply-patch+yaml"}
    query = {"fieldManager": "lightkube", "force": "true"}
    answer = cluster.request(Request("PATCH", path, query, media, account))
    assert answer.status == 201
    return cluster


def test_account_of_the_published_charm_goes():
    result = CHARM.run(CHARM.state(), "upgrade_charm", cluster=after_a_published_charm())
    accounts = [name for name in result.seen["objects"] if name.startswith("ServiceAccount/")]
    assert f"ServiceAccount/kubeflow/{NAME}-sa" not in accounts
    assert f"ServiceAccount/kubeflow/{NAME}" in accounts
