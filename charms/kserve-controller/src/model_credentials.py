# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What people's namespaces get for the download of models: a Secret and an account that names it.

Their names are part of what people write into notebooks: an InferenceService names the account.

Source: kserve 0.15, pkg/credentials/s3/s3_secret.go.
"""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from charmkit import object_store
from charmkit.interfaces import kubernetes_manifest
from charmkit.object_store import ObjectStore

GROUP = "serving.kserve.io"


class ModelStore(charmkit.Component):
    """The object store of models, and what people's namespaces get to read from it.

    Args:
        charm: the charm; Secret and account are called as its application, with `-s3`.
    """

    def __init__(self, charm: ops.CharmBase) -> None:
        super().__init__(charm)
        self._name = f"{charm.app.name}-s3"
        self._relation = object_store.ObjectStoreRelation(charm, required=False)
        self.parts = (
            self._relation,
            kubernetes_manifest.Requirer(charm, "secrets", data=self._secrets),
            kubernetes_manifest.Requirer(charm, "service-accounts", data=self._accounts),
        )

    def get_or_none(self) -> ObjectStore | None:
        """Return the object store; one that is not ready is none, and has a status of its own."""
        try:
            return self._relation.get_or_none()
        except charmkit.NotReady:
            return None

    def _secrets(self) -> kubernetes_manifest.Manifests:
        store = self.get_or_none()
        return kubernetes_manifest.Manifests((secret(self._name, store),) if store else ())

    def _accounts(self) -> kubernetes_manifest.Manifests:
        made = (account(self._name),) if self.get_or_none() else ()
        return kubernetes_manifest.Manifests(made)


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
