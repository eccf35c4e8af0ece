# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model as the published charms have left it."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jujusim
import kubefake
import yaml
from ckf import bundle as bundles
from ckf.bundle import charms

from .. import deployment

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
CONTRACT = ROOT / "tests/contract/contract.yaml"
OTHER = {"provides": "requires", "requires": "provides"}
MEDIA = {
    "apply": ("PATCH", "application/apply-patch+yaml"),
    "apply without force": ("PATCH", "application/apply-patch+yaml"),
    "create": ("POST", "application/json"),
    "merge": ("PATCH", "application/merge-patch+json"),
}

Object = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Left:
    """What a published charm leaves; see the files beside this one.

    Attributes:
        charm: Its name.
        app: The application's name in the published bundle.
        config: Options that its users have set.
        peers: Its peer endpoints, with their interfaces.
        databags: What it says, by endpoint and by `app` or `unit`.
        secrets: What its unit keeps, by label.
        neighbours: What the other sides say where tests/contract does not have it.
        objects: What it has made in the cluster: manager, way of writing, and objects.
        gone: Which of them nobody needs.
        stays: Which of them outlive also the application.
        credentials: Texts that must be found again, by where.
    """

    charm: str
    app: str
    config: dict[str, Any]
    peers: dict[str, str]
    databags: dict[str, dict[str, dict[str, str]]]
    secrets: dict[str, dict[str, str]]
    neighbours: dict[str, dict[str, dict[str, str]]]
    objects: list[dict[str, Any]]
    gone: list[str]
    stays: list[str]
    credentials: dict[str, dict[str, list[str]]]

    @classmethod
    def load(cls, name: str, model: str = "kubeflow", **more: str) -> Left:
        """Read a file.

        Args:
            name: The file's, without its ending.
            model: The model's name, for `$model`.
            more: Further variables.
        """
        content = _read(name)
        fields = [field.name for field in dataclasses.fields(cls)]
        assert set(content) <= set(fields), f"{name}.yaml: {set(content) - set(fields)}"
        app = content.get("app", content["charm"])
        content = _filled(content, {"model": model, "app": app, **more})
        empty: dict[str, Any] = {"app": app, "objects": [], "gone": [], "stays": []}
        return cls(**{name: content.get(name, empty.get(name, {})) for name in fields})

    def charm_dir(self, folder: pathlib.Path) -> jujusim.CharmDir:
        """A charm in its place that says and keeps what it did."""
        meta = yaml.safe_load((ROOT / f"charms/{self.charm}/charmcraft.yaml").read_text())
        for role in OTHER:
            declared = _contract()["charms"][self.charm].get(role, {})
            meta[role] = {
                name: end for name, end in meta.get(role, {}).items() if name in declared
            }
        meta["peers"] = {name: {"interface": interface} for name, interface in self.peers.items()}
        return foreign(folder / f"published-{self.app}", meta, self.databags, self.secrets)

    def make(self, cluster: kubefake.Cluster) -> None:
        """Make its objects in the cluster, with the managers that it has."""
        for group in self.objects:
            for obj in group["objects"]:
                write(cluster, obj, group["manager"], group.get("by", "apply"))


def files() -> list[str]:
    """The names of all files."""
    return sorted(path.stem for path in HERE.glob("*.yaml"))


def ours(charm: str) -> jujusim.CharmDir:
    """Our charm of a name."""
    return jujusim.CharmDir.load(ROOT / "charms" / charm)


def foreign(
    folder: pathlib.Path,
    meta: Mapping[str, Any],
    databags: Mapping[str, Any],
    secrets: Mapping[str, Any] | None = None,
) -> jujusim.CharmDir:
    """A charm that says what it is given to say."""
    (folder / "src").mkdir(parents=True)
    (folder / "charmcraft.yaml").write_text(yaml.safe_dump(dict(meta)))
    facts = {"databags": databags, "secrets": secrets or {}}
    (folder / "facts.json").write_text(json.dumps(facts))
    (folder / "src/charm.py").write_text((HERE / "charm.py").read_text())
    return jujusim.CharmDir.load(folder)


def neighbours(
    left: Left, charm: jujusim.CharmDir, folder: pathlib.Path
) -> Iterator[tuple[str, jujusim.CharmDir]]:
    """Published charms for the other sides, by the endpoint of the charm to relate."""
    written = {**_contract()["written"].get(left.charm, {}), **left.neighbours}
    for name, said in written.items():
        if name not in charm.endpoints:
            continue
        endpoint = charm.endpoints[name]
        app = f"{name}-neighbour"
        end = {"it": {"interface": endpoint.interface}}
        meta = {"name": app, OTHER[endpoint.role]: end}
        yield name, foreign(folder / f"neighbour-{left.app}-{name}", meta, {"it": said})


def write(
    cluster: kubefake.Cluster, obj: Object, manager: str, by: str, user: str = "published"
) -> Object:
    """Write an object as a client does."""
    verb, media = MEDIA[by]
    query = {"fieldManager": manager} | ({"force": "true"} if by == "apply" else {})
    body = json.dumps(obj).encode()
    path = path_of(cluster, obj, named=by != "create")
    request = kubefake.Request(verb, path, query, {"content-type": media}, body, user)
    answer = cluster.request(request)
    if answer.status == 409 and obj["kind"] == "CustomResourceDefinition":
        return obj  # Another published charm has made it.
    assert answer.status in (200, 201), f"{obj['kind']} {obj['metadata']['name']}: {answer.body}"
    return json.loads(answer.body)


def path_of(cluster: kubefake.Cluster, obj: Object, *, named: bool) -> str:
    """The path of an object in the API, or of all of its kind beside it."""
    group, _, version = obj["apiVersion"].rpartition("/")
    resource = next(
        item
        for item in cluster.resources().values()
        if (item.group, item.version, item.kind) == (group, version, obj["kind"])
    )
    metadata = obj["metadata"]
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    where = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{root}{where}/{resource.plural}" + (f"/{metadata['name']}" if named else "")


def _read(name: str) -> dict[str, Any]:
    """A file; one that is like another says what there is beyond it."""
    content = yaml.safe_load((HERE / f"{name}.yaml").read_text())
    if "like" not in content:
        return content
    first = _read(content.pop("like"))
    for key, more in content.items():
        both = first.get(key, type(more)())
        first[key] = both + more if isinstance(more, list) else {**both, **more}
    return first


@functools.cache
def _contract() -> dict[str, Any]:
    return yaml.safe_load(CONTRACT.read_text())


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    """The value with variables filled in; a `definition` in it is made a whole one."""
    if isinstance(value, str):
        return string.Template(value).substitute(variables) if "$" in value else value
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if isinstance(value, dict) and "definition" in value:
        return definition({key: _filled(item, variables) for key, item in value.items()})
    if isinstance(value, dict):
        return {_filled(key, variables): _filled(item, variables) for key, item in value.items()}
    return value


def definition(short: Mapping[str, Any]) -> Object:
    """A definition that lets everything pass: what is in the published schemas does not matter."""
    plural, _, group = short["definition"].partition(".")
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    subresources = {"subresources": {"status": {}}} if short.get("status") else {}
    kind = short["kind"]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": short["definition"],
            "annotations": {"api-approved.kubernetes.io": "unapproved"},
            **({"labels": short["labels"]} if "labels" in short else {}),
        },
        "spec": {
            "group": group,
            "scope": short["scope"],
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
            },
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": number == 0,
                    "schema": {"openAPIV3Schema": schema},
                    **subresources,
                }
                for number, version in enumerate(short["versions"])
            ],
        },
    }


def seeded(left: Left, model: jujusim.Model, folder: pathlib.Path) -> None:
    """Put into a model the published charm among published charms, with all that it makes."""
    left.make(deployment.cluster(model))
    charm = left.charm_dir(folder)
    model.deploy(charm, left.app, config=left.config, trust=True)
    for endpoint, neighbour in neighbours(left, charm, folder):
        model.deploy(neighbour)
        model.integrate(f"{left.app}:{endpoint}", f"{neighbour.name}:it")


@dataclasses.dataclass(frozen=True)
class Whole:
    """The bundle, in which published charms stand for all that have a file here.

    Args:
        bundle: Ours.
        left: What there is of published charms, by application.
    """

    bundle: bundles.Bundle
    left: dict[str, Left]

    @classmethod
    def load(cls, model: str, **variables: str) -> Whole:
        """The bundle, for a model of this name; the files may have further variables."""
        lefts = [Left.load(name, model, **variables) for name in files() if _is_whole(name)]
        bundle = bundles.load(ROOT / "bundle.yaml", ())
        return cls(bundle, {left.app: left for left in lefts if left.app in bundle.applications})

    def deploy(self, model: jujusim.Model, folder: pathlib.Path) -> None:
        """Deploy it into a model, without running a hook."""
        for left in self.left.values():
            left.make(deployment.cluster(model))
        for name, app in self.bundle.applications.items():
            left = self.left.get(name)
            if left:
                model.deploy(left.charm_dir(folder), name, config=left.config, trust=app.trust)
            else:
                charm = self.charm(name)
                model.deploy(charm, name, config=app.options, trust=app.trust)
        self.integrate(model)

    def integrate(self, model: jujusim.Model) -> None:
        """Relate what is not related yet, and has the endpoints for it."""
        made = {frozenset(str(side) for side in each.sides) for each in model.relations.values()}
        for relation in self.bundle.relations:
            ends = [end.partition(":") for end in relation.ends]
            able = all(name in model.app(app).charm.endpoints for app, _, name in ends)
            if able and frozenset(relation.ends) not in made:
                model.integrate(*relation.ends)

    def charm(self, app: str) -> jujusim.CharmDir:
        """Our charm for an application, or the fake of a neighbour from Charmhub."""
        return jujusim.CharmDir.load(charms.directory(self.bundle.applications[app]))

    def config(self) -> dict[str, dict[str, Any]]:
        """What the users of the published charms have set."""
        return {app: left.config for app, left in self.left.items() if left.config}


def order() -> list[str]:
    """The applications as docs/how-to/adopt.md refreshes them."""
    text = (ROOT / "docs/how-to/adopt.md").read_text()
    return re.findall(r"^juju refresh (\S+) ", text, re.MULTILINE)


def _is_whole(name: str) -> bool:
    return "like" not in yaml.safe_load((HERE / f"{name}.yaml").read_text())


def names(objects: Iterable[Object]) -> set[str]:
    """Kind, namespace and name of each."""
    return {
        f"{obj['kind']}/{obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}"
        for obj in objects
    }
