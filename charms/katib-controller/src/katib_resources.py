"""Requests and limits of the containers that Katib's controller adds, by option.

Source of the defaults: pkg/apis/config/v1beta1/defaults.go of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from charmkit import pod_resources, yaml_text
from charmkit.pod_resources import Resources

DEFAULT = "default"
"""Stands for every name that is not given."""

FILLED_IN = {
    "requests": {"cpu": "50m", "memory": "10Mi", "ephemeral-storage": "500Mi"},
    "limits": {"cpu": "500m", "memory": "100Mi", "ephemeral-storage": "5Gi"},
}
"""What Katib fills in where nothing is given; a negative quantity stands for none."""

Named = dict[str, Resources]
"""Resources by the name of an algorithm or of a kind of collector."""


def parse(raw: str | None, known: Collection[str]) -> Named:
    """Return the resources by name.

    Args:
        raw: a YAML mapping of names to `requests` and `limits`.
        known: the names that are allowed beside `default`.

    Raises:
        ValueError: naming the place and what is wrong with it.
    """
    named = yaml_text.load(raw or "") or {}
    if not isinstance(named, dict):
        raise ValueError("not a mapping")
    mapping = {str(name): item for name, item in cast("dict[Any, Any]", named).items()}
    return {name: _parse(name, item, known) for name, item in mapping.items()}


def chosen(named: Named, name: str, own: Resources) -> Resources:
    """Return the resources of one name.

    Args:
        named: what the option says.
        name: the algorithm or kind.
        own: what the charm sets where the option does not name it.
    """
    return named.get(name) or own or named.get(DEFAULT, {})


def _parse(name: str, item: Any, known: Collection[str]) -> Resources:
    if name != DEFAULT and name not in known:
        raise ValueError(f"{name} is not {DEFAULT}, {', '.join(known)}")
    try:
        return pod_resources.parse(item, FILLED_IN)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
