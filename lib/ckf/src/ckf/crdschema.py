# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes' own definitions for the schemas of CustomResourceDefinitions, as charmkit's data.

    python -m ckf.crdschema

writes `charmkit/data/kubernetes_schema.json` from the published definitions of one release. What a
CustomResourceDefinition cannot say (merge keys, kinds, null) and what it need not (descriptions)
is left out; references are short names, since no two of the included types share one.
"""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

from kubefake import schema
from kubefake.values import Object, is_list, is_map

from . import bundle as bundles

PACKAGES = (
    "io.k8s.api.apps.v1",
    "io.k8s.api.autoscaling.v2",
    "io.k8s.api.batch.v1",
    "io.k8s.api.core.v1",
    "io.k8s.api.networking.v1",
    "io.k8s.api.policy.v1",
    "io.k8s.api.rbac.v1",
    "io.k8s.apimachinery.pkg.api.resource",
    "io.k8s.apimachinery.pkg.apis.meta.v1",
    "io.k8s.apimachinery.pkg.runtime",
    "io.k8s.apimachinery.pkg.util.intstr",
)
"""The Go packages whose types custom resources are made of."""

_KEYWORDS = (
    "format",
    "required",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
)


def generate(release: str = schema.RELEASE) -> str:
    """Return the text of the data file, one definition a line.

    Args:
        release: Major and minor version of Kubernetes, such as `1.34`.

    Raises:
        LookupError: The release is not among those that `kubernetes-validate` carries.
    """
    published = schema.definitions(release)
    types = {
        _short(name): _reduced(published.published(name))
        for name in published.names
        if name.rpartition(".")[0] in PACKAGES and not name.endswith("List")
    }
    version = importlib.metadata.version("kubernetes-validate")
    head = _line({"kubernetes": release, "source": f"PyPI: kubernetes-validate {version}"})
    lines = [f"{_line(name)}:{_line(types[name])}" for name in sorted(types)]
    return f'{head[:-1]},"types":{{\n' + ",\n".join(lines) + "\n}}\n"


def path() -> Path:
    """Return the data file's path in the installed charmkit."""
    return bundles.charmkit() / "data/kubernetes_schema.json"


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _reduced(spec: Object) -> Object:
    """Return a definition with what a CustomResourceDefinition's schema may say."""
    if "$ref" in spec:
        found: Object = {"$ref": _short(spec["$ref"])}
    else:
        found = {"type": _type(spec)} if "type" in spec else {}
    found.update((key, spec[key]) for key in _KEYWORDS if key in spec)
    if "properties" in spec:
        found["properties"] = {name: _reduced(part) for name, part in spec["properties"].items()}
    for key in ("items", "additionalProperties"):
        if is_map(spec.get(key)):
            found[key] = _reduced(spec[key])
    return found


def _type(spec: Object) -> str:
    """Return the type; `kubernetes-validate` adds null to those of optional fields."""
    kind = spec["type"]
    return next(each for each in kind if each != "null") if is_list(kind) else kind


def main() -> None:
    """Write the data file."""
    target = path()
    target.parent.mkdir(exist_ok=True)
    target.write_text(generate())
    print(target)


if __name__ == "__main__":
    main()
