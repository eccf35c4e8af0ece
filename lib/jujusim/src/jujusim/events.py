# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hooks as values: what a unit is asked to run next."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """One hook or action for one unit.

    Attributes:
        kind: Juju's name of the hook without its subject, such as ``relation-changed``.
        subject: Endpoint, container, storage (``name/index``), secret id or action name.
        remote_unit: The other unit; empty in hooks about the application's databag.
        departing: The unit that leaves, in ``relation-departed``.
        revision: The secret's revision, in ``secret-expired`` and ``secret-remove``.
        check: The check's name, in ``pebble-check-failed`` and ``pebble-check-recovered``.
        version: The version of what the hook announces; recorded as seen when it has run.
    """

    kind: str
    subject: str = ""
    relation: int = -1
    remote_app: str = ""
    remote_unit: str = ""
    departing: str = ""
    revision: int = 0
    check: str = ""
    version: int = 0
    params: dict[str, Any] = field(default_factory=dict[str, Any], hash=False)

    @property
    def name(self) -> str:
        """The hook's full name, such as ``db-relation-changed``."""
        if self.kind.startswith("secret-") or not self.subject:
            return self.kind
        if self.kind == "action":
            return f"{self.subject}-action"
        return f"{self.subject.partition('/')[0]}-{self.kind}"

    def __str__(self) -> str:
        about = self.remote_unit or (self.remote_app if self.relation >= 0 else "")
        if self.kind.startswith("secret-"):
            about = self.subject
        if self.check:
            about = self.check
        return f"{self.name} ({about})" if about else self.name

    def details(self) -> dict[str, Any]:
        """Return what the event carries besides its name, without empty fields."""
        skipped = {"kind", "version", "params"}
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            key: value
            for key, value in values.items()
            if key not in skipped and value not in ("", -1, 0)
        }
