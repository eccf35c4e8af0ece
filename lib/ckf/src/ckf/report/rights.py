# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The rights of a deployment's applications in Kubernetes, and which of them need a reason."""

from collections.abc import Iterator, Mapping

import jujusim
from jujusim import cluster_backend, real
from rich.text import Text

from .. import rbac
from ..preview import cluster
from ..rbac import findings
from . import layout

_HEADERS = ("App", "Charm rights", "Workload rights", "Wildcards", "Secrets", "Escalation")


def of(model: jujusim.Model) -> dict[str, rbac.Rights]:
    """Return what each application has needed in this run, and given."""
    where = model.backend
    if isinstance(where, cluster_backend.InMemory):
        journal = where.cluster.journal
    else:
        journal = where.journal if isinstance(where, real.Server) else []
    objects = [obj for _, obj in cluster.everything(where)]
    return {app: rbac.of(model, app, journal, objects) for app in sorted(model.apps)}


def report(found: Mapping[str, rbac.Rights], *, width: int) -> Iterator[Text]:
    """Tell the rights in lines: numbers for each application, then every rule."""
    if not found:
        return
    yield from layout.sections(
        layout.columns(
            _HEADERS,
            [(app, *_numbers(rights)) for app, rights in found.items()],
            width=width,
            right=(1, 2, 3, 4, 5),
        ),
        layout.columns(
            ("App", "Given to", "Verbs", "Resources"),
            [(app, *row) for app, rights in found.items() for row in _rules(rights)],
            width=width,
        ),
    )


def _numbers(rights: rbac.Rights) -> Iterator[str]:
    asks = rights.asks()
    yield str(sum(where.startswith("charm") for where, _ in asks))
    yield str(sum(where.startswith("workload") for where, _ in asks))
    for kind in ("wildcard", "secrets", "escalation"):
        yield str(sum(kind in findings.kinds(where, ask) for where, ask in asks))


def _rules(rights: rbac.Rights) -> Iterator[tuple[str, str, str]]:
    for where, rules in rights.parts().items():
        for rule in rules:
            yield where, *rbac.words(rule)
