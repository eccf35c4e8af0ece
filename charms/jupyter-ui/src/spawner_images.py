# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The images that are offered by default, the first of each at first.

Source: the lists in the published jupyter-ui charm, 1.10.
"""

from __future__ import annotations

JUPYTER = (
    "charmedkubeflow/jupyter-scipy:1.10.0-0be57a5",
    "docker.io/charmedkubeflow/jupyter-pytorch-full:v1.10.0-d7721a2",
    "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-cuda-full:v1.10.0",
    "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-gaudi-full:v1.10.0",
    "charmedkubeflow/jupyter-tensorflow-full:1.10.0-448e378",
    "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-tensorflow-cuda-full:v1.10.0",
)
VSCODE = ("charmedkubeflow/codeserver-python:1.10.0-55dcdeb",)
RSTUDIO = ("charmedkubeflow/rstudio-tidyverse:v1.10.0-9a7bded",)
