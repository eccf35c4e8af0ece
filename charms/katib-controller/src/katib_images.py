# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The images that Katib's controller puts into pods of users, by their names in `custom_images`.

Source: src/default-custom-images.json of the published katib-controller 0.19.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from charmkit import names, yaml_text

_UPSTREAM = "ghcr.io/kubeflow/katib"
_ROCKS = "docker.io/charmedkubeflow"

DEFAULTS = {
    "default_trial_template": f"{_UPSTREAM}/pytorch-mnist-cpu:v0.19.0",
    "default_trial_template_enas": f"{_UPSTREAM}/enas-cnn-cifar10-cpu:v0.19.0",
    "default_trial_template_pytorch": f"{_UPSTREAM}/pytorch-mnist-cpu:v0.19.0",
    "early_stopping__medianstop": f"{_ROCKS}/earlystopping-medianstop:v0.19.0-5230dd9",
    "metrics_collector_sidecar__stdout": f"{_UPSTREAM}/file-metrics-collector:v0.19.0",
    "metrics_collector_sidecar__file": f"{_UPSTREAM}/file-metrics-collector:v0.19.0",
    "metrics_collector_sidecar__tensorflow_event": (
        f"{_UPSTREAM}/tfevent-metrics-collector:v0.19.0"
    ),
    "suggestion__random": f"{_UPSTREAM}/suggestion-hyperopt:v0.19.0",
    "suggestion__tpe": f"{_ROCKS}/suggestion-hyperopt:v0.19.0-af05cdb",
    "suggestion__grid": f"{_ROCKS}/suggestion-optuna:v0.19.0-73b6b15",
    "suggestion__hyperband": f"{_ROCKS}/suggestion-hyperband:v0.19.0-d6cac4d",
    "suggestion__bayesianoptimization": f"{_ROCKS}/suggestion-skopt:v0.19.0-407f1a2",
    "suggestion__cmaes": f"{_ROCKS}/suggestion-goptuna:v0.19.0-3f14187",
    "suggestion__sobol": f"{_ROCKS}/suggestion-goptuna:v0.19.0-3f14187",
    "suggestion__multivariate_tpe": f"{_ROCKS}/suggestion-optuna:v0.19.0-73b6b15",
    "suggestion__enas": f"{_ROCKS}/suggestion-enas:v0.19.0-cc9514e",
    "suggestion__darts": f"{_ROCKS}/suggestion-nas-darts:v0.19.0-aeb722e",
    "suggestion__pbt": f"{_ROCKS}/suggestion-pbt:v0.19.0-fa95782",
}

Images = Mapping[str, str]
"""The image for each name in `DEFAULTS`."""


def parse(raw: str | None) -> Images:
    """Return all images, with those of the option `custom_images` in place of the charm's.

    Raises:
        ValueError: naming what is not known, or is no image.
    """
    custom = yaml_text.load(raw or "")
    if custom is None:
        return DEFAULTS
    if not isinstance(custom, dict):
        raise ValueError("not a mapping")
    mapping = cast("dict[Any, Any]", custom)
    unknown = [str(name) for name in mapping if name not in DEFAULTS]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    chosen = {name: image for name, image in mapping.items() if image not in (None, "")}
    for name, image in chosen.items():
        if not isinstance(image, str) or not names.is_image(image):
            raise ValueError(f"{name} is not a container image")
    return DEFAULTS | chosen
