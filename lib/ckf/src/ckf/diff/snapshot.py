# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""All of a deployment that can be compared, without what differs between any two runs."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import pathlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jujusim

from .. import bundle as bundles
from ..preview import Deployment, cluster
from ..report import files, redaction, rights, status
from ..report.redaction import Redactor

# charmkit's digest of an object changes with any other line; ids and ports are as they come.
_NOISE = re.compile(
    r"^ *charmed-kubeflow\.io/applied: .*\n|^id: \d+\n|^ *nodePort: 3[0-2]\d{3}\n", re.MULTILINE
)
_NUMBER = re.compile(r"^relations/\d+-")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """One side of a comparison.

    Attributes:
        files: Text by path, with secrets masked.
        digests: By path, of the text in clear: a secret that differs shows here.
        runs: Digests of the configuration of what runs: Pebble's services, units' pods, and pod
            templates, by what it is.
    """

    files: Mapping[str, str]
    digests: Mapping[str, str]
    runs: Mapping[str, str]

    @classmethod
    def of(cls, deployment: Deployment, *, show: bool = False) -> Snapshot:
        """Return what a settled deployment has come to; secrets are masked unless shown."""
        redactor = redaction.of(deployment, show=show)
        stable = _stable(deployment.model)
        clear = dict(_texts(deployment, Redactor(active=False), stable))
        masked = dict(_texts(deployment, redactor, stable)) if redactor.active else clear
        digests = {path: _digest(text) for path, text in clear.items()}
        runs = {name: _digest(stable(text)) for name, text in _runs(deployment.model)}
        return cls(masked, digests, runs)


def _texts(
    deployment: Deployment, redactor: Redactor, stable: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    for path, content in files.tree(deployment, redactor, status=False):
        text = stable(content.decode(errors="backslashreplace"))
        yield _NUMBER.sub("relations/", path), _NOISE.sub("", text)
    model = deployment.model
    for app, found in rights.of(model).items():
        given = {where: rules for where, rules in found.parts().items() if rules}
        yield f"rights/{app}.yaml", files.yaml_bytes(given).decode()
    shown = status.status(deployment, redactor)["applications"]
    for app, described in shown.items():
        yield f"status/{app}.yaml", files.yaml_bytes(_status(described)).decode()


def _status(described: Mapping[str, Any]) -> dict[str, Any]:
    def short(info: Mapping[str, str]) -> str:
        return ": ".join(info[key] for key in ("current", "message") if key in info)

    units = described.get("units", {})
    return {
        "application": short(described["application-status"]),
        **{name: short(unit["workload-status"]) for name, unit in units.items()},
    }


def _stable(model: jujusim.Model) -> Callable[[str], str]:
    """Return what gives secrets and addresses, which are numbered as they come, their names."""
    names = {unit.address: f"address-of-{name}" for name, unit in model.units.items()}
    for owned in cluster.objects(model):
        address = owned.obj.get("spec", {}).get("clusterIP", "None")
        if owned.obj["kind"] == "Service" and address != "None":
            names[address] = f"address-of-{owned.obj['metadata']['name']}"
    for id_, secret in model.secrets.secrets.items():
        names[id_] = f"{secret.owner or 'user'}.{secret.label}"
    if not names:
        return str
    known = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})(?![\w.])")
    return lambda text: known.sub(lambda match: names[match[0]], text)


def _runs(model: jujusim.Model) -> Iterator[tuple[str, str]]:
    """Yield what runs, and the text that makes it start anew when it changes."""
    for unit in model.units.values():
        code = _code(unit.charm.root)
        for container, pebble in unit.containers.items():
            for service, how in pebble.plan()["services"].items():
                yield f"{unit.name}: {service} in {container}", json.dumps(how)
        yield f"{unit.name}: the charm", code
    for owned in cluster.objects(model):
        obj = owned.obj
        if obj["kind"] == "Pod" and owned.by_juju:
            yield f"Pod {obj['metadata']['name']}", json.dumps(obj["spec"], sort_keys=True)
        elif obj["kind"] in _WORKLOADS:
            name = f"{obj['kind']} {obj['metadata']['name']} of {owned.app}"
            yield name, json.dumps(obj["spec"]["template"], sort_keys=True)


@functools.cache
def _code(root: pathlib.Path) -> str:
    """Return a digest of a charm's code, with charmkit's, which is packed into it."""
    digest = hashlib.sha256()
    for folder in (root / "src", root / "lib", bundles.charmkit()):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
