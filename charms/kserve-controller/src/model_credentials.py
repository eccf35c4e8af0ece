"""What people's namespaces get for the download of models: a Secret and an account that names it.

Their names are part of what people write into notebooks: an InferenceService names the account.

Source: kserve 0.15, pkg/credentials/s3/s3_secret.go.
"""

from __future__ import annotations

import dataclasses
from typing import Any

GROUP = "serving.kserve.io"


@dataclasses.dataclass(frozen=True)
class Store:
    """An object store.

    Args:
        host: its host and port.
        is_secure: whether it is reached by TLS; its certificate is verified then.
        region: its region.
        access_key: the key's name.
        secret_key: the key.
    """

    host: str
    is_secure: bool
    region: str
    access_key: str
    secret_key: str = dataclasses.field(repr=False)


def secret(name: str, store: Store) -> dict[str, Any]:
    """Return the Secret, with the keys and, in annotations, where the store is."""
    annotations = {
        f"{GROUP}/s3-endpoint": store.host,
        f"{GROUP}/s3-usehttps": "1" if store.is_secure else "0",
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
