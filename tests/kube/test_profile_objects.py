# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The real API server keeps what profiles get as it was sent: a resync writes nothing.

Metacontroller is the model of tests/model; what it is told is what the charms write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import kubefake
import pytest
from jujusim.testing import charm as testing_charm

from ..model import test_profiles_at_scale
from . import bundles

DEFINITIONS = (
    ("poddefaults.kubeflow.org", "PodDefault", "v1alpha1"),
    ("authorizationpolicies.security.istio.io", "AuthorizationPolicy", "v1beta1"),
)


class Api:
    """The real API server, asked as the one in memory is."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    def request(self, request: kubefake.Request) -> Any:
        answer = self._http.request(request.method, request.path, json=request.body or None)
        return Answer(answer.status_code, answer.text)


class Answer:
    """An answer as `kubefake.Response` has it."""

    def __init__(self, status: int, body: str) -> None:
        self.status = status
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(scope="module")
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    with bundles.started(request) as cluster:
        http = cluster.http
        for name, kind, version in DEFINITIONS:
            body = testing_charm.definition(name, kind, version)
            path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            assert http.post(path, json=body).is_success
            plural, _, group = name.partition(".")
            while not http.get(f"/apis/{group}/{version}/{plural}").is_success:
                pass
        for number in range(2):
            metadata = {"name": f"user-{number}", "labels": test_profiles_at_scale.LABELS}
            assert http.post("/api/v1/namespaces", json={"metadata": metadata}).is_success
        yield Api(http)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"visualization-server": True},
        {"artifact-proxy-resources": "{requests: {cpu: 0.1, memory: 1024Mi}}"},
    ],
    ids=json.dumps,
)
def test_resync_of_a_profile_writes_nothing(api: Api, config: dict[str, Any]):
    result = test_profiles_at_scale.pipelines("a-key", **config)
    made = test_profiles_at_scale.decorator(api, result, "kfp-profile-controller")  # pyright: ignore[reportArgumentType]
    assert made.resync() > 0
    assert made.resync() == 0


def test_resync_of_what_is_dispatched_writes_nothing(api: Api):
    result = test_profiles_at_scale.dispatched(test_profiles_at_scale.SECRET)
    made = test_profiles_at_scale.decorator(api, result, "resource-dispatcher")  # pyright: ignore[reportArgumentType]
    assert made.resync() == 2
    assert made.resync() == 0
    gone = test_profiles_at_scale.dispatched()
    made = test_profiles_at_scale.decorator(api, gone, "resource-dispatcher")  # pyright: ignore[reportArgumentType]
    assert made.resync() == 2
