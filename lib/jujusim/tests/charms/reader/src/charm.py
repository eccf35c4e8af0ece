# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import ops


class Reader(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for name, event in self.on.events().items():
            if issubclass(event.event_type, ops.HookEvent):
                framework.observe(getattr(self.on, name), self._reconcile)

    def _reconcile(self, event):
        relation = self.model.get_relation("credentials")
        uri = relation.data[relation.app].get("secret") if relation and relation.active else None
        if not uri:
            self.unit.status = ops.WaitingStatus("no secret")
            return
        secret = self.model.get_secret(id=uri, label="theirs")
        if isinstance(event, ops.SecretChangedEvent) and event.secret.label != "theirs":
            raise RuntimeError(f"label is {event.secret.label}")
        refresh = bool(self.config["refresh"])
        content = secret.get_content(refresh=refresh)
        self.unit.status = ops.ActiveStatus(content["password"][-1])
