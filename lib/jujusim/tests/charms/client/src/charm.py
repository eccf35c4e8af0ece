# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import ops


class Client(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for name, event in self.on.events().items():
            if issubclass(event.event_type, ops.HookEvent):
                framework.observe(getattr(self.on, name), self._reconcile)

    def _reconcile(self, _):
        relation = self.model.get_relation("api")
        if relation is None or not relation.active:
            self.unit.status = ops.BlockedStatus("needs api")
            return
        port = relation.data[relation.app].get("port")
        names = sorted(relation.data[unit].get("name", "?") for unit in relation.units)
        if port:
            self.unit.status = ops.ActiveStatus(f"port {port} of {' '.join(names)}".strip())
        else:
            self.unit.status = ops.WaitingStatus("no port yet")
