# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the manifests of the charm hold: definitions, configuration, templates, webhooks."""

from __future__ import annotations

import pathlib
from typing import Any

import katib_config
import katib_schemas
import katib_trial_templates
from katib_options import KatibControllerConfig

POD_LABELS = {
    "mutator.pod": "batch.kubernetes.io/job-name",
    "mutator.training-pod": "training.kubeflow.org/job-name",
}
"""The webhooks for pods of trials, and the label by which each knows them: pods of Jobs, and those
of training jobs."""


def config(options: KatibControllerConfig) -> dict[str, Any]:
    """Return Katib's whole configuration."""
    return katib_config.config(
        options.custom_images,
        options.metrics_port,
        options.suggestion_resources,
        options.metrics_collector_resources,
    )


def context(options: KatibControllerConfig, charm_dir: pathlib.Path) -> dict[str, Any]:
    """Return the variables of the manifests.

    Args:
        options: the charm's options.
        charm_dir: where the charm's files are.
    """
    templates = katib_trial_templates.templates(
        options.custom_images, options.trial_templates, charm_dir
    )
    return {
        "schemas": katib_schemas.schemas,
        "config": katib_config.text(config(options)),
        "trial_templates": templates,
        "webhook_port": options.webhook_port,
        "pod_labels": POD_LABELS,
        "pod_failure_policy": options.pod_webhook_failure_policy,
    }
