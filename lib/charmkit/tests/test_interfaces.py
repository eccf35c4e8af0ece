"""Every interface: what it says comes back as it was, under the keys that its docstring gives."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import types
import typing
from typing import Any

import pytest
from charmkit import interface, interfaces, wire
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
    if isinstance(value, interface.Interface)
}
SAID = {
    f"{name}.{side}": (module, defined, schema)
    for name, (module, defined) in DEFINED.items()
    for side, schema in (("provider", defined.provider), ("requirer", defined.requirer))
    if schema is not None
}

# What the dataclasses check beyond the type.
EXAMPLES = {"location": "menu", "endpoints": "mysql:3306"}


def example(schema: type[Any]) -> Any:
    """An instance with every field set."""
    hints = typing.get_type_hints(schema)
    names = [item.name for item in dataclasses.fields(schema)]
    return schema(**{name: EXAMPLES.get(name) or _value(hints[name]) for name in names})


def _value(annotation: Any) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _value(next(each for each in arguments if each is not type(None)))
    if origin in (list, tuple):
        return origin([_value(arguments[0])])
    if origin is dict or annotation is Any:
        return {"a": ["b", 1, None, {"c": True}]}
    if dataclasses.is_dataclass(annotation):
        return example(typing.cast("type[Any]", annotation))
    return {str: "text", int: 80, float: 0.5, bool: True}[annotation]


every_schema = pytest.mark.parametrize(("module", "defined", "schema"), SAID.values(), ids=SAID)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_module_defines_an_interface(module: types.ModuleType) -> None:
    assert any(found is module for found, _ in DEFINED.values())


@pytest.mark.parametrize(("module", "defined"), DEFINED.values(), ids=DEFINED)
def test_the_docstring_names_the_interface_the_wire_and_the_source(
    module: types.ModuleType, defined: interface.Interface[Any, Any]
) -> None:
    text = module.__doc__ or ""
    assert text.startswith(f"`{defined.name}`: ")
    assert "wire format" in text.lower()
    assert re.search(r"^Source( of v\d)?: ", text, re.MULTILINE)
    assert ("serialized-data-interface" in text) >= bool(defined.versions)


@every_schema
def test_it_comes_back_as_it_was(
    module: types.ModuleType, defined: interface.Interface[Any, Any], schema: type[Any]
) -> None:
    data = example(schema)
    if defined.versions:
        text = wire.to_yaml(wire.to_mapping(data))
        assert wire.from_mapping(schema, wire.from_sdi({wire.DATA_KEY: text})) == data
    else:
        assert wire.from_plain(schema, wire.to_plain(data)) == data


@every_schema
def test_its_keys_are_documented(
    module: types.ModuleType, defined: interface.Interface[Any, Any], schema: type[Any]
) -> None:
    for key in wire.keys(schema):
        assert re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", module.__doc__ or ""), key


@every_schema
def test_it_is_frozen(
    module: types.ModuleType, defined: interface.Interface[Any, Any], schema: type[Any]
) -> None:
    data = example(schema)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(data, dataclasses.fields(schema)[0].name, None)


@every_schema
def test_secrets_have_a_version_and_names_that_juju_takes(
    module: types.ModuleType, defined: interface.Interface[Any, Any], schema: type[Any]
) -> None:
    keys = wire.secret_keys(schema)
    if keys and defined.versions:
        assert defined.secret_version in defined.versions
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,}", key) for key in keys)


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
            ingress.Route("svc", 80, "/a", namespace="ml"),
            {"service": "svc", "port": 80, "prefix": "/a", "namespace": "ml"},
        ),
    ],
)
def test_what_a_payload_looks_like(data: Any, payload: dict[str, Any]) -> None:
    assert wire.to_mapping(data) == payload
    assert wire.from_mapping(type(data), payload) == data


def test_a_location_that_the_dashboard_does_not_know() -> None:
    text = '[{"text": "a", "link": "/a", "location": "left"}]'
    with pytest.raises(wire.MalformedError, match=r"^dashboard_links\[0\]: location is left, not"):
        wire.from_plain(kubeflow_dashboard_links.Links, {"dashboard_links": text})


def test_what_links_mean_that_say_little() -> None:
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
