# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What KServe's webhook makes of an account's Secret and of its configuration for a download.

Source: kserve 0.15, pkg/credentials/s3/utils.go and s3_secret.go, and
pkg/webhook/admission/pod/storage_initializer_injector.go.
"""

from __future__ import annotations

import base64
from typing import Any

GROUP = "serving.kserve.io"
COPIED = "global-ca-bundle"
"""The ConfigMap in users' namespaces."""

ANNOTATED = {
    "s3-verifyssl": "S3_VERIFY_SSL",
    "s3-useanoncredential": "awsAnonymousCredential",
    "s3-region": "AWS_DEFAULT_REGION",
    "s3-usevirtualbucket": "S3_USER_VIRTUAL_BUCKET",
    "s3-useaccelerate": "S3_USE_ACCELERATE",
    "s3-cabundle": "AWS_CA_BUNDLE",
    "s3-cabundle-configmap": "AWS_CA_BUNDLE_CONFIGMAP",
}


def credentials(secret: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Return the variables by which the store is reached.

    Args:
        secret: The Secret that the account names.
        names: The section `s3` of the configuration's `credentials`.
    """
    keys = {
        "AWS_ACCESS_KEY_ID": names["s3AccessKeyIDName"],
        "AWS_SECRET_ACCESS_KEY": names["s3SecretAccessKeyName"],
    }
    found = {name: base64.b64decode(secret["data"][key]).decode() for name, key in keys.items()}
    about = secret["metadata"]["annotations"]
    endpoint, https = about[f"{GROUP}/s3-endpoint"], about.get(f"{GROUP}/s3-usehttps")
    scheme = "http" if https == "0" else "https"
    told = {name: about.get(f"{GROUP}/{key}") for key, name in ANNOTATED.items()}
    return {
        **found,
        "S3_ENDPOINT": endpoint,
        "AWS_ENDPOINT_URL": f"{scheme}://{endpoint}",
        **({"S3_USE_HTTPS": https} if https else {}),
        **{name: value for name, value in told.items() if value},
    }


def authorities(settings: dict[str, Any]) -> dict[str, str]:
    """Return the variables that say where the authorities are; none without any.

    Args:
        settings: The section `storageInitializer` of the configuration.
    """
    if not settings["caBundleConfigMapName"]:
        return {}
    return {
        "CA_BUNDLE_CONFIGMAP_NAME": COPIED,
        "CA_BUNDLE_VOLUME_MOUNT_POINT": settings["caBundleVolumeMountPath"],
    }
