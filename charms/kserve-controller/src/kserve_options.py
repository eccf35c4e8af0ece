# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kserve-controller charm."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import serving_config
import serving_images
from charmkit import config, names, yaml_text
from serving_gateways import DEFAULT_DOMAIN

METRICS_PORT, PROBE_PORT = 8080, 8081

_RESOURCE = re.compile(r"[a-z0-9.-]+/[A-Za-z0-9][A-Za-z0-9._-]*")
_TOLERATION = {
    "key": str,
    "operator": str,
    "value": str,
    "effect": str,
    "tolerationSeconds": int,
}


def _mode(raw: str) -> str:
    mode = serving_config.MODES.get(raw.lower())
    if mode is None:
        raise ValueError(raw)
    return mode


def _domain(raw: str) -> str:
    if not names.is_subdomain(raw):
        raise ValueError(raw)
    return "" if raw == DEFAULT_DOMAIN else raw


def _port(raw: int) -> int:
    if not 1024 <= raw <= 65535 or raw in (METRICS_PORT, PROBE_PORT):
        raise ValueError(raw)
    return raw


def _resources(raw: str | None) -> tuple[str, ...]:
    found = tuple(item.strip() for item in (raw or "").split(",") if item.strip())
    for item in found:
        if not _RESOURCE.fullmatch(item):
            raise ValueError(item)
    return found


def _selector(raw: str | None) -> dict[str, str]:
    given = yaml_text.load(raw or "") or {}
    if not isinstance(given, dict):
        raise ValueError("not a mapping")
    for key, value in given.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError(f"{key}: {value} is not text; put it in quotes")
    return given


def _toleration(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError("not a mapping")
    for key, value in entry.items():
        if key not in _TOLERATION:
            raise ValueError(f"no field {key}")
        if not isinstance(value, _TOLERATION[key]) or isinstance(value, bool):
            raise ValueError(f"{key} is not {_TOLERATION[key].__name__}")
    return entry


@dataclasses.dataclass(frozen=True)
class KserveConfig:
    """The options, parsed. What stands at its default and may follow a relation is empty."""

    ca_certificates: str = config.ca_bundle()
    custom_images: dict[str, str] = config.custom(
        serving_images.parse_images,
        "YAML, images by name",
        invalid_example="[",
        name="custom_images",
    )
    custom_users: dict[str, int] = config.custom(
        serving_images.parse_users,
        "YAML, numbers by name",
        invalid_example="[",
        name="custom_users",
    )
    deployment_mode: str = config.custom(
        _mode, "serverless, knative, rawdeployment or standard", invalid_example="modelmesh"
    )
    disable_ingress_creation: bool = config.boolean()
    domain_name: str = config.custom(_domain, "a DNS domain", invalid_example=".")
    gpu_node_selector: dict[str, str] = config.custom(
        _selector, "YAML, labels of nodes", invalid_example="[1]"
    )
    gpu_resource_types: tuple[str, ...] = config.custom(
        _resources, "names of resources, separated by commas", invalid_example="gpu"
    )
    gpu_tolerations: tuple[dict[str, Any], ...] = config.yaml_list(_toleration, "tolerations")
    http_proxy: str = config.url()
    https_proxy: str = config.url()
    mount_service_account_token: bool = config.boolean()
    no_proxy: str = config.text()
    port: int = config.custom(
        _port, f"a port from 1024 to 65535, not {METRICS_PORT} or {PROBE_PORT}", invalid_example=80
    )
