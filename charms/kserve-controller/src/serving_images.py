# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The images of models' pods, and the users that they run as.

Sources: the defaults of the published charm of the same release; the users from the files that the
images are built by (rocks of Charmed Kubeflow run as `_daemon_`, whose number is 584792), and from
the published runtimes, which name 1000 for three of them. A number is needed: Kubernetes can't see
from a name that a user is not root.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from charmkit import yaml_text

DAEMON = 584792

_HUB = "docker.io/charmedkubeflow"
_AGENT = f"{_HUB}/kserve-agent:0.15.2-b6f5f3b"
_GPU = "ghcr.io/canonical/huggingfaceserver:0.15.2-gpu-66de825"

IMAGES = {
    "configmap__agent": _AGENT,
    "configmap__batcher": _AGENT,
    "configmap__explainers__art": f"{_HUB}/artexplainer:0.15.2-a4452de",
    "configmap__logger": _AGENT,
    "configmap__router": f"{_HUB}/kserve-router:0.15.2-dca19d1",
    "configmap__storageInitializer": f"{_HUB}/storage-initializer:0.15.2-8ecbed2",
    "serving_runtimes__huggingfaceserver": (
        "ghcr.io/canonical/huggingfaceserver:0.15.2-cpu-68c38cb"
    ),
    "serving_runtimes__huggingfaceserver__gpu": _GPU,
    "serving_runtimes__huggingfaceserver__multinode": _GPU,
    "serving_runtimes__kserve_mlserver": "docker.io/seldonio/mlserver:1.5.0",
    "serving_runtimes__lgbserver": f"{_HUB}/lgbserver:0.15.2-e1c439c",
    "serving_runtimes__paddleserver": f"{_HUB}/paddleserver:0.15.2-5442b3b",
    "serving_runtimes__pmmlserver": f"{_HUB}/pmmlserver:0.15.2-331628b",
    "serving_runtimes__sklearnserver": f"{_HUB}/sklearnserver:0.15.2-2994414",
    "serving_runtimes__tensorflow_serving": "charmedkubeflow/tensorflow-serving:2.6.2-3f1565f",
    "serving_runtimes__torchserve": "charmedkubeflow/torchserve-kfs:0.9.0-19380f0",
    "serving_runtimes__tritonserver": "nvcr.io/nvidia/tritonserver:23.05-py3",
    "serving_runtimes__xgbserver": f"{_HUB}/xgbserver:0.15.2-ad065bc",
}
"""The images by their names in the option custom_images."""

USERS = {
    **dict.fromkeys(IMAGES, DAEMON),
    "serving_runtimes__kserve_mlserver": 1000,
    "serving_runtimes__tensorflow_serving": 1000,
    "serving_runtimes__torchserve": 1000,
    "serving_runtimes__tritonserver": 1000,
}
"""The user of each image."""

_LATER = {"serving_runtimes__predictiveserver"}
"""Names of the next release's option, which are accepted and have no effect."""


@dataclasses.dataclass(frozen=True)
class Explainer:
    """An image as KServe takes that of an explainer: it puts a colon between the two."""

    image: str
    version: str


def parse_images(text: str | None) -> dict[str, str]:
    """Read the option custom_images into the images that are used.

    Raises:
        ValueError: if it is not images by names that are known.
    """
    given = _known(text, "image")
    for name, image in given.items():
        if not isinstance(image or "", str):
            raise ValueError(f"the image of {name} is not text")
    return {**IMAGES, **{name: image for name, image in given.items() if image}}


def parse_users(text: str | None) -> dict[str, int]:
    """Read the option custom_users into the users of all images.

    Raises:
        ValueError: if it is not numbers, other than root's, by names that are known.
    """
    given = _known(text, "user")
    for name, user in given.items():
        if not isinstance(user, int) or isinstance(user, bool) or user < 1:
            raise ValueError(f"the user of {name} is not a number from 1 on")
    return {**USERS, **given}


def explainer(image: str) -> Explainer:
    """Split an image where KServe puts it together: at its tag or digest.

    An image without either is the latest; the colon of a registry's port is none.
    """
    name, colon, version = image.rpartition(":")
    if not colon or "/" in version:
        return Explainer(image, "latest")
    return Explainer(name, version)


def _known(text: str | None, what: str) -> Mapping[str, Any]:
    given = yaml_text.load(text or "") or {}
    if not isinstance(given, dict):
        raise ValueError(f"not a mapping of names to {what}s")
    unknown = sorted(str(name) for name in given if name not in IMAGES.keys() | _LATER)
    if unknown:
        raise ValueError(f"there is no {what} called {unknown[0]}")
    return {name: value for name, value in given.items() if name in IMAGES}
