"""The two ends of a relation, as components: send what this side says, read what the other says.

Reading is how a charm states that it depends on something: data that is not there raises
`NotReady`, and the status names the relation and the application on its other side.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Generic, TypeVar

import ops

from . import peers, wire
from .component import Component
from .interface import Interface
from .status import Blocked, NotReady, Waiting

Sent = TypeVar("Sent")
Received = TypeVar("Received")

SECRET_KEY = "secret"  # noqa: S105  the key under which a secret's id stands


class Endpoint(Component, Generic[Sent, Received]):
    """One end of the relations of an endpoint. Use `Provider` or `Requirer`.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
        interface: what goes over it.
        sent: the dataclass of what this side says.
        received: the dataclass of what the other side says.
        send: returns what this side says now, or None for nothing. The leader writes it.
        required: without a relation the charm is Blocked.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str,
        interface: Interface[Any, Any],
        *,
        sent: type[Sent] | None,
        received: type[Received] | None,
        send: Callable[[], Sent | None] | None,
        required: bool,
    ) -> None:
        super().__init__(charm)
        self.name = name
        self.interface = interface
        self.required = required
        self._sent = sent
        self._received = received
        self._send = send
        # Each read is a process.
        self._secret_content = functools.cache(self._read_secret)

    @property
    def relations(self) -> list[ops.Relation]:
        """The relations that stand, by their ids; ops leaves out one that is being broken."""
        return sorted(self.charm.model.relations[self.name], key=lambda item: item.id)

    def one(self) -> Received:
        """What the one application on the other side says.

        Raises:
            Blocked: if none or more than one is related, or its data is malformed.
            Waiting: if it has not said everything yet.
        """
        received = self.optional()
        if received is None:
            raise self._missing()
        return received

    def optional(self) -> Received | None:
        """What the one application on the other side says, or None if none is related.

        Raises:
            Blocked: if more than one is related, or its data is malformed.
            Waiting: if it has not said everything yet.
        """
        if len(self.relations) > 1:
            apps = ", ".join(sorted(_app(relation) for relation in self.relations))
            raise Blocked(f"relation {self.name} takes one application, remove some of: {apps}")
        return self._read(self.relations[0]) if self.relations else None

    def all(self) -> dict[str, Received]:
        """What each application on the other side says, by its name, as far as it is ready.

        One that is not ready is left out, and shows in the status of this component.
        """
        return {_app(relation): received for relation, received in self.each()}

    def each(self) -> list[tuple[ops.Relation, Received]]:
        """What is said in each relation, by their ids, as far as it is ready; see `all`."""
        received: list[tuple[ops.Relation, Received]] = []
        for relation in self.relations:
            try:
                received.append((relation, self._read(relation)))
            except NotReady:
                continue
        return received

    def said(self) -> list[dict[str, Any]]:
        """What stands in this side's databags of a serialized-data-interface endpoint.

        Only the leader can read it. It is where a published charm has left what it generated.
        """
        bags = [relation.data[self.charm.app] for relation in self.relations]
        return [wire.from_sdi(bag) for bag in bags if wire.DATA_KEY in bag]

    def events(self) -> Iterable[ops.BoundEvent]:
        """Everything that happens on the endpoint."""
        on = self.charm.on[self.name]
        return (
            on.relation_created,
            on.relation_joined,
            on.relation_changed,
            on.relation_departed,
            on.relation_broken,
        )

    def reconcile(self) -> None:
        """Write what this side says into every relation."""
        if not self.charm.unit.is_leader():
            return
        self._withdraw()
        problems: list[NotReady] = []
        for relation in self.relations:
            try:
                self._write(relation)
            except NotReady as problem:
                problems.append(problem)
        if problems:
            raise problems[0]

    def status(self) -> ops.StatusBase:
        """Blocked for a required relation that is missing, and for data that is malformed."""
        if self.required and not self.relations:
            raise self._missing()
        if self._received:
            for relation in self.relations:
                self._read(relation)
        return ops.ActiveStatus()

    def _missing(self) -> Blocked:
        return Blocked(f"relate {self.name} to an application that offers {self.interface.name}")

    def _read(self, relation: ops.Relation) -> Received:
        if self._received is None:
            raise TypeError(f"{self.name}: the other side of {self.interface.name} says nothing")
        with _named(self.name, relation):
            if self.interface.versions:
                return self._read_sdi(relation, self._received)
            return self._read_plain(relation, self._received)

    def _read_plain(self, relation: ops.Relation, schema: type[Received]) -> Received:
        bag = self._with_secrets(relation, relation.data[relation.app])
        missing = [name for name in wire.required_keys(schema) if name not in bag]
        if missing:
            # Each key may come with a hook of its own.
            raise self._no_data(relation, missing if set(bag) & set(wire.keys(schema)) else ())
        return wire.from_plain(schema, bag)

    def _with_secrets(self, relation: ops.Relation, bag: wire.Bag) -> wire.Bag:
        """Return the databag with the keys of the secrets that it names."""
        named = [name for name in self.interface.secret_keys if bag.get(name)]
        contents = [self._open(relation, bag[name]) for name in named]
        return {key: text for part in (bag, *contents) for key, text in part.items()}

    def _read_sdi(self, relation: ops.Relation, schema: type[Received]) -> Received:
        bag = relation.data[relation.app]
        version = self._version(bag)
        if version is None or wire.DATA_KEY not in bag:
            if wire.has_required(schema) or (self.required and version is None):
                raise self._no_data(relation)
            return wire.from_mapping(schema, {})
        payload = wire.from_sdi(bag)
        if self._in_secret(version, schema):
            payload |= self._handed_over(relation, payload)
        return wire.from_mapping(schema, payload)

    def _no_data(self, relation: ops.Relation, keys: Iterable[str] = ()) -> Waiting:
        which = " and ".join(keys) or "data"
        return Waiting(f"relation {self.name}: waiting for {which} from {_app(relation)}")

    def _write(self, relation: ops.Relation) -> None:
        bag = relation.data[self.charm.app]
        if not self.interface.versions:
            self.update(bag, self._plain(self._wanted()))
            return
        self.update(bag, {wire.VERSIONS_KEY: wire.to_yaml(list(self.interface.versions))})
        with _named(self.name, relation):
            version = self._version(relation.data[relation.app])
        if version is None or not self._speaks(version):
            return
        data = self._wanted()
        text = "" if data is None else self._sdi(relation, version, data)
        self.update(bag, {wire.DATA_KEY: text})

    def _wanted(self) -> Sent | None:
        return self._send() if self._send else None

    def _plain(self, data: Sent | None) -> dict[str, str]:
        absent = dict.fromkeys(wire.keys(self._sent), "") if self._sent else {}
        return absent | (wire.to_plain(data) if data is not None else {})

    def _sdi(self, relation: ops.Relation, version: str, data: Sent) -> str:
        payload = wire.to_mapping(data)
        if self._in_secret(version, type(data)):
            content = {name: str(payload.pop(name)) for name in wire.secret_keys(type(data))}
            payload[SECRET_KEY] = self._hand_over(relation, content)
        return wire.to_yaml(payload)

    def _version(self, remote: wire.Bag) -> str | None:
        """The version that both sides speak, or None if the other side has not spoken yet."""
        theirs = wire.offered_versions(remote)
        version = wire.common_version(self.interface.versions, theirs)
        if theirs and version is None:
            ours = ", ".join(self.interface.versions)
            raise wire.MalformedError(f"it speaks {', '.join(theirs)}, this charm {ours}")
        return version

    def _speaks(self, version: str) -> bool:
        """Whether this side says anything in a version."""
        first = self.interface.provider_version
        provides = self.charm.meta.relations[self.name].role is ops.RelationRole.provides
        return not (first and provides) or _reaches(version, first)

    def _in_secret(self, version: str, schema: type[Any]) -> bool:
        first = self.interface.secret_version
        return bool(first) and _reaches(version, first) and bool(wire.secret_keys(schema))

    def _label(self, relation_id: int | None) -> str:
        return f"{self.name}.{relation_id}"

    def _hand_over(self, relation: ops.Relation, content: dict[str, str]) -> str:
        """Keep the content in a secret of this application, granted to the relation; its id."""
        label = self._label(relation.id)
        try:
            secret = self.charm.model.get_secret(label=label)
        except ops.SecretNotFoundError:
            secret = self.charm.app.add_secret(content, label=label)
            secret.grant(relation)
        else:
            if secret.peek_content() != content:
                secret.set_content(content)
        # secret-add and secret-info-get write the same id in different ways.
        return secret.get_info().id

    def _withdraw(self) -> None:
        """Remove the secret of the relation that is being broken; ops does not list that one.

        A leader that is itself being removed leaves the relation alone: other units still have it.
        """
        hook = ops.JujuContext.from_environ()
        going = hook.relation_name == self.name and hook.relation_id not in self._ids()
        if self.interface.secret_version and going and not peers.is_leaving(self.charm):
            with contextlib.suppress(ops.SecretNotFoundError):
                secret = self.charm.model.get_secret(label=self._label(hook.relation_id))
                secret.remove_all_revisions()

    def _ids(self) -> list[int]:
        return [relation.id for relation in self.relations]

    def _handed_over(self, relation: ops.Relation, payload: Mapping[str, Any]) -> dict[str, str]:
        secret_id = str(payload.get(SECRET_KEY, ""))
        if not secret_id.startswith("secret:"):
            # It still stands there as the version before has it.
            reason = f"waiting for {_app(relation)} to hand over a secret"
            raise Waiting(f"relation {self.name}: {reason}")
        return self._open(relation, secret_id)

    def _open(self, relation: ops.Relation, secret_id: str) -> dict[str, str]:
        """Return the newest content of a secret of the other side."""
        if not secret_id.startswith("secret:"):
            raise wire.MalformedError("it names no secret where one belongs")
        try:
            return self._secret_content(secret_id)
        except (ops.SecretNotFoundError, ops.ModelError) as error:
            reason = f"waiting for {_app(relation)} to grant its secret"
            raise Waiting(f"relation {self.name}: {reason}") from error

    def _read_secret(self, secret_id: str) -> dict[str, str]:
        return self.charm.model.get_secret(id=secret_id).get_content(refresh=True)

    @staticmethod
    def update(bag: ops.RelationDataContent, wanted: Mapping[str, str]) -> None:
        """Write what differs into a databag; empty text removes a key, as in Juju."""
        changed = {name: text for name, text in wanted.items() if bag.get(name, "") != text}
        if changed:
            bag.update(changed)


class Provider(Endpoint[Sent, Received]):
    """The providing end of an endpoint.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
        interface: what goes over it.
        send: returns what the provider says now, or None for nothing.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str,
        interface: Interface[Sent, Received],
        send: Callable[[], Sent | None] | None = None,
    ) -> None:
        super().__init__(
            charm,
            name,
            interface,
            sent=interface.provider,
            received=interface.requirer,
            send=send,
            required=False,
        )


class Requirer(Endpoint[Sent, Received]):
    """The requiring end of an endpoint.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
        interface: what goes over it.
        send: returns what the requirer says now, or None for nothing.
        required: without a relation the charm is Blocked.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str,
        interface: Interface[Received, Sent],
        send: Callable[[], Sent | None] | None = None,
        *,
        required: bool = False,
    ) -> None:
        super().__init__(
            charm,
            name,
            interface,
            sent=interface.requirer,
            received=interface.provider,
            send=send,
            required=required,
        )


def _reaches(version: str, first: str) -> bool:
    return int(version[1:]) >= int(first[1:])


def _app(relation: ops.Relation) -> str:
    return relation.app.name


@contextlib.contextmanager
def _named(endpoint: str, relation: ops.Relation) -> Generator[None]:
    """Say of malformed data which relation and which application it came with."""
    try:
        yield
    except wire.MalformedError as error:
        message = f"relation {endpoint}: bad data from {_app(relation)}: {error}"
        raise Blocked(message) from error
