# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the Knative operator says of the components that it is asked for, where there is none.

Source: knative.dev/operator 1.16.0, pkg/apis/operator/v1beta1 and cmd/operator/kodata.
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

NEWEST = {
    "KnativeEventing": {"1.13": "1.13.8", "1.14": "1.14.7", "1.15": "1.15.3", "1.16": "1.16.0"},
    "KnativeServing": {"1.13": "1.13.2", "1.14": "1.14.2", "1.15": "1.15.2", "1.16": "1.16.0"},
}
"""By component, the newest patch of each release that the operator ships."""


def version(obj: Object) -> str:
    """Return the version that is asked for: of a release alone, its newest patch."""
    wanted = str(at(obj, "spec", "version"))
    return NEWEST[str(obj["kind"])].get(wanted, wanted)


def status(obj: Object) -> Object:
    """Return the status of a component that is installed as it is asked for, and ready."""
    return {
        "conditions": [{"type": name, "status": "True"} for name in CONDITIONS],
        "version": version(obj),
    }


def is_reported(obj: Object) -> bool:
    """Whether the status is of the component as it is asked for now."""
    return at(obj, "status", "version") == version(obj)
