# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The kinds of training jobs, and what their definitions differ in.

Source: manifests/base/crds of github.com/kubeflow/training-operator, v1.9.0.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Job:
    """A kind of training job.

    Args:
        kind: its name.
        replica_specs: the field with the pods of each role.
        scalable: whether an autoscaler can change the number of its workers, a subresource.
        elastic: whether it can have an autoscaler of its own.
        validated: whether the operator has a webhook for it.
    """

    kind: str
    replica_specs: str
    scalable: bool = False
    elastic: bool = False
    validated: bool = True

    @property
    def singular(self) -> str:
        """The name in lower case, as in the webhook's path."""
        return self.kind.lower()

    @property
    def plural(self) -> str:
        """The name in URLs."""
        return f"{self.singular}s"


JOBS = (
    Job("JAXJob", "jaxReplicaSpecs", scalable=True),
    Job("MPIJob", "mpiReplicaSpecs", validated=False),
    Job("PaddleJob", "paddleReplicaSpecs", scalable=True, elastic=True),
    Job("PyTorchJob", "pytorchReplicaSpecs", scalable=True, elastic=True),
    Job("TFJob", "tfReplicaSpecs"),
    Job("XGBoostJob", "xgbReplicaSpecs"),
)
