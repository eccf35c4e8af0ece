# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the Knative operator says of the components that it is asked for, where there is none.

Source: knative.dev/operator, release 1.16, pkg/apis/operator/v1beta1.
"""

from .values import Object, at

MANAGER = "knative-operator"
"""Who the status belongs to."""

GROUP = "operator.knative.dev"
KINDS = ("KnativeEventing", "KnativeServing")
PLURALS = ("knativeeventings", "knativeservings")

CONDITIONS = (
    "DependenciesInstalled",
    "DeploymentsAvailable",
    "InstallSucceeded",
    "Ready",
    "VersionMigrationEligible",
)

NEWEST = {"1.13": "1.13.2", "1.14": "1.14.2", "1.15": "1.15.2", "1.16": "1.16.0"}
"""The newest patch of each release of Knative Serving that the operator ships."""


def status(obj: Object) -> Object:
    """Return the status of a component that is installed as it is asked for, and ready."""
    wanted = str(at(obj, "spec", "version"))
    return {
        "conditions": [{"type": name, "status": "True"} for name in CONDITIONS],
        "version": NEWEST.get(wanted, wanted),
    }


def is_reported(obj: Object) -> bool:
    """Whether the status is of the component as it is asked for now."""
    return at(obj, "status", "version") == status(obj)["version"]
