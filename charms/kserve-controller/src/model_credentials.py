"""What people's namespaces get for the download of models: a Secret and an account that names it.

Their names are part of what people write into notebooks: an InferenceService names the account.

Source: kserve 0.15, pkg/credentials/s3/s3_secret.go.
"""

from __future__ import annotations

from typing import Any

from charmkit.object_store import ObjectStore

GROUP = "serving.kserve.io"


def secret(name: str, store: ObjectStore) -> dict[str, Any]:
    """Return the Secret, with the keys and, in annotations, where the store is."""
    annotations = {
        f"{GROUP}/s3-endpoint": store.endpoint,
        f"{GROUP}/s3-usehttps": "1" if store.secure else "0",
        f"{GROUP}/s3-verifyssl": "1",
        f"{GROUP}/s3-region": store.region,
        f"{GROUP}/s3-useanoncredential": "false",
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "annotations": annotations},
        "type": "Opaque",
        "stringData": {
            "AWS_ACCESS_KEY_ID": store.access_key,
            "AWS_SECRET_ACCESS_KEY": store.secret_key,
        },
    }


def account(name: str) -> dict[str, Any]:
    """Return the ServiceAccount; the manager finds the Secret by it."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name},
        "secrets": [{"name": name}],
    }
