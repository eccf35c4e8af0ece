# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Our codec against the package `serialized-data-interface`: a charm with it on the other side."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable
from typing import Any

import charmkit
import ops
import pytest
import serialized_data_interface as sdi
from charmkit import Interface, wire
from charmkit.interfaces import ingress, ingress_auth, k8s_service, object_storage, oidc_client
from jujusim.testing import examples
from ops import testing

ENDPOINT = "endpoint"
OTHER_ROLE = {"provides": "requires", "requires": "provides"}
INTERFACES: dict[str, Interface[Any, Any]] = {
    module.INTERFACE.name: module.INTERFACE
    for module in (ingress, ingress_auth, k8s_service, object_storage, oidc_client)
}


@dataclasses.dataclass
class Pair:
    """Two charms on one relation: ours, and one that uses the package.

    Args:
        role: The role of ours.
        interface: Ours.
        schema: The published one, by version.
        versions: What the other one speaks.
        root: A directory for the other one's metadata.
        read: What ours has read.
        got: What the other one has read.
        errors: The names of the package's errors in the other one's last hook.
    """

    role: str
    interface: Interface[Any, Any]
    schema: dict[str, Any]
    versions: list[str]
    root: pathlib.Path
    read: list[Any] = dataclasses.field(default_factory=list[Any])
    got: list[Any] = dataclasses.field(default_factory=list[Any])
    errors: list[str] = dataclasses.field(default_factory=list[str])
    bags: dict[str, dict[str, str]] = dataclasses.field(
        default_factory=lambda: {"ours": {}, "theirs": {}}
    )
    status: ops.StatusBase = dataclasses.field(default_factory=ops.UnknownStatus)

    @property
    def codec(self) -> wire.Sdi:
        codec = self.interface.codec
        assert isinstance(codec, wire.Sdi)
        return codec

    @property
    def said_by_us(self) -> type[Any] | None:
        return self._said(self.role)

    @property
    def said_by_them(self) -> type[Any] | None:
        return self._said(OTHER_ROLE[self.role])

    def _said(self, role: str) -> type[Any] | None:
        """What a side says in the versions that the published charms speak."""
        if role == "provides" and self.codec.provider_version:
            return None
        return getattr(self.interface, role.removesuffix("s") + "r")

    def settle(self, hooks: int = 3) -> None:
        """Let both run in turn, as often as two sides that wait for each other need."""
        for _ in range(hooks):
            self.run_theirs()
            self.run_ours()

    def run_ours(self) -> None:
        self.read.clear()
        state = self._run(self._our_class(), {self.role: self._endpoint()}, "ours", "theirs")
        self.status = ops.StatusBase.from_name(state.unit_status.name, state.unit_status.message)

    def run_theirs(self) -> None:
        self.got.clear()
        self.errors.clear()
        declared = {**self._endpoint(), "schema": self.schema, "versions": self.versions}
        self._run(self._their_class(), {OTHER_ROLE[self.role]: declared}, "theirs", "ours")

    def _endpoint(self) -> dict[str, Any]:
        return {"interface": self.interface.name}

    def _run(
        self, charm: type[ops.CharmBase], roles: dict[str, Any], mine: str, other: str
    ) -> testing.State:
        root = self.root / mine
        root.mkdir(exist_ok=True)
        endpoints = {role: {ENDPOINT: declared} for role, declared in roles.items()}
        context = testing.Context(charm, {"name": mine, **endpoints}, charm_root=root)
        relation = testing.Relation(
            ENDPOINT,
            self.interface.name,
            remote_app_name=other,
            local_app_data=self.bags[mine],
            remote_app_data=self.bags[other],
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(root)  # The package reads metadata.yaml from there.
            state = context.run(
                context.on.relation_changed(relation, remote_unit=0),
                testing.State(leader=True, relations=[relation]),
            )
        self.bags[mine] = dict(state.get_relation(relation.id).local_app_data)
        return state

    def _our_class(self) -> type[ops.CharmBase]:
        pair, said = self, self.said_by_us
        base = charmkit.Provider if self.role == "provides" else charmkit.Requirer
        end: Any = type("End", (base,), {"interface": self.interface})

        class Ours(ops.CharmBase):
            def __init__(self, framework: ops.Framework) -> None:
                super().__init__(framework)
                data = functools.partial(examples.instance, said, pair.interface) if said else None
                self.endpoint = charmkit.Reconciler(self).add(end(self, ENDPOINT, data=data))
                framework.observe(self.on[ENDPOINT].relation_changed, self._read)

            def _read(self, _: ops.EventBase) -> None:
                if pair.said_by_them is not None:
                    pair.read.extend(self.endpoint.by_app().values())

        return Ours

    def _their_class(self) -> type[ops.CharmBase]:
        pair, said = self, self.said_by_them

        class Theirs(ops.CharmBase):
            def __init__(self, framework: ops.Framework) -> None:
                super().__init__(framework)
                framework.observe(self.on[ENDPOINT].relation_changed, self._on_changed)

            def _on_changed(self, _: ops.EventBase) -> None:
                try:
                    self._exchange()
                except sdi.errors.RelationException as error:
                    pair.errors.append(type(error).__name__)

            def _exchange(self) -> None:
                interface = sdi.get_interface(self, ENDPOINT)
                assert interface is not None
                if said is not None:
                    interface.send_data(wire.to_mapping(examples.instance(said, pair.interface)))
                for (_, app), data in interface.get_data().items():
                    if app != self.app:
                        pair.got.append(data)

        return Theirs


@pytest.fixture
def pair_of(contract: dict[str, Any], tmp_path: pathlib.Path):
    def make(interface: str, role: str, versions: list[str] | None = None) -> Pair:
        schema = contract["sdi_interfaces"][interface]["schema"]
        return Pair(role, INTERFACES[interface], schema, versions or ["v1"], tmp_path)

    return make


MakePair = Callable[..., Pair]


def test_every_interface_has_ours(contract: dict[str, Any]):
    assert set(INTERFACES) == set(contract["sdi_interfaces"])


@pytest.mark.parametrize("role", OTHER_ROLE)
def test_round_trip(pair_of: MakePair, sdi_interface: str, role: str):
    """One of the two sides has something to say, and the other reads exactly that."""
    pair = pair_of(sdi_interface, role)
    pair.settle()
    assert pair.errors == []
    assert pair.status.name == "active"
    if pair.said_by_us is not None:
        later = {wire.key(item) for item in wire.fields_after(pair.said_by_us, "v1")}
        sent = wire.to_mapping(examples.instance(pair.said_by_us, pair.interface))
        assert pair.got == [{key: sent[key] for key in sent.keys() - later}]
    if pair.said_by_them is not None:
        assert pair.read == [examples.instance(pair.said_by_them, pair.interface)]
    assert pair.got or pair.read


@pytest.mark.parametrize("role", OTHER_ROLE)
def test_nothing_moves_once_settled(pair_of: MakePair, sdi_interface: str, role: str):
    pair = pair_of(sdi_interface, role)
    pair.settle()
    before = {side: dict(bag) for side, bag in pair.bags.items()}
    pair.settle(hooks=1)
    assert pair.bags == before


@pytest.mark.parametrize("role", OTHER_ROLE)
def test_ours_first(pair_of: MakePair, sdi_interface: str, role: str):
    """Nothing is there yet: ours writes its versions, and waits for whoever is to answer."""
    pair = pair_of(sdi_interface, role)
    pair.run_ours()
    assert set(pair.bags["ours"]) == {"_supported_versions"}
    answer = pair.interface.requirer if role == "provides" else pair.interface.provider
    assert pair.status.name == ("waiting" if answer else "active")


@pytest.mark.parametrize("role", OTHER_ROLE)
def test_theirs_first(pair_of: MakePair, sdi_interface: str, role: str):
    """The package says its versions, and that it has met no others."""
    pair = pair_of(sdi_interface, role)
    pair.run_theirs()
    assert pair.errors == ["UnversionedRelation"]
    assert set(pair.bags["theirs"]) == {"_supported_versions"}
    pair.run_ours()
    assert ("data" in pair.bags["ours"]) == (pair.said_by_us is not None)


@pytest.mark.parametrize("role", OTHER_ROLE)
def test_no_common_version(pair_of: MakePair, sdi_interface: str, role: str):
    pair = pair_of(sdi_interface, role)
    pair.schema = {"v9": pair.schema["v1"]}
    pair.versions = ["v9"]
    pair.settle()
    assert pair.errors == ["IncompatibleVersionsError"]
    assert pair.status.name == "blocked"
    assert "it speaks v9, this charm v1" in pair.status.message
    assert "data" not in pair.bags["ours"]


@pytest.mark.parametrize("offered", [["v1", "v2"], ["v2", "v1"]], ids="-".join)
def test_the_highest_common_version_is_spoken(pair_of: MakePair, offered: list[str]):
    """As the published istio-pilot: it offers v1 and v2 of ingress, requirers speak v1."""
    pair = pair_of("ingress", "requires", offered)
    pair.settle()
    assert pair.errors == []
    sent = wire.to_mapping(examples.instance(ingress.Route, pair.interface))
    later = {wire.key(item) for item in wire.fields_after(ingress.Route, "v1")}
    assert pair.got == [{key: value for key, value in sent.items() if key not in later}]


@pytest.mark.parametrize("name", ["object-storage", "oidc-client"])
def test_with_the_package_secrets_stay_in_v1(pair_of: MakePair, name: str):
    """It knows nothing of Juju secrets, so it gets the values in clear as before."""
    pair = pair_of(name, "provides")
    pair.settle()
    assert set(wire.secret_keys(pair.said_by_us or object)) <= pair.got[0].keys()
