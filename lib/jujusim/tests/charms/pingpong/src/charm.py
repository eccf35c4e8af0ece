# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import ops


class PingPong(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for event in (self.on.ball_relation_changed, self.on.bat_relation_changed):
            framework.observe(event, self._answer)
        framework.observe(self.on.ball_relation_created, self._answer)

    def _answer(self, event):
        count = int(event.relation.data[event.app].get("count", "0"))
        event.relation.data[self.app]["count"] = str(count + 1)
