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
        yield Lines(console)
        return
    with Live(console=console, transient=True, refresh_per_second=12) as live:
        yield Display(live)


class Lines:
    """A line for each application whose status changes and for each hook that fails."""

    def __init__(self, console: Console):
        self._console = console
        self._known: dict[str, str] = {}

    def __call__(self, model: jujusim.Model, record: jujusim.Record) -> None:
        """Tell about a hook."""
        if record.failed:
            self._say(f"{record.number:>4}  {record.unit} {record.event} failed")
        app = record.unit.partition("/")[0]
        if app not in model.apps:
            return
        status = model.status().apps[app].status.name
        if status != self._known.get(app):
            self._known[app] = status
            self._say(f"{record.number:>4}  {app} {status}")

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)


class Display:
    """The hook that has run, how many applications stand where, and those that are not active."""

    def __init__(self, live: Live):
        self._live = live
        self._spinner = Spinner("dots")

    def __call__(self, model: jujusim.Model, record: jujusim.Record) -> None:
        """Tell about a hook."""
        self._live.update(self._render(model, record))

    def _render(self, model: jujusim.Model, record: jujusim.Record) -> RenderableType:
        apps = model.status().apps.values()
        doing = f"hook {record.number}  {record.unit} {record.event}"
        self._spinner.update(text=Text(doing, no_wrap=True, overflow="ellipsis"))
        counts = collections.Counter(app.status.name for app in apps)
        total = Text("   ")
        for name, count in sorted(counts.items()):
            total.append(f"{count} {name}  ", style=layout.STYLES.get(name, ""))
        waiting = [_line(app) for app in apps if app.status.name != "active"]
        return Group(self._spinner, total, *waiting[:_LINES])


def _line(app: jujusim.AppStatus) -> Text:
    text = Text(f"   {app.name:24}", no_wrap=True, overflow="ellipsis")
    text.append(f"{app.status.name:12}", style=layout.STYLES.get(app.status.name, ""))
    return text.append(layout.one_line(app.status.message))
