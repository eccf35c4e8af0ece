# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A deployment as a person reads it: like ``juju status``, and what became of it."""

from collections.abc import Iterator, Mapping

import jujusim
from rich.text import Text

from .. import bundle as bundles
from ..preview import Deployment, cluster
from . import layout, redaction
from .redaction import Redactor
from .status import CLOUD, CONTROLLER, app_rows, unit_rows

_ANY = 10_000
_APPS = ("App", "Status", "Scale", "Charm", "Message")
_UNITS = ("Unit", "Workload", "Address", "Ports", "Message")
_MODEL = ("Model", "Controller", "Cloud", "Version")


def report(
    deployment: Deployment, redactor: Redactor, *, width: int, relations: bool = False
) -> Iterator[Text]:
    """Yield everything about a deployment, line by line."""
    yield from layout.sections(
        state(deployment.model, redactor, width=width, relations=relations),
        _kubernetes(deployment.model, width),
        hook_errors(deployment, redactor, width),
        _not_simulated(deployment, width),
        (*_result(deployment), *reasons(deployment, redactor, width)),
    )


def state(
    model: jujusim.Model, redactor: Redactor, *, width: int, relations: bool = False
) -> Iterator[Text]:
    """Yield the model, its applications, units and relations."""
    apps, units = redactor.data(app_rows(model)), redactor.data(unit_rows(model))
    yield from layout.sections(
        layout.columns(_MODEL, [(model.name, CONTROLLER, CLOUD, model.juju_version)], width=width),
        layout.columns(_APPS, apps, width=width, right=(2,), styled=(1,)),
        layout.columns(_UNITS, units, width=width, styled=(1,)) if units else (),
        _relations(model.status(), width) if relations else (),
    )


def _relations(status: jujusim.ModelStatus, width: int) -> Iterator[Text]:
    rows = [
        (each.provider, each.requirer, each.interface, "peer" if each.peer else "regular")
        for each in sorted(status.relations, key=lambda each: (each.provider, each.requirer))
    ]
    headers = ("Relation provider", "Requirer", "Interface", "Type")
    lines = list(layout.columns(headers, rows, width=_ANY)) if rows else []
    if all(len(line) <= width for line in lines):
        yield from lines
        return
    rest = list(layout.columns(headers[1:], [row[1:] for row in rows], width=_ANY))
    if any(len(line) > width - 4 for line in rest):
        yield from layout.columns(headers, rows, width=width)
        return
    # Too narrow for one line each: the provider stands above the rest.
    for first, line in zip([headers[0], *(row[0] for row in rows)], rest, strict=True):
        yield Text(first, style=line.style)
        yield Text("    ", style=line.style).append(line)


def _kubernetes(model: jujusim.Model, width: int) -> Iterator[Text]:
    owned = cluster.objects(model)
    yield Text("Created in Kubernetes", style="bold")
    for label, by_juju in (("by the charms", False), ("by Juju      ", True)):
        counts = cluster.counts(each for each in owned if each.by_juju is by_juju)
        items = [f"{count} {kind}" for kind, count in counts.items()] or ["nothing"]
        yield from layout.listed(items, label, width)


def hook_errors(deployment: Deployment, redactor: Redactor, width: int) -> Iterator[Text]:
    """Yield every hook that failed, and how to look at the first of them."""
    failures = deployment.model.trace.failures()
    if not failures:
        return
    yield Text("Hook errors", style="bold")
    for record in failures:
        injected = " (injected)" if record.injected else ""
        head = f"{record.number:>4}  {record.unit} {record.event}{injected}"
        yield from map(Text, layout.wrapped(head, width, hanging=6))
        error = layout.one_line(redactor.text(record.error.splitlines()[-1]))
        yield from (Text(line, style="red") for line in layout.wrapped(error, width, indent=6))
    request = deployment.request
    hidden = redaction.secret_options(request.config) if redactor.active else {}
    command = request.command(failures[0].number, hidden)
    yield Text(f"To stop there: {redactor.text(command)}")


def _not_simulated(deployment: Deployment, width: int) -> Iterator[Text]:
    for note in bundles.notes(deployment.bundle):
        yield from map(Text, layout.wrapped(f"Not simulated: {note}", width, hanging=2))


def _result(deployment: Deployment) -> Iterator[Text]:
    model = deployment.model
    faults = layout.counted(len(model.faults.log), "fault")
    with_faults = f" and {faults}" if deployment.request.faults else ""
    yield Text(
        f"{layout.counted(len(model.trace), 'hook')} in {deployment.seconds:.1f} s "
        f"with seed {deployment.request.seed}{with_faults}."
    )


def reasons(deployment: Deployment, redactor: Redactor, width: int) -> Iterator[Text]:
    """Tell whether all is well; else each application or unit that is not active, and why."""
    if deployment.endless:
        text = f"The model does not settle: {redactor.text(deployment.endless)}"
        yield from (Text(line, style="bold red") for line in layout.wrapped(text, width))
    inactive = deployment.inactive
    apps = sum(name in deployment.model.apps for name in inactive)
    total = len(deployment.model.apps)
    if not inactive:
        who = f"All {total} applications are" if total > 1 else "The application is"
        yield Text(f"{who} active.", style="bold green")
        if deployment.failures:
            failed = layout.counted(len(deployment.failures), "hook")
            text = f"Not well all the same: {failed} failed on the way."
            yield Text(text, style="bold red")
        return
    who = f"{apps} of {total} applications are" if total > 1 else "The application is"
    yield Text(f"{who} not active:", style="bold red")
    rows = [
        (f"  {name}", status.name, redactor.text(_cause(deployment.model, name, status)))
        for name, status in sorted(inactive.items())
        if name in deployment.model.apps or not _told_by_app(name, inactive)
    ]
    yield from layout.columns(("", "", ""), rows, width=width, styled=(1,))


def _told_by_app(unit: str, inactive: Mapping[str, jujusim.Status]) -> bool:
    """Tell whether the application's own line says all that the unit's would."""
    app = unit.partition("/")[0]
    return inactive.get(app) == inactive[unit]


def _cause(model: jujusim.Model, name: str, status: jujusim.Status) -> str:
    """Return a status's message, for a failed hook with what it raised."""
    for record in reversed(model.trace.failures()):
        if status.name == "error" and name in (record.unit, record.unit.partition("/")[0]):
            return f"{status.message}: {record.error.splitlines()[-1]}"
    return status.message
