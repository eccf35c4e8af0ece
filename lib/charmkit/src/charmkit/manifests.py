"""Kubernetes objects that a charm wants, from templates: applied, repaired, pruned, removed.

The templates are Jinja2 files in `src/manifests`. Every object that belongs to a namespace says
so; one that does not is the cluster's. Each kind is read once in a hook, and only what differs is
written: the object's manifest has changed since it was applied (a hash of it is kept in an
annotation), or somebody has changed a field that it sets. Fields that it does not set belong to
others and are left alone.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import pathlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ops
import yaml

from . import compare, kube, left_behind
from .component import Component
from .status import Waiting

APP_LABEL = "charmed-kubeflow.io/app"
MODEL_LABEL = "charmed-kubeflow.io/model"
APPLIED_ANNOTATION = "charmed-kubeflow.io/applied"
YIELDED_ANNOTATION = "charmed-kubeflow.io/yielded"
"""Names, separated by commas, of fields that an object is made with and that a controller changes
later on: from then on they are the controller's, wherever in the object they are."""

TRIES = 3
"""How often it is tried to become the owner of an object's fields."""

KEPT = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "Profile")
"""Kinds that are never deleted: users' data goes with them."""

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
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")

Context = Mapping[str, Any]


class Manifests(Component):
    """The Kubernetes objects of an application; the leader keeps them.

    Args:
        charm: the charm.
        context: returns the variables of the templates. `app` and `model`, the names of the
            application and of the model, are always there.
        files: the templates, as a pattern in the charm's directory. Two components of one charm
            must not have templates of the same kind.
        whole: kinds of which the charm looks at others' objects too, see `found`.
        left: what the published charm of the same name has left behind.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        context: Callable[[], Context] = dict,
        *,
        files: str = "src/manifests/*.yaml.j2",
        whole: Sequence[str] = (),
        left: left_behind.LeftBehind | None = None,
    ) -> None:
        super().__init__(charm)
        self._context = context
        self._files = files
        self._whole = whole
        self._left = left_behind.Estate(
            left or left_behind.LeftBehind(), charm.app.name, charm.model.name
        )
        self._kube = kube.Kube(charm)
        self._listed = functools.cache(self._read)

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which the application knows its objects."""
        return {APP_LABEL: self.charm.app.name, MODEL_LABEL: self.charm.model.name}

    def wanted(self) -> list[kube.Object]:
        """The objects as the templates have them, in the order in which they are applied.

        Raises:
            NotReady: if the context is not ready.
        """
        context = {"app": self.charm.app.name, "model": self.charm.model.name, **self._context()}
        texts = [_template(text).render(context) for text in self._templates]
        labels = tuple(self.labels.items())
        objects = [obj for text in texts for obj in _objects(text, labels)]
        self._check_kinds(objects)
        return sorted(objects, key=_rank)

    def reconcile(self) -> None:
        """Apply what differs, delete what is no longer wanted.

        What is left behind is looked for only when something differs, and cleared away before the
        last of it is applied: a hook that dies on the way is followed by one that does it again.
        """
        if not self.charm.unit.is_leader():
            return
        wanted = self.wanted()
        existing = self._existing()
        differing = self._differing(wanted, existing)
        for obj in differing[:-1]:
            self._apply(obj)
        keys = {kube.key(obj) for obj in wanted}
        if differing:
            self._delete(obj for obj in self._left_behind() if kube.key(obj) not in keys)
            self._apply(differing[-1])
        self._delete(obj for key, obj in existing.items() if key not in keys)

    def withdraw(self) -> None:
        """Delete every object of the application, except those that hold users' data."""
        self._delete(self._existing().values())

    def remove(self) -> None:
        """Delete also what is left behind, in case it has not been cleared away yet."""
        self.withdraw()
        self._delete(self._left_behind())

    def purge(self, kind: str) -> list[str]:
        """Delete also the application's objects of a kind that is otherwise kept.

        Args:
            kind: one of `KEPT`.

        Returns:
            The names of what was deleted.
        """
        kept = [obj for obj in self._existing().values() if obj["kind"] == kind]
        for obj in kept:
            metadata = obj["metadata"]
            self._kube.delete(kube.Kind.of(obj), metadata["name"], metadata.get("namespace", ""))
        return [obj["metadata"]["name"] for obj in kept]

    def found(self, kind: str, name: str) -> kube.Object | None:
        """An object of the model's namespace or the cluster, whoever made it, as before this hook.

        Args:
            kind: one of the kinds given as `whole`.
            name: the object's name.

        Raises:
            NotReady: if the Kubernetes API does not answer.
        """
        objects = self._listed(next(item for item in self._kinds if item.name == kind))
        return next((obj for obj in objects if obj["metadata"]["name"] == name), None)

    def owned(self, kind: str) -> list[kube.Object]:
        """The application's own objects of a kind, as they were before this hook.

        Raises:
            NotReady: if the Kubernetes API does not answer.
        """
        return [obj for obj in self._existing().values() if obj["kind"] == kind]

    @functools.cached_property
    def _templates(self) -> list[str]:
        paths = sorted(pathlib.Path(self.charm.charm_dir).glob(self._files))
        return [path.read_text() for path in paths]

    @functools.cached_property
    def _kinds(self) -> list[kube.Kind]:
        found = sorted((kind for text in self._templates for kind in _kinds(text)), key=_scope)
        kinds = {(kind.api_version, kind.name): kind for kind in found}
        return [kinds[name] for name in sorted(kinds)]

    @functools.cached_property
    def _scattered(self) -> frozenset[kube.Kind]:
        """Kinds that the charm also has outside the model's namespace."""
        return frozenset(kind for text in self._templates for kind in _kinds(text, elsewhere=True))

    def _differing(
        self, wanted: Iterable[kube.Object], existing: Mapping[kube.Key, kube.Object]
    ) -> list[kube.Object]:
        """What is wanted and not so in the cluster, with the fields that it yields as they are."""
        differing: list[kube.Object] = []
        for obj in wanted:
            there = existing.get(kube.key(obj))
            left = there is None and YIELDED_ANNOTATION in obj["metadata"]["annotations"]
            obj = _yielding(obj, self._get(obj) if left else there)
            if not compare.holds(obj, there) or (there and self._left.taken_over(there)):
                differing.append(obj)
        return differing

    def _apply(self, obj: kube.Object) -> None:
        """Apply an object; fields that others leave to it and that it does not have go."""
        applied = self._kube.apply(obj)
        if self._left.taken_over(applied):
            self._take_over(applied)
            self._kube.apply(obj)

    def _take_over(self, applied: kube.Object) -> None:
        """Become the owner of the fields that others leave to us.

        A controller that writes the object's status at the same time is in the way: again then.
        """
        there = applied
        for again in reversed(range(TRIES)):
            try:
                self._hand_over(there)
                return
            except Waiting:
                if not again:
                    raise
                there = self._get(applied) or applied

    def _hand_over(self, there: kube.Object) -> None:
        place = there["metadata"]
        metadata = {
            "managedFields": self._left.taken_over(there),
            "resourceVersion": place["resourceVersion"],
            # Without the digest it is applied once more, if not in this hook then in the next.
            "annotations": {APPLIED_ANNOTATION: None},
        }
        kind, namespace = kube.Kind.of(there), place.get("namespace", "")
        self._kube.merge(kind, place["name"], {"metadata": metadata}, namespace)

    def _get(self, obj: kube.Object) -> kube.Object | None:
        metadata = obj["metadata"]
        return self._kube.get(kube.Kind.of(obj), metadata["name"], metadata.get("namespace", ""))

    def _left_behind(self) -> list[kube.Object]:
        """What the published charm has left and nobody needs; what is any charm's of ours is not.

        Read anew, since what this hook has applied is no longer the published charm's.
        """
        found = [obj for kind in self._labelled_kinds for obj in self._read_left(kind)]
        found += [obj for item in self._left.objects if (obj := self._read_item(item))]
        return [obj for obj in found if self._is_left(obj)]

    def _is_left(self, obj: kube.Object) -> bool:
        taken = APP_LABEL in obj["metadata"].get("labels", {})
        return not taken and self._left.includes(obj)

    @property
    def _labelled_kinds(self) -> list[kube.Kind]:
        return self._kinds if self._left.labels else []

    def _read_left(self, kind: kube.Kind) -> list[kube.Object]:
        namespace = self.charm.model.name if kind.namespaced else "*"
        return self._kube.list(kind, self._left.labels, namespace=namespace)

    def _read_item(self, item: left_behind.Object) -> kube.Object | None:
        return self._kube.get(item.kind, item.name, item.namespace)

    def _check_kinds(self, objects: Iterable[kube.Object]) -> None:
        """Refuse an object that would not be found in the cluster, and so never be deleted."""
        known = {(kind.api_version, kind.name) for kind in self._kinds}
        for obj in objects:
            if (obj["apiVersion"], obj["kind"]) not in known:
                where = "two lines at the margin, apiVersion first, without variables"
                raise ValueError(f"template of a {obj['kind']}: its kind must stand in {where}")

    def _existing(self) -> dict[kube.Key, kube.Object]:
        """The application's objects in the cluster, of every kind that its templates know."""
        objects = [obj for kind in self._kinds for obj in self._listed(kind) if self._owns(obj)]
        return {kube.key(obj): obj for obj in objects}

    def _read(self, kind: kube.Kind) -> list[kube.Object]:
        if kind.name in self._whole:
            return self._kube.list(kind, {}, namespace=self.charm.model.name)
        everywhere = kind in self._scattered
        namespace = "*" if everywhere else self.charm.model.name
        return self._kube.list(kind, self.labels, namespace=namespace)

    def _owns(self, obj: kube.Object) -> bool:
        labels = obj["metadata"].get("labels", {})
        return self.labels.items() <= labels.items() or self._is_left(obj)

    def _delete(self, objects: Iterable[kube.Object]) -> None:
        for obj in sorted(objects, key=_rank, reverse=True):
            metadata = obj["metadata"]
            if obj["kind"] not in KEPT and "deletionTimestamp" not in metadata:
                namespace = metadata.get("namespace", "")
                self._kube.delete(kube.Kind.of(obj), metadata["name"], namespace)


def _yielding(wanted: kube.Object, actual: kube.Object | None) -> kube.Object:
    """The object, with those fields that it yields to a controller as they are in the cluster."""
    names = wanted["metadata"]["annotations"].get(YIELDED_ANNOTATION, "").split(",")
    return (
        compare.yielding(wanted, actual, frozenset(names)) if actual and names != [""] else wanted
    )


def _scope(kind: kube.Kind) -> bool:
    return kind.namespaced


def _rank(obj: kube.Object) -> tuple[int, tuple[str, str, str, str]]:
    return _kind_rank(obj["kind"]), kube.key(obj)


def _kind_rank(kind: str) -> int:
    if kind in _LAST:
        return len(_ORDER) + 1
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


_KIND = re.compile(r"^apiVersion: (?P<version>\S+)\nkind: (?P<kind>\S+)$", re.MULTILINE)
_NAMESPACE = re.compile(r"^  namespace: (.*)$", re.MULTILINE)
_HOME = "{{ model }}"


def _kinds(template: str, *, elsewhere: bool = False) -> Iterable[kube.Kind]:
    """The kinds in a template, also those that a condition leaves out at present.

    Args:
        template: the text.
        elsewhere: only those in a namespace that is not the model's.
    """
    for document in re.split(r"^---$", template, flags=re.MULTILINE):
        namespaces = set(_NAMESPACE.findall(document))
        if elsewhere and not namespaces - {_HOME}:
            continue
        for found in _KIND.finditer(document):
            yield kube.Kind(found["version"], found["kind"], bool(namespaces))


@functools.cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(  # noqa: S701  the output is YAML
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Callable[[Any], str]] = {"json": json.dumps, "base64": _base64}
    environment.filters.update(filters)  # pyright: ignore[reportUnknownMemberType]
    return environment


@functools.lru_cache(maxsize=256)
def _objects(text: str, labels: tuple[tuple[str, str], ...]) -> tuple[kube.Object, ...]:
    """The objects in a rendered template, marked as the application's; they must not be changed.

    Kept for the next hook of the same process, as in simulations: large ones take long to read.
    """
    return tuple(_marked(obj, dict(labels)) for obj in yaml.load_all(text, _LOADER) if obj)


def _marked(obj: kube.Object, labels: dict[str, str]) -> kube.Object:
    metadata: dict[str, Any] = obj["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
    digest = hashlib.sha256(json.dumps(obj, sort_keys=True).encode()).hexdigest()
    annotations: dict[str, str] = metadata.get("annotations") or {}
    metadata["annotations"] = {**annotations, APPLIED_ANNOTATION: digest}
    return obj


@functools.cache
def _template(text: str) -> Any:
    return _environment().from_string(text)


def _base64(value: object) -> str:
    return base64.b64encode(str(value).encode()).decode()
