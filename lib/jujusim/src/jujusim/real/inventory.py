# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects by name, as the API server's paths have them."""

from __future__ import annotations

from dataclasses import dataclass

import kubefake
from kubefake import wire


@dataclass(frozen=True, order=True)
class Key:
    """One object.

    Attributes:
        group: Its API group; empty for the core group.
        version: The version in which it was written.
        plural: Its resource.
        namespace: Empty if it is the whole cluster's.
        name: Its name.
    """

    group: str
    version: str
    plural: str
    namespace: str
    name: str

    @classmethod
    def of(cls, target: wire.Target, name: str = "") -> Key:
        """Return the object that a request is about.

        Args:
            target: What the request's path names.
            name: The name, where the path has none: of an object that is created.
        """
        return cls(
            target.group, target.version, target.plural, target.namespace, target.name or name
        )

    @classmethod
    def parse(cls, text: str) -> Key:
        """Return the object whose path `text` is.

        Raises:
            ValueError: It is the path of no object.
        """
        target = wire.target(text)
        if target is None or not target.name:
            raise ValueError(f"{text} is not the path of an object")
        return cls.of(target)

    @property
    def collection(self) -> str:
        """The path of the objects of its kind in its namespace."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{base}/namespaces/{self.namespace}" if self.namespace else base

    @property
    def path(self) -> str:
        """Its path."""
        return f"{self.collection}/{self.plural}/{self.name}"

    @property
    def resource(self) -> str:
        """Its resource, with the group after a dot."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource} {self.name}{where}"


REVIEWS = ("authentication.k8s.io", "authorization.k8s.io")
"""API groups whose objects are questions: nothing of them is stored."""


def within(target: wire.Target | kubefake.Entry, namespace: str) -> bool:
    """Tell whether something lies in a namespace, is the namespace, or is only a question."""
    if target.group in REVIEWS:
        return True
    plural = target.plural if isinstance(target, wire.Target) else target.resource
    is_it = plural.partition("/")[0] == "namespaces" and target.name == namespace
    return target.namespace == namespace or (is_it and not target.group)
