# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An overlay put onto a bundle, by Juju's rules.

Source: Juju, internal/charm/overlay.go (applyOverlay, mergeStructs):

* an application that the bundle does not have is added;
* one without a value is removed, and with it the relations that the bundle has so far;
* of one that both have, fields with one value and lists are replaced;
* mappings such as options are merged key by key: a key without a value goes, and a whole mapping
  without a value is emptied;
* relations are appended; a series or base for the whole bundle is replaced.
"""

from .errors import Place
from .nodes import Node
from .schema import APPLICATION_FIELDS

# One is the other's alias (BundleData.normalizeData).
_ALIASES = {"scale": "num_units", "num_units": "scale"}


def overlay(base: Node, top: Node) -> Node:
    """Return a new document: ``base`` with ``top`` on it. Both have passed `schema.problems`."""
    result = dict(base.entries)
    applications = dict(base.get("applications").entries)
    relations = base.get("relations").items
    for name, node in top.get("applications").entries.items():
        if node.value is None:
            applications.pop(name, None)
            relations = [
                relation
                for relation in relations
                if name not in {str(end.value).partition(":")[0] for end in relation.items}
            ]
        elif name in applications:
            applications[name] = _merged(applications[name], node)
        else:
            applications[name] = node
    result["applications"] = Node(applications, _place(base, top, "applications"))
    relations = [*relations, *top.get("relations").items]
    result["relations"] = Node(relations, _place(base, top, "relations"))
    result.update(
        {key: top.entries[key] for key in ("series", "default-base") if key in top.entries}
    )
    return Node(result, base.place)


def _place(base: Node, top: Node, key: str) -> Place:
    return base.entries.get(key, top.entries.get(key, base)).place


def _merged(base: Node, top: Node) -> Node:
    fields = dict(base.entries)
    for name, node in top.entries.items():
        fields.pop(_ALIASES.get(name, ""), None)
        if APPLICATION_FIELDS[name] == "mapping" and node.value is not None:
            below = fields.get(name, Node({}, node.place))
            fields[name] = Node(_keys(below, node), below.place)
        else:
            fields[name] = node
    return Node(fields, base.place)


def _keys(base: Node, top: Node) -> dict[str, Node]:
    merged = {**base.entries, **top.entries}
    return {key: node for key, node in merged.items() if node.value is not None}
