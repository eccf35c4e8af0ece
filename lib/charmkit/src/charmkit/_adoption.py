# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a published charm of the same name has left in the cluster: migrated, or cleared away.

What our templates have under the same names needs nothing: it is applied as everything is, and the
published charms' usual field manager is ours too. Declared is only the rest: other managers, whose
fields would stay for ever, and objects that nobody needs any more.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

from . import _diff, kube

INSTANCE_LABEL = "app.kubernetes.io/instance"
SCOPE_LABEL = "kubernetes-resource-handler-scope"
"""Labels that published charms put on objects, where they put any. Source: PyPI package
charmed-kubeflow-chisme, `create_charm_default_labels`."""

JUJU_APP_LABEL = "app.juju.is/created-by"
JUJU_MODEL_LABEL = "model.juju.is/name"
"""Labels that Juju's webhook puts on what charms apply."""

MAX_LABEL_LENGTH = 63

Entry = dict[str, Any]
"""An entry of `metadata.managedFields`."""


@dataclasses.dataclass(frozen=True)
class Legacy:
    """What the published charm leaves beyond the objects that our templates have.

    Names may hold `{app}` and `{model}`. An object of a namespace is named `namespace/name`.

    Args:
        managers: field managers, beside `lightkube`, whose fields of our objects become ours.
        scopes: values of the label `kubernetes-resource-handler-scope` on objects, of the kinds
            in our templates, that are the published charm's by this label.
        objects: API version, kind and name of objects without it that nobody needs any more. One
            that no manager of the published charm has fields of is somebody else's, and stays.
    """

    managers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    objects: tuple[tuple[str, str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Object:
    """A declared object, with its names filled in."""

    kind: kube.Kind
    name: str
    namespace: str

    @property
    def key(self) -> kube.Key:
        """As `kube.key` has it."""
        group = self.kind.api_version.rpartition("/")[0]
        return self.kind.name, group, self.namespace, self.name


class LegacyObjects:
    """What is declared, for one application.

    Args:
        declared: what its charm declares.
        app: the application's name.
        model: the model's name.
    """

    def __init__(self, declared: Legacy, app: str, model: str) -> None:
        self._declared = declared
        self._names = {"app": app, "model": model}

    @property
    def labels(self) -> dict[str, str]:
        """The label by which objects with a scope are listed; empty if there can be none."""
        instance = "{app}-{model}".format(**self._names)
        # A longer text is no label's value, so nothing can have it.
        is_value = len(instance) <= MAX_LABEL_LENGTH
        return {INSTANCE_LABEL: instance} if self._declared.scopes and is_value else {}

    @functools.cached_property
    def managers(self) -> frozenset[str]:
        """The field managers, beside ours, that the published charm has."""
        return frozenset(name.format(**self._names) for name in self._declared.managers)

    @functools.cached_property
    def objects(self) -> list[Object]:
        """The declared objects."""
        return list(self._objects())

    def includes(self, obj: kube.Object) -> bool:
        """Whether an object, which is none of ours, is one that the published charm has left."""
        return not _is_jujus(obj) and (self._is_labelled(obj) or self._is_named(obj))

    def migrated(self, obj: kube.Object) -> list[Entry] | None:
        """An object's managedFields with what others leave to us added to what we have applied.

        Returns:
            The entries, or None if there is nothing to take over.
        """
        entries: list[Entry] = obj["metadata"].get("managedFields", [])
        theirs = [entry for entry in entries if self._is_to_us(entry)]
        if not theirs:
            return None
        ours = [entry for entry in entries if is_applied_by_us(entry)]
        fields = [entry["fieldsV1"] for entry in (*ours, *theirs)]
        rest = [entry for entry in entries if entry not in ours and entry not in theirs]
        return [*rest, _entry(obj["apiVersion"], functools.reduce(_diff.deep_merge, fields))]

    def foreign_owner(self, obj: kube.Object) -> str:
        """Return who owns an object that no charm of ours owns, or nothing if we may.

        An object may be taken over that the published charm of this model has applied, or that
        nobody claims: neither a label nor a field manager says whose it is.
        """
        labels: dict[str, str] = obj["metadata"].get("labels") or {}
        model = labels.get(JUJU_MODEL_LABEL, self._names["model"])
        if model != self._names["model"]:
            return f"{labels.get(JUJU_APP_LABEL, 'an application')} in model {model}"
        entries: list[Entry] = obj["metadata"].get("managedFields", [])
        managers = {entry.get("manager", "") for entry in entries if not entry.get("subresource")}
        ours = {kube.FIELD_MANAGER, *self.managers}
        return "" if not managers or managers & ours else min(managers)

    def _objects(self) -> Iterator[Object]:
        for api_version, kind, name in self._declared.objects:
            namespace, slash, plain = name.format(**self._names).rpartition("/")
            yield Object(kube.Kind(api_version, kind, bool(slash)), plain, namespace)

    def _is_labelled(self, obj: kube.Object) -> bool:
        metadata = obj["metadata"]
        labels = metadata.get("labels", {})
        here = metadata.get("namespace", "") in ("", self._names["model"])
        mine = bool(self.labels) and self.labels.items() <= labels.items()
        return here and mine and labels.get(SCOPE_LABEL) in self._declared.scopes

    def _is_named(self, obj: kube.Object) -> bool:
        if kube.key(obj) not in {declared.key for declared in self.objects}:
            return False
        entries: list[Entry] = obj["metadata"].get("managedFields", [])
        managers = {kube.FIELD_MANAGER, *self.managers}
        return any(entry.get("manager") in managers for entry in entries)

    def _is_to_us(self, entry: Entry) -> bool:
        return entry.get("manager") in self.managers and not entry.get("subresource")


def _is_jujus(obj: kube.Object) -> bool:
    """Some published charms apply the account of their pods, which Juju has made, once more."""
    return obj["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == "juju"


def is_applied_by_us(entry: Entry) -> bool:
    """Return whether an entry of managedFields is what the charm has applied."""
    by_us = entry.get("manager") == kube.FIELD_MANAGER and entry.get("operation") == "Apply"
    return by_us and not entry.get("subresource")


def _entry(api_version: str, fields: dict[str, Any]) -> Entry:
    return {
        "manager": kube.FIELD_MANAGER,
        "operation": "Apply",
        "apiVersion": api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
