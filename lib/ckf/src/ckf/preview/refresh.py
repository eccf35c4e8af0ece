# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A refresh after the model has settled, and what it does to the rest."""

import collections
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jujusim
from kubefake.values import is_map

from ..bundle import Bundle, InputError
from . import charms, cluster
from .request import Request

# What the cluster's own controllers write all the time.
_RESTLESS = (
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "events",
    "leases.coordination.k8s.io",
)

_WAY_OUT = (
    "this Juju takes no endpoint that the old charm lacks: pack the charm with "
    "ckf pack --endpoints-of and the published metadata.yaml, and refresh to that until the "
    "controller takes new ones (docs/how-to/adopt.md)"
)


@dataclass(frozen=True)
class Step:
    """One refresh of a request, with its charm loaded.

    Attributes:
        path: The charm, as it was given.
    """

    app: str
    path: pathlib.Path
    charm: jujusim.CharmDir


@dataclass(frozen=True, order=True)
class Changed:
    """An object of the cluster that is not as it was.

    Attributes:
        namespace: Its namespace; empty where it is the whole cluster's.
        fields: Which fields differ, as paths; lists count as a whole.
    """

    kind: str
    namespace: str
    name: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        fields = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.kind} {name}{fields}"


class Changes(NamedTuple):
    """What has become of the cluster's objects; status does not count.

    Attributes:
        created: Objects that were not there before.
        changed: Objects that are the same, with other content.
        deleted: Objects that are gone.
        recreated: Objects of the same name with another UID. Pods of units are left out: each
            refresh replaces them.
    """

    created: tuple[Changed, ...]
    changed: tuple[Changed, ...]
    deleted: tuple[Changed, ...]
    recreated: tuple[Changed, ...]


@dataclass(frozen=True)
class Refreshed:
    """The effects of a refresh.

    Attributes:
        path: The charm, as it was given.
        hooks: How many hooks ran, of all applications.
        failures: How many of them failed without an injected fault.
        restarted: How often Pebble started each service meanwhile, by unit, container and service.
            Those of the application itself start at least once, in its new pods.
        inactive: After how many of those hooks an application had a unit that was not active, by
            application.
    """

    app: str
    path: pathlib.Path
    hooks: int
    failures: int
    objects: Changes
    restarted: Mapping[tuple[str, str, str], int]
    inactive: Mapping[str, int]
    status: jujusim.Status


def steps(bundle: Bundle, request: Request) -> list[Step]:
    """Return the refreshes of a request, with their charms.

    Raises:
        InputError: The bundle has no such application, or a charm cannot be loaded.
    """
    for app, _ in request.refreshes:
        bundle.require(app, "--refresh")
    return [
        Step(app, path, charms.load(bundle, request, app, path)) for app, path in request.refreshes
    ]


def run(model: jujusim.Model, step: Step) -> Refreshed:
    """Refresh an application of a model that has settled, and let it settle again.

    Raises:
        InputError: Juju would refuse it.
        juju.Livelock: Hooks keep causing hooks.
    """
    before = _snapshot(model)
    states = {name: str(unit.workload_status) for name, unit in model.units.items()}
    since = len(model.trace)
    try:
        model.refresh(step.app, step.charm)
    except jujusim.NewEndpoints as error:
        what = f"--refresh {step.app}={step.path}: Juju {model.juju_version} refuses it: {error}"
        raise InputError(f"{what}; {_WAY_OUT}") from error
    except jujusim.JujuError as error:
        raise InputError(f"--refresh {step.app}={step.path}: Juju refuses it: {error}") from error
    model.settle()
    records = model.trace[since:]
    return Refreshed(
        step.app,
        step.path,
        len(records),
        sum(record.failed and not record.injected for record in records),
        _compare(before, _snapshot(model)),
        _restarts(records),
        _inactive(records, states),
        model.status().apps[step.app].status,
    )


def _snapshot(model: jujusim.Model) -> dict[cluster.Key, cluster.Object]:
    """Return every object but those that are replaced or written in any case."""
    pods = {name.replace("/", "-") for name in model.units}
    return {
        key: obj
        for key, obj in cluster.everything(model.backend)
        if key[0] not in _RESTLESS and not (key[:2] == ("pods", model.name) and key[2] in pods)
    }


def _compare(
    before: Mapping[cluster.Key, cluster.Object], after: Mapping[cluster.Key, cluster.Object]
) -> Changes:
    kept = before.keys() & after.keys()
    same = {key for key in kept if _uid(before[key]) == _uid(after[key])}
    differing = {key: tuple(_fields(_content(before[key]), _content(after[key]))) for key in same}
    return Changes(
        _named(after[key] for key in after.keys() - before.keys()),
        tuple(sorted(_of(after[key], paths) for key, paths in differing.items() if paths)),
        _named(before[key] for key in before.keys() - after.keys()),
        _named(after[key] for key in kept - same),
    )


def _uid(obj: cluster.Object) -> str:
    return str(obj["metadata"].get("uid"))


def _content(obj: cluster.Object) -> dict[str, Any]:
    return {key: value for key, value in cluster.clean(obj).items() if key != "status"}


def _of(obj: cluster.Object, fields: tuple[str, ...] = ()) -> Changed:
    metadata = obj["metadata"]
    return Changed(str(obj["kind"]), metadata.get("namespace", ""), metadata["name"], fields)


def _named(objects: Iterable[cluster.Object]) -> tuple[Changed, ...]:
    return tuple(sorted(map(_of, objects)))


def _fields(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if is_map(before) and is_map(after):
        for name in sorted({*before, *after}):
            here = f"{path}.{name}" if path else name
            yield from _fields(before.get(name), after.get(name), here)
    elif before != after:
        yield path


def _restarts(records: Sequence[jujusim.Record]) -> dict[tuple[str, str, str], int]:
    """By the journals of the containers, as the trace has them."""
    starts = collections.Counter[tuple[str, str, str]]()
    for record in records:
        for container, done in record.pebble.items():
            for word in done:
                verb, _, service = str(word).partition(" ")
                if verb == "start":
                    starts[record.unit, container, service] += 1
    return dict(sorted(starts.items()))


def _inactive(records: Sequence[jujusim.Record], states: Mapping[str, str]) -> dict[str, int]:
    now, counted = dict(states), collections.Counter[str]()
    for record in records:
        now[record.unit] = record.status[1]
        idle = {
            name.partition("/")[0]
            for name, state in now.items()
            if state.partition(":")[0] != "active"
        }
        counted.update(idle)
    return dict(sorted(counted.items()))
