"""What can be seen of a unit and its application from outside, as plain data to compare."""

from __future__ import annotations

import re
from typing import Any, cast

from kubefake import Cluster
from ops import testing

from . import files

Seen = dict[str, dict[str, Any]]
"""`plans`, `services` and `files` by container, `databags` by endpoint, `secrets` by id, `ports`,
and `objects` of the cluster by kind, namespace and name."""


def seen(state: testing.State, cluster: Cluster) -> Seen:
    """Everything that a hook can leave behind except statuses and log lines."""
    return {
        "plans": {item.name: item.plan.to_dict() for item in _containers(state)},
        "services": {item.name: _services(item) for item in _containers(state)},
        "files": {item.name: files.read(item) for item in _containers(state)},
        "databags": databags(state),
        "secrets": {item.id: dict(item.latest_content or {}) for item in state.secrets},
        "ports": {f"{port.port}/{port.protocol}": True for port in state.opened_ports},
        "objects": objects(cluster),
    }


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
    return {name(obj): obj for obj in rows if not _is_controlled(obj)}


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
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {key: replaced(item, pattern, text) for key, item in pairs}
    if isinstance(value, list):
        return [replaced(item, pattern, text) for item in cast("list[Any]", value)]
    if isinstance(value, str):
        return re.sub(pattern, text, value)
    return int(text) if re.fullmatch(pattern, str(value)) else value


def _containers(state: testing.State) -> list[testing.Container]:
    return sorted(state.containers, key=lambda item: item.name)


def _services(container: testing.Container) -> dict[str, str]:
    return {name: str(status.value) for name, status in container.service_statuses.items()}


def name(obj: dict[str, Any]) -> str:
    """Kind, namespace and name of an object, as one text."""
    metadata = obj["metadata"]
    return f"{obj['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"
