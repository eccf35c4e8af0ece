# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which objects belong to one component of a charm, in the form of Kubernetes' ApplySets.

Every object carries a label with the id of its set. The set's parent, a ConfigMap, records the
kinds and namespaces of its members, so that objects of a kind that a new revision of the charm no
longer has are found and pruned.

Source: Kubernetes Enhancement Proposal 3659, for labels, annotations and the form of the id.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from . import kube

PARENT = kube.Kind("v1", "ConfigMap", namespaced=True)
PARENT_LABEL = "applyset.kubernetes.io/id"
MEMBER_LABEL = "applyset.kubernetes.io/part-of"
_TOOLING = "applyset.kubernetes.io/tooling"
_GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds"
_NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
_KINDS_KEY = "kinds"


@dataclasses.dataclass(frozen=True)
class Recorded:
    """The kinds of a set's members, and namespaces beyond the model's; both sorted."""

    kinds: tuple[kube.Kind, ...]
    namespaces: tuple[str, ...]

    @classmethod
    def of(cls, kinds: Iterable[kube.Kind], namespaces: Iterable[str]) -> Recorded:
        """Return a record of kinds and namespaces in any order."""
        return cls(tuple(sorted(set(kinds))), tuple(sorted(set(namespaces))))


class ApplySet:
    """The set of one component's objects.

    Args:
        app: the application's name.
        model: the model's name.
        name: the component's name.

    Attributes:
        parent: the name of the parent.
        id: what its members are labelled with.
    """

    def __init__(self, app: str, model: str, name: str) -> None:
        self._model = model
        self.parent = f"{app}.{name}.applyset"
        digest = hashlib.sha256(f"{self.parent}.{model}.ConfigMap.".encode()).digest()
        self.id = f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"

    @property
    def labels(self) -> dict[str, str]:
        """The label of its members."""
        return {MEMBER_LABEL: self.id}

    def manifest(self, recorded: Recorded, labels: Mapping[str, str]) -> dict[str, Any]:
        """Return the parent.

        Args:
            recorded: what it records.
            labels: those of every object of the application.
        """
        groups = {f"{kind.name}.{kind.group}".rstrip(".") for kind in recorded.kinds}
        annotations = {
            _TOOLING: "charmkit/v1",
            _GROUP_KINDS: ",".join(sorted(groups)),
            _NAMESPACES: ",".join(recorded.namespaces),
        }
        kinds = [dataclasses.astuple(kind) for kind in recorded.kinds]
        return {
            "apiVersion": PARENT.api_version,
            "kind": PARENT.name,
            "metadata": {
                "name": self.parent,
                "namespace": self._model,
                "labels": {**labels, PARENT_LABEL: self.id},
                "annotations": annotations,
            },
            "data": {_KINDS_KEY: json.dumps(kinds)},
        }


def read(parent: kube.Object) -> Recorded:
    """Return what a parent records."""
    kinds = [kube.Kind(*kind) for kind in json.loads(parent["data"][_KINDS_KEY])]
    namespaces = parent["metadata"]["annotations"][_NAMESPACES].split(",")
    return Recorded.of(kinds, filter(None, namespaces))
