# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How KServe's manager is run, and what it looks for when it starts.

Source: kserve 0.15, cmd/manager/main.go and the `SetupWithManager` of its controllers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import charmkit
import ops
import serving_config
from charmkit import kube
from charmkit.kubeflow import controller

DEFINITION = kube.Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", namespaced=False)

RESTART_KEY = "CHARM_RESTART_KEY"
"""The manager does not read it: a change of it is a change of the plan, and restarts it."""

LOOKED_FOR = (
    "opentelemetrycollectors.opentelemetry.io",
    "scaledobjects.keda.sh",
    "services.serving.knative.dev",
    "virtualservices.networking.istio.io",
)
"""Definitions of resources that the manager works with only if they are there when it starts."""

ROUTES = "httproutes.gateway.networking.k8s.io"
"""The definition that it ends without, if its gateway is one of the Gateway API."""


class Manager:
    """How the manager of this unit is run.

    Args:
        charm: the charm.
        container: its container, and its service's name.
        is_defined: tells of a resource definition whether it is there.
    """

    def __init__(
        self, charm: ops.CharmBase, container: str, is_defined: Callable[[str], bool]
    ) -> None:
        self._model = charm.model.name
        self._kube = kube.Kube(charm)
        self._name = container
        self._container = charm.unit.get_container(container)
        self._is_defined = is_defined

    def layer(self, configuration: Mapping[str, Any], port: int) -> charmkit.Layer:
        """Return the Pebble layer.

        Args:
            configuration: KServe's configuration, by its keys.
            port: where the webhooks are served.

        Raises:
            charmkit.Waiting: if the manager would not start.
        """
        command = (
            f"/manager --metrics-addr=:{controller.METRICS_PORT}"
            f" --health-probe-addr=:{controller.PROBE_PORT}"
            f" --webhook-port={port} --leader-elect"
        )
        environment = {
            "POD_NAMESPACE": self._model,
            "SECRET_NAME": "kserve-webhook-server-cert",
            RESTART_KEY: self._restart_key(configuration),
        }
        return controller.layer(self._name, "KServe's manager", command, environment)

    def _restart_key(self, configuration: Mapping[str, Any]) -> str:
        """The key; while the cluster does not tell, that of the manager that runs."""
        running = self._running_key()
        try:
            defined = [name for name in (*LOOKED_FOR, ROUTES) if self._is_defined(name)]
            if serving_config.restart_key(configuration, defined) != running:
                # One that comes is there before it is served, when the manager would miss it.
                defined = [name for name in defined if self._kube.serves(name)]
        except charmkit.NotReady:
            return running
        if configuration["ingress"]["enableGatewayApi"] and ROUTES not in defined:
            raise charmkit.Waiting("waiting for the Gateway API's resource definitions")
        return serving_config.restart_key(configuration, defined)

    def _running_key(self) -> str:
        running = self._container.get_plan().services.get(self._name)
        return running.environment.get(RESTART_KEY, "") if running else ""
