# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The configuration of the spawner page: what it offers, and what it chooses at first.

Its fields are those of the published charm's file, and of upstream's
components/crud-web-apps/jupyter/manifests/base/configs/spawner_ui_config.yaml, 1.10.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from spawner_options import SpawnerConfig

PATH = "/etc/config/spawner_ui_config.yaml"
"""Where the page's server reads it."""


def text(config: SpawnerConfig) -> str:
    """The configuration as the page's server reads it: JSON, in which text stays text."""
    return json.dumps({"spawnerFormDefaults": form_defaults(config)}, indent=2)


def form_defaults(config: SpawnerConfig) -> dict[str, Any]:
    """The parts of the form, each with what is chosen at first."""
    locked = {
        "imagePullPolicy": {"value": config.image_pull_policy},
        "cpu": {"value": config.cpu_default, "limitFactor": config.cpu_limit_factor},
        "memory": {"value": config.memory_default, "limitFactor": config.memory_limit_factor},
        "gpus": {"value": _gpus(config)},
        "workspaceVolume": {"value": config.workspace_volume},
        "dataVolumes": {"value": list(config.data_volumes)},
        "affinityConfig": {
            "value": config.affinity_options_default,
            "options": list(config.affinity_options),
        },
        "tolerationGroup": {
            "value": config.tolerations_options_default,
            "options": list(config.tolerations_options),
        },
        "shm": {"value": config.shared_memory},
        "configurations": {"value": list(config.default_poddefaults)},
        "environment": {"value": config.environment},
    }
    return {
        "allowCustomImage": config.allow_custom_image,
        "hideRegistry": config.hide_registry,
        "hideTag": config.hide_tag,
        "image": _images(config.jupyter_images),
        "imageGroupOne": _images(config.vscode_images),
        "imageGroupTwo": _images(config.rstudio_images),
        **{name: {"readOnly": name in config.read_only, **part} for name, part in locked.items()},
    }


def _images(offered: Sequence[str]) -> dict[str, Any]:
    """Images; the first is chosen."""
    return {"value": offered[0] if offered else "", "options": list(offered)}


def _gpus(config: SpawnerConfig) -> dict[str, Any]:
    return {
        "vendor": config.gpu_vendors_default,
        "vendors": list(config.gpu_vendors),
        "num": config.gpu_number_default or "none",
    }
