# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes objects that a charm wants, from templates: applied, repaired, pruned, removed.

The templates are Jinja2 files in `src/manifests`, see `_templates`. Every object that belongs to a
namespace says so; one that does not is cluster-scoped. Each kind is read once in a hook, and only
what differs is written: the object's manifest has changed since it was applied (a hash of it is
kept in an annotation), or somebody has changed a field that it sets. Fields that it does not set
belong to others and are left alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import ops

from . import _applyset, _diff, _purge, _templates, _workloads, kube
from ._adoption import Legacy, LegacyObjects, Object, is_applied_by_us
from ._component import Component
from ._status import Blocked, NotReady, Waiting
from ._templates import Context

APP_LABEL = "charmed-kubeflow.io/app"
MODEL_LABEL = "charmed-kubeflow.io/model"
APPLIED_ANNOTATION = "charmed-kubeflow.io/applied"
IGNORED_ANNOTATION = "charmed-kubeflow.io/ignore-differences"
"""Names, separated by commas, of fields that an object is created with and that a controller
changes later on: from then on they are the controller's, wherever in the object they are."""

KEPT = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "Profile")
"""Kinds that are never deleted: users' data goes with them."""

KEPT_LABELS = {
    "model.juju.is/disable-webhook": "true",
    "app.kubernetes.io/managed-by": "charmed-kubeflow",
}
"""What keeps Juju from deleting an object together with the application.

Juju labels what a charm writes and deletes by these labels. Its webhook leaves alone what has the
first label; the second takes objects that are labelled already out of what Juju selects.
Source: juju, internal/provider/kubernetes/{constants/labels.go,application/application.go}.
"""

JUJU_LABELS = ("app.juju.is/created-by", "model.juju.is/id", "model.juju.is/name")
"""What Juju's webhook puts on objects; no field manager owns them, so applying clears none."""

KEPT_PATCH = {"metadata": {"labels": {**dict.fromkeys(JUJU_LABELS), **KEPT_LABELS}}}
"""A merge patch by which Juju lets go of an object, and leaves it alone from then on."""

MAX_ATTEMPTS = 3
"""How often taking over the ownership of an object's fields is tried in one hook."""

_CRD = kube.Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", namespaced=False)
_NAMESPACE = kube.Kind("v1", "Namespace", namespaced=False)
_SERVICE = kube.Kind("v1", "Service", namespaced=True)

# What others need comes first; webhooks come last, since they stand in the way of everything else.
_ORDER = (
    "CustomResourceDefinition",
    "Namespace",
    "ServiceAccount",
    "ClusterRole",
    "Role",
    "ClusterRoleBinding",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "Deployment",
    "StatefulSet",
)
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


class Manifests(Component):
    """The Kubernetes objects of an application; the leader applies them.

    Args:
        charm: the charm.
        name: what tells this component's objects from those of another one of the same charm.
        context: returns the variables of the templates. `app` and `model`, the names of the
            application and of the model, are always there.
        files: the templates, as a pattern in the charm's directory.
        list_all: kinds of which the charm looks at others' objects too, see `get_live`.
        legacy: what the published charm of the same name has left.
        purge: the users' resources, in the plural, that the charm's action `purge` deletes with
            their definitions; empty if it has no such action.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str = "main",
        *,
        context: Callable[[], Context] = dict,
        files: str = "src/manifests/*.yaml.j2",
        list_all: Sequence[kube.Kind] = (),
        legacy: Legacy | None = None,
        purge: str = "",
    ) -> None:
        super().__init__(charm)
        self.name = name
        self._context = context
        self._files = files
        self._list_all = tuple(list_all)
        self._purged = purge
        self._legacy = LegacyObjects(legacy or Legacy(), charm.app.name, charm.model.name)
        self._kube = kube.Kube(charm)
        self._set = _applyset.ApplySet(charm.app.name, charm.model.name, name)
        self._listed = functools.cache(self._list)
        self._wanted: list[kube.Object] = []

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which the application knows its objects."""
        return {APP_LABEL: self.charm.app.name, MODEL_LABEL: self.charm.model.name}

    def wanted(self) -> list[kube.Object]:
        """Return the objects of the templates, in the order in which they are applied.

        Raises:
            NotReady: if the context is not ready.
        """
        context = {"app": self.charm.app.name, "model": self.charm.model.name, **self._context()}
        objects = [obj for path in self._paths for obj in _templates.render(path, context)]
        return sorted(map(self._marked, objects), key=_rank)

    def reconcile(self) -> None:
        """Apply what differs, delete what is no longer wanted.

        What a published charm has left is looked for only when something differs, and cleared away
        before the last of it is applied: a hook that dies on the way is followed by one that does
        it again.
        """
        if not self.charm.unit.is_leader():
            return
        self._release_definitions()
        wanted = self._wanted = self.wanted()
        existing = self._existing(wanted)
        differing = self._differing(wanted, existing)
        self._record([*self._recorded.kinds, *map(kube.Kind.of, wanted)], wanted)
        for obj in differing[:-1]:
            self._apply(obj)
        keys = {kube.key(obj) for obj in wanted}
        # A charm that wants nothing looks each time: nothing of its own tells that it is done.
        if differing or not wanted:
            self._delete(obj for obj in self._find_legacy(wanted) if kube.key(obj) not in keys)
        for obj in differing[-1:]:
            self._apply(obj)
        self._delete(obj for key, obj in existing.items() if key not in keys)
        self._record([kube.Kind.of(obj) for obj in wanted], wanted)

    def status(self) -> ops.StatusBase:
        """Return Waiting with the reason of a workload that does not run; the leader looks."""
        if not self.charm.unit.is_leader():
            return ops.ActiveStatus()
        return _workloads.status(self._kube, self._existing(self._wanted).values())

    def withdraw(self) -> None:
        """Delete every object of the component, except those that hold users' data."""
        self._delete(self._existing(self._wanted_or_nothing()).values())

    def remove(self) -> None:
        """Delete also what a published charm has left, in case it has not been cleared away.

        The workload may have defined something since the last hook.
        """
        self._release_definitions()
        wanted = self._wanted_or_nothing()
        self._delete(self._existing(wanted).values())
        self._delete(self._find_legacy(wanted))
        if self._recorded.kinds:
            self._kube.delete(_applyset.PARENT, self._set.parent, self.charm.model.name)

    def actions(self) -> Mapping[str, Callable[[ops.ActionEvent], None]]:
        """Return what answers the action `purge`, if the charm has it."""
        return {"purge": self._on_purge} if self._purged else {}

    def purge(self, kind: str) -> list[str]:
        """Delete also the component's objects of a kind that is otherwise kept.

        Args:
            kind: one of `KEPT`.

        Returns:
            The names of what was deleted.
        """
        existing = self._existing(self._wanted_or_nothing())
        kept = [obj for obj in existing.values() if obj["kind"] == kind]
        for obj in kept:
            self._delete_one(obj)
        return [obj["metadata"]["name"] for obj in kept]

    def get_live(self, kind: kube.Kind, name: str) -> kube.Object | None:
        """Return an object, of the model's namespace or cluster-scoped, as before this hook.

        Args:
            kind: one of the kinds given as `list_all`.
            name: the object's name.

        Raises:
            NotReady: if the Kubernetes API does not answer.
        """
        return next((obj for obj in self._listed(kind) if obj["metadata"]["name"] == name), None)

    def live_owned(self, kind: kube.Kind) -> list[kube.Object]:
        """Return the component's own objects of a kind, as they were before this hook.

        Raises:
            NotReady: if the Kubernetes API does not answer.
        """
        return [obj for obj in self._listed(kind) if self._owns(obj)]

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge = functools.partial(self.purge, _CRD.name)
        _purge.answer(event, self.charm.model.name, self._purged, purge)

    @functools.cached_property
    def _paths(self) -> list[pathlib.Path]:
        return sorted(pathlib.Path(self.charm.charm_dir).glob(self._files))

    def _wanted_or_nothing(self) -> list[kube.Object]:
        """Return the wanted objects, whose kinds may not be recorded yet, if that is possible."""
        try:
            return self.wanted()
        except NotReady:
            return []

    def _marked(self, obj: kube.Object) -> kube.Object:
        """Return an object with its labels, owner and digest."""
        metadata: dict[str, Any] = dict(obj["metadata"])
        kept = KEPT_LABELS if obj["kind"] in KEPT else {}
        own: dict[str, str] = metadata.get("labels") or {}
        labels = {**own, **kept, **self.labels, **self._set.labels}
        metadata["labels"] = labels
        if not kept and metadata.get("namespace") != self.charm.model.name:
            metadata["ownerReferences"] = [self._namespace_as_owner]
        marked = {**obj, "metadata": metadata}
        digest = hashlib.sha256(json.dumps(marked, sort_keys=True).encode()).hexdigest()
        annotations: dict[str, str] = metadata.get("annotations") or {}
        metadata["annotations"] = {**annotations, APPLIED_ANNOTATION: digest}
        return marked

    @functools.cached_property
    def _namespace_as_owner(self) -> dict[str, str]:
        """The model's Namespace: with it Kubernetes collects what no `remove` hook has deleted."""
        model = self.charm.model.name
        namespace = self._kube.get_once(_NAMESPACE, model)
        if namespace is None:
            raise Waiting(f"waiting for the namespace {model}")
        uid = namespace["metadata"]["uid"]
        return {"apiVersion": "v1", "kind": "Namespace", "name": model, "uid": uid}

    @functools.cached_property
    def _recorded(self) -> _applyset.Recorded:
        """The kinds and namespaces of the objects that earlier hooks have applied."""
        model = self.charm.model.name
        labels = {} if _applyset.PARENT in self._list_all else self.labels
        maps = self._kube.list_once(_applyset.PARENT, labels, model)
        parents = [obj for obj in maps if obj["metadata"]["name"] == self._set.parent]
        return _applyset.read(parents[0]) if parents else _applyset.Recorded((), ())

    def _record(self, kinds: Iterable[kube.Kind], wanted: Iterable[kube.Object]) -> None:
        """Record what has to be looked for in later hooks, before it is applied."""
        namespaces = {obj["metadata"].get("namespace", "") for obj in wanted}
        recorded = _applyset.Recorded.of(kinds, namespaces - {"", self.charm.model.name})
        if recorded == self._recorded:
            return
        if recorded.kinds:
            self._kube.apply(self._set.manifest(recorded, self.labels))
        else:
            self._kube.delete(_applyset.PARENT, self._set.parent, self.charm.model.name)
        self._recorded = recorded

    def _differing(
        self, wanted: Iterable[kube.Object], existing: Mapping[kube.Key, kube.Object]
    ) -> list[kube.Object]:
        """Return what differs in the cluster, with the fields of controllers as they are."""
        differing: list[kube.Object] = []
        for obj in wanted:
            live = existing.get(kube.key(obj))
            is_ignoring = IGNORED_ANNOTATION in obj["metadata"]["annotations"]
            base = self._get(obj) if live is None and is_ignoring else live
            obj = _with_ignored_fields(obj, base)
            if not _is_applied(obj, live) or (live and self._legacy.migrated(live)):
                differing.append(obj)
        return [obj for obj in differing if self._may_apply(obj, existing)]

    def _may_apply(self, obj: kube.Object, existing: Mapping[kube.Key, kube.Object]) -> bool:
        """Return whether an object is this application's to apply.

        Raises:
            Blocked: if something else in the cluster has an object of this name.
        """
        if kube.key(obj) in existing or obj["metadata"].get("namespace") == self.charm.model.name:
            return True
        live = self._get(obj)
        owner = live and self._foreign_owner(live)
        if not owner:
            return True
        if obj["kind"] in KEPT:
            return False  # users of both share it
        name = f"{obj['kind']} {obj['metadata']['name']}"
        raise Blocked(f"{name} belongs to {owner}: one of the two has to be removed")

    def _foreign_owner(self, live: kube.Object) -> str:
        """Return who owns an object that is not of this application, or nothing."""
        labels: dict[str, str] = live["metadata"].get("labels") or {}
        if APP_LABEL not in labels:
            return self._legacy.foreign_owner(live)
        app, model = labels[APP_LABEL], labels.get(MODEL_LABEL, "")
        # What is kept outlives its application, whose Service is gone then.
        is_there = self._kube.get(_SERVICE, app, model)
        return f"{app} in model {model}" if is_there else ""

    def _apply(self, obj: kube.Object) -> None:
        """Apply an object; fields that others leave to it and that it does not have go."""
        applied = self._kube.apply(obj)
        if self._legacy.migrated(applied):
            self._migrate(applied)
            self._kube.apply(obj)

    def _migrate(self, applied: kube.Object) -> None:
        """Become the owner of the fields that a published charm's field managers have set.

        A controller that writes the object's status at the same time is in the way: again then.
        """
        live = applied
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                self._migrate_fields(live)
                return
            except Waiting:
                if attempt == MAX_ATTEMPTS:
                    raise
                live = self._get(applied) or applied

    def _migrate_fields(self, live: kube.Object) -> None:
        place = live["metadata"]
        metadata = {
            "managedFields": self._legacy.migrated(live),
            "resourceVersion": place["resourceVersion"],
            # Without the digest it is applied once more, if not in this hook then in the next.
            "annotations": {APPLIED_ANNOTATION: None},
        }
        kind, namespace = kube.Kind.of(live), place.get("namespace", "")
        self._kube.merge(kind, place["name"], {"metadata": metadata}, namespace)

    def _release_definitions(self) -> None:
        """Take Juju's labels from the application's CustomResourceDefinitions, and keep them off.

        It comes first and needs no context: Juju would delete what has them, with all objects, as
        soon as the application is removed. That may be what an earlier or a published charm made.
        """
        if not any(_CRD.name in path.read_text() for path in self._paths):
            return
        labels = {
            "app.kubernetes.io/managed-by": "juju",
            "app.juju.is/created-by": self.charm.app.name,
            "model.juju.is/name": self.charm.model.name,
        }
        for obj in self._kube.list_metadata(_CRD, labels):
            self._kube.merge(_CRD, obj["metadata"]["name"], KEPT_PATCH)

    def _get(self, obj: kube.Object) -> kube.Object | None:
        metadata = obj["metadata"]
        return self._kube.get(kube.Kind.of(obj), metadata["name"], metadata.get("namespace", ""))

    def _find_legacy(self, wanted: Iterable[kube.Object]) -> list[kube.Object]:
        """Return what the published charm has left and nobody needs; no charm of ours owns it.

        Read anew, since what this hook has applied is no longer the published charm's.
        """
        kinds = sorted({kube.Kind.of(obj) for obj in wanted}) if self._legacy.labels else []
        found = [obj for kind in kinds for obj in self._list_legacy(kind)]
        found += [obj for item in self._legacy.objects if (obj := self._get_legacy(item))]
        return [obj for obj in found if self._is_legacy(obj)]

    def _is_legacy(self, obj: kube.Object) -> bool:
        owned = APP_LABEL in obj["metadata"].get("labels", {})
        return not owned and self._legacy.includes(obj)

    def _list_legacy(self, kind: kube.Kind) -> list[kube.Object]:
        namespace = self.charm.model.name if kind.namespaced else "*"
        return self._kube.list(kind, self._legacy.labels, namespace=namespace)

    def _get_legacy(self, item: Object) -> kube.Object | None:
        return self._kube.get(item.kind, item.name, item.namespace)

    def _existing(self, wanted: Iterable[kube.Object]) -> dict[kube.Key, kube.Object]:
        """Return the component's objects in the cluster, of every kind that it has or had."""
        kinds = {*map(kube.Kind.of, wanted), *self._recorded.kinds, *self._list_all}
        objects = [obj for kind in sorted(kinds) for obj in self._listed(kind) if self._owns(obj)]
        return {kube.key(obj): obj for obj in objects}

    def _list(self, kind: kube.Kind) -> list[kube.Object]:
        labels = {} if kind in self._list_all else self.labels
        if kind == _CRD:
            return self._kube.list_metadata(kind, labels)
        if kind in self._list_all:
            return self._kube.list_once(kind, {}, namespace=self.charm.model.name)
        namespaces: set[str] = set()
        if kind.namespaced:
            wanted = self._namespaces_of(kind) or {self.charm.model.name}
            namespaces = wanted | {*self._recorded.namespaces}
        where = sorted(namespaces) if kind.namespaced else ["*"]
        found = [self._kube.list_once(kind, self.labels, namespace) for namespace in where]
        return [obj for objects in found for obj in objects]

    def _namespaces_of(self, kind: kube.Kind) -> set[str]:
        return {obj["metadata"]["namespace"] for obj in self._wanted if kube.Kind.of(obj) == kind}

    def _owns(self, obj: kube.Object) -> bool:
        """Return whether an object is the component's; earlier revisions did not mark it so."""
        labels = obj["metadata"].get("labels", {})
        if not self.labels.items() <= labels.items():
            return self._is_legacy(obj)
        return (
            labels.get(_applyset.MEMBER_LABEL, self._set.id) == self._set.id
            and _applyset.PARENT_LABEL not in labels
        )

    def _delete(self, objects: Iterable[kube.Object]) -> None:
        for obj in sorted(objects, key=_rank, reverse=True):
            if obj["kind"] not in KEPT and "deletionTimestamp" not in obj["metadata"]:
                self._delete_one(obj)

    def _delete_one(self, obj: kube.Object) -> None:
        metadata = obj["metadata"]
        self._kube.delete(kube.Kind.of(obj), metadata["name"], metadata.get("namespace", ""))


def _is_applied(wanted: kube.Object, live: kube.Object | None) -> bool:
    """Return whether an object is in the cluster as wanted.

    Of a CustomResourceDefinition only the metadata is known. Its digest tells that it was applied;
    that nobody has changed it since, that its fields are still the charm's own.
    """
    if live is None or wanted["kind"] != _CRD.name:
        return _diff.is_subset(wanted, live)
    entries = live["metadata"].get("managedFields", [])
    fields = [entry["fieldsV1"] for entry in entries if is_applied_by_us(entry)]
    is_ours = bool(fields) and _is_owned(wanted["spec"], fields[0].get("f:spec"))
    return is_ours and _diff.is_subset(wanted["metadata"], live["metadata"])


def _is_owned(wanted: Any, fields: dict[str, Any] | None) -> bool:
    """Return whether an entry of managedFields has every field, with those within it."""
    if fields is None:
        return wanted in (None, {}, [])
    if not isinstance(wanted, dict):
        return True
    items = cast("dict[str, Any]", wanted).items()
    return all(_is_owned(value, fields.get(f"f:{name}")) for name, value in items)


def _with_ignored_fields(wanted: kube.Object, live: kube.Object | None) -> kube.Object:
    """Return the object with the fields that a controller changes as they are in the cluster."""
    names = wanted["metadata"]["annotations"].get(IGNORED_ANNOTATION)
    return _diff.ignore_fields(wanted, live, frozenset(names.split(","))) if names else wanted


def _rank(obj: kube.Object) -> tuple[int, kube.Key]:
    return _kind_rank(obj["kind"]), kube.key(obj)


def _kind_rank(kind: str) -> int:
    if kind in _LAST:
        return len(_ORDER) + 1
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
