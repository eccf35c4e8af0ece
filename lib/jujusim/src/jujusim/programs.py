# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What programs do in the cluster that other charms wait for: here no program runs.

There is one: istiod, once its pod is ready, publishes its certificate authority in a ConfigMap
without which no proxy starts (istio/istio, pilot/pkg/serviceregistry/kube/controller/
namespacecontroller.go). It does so in every namespace; here in the model's, where gateways are.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import httpx2
from kubefake import kubelet
from kubefake.transport import URL

from .rights import account

if TYPE_CHECKING:
    from .cluster_backend import ClusterBackend

ISTIOD = "istiod"
ROOT_CERTIFICATE: dict[str, Any] = {
    "metadata": {"name": "istio-ca-root-cert", "labels": {"istio.io/config": "true"}},
    "data": {
        "root-cert.pem": "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"
    },
}


class Programs:
    """The programs in pods of Deployments that charms have made."""

    def __init__(self, backend: ClusterBackend, namespace: str):
        self._backend = backend
        self._base = f"/api/v1/namespaces/{namespace}"
        self._namespace = namespace
        self._news = False

    def work(self) -> None:
        """Do what programs do by now."""
        if self._backend.has_deployment(ISTIOD) and self._publish():
            self._news = True
            self._backend.run_pods()

    def noticed(self) -> bool:
        """Tell whether anything was done since the last call: charms see it in update-status."""
        news, self._news = self._news, False
        return news

    def _publish(self) -> bool:
        """Let istiod publish its certificate authority, if it runs and has not done so."""
        http = self._http
        path = f"{self._base}/configmaps"
        known = http.get(f"{path}/{ROOT_CERTIFICATE['metadata']['name']}")
        if known.status_code != 404:
            return False
        pods = http.get(f"{self._base}/pods", params={"labelSelector": f"app={ISTIOD}"})
        if not pods.is_success or not any(map(kubelet.is_ready, pods.json()["items"] or ())):
            return False
        return http.post(path, json=ROOT_CERTIFICATE).is_success

    @functools.cached_property
    def _http(self) -> httpx2.Client:
        """A connection as istiod's account."""
        user = account(self._namespace, ISTIOD)
        return httpx2.Client(base_url=URL, transport=self._backend.transport(user))
