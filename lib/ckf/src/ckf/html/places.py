# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where requests come in from outside, what Kubernetes asks, and where data is kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jujusim
from kubefake.values import at

from ..preview.cluster import Owned

Row = Sequence[str]
_DATABASES = ("mysql", "mysql_client", "postgresql_client", "mongodb_client", "opensearch_client")
_STORES = ("object-storage", "s3")
_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def gateways(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield application, gateway, hosts, port and whether it is encrypted."""
    for each in _of_kind(owned, "Gateway"):
        for server in at(each.obj, "spec", "servers") or ():
            yield (
                each.app,
                each.obj["metadata"]["name"],
                ", ".join(server.get("hosts") or ()),
                f"{at(server, 'port', 'number')} {at(server, 'port', 'protocol')}",
                str(at(server, "tls", "mode") or "none"),
            )


def routes(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield path, destination, route and gateways."""
    for each in _of_kind(owned, "VirtualService"):
        spec = each.obj["spec"]
        for rule in spec.get("http") or ():
            targets = [_target(route) for route in rule.get("route") or ()]
            yield (
                ", ".join(_match(match) for match in rule.get("match") or ()) or "everything",
                ", ".join(targets) or "a redirect",
                each.obj["metadata"]["name"],
                ", ".join(spec.get("gateways") or ["mesh"]),
            )


def _match(match: Any) -> str:
    uri: Mapping[str, str] = match.get("uri") or {}
    return ", ".join(f"{path} ({how})" for how, path in uri.items()) or "everything"


def _target(route: Any) -> str:
    host, port = at(route, "destination", "host"), at(route, "destination", "port", "number")
    return f"{host}:{port}" if port else str(host)


def services(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield application, Service, type and ports of those that can be reached from outside."""
    for each in _of_kind(owned, "Service"):
        spec = each.obj["spec"]
        if spec.get("type") in ("NodePort", "LoadBalancer") or spec.get("externalIPs"):
            ports = [_port(port) for port in spec.get("ports") or ()]
            name = each.obj["metadata"]["name"]
            yield each.app, name, str(spec.get("type")), ", ".join(ports)


def _port(port: Any) -> str:
    on_node = f", on each node {port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}/{port.get('protocol', 'TCP')}{on_node}"


def webhooks(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield application, webhook, kind, what it is asked about, who answers, and if none does."""
    for each in owned:
        if each.obj["kind"] in _WEBHOOKS:
            kind = str(each.obj["kind"]).removesuffix("WebhookConfiguration").lower()
            for webhook in each.obj.get("webhooks") or ():
                yield (
                    each.app,
                    str(webhook["name"]),
                    kind,
                    ", ".join(dict.fromkeys(_asked(webhook.get("rules") or ()))),
                    _answers(webhook.get("clientConfig") or {}),
                    "refused" if webhook.get("failurePolicy", "Fail") == "Fail" else "passed",
                )


def _asked(rules: Iterable[Any]) -> Iterator[str]:
    for rule in rules:
        verbs = "/".join(str(verb).lower() for verb in rule.get("operations") or ())
        group = next(iter(rule.get("apiGroups") or ()), "")
        for name in rule.get("resources") or ():
            yield f"{verbs} {name}.{group}" if group else f"{verbs} {name}"


def _answers(client: Any) -> str:
    service = client.get("service")
    if not service:
        return str(client.get("url", ""))
    port = service.get("port", 443)
    return f"{service['name']}.{service['namespace']}:{port}{service.get('path', '')}"


def _of_kind(owned: Iterable[Owned], kind: str) -> Iterator[Owned]:
    return (each for each in owned if each.obj["kind"] == kind)


def claims(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield application, claim, size, class and access of each volume."""
    for each in owned:
        if each.obj["kind"] == "PersistentVolumeClaim":
            spec = each.obj["spec"]
            yield (
                each.app,
                each.obj["metadata"]["name"],
                str(at(spec, "resources", "requests", "storage")),
                str(spec.get("storageClassName") or "the cluster's default"),
                ", ".join(spec.get("accessModes") or ()),
            )


def databases(model: jujusim.Model) -> Iterator[Row]:
    """Yield who keeps data in which database of whom."""
    for relation in model.relations.values():
        if relation.interface in _DATABASES:
            server, client = _ends(relation)
            given = {**relation.apps[client].content, **relation.apps[server].content}
            yield client, str(given.get("database", "not said yet")), server, relation.interface


def buckets(model: jujusim.Model) -> Iterator[Row]:
    """Yield who keeps data in which bucket of whom."""
    for relation in model.relations.values():
        if relation.interface in _STORES:
            server, client = _ends(relation)
            named = relation.apps[server].content.get("bucket") or _bucket(model.apps[client])
            yield client, named or "not named by an option", server, relation.interface


def _bucket(app: jujusim.Application) -> str:
    values: dict[str, Any] = {**app.charm.defaults, **app.config}
    return ", ".join(str(value) for name, value in values.items() if "bucket" in name and value)


def _ends(relation: jujusim.Relation) -> tuple[str, str]:
    """Return the application that provides, and the one that requires."""
    provider, requirer = sorted(relation.sides, key=lambda side: side.endpoint.role)
    return provider.app, requirer.app
