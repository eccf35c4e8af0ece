# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The file browser that the page opens on a volume, as the spec of a PVCViewer.

The web app puts the variables of its environment and these in the place of `$` and their names:
NAME and PVC_NAME, both the volume's, and NAMESPACE. Source: backend/apps/common/viewer.py of the
volumes web app.
"""

from __future__ import annotations

from typing import Any

import yaml

PATH = "/etc/config/viewer-spec.yaml"
"""Where the web app reads the spec."""

IMAGE = "VOLUME_VIEWER_IMAGE"
"""The variable that has the browser's image."""

PORT = 8080
DIRECTORY = "/srv"
BASE = "/pvcviewers"
VOLUME = "viewer-volume"


def text() -> str:
    """The spec as the web app reads it."""
    return yaml.safe_dump(spec(), sort_keys=False)


def spec() -> dict[str, Any]:
    """The spec of a PVCViewer, with the variables in it."""
    return {
        "pvc": "$NAME",
        "podSpec": {
            # The account of a user's namespace that may change things in it.
            "serviceAccountName": "default-editor",
            "containers": [_browser()],
            "volumes": [{"name": VOLUME, "persistentVolumeClaim": {"claimName": "$NAME"}}],
        },
        "networking": {
            "targetPort": PORT,
            "basePrefix": BASE,
            "rewrite": "/",
            "timeout": "30s",
        },
        # A volume that only one node can mount is opened on the node where it is mounted.
        "rwoScheduling": True,
    }


def _browser() -> dict[str, Any]:
    return {
        "name": "main",
        "image": f"${IMAGE}",
        "env": [{"name": name, "value": value} for name, value in _settings().items()],
        "readinessProbe": {
            "tcpSocket": {"port": PORT},
            "initialDelaySeconds": 2,
            "periodSeconds": 10,
        },
        "volumeMounts": [{"name": VOLUME, "mountPath": DIRECTORY}],
        "workingDir": DIRECTORY,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _settings() -> dict[str, str]:
    """The settings of File Browser; who may open it is the gateway's to say."""
    return {
        "FB_ADDRESS": "0.0.0.0",  # noqa: S104  in a pod
        "FB_PORT": str(PORT),
        "FB_DATABASE": "/tmp/filebrowser.db",  # noqa: S108  in a pod
        "FB_NOAUTH": "true",
        "FB_BASEURL": f"{BASE}/$NAMESPACE/$NAME/",
    }
