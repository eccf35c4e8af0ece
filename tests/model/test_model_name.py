# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Nothing assumes that the model is called kubeflow."""

from __future__ import annotations

from . import deployment

ASSUMPTIONS = (".kubeflow.svc", ".kubeflow:", "ns/kubeflow/")


def test_a_model_of_another_name():
    model = deployment.deploy(model="ml", seed=1)
    deployment.assert_well(model)
    for place, text in deployment.texts(model):
        found = [assumption for assumption in ASSUMPTIONS if assumption in text]
        assert not found, f"{place} contains {found}"
    namespaces = {obj["metadata"].get("namespace") for obj in deployment.objects(model).values()}
    assert "kubeflow" not in namespaces
