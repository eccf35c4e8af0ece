# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import ops


class Faulty(ops.CharmBase):
    kept = ops.StoredState()

    def __init__(self, framework):
        super().__init__(framework)
        self.kept.set_default(value="")
        if self.config["fail"] == "init":
            raise RuntimeError("in the constructor")
        framework.observe(self.on.config_changed, self._reconcile)
        framework.observe(self.on.api_relation_created, self._reconcile)

    def _reconcile(self, event):
        value = str(self.config["fail"])
        for relation in self.model.relations["api"]:
            relation.data[self.app]["value"] = value or "fine"
        web = self.unit.get_container("web")
        if web.can_connect():
            web.push("/file", value)
        self.kept.value = value
        self.unit.open_port("tcp", 1234 if value else 80)
        self.unit.status = ops.ActiveStatus(f"tried {value}".strip())
        if value == "raise":
            self.app.add_secret({"never": "seen"}, label="never")
            raise RuntimeError("as configured")
        if value == "exit":
            raise SystemExit(3)
        if self.config["defer"]:
            event.defer()
