#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Profiles: a namespace for each user, and who may enter it."""

from __future__ import annotations

import charmkit
import ops
import profile_namespaces
import profiles_programs
from charmkit import observability
from charmkit.interfaces import k8s_service, serving_local_gateway
from charmkit.kubeflow import network_policy
from kubeflow_profiles_options import KFAM_PORT, ProfilesConfig


class KubeflowProfilesCharm(ops.CharmBase):
    """Runs the controller and the API on every unit; the controllers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ProfilesConfig))
        self.local_gateway = add(serving_local_gateway.Requirer(self))
        add(charmkit.Manifests(self, purge="profiles"))
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

    def _principals(self) -> dict[str, str]:
        return profiles_programs.principals(self.model.name, self.local_gateway.activator())

    def _profiles_files(self) -> dict[str, str]:
        labels = profile_namespaces.labels_file(self._security_policy())
        return {profile_namespaces.LABELS_PATH: labels}

    def _profiles_layer(self) -> charmkit.Layer:
        port = self.options.get().manager_port
        return profiles_programs.controller_layer(port, self._principals(), self.model.name)

    def _kfam_layer(self) -> charmkit.Layer:
        return profiles_programs.kfam_layer(self._principals())

    def _jobs(self) -> list[observability.Job]:
        port = self.options.get().manager_port
        return [
            observability.job(port, job_name="profile-controller"),
            observability.job(KFAM_PORT, job_name="kfam"),
        ]


if __name__ == "__main__":
    ops.main(KubeflowProfilesCharm)
