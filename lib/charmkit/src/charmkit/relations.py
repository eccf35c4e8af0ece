# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The two ends of a relation, as components: send what this side knows, read the other side.

Reading is how a charm states that it depends on something: data that is not there raises
`NotReady`, and the status names the relation and the application on its other side.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import ops

from . import wire
from ._component import Component
from ._interface import Interface
from ._peers import is_leaving
from ._status import Blocked, NotReady, Waiting

LocalData = TypeVar("LocalData")
RemoteData = TypeVar("RemoteData")

_GRANTED_KEY = "secret-granted"


class Endpoint(Component, Generic[LocalData, RemoteData]):
    """One end of the relations of an endpoint. Use the `Provider` or `Requirer` of an interface.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml; by default the usual one of the interface.
        data: returns what the application sends, or None for nothing. The leader writes it.
        unit_data: returns what this unit sends, or None for nothing.
        required: without a relation the charm is Blocked.
    """

    interface: ClassVar[Interface[Any, Any]]
    provides: ClassVar[bool]

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str = "",
        *,
        data: Callable[[], LocalData | None] | None = None,
        unit_data: Callable[[], Any | None] | None = None,
        required: bool = False,
    ) -> None:
        super().__init__(charm)
        self.name = name or self.interface.endpoint or self.interface.name
        self.required = required
        self._data = data
        self._unit_data = unit_data
        # Each read is a process.
        self._secret_content = functools.cache(self._read_secret)

    @property
    def relations(self) -> list[ops.Relation]:
        """The relations by their ids; ops leaves out one that is being broken.

        There are none on an endpoint that the charm was packed without.
        """
        if not self._is_packed:
            return []
        return sorted(self.charm.model.relations[self.name], key=lambda item: item.id)

    @property
    def local_schema(self) -> type[Any] | None:
        """The dataclass that this side sends."""
        return self.interface.provider if self.provides else self.interface.requirer

    @property
    def remote_schema(self) -> type[Any] | None:
        """The dataclass that the other side sends."""
        return self.interface.requirer if self.provides else self.interface.provider

    def get(self) -> RemoteData:
        """Return what the one application on the other side sends.

        Raises:
            Blocked: if none or more than one is related, or its data is malformed.
            Waiting: if it has not sent everything yet.
        """
        data = self.get_or_none()
        if data is None:
            raise self._missing()
        return data

    def get_or_none(self) -> RemoteData | None:
        """Return what the one application on the other side sends, or None if none is related.

        Raises:
            Blocked: if more than one is related, or its data is malformed.
            Waiting: if it has not sent everything yet.
        """
        if len(self.relations) > 1:
            apps = ", ".join(sorted(relation.app.name for relation in self.relations))
            raise Blocked(f"relation {self.name} takes one application, remove some of: {apps}")
        return self._read(self.relations[0]) if self.relations else None

    def by_app(self) -> dict[str, RemoteData]:
        """Return what each application sends, by its name; those that are not ready are left out.

        They show in the status of this component.
        """
        return {relation.app.name: data for relation, data in self.items()}

    def items(self) -> list[tuple[ops.Relation, RemoteData]]:
        """Return each relation with what is sent in it, by their ids; see `by_app`."""
        ready: list[tuple[ops.Relation, RemoteData]] = []
        for relation in self.relations:
            with contextlib.suppress(NotReady):
                ready.append((relation, self._read(relation)))
        return ready

    def units(self) -> list[tuple[ops.Unit, Any]]:
        """Return each unit of the other side with what it sends; those not ready are left out.

        Malformed data shows in the status of this component.
        """
        ready: list[tuple[ops.Unit, Any]] = []
        for relation, unit in self._remote_units():
            with contextlib.suppress(Blocked):
                data = self._read_unit(relation, unit)
                ready += [(unit, data)] if data is not None else []
        return ready

    def published(self) -> list[dict[str, Any]]:
        """Return what stands in this side's databags; only the leader can read them.

        A published charm may have left there what it generated.
        """
        codec = self.interface.codec
        bags = [relation.data[self.charm.app] for relation in self.relations]
        return [data for bag in bags if (data := codec.published(bag))]

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return every event of the endpoint."""
        if not self._is_packed:
            return ()
        on = self.charm.on[self.name]
        return (
            on.relation_created,
            on.relation_joined,
            on.relation_changed,
            on.relation_departed,
            on.relation_broken,
        )

    def reconcile(self) -> None:
        """Write what this side sends into every relation."""
        self._write_unit_data()
        if not self.charm.unit.is_leader():
            return
        self._revoke()
        problems: list[NotReady] = []
        for relation in self.relations:
            try:
                self._write(relation)
            except NotReady as problem:
                problems.append(problem)
        if problems:
            raise problems[0]

    def status(self) -> ops.StatusBase:
        """Return Blocked for a required relation that is missing, and for malformed data."""
        if self.required and not self.relations:
            raise self._missing()
        if self.remote_schema:
            for relation in self.relations:
                self._read(relation)
        for relation, unit in self._remote_units():
            self._read_unit(relation, unit)
        return ops.ActiveStatus()

    @property
    def _is_packed(self) -> bool:
        return self.name in self.charm.meta.relations

    def _missing(self) -> Blocked:
        return Blocked(f"relate {self.name} to an application that offers {self.interface.name}")

    def _read(self, relation: ops.Relation) -> RemoteData:
        schema = self.remote_schema
        if schema is None:
            raise TypeError(f"{self.name}: the other side of {self.interface.name} sends nothing")
        bag = relation.data[relation.app]
        with _named(self.name, relation):
            try:
                return self.interface.codec.decode(schema, bag, self._secret_content)
            except wire.AbsentError as absent:
                app = relation.app.name
                reason = f"waiting for {absent.missing} from {app}"
                raise Waiting(f"relation {self.name}: {reason}") from absent
            except (ops.SecretNotFoundError, ops.ModelError) as error:
                reason = f"waiting for {relation.app.name} to grant its secret"
                raise Waiting(f"relation {self.name}: {reason}") from error

    def _read_unit(self, relation: ops.Relation, unit: ops.Unit) -> Any | None:
        interface = self.interface
        schema = interface.requirer_unit if self.provides else interface.provider_unit
        bag = relation.data[unit]
        if schema is None or not set(wire.required_keys(schema)) <= set(bag):
            return None
        try:
            return wire.from_plain(schema, bag)
        except wire.MalformedError as error:
            raise Blocked(f"relation {self.name}: bad data from {unit.name}: {error}") from error

    def _remote_units(self) -> list[tuple[ops.Relation, ops.Unit]]:
        return [(relation, unit) for relation in self.relations for unit in relation.units]

    def _write_unit_data(self) -> None:
        interface = self.interface
        schema = interface.provider_unit if self.provides else interface.requirer_unit
        if schema is None or self._unit_data is None:
            return
        data = self._unit_data() if self.relations else None
        for relation in self.relations:
            texts = wire.to_plain(data) if data is not None else {}
            self.update(
                relation.data[self.charm.unit], dict.fromkeys(wire.keys(schema), "") | texts
            )

    def _write(self, relation: ops.Relation) -> None:
        codec, bag = self.interface.codec, relation.data[self.charm.app]
        self.update(bag, codec.announcement())
        with _named(self.name, relation):
            version = codec.version(relation.data[relation.app])
        if version is None or not codec.sends(version, provides=self.provides):
            return
        data = self._data() if self._data else None
        keep = functools.partial(self._keep_secret, relation)
        self.update(bag, codec.encode(self.local_schema, data, version, keep))

    def _label(self, relation_id: int | None) -> str:
        return f"{self.name}.{relation_id}"

    def _keep_secret(self, relation: ops.Relation, content: dict[str, str]) -> str:
        """Keep the content in a secret of this application, granted to the relation; its id.

        Juju 4.0 drops a grant that is made in the hook that creates the secret, and nothing tells
        the other side of a later one. So it is granted in every hook, and there a key of the
        databag changes with the first grant after that hook, which wakes the other side.
        """
        label = self._label(relation.id)
        try:
            secret = self.charm.model.get_secret(label=label)
        except ops.SecretNotFoundError:
            secret = self.charm.app.add_secret(content, label=label)
        else:
            if secret.peek_content() != content:
                secret.set_content(content)
            if ops.JujuContext.from_environ().version >= "4.0.0":
                self.update(relation.data[self.charm.app], {_GRANTED_KEY: "true"})
        secret.grant(relation)
        # secret-add and secret-info-get write the same id in different ways.
        return secret.get_info().id

    def _revoke(self) -> None:
        """Remove the secret of the relation that is being broken; ops does not list that one.

        A leader that is itself being removed leaves the relation alone: other units still have it.
        """
        if not self._has_secrets:
            return
        hook = ops.JujuContext.from_environ()
        ids = [relation.id for relation in self.relations]
        is_broken = hook.relation_name == self.name and hook.relation_id not in ids
        if is_broken and not is_leaving(self.charm):
            with contextlib.suppress(ops.SecretNotFoundError):
                secret = self.charm.model.get_secret(label=self._label(hook.relation_id))
                secret.remove_all_revisions()

    @property
    def _has_secrets(self) -> bool:
        return self.interface.codec.has_secrets

    def _read_secret(self, secret_id: str) -> Mapping[str, str]:
        return self.charm.model.get_secret(id=secret_id).get_content(refresh=True)

    @staticmethod
    def update(bag: ops.RelationDataContent, wanted: Mapping[str, str]) -> None:
        """Write what differs into a databag; empty text removes a key, as in Juju."""
        changed = {name: text for name, text in wanted.items() if bag.get(name, "") != text}
        if changed:
            bag.update(changed)


class Provider(Endpoint[LocalData, RemoteData]):
    """The providing end of an endpoint; see `Endpoint`."""

    provides = True


class Requirer(Endpoint[LocalData, RemoteData]):
    """The requiring end of an endpoint; see `Endpoint`."""

    provides = False


@contextlib.contextmanager
def _named(endpoint: str, relation: ops.Relation) -> Generator[None]:
    """Say of malformed data which relation and which application it came with."""
    try:
        yield
    except wire.MalformedError as error:
        message = f"relation {endpoint}: bad data from {relation.app.name}: {error}"
        raise Blocked(message) from error
