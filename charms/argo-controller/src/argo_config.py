# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The ConfigMap that the workflow controller reads: each key holds YAML, and JSON is YAML.

Source of the fields: argo-workflows v3.7.3, config/config.go and
pkg/apis/workflow/v1alpha1/workflow_types.go (ArtifactRepository, S3Bucket).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NAME = "argo-workflow-controller-configmap"
KEYS_SECRET = "mlpipeline-minio-artifact"  # noqa: S105  the name of a Secret
"""The Secret with the keys of the object store, in the model and in each profile's namespace."""

CA_KEY = "ca.crt"
"""Where the CA of the object store stands in that Secret, if it has one of its own."""

Object = dict[str, Any]


def artifact_repository(
    *,
    endpoint: str,
    bucket: str,
    region: str,
    key_format: str,
    insecure: bool,
    archive_logs: bool,
    has_ca: bool,
) -> Object:
    """Return where artifacts and logs of steps go.

    Args:
        endpoint: host and port of the object store.
        bucket: the bucket.
        region: its region.
        key_format: the key of a step's artifacts, with Argo's variables.
        insecure: whether it speaks no TLS.
        archive_logs: whether logs are kept.
        has_ca: whether the Secret has the CA of its certificate.
    """
    store: Object = {
        "endpoint": endpoint,
        "bucket": bucket,
        "region": region,
        "keyFormat": key_format,
        "insecure": insecure,
        "accessKeySecret": {"name": KEYS_SECRET, "key": "accesskey"},
        "secretKeySecret": {"name": KEYS_SECRET, "key": "secretkey"},
    }
    if has_ca:
        store["caSecret"] = {"name": KEYS_SECRET, "key": CA_KEY}
    return {"archiveLogs": archive_logs, "s3": store}


def executor(resources: Object, pull_policy: str, security_context: Object) -> Object:
    """Return what the containers get that Argo puts into each pod."""
    fields = {"imagePullPolicy": pull_policy, "resources": resources}
    return fields | ({"securityContext": security_context} if security_context else {})


def data(
    *,
    repository: Object,
    executor: Object,
    main_container: Object,
    workflow_spec: Object,
    limits: Mapping[str, int],
) -> dict[str, str]:
    """Return the data of the ConfigMap.

    Args:
        repository: see `artifact_repository`.
        executor: see `executor`.
        main_container: what each step's own container gets.
        workflow_spec: what each workflow's spec gets.
        limits: the keys `parallelism` and `namespaceParallelism`; 0 is no limit.
    """
    fields: Object = {
        "artifactRepository": repository,
        "executor": executor,
        "mainContainer": main_container,
        "metricsConfig": {"enabled": True, "path": "/metrics", "port": 9090, "secure": False},
        "workflowDefaults": {"spec": workflow_spec} if workflow_spec else {},
        **limits,
    }
    return {name: json.dumps(value, sort_keys=True) for name, value in fields.items() if value}
