# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pods of Deployments that charms apply: they run, they fail, they recover."""

from __future__ import annotations

import jujusim
import kubefake
import pytest
from kubefake import kubelet

CHARM = """
    import lightkube, ops
    from lightkube import codecs
    from lightkube.resources.apps_v1 import Deployment

    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on)
            framework.observe(self.on.update_status, self._on)

        def _on(self, _):
            client = lightkube.Client(field_manager="runner")
            text = (self.charm_dir / "deployment.yaml").read_text()
            client.apply(codecs.from_dict(ops.yaml.safe_load(text)))
            status = client.get(Deployment, "work", namespace=self.model.name).status
            if status.availableReplicas:
                self.unit.status = ops.ActiveStatus()
            else:
                self.unit.status = ops.WaitingStatus(status.conditions[0].message)
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: work, namespace: ml}
spec:
  selector: {matchLabels: {app: work}}
  template:
    metadata: {labels: {app: work}}
    spec: {containers: [{name: work, image: example.com/work}]}
"""


@pytest.fixture
def model(make_model, write_charm) -> jujusim.Model:
    files = {
        "charmcraft.yaml": "name: runner",
        "src/charm.py": CHARM.replace("ops.yaml", "__import__('yaml')"),
        "deployment.yaml": DEPLOYMENT,
    }
    model = make_model("ml", cluster=kubefake.Cluster(pods=True))
    model.deploy(jujusim.CharmDir.load(write_charm("runner", files)), trust=True)
    model.settle()
    return model


def status(model: jujusim.Model) -> jujusim.Status:
    assert not model.trace.failures()
    return model.status().apps["runner"].status


def test_a_deployments_pods_run(model):
    assert status(model) == jujusim.Status("active")


def test_failing_pods_are_seen_by_the_next_hook(model):
    model.fail_pods("work", kubelet.IMAGE)
    model.update_status()
    model.settle()
    assert status(model) == jujusim.Status(
        "waiting", "Deployment does not have minimum availability."
    )
    model.heal_pods("work")
    model.update_status()
    model.settle()
    assert status(model) == jujusim.Status("active")


def test_only_what_has_pods_can_fail(model, make_model):
    with pytest.raises(jujusim.JujuError, match='"other" with pods'):
        model.fail_pods("other", kubelet.IMAGE)
    with pytest.raises(jujusim.JujuError, match="with pods"):
        make_model("bare").heal_pods("work")


def test_pods_that_failed_run_again_when_faults_end(make_model, write_charm):
    files = {
        "charmcraft.yaml": "name: runner",
        "src/charm.py": CHARM.replace("ops.yaml", "__import__('yaml')"),
        "deployment.yaml": DEPLOYMENT,
    }
    charm = jujusim.CharmDir.load(write_charm("runner", files))
    failed = 0
    for seed in range(20):
        model = make_model("ml", cluster=kubefake.Cluster(pods=True), seed=seed, faults=2)
        model.deploy(charm, trust=True, units=2)
        model.settle()
        failed += any("pods of work fail" in text for _, text in model.faults.log)
        assert model.status().apps["runner"].status == jujusim.Status("active")
    assert failed


ISTIOD = DEPLOYMENT.replace("work", "istiod")


def test_istiod_publishes_its_certificate_authority_once_it_runs(make_model, write_charm):
    code = CHARM.replace("ops.yaml", "__import__('yaml')").replace('"work"', '"istiod"')
    files = {"charmcraft.yaml": "name: runner", "src/charm.py": code, "deployment.yaml": ISTIOD}
    cluster = kubefake.Cluster(pods=True)
    model = make_model("ml", cluster=cluster)
    model.deploy(jujusim.CharmDir.load(write_charm("runner", files)), trust=True)
    cluster.fail_pods("ml", "istiod", kubelet.IMAGE)
    model.settle()
    published = {obj["metadata"]["name"] for obj in cluster.objects("ConfigMap", "ml")}
    assert "istio-ca-root-cert" not in published
    model.heal_pods("istiod")
    model.update_status()
    model.settle()
    published = {obj["metadata"]["name"] for obj in cluster.objects("ConfigMap", "ml")}
    assert "istio-ca-root-cert" in published
    assert model.trace.events("runner/0")[-1] == "update-status"
