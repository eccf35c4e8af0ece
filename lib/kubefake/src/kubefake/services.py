# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Services: addresses, node ports, and the rules of their fields."""

from collections.abc import Iterable
from typing import Any

from . import errors, names, pods
from .errors import Causes
from .state import State
from .values import Object, at, list_at, map_at, maps_in

BALANCER = "load-balancer"
"""The field manager of the addresses that a load balancer gives."""

FIRST = 43
"""Of 10.64.140.0/24: where the addresses begin that MicroK8s' documentation gives to MetalLB."""


def has_address(service: Object) -> bool:
    """Tell whether a Service has an address from outside the cluster."""
    return bool(at(service, "status", "loadBalancer", "ingress"))


def balanced(services: Iterable[Object]) -> Object:
    """Return the status of a Service that gets the lowest address which no other of all has."""
    taken = {
        entry["ip"]
        for service in services
        for entry in at(service, "status", "loadBalancer", "ingress") or ()
    }
    every = (f"10.64.140.{number}" for number in range(FIRST, 255))
    address = next(address for address in every if address not in taken)
    return {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}


def prepare(old: Object | None, new: Object, cluster: State) -> None:
    """Give a Service, in place, its addresses and node ports."""
    spec: Object = new.setdefault("spec", {})
    before = map_at(old, "spec")
    if spec.get("type") == "ExternalName":
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(name, None)
        return
    _address(spec, before, cluster)
    free = spec["clusterIP"] == "None" and not spec.get("selector")
    families = ["IPv4", "IPv6"] if free else ["IPv4"]
    policy = "RequireDualStack" if free else "SingleStack"
    spec.setdefault("ipFamilies", before.get("ipFamilies") or families)
    spec.setdefault("ipFamilyPolicy", before.get("ipFamilyPolicy") or policy)
    _node_ports(spec, before, cluster)
    _forget_type(spec, before)


def _address(spec: Object, before: Object, cluster: State) -> None:
    """Keep a Service's address, or give it one; `clusterIP` leads, `clusterIPs` follows."""
    if before.get("type") != "ExternalName":
        for name in ("clusterIP", "clusterIPs"):
            if not spec.get(name) and before.get(name):
                spec[name] = before[name]
    if not spec.get("clusterIP"):
        spec["clusterIP"] = (spec.get("clusterIPs") or [cluster.address()])[0]
    if not spec.get("clusterIPs") or spec["clusterIPs"] == before.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"], *list_at(spec, "clusterIPs")[1:]]


_PUBLIC = {"NodePort", "LoadBalancer"}


def _node_ports(spec: Object, before: Object, cluster: State) -> None:
    if spec.get("type") not in _PUBLIC:
        return
    known = {_port_key(port): port.get("nodePort") for port in maps_in(before.get("ports"))}
    ports = list(maps_in(spec.get("ports")))
    for port in ports:
        if not port.get("nodePort"):
            others = {each["nodePort"] for each in ports if each.get("nodePort")}
            port["nodePort"] = known.get(_port_key(port)) or cluster.port(others)


def _forget_type(spec: Object, before: Object) -> None:
    """Drop what belongs to the type that a Service had, unless it was set anew."""
    if before.get("type") not in _PUBLIC or spec.get("type") in _PUBLIC:
        return
    known = {port.get("nodePort") for port in maps_in(before.get("ports"))}
    for port in maps_in(spec.get("ports")):
        if port.get("nodePort") in known:
            port.pop("nodePort", None)
    for name in ("externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort"):
        if name in spec and spec[name] == before.get(name):
            del spec[name]


def _port_key(port: Object) -> tuple[Any, Any]:
    return port.get("port"), port.get("protocol")


_SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")


def validate(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Service."""
    spec = map_at(new, "spec")
    kind = spec.get("type")
    if kind not in _SERVICE_TYPES:
        yield errors.unsupported("spec.type", kind, _SERVICE_TYPES)
    if kind == "ExternalName" and not spec.get("externalName"):
        yield errors.required("spec.externalName")
    ports = list(maps_in(spec.get("ports")))
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield errors.required("spec.ports")
    seen: set[Any] = set()
    for index, port in enumerate(ports):
        yield from _service_port(port, f"spec.ports[{index}]", alone=len(ports) == 1)
        for key, where in ((port.get("name"), ".name"), (_port_key(port), "")):
            if key and key in seen:
                yield errors.duplicate(f"spec.ports[{index}]{where}", port.get("name"))
            seen.add(key)
    before = map_at(old, "spec")
    fixed = before.get("clusterIP") and "ExternalName" not in {kind, before.get("type")}
    if fixed and before["clusterIP"] != spec.get("clusterIP"):
        why = "may not change once set"
        yield errors.invalid_value("spec.clusterIPs[0]", spec.get("clusterIPs"), why)


def _service_port(port: Object, path: str, *, alone: bool) -> Causes:
    if port.get("name"):
        yield from errors.invalid_values(f"{path}.name", port["name"], names.label(port["name"]))
    elif not alone:
        yield errors.required(f"{path}.name")
    yield from pods.port_number(port.get("port", 0), f"{path}.port")
    target = port.get("targetPort", 0)
    check = pods.port_number if isinstance(target, int) else pods.port_name
    yield from check(target, f"{path}.targetPort")
    yield from pods.protocol(port, path)
