"""How Katib's controller is run.

Source: cmd/katib-controller and pkg/controller.v1beta1/consts of github.com/kubeflow/katib,
v0.19.0.
"""

from __future__ import annotations

CERTIFICATES = "/tmp/cert"  # noqa: S108  where the controller looks
CONFIG = "/katib-config/katib-config.yaml"
COMMAND = f"./katib-controller --katib-config={CONFIG}"


def environment(model: str, service: str, port: str, kinds: str) -> dict[str, str]:
    """Return the controller's environment.

    Args:
        model: the model's name.
        service: the name of the Service that keeps measurements, alone or with its namespace.
        port: its port.
        kinds: the kinds of trials that are defined. The controller does not read this: it looks
            for them at its start alone, and one that comes later restarts it.
    """
    host, _, namespace = service.partition(".")
    return {
        "KATIB_CORE_NAMESPACE": model,
        "KATIB_DB_MANAGER_SERVICE_IP": host,
        "KATIB_DB_MANAGER_SERVICE_NAMESPACE": namespace or model,
        "KATIB_DB_MANAGER_SERVICE_PORT": port,
        "TRIAL_KINDS": kinds,
    }
