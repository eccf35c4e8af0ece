# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page: what stands on it, and its template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jinja2
import jujusim
from kubefake.values import is_map

from .. import bundle as bundles
from .. import images, rbac
from ..preview import Deployment, cluster
from ..preview.cluster import Owned
from ..rbac import findings
from ..report import files, resources, rights, status
from ..report.redaction import Redactor
from . import places, topology

# By these names charms have options that say on which nodes pods run: docs/reference/gpu.md.
_PLACING = re.compile(r"gpu|toleration|affinity|node-selector|gang-scheduler|runtime-class")
_SCHEMA = "left out here: ckf preview --out writes it"

Row = Sequence[str]


def render(deployment: Deployment, redactor: Redactor) -> str:
    """Return the page; one deployment gives the same text each time."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ckf.html"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    owned = cluster.objects(deployment.model)
    content = redactor.data(_content(deployment, owned, redactor))
    texts = {app: list(_texts(owned, app, redactor)) for app in deployment.model.apps}
    return environment.get_template("page.html.j2").render(
        content,
        texts=texts,
        picture=topology.draw(
            deployment.model.apps, [(one, two) for one, two, _ in _related(deployment.model)]
        ),
        size=(topology.WIDTH, topology.HEIGHT),
    )


def _related(model: jujusim.Model) -> Iterator[tuple[str, str, Row]]:
    """Yield the application that provides, the one that requires, and the relation's row."""
    for each in model.status().relations:
        if not each.peer:
            ends = each.provider.partition(":")[0], each.requirer.partition(":")[0]
            yield *ends, (each.provider, each.requirer, each.interface)


def _content(deployment: Deployment, owned: Sequence[Owned], redactor: Redactor) -> dict[str, Any]:
    model = deployment.model
    pulled = images.of(deployment)
    sums = resources.of(deployment)
    relations = sorted((row for *_, row in _related(model)), key=list)
    return {
        "model": model.name,
        "about": _about(deployment),
        "notes": list(_notes(deployment)),
        "good": deployment.good,
        "tiles": _tiles(deployment, owned, pulled, sums),
        "states": {name: app.status.name for name, app in model.status().apps.items()},
        "apps": [_app(model.apps[row[0]], row, redactor) for row in status.app_rows(model)],
        "units": _table("Unit, Status, Address, Ports, Message", status.unit_rows(model)),
        "relations": _table("Provider, Requirer, Interface", relations),
        "images": _table(
            ", ".join(images.HEADERS),
            (images.row(image, unmoved="see ckf images") for image in pulled),
        ),
        "rights": [_rights(app, found) for app, found in rights.of(model).items()],
        "doors": _doors(owned),
        "gpus": _table("App, Option, Value, What it does", _placing(model)),
        "wanted": _table("App, What, Asks for", _wanted(sums)),
        "sums": {
            title: {"headers": headers, "rows": rows}
            for title, (headers, rows) in resources.tables(sums).items()
        },
        "sum_notes": [resources.NOTE, *resources.not_counted(sums)],
        "storage": _storage(model, owned),
    }


def _table(headers: str, rows: Iterable[Row]) -> dict[str, Any]:
    return {"headers": headers.split(", "), "rows": list(rows)}


def _about(deployment: Deployment) -> str:
    request = deployment.request
    sources = ", ".join(path.name for path in (request.bundle, *request.overlays))
    faults = f", faults of level {request.faults}" if request.faults else ""
    return (
        f"{sources}, Juju {deployment.model.juju_version}, "
        f"{len(deployment.model.trace)} hooks with seed {request.seed}{faults}"
    )


def _notes(deployment: Deployment) -> Iterator[str]:
    if deployment.endless:
        yield f"The model does not settle: {deployment.endless}"
    for record in deployment.model.trace.failures():
        error = record.error.splitlines()[-1]
        yield f"Hook {record.number} failed, {record.unit} {record.event}: {error}"
    yield from (f"Not simulated: {note}" for note in bundles.notes(deployment.bundle))


def _tiles(
    deployment: Deployment,
    owned: Sequence[Owned],
    pulled: Sequence[images.Image],
    sums: resources.Resources,
) -> list[Row]:
    model = deployment.model
    total = resources.cells(resources.summed("", sums.platform))
    inactive = sum(name in model.apps for name in deployment.inactive)
    return [
        (f"{len(model.apps) - inactive} of {len(model.apps)}", "applications active"),
        (str(len(model.units)), "units"),
        (str(sum(not each.is_peer for each in model.relations.values())), "relations"),
        (str(len(owned)), "objects in Kubernetes"),
        (str(len({image.reference for image in pulled})), "images"),
        (total[0], "CPU requested"),
        (total[2], "memory requested"),
    ]


def _app(app: jujusim.Application, row: Row, redactor: Redactor) -> dict[str, Any]:
    changed = {
        name: bundles.text(value)
        for name, value in app.config.items()
        if value != app.charm.defaults.get(name, "")
    }
    return {
        "name": app.name,
        "row": row,
        "options": _table("Option, Value", redactor.named(changed).items()),
    }


def _rights(app: str, found: rbac.Rights) -> dict[str, Any]:
    wide = list(findings.each(found))
    rows = [
        (where, *rbac.words(rule), ", ".join(_kinds(rule, where, wide)))
        for where, rules in found.parts().items()
        for rule in rules
    ]
    marked = sum(bool(row[-1]) for row in rows)
    return {
        "app": app,
        "rules": len(rows),
        "wide": marked,
        "table": _table("Account, Verbs, Resources, Wide", rows),
    }


def _kinds(rule: rbac.Rule, where: str, wide: Iterable[tuple[str, str, rbac.Ask]]) -> list[str]:
    asks = set(rbac.expand([rule]))
    return sorted({kind for kind, place, ask in wide if place == where and ask in asks})


def _doors(owned: Sequence[Owned]) -> dict[str, Any]:
    return {
        "Gateways": _table("App, Gateway, Hosts, Port, TLS", places.gateways(owned)),
        "Routes": _table("Path, Goes to, Route, Gateway", places.routes(owned)),
        "Node ports and load balancers": _table(
            "App, Service, Type, Ports", places.services(owned)
        ),
        "Webhooks": _table(
            "App, Webhook, Kind, Asked about, Answered by, Without an answer",
            places.webhooks(owned),
        ),
    }


def _placing(model: jujusim.Model) -> Iterator[Row]:
    for name, app in sorted(model.apps.items()):
        values = {**app.charm.defaults, **app.config}
        for option, about in sorted(app.charm.options.items()):
            if _PLACING.search(option):
                words = " ".join(str(about.get("description", "")).split())
                yield name, option, str(values.get(option) or "not set"), words


def _wanted(sums: resources.Resources) -> Iterator[Row]:
    for use in (*sums.platform, *sums.users, *sums.each):
        asked = resources.others(use)
        if asked:
            yield use.app, use.what, asked


def _storage(model: jujusim.Model, owned: Sequence[Owned]) -> dict[str, Any]:
    kept = "App, {}, Kept by, Interface"
    return {
        "Volumes": _table("App, Claim, Size, Class, Access", places.claims(owned)),
        "Databases": _table(kept.format("Database"), places.databases(model)),
        "Buckets": _table(kept.format("Bucket"), places.buckets(model)),
    }


def _texts(owned: Iterable[Owned], app: str, redactor: Redactor) -> Iterator[tuple[str, str]]:
    """Yield the name of each object of an application, and its YAML."""
    for each in owned:
        if each.app == app:
            content = files.object_content(each.obj, redactor)
            if each.obj["kind"] == "CustomResourceDefinition":
                content = _without_schema(content)
            metadata = each.obj["metadata"]
            where = f" in {metadata['namespace']}" if metadata.get("namespace") else ""
            by = ", by Juju" if each.by_juju else ""
            text = files.yaml_bytes(content).decode()
            yield f"{each.obj['kind']} {metadata['name']}{where}{by}", text


def _without_schema(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition without its schema, which is most of its text."""
    versions = [
        {**each, "schema": _SCHEMA} if is_map(each) and "schema" in each else each
        for each in content["spec"]["versions"]
    ]
    return {**content, "spec": {**content["spec"], "versions": versions}}
