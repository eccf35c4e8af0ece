# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects and fields that are not, or not only, the application's."""

from __future__ import annotations

import pathlib
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import kube
from ops import testing

WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: validator
  annotations: {charmed-kubeflow.io/ignore-differences: failurePolicy}
webhooks:
  - name: one.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {service: {name: server, namespace: ml, path: /, port: 443}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata:
  name: ours
  namespace: ml
spec:
  ports: [{port: 80, targetPort: 80, protocol: TCP}]
"""


@pytest.fixture
def run(context: Any, cluster: kubefake.Cluster, tmp_path: pathlib.Path) -> Any:
    """Run a hook of a charm with these templates; returns what a question found in it."""

    def run(template: str, question: Any = None, event: str = "update_status", **more: Any) -> Any:
        (tmp_path / "it.yaml.j2").write_text(template.lstrip())

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            return [charmkit.Manifests(charm, files="*.yaml.j2", **more)]

        ctx = context(components, charm_root=tmp_path)
        state = testing.State(
            leader=True,
            model=testing.Model("ml", type="kubernetes"),
            planned_units=0 if event == "remove" else 1,
        )
        with ctx(getattr(ctx.on, event)(), state) as manager:
            manager.run()
            return question(manager.charm.made[0]) if question else None

    return run


def webhooks(cluster: kubefake.Cluster) -> dict[str, Any]:
    table = ("admissionregistration.k8s.io", "validatingwebhookconfigurations")
    rows = cluster.store.rows(table)
    return {row.obj["metadata"]["name"]: row.obj for _, row in rows}


def controller_changes(cluster: kubefake.Cluster, patch: str) -> None:
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validator"
    headers = {"content-type": "application/json-patch+json"}
    request = kubefake.Request("PATCH", path, {}, headers, patch.encode(), "controller")
    assert cluster.request(request).status == 200


def test_an_ignored_field_is_there_from_the_start(run: Any, cluster: kubefake.Cluster) -> None:
    run(WEBHOOK)
    assert webhooks(cluster)["validator"]["webhooks"][0]["failurePolicy"] == "Ignore"


def test_an_ignored_field_is_not_fought_over(
    run: Any, cluster: kubefake.Cluster, writes: Any
) -> None:
    run(WEBHOOK)
    controller_changes(
        cluster, '[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"}]'
    )
    writes()
    run(WEBHOOK)
    assert writes() == []


def test_an_ignored_field_stays_when_others_change(run: Any, cluster: kubefake.Cluster) -> None:
    run(WEBHOOK)
    controller_changes(
        cluster, '[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"}]'
    )
    run(WEBHOOK.replace("path: /,", "path: /new,"))
    (webhook,) = webhooks(cluster)["validator"]["webhooks"]
    assert webhook["failurePolicy"] == "Fail"
    assert webhook["clientConfig"]["service"]["path"] == "/new"


def test_other_fields_are_repaired(run: Any, cluster: kubefake.Cluster) -> None:
    run(WEBHOOK)
    controller_changes(
        cluster, '[{"op": "replace", "path": "/webhooks/0/sideEffects", "value": "NoneOnDryRun"}]'
    )
    run(WEBHOOK)
    assert webhooks(cluster)["validator"]["webhooks"][0]["sideEffects"] == "None"


def test_others_objects_of_a_whole_kind_are_found(run: Any, cluster: kubefake.Cluster) -> None:
    spec = {"ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]}
    cluster.install(
        "", "services", {"metadata": {"name": "theirs", "namespace": "ml"}, "spec": spec}
    )
    found = run(
        SERVICE,
        lambda made: [bool(made.get_live(kube.SERVICE, name)) for name in ("theirs", "none")],
        list_all=(kube.SERVICE,),
    )
    assert found == [True, False]


def test_others_objects_of_a_whole_kind_stay(run: Any, cluster: kubefake.Cluster) -> None:
    spec = {"ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]}
    cluster.install(
        "", "services", {"metadata": {"name": "theirs", "namespace": "ml"}, "spec": spec}
    )
    run(SERVICE, list_all=(kube.SERVICE,))
    run(SERVICE, event="remove", list_all=(kube.SERVICE,))
    rows = cluster.store.rows(("", "services"))
    assert [key for key, _ in rows] == [("ml", "theirs")]


def test_owned_are_the_applications_only(run: Any, cluster: kubefake.Cluster) -> None:
    run(SERVICE)
    cluster.install(
        "",
        "services",
        {
            "metadata": {"name": "theirs", "namespace": "ml"},
            "spec": {"ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]},
        },
    )
    owned = run(SERVICE, lambda made: made.live_owned(kube.SERVICE), list_all=(kube.SERVICE,))
    assert [obj["metadata"]["name"] for obj in owned] == ["ours"]
