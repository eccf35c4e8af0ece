# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm under test: from its charmcraft.yaml to a state in which nothing is missing."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import pathlib
import shutil
import tempfile
from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any, cast

import charmkit
import yaml
from charmkit import relations, webhooks
from charmkit.service_account_token import ServiceAccountToken
from kubefake import Cluster, Entry, controllers, transport
from ops import testing

from .. import charm as juju_charm
from .. import ops_internals, versions
from ..rights import account
from . import examples, files, observe

JUJU_VERSION = versions.DEFAULT
MODEL = "kubeflow"
MODEL_UUID = "6f0e5b1c-2d3a-4c4b-9a5d-8e7f60718293"

Log = list[tuple[str, str]]
"""Lines of `juju-log`, each with its level."""


@dataclasses.dataclass(frozen=True)
class Side:
    """One endpoint of a charm, as its code has it.

    Args:
        received: The dataclass that the other side sends, or None if it sends nothing.
        required: Without a relation the charm is Blocked.
        provides: It is the providing end.
        apart: It is not in the complete state, since the other side answers what this side asks,
            which no example can; tests of the charm's own are needed for it.
        missed: The charm is Blocked also once the relation has gone, though it can do without.
    """

    name: str
    interface: charmkit.Interface[Any, Any]
    received: type[Any] | None
    required: bool
    provides: bool = False
    apart: bool = False
    missed: bool = False


@dataclasses.dataclass(frozen=True)
class Parts:
    """What a charm is made of, as far as tests are derived from it.

    Args:
        options: The dataclass of its options, or None if it has none.
        alone: One unit may serve while the others stand by.
        webhook: It serves a certificate, once the cluster trusts it.
        token: It runs only with a token of its ServiceAccount.
    """

    sides: Mapping[str, Side]
    options: type[Any] | None
    alone: bool
    webhook: bool
    token: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """What a hook has left.

    Args:
        state: The state after it, with the containers' files.
        requests: What it asked of the Kubernetes API.
        failure: Why an action has failed, or nothing.
        seen: Everything that can be observed, see `observe.seen`.
    """

    state: testing.State
    cluster: Cluster
    requests: list[Entry]
    log: Log
    results: dict[str, Any]
    failure: str

    @functools.cached_property
    def seen(self) -> observe.Seen:
        """Everything that can be observed except statuses and log lines."""
        return observe.seen(self.state, self.cluster)

    @property
    def status(self) -> tuple[str, str]:
        """The unit's status and its message."""
        return self.state.unit_status.name, self.state.unit_status.message

    @property
    def writes(self) -> list[Entry]:
        """The requests that are not reads."""
        return [item for item in self.requests if item.verb not in ("get", "list", "watch")]

    def files(self, container: str) -> dict[str, str]:
        """The content of every file that the charm keeps in a container, by path."""
        return files.read(self.state.get_container(container))


@dataclasses.dataclass(frozen=True, eq=False)
class Charm:
    """A charm directory, made ready for `ops.testing`.

    Every hook sees the charm's own directory, a cluster in memory with what Juju makes there, and
    the files that earlier hooks have left in its containers.
    """

    directory: juju_charm.CharmDir

    @classmethod
    def at(cls, path: str | pathlib.Path) -> Charm:
        """The charm in a directory.

        Raises:
            jujusim.errors.CharmError: It can't be loaded.
        """
        return _at(pathlib.Path(path).resolve())

    @property
    def name(self) -> str:
        """The charm's name, which is the application's too."""
        return self.directory.name

    @functools.cached_property
    def parts(self) -> Parts:
        """What the charm is made of, from its reconciler's components."""
        context = self._context(0)
        nothing = testing.State(
            containers=[testing.Container(name) for name in self.directory.containers]
        )
        with (
            self._surroundings(self.cluster(), MODEL),
            context(context.on.update_status(), nothing) as manager,
        ):
            # A fake charm has none.
            reconciler = getattr(manager.charm, "reconciler", None)
            components: Sequence[charmkit.Component] = reconciler.components if reconciler else ()
        # See `Side`.
        declared: dict[str, dict[str, bool]] = self.declared("relations")
        sides = [
            dataclasses.replace(_side(item), **declared.get(item.name, {}))  # pyright: ignore[reportUnknownArgumentType]
            for item in components
            if isinstance(item, relations.Endpoint)
        ]
        schemas: list[type[Any]] = [
            item.schema  # pyright: ignore[reportUnknownMemberType]
            for item in components
            if isinstance(item, charmkit.Config)
        ]
        return Parts(
            sides={side.name: side for side in sides},
            options=schemas[0] if schemas else None,
            alone=any(isinstance(item, charmkit.ActiveUnit) for item in components),
            webhook=any(isinstance(item, webhooks.WebhookCertificate) for item in components),
            token=any(isinstance(item, ServiceAccountToken) for item in components),
        )

    @functools.cached_property
    def complete(self) -> Result:
        """What config-changed leaves on the leader of one unit when nothing is missing."""
        return self.run(self.state(), "config_changed")

    def optional(self) -> list[str]:
        """The endpoints that charmcraft.yaml does not call for."""
        declared: Mapping[str, Any] = self.directory.meta.get("requires") or {}
        needed = {name for name, item in declared.items() if not item.get("optional")}
        return [name for name in self.parts.sides if name not in needed]

    def state(
        self,
        *,
        leader: bool = True,
        units: int = 1,
        model: str = MODEL,
        config: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        versions: tuple[str, ...] = (),
        bags: Mapping[str, Mapping[str, str]] | None = None,
    ) -> testing.State:
        """A state of unit 0 in which nothing is missing.

        Args:
            leader: Whether the unit is the leader.
            units: How many units the application has.
            model: The model's name.
            config: Options that are not at their defaults.
            without: Endpoints that are not related.
            versions: What the other sides of serialized-data-interface relations speak; by
                default all that the charm does.
            bags: Application databags of the other side, by endpoint, in place of the examples.
        """
        sides = self.parts.sides.items()
        related = [side for name, side in sides if name not in without and not side.apart]
        made = [_relation(side, number, versions) for number, side in enumerate(related, start=10)]
        peers = [item for item in self.directory.endpoints.values() if item.role == "peers"]
        return testing.State(
            leader=leader,
            planned_units=units,
            config=dict(config or {}),
            model=testing.Model(model, uuid=MODEL_UUID, type="kubernetes"),
            containers=self._containers(),
            storages=[testing.Storage(name) for name in self.directory.storage],
            secrets=[secret for _, secret in made if secret],
            relations=[
                *(_replaced(relation, bags or {}) for relation, _ in made),
                *(_peer_relation(item, number, units) for number, item in enumerate(peers, 1)),
            ],
        )

    def as_unit(self, state: testing.State, unit: int, *, leader: bool = False) -> testing.State:
        """A state as another unit sees it: with what is shared, without what is a unit's own."""
        return dataclasses.replace(
            state,
            leader=leader,
            planned_units=max(state.planned_units, unit + 1),
            containers=self._containers(),
            relations=[_seen_by(relation, unit, state) for relation in state.relations],
            opened_ports=[],
            unit_status=testing.UnknownStatus(),
        )

    def cluster(self, model: str = MODEL) -> Cluster:
        """A new cluster with what Juju makes for the application, and what others define in it."""
        return _furnished(self.name, model, self.directory.root / "tests/definitions.yaml").copy()

    @functools.cached_property
    def defined(self) -> Cluster:
        """A cluster like a new one, but the charm's custom resources are defined already.

        To define them takes most of the time of a charm that has many.
        """
        cluster = self.cluster()
        for table, key, stored in self.complete.cluster.store.everything():
            if stored.obj["kind"] == "CustomResourceDefinition":
                cluster.store.put(table, key, stored.obj, stored.managers)
        cluster.forget_resources()
        cluster.resources()
        return cluster

    def run(
        self,
        state: testing.State,
        event: str = "update_status",
        *about: Any,
        unit: int = 0,
        cluster: Cluster | None = None,
        **details: Any,
    ) -> Result:
        """Run one hook.

        Args:
            state: What the unit sees; it stays as it is.
            event: The name of a method of `ops.testing.CharmEvents`.
            about: What the event is about: a relation, a container, an action's name.
            unit: The unit's number.
            cluster: The cluster, which stays as it is; by default a new one.
            details: Further arguments of the event.

        Raises:
            ops.testing.errors.UncaughtCharmError: The charm raised.
        """
        cluster = (cluster or self.cluster(state.model.name or MODEL)).copy()
        cluster.journal.clear()
        context = self._context(unit)
        before = files.before(state)
        happening = getattr(context.on, event)(
            *(_current(item, before) for item in about),
            **{name: _current(item, before) for name, item in details.items()},
        )
        failure = ""
        with self._surroundings(cluster, state.model.name or MODEL):
            try:
                left = context.run(happening, before)
            except testing.ActionFailed as error:
                failure, left = error.message, cast("testing.State", error.state)
        log = [(line.level, line.message) for line in context.juju_log]
        left = files.after(left, context)
        results = dict(context.action_results or {})
        return Result(left, cluster, list(cluster.journal), log, results, failure)

    def declared(self, name: str) -> Any:
        """Return what the charm's tests say in `tests/<name>.yaml`; nothing if it is not there."""
        path = self.directory.root / f"tests/{name}.yaml"
        return yaml.safe_load(path.read_text()) if path.is_file() else {}

    def _containers(self) -> list[testing.Container]:
        return [testing.Container(name, can_connect=True) for name in self.directory.containers]

    def _context(self, unit: int) -> testing.Context[Any]:
        about: Any = {"charm_root": self._root, "unit_id": unit, "juju_version": JUJU_VERSION}
        return self.directory.context(testing.Context[Any], **about)

    @functools.cached_property
    def _root(self) -> pathlib.Path:
        """A directory that looks like the charm's, with its metadata in three files."""
        root, charm = pathlib.Path(tempfile.mkdtemp(prefix=f"ckf-{self.name}-")), self.directory
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        (root / "src").symlink_to(charm.root / "src")
        charm.write_files(root)
        return root

    @contextlib.contextmanager
    def _surroundings(self, cluster: Cluster, model: str) -> Generator[None]:
        user = account(model, self.name)
        with (
            transport.connected(cluster, user, model),
            self.directory.importable(),
            ops_internals.furnished(self._root),
        ):
            yield


def _current(about: Any, state: testing.State) -> Any:
    """A container as it is in the state; anything else as it is."""
    return state.get_container(about.name) if isinstance(about, testing.Container) else about


@functools.cache
def _at(path: pathlib.Path) -> Charm:
    return Charm(juju_charm.CharmDir.load(path))


def _side(endpoint: relations.Endpoint[Any, Any]) -> Side:
    return Side(
        endpoint.name,
        endpoint.interface,
        endpoint.remote_schema,
        endpoint.required,
        provides=endpoint.provides,
    )


def _relation(
    side: Side, number: int, versions: tuple[str, ...]
) -> tuple[testing.Relation, testing.Secret | None]:
    interface = side.interface
    data, secret = examples.bag(interface, side.received, versions)
    unit = interface.requirer_unit if side.provides else interface.provider_unit
    relation = testing.Relation(
        side.name,
        interface.name,
        id=number,
        remote_app_name=f"other-{side.name}",
        remote_app_data=data,
        remote_units_data={0: examples.unit_bag(interface, unit)},
        local_unit_data=examples.own_unit_bag(),
    )
    return relation, secret


def _peer_relation(endpoint: juju_charm.Endpoint, number: int, units: int) -> testing.PeerRelation:
    return testing.PeerRelation(
        endpoint.name,
        endpoint.interface,
        id=number,
        local_unit_data=examples.own_unit_bag(),
        peers_data={unit: dict[str, str]() for unit in range(1, units)},
    )


def _replaced(
    relation: testing.Relation, bags: Mapping[str, Mapping[str, str]]
) -> testing.Relation:
    if relation.endpoint not in bags:
        return relation
    return dataclasses.replace(relation, remote_app_data=dict(bags[relation.endpoint]))


def _seen_by(relation: Any, unit: int, state: testing.State) -> Any:
    """A relation as another unit sees it."""
    if not isinstance(relation, testing.PeerRelation):
        return dataclasses.replace(relation, local_unit_data=examples.own_unit_bag())
    numbers = range(max(state.planned_units, unit + 1))
    others = {number: dict[str, str]() for number in numbers if number != unit}
    return dataclasses.replace(
        relation, local_unit_data=examples.own_unit_bag(), peers_data=others
    )


def definition(name: str, kind: str, version: str, scope: str = "Namespaced") -> dict[str, Any]:
    """Make the definition of a custom resource, ``plural.group``, that lets everything pass."""
    plural, _, group = name.partition(".")
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    return {
        # Which the API server wants of groups below k8s.io.
        "metadata": {"name": name, "annotations": {"api-approved.kubernetes.io": "unapproved"}},
        "spec": {
            "group": group,
            "scope": scope,
            "names": names,
            "versions": [{**served, "schema": {"openAPIV3Schema": schema}}],
        },
    }


@functools.cache
def _furnished(app: str, model: str, definitions: pathlib.Path) -> Cluster:
    """What Juju makes for a model and an application, and the resources that others define.

    Source: juju, caas/kubernetes/provider/application.
    """
    cluster = Cluster(load_balancer=True, pods=True)
    labels = {"app.kubernetes.io/managed-by": "juju", "app.kubernetes.io/name": app}
    metadata = {"name": app, "namespace": model, "labels": labels}
    port = {"name": "placeholder", "port": 65535, "protocol": "TCP", "targetPort": 65535}
    selector = {"app.kubernetes.io/name": app}
    cluster.install("", "namespaces", {"metadata": {"name": model}})
    cluster.install("", "serviceaccounts", {"metadata": metadata})
    spec = {"type": "ClusterIP", "ports": [port], "selector": selector}
    cluster.install("", "services", {"metadata": metadata, "spec": spec})
    for item in yaml.safe_load(definitions.read_text()) if definitions.is_file() else ():
        cluster.install("apiextensions.k8s.io", "customresourcedefinitions", definition(**item))
    # istiod publishes it in every namespace; pods of gateways wait for it.
    root = {"metadata": {"name": "istio-ca-root-cert", "namespace": model}, "data": {}}
    cluster.install("", "configmaps", root)
    controllers.settle(cluster, 1)
    return cluster
