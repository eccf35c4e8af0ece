# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""CPU and memory that a deployment's pods ask for, by application and in total."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kubefake import quantity
from kubefake.values import at
from rich.text import Text

from ..preview import Deployment, cluster
from . import layout, pod_templates
from .pod_templates import COUNTED, Amounts, Use

_CONTROLLERS = ("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet")
_OPERATED = ("KnativeServing", "KnativeEventing")
_TABLE = (("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits"))
NOTE = (
    "Sums count what is set. A container without a request is placed on any node, one without a "
    "limit can take all that its node has."
)
_BY_APP = "By application"
_HEADERS = ("CPU requests", "CPU limits", "Memory requests", "Memory limits", "Unset")
_NUMBERS = ("Pods", *_HEADERS[:-1])

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headers and rows."""


@dataclasses.dataclass(frozen=True)
class Resources:
    """The resources of a deployment.

    Attributes:
        platform: Pods in the model's namespace and in those that charms have made.
        users: Pods in other namespaces.
        each: What is started later, each time.
        unknown: Objects from which an operator makes pods that are not counted.
    """

    platform: Sequence[Use]
    users: Sequence[Use]
    each: Sequence[Use]
    unknown: Sequence[str]

    def by_app(self) -> dict[str, Use]:
        """Return the sums of the platform's applications."""
        names = dict.fromkeys(use.app for use in self.platform)
        return {
            app: summed(app, [use for use in self.platform if use.app == app]) for app in names
        }

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON has them: quantities are Kubernetes' own."""
        return {
            "applications": {app: _data(use) for app, use in self.by_app().items()},
            "total": _data(summed("", self.platform)),
            "users": [{"app": use.app, "what": use.what, **_data(use)} for use in self.users],
            "each": [{"app": use.app, "what": use.what, **_data(use)} for use in self.each],
            "not-counted": list(self.unknown),
        }


def of(deployment: Deployment) -> Resources:
    """Return what the pods of a deployment ask for."""
    owned = cluster.objects(deployment.model)
    spaces = {deployment.model.name} | {
        str(each.obj["metadata"]["name"]) for each in owned if each.obj["kind"] == "Namespace"
    }
    running = [
        (each.obj["metadata"].get("namespace") in spaces, use)
        for each in sorted(owned, key=lambda each: each.app)
        for use in _running(each, owned)
    ]
    return Resources(
        platform=[use for inside, use in running if inside],
        users=[use for inside, use in running if not inside],
        each=pod_templates.of(deployment.model, owned),
        unknown=[
            f"{each.obj['kind']} {each.obj['metadata']['name']}"
            for each in owned
            if each.obj["kind"] in _OPERATED
        ],
    )


def _running(owned: cluster.Owned, others: Iterable[cluster.Owned]) -> Iterator[Use]:
    """Yield what an object makes run; a pod that another object makes is counted there."""
    obj = owned.obj
    kind, metadata = obj["kind"], obj["metadata"]
    what = f"{kind} {metadata['name']}"
    if kind == "Pod" and not metadata.get("ownerReferences"):
        yield pod_templates.of_pod(owned.app, what, obj["spec"])
    elif kind in _CONTROLLERS and not metadata.get("ownerReferences"):
        count = at(obj, "spec", "replicas")
        pods = 1 if count is None else int(count)
        most = [_most(each.obj, kind, metadata["name"]) for each in others]
        use = pod_templates.of_pod(owned.app, what, obj["spec"]["template"]["spec"])
        yield dataclasses.replace(use, pods=pods, most=max([pods, *most]))


def _most(obj: cluster.Object, kind: str, name: str) -> int:
    """Return how many pods an autoscaler makes at most; 0 where it is another's."""
    target = [at(obj, "spec", "scaleTargetRef", key) for key in ("kind", "name")]
    return int(at(obj, "spec", "maxReplicas") or 0) if target == [kind, name] else 0


def summed(app: str, uses: Iterable[Use]) -> Use:
    """Return the sum over all pods; what is unset adds nothing."""
    every = list(uses)
    return Use(
        app,
        "",
        requests=_total((use.requests, use.pods) for use in every),
        limits=_total((use.limits, use.pods) for use in every),
        unset=tuple(dict.fromkeys(name for use in every for name in use.unset)),
        pods=sum(use.pods for use in every),
        most=sum(use.most for use in every),
    )


def _total(amounts: Iterable[tuple[Amounts, int]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each, times in amounts:
        for name, value in each.items():
            found[name] = found.get(name, Decimal(0)) + value * times
    return found


def _data(use: Use) -> dict[str, Any]:
    return {
        "pods": use.pods,
        "most-pods": use.most,
        "requests": {name: shown(name, value) for name, value in use.requests.items()},
        "limits": {name: shown(name, value) for name, value in use.limits.items()},
        "unset": list(use.unset),
    }


def shown(name: str, value: Decimal) -> str:
    """Return an amount as Kubernetes writes it, memory in Mi or Gi."""
    if name != "memory":
        return quantity.canonical(value)
    for power, suffix in ((30, "Gi"), (20, "Mi")):
        if value and value % 2**power == 0:
            return f"{int(value / 2**power)}{suffix}"
    return f"{float(value / 2**20):.6g}Mi"


def cells(use: Use) -> list[str]:
    """Return a row's amounts and what is unset, below `_HEADERS`."""
    amounts: Mapping[str, Amounts] = {"requests": use.requests, "limits": use.limits}
    found = [(name, amounts[column].get(name)) for name, column in _TABLE]
    return [
        *("-" if value is None else shown(name, value) for name, value in found),
        "; ".join(use.unset),
    ]


def pods(use: Use) -> str:
    """Return how many pods there are, and how many an autoscaler can make of them."""
    return str(use.pods) if use.most == use.pods else f"{use.pods} to {use.most}"


def others(use: Use) -> str:
    """Return what a pod asks for besides CPU and memory, such as GPUs."""
    return ", ".join(
        f"{name} {shown(name, value)}" for name, value in use.limits.items() if name not in COUNTED
    )


def report(found: Resources | None, *, width: int) -> Iterator[Text]:
    """Tell the resources in lines: by application and in total, then users' namespaces."""
    if found:
        shown = (_lines(title, *table, width) for title, table in tables(found).items())
        notes = (Text(line) for line in (NOTE, *not_counted(found)))
        yield from layout.sections(*shown, notes)


def tables(found: Resources) -> dict[str, Table]:
    """Return headers and rows by title."""
    total = summed("", found.platform)
    by_app = [(app, pods(use), *cells(use)) for app, use in found.by_app().items()]
    by_app.append(("Total", pods(total), *cells(total)[:-1], ""))
    shown: dict[str, Table] = {_BY_APP: (("App", "Pods", *_HEADERS), by_app)}
    for title, uses in (
        ("Running in users' namespaces", found.users),
        ("Started later, most in users' namespaces: for each", found.each),
    ):
        rows = [(use.app, use.what, *cells(use)) for use in uses]
        shown[title] = (("App", "What", *_HEADERS), rows)
    return shown


def _lines(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[Text]:
    if title != _BY_APP and rows:
        yield Text(title, style="bold")
    if rows:
        right = [index for index, header in enumerate(headers) if header in _NUMBERS]
        yield from layout.columns(headers, rows, width=width, right=right)


def not_counted(found: Resources) -> Iterator[str]:
    """Yield what the sums do not have."""
    if found.unknown:
        yield f"Not counted: the pods that an operator makes of {', '.join(found.unknown)}."
