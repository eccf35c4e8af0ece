# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Constraints of an application as they reach its pods.

Source: Juju 3.6, caas/kubernetes/provider/application/constraints.go and its tests. Each of the
workload's containers has the whole of ``mem`` and ``cpu-power``, as request and as limit; the
charm's own container has what Juju itself gives it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

KNOWN = ("mem", "cpu-power", "arch", "tags", "zones")
"""What reaches pods; Juju takes others too, and does nothing with them on Kubernetes."""

CHARM = {"requests": {"memory": "64Mi"}, "limits": {"memory": "1024Mi"}}
_FACTORS = {"M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}
_ZONE = "failure-domain.beta.kubernetes.io/zone"


def parse(text: str) -> dict[str, str]:
    """Return constraints by name; a word without a value is left out."""
    pairs = (word.partition("=") for word in text.split())
    return {name: value for name, equals, value in pairs if equals and value}


def resources(constraints: Mapping[str, str]) -> dict[str, Any]:
    """Return the resources of each of the workload's containers; none without constraints."""
    found = {
        name: value
        for name, value in (
            ("memory", mebibytes(constraints.get("mem", ""))),
            ("cpu", f"{constraints['cpu-power']}m" if "cpu-power" in constraints else ""),
        )
        if value
    }
    return {"requests": found, "limits": dict(found)} if found else {}


def placement(constraints: Mapping[str, str]) -> dict[str, Any]:
    """Return what of a pod's spec says on which nodes it may run, and beside which pods."""
    tags = dict(_tags(constraints.get("tags", "")))
    node = [_expression(key, value) for key, value in tags.items() if _scope(key) == "node"]
    if zones := constraints.get("zones"):
        node.append({"key": _ZONE, "operator": "In", "values": zones.split(",")})
    affinity: dict[str, Any] = {}
    if node:
        terms = {"nodeSelectorTerms": [{"matchExpressions": node}]}
        affinity["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    for scope, kind in (("pod", "podAffinity"), ("anti-pod", "podAntiAffinity")):
        if term := _term({key: value for key, value in tags.items() if _scope(key) == scope}):
            affinity[kind] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    spec: dict[str, Any] = {"affinity": affinity} if affinity else {}
    if arch := constraints.get("arch"):
        spec["nodeSelector"] = {"kubernetes.io/arch": arch.replace("ppc64el", "ppc64le")}
    return spec


def mebibytes(size: str) -> str:
    """Return a size of Juju's as Kubernetes has it: 10G is 10240Mi; empty for none."""
    number, unit = size.rstrip("iB"), "M"
    if number and number[-1] in _FACTORS:
        number, unit = number[:-1], number[-1]
    return f"{int(float(number) * _FACTORS[unit])}Mi" if number else ""


def _tags(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.split(",")):
        key, _, value = pair.partition("=")
        yield key.strip(), value.strip()


def _scope(key: str) -> str:
    prefix, dot, _ = key.lstrip("^").partition(".")
    return prefix if dot and prefix in ("pod", "anti-pod") else "node"


def _expression(key: str, value: str) -> dict[str, Any]:
    name = key.lstrip("^")
    for prefix in ("node.", "pod.", "anti-pod."):
        name = name.removeprefix(prefix)
    operator = "NotIn" if key.startswith("^") else "In"
    return {"key": name, "operator": operator, "values": [v.strip() for v in value.split("|")]}


def _term(tags: Mapping[str, str]) -> dict[str, Any]:
    found = [_expression(key, value) for key, value in sorted(tags.items())]
    topology = [each["values"][0] for each in found if each["key"] == "topology-key"]
    selected = [each for each in found if each["key"] != "topology-key"]
    if not found:
        return {}
    return {
        "labelSelector": {"matchExpressions": selected},
        "topologyKey": topology[0] if topology else "",
    }
