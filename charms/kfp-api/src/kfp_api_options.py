# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-api charm."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

import charmkit
from charmkit import config, yaml_text

GRPC_PORT = 8887
"""Where the steps of pipelines ask, whatever the options say; it is built into them.

Source: backend/src/v2/config/env.go in github.com/kubeflow/pipelines, version 2.15.0.
"""

HTTP_PORT = 8888
"""Where clients of the API ask by default."""

CACHE_IMAGE = "ghcr.io/containerd/busybox"

_DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+")


def log_level() -> Any:
    """An option with the levels of logrus, which all programs of pipelines log with."""
    return config.one_of("panic", "fatal", "error", "warn", "warning", "info", "debug", "trace")


def _matching(pattern: re.Pattern[str], accepts: str, bad: str) -> Any:
    def parse(raw: str) -> str:
        if not pattern.fullmatch(raw or ""):
            raise ValueError(raw)
        return raw

    return config.custom(parse, accepts, invalid_example=bad)


def _spec_patch(raw: str) -> str:
    """Return the patch as JSON."""
    patch = yaml_text.load(raw or "") or {}
    if not isinstance(patch, Mapping):
        raise ValueError("not a mapping")
    if "podSpecPatch" in patch:
        raise ValueError("podSpecPatch is argo-controller's")
    return json.dumps(patch, sort_keys=True)


@dataclasses.dataclass(frozen=True)
class KfpApiConfig:
    """The options, parsed."""

    k8s_service_name: str = config.object_name("Service")
    grpc_port: int = config.port(text=True)
    http_port: int = config.port(text=True)
    log_archive_filename: str = config.text(required=True)
    log_archive_prefix: str = config.text(required=True)
    auto_update_default_version: bool = config.boolean()
    # Nothing reads it, see charmcraft.yaml.
    cache_image: str = config.one_of(CACHE_IMAGE)
    cache_enabled: bool = config.boolean()
    runner_sa: str = config.object_name("ServiceAccount")
    init_connection_timeout: str = _matching(_DURATION, "a duration such as 90s or 6m", "6")
    object_store_bucket_name: str = config.bucket()
    launcher_image: str = config.image()
    driver_image: str = config.image()
    log_level: str = log_level()
    http_proxy: str = config.url()
    https_proxy: str = config.url()
    no_proxy: str = config.text()
    require_namespace_for_pipelines: bool = config.boolean()
    workflow_spec_patch: str = config.custom(
        _spec_patch, "a YAML mapping of fields of a Workflow's spec", invalid_example="[]x"
    )

    def __post_init__(self) -> None:
        if self.grpc_port == HTTP_PORT:
            raise charmkit.InvalidConfig("grpc-port", f"a port other than {HTTP_PORT}")
        if self.http_port in (GRPC_PORT, self.grpc_port):
            accepts = f"a port other than {GRPC_PORT} and {self.grpc_port}"
            raise charmkit.InvalidConfig("http-port", accepts)
