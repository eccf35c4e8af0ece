# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the pages and other charms of pipelines must agree on, compared in the cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ops
from charmkit import Blocked, Component, Manifests, kube
from charmkit.object_store import ObjectStore
from kfp_ui_options import KfpUiConfig

_DECORATOR = kube.Kind("metacontroller.k8s.io/v1alpha1", "DecoratorController", namespaced=False)

CONFIG_MAP = kube.Kind("v1", "ConfigMap", namespaced=True)

ARGO = "argo-workflow-controller-configmap"
"""Argo's configuration, which argo-controller keeps in the model."""

PROFILES = "kubeflow-pipelines-profile-controller"
"""What makes the servers of artifacts in profiles, which kfp-profile-controller keeps."""

PROXY_ANNOTATION = "charmed-kubeflow.io/artifact-proxy"
"""Whether it makes them, `true` or `false`."""


class Agreement(Component):
    """Says which option differs from argo-controller's or kfp-profile-controller's.

    The pages work all the same, but look for logs or artifacts in the wrong place.

    Args:
        charm: the charm.
        config: returns the options.
        store: returns the object store.
        manifests: lists the model's ConfigMaps.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        *,
        config: Callable[[], KfpUiConfig],
        store: Callable[[], ObjectStore],
        manifests: Manifests,
    ) -> None:
        super().__init__(charm)
        self._config = config
        self._store = store
        self._manifests = manifests
        self._kube = kube.Kube(charm)

    def status(self) -> ops.StatusBase:
        """Return Blocked with the option to change."""
        if self.charm.unit.is_leader():
            config = self._config()
            argo = self._manifests.get_live(CONFIG_MAP, ARGO)
            check_logs(config, self._store().bucket, argo)
            check_proxy(config, self._kube.get(_DECORATOR, PROFILES))
        return ops.ActiveStatus()


def check_logs(config: KfpUiConfig, bucket: str, argo: kube.Object | None) -> None:
    """Compare where logs are archived and where they are looked for.

    Args:
        config: the options.
        bucket: the bucket that is in use here.
        argo: Argo's configuration, if it is there.

    Raises:
        Blocked: naming the option that differs.
    """
    archive = _archive(argo)
    for option, ours, theirs in (
        ("bucket", bucket, archive.get("bucket")),
        ("key-format", _squeezed(config.key_format), _squeezed(archive.get("keyFormat"))),
    ):
        if theirs and theirs != ours:
            raise Blocked(f"option {option} differs from argo-controller's: {theirs}")


def check_proxy(config: KfpUiConfig, profiles: kube.Object | None) -> None:
    """Compare whether profiles have servers of artifacts and whether they are asked.

    Raises:
        Blocked: if they differ.
    """
    annotations = (profiles or {}).get("metadata", {}).get("annotations") or {}
    theirs = annotations.get(PROXY_ANNOTATION)
    if theirs and theirs != str(config.artifact_proxy).lower():
        raise Blocked(f"option artifact-proxy differs from kfp-profile-controller's: {theirs}")


def _archive(argo: kube.Object | None) -> dict[str, Any]:
    try:
        repository = json.loads(((argo or {}).get("data") or {})["artifactRepository"])
        return dict(repository["s3"])
    except (KeyError, TypeError, ValueError):
        # A published charm writes it as YAML that is no JSON.
        return {}


def _squeezed(text: str | None) -> str:
    """Return a key format as its readers take it, without white space."""
    return "".join((text or "").split())
