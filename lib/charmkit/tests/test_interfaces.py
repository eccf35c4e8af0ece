# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every interface: what is sent comes back as it was, under the keys of its docstring."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import types
import typing
from typing import Any

import pytest
from charmkit import Interface, interfaces, relations, wire
from charmkit.interfaces import (
    ingress,
    k8s_service,
    kubeflow_dashboard_links,
    object_storage,
    oidc_client,
    velero_backup_config,
)
from ops import testing

MODULES = [
    importlib.import_module(f"{interfaces.__name__}.{info.name}")
    for info in pkgutil.iter_modules(interfaces.__path__)
]
DEFINED = {
    f"{module.__name__.rpartition('.')[2]}.{name}": (module, value)
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Interface)
}
SENT = {
    f"{name}.{side}": (module, defined, getattr(defined, side))
    for name, (module, defined) in DEFINED.items()
    for side in ("provider", "requirer", "provider_unit", "requirer_unit")
    if getattr(defined, side) is not None
}
ENDS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, relations.Endpoint)
}


def example(defined: Interface[Any, Any], schema: type[Any]) -> Any:
    """An instance of one of an interface's dataclasses: its own example, or every field set."""
    own = [each for each in defined.examples if type(each) is schema]
    return own[0] if own else _full(schema)


def _full(schema: type[Any]) -> Any:
    hints = typing.get_type_hints(schema)
    return schema(**{item.name: _value(hints[item.name]) for item in dataclasses.fields(schema)})


def _value(annotation: Any) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _value(next(each for each in arguments if each is not type(None)))
    if origin in (list, tuple):
        return origin([_value(arguments[0])])
    if origin is dict or annotation is Any:
        return {"a": ["b", 1, None, {"c": True}]}
    if dataclasses.is_dataclass(annotation):
        return _full(typing.cast("type[Any]", annotation))
    return {str: "text", int: 80, float: 0.5, bool: True}[annotation]


every_schema = pytest.mark.parametrize(("module", "defined", "schema"), SENT.values(), ids=SENT)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_module_defines_an_interface(module: types.ModuleType) -> None:
    assert any(found is module for found, _ in DEFINED.values())


@pytest.mark.parametrize(("module", "defined"), DEFINED.values(), ids=DEFINED)
def test_the_docstring_names_the_interface_the_wire_and_the_source(
    module: types.ModuleType, defined: Interface[Any, Any]
) -> None:
    text = module.__doc__ or ""
    assert text.startswith(f"`{defined.name}`: ")
    assert "wire format" in text.lower()
    assert re.search(r"^Source( of v\d)?: ", text, re.MULTILINE)
    assert ("serialized-data-interface" in text) >= isinstance(defined.codec, wire.Sdi)


@every_schema
def test_what_is_sent_comes_back_as_it_was(
    module: types.ModuleType, defined: Interface[Any, Any], schema: type[Any]
) -> None:
    data = example(defined, schema)
    if schema in (defined.provider_unit, defined.requirer_unit):
        assert wire.from_plain(schema, wire.to_plain(data)) == data
        return
    secrets: dict[str, dict[str, str]] = {}

    def keep(content: dict[str, str]) -> str:
        secrets["secret:1"] = content
        return "secret:1"

    codec = defined.codec
    for version in codec.versions if isinstance(codec, wire.Sdi) else ("",):
        spoken = {wire.VERSIONS_KEY: wire.to_yaml([version])} if version else {}
        bag = {**spoken, **codec.encode(schema, data, version, keep)}
        later = wire.fields_after(schema, version)
        defaults = {item.name: item.default for item in later}
        expected = dataclasses.replace(data, **defaults)
        assert codec.decode(schema, bag, secrets.__getitem__) == expected


@every_schema
def test_the_docstring_has_every_key(
    module: types.ModuleType, defined: Interface[Any, Any], schema: type[Any]
) -> None:
    for key in wire.keys(schema):
        assert re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", module.__doc__ or ""), key


@every_schema
def test_what_is_sent_is_frozen(
    module: types.ModuleType, defined: Interface[Any, Any], schema: type[Any]
) -> None:
    data = example(defined, schema)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(data, dataclasses.fields(schema)[0].name, None)


@every_schema
def test_secrets_have_a_version_and_names_that_juju_takes(
    module: types.ModuleType, defined: Interface[Any, Any], schema: type[Any]
) -> None:
    keys = wire.secret_keys(schema)
    if keys and isinstance(defined.codec, wire.Sdi):
        assert defined.codec.secret_version in defined.codec.versions
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,}", key) for key in keys)


@pytest.mark.parametrize(("module", "defined"), DEFINED.values(), ids=DEFINED)
def test_examples_are_of_the_interfaces_own_dataclasses(
    module: types.ModuleType, defined: Interface[Any, Any]
) -> None:
    schemas = {
        defined.provider,
        defined.requirer,
        defined.provider_unit,
        defined.requirer_unit,
    }
    assert {type(each) for each in defined.examples} <= schemas


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_module_has_both_ends(module: types.ModuleType) -> None:
    ends = [end for name, end in ENDS.items() if name.startswith(_stem(module))]
    assert {end.provides for end in ends} == {True, False}
    assert {id(end.interface) for end in ends} == {
        id(defined) for found, defined in DEFINED.values() if found is module
    }


def _stem(module: types.ModuleType) -> str:
    return f"{module.__name__.rpartition('.')[2]}."


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        (
            object_storage.ObjectStorage("minio", 9000, False, "a", "s", "ml"),
            {
                "service": "minio",
                "namespace": "ml",
                "port": 9000,
                "secure": False,
                "access-key": "a",
                "secret-key": "s",
            },
        ),
        (
            oidc_client.Client("id", "name", ("/a", "/b"), "s"),
            {"id": "id", "name": "name", "redirectURIs": ["/a", "/b"], "secret": "s"},
        ),
        (
            k8s_service.Service("kfp-api", "8888"),
            {"service-name": "kfp-api", "service-port": "8888"},
        ),
        (k8s_service.PlainService("mlmd", "8080"), {"name": "mlmd", "port": "8080"}),
        (
            ingress.Route("svc", 80, "/a", namespace="ml", required_query=("/a/b?c",)),
            {
                "service": "svc",
                "port": 80,
                "prefix": "/a",
                "namespace": "ml",
                "required-query": ["/a/b?c"],
            },
        ),
    ],
)
def test_a_payload_has_the_keys_of_the_wire(data: Any, payload: dict[str, Any]) -> None:
    assert wire.to_mapping(data) == payload
    assert wire.from_mapping(type(data), payload) == data


def test_a_location_that_the_dashboard_does_not_know_is_malformed() -> None:
    text = '[{"text": "a", "link": "/a", "location": "left"}]'
    with pytest.raises(wire.MalformedError, match=r"^dashboard_links\[0\]: location is left, not"):
        wire.from_plain(kubeflow_dashboard_links.Links, {"dashboard_links": text})


def test_a_link_that_says_little_has_the_usual_rest() -> None:
    text = '[{"text": "a", "link": "/a", "location": "menu"}]'
    links = wire.from_plain(kubeflow_dashboard_links.Links, {"dashboard_links": text})
    assert links.dashboard_links == (kubeflow_dashboard_links.Link("a", "/a", "menu"),)
    assert wire.from_plain(kubeflow_dashboard_links.Links, {}).dashboard_links == ()


def test_a_backup_has_all_fields(context: Any) -> None:
    ctx = context(lambda _: [])
    state = testing.State(model=testing.Model("ml"))
    with ctx(ctx.on.update_status(), state) as manager:
        backup = velero_backup_config.backup(manager.charm, "velero", ttl="24h")
        assert (backup.model, backup.app, backup.relation_name) == ("ml", "app", "velero")
        assert backup.spec == {
            "include_namespaces": None,
            "include_resources": None,
            "exclude_namespaces": None,
            "exclude_resources": None,
            "label_selector": None,
            "ttl": "24h",
            "include_cluster_resources": None,
        }
        with pytest.raises(TypeError, match="tttl"):
            velero_backup_config.backup(manager.charm, "velero", tttl="24h")
