# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's configuration: what its controller reads at its start, and what at each use.

One model of both. The file has the part `init`, which is read once; the ConfigMap `katib-config`
has all of it, of which the part `runtime` is read whenever a suggestion or a trial is made.

Source: pkg/apis/config/v1beta1/types.go of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

import json
from typing import Any

import katib_resources
from katib_images import Images
from katib_resources import Named, Resources

WEBHOOK_PORT = 8443
HEALTH_PORT = 18080

LEASE = "3fbc96e9.katib.kubeflow.org"
"""By which the units elect the one whose controllers work; Katib's own default."""

TRIAL_KINDS = (
    "TrainJob.v1alpha1.trainer.kubeflow.org",
    "Job.v1.batch",
    "TFJob.v1.kubeflow.org",
    "PyTorchJob.v1.kubeflow.org",
    "MPIJob.v1.kubeflow.org",
    "XGBoostJob.v1.kubeflow.org",
)
"""The kinds that a trial can be: kind, version and group."""

ALGORITHMS = (
    "random",
    "tpe",
    "grid",
    "hyperband",
    "bayesianoptimization",
    "cmaes",
    "sobol",
    "multivariate-tpe",
    "enas",
    "darts",
    "pbt",
)
EARLY_STOPPING = ("medianstop",)
COLLECTORS = {"StdOut": "stdout", "File": "file", "TensorFlowEvent": "tensorflow_event"}
"""Kinds of collectors, and the last part of the names of their images."""

_OWN: dict[str, Resources] = {
    "TensorFlowEvent": {"limits": {"memory": "1Gi"}},
    "enas": {"limits": {"memory": "400Mi"}},
}
"""Resources that upstream's configuration gives to what needs more than Katib's defaults."""

_PBT_VOLUME = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}}
"""Population based training keeps checkpoints that all its trials share."""


def config(
    images: Images, metrics_port: int, suggestions: Named, collectors: Named
) -> dict[str, Any]:
    """Return the whole configuration.

    Args:
        images: all images, by name.
        metrics_port: where the controller serves its metrics.
        suggestions: resources of suggestion and early stopping services, by algorithm.
        collectors: resources of metrics collectors, by kind.
    """
    return {
        "apiVersion": "config.kubeflow.org/v1beta1",
        "kind": "KatibConfig",
        "init": {"controller": _controller(metrics_port)},
        "runtime": {
            "metricsCollectors": [
                {
                    "kind": kind,
                    "image": images[f"metrics_collector_sidecar__{name}"],
                    **_resources(collectors, kind),
                }
                for kind, name in COLLECTORS.items()
            ],
            "suggestions": [_suggestion(name, images, suggestions) for name in ALGORITHMS],
            "earlyStoppings": [
                {
                    "algorithmName": name,
                    "image": images[f"early_stopping__{name}"],
                    **_resources(suggestions, name),
                }
                for name in EARLY_STOPPING
            ],
        },
    }


def init_file(whole: dict[str, Any]) -> str:
    """Return the text of the file that is read at the start, without the part read at each use."""
    return text({key: value for key, value in whole.items() if key != "runtime"})


def text(data: dict[str, Any]) -> str:
    """Return the configuration as text; JSON is YAML that means the same to every parser."""
    return json.dumps(data, indent=2) + "\n"


def _controller(metrics_port: int) -> dict[str, Any]:
    return {
        "webhookPort": WEBHOOK_PORT,
        "metricsAddr": f":{metrics_port}",
        "healthzAddr": f":{HEALTH_PORT}",
        "enableLeaderElection": True,
        "leaderElectionID": LEASE,
        "trialResources": list(TRIAL_KINDS),
    }


def _suggestion(name: str, images: Images, resources: Named) -> dict[str, Any]:
    image = images[f"suggestion__{name.replace('-', '_')}"]
    volume = {"persistentVolumeClaimSpec": _PBT_VOLUME} if name == "pbt" else {}
    return {"algorithmName": name, "image": image, **_resources(resources, name), **volume}


def _resources(resources: Named, name: str) -> dict[str, Resources]:
    wanted = katib_resources.chosen(resources, name, _OWN.get(name, {}))
    return {"resources": wanted} if wanted else {}
