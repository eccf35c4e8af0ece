# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The viewer controller: where it works, how many Viewers there may be, and which are taken."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm
from kubefake import Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
OBJECTS = "/apis/kubeflow.org/v1beta1/namespaces/default/viewers"


def command(**config: Any) -> list[str]:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    result = CHARM.run(CHARM.state(config=options, model="ml"), "config_changed")
    return result.seen["plans"]["kfp-viewer"]["services"]["controller"]["command"].split()


def test_works_in_all_namespaces():
    """Without the flag it would work in the namespace kubeflow only."""
    assert "--namespace=" in command()


def test_number_of_viewers():
    assert "-max_num_viewers=7" in command(max_num_viewers=7)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"spec": {"type": "tensorboard", "tensorboardSpec": {"logDir": "/logs"}}}, 201),
        ({"spec": {"podTemplateSpec": {"spec": {"containers": [{}]}}}}, 201),
        ({}, 422),
        ({"spec": "tensorboard"}, 422),
    ],
)
def test_objects_are_taken_and_refused_as_upstream_does(fields: dict[str, Any], status: int):
    meta = {"name": "board", "namespace": "default"}
    kind = {"apiVersion": "kubeflow.org/v1beta1", "kind": "Viewer"}
    cluster = CHARM.defined.copy()
    answer = cluster.request(Request("POST", OBJECTS, body={**kind, "metadata": meta, **fields}))
    assert answer.status == status, answer.body
