#!/usr/bin/env python3
"""Kubeflow Profiles: a namespace for each user, and who may enter it."""

from __future__ import annotations

import dataclasses
from typing import Any

import charmkit
import ops
import profile_namespaces
from charmkit import observability, options, purge
from charmkit.interfaces import k8s_service

KFAM_PORT = 8081
"""Where the access management API listens; it has no setting for it."""

PROBE_PORT = 9876
"""Where the profile controller answers health probes by default."""


@dataclasses.dataclass(frozen=True)
class ProfilesOptions:
    """The options, parsed."""

    port: int = options.port()
    manager_port: int = options.port()
    security_policy: str = options.one_of("privileged", "baseline", "restricted")

    def __post_init__(self) -> None:
        if self.manager_port in (self.port, KFAM_PORT, PROBE_PORT):
            accepts = f"a port other than {self.port}, {KFAM_PORT} and {PROBE_PORT}"
            raise options.BadOption("manager-port", accepts)


class KubeflowProfilesCharm(ops.CharmBase):
    """Runs the controller and the API on every unit; the controllers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, ProfilesOptions)
        self.manifests = charmkit.Manifests(self)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.manifests,
                profile_namespaces.SecurityPolicy(self, self._security_policy),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Provider(
                    self, "kubeflow-profiles", k8s_service.INTERFACE, self._kfam_service
                ),
                charmkit.Workload(
                    self, "kubeflow-profiles", self._profiles_layer, files=self._profiles_files
                ),
                charmkit.Workload(self, "kubeflow-kfam", self._kfam_layer),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "profiles")

    def _security_policy(self) -> str:
        return self.options.value.security_policy

    def _ports(self) -> list[charmkit.Port]:
        config = self.options.value
        return [
            charmkit.Port("manager", config.manager_port),
            charmkit.Port("http", config.port, KFAM_PORT),
        ]

    def _kfam_service(self) -> k8s_service.Service:
        return k8s_service.Service(self.app.name, str(self.options.value.port))

    def _principal(self, service_account: str) -> str:
        return f"cluster.local/ns/{self.model.name}/sa/{service_account}"

    def _principals(self) -> dict[str, str]:
        gateway = self._principal("istio-ingressgateway-workload-service-account")
        return {
            "ISTIO_INGRESS_GATEWAY_PRINCIPAL": gateway,
            "KFP_UI_PRINCIPAL": self._principal("kfp-ui"),
        }

    def _profiles_files(self) -> dict[str, charmkit.File]:
        labels = profile_namespaces.labels_file(self._security_policy())
        return {profile_namespaces.LABELS_PATH: charmkit.File(labels)}

    def _profiles_layer(self) -> charmkit.Layer:
        port = self.options.value.manager_port
        notebooks = {"NOTEBOOK_CONTROLLER_PRINCIPAL": self._principal("jupyter-controller")}
        command = (
            '/manager -userid-header kubeflow-userid -userid-prefix ""'
            f" -metrics-bind-address :{port} -leader-elect"
        )
        check = {"level": "ready", "http": {"url": f"http://localhost:{PROBE_PORT}/readyz"}}
        return _layer("kubeflow-profiles", command, {**self._principals(), **notebooks}, check)

    def _kfam_layer(self) -> charmkit.Layer:
        command = (
            "/access-management -cluster-admin admin"
            ' -userid-header kubeflow-userid -userid-prefix ""'
        )
        check = {"level": "ready", "http": {"url": f"http://localhost:{KFAM_PORT}/metrics"}}
        return _layer("kubeflow-kfam", command, self._principals(), check)

    def _jobs(self) -> list[observability.Job]:
        port = self.options.value.manager_port
        return [
            observability.job(port, job_name="profile-controller"),
            observability.job(KFAM_PORT, job_name="kfam"),
        ]


def _layer(
    name: str, command: str, environment: dict[str, str], check: dict[str, Any]
) -> charmkit.Layer:
    service = {
        "override": "replace",
        "summary": f"entry point of {name}",
        "command": command,
        "startup": "enabled",
        "environment": environment,
    }
    check = {"override": "replace", "period": "30s", **check}
    return {"services": {name: service}, "checks": {f"{name}-ready": check}}


if __name__ == "__main__":
    ops.main(KubeflowProfilesCharm)
