"""Columns of Services and what lies around them, of storage and of events."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from ..values import Object, at, is_map, list_at, map_at, maps_in
from . import ages
from .columns import (
    AGE,
    NAME,
    NONE,
    UNSET,
    Column,
    column,
    field,
    labels,
    selector,
    wide,
)

_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
_FEW = 3


def _cluster_ip(obj: Object) -> str:
    return str(at(obj, "spec", "clusterIP") or NONE)


def _load_balancer(obj: Object) -> str:
    found = {
        str(each.get("ip") or each.get("hostname"))
        for each in maps_in(at(obj, "status", "loadBalancer", "ingress"))
    }
    return ",".join(sorted(found))


def _external_ip(obj: Object) -> str:
    kind, given = at(obj, "spec", "type"), [str(ip) for ip in list_at(obj, "spec", "externalIPs")]
    if kind == "ExternalName":
        return str(at(obj, "spec", "externalName"))
    if kind == "LoadBalancer":
        found = [each for each in (_load_balancer(obj), *given) if each]
        return ",".join(found) or "<pending>"
    return ",".join(given) or NONE


def _ports(obj: Object) -> str:
    found: list[str] = []
    for port in maps_in(at(obj, "spec", "ports")):
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        found.append(f"{port['port']}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(found) or NONE


def _hosts(obj: Object) -> str:
    found = [str(rule["host"]) for rule in maps_in(at(obj, "spec", "rules")) if rule.get("host")]
    return _some(found) or "*"


def _some(found: list[str]) -> str:
    if len(found) > _FEW:
        return f"{','.join(found[:_FEW])} + {len(found) - _FEW} more..."
    return ",".join(found)


def _endpoints(obj: Object) -> str:
    found = [
        f"{address['ip']}:{port['port']}" if port else str(address["ip"])
        for subset in maps_in(obj.get("subsets"))
        for port in list(maps_in(subset.get("ports"))) or [{}]
        for address in maps_in(subset.get("addresses"))
    ]
    return _some(found) or NONE


def _slice_ports(obj: Object) -> str:
    found = [str(port.get("port", "*")) for port in maps_in(obj.get("ports"))]
    return _some(found) or UNSET


def _slice_endpoints(obj: Object) -> str:
    found = [
        str(address)
        for endpoint in maps_in(obj.get("endpoints"))
        for address in list_at(endpoint, "addresses")
    ]
    return _some(found) or UNSET


def _parameters(obj: Object) -> str:
    found = at(obj, "spec", "parameters")
    if not is_map(found):
        return NONE
    kind = ".".join(part for part in (found["kind"], found.get("apiGroup")) if part)
    return f"{kind}/{found['name']}"


def _modes(obj: Object, side: str) -> str:
    modes = [str(mode) for mode in list_at(obj, side, "accessModes")]
    return ",".join(_MODES.get(mode, mode) for mode in modes)


def _phase(obj: Object) -> str:
    gone = at(obj, "metadata", "deletionTimestamp")
    return "Terminating" if gone else str(at(obj, "status", "phase") or "")


def _claim_capacity(obj: Object) -> str:
    return (
        str(at(obj, "status", "capacity", "storage") or "")
        if at(obj, "spec", "volumeName")
        else ""
    )


def _claim_modes(obj: Object) -> str:
    return _modes(obj, "status") if at(obj, "spec", "volumeName") else ""


def _claimed_by(obj: Object) -> str:
    claim = map_at(obj, "spec", "claimRef")
    return f"{claim.get('namespace')}/{claim.get('name')}" if claim else ""


_CLAIM_CLASS = "volume.beta.kubernetes.io/storage-class"


def _class(obj: Object) -> str:
    named = at(obj, "metadata", "annotations", _CLAIM_CLASS)
    return str(named or at(obj, "spec", "storageClassName") or "")


def _class_name(obj: Object) -> str:
    name, defaults = str(obj["metadata"]["name"]), map_at(obj, "metadata", "annotations")
    marked = defaults.get("storageclass.kubernetes.io/is-default-class") == "true"
    return f"{name} (default)" if marked else name


def _when(obj: Object, *names: str) -> object:
    return next((obj[name] for name in names if obj.get(name)), None)


def _last_seen(obj: Object, now: datetime.datetime) -> str:
    last = at(obj, "series", "lastObservedTime")
    return ages.since(last or _when(obj, "lastTimestamp", "eventTime"), now)


def _first_seen(obj: Object, now: datetime.datetime) -> str:
    return ages.since(_when(obj, "firstTimestamp", "eventTime"), now)


def _about(obj: Object) -> str:
    about = map_at(obj, "involvedObject")
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _source(obj: Object) -> str:
    source = map_at(obj, "source")
    component = source.get("component") or obj.get("reportingComponent") or ""
    host = source.get("host") or ""
    return f"{component}, {host}" if host else str(component)


COLUMNS: Mapping[tuple[str, str], Sequence[Column]] = {
    ("", "endpoints"): (NAME, column("Endpoints", _endpoints), AGE),
    ("", "events"): (
        Column("Last Seen", _last_seen),
        field("Type", "type"),
        field("Reason", "reason"),
        column("Object", _about),
        wide("Subobject", lambda obj: str(at(obj, "involvedObject", "fieldPath") or "")),
        wide("Source", _source),
        column("Message", lambda obj: str(obj.get("message", "")).strip()),
        Column("First Seen", _first_seen, wide=True),
        wide("Count", lambda obj: at(obj, "series", "count") or obj.get("count") or 1),
        Column("Name", lambda obj, _: obj["metadata"]["name"], wide=True, form="name"),
    ),
    ("", "persistentvolumeclaims"): (
        NAME,
        column("Status", _phase),
        field("Volume", "spec", "volumeName"),
        column("Capacity", _claim_capacity),
        column("Access Modes", _claim_modes),
        column("StorageClass", _class),
        field("VolumeAttributesClass", "spec", "volumeAttributesClassName", default=UNSET),
        AGE,
        wide("VolumeMode", lambda obj: str(at(obj, "spec", "volumeMode") or UNSET)),
    ),
    ("", "persistentvolumes"): (
        NAME,
        field("Capacity", "spec", "capacity", "storage"),
        column("Access Modes", lambda obj: _modes(obj, "spec")),
        field("Reclaim Policy", "spec", "persistentVolumeReclaimPolicy"),
        column("Status", _phase),
        column("Claim", _claimed_by),
        column("StorageClass", _class),
        field("VolumeAttributesClass", "spec", "volumeAttributesClassName", default=UNSET),
        field("Reason", "status", "reason"),
        AGE,
        wide("VolumeMode", lambda obj: str(at(obj, "spec", "volumeMode") or UNSET)),
    ),
    ("", "services"): (
        NAME,
        field("Type", "spec", "type"),
        column("Cluster-IP", _cluster_ip),
        column("External-IP", _external_ip),
        column("Port(s)", _ports),
        AGE,
        wide("Selector", lambda obj: labels(at(obj, "spec", "selector"))),
    ),
    ("discovery.k8s.io", "endpointslices"): (
        NAME,
        field("AddressType", "addressType"),
        column("Ports", _slice_ports),
        column("Endpoints", _slice_endpoints),
        AGE,
    ),
    ("networking.k8s.io", "ingressclasses"): (
        NAME,
        field("Controller", "spec", "controller"),
        column("Parameters", _parameters),
        AGE,
    ),
    ("networking.k8s.io", "ingresses"): (
        NAME,
        field("Class", "spec", "ingressClassName", default=NONE),
        column("Hosts", _hosts),
        column("Address", _load_balancer),
        column("Ports", lambda obj: "80, 443" if list_at(obj, "spec", "tls") else "80"),
        AGE,
    ),
    ("networking.k8s.io", "networkpolicies"): (
        NAME,
        column("Pod-Selector", lambda obj: selector(at(obj, "spec", "podSelector"))),
        AGE,
    ),
    ("storage.k8s.io", "storageclasses"): (
        Column("Name", lambda obj, _: _class_name(obj), form="name"),
        field("Provisioner", "provisioner"),
        field("ReclaimPolicy", "reclaimPolicy"),
        field("VolumeBindingMode", "volumeBindingMode"),
        field("AllowVolumeExpansion", "allowVolumeExpansion", default=False),
        AGE,
    ),
}
