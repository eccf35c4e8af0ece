# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The resources that the API serves: a table of built-in ones, and what CRDs add."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import schema
from .schema import Schema
from .values import Object, map_at

CUSTOM_VERBS = (
    "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
)  # fmt: skip
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

_TABLE = Path(__file__).with_name("resources.txt")


@dataclass(frozen=True)
class Resource:
    """One resource in one version."""

    group: str  # the API group; empty for the core group
    version: str
    kind: str
    plural: str  # the name in paths
    namespaced: bool
    short_names: tuple[str, ...] = ()  # abbreviations for kubectl
    subresources: frozenset[str] = frozenset()  # of them, `status` is served
    generation: bool = False  # changes of the spec are counted in `metadata.generation`
    upsert: bool = False  # PUT creates an object that does not exist
    custom: bool = False  # A CustomResourceDefinition defines it
    release: str = schema.RELEASE  # the Kubernetes release that defines a built-in resource
    list_kind: str = ""
    singular: str = ""
    categories: tuple[str, ...] = ()
    own_schema: Schema | None = field(default=None, compare=False)
    selectable: tuple[str, ...] = ()  # further field paths that field selectors may use
    webhook_converted: bool = False  # A webhook turns its objects from one version into another
    verbs: tuple[str, ...] = VERBS

    @property
    def key(self) -> tuple[str, str]:
        """Group and plural: what its objects are stored under, in every version."""
        return self.group, self.plural

    @property
    def api_version(self) -> str:
        """The apiVersion of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def minor(self) -> int:
        """The minor version of Kubernetes that serves it."""
        return int(self.release.split(".")[1])

    @functools.cached_property
    def schema(self) -> Schema:
        """The schema of its objects."""
        if self.own_schema is not None:
            return self.own_schema
        return schema.definitions(self.release).of(self.group, self.version, self.kind)


@functools.lru_cache
def builtin(release: str) -> dict[tuple[str, str], Resource]:
    """Return the built-in resources of a release by group and plural."""
    lines = [line for line in _TABLE.read_text().splitlines() if not line.startswith("#")]
    return {resource.key: resource for resource in (_row(line, release) for line in lines)}


def _row(line: str, release: str) -> Resource:
    api_version, kind, plural, scope, short, *flags = line.split()
    group, _, version = api_version.rpartition("/")
    return Resource(
        group,
        version,
        kind,
        plural,
        namespaced=scope == "N",
        short_names=() if short == "-" else tuple(short.split(",")),
        subresources=frozenset(flag[1:] for flag in flags if flag[0] == "/"),
        generation="g" in flags,
        upsert="upsert" in flags,
        release=release,
        list_kind="" if "review" in flags else f"{kind}List",
        singular=kind.lower(),
        categories=tuple(flag[1:] for flag in flags if flag[0] == "+"),
        verbs=("create",) if "review" in flags else VERBS,
    )


def from_crd(crd: Object, release: str) -> Iterator[Resource]:
    """Yield the resources that a CustomResourceDefinition serves, one per served version."""
    spec = crd["spec"]
    names = crd.get("status", {}).get("acceptedNames") or spec["names"]
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        yield Resource(
            spec["group"],
            version["name"],
            names["kind"],
            names["plural"],
            namespaced=spec["scope"] == "Namespaced",
            short_names=tuple(names.get("shortNames", ())),
            subresources=frozenset({"status"} & set(map_at(version, "subresources"))),
            generation=True,
            custom=True,
            release=release,
            list_kind=names.get("listKind", ""),
            singular=names.get("singular", ""),
            categories=tuple(names.get("categories", ())),
            own_schema=compiled(version, release),
            selectable=tuple(each["jsonPath"] for each in version.get("selectableFields", ())),
            webhook_converted=map_at(spec, "conversion").get("strategy") == "Webhook",
        )


def compiled(version: Object, release: str) -> Schema:
    """Return the compiled schema of a version in a CustomResourceDefinition."""
    return _compiled_text(json.dumps(map_at(version, "schema", "openAPIV3Schema")), release)


@functools.lru_cache(maxsize=512)
def _compiled_text(text: str, release: str) -> Schema:
    """Compile a schema; it is not changed afterwards, and so serves every cluster."""
    return schema.from_crd(json.loads(text), release)
