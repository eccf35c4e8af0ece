# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Stands for any published charm: it says what `facts.json` beside it says, and does no more."""

from __future__ import annotations

import json

import ops

ENDS = (ops.RelationBrokenEvent, ops.RelationDepartedEvent, ops.StopEvent, ops.RemoveEvent)


class PublishedCharm(ops.CharmBase):
    """Writes databags and keeps secrets of its unit, on every event."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.facts = json.loads((self.charm_dir / "facts.json").read_text())
        for event in self.on.events().values():
            if issubclass(event.event_type, ops.HookEvent):
                framework.observe(event, self._on_any_event)

    def _on_any_event(self, event: ops.EventBase) -> None:
        if isinstance(event, ENDS):
            return
        for endpoint, bags in self.facts["databags"].items():
            for relation in self.model.relations[endpoint]:
                self._say(relation, bags)
        for label, content in self.facts["secrets"].items():
            self._keep(label, content)
        self.unit.status = ops.ActiveStatus()

    def _say(self, relation: ops.Relation, bags: dict[str, dict[str, str]]) -> None:
        relation.data[self.unit].update(bags.get("unit", {}))
        if self.unit.is_leader():
            relation.data[self.app].update(bags.get("app", {}))

    def _keep(self, label: str, content: dict[str, str]) -> None:
        try:
            self.model.get_secret(label=label)
        except ops.SecretNotFoundError:
            self.unit.add_secret(content, label=label)
