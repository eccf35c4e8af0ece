#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Profiles: a namespace for each user, and who may enter it."""

from __future__ import annotations

import charmkit
import ops
import profile_namespaces
from charmkit import observability, pebble
from charmkit.interfaces import k8s_service, serving_local_gateway
from charmkit.kubeflow import network_policy
from kubeflow_profiles_options import KFAM_PORT, PROBE_PORT, ProfilesConfig


class KubeflowProfilesCharm(ops.CharmBase):
    """Runs the controller and the API on every unit; the controllers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ProfilesConfig))
        self.local_gateway = add(serving_local_gateway.Requirer(self))
        self.manifests = add(charmkit.Manifests(self, purge="profiles"))
        add(
            network_policy.NetworkPolicy(
                self,
                ports=self._reached_by,
                enabled=lambda: self.options.get().network_policy,
            )
        )
        add(profile_namespaces.SecurityPolicy(self, level=self._security_policy))
        add(charmkit.ServicePorts(self, ports=self._ports))
        add(k8s_service.Provider(self, "kubeflow-profiles", data=self._kfam_service))
        add(
            charmkit.Workload(
                self, "kubeflow-profiles", layer=self._profiles_layer, files=self._profiles_files
            )
        )
        add(charmkit.Workload(self, "kubeflow-kfam", layer=self._kfam_layer))
        add(charmkit.Observability(self, jobs=self._jobs))

    def _security_policy(self) -> str:
        return self.options.get().security_policy

    def _ports(self) -> dict[str, charmkit.Port]:
        config = self.options.get()
        return {
            "http-manager": config.manager_port,
            "http": (config.port, KFAM_PORT),
        }

    def _reached_by(self) -> network_policy.Ports:
        """The dashboard asks the API for users, and believes it that it knows them."""
        return {
            self.options.get().manager_port: [network_policy.SCRAPERS],
            KFAM_PORT: ["kubeflow-profiles", network_policy.SCRAPERS],
        }

    def _kfam_service(self) -> k8s_service.Service:
        return k8s_service.Service(self.app.name, str(self.options.get().port))

    def _principal(self, service_account: str) -> str:
        return f"cluster.local/ns/{self.model.name}/sa/{service_account}"

    def _principals(self) -> dict[str, str]:
        """The two that both programs believe which user a request is from.

        kfp-ui, after which the second variable is called, is not in the mesh and has no principal
        there. Knative's activator has one, and owners and contributors come by it too.
        """
        gateway = self._principal("istio-ingressgateway-workload-service-account")
        return {
            "ISTIO_INGRESS_GATEWAY_PRINCIPAL": gateway,
            "KFP_UI_PRINCIPAL": self.local_gateway.activator() or self._principal("kfp-ui"),
        }

    def _profiles_files(self) -> dict[str, str]:
        labels = profile_namespaces.labels_file(self._security_policy())
        return {profile_namespaces.LABELS_PATH: labels}

    def _profiles_layer(self) -> charmkit.Layer:
        port = self.options.get().manager_port
        notebooks = {"NOTEBOOK_CONTROLLER_PRINCIPAL": self._principal("jupyter-controller")}
        command = (
            '/manager -userid-header kubeflow-userid -userid-prefix ""'
            f" -metrics-bind-address :{port} -leader-elect"
        )
        environment = {**self._principals(), **notebooks}
        return _layer("kubeflow-profiles", command, environment, PROBE_PORT, "/readyz")

    def _kfam_layer(self) -> charmkit.Layer:
        command = (
            "/access-management -cluster-admin admin"
            ' -userid-header kubeflow-userid -userid-prefix ""'
        )
        return _layer("kubeflow-kfam", command, self._principals(), KFAM_PORT, "/metrics")

    def _jobs(self) -> list[observability.Job]:
        port = self.options.get().manager_port
        return [
            observability.job(port, job_name="profile-controller"),
            observability.job(KFAM_PORT, job_name="kfam"),
        ]


def _layer(
    name: str, command: str, environment: dict[str, str], port: int, path: str
) -> charmkit.Layer:
    summary, checks = f"entry point of {name}", [pebble.http_check(port, path)]
    return pebble.layer(name, command, summary=summary, environment=environment, checks=checks)


if __name__ == "__main__":
    ops.main(KubeflowProfilesCharm)
