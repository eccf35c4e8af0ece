# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The KnativeEventing that the operator is asked for.

Source: knative.dev/operator, release 1.16, pkg/apis/operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMESPACE = "knative-eventing"


def spec(version: str, images: Mapping[str, str], collector: str = "") -> dict[str, Any]:
    """Return the spec of the KnativeEventing.

    Args:
        version: the version to install.
        images: the images by deployment and container.
        collector: where metrics are sent, host and port; empty if nowhere.
    """
    observed = {
        "metrics.backend-destination": "opencensus",
        "metrics.opencensus-address": collector,
    }
    return {
        "version": version,
        "registry": {"override": dict(images)},
        **({"config": {"observability": observed}} if collector else {}),
    }
