# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the profile controller and the access management API are run, and whom they believe.

Source: main.go of components/profile-controller and components/access-management, Kubeflow 1.10.
"""

from __future__ import annotations

from collections.abc import Mapping

from charmkit import pebble
from kubeflow_profiles_options import KFAM_PORT, PROBE_PORT

_USERS = '-userid-header kubeflow-userid -userid-prefix ""'


def principals(model: str, activator: str) -> dict[str, str]:
    """Return the two that both programs believe which user a request is from.

    kfp-ui, after which the second variable is called, is not in the mesh and has no principal
    there. Knative's activator has one, and owners and contributors come by it too.

    Args:
        model: the model's name.
        activator: the activator's principal, or nothing.
    """
    gateway = _principal(model, "istio-ingressgateway-workload-service-account")
    return {
        "ISTIO_INGRESS_GATEWAY_PRINCIPAL": gateway,
        "KFP_UI_PRINCIPAL": activator or _principal(model, "kfp-ui"),
    }


def controller_layer(port: int, principals: Mapping[str, str], model: str) -> pebble.Layer:
    """Return the Pebble layer of the profile controller.

    Args:
        port: where it serves metrics.
        principals: see `principals`.
        model: the model's name.
    """
    notebooks = {"NOTEBOOK_CONTROLLER_PRINCIPAL": _principal(model, "jupyter-controller")}
    command = f"/manager {_USERS} -metrics-bind-address :{port} -leader-elect"
    environment = {**principals, **notebooks}
    return _layer("kubeflow-profiles", command, environment, PROBE_PORT, "/readyz")


def kfam_layer(principals: Mapping[str, str]) -> pebble.Layer:
    """Return the Pebble layer of the access management API.

    Args:
        principals: see `principals`.
    """
    command = f"/access-management -cluster-admin admin {_USERS}"
    return _layer("kubeflow-kfam", command, principals, KFAM_PORT, "/metrics")


def _principal(model: str, service_account: str) -> str:
    return f"cluster.local/ns/{model}/sa/{service_account}"


def _layer(
    name: str, command: str, environment: Mapping[str, str], port: int, path: str
) -> pebble.Layer:
    summary, checks = f"entry point of {name}", [pebble.http_check(port, path)]
    return pebble.layer(name, command, summary=summary, environment=environment, checks=checks)
