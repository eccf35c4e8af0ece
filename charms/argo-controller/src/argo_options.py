# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the argo-controller charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import argo_steps
from charmkit import config, quantities

POD_GC = ("OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess", "never")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
POD_FIELDS = {"nodeSelector": dict, "tolerations": list, "affinity": dict, "runtimeClassName": str}
"""Fields of a pod's spec by which it gets a place, and what each is."""


def placement(entry: Any) -> argo_steps.Placement:
    """Parse an entry of `gpu-placement`; raises ValueError saying what is wrong with it."""
    if not isinstance(entry, dict):
        raise ValueError("not a mapping")
    unknown = sorted(set(entry) - {*POD_FIELDS, "resources", "limits"})
    if unknown:
        raise ValueError(f"{unknown[0]} is none of {', '.join(POD_FIELDS)}, resources, limits")
    names = entry.get("resources")
    if not isinstance(names, list) or not names:
        raise ValueError("resources is not a list of names")
    for name in names:
        if not isinstance(name, str) or "/" not in name:
            raise ValueError(f"resources: {name} is not <domain>/<name>")
    limits = quantities.parse_amounts("limits", entry.get("limits"))
    return argo_steps.Placement(tuple(names), _pod(entry), limits)


def _pod(entry: dict[str, Any]) -> dict[str, Any]:
    given = {name: entry[name] for name in POD_FIELDS if entry.get(name) is not None}
    for name, value in given.items():
        if not isinstance(value, POD_FIELDS[name]):
            raise ValueError(f"{name} is not a {POD_FIELDS[name].__name__}")
    for key, value in given.get("nodeSelector", {}).items():
        if not isinstance(value, str):
            raise ValueError(f"nodeSelector.{key} is not text")
    for index, item in enumerate(given.get("tolerations", [])):
        if not isinstance(item, dict):
            raise ValueError(f"tolerations[{index}] is not a mapping")
    return {name: value for name, value in given.items() if value}


@dataclasses.dataclass(frozen=True)
class ArgoConfig:
    """The options, parsed."""

    bucket: str = config.bucket()
    key_format: str = config.text(required=True)
    executor_image: str = config.image()
    kubelet_insecure: bool = config.boolean()
    archive_logs: bool = config.boolean()
    executor_resources: Mapping[str, Any] = config.resources()
    executor_pull_policy: str = config.one_of(*PULL_POLICIES)
    workflow_ttl: int = config.integer(0, 10**9)
    pod_gc: str = config.one_of(*POD_GC)
    pod_gc_delay: int = config.integer(0, 10**9)
    run_as_user: int = config.integer(0, 2**31 - 1)
    parallelism: int = config.integer(0, 10**6)
    namespace_parallelism: int = config.integer(0, 10**6)
    qps: int = config.integer(1, 10**4)
    burst: int = config.integer(1, 10**4)
    log_level: str = config.one_of("debug", "info", "warn", "error")
    gpu_placement: tuple[argo_steps.Placement, ...] = config.yaml_list(
        placement, "placements of GPU steps"
    )

    def defaults(self, *, has_ca: bool) -> argo_steps.Defaults:
        """Return what is the same for all workflows."""
        return argo_steps.Defaults(
            ttl=self.workflow_ttl,
            pod_gc="" if self.pod_gc == "never" else self.pod_gc,
            pod_gc_delay=self.pod_gc_delay,
            run_as_user=self.run_as_user,
            placements=self.gpu_placement,
            has_ca=has_ca,
        )

    def command(self, config_map: str) -> str:
        """Return the command line of the controller."""
        return (
            f"workflow-controller --configmap {config_map}"
            f" --executor-image {self.executor_image} --loglevel {self.log_level}"
            f" --qps {self.qps} --burst {self.burst}"
        )
