# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The effects of each refresh of a preview, for a person and for a program."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.text import Text

from ..preview.refresh import Changed, Refreshed
from . import layout
from .redaction import Redactor

_HEADERS = (
    "Refresh", "Status", "Hooks", "Not active", "Created", "Changed", "Deleted", "Recreated",
    "Services started", "Message",
)  # fmt: skip


def data(refreshed: Sequence[Refreshed]) -> list[dict[str, Any]]:
    """Return the refreshes as JSON has them, in their order."""
    return [
        {
            "application": each.app,
            "path": str(each.path),
            "status": {"current": each.status.name, "message": each.status.message},
            "hooks": each.hooks,
            "hook-errors": each.failures,
            "hooks-not-active": dict(each.inactive),
            **{name: [_object(one) for one in found] for name, found in _objects(each)},
            "services-started": [
                {"unit": unit, "container": container, "service": service, "starts": starts}
                for (unit, container, service), starts in each.restarted.items()
            ],
        }
        for each in refreshed
    ]


def _object(changed: Changed) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": changed.kind,
        "namespace": changed.namespace,
        "name": changed.name,
        "fields": list(changed.fields),
    }
    return {key: value for key, value in values.items() if value}


def _objects(each: Refreshed) -> Iterable[tuple[str, tuple[Changed, ...]]]:
    return each.objects._asdict().items()


def report(refreshed: Sequence[Refreshed], redactor: Redactor, *, width: int) -> Iterator[Text]:
    """Tell the refreshes in lines: numbers for each, then what the numbers count."""
    if not refreshed:
        return
    rows = [_row(each, redactor) for each in refreshed]
    yield from layout.columns(
        _HEADERS, rows, width=width, right=(2, 3, 4, 5, 6, 7, 8), styled=(1,)
    )
    for each in refreshed:
        yield from _details(each, width)
    yield Text("Hooks are the only measure of time: in the simulator they take none.")


def _row(each: Refreshed, redactor: Redactor) -> tuple[str, ...]:
    return (
        each.app,
        each.status.name,
        str(each.hooks),
        str(each.inactive.get(each.app, 0)),
        *(str(len(found)) for found in each.objects),
        str(sum(each.restarted.values())),
        redactor.text(each.status.message),
    )


def _details(each: Refreshed, width: int) -> Iterator[Text]:
    for name, found in _objects(each):
        if found:
            yield from layout.listed(map(str, found), f"  {each.app} {name}", width)
    others = [
        f"{unit} {service}"
        for unit, _, service in each.restarted
        if unit.partition("/")[0] != each.app
    ]
    if others:
        yield from layout.listed(others, f"  {each.app} restarted", width)
    idle = [
        f"{app} for {layout.counted(hooks, 'hook')}"
        for app, hooks in each.inactive.items()
        if app != each.app
    ]
    if idle:
        yield from layout.listed(idle, "  not active meanwhile", width)
    if each.failures:
        yield Text(
            f"  {each.app}: {layout.counted(each.failures, 'hook')} failed", style="bold red"
        )
