# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import ops


class Client(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        framework.observe(self.on.collect_unit_status, self._status)

    def _status(self, event):
        relation = self.model.get_relation("kv")
        if relation is None:
            event.add_status(ops.BlockedStatus("relate kv to a store"))
        elif "url" not in relation.data[relation.app]:
            event.add_status(ops.WaitingStatus(f"waiting for {relation.app.name} to say its url"))
        else:
            event.add_status(ops.ActiveStatus())
