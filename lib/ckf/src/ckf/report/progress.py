# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The progress of a deployment: a live display, or plain lines where there is none."""

import collections
import contextlib
from collections.abc import Generator

import jujusim
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ..preview import Watch
from . import layout

# As many lines as leave room on a small terminal.
_LINES = 12


@contextlib.contextmanager
def shown(console: Console) -> Generator[Watch]:
    """A display of what is called for each hook."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield _lines(console)
        return
    spinner = Spinner("dots")
    with Live(console=console, transient=True, refresh_per_second=12) as live:
        yield lambda model, record: live.update(_display(spinner, model, record))


def _lines(console: Console) -> Watch:
    """Return what prints each application whose status changes and each hook that fails."""
    known: dict[str, str] = {}

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False, markup=False)

    def tell(model: jujusim.Model, record: jujusim.Record) -> None:
        if record.failed:
            say(f"{record.number:>4}  {record.unit} {record.event} failed")
        app = record.unit.partition("/")[0]
        status = model.status().apps[app].status.name if app in model.apps else None
        if status and status != known.get(app):
            known[app] = status
            say(f"{record.number:>4}  {app} {status}")

    return tell


def _display(spinner: Spinner, model: jujusim.Model, record: jujusim.Record) -> RenderableType:
    """Return the hook that has run, how many apps stand where, and which are not active."""
    apps = model.status().apps.values()
    doing = f"hook {record.number}  {record.unit} {record.event}"
    spinner.update(text=Text(doing, no_wrap=True, overflow="ellipsis"))
    counts = collections.Counter(app.status.name for app in apps)
    total = Text("   ")
    for name, count in sorted(counts.items()):
        total.append(f"{count} {name}  ", style=layout.STYLES.get(name, ""))
    waiting = [_line(app) for app in apps if app.status.name != "active"]
    return Group(spinner, total, *waiting[:_LINES])


def _line(app: jujusim.AppStatus) -> Text:
    text = Text(f"   {app.name:24}", no_wrap=True, overflow="ellipsis")
    text.append(f"{app.status.name:12}", style=layout.STYLES.get(app.status.name, ""))
    return text.append(layout.one_line(app.status.message))
