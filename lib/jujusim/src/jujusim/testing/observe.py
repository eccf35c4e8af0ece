# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What can be seen of a unit and its application from outside, as plain data to compare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, cast

from kubefake import Cluster
from ops import testing

from . import files

_COUNTERS = ("generation", "managedFields", "resourceVersion")

Seen = dict[str, dict[str, Any]]
"""`plans`, `services` and `files` by container, `databags` by endpoint, `secrets` by id, `ports`,
and `objects` of the cluster by kind, namespace and name."""


def seen(state: testing.State, cluster: Cluster) -> Seen:
    """Everything that a hook can leave behind except statuses and log lines."""
    found = sorted(state.containers, key=lambda item: item.name)
    return {
        "plans": {item.name: item.plan.to_dict() for item in found},
        "services": {item.name: _services(item) for item in found},
        "files": {item.name: replaced(files.read(item), _JWT, "token") for item in found},
        "databags": databags(state),
        "secrets": {item.id: dict(item.latest_content or {}) for item in state.secrets},
        "ports": {f"{port.port}/{port.protocol}": True for port in state.opened_ports},
        "objects": objects(cluster),
    }


# Each says when it was made.
_JWT = r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+"


def databags(state: testing.State) -> dict[str, Any]:
    """What this side has written into its relations, by endpoint."""
    return {
        f"{item.endpoint}:{item.id}": {
            "app": dict(item.local_app_data),
            "unit": dict(item.local_unit_data),
        }
        for item in sorted(state.relations, key=lambda item: item.id)
    }


def objects(cluster: Cluster) -> dict[str, Any]:
    """Return every object in a cluster, by kind, namespace and name, but those of controllers."""
    rows = [stored.obj for _, _, stored in cluster.store.everything()]
    return {name(obj): _without_status(obj) for obj in rows if not _is_controlled(obj)}


def _without_status(obj: dict[str, Any]) -> dict[str, Any]:
    """Return an object without what a workload's controller writes: its conditions have times."""
    if obj["kind"] not in ("Deployment", "StatefulSet"):
        return obj
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _COUNTERS}
    return {**{key: obj[key] for key in obj if key != "status"}, "metadata": metadata}


def _is_controlled(obj: dict[str, Any]) -> bool:
    """Return whether a controller makes and deletes an object, such as a Deployment's pods."""
    owners = obj["metadata"].get("ownerReferences", [])
    return any(owner.get("controller") for owner in owners)


def leaves(value: Any) -> list[str]:
    """Every text and number in nested data, and every key, as text."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return [text for key, item in pairs for text in (key, *leaves(item))]
    if isinstance(value, (list, tuple)):
        return [text for item in cast("list[Any]", value) for text in leaves(item)]
    return [str(value)]


def replaced(value: Any, pattern: str, text: str) -> Any:
    """Nested data with a pattern replaced in every text, and in numbers that it matches whole."""
    if isinstance(value, str):
        return re.sub(pattern, text, value)
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {key: replaced(item, pattern, text) for key, item in pairs}
    if isinstance(value, list):
        return [replaced(item, pattern, text) for item in cast("list[Any]", value)]
    return int(text) if re.fullmatch(pattern, str(value)) else value


def masked(value: Any, generated: Iterable[str], made: str) -> Any:
    """Return nested data without what is generated anew in each run, keys too.

    The texts of ``generated`` become that word, and what the pattern matches, in JSON, "made". It
    takes a tenth of the time of `replaced` where there are resource definitions.
    """
    longest_first = sorted(filter(None, generated), key=len, reverse=True)
    literal = "|".join(re.escape(json.dumps(each)[1:-1]) for each in longest_first) or "(?!)"
    return json.loads(re.sub(made, "made", re.sub(literal, "generated", json.dumps(value))))


def _services(container: testing.Container) -> dict[str, str]:
    return {name: str(status.value) for name, status in container.service_statuses.items()}


def name(obj: dict[str, Any]) -> str:
    """Kind, namespace and name of an object, as one text."""
    metadata = obj["metadata"]
    return f"{obj['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"
