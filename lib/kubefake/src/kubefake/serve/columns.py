"""What `kubectl get` prints of each kind: its columns, and how a cell is made of an object.

Restates k8s.io/kubernetes/pkg/printers/internalversion for the kinds that the cluster knows.
Kinds without columns of their own have a name and an age.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..values import Object, at, is_map, list_at, map_at, maps_in
from . import ages

NONE = "<none>"
UNSET = "<unset>"

Make = Callable[[Object, datetime.datetime], Any]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: Its header.
        make: Makes the cell, from the object and the server's time.
        kind: The cells' type: `string`, `integer` or `date`.
        wide: It is shown with `-o wide` only.
        form: `name` for the column of names.
        description: For who reads the Table.
        first: The first minor version of Kubernetes that prints it so.
        last: The last one; 0 where it still does.
    """

    name: str
    make: Make
    kind: str = "string"
    wide: bool = False
    form: str = ""
    description: str = ""
    first: int = 0
    last: int = 0

    def printed(self, minor: int) -> bool:
        """Tell whether a minor version of Kubernetes has the column."""
        return self.first <= minor and not 0 < self.last < minor

    def definition(self) -> Object:
        """Return the column as a Table defines it."""
        return {
            "name": self.name,
            "type": self.kind,
            "format": self.form,
            "description": self.description,
            "priority": int(self.wide),
        }


def column(name: str, cell: Callable[[Object], Any], kind: str = "string") -> Column:
    """Return a column whose cells do not depend on the time."""
    return Column(name, lambda obj, _: cell(obj), kind)


def wide(name: str, cell: Callable[[Object], Any]) -> Column:
    """Return a column that is shown with `-o wide` only."""
    return Column(name, lambda obj, _: cell(obj), wide=True)


def field(name: str, *path: str, default: Any = "", kind: str = "string") -> Column:
    """Return a column that shows a field."""

    def cell(obj: Object) -> Any:
        value = at(obj, *path)
        return default if value is None else value

    return column(name, cell, kind)


def count(name: str, *path: str) -> Column:
    """Return a column that shows a number; 0 where it is not set."""
    return field(name, *path, default=0, kind="integer")


NAME = Column("Name", lambda obj, _: obj["metadata"]["name"], form="name")
AGE = Column("Age", lambda obj, now: ages.since(at(obj, "metadata", "creationTimestamp"), now))
CREATED_AT = column("Created At", lambda obj: at(obj, "metadata", "creationTimestamp"), "date")


def labels(value: Any) -> str:
    """Return labels or annotations in one cell."""
    found = {str(key): str(each) for key, each in value.items()} if is_map(value) else {}
    return ",".join(f"{key}={found[key]}" for key in sorted(found)) or NONE


def selector(value: Any) -> str:
    """Return a label selector in one cell (metav1.FormatLabelSelector)."""
    if not is_map(value):
        return NONE
    labels = map_at(value, "matchLabels").items()
    terms = [(str(key), f"{key}={each}") for key, each in labels]
    terms += [(str(term["key"]), _term(term)) for term in maps_in(value.get("matchExpressions"))]
    return ",".join(text for _, text in sorted(terms)) or NONE


def _term(term: Object) -> str:
    key, choices = str(term["key"]), f"({','.join(sorted(list_at(term, 'values')))})"
    return {
        "In": f"{key} in {choices}",
        "NotIn": f"{key} notin {choices}",
        "Exists": key,
        "DoesNotExist": f"!{key}",
    }[str(term["operator"])]


def _data(obj: Object) -> int:
    return len(map_at(obj, "data")) + len(map_at(obj, "binaryData"))


def _secrets(obj: Object) -> int:
    return len(list_at(obj, "secrets"))


def _role(obj: Object) -> str:
    return f"{at(obj, 'roleRef', 'kind')}/{at(obj, 'roleRef', 'name')}"


def _subjects(kind: str) -> Callable[[Object], str]:
    def cell(obj: Object) -> str:
        found = [each for each in maps_in(obj.get("subjects")) if each.get("kind") == kind]
        if kind == "ServiceAccount":
            return ", ".join(f"{each.get('namespace', '')}/{each['name']}" for each in found)
        return ", ".join(str(each["name"]) for each in found)

    return cell


def _webhooks(obj: Object) -> int:
    return len(list_at(obj, "webhooks"))


def _available(obj: Object) -> str:
    for condition in maps_in(at(obj, "status", "conditions")):
        if condition.get("type") == "Available":
            good = condition.get("status") == "True"
            return "True" if good else f"{condition.get('status')} ({condition.get('reason')})"
    return "Unknown"


def _api_service(obj: Object) -> str:
    service = at(obj, "spec", "service")
    return f"{service['namespace']}/{service['name']}" if is_map(service) else "Local"


def _resources(side: str) -> Callable[[Object], str]:
    def cell(obj: Object) -> str:
        hard, used = map_at(obj, "status", "hard"), map_at(obj, "status", "used")
        mine = [name for name in sorted(hard) if name.startswith("limits") == (side == "limits")]
        return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in mine)

    return cell


_BINDING = (
    NAME,
    column("Role", _role),
    AGE,
    wide("Users", _subjects("User")),
    wide("Groups", _subjects("Group")),
    wide("ServiceAccounts", _subjects("ServiceAccount")),
)
_WEBHOOKS = (NAME, column("Webhooks", _webhooks, "integer"), AGE)
_DATED = (NAME, CREATED_AT)
PLAIN = (NAME, AGE)

COLUMNS: Mapping[tuple[str, str], Sequence[Column]] = {
    ("", "configmaps"): (NAME, column("Data", _data), AGE),
    ("", "limitranges"): _DATED,
    ("", "namespaces"): (NAME, field("Status", "status", "phase"), AGE),
    ("", "resourcequotas"): (
        NAME,
        column("Request", _resources("requests")),
        column("Limit", _resources("limits")),
        AGE,
    ),
    ("", "secrets"): (NAME, field("Type", "type"), column("Data", _data), AGE),
    ("", "serviceaccounts"): (
        NAME,
        dataclasses.replace(column("Secrets", _secrets), last=34),
        AGE,
    ),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _WEBHOOKS,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _WEBHOOKS,
    ("apiextensions.k8s.io", "customresourcedefinitions"): _DATED,
    ("apiregistration.k8s.io", "apiservices"): (
        NAME,
        column("Service", _api_service),
        column("Available", _available),
        AGE,
    ),
    ("coordination.k8s.io", "leases"): (NAME, field("Holder", "spec", "holderIdentity"), AGE),
    ("node.k8s.io", "runtimeclasses"): (NAME, field("Handler", "handler"), AGE),
    ("rbac.authorization.k8s.io", "clusterroles"): _DATED,
    ("rbac.authorization.k8s.io", "roles"): _DATED,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _BINDING,
    ("rbac.authorization.k8s.io", "rolebindings"): _BINDING,
    ("scheduling.k8s.io", "priorityclasses"): (
        NAME,
        count("Value", "value"),
        field("Global-Default", "globalDefault", default=False, kind="boolean"),
        AGE,
        field("PreemptionPolicy", "preemptionPolicy"),
    ),
}
"""By group and plural; what is not here is in `workloads` and `network`."""
